// The police kit: what was ticked stays ticked on this device, and the page prints.

const KEPT = "gongdao.kit.";
const kit = document.querySelector("[data-ticks]");

for (const each of document.querySelectorAll("[data-prints]")) each.addEventListener("click", () => window.print());

if (kit) {
  const key = KEPT + kit.dataset.ticks;
  const boxes = [...kit.querySelectorAll("input[type=checkbox]")];
  const ticked = read(key);
  for (const box of boxes) box.checked = ticked.includes(box.name);
  kit.addEventListener("change", () => keep(key, boxes.filter((each) => each.checked).map((each) => each.name)));
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

function keep(key, names) {
  try {
    localStorage.setItem(key, JSON.stringify(names));
  } catch {
    // The browser keeps nothing for us; the page still shows it.
  }
}
