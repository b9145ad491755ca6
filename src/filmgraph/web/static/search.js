// Search as one types: a listbox under every input with data-suggest. "go" opens what is chosen, "fill" writes its
// name down, "id" its id.

let count = 0;

export class Suggestions {
  constructor(input) {
    this.input = input;
    this.mode = input.dataset.suggest;
    this.list = document.createElement("ul");
    this.list.className = "options";
    this.list.id = `options-${++count}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    this.list.tabIndex = -1;
    this.list.hidden = true;
    input.after(this.list);
    const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    input.addEventListener("input", () => this.ask());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("li");
      if (option) { event.preventDefault(); this.take(option); }
    });
  }

  async ask() {
    const query = this.input.value.trim();
    const turn = (this.turn = (this.turn ?? 0) + 1);
    if (query.length < 2) return this.close();
    const response = await fetch(`/search.json?q=${encodeURIComponent(query)}`).catch(() => null);
    if (!response?.ok || turn !== this.turn || document.activeElement !== this.input) return;
    this.show(await response.json());
  }

  show(hits) {
    this.list.replaceChildren(...hits.map((hit, place) => {
      const option = document.createElement("li");
      option.id = `${this.list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      Object.assign(option.dataset, { address: hit.address, id: hit.id, words: hit.year ? `${hit.name} (${hit.year})` : hit.name });
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = hit.kind;
      const name = document.createElement("bdi");
      name.textContent = hit.name;
      const year = document.createElement("span");
      year.className = "year";
      year.textContent = hit.year ? ` ${hit.year}` : "";
      option.append(kind, name, year);
      return option;
    }));
    this.chosen = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.open(hits.length > 0);
  }

  key(event) {
    const options = [...this.list.children];
    if (event.key === "Escape" && !this.list.hidden) event.preventDefault(); // else it would clear the field
    if (event.key === "Escape") return this.close();
    if (event.key === "Enter" && !this.list.hidden && this.chosen >= 0) {
      event.preventDefault();
      return this.take(options[this.chosen]);
    }
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || this.list.hidden || !options.length) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    this.chosen = (this.chosen + step + options.length + (this.chosen < 0 && step < 0 ? 1 : 0)) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.chosen)));
    options[this.chosen].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", options[this.chosen].id);
  }

  take(option) {
    if (this.mode === "go") {
      location.assign(option.dataset.address);
    } else {
      this.input.value = this.mode === "id" ? option.dataset.id : option.dataset.words;
      this.input.dispatchEvent(new Event("chosen"));
      this.close();
    }
  }

  open(yes) {
    this.list.hidden = !yes;
    this.input.setAttribute("aria-expanded", String(yes));
  }

  close() {
    this.turn = (this.turn ?? 0) + 1;
    this.input.removeAttribute("aria-activedescendant");
    this.open(false);
  }
}

for (const input of document.querySelectorAll("[data-suggest]")) new Suggestions(input);

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.("input, textarea, select, [contenteditable]")) return;
  const input = document.querySelector('[data-suggest="go"]');
  if (input) { event.preventDefault(); input.focus(); input.select(); }
});
