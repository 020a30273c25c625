// The link to copy, and the button that prints.

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-prints]")) window.print();
  const copier = event.target.closest("[data-copies]");
  if (!copier) return;
  const field = document.getElementById(copier.dataset.copies);
  field.select();
  // Without https there is no clipboard for scripts; the old command still works on a selection.
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
  const text = copier.dataset.copied;
  document.dispatchEvent(new CustomEvent("gongdao:toast", { detail: { text, tone: "done" } }));
});

for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
}
