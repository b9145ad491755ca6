// The desk with a token: store what was read, judge its claims, take it back, undo. Marks light up beside their claims.

import { Suggestions } from "./search.js";

const box = document.getElementById("token");

for (const claim of document.querySelectorAll(".reading .claim")) {
  const anchors = [...claim.querySelectorAll('.quote a[href*="#"]')].map((link) => link.hash.slice(1));
  const marks = [...document.querySelectorAll("mark[data-quotes]")].filter((mark) => mark.dataset.quotes.split(" ").some((name) => anchors.includes(name)));
  const light = (on) => marks.forEach((mark) => mark.classList.toggle("lit", on));
  claim.addEventListener("pointerenter", () => light(true));
  claim.addEventListener("pointerleave", () => light(false));
  claim.addEventListener("focusin", () => light(true));
  claim.addEventListener("focusout", () => light(false));
}

async function ask(query, variables) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      authorization: `Bearer ${box.elements.token.value.trim()}`,
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors?.length) throw new Error(errors[0].message);
  return data;
}

const STORE = "mutation($input: ReviewInput!) { ingestReview(input: $input) { review { id } claims { id } known } }";
const RETRACT = "mutation($id: ID!) { retractReview(id: $id) { revision } }";
const JUDGE = "mutation($input: JudgementInput!) { judge(input: $input) { id } }";
const UNDO = "mutation($id: ID!) { undo(judgement: $id) { id } }";

function review() {
  const form = document.querySelector("form.desk");
  const input = {};
  for (const name of ["text", "title", "reviewer", "outlet", "published", "url"]) {
    const value = form.elements[name]?.value.trim();
    if (value) input[name] = value;
  }
  if (form.elements.year?.value) input.year = Number(form.elements.year.value);
  return input;
}

async function attempt(words, work) {
  const say = box.querySelector("output");
  say.textContent = `${words} …`;
  try {
    say.textContent = await work();
  } catch (error) {
    say.textContent = error.message;
  }
}

let last = null;

function undoable(judgement) {
  last = judgement;
  box.querySelector('[data-do="undo"]').hidden = !judgement;
}

function stored(yes) {
  box.dataset.known = yes ? "yes" : "no";
  box.querySelector('[data-do="retract"]').hidden = !yes;
  box.querySelector('[data-do="store"]').textContent = yes ? "Read it in again" : "Store it";
  document.querySelectorAll(".verdict").forEach((one) => { one.hidden = !yes; });
  document.querySelectorAll(".verdict-link").forEach((one) => { one.disabled = !yes; });
}

async function store() {
  const { ingestReview: done } = await ask(STORE, { input: review() });
  stored(true);
  return done.known ? "It was stored before; nothing has changed." : `Stored, with ${done.claims.length} claims.`;
}

async function retract() {
  await ask(RETRACT, { id: box.dataset.review });
  stored(false);
  return "Taken back: the graph is as if it had never been read.";
}

async function judge(action, target) {
  const { judge: done } = await ask(JUDGE, { input: { action, target } });
  undoable(done.id);
  return action === "ACCEPT" ? "Accepted." : "Rejected.";
}

async function undo() {
  await ask(UNDO, { id: last });
  undoable(null);
  return "Undone.";
}

function verdicts() {
  for (const claim of document.querySelectorAll(".reading .claim[data-claim]")) {
    const row = document.createElement("p");
    row.className = "verdict";
    for (const [action, words] of [["ACCEPT", "Accept"], ["REJECT", "Reject"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = words;
      button.setAttribute("aria-label", `${words}: ${claim.querySelector(".claim-head").textContent}`);
      button.addEventListener("click", () => attempt(words, () => judge(action, claim.dataset.claim)));
      row.append(button);
    }
    claim.append(row);
  }
}

// A name that was taken for the wrong thing: one of the other candidates, or whatever is typed.
async function pin(entity, value) {
  const { judge: done } = await ask(JUDGE, { input: { action: "PIN", target: `${box.dataset.review}#${entity}`, value } });
  undoable(done.id);
  return "Corrected: from now on that is what this review means.";
}

function corrections() {
  for (const row of document.querySelectorAll(".mentions tr[data-entity]")) {
    for (const other of row.querySelectorAll(".other")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button verdict-link";
      button.textContent = other.textContent;
      button.setAttribute("aria-label", `${row.cells[0].textContent} means ${other.textContent}`);
      button.addEventListener("click", () => attempt("Correcting", () => pin(row.dataset.entity, other.dataset.id)));
      other.replaceChildren(button);
    }
    const field = document.createElement("input");
    field.type = "search";
    field.dataset.suggest = "id";
    field.autocomplete = "off";
    field.placeholder = "or something else …";
    field.setAttribute("aria-label", `What “${row.cells[0].textContent}” means`);
    field.addEventListener("chosen", () => {
      if (field.value.includes(":")) attempt("Correcting", () => pin(row.dataset.entity, field.value.trim()));
    });
    const place = document.createElement("span");
    place.className = "verdict pick";
    place.append(field);
    row.cells[1].append(place);
    new Suggestions(field);
  }
}

if (box) {
  box.hidden = false;
  box.elements.token.value = sessionStorage.getItem("token") ?? "";
  box.elements.token.addEventListener("change", () => sessionStorage.setItem("token", box.elements.token.value.trim()));
  box.addEventListener("submit", (event) => event.preventDefault());
  verdicts();
  corrections();
  stored(box.dataset.known === "yes");
  const works = { store, retract, undo };
  for (const button of box.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => attempt(button.textContent.trim(), works[button.dataset.do]));
  }
}
