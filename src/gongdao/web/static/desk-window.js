// The agent's window: which conversation is open, the lists on its left, the panel on its right.
// The server renders lists and panel; the messages are drawn by chat-view.js, what one writes is in
// desk-window-say.js, what one hears while looking elsewhere in desk-window-news.js.

import { apiOf } from "./chat-buyer.js";
import { ChatLine } from "./chat-line.js";
import { receiverCard } from "./chat-receiver.js";
import { DeskGuard } from "./desk-guard.js";
import { TalkView } from "./chat-view.js";
import { attend, follow, forget, tell } from "./desk-window-news.js";
import { Composer } from "./desk-window-say.js";
import "./talk-mail.js";
import { Sealing } from "./talk-seal.js";

const find = (id) => document.getElementById(id);
const desk = find("desk");
const words = find("desk-words").dataset;
const { person, locale } = desk.dataset;
const scheme = location.protocol === "https:" ? "wss" : "ws";
const line = new ChatLine({ address: `${scheme}://${location.host}/chat/socket`, person });
const api = apiOf({ csrf: document.querySelector("[name=csrf_token]").value, locale });
// So many conversations stay drawn; whoever looked at more has the oldest drawn anew.
const KEPT_MAX = 60;
const LIST_EVERY_MS = 1500;
const SHOWN_AT_FIRST = 50;
const AMBER_S = 120;
const RED_S = 180;

const kept = new Map();
let current = null;
let choosing = 0;

const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");
const toast = (text, tone = "plain") => document.dispatchEvent(new CustomEvent("gongdao:toast", { detail: { text, tone } }));

const composer = new Composer({ line, api, words, person, toast, current: () => current });

// ---- one conversation is open ---------------------------------------------------------------

async function choose(id, { at = 0, pane = "talk" } = {}) {
  desk.dataset.pane = pane;
  if (current?.id === id) return void (at && current.view.show(at));
  const turn = ++choosing;
  markRow(id);
  const talk = kept.get(id) ?? (await drawn(id));
  if (turn !== choosing) return;
  if (!talk) return void markRow(current?.id);
  current?.root.remove();
  current = talk;
  // The one that was looked at last is the last to go.
  kept.delete(id);
  kept.set(id, talk);
  for (const [old, each] of [...kept].slice(0, Math.max(0, kept.size - KEPT_MAX))) drop(old, each);
  find("desk-talk").append(talk.root);
  find("desk-empty").hidden = true;
  find("desk-head").hidden = false;
  find("desk-say").hidden = false;
  talk.view.toEnd();
  talk.view.markRead();
  // The list may have been fetched anew meanwhile.
  markRow(id);
  row(id)?.scrollIntoView({ block: "nearest" });
  unreadOf(row(id), 0);
  composer.show(talk);
  head();
  address(at);
  loadPanel("outerHTML");
  if (at) talk.view.show(at);
  else if (matchMedia("(pointer: fine)").matches) composer.focus();
}

function drop(id, talk) {
  talk.view.end();
  kept.delete(id);
}

async function drawn(id) {
  const page = await messages(id, "");
  if (!page) return null;
  const root = document.createElement("div");
  root.className = "desk-chat";
  const missed = forget(id).filter((each) => each.seq > page.last_seq);
  const lines = [...page.messages, ...missed];
  const talk = { id, root, ready: false, buyer: row(id)?.querySelector("b")?.textContent ?? "" };
  root.addEventListener("chat:ready", (event) => {
    talk.ready = event.detail;
    if (current === talk) composer.ready();
  });
  root.addEventListener("chat:lines", (event) => heard(talk, event.detail));
  talk.view = new TalkView({
    root, line, conversation: id, side: "shop", person, locale, lines, after: page.last_seq,
    fetchOlder: async (before) => (await messages(id, `&before=${before}`))?.messages ?? [],
    address: leads,
    receiver: (body) => receiverCard(body, { api, locale, answers: false }),
    onReply: (said) => composer.reply(said),
    onUnknown: (said) => composer.knowledge.unknown(said),
    onState: (state) => stands(talk, state),
    onRefused: (news) => composer.refused(talk, news),
  });
  // Earlier messages come by scrolling up to them.
  root.firstElementChild.addEventListener("scroll", (event) => {
    const more = event.target.querySelector(".chat-more");
    if (event.target.scrollTop < 40 && !more.hidden && !more.dataset.asked) {
      more.dataset.asked = "";
      more.click();
      setTimeout(() => delete more.dataset.asked, 400);
    }
  });
  new DeskGuard({ root, view: talk.view, conversation: id, api, locale, toast, kinds: find("desk-guard-kinds") });
  talk.sealing = new Sealing({ root, view: talk.view, conversation: id, api, locale, house: "/shop/cases/" });
  kept.set(id, talk);
  return talk;
}

