// The messages of one conversation, drawn as they come. Everything from people is set as text.

import { WORDS, eventText, fill } from "./chat-words.js";

const RECALL_MS = 2 * 60 * 1000;
const TYPING_MS = 4000;
const GAP_MS = 5 * 60 * 1000;
const ZONE = "Asia/Shanghai";

export class TalkView {
  #root; #line; #id; #side; #person; #locale; #words; #fetchOlder; #address; #receiver; #leave; #list; #pending; #status; #more;
  #lines = new Map();
  #first = 0;
  #state = null;
  #read = 0;
  #end = true;
  #typingTimer = 0;
  #sides;
  #onReply; #onUnknown; #onState; #onRefused;

  // `lines`: those that the page brought along; `fetchOlder(before)` gives earlier ones, `address(body, kind)`
  // where a card or file leads: {href, src}, or a promise; `receiver(body)` draws that card; `sides`: names say for whom one speaks.
  constructor({ root, line, conversation, side, person, locale = "zh", lines = [], after = 0, sides = false, fetchOlder, address, receiver, onReply, onUnknown, onState, onRefused }) {
    this.#root = root;
    this.#line = line;
    this.#id = conversation;
    this.#side = side;
    this.#person = person;
    this.#locale = locale;
    this.#words = WORDS[locale];
    this.#sides = sides;
    this.#fetchOlder = fetchOlder;
    this.#address = address;
    this.#receiver = receiver;
    this.#onReply = onReply;
    this.#onUnknown = onUnknown;
    this.#onState = onState;
    this.#onRefused = onRefused;
    this.#build();
    this.#add(lines);
    const last = Math.max(after, lines.at(-1)?.seq ?? 0);
    this.#leave = line.open(conversation, last, (news) => this.#hear(news));
    this.#drawPending();
    this.toEnd();
    this.#connection();
  }

  get words() {
    return this.#words;
  }

  get state() {
    return this.#state;
  }

  // The newest number that is on the screen; what one answers rests on it.
  get seen() {
    return this.#line.lastOf(this.#id);
  }

  lineOf(seq) {
    return this.#lines.get(seq);
  }

  end() {
    this.#leave();
    this.#root.replaceChildren();
  }

  toEnd() {
    this.#end = true;
    this.#list.parentElement.scrollTop = this.#list.parentElement.scrollHeight;
  }

