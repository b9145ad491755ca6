// A picture that can be moved and zoomed. Its place is in the address behind the #, as "x,y,scale".

const LEAST = 0.15;
const MOST = 4;

export class View {
  constructor(stage) {
    this.stage = stage;
    this.fingers = new Map();
    stage.classList.add("live");
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => this.up(event));
    stage.addEventListener("click", (event) => { if (this.dragged) { event.preventDefault(); event.stopPropagation(); } }, true);
    stage.addEventListener("dragstart", (event) => event.preventDefault());
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("focusin", (event) => this.reveal(event.target));
    new ResizeObserver(() => { if (!this.moved) this.fit(); }).observe(stage);
  }

  get svg() { return this.stage.querySelector("svg"); }

  size() {
    const [, , width, height] = this.svg.getAttribute("viewBox").split(" ").map(Number);
    return { width, height };
  }

  place(x, y, scale) {
    Object.assign(this, { x, y, scale: Math.min(MOST, Math.max(LEAST, scale)) });
    this.svg.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
  }

  // All of it, or, where that would be too small to read, its middle at a size that can be read.
  fit() {
    const { width, height } = this.size();
    const room = this.stage.getBoundingClientRect();
    const scale = Math.max(Math.min(1.25, (room.width - 24) / width, (room.height - 24) / height), Math.min(room.width < 600 ? 0.85 : 0.65, (room.width * 3) / width));
    let x = (room.width - width * scale) / 2;
    let y = Math.max(12, (room.height - height * scale) / 2);
    const focus = this.svg.querySelector(".fg-focus");
    if (focus && width * scale > room.width) {
      const middle = (Number(focus.getAttribute("x")) + Number(focus.getAttribute("width")) / 2) * scale;
      x = Math.min(12, Math.max(room.width - width * scale - 12, room.width / 2 - middle));
    }
    if (focus && height * scale > room.height) {
      const middle = (Number(focus.getAttribute("y")) + Number(focus.getAttribute("height")) / 2) * scale;
      y = Math.min(12, Math.max(room.height - height * scale - 12, room.height / 2 - middle));
    }
    this.moved = false;
    this.place(x, y, scale);
  }

  // From the address, or fitted.
  restore() {
    const found = /^#(-?[\d.]+),(-?[\d.]+),([\d.]+)$/.exec(location.hash);
    if (!found) return this.fit();
    this.moved = true;
    this.place(Number(found[1]), Number(found[2]), Number(found[3]));
  }

  remember() {
    this.moved = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const place = [Math.round(this.x), Math.round(this.y), this.scale.toFixed(2)].join(",");
      history.replaceState(history.state, "", `#${place}`);
    }, 250);
  }

  // Fitted, with no place in the address, nor one about to be written there.
  reset() {
    clearTimeout(this.timer);
    this.fit();
    history.replaceState(history.state, "", location.pathname + location.search);
  }

  zoom(factor, x, y) {
    const room = this.stage.getBoundingClientRect();
    const [cx, cy] = [x ?? room.width / 2, y ?? room.height / 2];
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    const part = scale / this.scale;
    this.place(cx - (cx - this.x) * part, cy - (cy - this.y) * part, scale);
    this.remember();
  }

  pan(x, y) {
    this.place(this.x + x, this.y + y, this.scale);
    this.remember();
  }

  wheel(event) {
    event.preventDefault();
    const room = this.stage.getBoundingClientRect();
    if (event.ctrlKey || Math.abs(event.deltaY) >= 50) {
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), event.clientX - room.left, event.clientY - room.top);
    } else {
      this.pan(-event.deltaX, -event.deltaY);
    }
  }

  down(event) {
    if (event.button > 0) return;
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    this.dragged = false;
    this.travelled = 0;
  }

  move(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const others = [...this.fingers].filter(([id]) => id !== event.pointerId);
    if (others.length) {
      const [[, other]] = others;
      const room = this.stage.getBoundingClientRect();
      const apart = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]);
      this.zoom(apart(now) / Math.max(1, apart(before)), (now[0] + other[0]) / 2 - room.left, (now[1] + other[1]) / 2 - room.top);
      this.dragged = true;
    } else {
      this.travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (this.travelled > 4 && !this.dragged) {
        this.dragged = true;
        this.stage.setPointerCapture(event.pointerId);
        this.stage.classList.add("held");
      }
      if (this.dragged) this.pan(now[0] - before[0], now[1] - before[1]);
    }
    this.fingers.set(event.pointerId, now);
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    this.stage.classList.remove("held");
    setTimeout(() => { this.dragged = false; });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 60;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key]) this.pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.reset();
    else return;
    event.preventDefault();
  }

  // What the keyboard comes to is brought into sight.
  reveal(element) {
    if (element === this.stage || !element.matches(":focus-visible")) return;
    this.stage.scrollTo(0, 0);
    const room = this.stage.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    const by = (low, high, from, to) => (low < from + 20 ? from + 20 - low : high > to - 20 ? Math.max(to - 20 - high, from + 20 - low) : 0);
    const [x, y] = [by(box.left, box.right, room.left, room.right), by(box.top, box.bottom, room.top, room.bottom)];
    if (x || y) this.pan(x, y);
  }
}