function messages(id, more) {
  return api(`/conversations/${id}/messages?limit=${SHOWN_AT_FIRST}${more}`).catch((problem) => {
    toast(problem.message || find("words").dataset.offline, "refusal");
    return null;
  });
}

function leads(body, kind) {
  if (kind === "image") return { href: `/files/${body.file_id}`, src: `/files/${body.file_id}/thumb` };
  if (kind === "file") return { href: `/files/${body.file_id}` };
  if (kind === "order") return { href: `/shop/orders/${body.order_id}` };
  return kind === "case" ? { href: `/shop/cases/${body.case_id}` } : {};
}

function stands(talk, state) {
  talk.state = state;
  if (current !== talk) return;
  head();
  composer.ready();
}

function head() {
  const { state } = current;
  find("desk-buyer").textContent = current.buyer || find("desk-panel").dataset.buyer || "";
  const said = !state
    ? ""
    : state.state === "closed"
      ? words.closed
      : state.case_id
        ? words.ofCase
        : state.state === "waiting"
          ? fill(words.waiting, { place: state.place || "–" })
          : state.agent_id === person
            ? words.mine
            : fill(words.by, { name: state.agent });
  find("desk-standing").textContent = state ? `${said} · #${state.number}` : "";
  const over = !state || state.state === "closed" || Boolean(state.case_id);
  for (const id of ["desk-hand-over", "desk-close"]) find(id).hidden = over;
  find("desk-close-form").setAttribute("action", `/desk/talks/${current.id}/close`);
}

function heard(talk, lines) {
  const last = lines.at(-1);
  const theirs = lines.filter((each) => each.author === "buyer");
  if (theirs.length && (document.hidden || current !== talk)) tell(talk.buyer, theirs.at(-1), () => choose(talk.id));
  bump(talk.id, current === talk && !document.hidden ? 0 : theirs.length, last);
  if (current !== talk) return;
  if (theirs.length) composer.heard();
  if (lines.some((each) => ["case_opened", "handed_over", "closed"].includes(each.body?.event) || each.kind === "note")) loadPanel();
}

// ---- the lists --------------------------------------------------------------------------------

const row = (id) => find(`talk-${id}`);
const rows = () => [...document.querySelectorAll("#desk-rows > [data-talk]")];
const view = () => find("desk-list").dataset.view;
let asked = 0;
let timer = 0;

function soon(at_once = false) {
  clearTimeout(timer);
  const wait = at_once ? 0 : Math.max(0, asked + LIST_EVERY_MS - Date.now());
  timer = setTimeout(() => loadList(view()), document.hidden ? wait + 3000 : wait);
}

async function loadList(which) {
  asked = Date.now();
  const target = find("desk-list");
  const open = current ? `&c=${current.id}` : "";
  await htmx.ajax("GET", `/desk/list?view=${which}${open}`, { source: target, target, select: "#desk-list", swap: "outerMorph" });
  listed();
}

