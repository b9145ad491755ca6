// The lineage explorer: the server draws every state, and its address says which; here one state passes into the next.

import { View } from "./view.js";

const explorer = document.getElementById("explorer");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const PASSAGE = 520;
let view = null;
let asking = null;

const $ = (selector) => explorer.querySelector(selector);
const all = (selector) => [...explorer.querySelectorAll(selector)];

// ── passing from one state to the next ──────────────────────────────────────────────────────

async function go(address, { push = true } = {}) {
  const url = new URL(address, location.href);
  asking?.abort();
  asking = new AbortController();
  $(".stage-frame").classList.add("busy");
  let text;
  try {
    const response = await fetch(url.pathname + url.search, { signal: asking.signal });
    if (!response.headers.get("content-type")?.startsWith("text/html")) throw new Error("no page");
    if (!response.ok) return location.assign(url);
    text = await response.text();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
    return;
  }
  const next = new DOMParser().parseFromString(text, "text/html");
  const before = places();
  const samePicture = next.getElementById("stage").innerHTML === drawn;
  if (push) history.pushState(null, "", url.pathname + url.search + (samePicture ? location.hash : ""));
  document.title = next.title;
  const open = $(".filters").open;
  if (samePicture) {
    for (const selector of [".head", ".filters", "#panel"]) $(selector).replaceWith(document.adoptNode(next.querySelector(selector)));
  } else {
    explorer.replaceChildren(...document.adoptNode(next.getElementById("explorer")).childNodes);
    explorer.dataset.of = next.getElementById("explorer")?.dataset.of ?? "";
  }
  $(".filters").open = open;
  start(samePicture);
  if (!samePicture) pass(before);
  $(".stage-frame").classList.remove("busy");
}

function places() {
  return new Map(all(".fg-work").map((work) => [work.dataset.id, work.getBoundingClientRect()]));
}

// Works that stay travel from where they were; the others, and all ties, appear.
function pass(before) {
  if (calm.matches) return;
  const scale = view.scale || 1;
  for (const work of all(".fg-work")) {
    const was = before.get(work.dataset.id);
    const now = work.getBoundingClientRect();
    if (was) {
      const from = `translate(${(was.left - now.left) / scale}px, ${(was.top - now.top) / scale}px)`;
      work.animate([{ transform: from }, { transform: "none" }], { duration: PASSAGE, easing: "cubic-bezier(.2,.7,.2,1)" });
    } else {
      work.animate([{ opacity: 0 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }], { duration: PASSAGE });
    }
  }
  for (const line of all(".fg-tie, .fg-trunk")) line.animate([{ opacity: 0 }, { opacity: 0, offset: 0.6 }, {}], { duration: PASSAGE + 150 });
}

// ── what a state offers ─────────────────────────────────────────────────────────────────────

let drawn = "";

function start(samePicture = false) {
  if (!samePicture) {
    drawn = $("#stage").innerHTML;
    view = new View($("#stage"));
    view.restore();
    $("#tools").hidden = false;
    $("#stage").addEventListener("pointerover", (event) => trace(event.target));
    $("#stage").addEventListener("pointerleave", () => trace(null));
    $("#stage").addEventListener("focusin", (event) => trace(event.target));
    $("#stage").addEventListener("focusout", () => trace(null));
    growth();
  }
  choose();
  $("#filters").addEventListener("change", () => submit());
  $("#filters").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
}

function submit() {
  const form = $("#filters");
  const usual = { direction: "both", belief: "0", depth: "3", limit: "40" };
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value && value !== usual[name]) asked.append(name, value);
  if (form.reportValidity()) go(`${location.pathname}${asked.size ? `?${asked}` : ""}`);
}

// The open tie stands out.
function choose() {
  const claim = new URLSearchParams(location.search).get("claim");
  for (const tie of all(".fg-tie")) tie.classList.toggle("chosen", Boolean(claim) && tie.dataset.claims.split(" ").includes(claim));
}

