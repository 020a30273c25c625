// Keys for people who work through a list all day: j k Enter / u g, and the letters of actions.

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
let leader = "";

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("gd-at"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))] ?? all[0];
  for (const row of all) row.classList.toggle("gd-at", row === next);
  (next.querySelector("a[href]") ?? next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const press = (selector) => {
  const found = [...document.querySelectorAll(selector)].find((each) => each.offsetParent !== null);
  if (found) found.click();
  return Boolean(found);
};

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  Enter: () => press(".gd-at a[href]"),
  u: () => press("a[data-up]"),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => showKeys(),
  g: () => void (leader = "g"),
};

function showKeys() {
  const list = document.querySelector("[data-page-keys]");
  const seen = new Map();
  for (const each of document.querySelectorAll("[data-key]")) seen.set(each.dataset.key, label(each));
  list.replaceChildren(...[...seen].map(([key, text]) => entry(key, text)));
  document.getElementById("keys").showModal();
}

function label(element) {
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, svg")) extra.remove();
  return copy.textContent.trim();
}

function entry(key, text) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  const kbd = document.createElement("kbd");
  kbd.textContent = key;
  term.append(kbd);
  const meaning = document.createElement("dd");
  meaning.textContent = text;
  line.append(term, meaning);
  return line;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  // A choice takes no letters, so the keys stay alive on it.
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  // Enter on a link or a button is already theirs.
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  if (leader === "g") {
    leader = "";
    if (press(`[data-go="${CSS.escape(event.key)}"]`)) event.preventDefault();
    return;
  }
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  } else if (/^[a-z]$/.test(event.key) && press(`[data-key="${event.key}"]`)) event.preventDefault();
});