// What of one's own is not drawn is followed all the same, so that its row is true.
function listed() {
  for (const each of rows()) {
    const { talk, last, mine } = each.dataset;
    if (mine !== "yes" || kept.has(talk)) continue;
    follow(line, talk, Number(last), (lines) => {
      const theirs = lines.filter((said) => said.author === "buyer");
      bump(talk, theirs.length, lines.at(-1));
      if (theirs.length) tell(row(talk)?.querySelector("b")?.textContent ?? "", theirs.at(-1), () => choose(talk));
    });
  }
  if (current) {
    markRow(current.id);
    if (!document.hidden && current.root.isConnected) unreadOf(row(current.id), 0);
  }
  tick();
}

function markRow(id) {
  for (const each of rows()) {
    const link = each.querySelector("a");
    if (each.dataset.talk === id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function bump(id, count, last) {
  const found = row(id);
  if (!found) return;
  if (count) unreadOf(found, Number(found.dataset.unread) + count);
  const said = last?.body?.text;
  if (said && last.kind === "text") found.querySelector(".desk-row-said").textContent = said.slice(0, 80);
}

function unreadOf(found, count) {
  if (!found) return;
  found.dataset.unread = count;
  let badge = found.querySelector(".desk-unread");
  if (!count) return void badge?.remove();
  if (!badge) {
    badge = document.createElement("span");
    badge.className = "desk-unread";
    found.querySelector(".desk-row-side").append(badge);
  }
  badge.textContent = count > 99 ? "99+" : count;
}

const served = Date.parse(document.documentElement.dataset.now) - performance.now();
const title = document.title;

function tick() {
  const now = served + performance.now();
  for (const clock of document.querySelectorAll(".desk-clock")) {
    const seconds = Math.max(0, Math.floor((now - Date.parse(clock.dataset.since)) / 1000));
    const minutes = Math.floor(seconds / 60);
    const text =
      minutes < 60
        ? `${minutes}:${String(seconds % 60).padStart(2, "0")}`
        : minutes < 6000
          ? fill(words.hours, { hours: Math.floor(minutes / 60) })
          : "99+";
    const tone = seconds >= RED_S ? "red" : seconds >= AMBER_S ? "amber" : "calm";
    if (clock.textContent !== text) clock.textContent = text;
    if (clock.dataset.tone !== tone) clock.dataset.tone = tone;
  }
  const waiting = rows().filter((each) => each.dataset.asked && each.dataset.mine === "yes").length;
  document.title = waiting ? `(${waiting}) ${title}` : title;
}
setInterval(tick, 1000);

function go(step) {
  const all = rows();
  const at = all.findIndex((each) => each.dataset.talk === current?.id);
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  choose(next.dataset.talk);
}

async function mostUrgent() {
  if (view() !== "open") await loadList("open");
  const next = rows().find((each) => each.dataset.asked && each.dataset.talk !== current?.id) ?? rows().find((each) => each.dataset.asked);
  if (next) choose(next.dataset.talk);
  else toast(words.noMore);
}

// ---- the panel, and what is done in it ----------------------------------------------------------

async function loadPanel(swap = "outerMorph", chosen = find("desk-panel").dataset.case) {
  const target = find("desk-panel");
  const id = current.id;
  const same = target.dataset.talk === id;
  const address = `/desk/talks/${id}${same && chosen ? `?case=${chosen}` : ""}`;
  await htmx.ajax("GET", address, { source: target, target, select: "#desk-panel", swap });
  if (current?.id === id && !current.buyer) {
    current.buyer = find("desk-panel").dataset.buyer ?? "";
    head();
  }
  // What follows by itself (live.js) looks again for what there is to follow.
  find("desk-panel").dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true }));
}

async function openSheet(path) {
  const answer = await fetch(path, { headers: { Accept: "text/html" } }).catch(() => null);
  const body = await answer?.text().then((text) => new DOMParser().parseFromString(text, "text/html"));
  const sheet = body?.getElementById("desk-sheet-body");
  if (!sheet) return void toast(body?.getElementById("refusal")?.textContent ?? find("words").dataset.offline, "refusal");
  find("desk-sheet-body").replaceWith(sheet);
  htmx.process(sheet);
  if (!find("desk-sheet").open) find("desk-sheet").showModal();
}

