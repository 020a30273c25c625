// What the buyer's pages do beyond the shared parts: answers that "back" keeps, and what is new.

// ---- applying: every answer stands in the address, so back, forward and reload lose none --------

const SECRET = new Set(["csrf_token", "idempotency_key", "claim", "step"]);

function remember(form) {
  const said = new URLSearchParams();
  const step = new URLSearchParams(location.search).get("step");
  if (step) said.append("step", step);
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value && !SECRET.has(name)) said.append(name, value);
  }
  history.replaceState(history.state, "", `${location.pathname}?${said}`);
}

for (const kind of ["change", "submit"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("form[data-steps]");
    if (form) remember(form);
  });
}

// ---- what has changed since one looked at it last, on this device --------------------------------

const key = (id) => `gongdao:seen:${id}`;

function markSeen() {
  const shown = document.querySelector("[data-seen-now]");
  if (shown) localStorage.setItem(key(shown.dataset.seenNow), shown.dataset.seenVersion);
  for (const row of document.querySelectorAll("[data-seen-case]")) {
    const seen = Number(localStorage.getItem(key(row.dataset.seenCase)) ?? 0);
    const isNew = row.dataset.seenOwn === "no" && Number(row.dataset.seenVersion) > seen;
    row.querySelector(".gb-new").hidden = !isNew;
  }
}

document.addEventListener("htmx:after:swap", markSeen);
markSeen();

// ---- the form of evidence shows what the chosen kind needs ---------------------------------------

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-proof-kind]")) return;
  const form = event.target.form;
  for (const hint of form.querySelectorAll("[data-hint]")) hint.hidden = hint.dataset.hint !== event.target.value;
  for (const part of form.querySelectorAll("[data-only-for]")) part.hidden = part.dataset.onlyFor !== event.target.value;
});
