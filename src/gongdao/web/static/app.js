// Countdowns, dialogs, toasts, and forms that act exactly once. Sentences come from #words.

const words = document.getElementById("words").dataset;
const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name]);

// ---- toasts: other scripts ask for one with the event gongdao:toast ------------------------

function toast({ text, tone = "plain", reload = false, signIn = false }) {
  const box = document.createElement("div");
  box.className = `gd-toast gd-toast-${tone}`;
  if (tone === "refusal") box.setAttribute("role", "alert");
  const sentence = document.createElement("p");
  sentence.textContent = text;
  box.append(sentence);
  if (reload) box.append(button(words.reload, () => location.reload()));
  if (signIn) box.append(signInElsewhere());
  box.append(button(words.close, () => box.remove()));
  const stack = document.getElementById("toasts");
  // Said again it stands there once.
  for (const each of document.querySelectorAll(".gd-toast")) if (each.firstChild.textContent === text) each.remove();
  while (stack.children.length > 2) stack.firstChild.remove();
  // An open dialog covers the page, so its toasts must stand inside it.
  (document.querySelector("dialog[open]") ?? stack).append(box);
  if (tone !== "refusal") setTimeout(() => box.remove(), 6000);
}

function button(label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

function signInElsewhere() {
  const link = document.createElement("a");
  Object.assign(link, { href: "/sign-in", target: "_blank", textContent: words.signIn });
  return link;
}

document.addEventListener("gongdao:toast", (event) => toast(event.detail));

const DONE = "gongdao:done";
const done = sessionStorage.getItem(DONE);
if (done) {
  sessionStorage.removeItem(DONE);
  toast({ text: done, tone: "done" });
}

// ---- tabs: on a narrow screen the one where one is stands in sight ----------------------------

for (const tab of document.querySelectorAll(".gd-tabs [aria-current]")) {
  const bar = tab.closest(".gd-tabs");
  bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
}

// ---- countdowns: the server's clock counts, not the one of this machine --------------------

const served = Date.parse(document.documentElement.dataset.now);
const startedAt = performance.now();
// The page was rendered before it arrived; counting from then on is at most a second off.
const serverNow = () => served + (performance.now() - startedAt);

function span(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days) return fill(words.daysHours, { days, hours });
  if (hours) return fill(words.hoursMinutes, { hours, minutes });
  return fill(words.minutesSeconds, { minutes, seconds: seconds % 60 });
}

function tick() {
  for (const shown of document.querySelectorAll("[data-due]")) {
    const left = Date.parse(shown.dataset.due) - serverNow();
    const urgency = left <= 0 ? "late" : left < 7200_000 ? "soon" : "calm";
    const text = fill(left <= 0 ? words.overdue : words.left, { span: span(Math.abs(left)) });
    if (shown.textContent !== text) shown.textContent = text;
    if (shown.dataset.urgency !== urgency) shown.dataset.urgency = urgency;
  }
}
setInterval(tick, 1000);
tick();

// ---- dialogs and other buttons ------------------------------------------------------------

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  // What the form still lacks is said before it is asked whether to send it: behind a dialog nobody could fill it in.
  if (opener?.dataset.opensValid !== undefined && !opener.form.reportValidity()) return;
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target.closest("[data-back]")) history.length > 1 ? history.back() : location.assign("/");
  // A click on the dialog itself, not on what is in it, is a click beside it.
  if (event.target instanceof HTMLDialogElement && event.target.id === "lightbox") event.target.close();
  for (const menu of document.querySelectorAll("details.gd-me[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// ---- forms that act once -------------------------------------------------------------------
// The form goes out without leaving the page: a refusal or a broken line then costs nobody what
// they typed, and the idempotency key stays, so that sending again cannot act twice.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-plain]")) return void guardPlain(form, event);
  if (!form.matches("[data-act]")) return;
  event.preventDefault();
  if (form.dataset.busy !== undefined) return;
  if (!signedOut) return void send(form, event.submitter);
  form.dataset.busy = "";
  void renewTokens().then(() => send(form, event.submitter));
});

// ---- a session that ended over a form: one signs in elsewhere, and nothing typed is lost --------

let signedOut = false;

// Forms carry the token of the session that drew them; the new session has another.
async function renewTokens() {
  const page = await fetch(location.href, { headers: { Accept: "text/html" } })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((body) => new DOMParser().parseFromString(body, "text/html"))
    .catch(() => null);
  const token = page?.querySelector('main input[name="csrf_token"]')?.value;
  if (!token) return;
  signedOut = false;
  for (const each of document.getElementsByName("csrf_token")) each.value = token;
}

function guardPlain(form, event) {
  if (form.dataset.busy !== undefined) event.preventDefault();
  form.dataset.busy = "";
}

function send(form, submitter) {
  const body = new FormData(form, submitter);
  const request = new XMLHttpRequest();
  setBusy(form, true);
  request.open("POST", submitter?.getAttribute("formaction") ?? form.getAttribute("action"));
  request.setRequestHeader("X-CSRF-Token", form.elements.csrf_token?.value ?? "");
  request.setRequestHeader("Accept", "text/html");
  request.responseType = "document";
  request.upload.addEventListener("progress", (event) => showProgress(form, event));
  request.addEventListener("load", () => arrived(form, request));
  request.addEventListener("error", () => broken(form));
  request.addEventListener("timeout", () => broken(form));
  request.timeout = 300_000;
  request.send(body);
}

