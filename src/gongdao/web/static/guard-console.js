// A finding that was marked in a list is put back into its place; the list stays where it is.

document.addEventListener("gongdao:acted", (event) => {
  const form = event.detail.form.closest(".gg-mark-form");
  const row = form?.closest("[data-list] [data-row]");
  const fresh = row && event.detail.answer?.getElementById(row.id);
  if (!fresh) return;
  event.preventDefault();
  const title = fresh.querySelector(".gd-row-title");
  // On its own page the row is no link; in the list it stays one.
  title.replaceWith(row.querySelector(".gd-row-title").cloneNode(true));
  row.replaceWith(fresh);
  fresh.querySelector("a[href]")?.focus({ preventScroll: true });
  const text = form.dataset.done;
  document.dispatchEvent(new CustomEvent("gongdao:toast", { detail: { text, tone: "done" } }));
});
