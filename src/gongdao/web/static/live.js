// A page follows what others do: <section id="..." data-live="<channel>"> is fetched anew and morphed
// whenever its channel speaks. Nobody loses focus, an open dialog or what they are typing.

const words = document.getElementById("words").dataset;
const sources = new Map();
const waiting = new Map();

function follow() {
  const channels = new Set([...document.querySelectorAll("[data-live]")].map((each) => each.dataset.live));
  for (const [channel, source] of sources) {
    if (channels.has(channel)) continue;
    source.close();
    sources.delete(channel);
  }
  for (const channel of channels) if (!sources.has(channel)) listen(channel);
}

function listen(channel) {
  // What happens while the page is on its way is said when the stream opens.
  const since = Date.parse(document.documentElement.dataset.now);
  const source = new EventSource(`/live/${encodeURIComponent(channel)}?since=${since}`);
  let opened = false;
  // A stream opens, and stays open, with lines that say nothing.
  source.addEventListener("message", (event) => event.data && soon(channel));
  // What happened while the line was down is caught up with as soon as it is back.
  source.addEventListener("open", () => {
    if (opened) soon(channel);
    opened = true;
  });
  sources.set(channel, source);
}

// A burst of messages is one refresh; a hidden page waits until somebody looks at it.
function soon(channel) {
  clearTimeout(waiting.get(channel));
  waiting.set(channel, setTimeout(() => refresh(channel), 150));
}

function refresh(channel) {
  if (document.hidden) return;
  waiting.delete(channel);
  for (const part of document.querySelectorAll("[data-live]")) {
    if (part.dataset.live !== channel || !part.id) continue;
    const address = part.dataset.liveUrl ?? location.pathname + location.search;
    const select = `#${CSS.escape(part.id)}`;
    htmx.ajax("GET", address, { source: part, target: part, select, swap: "outerMorph" });
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const channel of [...waiting.keys()]) refresh(channel);
});

htmx.registerExtension("gongdao-keep", {
  // A form that is being sent keeps its idempotency key and its locked button until it is answered.
  htmx_before_morph_node: (node) => !(node instanceof HTMLFormElement && node.dataset.busy !== undefined),
  htmx_before_morph_attr: (node, detail) => keepsAttribute(node, detail),
});

function keepsAttribute(node, { attrName }) {
  // What the reader opened stays open.
  if (attrName === "open" && (node instanceof HTMLDialogElement || node instanceof HTMLDetailsElement)) return false;
  // What the reader chose or typed stays.
  if (attrName === "value" && node.matches("input:not([type=hidden])") && node.value !== node.defaultValue) return false;
  return true;
}

document.addEventListener("htmx:after:swap", (event) => {
  if (!event.target.closest?.("[data-live]")) return;
  follow();
  // A preview inside of the part is no news.
  if (!event.target.matches("[data-live]")) return;
  // Nor is it what comes of one's own form, sent just now or put away.
  const forms = [...document.querySelectorAll("dialog[open] form, form[data-touched]")];
  if (forms.some((each) => each.dataset.busy === undefined && each.checkVisibility())) say(words.moved);
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-act]");
  if (form) form.setAttribute("data-touched", "");
});

function say(text) {
  document.dispatchEvent(new CustomEvent("gongdao:toast", { detail: { text } }));
}

// Clocks go on while nothing happens: data-live-every="30" is fetched anew so often, in seconds.
for (const part of document.querySelectorAll("[data-live-every]"))
  setInterval(() => refresh(part.dataset.live), Number(part.dataset.liveEvery) * 1000);

follow();
