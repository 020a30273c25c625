// The conversation of a case between buyer, shop and platform. It begins with its first message, so that
// whoever only looks begins nothing; an open page hears of it as of everything in the case.

import { apiOf } from "./chat-buyer.js";
import { TalkGuard } from "./chat-guard.js";
import { ChatLine } from "./chat-line.js";
import { TalkView, composer } from "./chat-view.js";
import { DeskGuard } from "./desk-guard.js";
import { Sealing } from "./talk-seal.js";

const find = (id) => document.getElementById(id);
const root = find("talk-case");
const { case: caseId, number, side, person, locale, csrf } = root.dataset;
const HOUSE = { buyer: "/cases/", shop: "/shop/cases/", platform: "/platform/cases/" }[side];
const SHOWN_AT_FIRST = 50;
const ASK_MS = 5000;
const api = apiOf({ csrf, locale });
const scheme = location.protocol === "https:" ? "wss" : "ws";
const line = new ChatLine({ address: `${scheme}://${location.host}/chat/socket`, person });
const field = find("talk-text");
const draft = `gongdao.draft.case.${caseId}`;

let talk = "";
let view = null;
let entering = null;
let replyTo = null;

const toast = (text, tone = "refusal") => document.dispatchEvent(new CustomEvent("gongdao:toast", { detail: { text, tone } }));

function enter(conversation) {
  if (conversation && !talk) entering ??= draw(conversation).catch((problem) => toast(problem.message)).finally(() => (entering = null));
  return entering;
}

async function draw(conversation) {
  const page = await api(`/conversations/${conversation}/messages?limit=${SHOWN_AT_FIRST}`);
  talk = conversation;
  const box = document.createElement("div");
  box.className = "chat-talk";
  find("talk-body").replaceChildren(box);
  view = new TalkView({
    root: box, line, conversation, side, person, locale, lines: page.messages, after: page.last_seq, sides: true,
    fetchOlder: async (before) => (await api(`/conversations/${conversation}/messages?before=${before}&limit=${SHOWN_AT_FIRST}`)).messages,
    address: leads,
    onReply: reply,
    onRefused: (news) => news.said || toast(news.message),
  });
  view.markRead();
  guarded(box, conversation);
  const sealing = new Sealing({ root: box, view, conversation, api, locale, house: HOUSE, only: side === "platform" ? { id: caseId, number } : null });
  find("talk-choose").hidden = false;
  find("talk-choose").addEventListener("click", () => sealing.start(caseId));
}

// What there is to mind: a buyer is told what to do; the others read it beside the message, and say whether it
// is right. A shop judges what the buyer says, the platform both.
function guarded(box, conversation) {
  const parts = { root: box, view, conversation, api, locale };
  if (side === "buyer") new TalkGuard({ ...parts, help: `/help/scam?conversation=${conversation}` });
  else new DeskGuard({ ...parts, toast, kinds: find("talk-guard-kinds"), judges: side === "platform" ? ["buyer", "shop"] : ["buyer"] });
}

function leads(body, kind) {
  if (kind === "case") return { href: `${HOUSE}${body.case_id}` };
  if (kind === "order" && side !== "platform") return { href: `${side === "shop" ? "/shop" : ""}/orders/${body.order_id}` };
  if (kind === "image") return { href: `/files/${body.file_id}`, src: `/files/${body.file_id}/thumb` };
  return kind === "file" ? { href: `/files/${body.file_id}` } : {};
}

// What is to be said first begins the conversation; two who do so at once are in the same one.
async function begun() {
  if (!talk) {
    const opened = await api("/conversations", { method: "POST", body: { case_id: caseId, locale } });
    await enter(opened.conversation.id);
  }
  return talk;
}

async function say() {
  const text = field.value.trim();
  if (!text) return;
  try {
    await begun();
    line.say(talk, { body: { text }, reply_to: replyTo ?? undefined });
    field.value = "";
    reply(null);
    grow();
    view.toEnd();
  } catch (problem) {
    toast(problem.message);
  }
}

async function sayFiles(files) {
  for (const file of files.slice(0, 9)) {
    try {
      const kept = await api("/files", { method: "POST", file });
      await begun();
      line.say(talk, { kind: kept.media_type.startsWith("image/") ? "image" : "file", body: { file_id: kept.id, name: file.name || "image.png" } });
    } catch (problem) {
      toast(problem.message);
    }
  }
}

function reply(said) {
  replyTo = said?.seq ?? null;
  find("talk-reply").hidden = !said;
  if (!said) return;
  find("talk-reply").firstElementChild.textContent = view.summary(said);
  field.focus();
}

function grow() {
  field.rows = Math.min(6, Math.max(1, field.value.split("\n").length));
  try {
    if (field.value) localStorage.setItem(draft, field.value);
    else localStorage.removeItem(draft);
  } catch {
    // The browser keeps nothing for us; the page still has it.
  }
}

find("talk-say").addEventListener("submit", (event) => {
  event.preventDefault();
  say();
});
composer(field, say, () => talk && line.typing(talk));
field.addEventListener("input", grow);
field.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (!files.length) return;
  event.preventDefault();
  sayFiles(files);
});
find("talk-files").addEventListener("change", (event) => {
  sayFiles([...event.target.files]);
  event.target.value = "";
});
find("talk-reply").lastElementChild.addEventListener("click", () => reply(null));
for (const type of ["dragover", "drop"]) {
  root.addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (type === "drop") sayFiles([...event.dataTransfer.files]);
  });
}
// Somebody else has begun it. What was said before the page's own stream stood is asked for.
const asking = setInterval(() => {
  const part = find("talk-begun");
  if (talk) clearInterval(asking);
  else if (!document.hidden) htmx.ajax("GET", location.pathname, { source: part, target: part, select: "#talk-begun", swap: "outerMorph" });
}, ASK_MS);
document.addEventListener("htmx:after:swap", () => enter(find("talk-begun").dataset.talk));

// What was typed before this script came stays.
try {
  field.value ||= localStorage.getItem(draft) ?? "";
} catch {
  // The browser keeps nothing for us.
}
grow();
line.connect();
enter(find("talk-begun").dataset.talk);