// From a work or a tie, all ties on the way to the focus, and the works they join.
function trace(target) {
  const svg = $("#stage svg");
  const from = target?.closest?.(".fg-work, .fg-tie");
  for (const lit of svg.querySelectorAll(".on")) lit.classList.remove("on");
  svg.classList.toggle("tracing", Boolean(from));
  if (!from) return;
  const works = new Map(all(".fg-work").map((work) => [work.dataset.id, work]));
  const ties = all(".fg-tie");
  const waiting = from.matches(".fg-work") ? [from.dataset.id] : [];
  const side = (id) => Number(works.get(id)?.dataset.side ?? 0);
  if (from.matches(".fg-tie")) {
    from.classList.add("on");
    waiting.push(from.dataset.earlier, from.dataset.later);
  }
  const seen = new Set();
  while (waiting.length) {
    const id = waiting.pop();
    if (seen.has(id)) continue;
    seen.add(id);
    works.get(id)?.classList.add("on");
    for (const tie of ties) {
      const inner = side(id) > 0 ? tie.dataset.later === id && tie.dataset.earlier : side(id) < 0 ? tie.dataset.earlier === id && tie.dataset.later : null;
      if (inner) { tie.classList.add("on"); waiting.push(inner); }
    }
  }
}

// ── growth: ties appear on the day that the first critic told of them ───────────────────────

function growth() {
  const box = $("#growth");
  if (!box) return;
  const days = box.dataset.told.split(" ");
  const [slider, shown, play] = [$("#day"), $("#day-shown"), $("#play")];
  let timer = null;
  box.hidden = false;

  const show = () => {
    const day = days[Number(slider.value)];
    const last = Number(slider.value) === days.length - 1;
    shown.value = day;
    slider.setAttribute("aria-valuetext", day);
    const told = new Set([explorer.dataset.of, $(".fg-work:last-of-type")?.dataset.id]);
    for (const tie of all(".fg-tie")) {
      const later = !last && !(tie.dataset.since && tie.dataset.since <= day);
      tie.classList.toggle("later", later);
      if (!later) { told.add(tie.dataset.earlier); told.add(tie.dataset.later); }
    }
    for (const work of all(".fg-work")) work.classList.toggle("later", !told.has(work.dataset.id) && work.dataset.side !== "0");
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play its growth";
    play.setAttribute("aria-pressed", "false");
  };
  const step = () => {
    slider.value = Number(slider.value) + 1;
    show();
    if (Number(slider.value) === days.length - 1) stop();
  };
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === days.length - 1) slider.value = 0;
    show();
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
    timer = setInterval(step, Math.max(120, Math.min(900, 9000 / days.length)));
  });
  slider.addEventListener("input", () => { stop(); show(); });
  slider.addEventListener("change", () => {
    const asked = new URLSearchParams(location.search);
    const last = Number(slider.value) === days.length - 1;
    if (last) asked.delete("as_of"); else asked.set("as_of", days[Number(slider.value)]);
    history.replaceState(history.state, "", `${location.pathname}${asked.size ? `?${asked}` : ""}${location.hash}`);
  });
  const asked = new URLSearchParams(location.search).get("as_of");
  if (asked && days.includes(asked)) { slider.value = days.indexOf(asked); show(); }
}

// ── clicks and the way back ─────────────────────────────────────────────────────────────────

explorer.addEventListener("click", (event) => {
  const zoom = event.target.closest("[data-zoom]")?.dataset.zoom;
  if (zoom) return zoom === "fit" ? view.reset() : view.zoom(zoom === "in" ? 1.25 : 0.8);
  const link = event.target.closest("#stage a, #panel .panel-close a, .filters a, #panel .strongest a, #panel .empty a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const address = link.getAttribute("href");
  if (!address.startsWith("/lineage/")) return;
  event.preventDefault();
  go(address);
});
addEventListener("popstate", () => go(location.href, { push: false }));

start();