document.addEventListener("gongdao:acted", (event) => {
  event.preventDefault();
  const form = event.detail.form;
  const to = new URL(event.detail.address, location.href);
  form.closest("dialog")?.close();
  if (form.dataset.done) toast(form.dataset.done, "done");
  if (form.id === "desk-take-form") return void taken(to.searchParams.get("c"));
  soon(true);
  if (!current) return;
  if (!form.matches("[data-leaves]")) loadPanel("outerMorph", to.searchParams.get("case") ?? undefined);
});

async function taken(id) {
  await loadList("open");
  choose(id);
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const of = (selector) => event.target.closest(selector);
  const pane = of("[data-pane-to]");
  if (pane) desk.dataset.pane = pane.dataset.paneTo;
  const card = of("[data-send-card]");
  if (card) composer.card(card.dataset.sendCard, card.dataset.cardId);
  const script = of("[data-use-script]");
  if (script) composer.script(script.dataset);
  const sheet = of("[data-sheet]");
  if (sheet && current) openSheet(`/desk/talks/${current.id}/${sheet.dataset.sheet}`);
  const sheetAt = of("[data-sheet-at]");
  if (sheetAt) openSheet(sheetAt.dataset.sheetAt);
  const link = of("[data-talk] > a, [data-talk-link], [data-view-link], [data-case-link]");
  if (!link) return;
  event.preventDefault();
  const { talkLink, at, viewLink, caseLink } = link.dataset;
  if (viewLink) {
    loadList(viewLink).then(() => address());
  } else if (caseLink) loadPanel("outerMorph", caseLink);
  else {
    link.closest("dialog")?.close();
    choose(talkLink ?? link.closest("[data-talk]").dataset.talk, { at: Number(at ?? 0) });
  }
});

function address(at = 0) {
  const query = new URLSearchParams({ view: view() });
  if (current) query.set("c", current.id);
  if (at) query.set("at", at);
  history.replaceState(null, "", `/desk?${query}`);
}

// ---- keys: a letter, or with Alt while one writes -----------------------------------------------

const KEYS = {
  ArrowDown: () => go(1),
  ArrowUp: () => go(-1),
  Digit1: () => find("desk-state-online").click(),
  Digit2: () => find("desk-state-suspended").click(),
  Digit3: () => find("desk-state-offline").click(),
};

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
  // By the place of the key: with Alt some layouts write another character.
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
  const button = letter && [...document.querySelectorAll(`[data-key="${letter}"]`)].find((each) => each.offsetParent);
  const act = KEYS[event.code] ?? (button && (() => button.click()));
  if (!act) return;
  event.preventDefault();
  act();
});
for (const [id, act] of [["desk-go-urgent", mostUrgent], ["desk-go-next", () => go(1)], ["desk-go-before", () => go(-1)], ["desk-go-text", () => composer.focus()]]) {
  find(id).addEventListener("click", act);
}

// ---- the line -----------------------------------------------------------------------------------
// Who waits for their lead sees the answer when it comes.
line.addEventListener("desk", () => void (soon(), current && document.querySelector("#desk-lead [id^=drop-]") && loadPanel()));
line.addEventListener("you", () => {
  tell(words.newTalk, null, mostUrgent);
  soon();
});
line.addEventListener("connection", (event) => {
  desk.classList.toggle("desk-away", !event.detail);
  if (event.detail) soon(true);
});
line.addEventListener("signed-out", () => toast(words.signedOut, "refusal"));
document.addEventListener("visibilitychange", () => document.hidden || soon());

// What the server cannot show just now does not take the place of what it has shown.
document.addEventListener("DOMContentLoaded", () => htmx.config.noSwap.push("4xx", "5xx"));
attend({ words, toast });
line.followDesk();
line.connect();
listed();
const first = new URLSearchParams(location.search);
find("desk-seal").addEventListener("click", () => current.sealing.start());
if (first.get("c")) {
  choose(first.get("c"), { at: Number(first.get("at") ?? 0) }).then(() => first.get("choose") && current?.sealing.start(first.get("choose")));
}