  // Show a message by its number, fetching earlier ones until it is there.
  async show(seq) {
    this.#end = false;
    while (!this.#lines.has(seq) && this.#first > 1) if (!(await this.#older())) break;
    const node = this.#list.querySelector(`[data-seq="${seq}"]`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("chat-found");
    setTimeout(() => node?.classList.remove("chat-found"), 2000);
  }

  // Tell the other side that everything here has been seen; not while nobody looks.
  markRead() {
    const last = this.#line.lastOf(this.#id);
    if (!last || last <= this.#read || document.hidden || !this.#line.isOnline) return;
    this.#read = last;
    this.#line.mark(this.#id, { delivered: last, read: last });
  }

  #build() {
    const scroll = node("div", "chat-scroll", { tabindex: "0", role: "log", "aria-live": "polite", "aria-label": this.#words.sent });
    this.#more = node("button", "chat-more", { type: "button" }, this.#words.earlier);
    this.#more.hidden = true;
    this.#more.addEventListener("click", () => this.#older());
    this.#list = node("ol", "chat-lines");
    this.#pending = node("ol", "chat-lines chat-pending");
    this.#status = node("p", "chat-status", { role: "status" });
    scroll.append(this.#more, this.#list, this.#pending);
    // Only who goes up leaves the end: a box that shrinks or content that grows moves no place.
    let place = 0;
    scroll.addEventListener("scroll", () => {
      if (this.#atEnd()) {
        this.#end = true;
        this.markRead();
      } else if (scroll.scrollTop < place) this.#end = false;
      place = scroll.scrollTop;
    });
    const sized = new ResizeObserver(() => {
      if (!this.#end) return;
      this.toEnd(); // What nobody saw before is read now.
      if (this.#atEnd()) this.markRead();
    });
    for (const each of [scroll, this.#list, this.#pending]) sized.observe(each);
    this.#root.replaceChildren(scroll, this.#status);
    document.addEventListener("visibilitychange", () => this.#atEnd() && this.markRead());
  }

  #atEnd() {
    const scroll = this.#list.parentElement;
    return scroll.clientHeight > 0 && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  }

  async #older() {
    if (!this.#fetchOlder || this.#first <= 1) return false;
    const scroll = this.#list.parentElement;
    const before = scroll.scrollHeight;
    const lines = await this.#fetchOlder(this.#first);
    if (lines.length) this.#add(lines);
    else this.#first = 1;
    this.#more.hidden = this.#first <= 1;
    scroll.scrollTop += scroll.scrollHeight - before;
    return lines.length > 0;
  }

  #hear(news) {
    switch (news.type) {
      case "lines": {
        const follow = this.#end || this.#atEnd() || news.lines.some((line) => line.author_id === this.#person);
        this.#add(news.lines);
        if (news.lines.some((line) => line.body?.event?.startsWith("receiver_"))) for (const card of this.#list.querySelectorAll(".chat-receiver")) card.dispatchEvent(new CustomEvent("chat:stale"));
        this.#drawPending();
        this.#typing(false);
        if (follow) this.toEnd();
        if (this.#atEnd()) this.markRead();
        else this.#line.mark(this.#id, { delivered: this.#line.lastOf(this.#id) });
        this.#root.dispatchEvent(new CustomEvent("chat:lines", { bubbles: true, detail: news.lines }));
        break;
      }
      case "state":
        this.#state = news.state;
        this.#drawMarks();
        this.#onState?.(news.state);
        break;
      case "guard":
        this.#root.dispatchEvent(new CustomEvent("chat:guard"));
        break;
      case "typing":
        this.#typing(true);
        break;
      case "pending":
        this.#drawPending();
        if (this.#atEnd()) this.toEnd();
        break;
      case "refused":
        this.#drawPending();
        this.#onRefused?.(news);
        break;
      case "connection":
        this.#connection();
        this.markRead();
    }
  }

  #add(lines) {
    for (const line of lines) {
      if (line.kind === "recall") this.#takeBack(line.body.seq);
      this.#lines.set(line.seq, line);
    }
    if (!this.#lines.size) return;
    this.#first = Math.min(...this.#lines.keys());
    this.#more.hidden = this.#first <= 1 || !this.#fetchOlder;
    this.#draw();
  }

  #takeBack(seq) {
    const line = this.#lines.get(seq);
    if (!line) return;
    line.recalled = true;
    delete line.body;
    this.#list.querySelector(`[data-seq="${seq}"]`)?.remove();
  }

  // Only what is not there yet is drawn; what a reader has selected or opened stays.
  #draw() {
    let before = null;
    let next = this.#list.firstElementChild;
    for (const seq of [...this.#lines.keys()].sort((a, b) => a - b)) {
      const line = this.#lines.get(seq);
      while (next && Number(next.dataset.seq) < seq) next = next.nextElementSibling;
      if (!(next && Number(next.dataset.seq) === seq)) {
        const drawn = this.#drawLine(line, before);
        if (drawn) this.#list.insertBefore(drawn, next);
      }
      if (line.kind !== "recall") before = line;
    }
    this.#drawMarks();
  }

  #drawLine(line, before) {
    if (line.kind === "recall") return null;
    const item = node("li", "chat-line", { "data-seq": line.seq, "data-author": line.author });
    const at = new Date(line.at);
    if (!before || at - new Date(before.at) > GAP_MS) item.append(node("time", "chat-time", { datetime: line.at }, this.#time(at)));
    if (line.recalled) item.append(node("p", "chat-system", {}, line.author_id === this.#person ? this.#words.recalledMine : fill(this.#words.recalled, { name: this.#nameOf(line) })));
    else if (line.kind === "system") item.append(node("p", `chat-system chat-event-${line.body.event}`, {}, eventText(this.#words, line.body, this.#locale)));
    else item.append(this.#bubble(line));
    return item;
  }

  #bubble(line) {
    const mine = line.author === this.#side;
    const box = node("article", `chat-bubble ${mine ? "chat-mine" : "chat-theirs"} chat-kind-${line.kind}`);
    const head = node("header", "chat-name", {}, this.#nameOf(line));
    if (line.kind === "note") head.append(node("span", "chat-tag", {}, this.#words.note));
    box.append(head);
    const told = this.#lines.get(line.reply_to);
    if (line.reply_to) {
      const quote = node("button", "chat-quote", { type: "button" }, told ? this.summary(told) : `#${line.reply_to}`);
      quote.addEventListener("click", () => this.show(line.reply_to));
      box.append(quote);
    }
    box.append(this.#content(line));
    box.append(this.#tools(line, mine));
    return box;
  }

  #nameOf(line) {
    if (line.author_id === this.#person) return this.#words.me;
    if (this.#sides && line.name) return `${this.#words[line.author]} · ${line.name}`;
    return line.name || this.#words[line.author];
  }

  #content(line) {
    const body = line.body;
    if (line.kind === "text" || line.kind === "note") return textNode(body.text);
    if (line.kind === "receiver" && this.#receiver) return this.#receiver(body);
    const link = node("a", `chat-card chat-card-${line.kind}`, { target: "_blank", rel: "noopener" });
    if (line.kind === "image") {
      const image = node("img", "", { alt: body.name, loading: "lazy" });
      if (body.width && body.height) Object.assign(image, fit(body.width, body.height));
      link.append(image);
      this.#lead(link, image, body, line.kind);
      return link;
    }
    const title = line.kind === "file" ? body.name : (this.#words.kinds[body.title] ?? body.title) || body.number;
    link.append(node("span", "chat-card-kind", {}, `${this.#words[line.kind]}${body.number ? ` ${body.number}` : ""}`), node("strong", "", {}, String(title)));
    const fen = body.total_fen ?? body.price_fen;
    if (fen !== undefined) link.append(node("span", "chat-card-money", {}, yuan(fen)));
    this.#lead(link, null, body, line.kind);
    return link;
  }

  async #lead(link, image, body, kind) {
    const found = await this.#address?.(body, kind);
    if (found?.href) link.href = found.href;
    if (image && found?.src) image.src = found.src;
  }

  #tools(line, mine) {
    const tools = node("footer", "chat-tools");
    if (mine) tools.append(node("span", "chat-mark"));
    if (this.#onReply && line.kind !== "note") {
      const reply = node("button", "chat-tool", { type: "button" }, this.#words.reply);
      reply.addEventListener("click", () => this.#onReply(line));
      tools.append(reply);
    }
    if (this.#onUnknown && line.author === "buyer" && line.kind === "text") {
      const unknown = node("button", "chat-tool", { type: "button" }, this.#words.unknown);
      unknown.addEventListener("click", () => this.#onUnknown(line));
      tools.append(unknown);
    }
    const left = RECALL_MS - (Date.now() - Date.parse(line.at));
    if (line.author_id === this.#person && left > 0) {
      const recall = node("button", "chat-tool", { type: "button" }, this.#words.recall);
      recall.addEventListener("click", () => this.#line.recall(this.#id, line.seq));
      setTimeout(() => recall.remove(), left);
      tools.append(recall);
    }
    return tools;
  }

  // What a message says in one line, as a quotation of it.
  summary(line) {
    if (line.recalled) return this.#words.recall;
    const said = line.body?.text ?? line.body?.title ?? line.body?.name ?? "";
    const kind = ["text", "note"].includes(line.kind) ? "" : `[${this.#words[line.kind]}] `;
    return `${this.#nameOf(line)}: ${kind}${said}`.slice(0, 80);
  }

  // Under one's own last words stands how far the other side is; not under each of them.
  #drawMarks() {
    for (const mark of this.#list.querySelectorAll(".chat-mark")) mark.textContent = "";
    const marks = this.#state?.marks?.[this.#side === "buyer" ? "shop" : "buyer"];
    if (!marks) return;
    const mine = [...this.#lines.values()].filter((line) => line.author === this.#side && !line.recalled && line.kind !== "note" && line.kind !== "recall");
    for (const [far, word] of [[marks.delivered, this.#words.delivered], [marks.read, this.#words.read]]) {
      const last = mine.findLast((line) => line.seq <= far);
      const mark = last && this.#list.querySelector(`[data-seq="${last.seq}"] .chat-mark`);
      if (mark) mark.textContent = word;
    }
  }

  #drawPending() {
    this.#pending.replaceChildren(...this.#line.pendingOf(this.#id).map((said) => this.#pendingLine(said)));
  }

  #pendingLine(said) {
    const item = node("li", "chat-line", { "data-author": this.#side });
    const box = node("article", "chat-bubble chat-mine chat-unsent");
    box.append(textNode(said.body.text ?? said.body.name ?? said.body.title ?? this.#words[said.kind]));
    const tools = node("footer", "chat-tools");
    if (!said.refused) tools.append(node("span", "chat-mark", {}, this.#line.isOnline ? this.#words.sending : this.#words.waiting));
    else {
      tools.append(node("span", "chat-failed", {}, `${this.#words.failed}: ${said.refused.message}`));
      for (const [word, act] of [["retry", () => this.#line.again(said.client_id)], ["drop", () => this.#line.drop(said.client_id)]]) {
        const button = node("button", "chat-tool", { type: "button" }, this.#words[word]);
        button.addEventListener("click", act);
        tools.append(button);
      }
    }
    box.append(tools);
    item.append(box);
    return item;
  }

  #typing(is) {
    clearTimeout(this.#typingTimer);
    if (is) this.#typingTimer = setTimeout(() => this.#connection(), TYPING_MS);
    this.#status.textContent = is ? this.#words.typing : "";
  }

  #connection() {
    this.#status.textContent = this.#line.isReady(this.#id) ? "" : this.#line.isOnline ? this.#words.catchingUp : this.#words.offline;
    this.#root.classList.toggle("chat-away", !this.#line.isOnline);
    this.#root.dispatchEvent(new CustomEvent("chat:ready", { bubbles: true, detail: this.#line.isReady(this.#id) }));
    this.#drawPending();
  }

  #time(at) {
    const day = (date) => date.toLocaleDateString("sv", { timeZone: ZONE });
    const tag = this.#locale === "zh" ? "zh-CN" : "en-GB";
    const clock = at.toLocaleTimeString(tag, { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
    if (day(at) === day(new Date())) return clock;
    if (day(at) === day(new Date(Date.now() - 864e5))) return `${this.#words.yesterday} ${clock}`;
    return `${at.toLocaleDateString(tag, { timeZone: ZONE, month: "short", day: "numeric" })} ${clock}`;
  }
}

export function node(tag, classes = "", attributes = {}, text = "") {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

export const yuan = (fen) => `¥${(fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

// Text with its addresses as links, which lead out of here without taking anything along.
function textNode(text) {
  const paragraph = node("p", "chat-text", { dir: "auto" });
  for (const part of text.split(/(https?:\/\/[^\s<>"'，。；！？、）】]+)/)) {
    if (/^https?:\/\//.test(part)) paragraph.append(node("a", "", { href: part, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, part));
    else if (part) paragraph.append(part);
  }
  return paragraph;
}

function fit(width, height) {
  const scale = Math.min(1, 220 / width, 220 / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

// A composer that sends on Enter, but never what an input method is still composing; Shift makes a line.
export function composer(field, send, typing = () => {}) {
  let told = 0;
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
  field.addEventListener("input", () => {
    if (Date.now() - told < 2500 || !field.value.trim()) return;
    told = Date.now();
    typing();
  });
}