function setBusy(form, busy) {
  if (busy) form.dataset.busy = "";
  else delete form.dataset.busy;
  for (const each of form.querySelectorAll('button[type="submit"]')) {
    each.disabled = busy;
    each.setAttribute("aria-busy", String(busy));
  }
  const bar = form.querySelector("progress");
  if (bar) bar.hidden = true;
}

function showProgress(form, event) {
  const bar = form.querySelector("progress");
  // Only an upload is worth a bar.
  if (!bar || !event.lengthComputable || event.total < 200_000) return;
  bar.hidden = false;
  bar.value = (100 * event.loaded) / event.total;
}

function arrived(form, request) {
  if (request.status >= 200 && request.status < 300) return void succeeded(form, request);
  setBusy(form, false);
  const answer = request.response;
  const said = answer?.getElementById("refusal") ?? answer?.querySelector("[data-code]");
  const text = said?.textContent.trim() || answer?.querySelector("h1")?.textContent || words.refused;
  const code = said?.dataset.code ?? "";
  form.dispatchEvent(new CustomEvent("gongdao:refused", { bubbles: true, detail: { code, text } }));
  if (code === "version_conflict") return void catchUp(form, text);
  signedOut = request.status === 401;
  if (signedOut) return void toast({ text: words.signedOut, tone: "refusal", signIn: true });
  toast({ text, tone: "refusal" });
}

// The case has moved on while somebody filled in a form: what has happened is put into the form, and
// everything that was filled in stays; sent again, it is judged anew.
async function catchUp(form, text) {
  const version = form.elements.expected_version;
  const address = new URL(form.getAttribute("action").replace(/\/[^/]+$/, ""), location.href);
  address.searchParams.set("since", version?.value ?? "");
  const page = await fetch(address, { headers: { Accept: "text/html" } })
    .then((answer) => answer.text())
    .then((body) => new DOMParser().parseFromString(body, "text/html"))
    .catch(() => null);
  const news = page?.getElementById("news");
  if (!version || !news) return void toast({ text, tone: "refusal", reload: true });
  news.removeAttribute("id");
  form.querySelector(".gd-case-news")?.remove();
  (form.querySelector("dialog[open]") ?? form).prepend(news);
  version.value = news.dataset.version;
  news.scrollIntoView({ block: "nearest" });
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function succeeded(form, request) {
  forget(form);
  // A page that shows by itself what has come of it says so, and stays.
  const detail = { form, address: request.responseURL, answer: request.response };
  const acted = new CustomEvent("gongdao:acted", { bubbles: true, cancelable: true, detail });
  // The news of the deed may have come first, and put another panel where the form was.
  if (!(form.isConnected ? form : document).dispatchEvent(acted)) return void setBusy(form, false);
  const target = new URL(request.responseURL || location.href);
  const stays = target.pathname + target.search === location.pathname + location.search;
  const { done } = form.dataset;
  // The news came first and put another panel where the form was: nothing is drawn under the reader's hands.
  if (stays && !form.isConnected && !leaving) return void (done && toast({ text: done, tone: "done" }));
  if (done) sessionStorage.setItem(DONE, done);
  // Who saw the news and went on to another page is not brought back.
  if (leaving) return;
  if (stays) {
    if (target.hash) location.hash = target.hash;
    location.reload();
  } else location.assign(target);
}

// An address that turns out to be a download leaves the page where it is.
let leaving = 0;
window.addEventListener("beforeunload", () => {
  clearTimeout(leaving);
  leaving = setTimeout(() => (leaving = 0), 5000);
});

function broken(form) {
  setBusy(form, false);
  toast({ text: words.offline, tone: "refusal" });
}

// A page that comes back from the browser's memory must not stay locked.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-busy]")) setBusy(form, false);
});

// ---- drafts: what is typed into a form with data-draft outlives the page ---------------------

const draftKey = (form) => `gongdao:draft:${location.pathname}:${form.id}`;

function forget(form) {
  if (form.matches("[data-draft]")) sessionStorage.removeItem(draftKey(form));
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const kept = JSON.parse(sessionStorage.getItem(draftKey(form)) ?? "{}");
  for (const [name, text] of Object.entries(kept)) {
    const field = form.querySelector(`textarea[name="${CSS.escape(name)}"]`);
    if (field && !field.value) field.value = text;
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (!form || event.target.tagName !== "TEXTAREA") return;
  const texts = [...form.querySelectorAll("textarea")].map((each) => [each.name, each.value]);
  sessionStorage.setItem(draftKey(form), JSON.stringify(Object.fromEntries(texts)));
});

// ---- Enter sends a message, but never while an input method is composing one ------------------

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if (!event.target.matches?.("textarea[data-enter-sends]")) return;
  if (window.matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// ---- filters send themselves ----------------------------------------------------------------

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-filters]");
  if (form && event.target.tagName === "SELECT") form.requestSubmit();
});
