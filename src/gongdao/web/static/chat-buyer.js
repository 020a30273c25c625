// A buyer's conversation with a shop: whom to talk to, the messages, the composer. Mounted on our own page
// and, by the widget, on any page of a shop; `api(path, options)` brings the session or the token along.

import { ChatLine, newId } from "./chat-line.js";
import { TalkView, composer, node, yuan } from "./chat-view.js";
import { BUYER_WORDS } from "./chat-buyer-words.js";
import { button, chooser, storefront } from "./chat-front.js";
import { TalkGuard } from "./chat-guard.js";
import { receiverCard } from "./chat-receiver.js";
import { fill } from "./chat-words.js";

const IMAGE_TYPES = "image/png,image/jpeg,image/webp,image/gif";
const FILE_TYPES = `${IMAGE_TYPES},application/pdf,video/mp4`;
const EMOJI = "😊 😄 🙏 👍 ❤️ 🎉 😭 😅 😡 🤔 👌 🌹 📦 🚚 💰 ⏰".split(" ");
const GRADES = [1, 2, 3, 4, 5];

export class BuyerChat {
  #root; #shop; #api; #socket; #person; #locale; #words; #fileOf; #line = null; #view = null; #talk = null;
  #parts = {}; #replyTo = null; #order; #opening = null; #wish = null; #first = null; #help;

  constructor({ root, shop, shopName, api, socket, token = "", person, locale = "zh", order = null, conversation = null, fileOf, help = "/help/scam" }) {
    this.#root = root;
    this.#shop = shop;
    this.#api = api;
    this.#person = person;
    this.#locale = locale;
    this.#words = BUYER_WORDS[locale];
    this.#fileOf = fileOf;
    this.#help = help;
    this.#order = order;
    this.#line = new ChatLine({ address: socket, token, person });
    this.#line.addEventListener("signed-out", () => this.#root.querySelector(".chat-status")?.replaceChildren(this.#words.signedOut));
    this.#build(shopName);
    this.#line.connect();
    if (conversation) this.#enter(conversation);
    else this.#begin();
  }

  end() {
    this.#line.end();
    this.#root.replaceChildren();
  }

  #build(shopName) {
    const words = this.#words;
    const parts = this.#parts;
    parts.head = node("header", "chat-head");
    parts.title = node("h2", "chat-title", {}, shopName ?? "");
    parts.standing = node("p", "chat-standing", { role: "status" });
    parts.close = button(words.close, "chat-close-talk", () => this.#close());
    parts.close.hidden = true;
    const names = node("div", "chat-head-names");
    names.append(parts.title, parts.standing);
    parts.head.append(names, parts.close);
    parts.body = node("div", "chat-body");
    parts.grade = node("div", "chat-grade", { hidden: "" });
    parts.foot = node("form", "chat-foot");
    this.#buildFoot();
    this.#root.replaceChildren(parts.head, parts.body, parts.grade, parts.foot);
    parts.foot.hidden = true;
    for (const type of ["dragover", "drop"]) parts.body.addEventListener(type, (event) => this.#dropped(event));
    parts.body.addEventListener("chat:ready", (event) => this.#enable(event.detail));
  }

  #buildFoot() {
    const words = this.#words;
    const parts = this.#parts;
    parts.reply = node("p", "chat-reply", { hidden: "" });
    parts.text = node("textarea", "chat-input", { rows: "1", maxlength: "4000", "aria-label": words.write, placeholder: words.write, enterkeyhint: "send" });
    parts.send = node("button", "chat-send", { type: "submit" }, words.send);
    parts.camera = chooser(IMAGE_TYPES, (files) => this.#sendFiles(files), { capture: "environment" });
    parts.files = chooser(FILE_TYPES, (files) => this.#sendFiles(files), { multiple: "" });
    parts.more = node("div", "chat-tray", { hidden: "" });
    const tools = node("div", "chat-toolbar");
    tools.append(
      button("☺", "chat-tool-button", () => this.#toggle("emoji"), words.emoji),
      button(words.picture, "chat-tool-button", () => parts.files.click()),
      button(words.camera, "chat-tool-button chat-camera", () => parts.camera.click()),
      button(words.orders, "chat-tool-button", () => this.#toggle("orders")),
      parts.files,
      parts.camera,
    );
    const row = node("div", "chat-row");
    row.append(parts.text, parts.send);
    parts.foot.append(parts.reply, tools, parts.more, row);
    parts.foot.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#sendText();
    });
    composer(parts.text, () => this.#sendText(), () => this.#talk && this.#line.typing(this.#talk.id));
    parts.text.addEventListener("input", () => this.#grow());
    parts.text.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (!files.length) return;
      event.preventDefault();
      this.#sendFiles(files);
    });
  }

  // Where one is under way it is taken up; else the buyer chooses whom to talk to.
  async #begin() {
    const words = this.#words;
    try {
      const [open, front] = await Promise.all([
        this.#api(`/conversations?view=open`),
        this.#api(`/shops/${this.#shop}/storefront`),
      ]);
      const mine = open.conversations.find((each) => each.shop_id === this.#shop && !each.case_id);
      if (mine) return void (await this.#enter(mine.id));
      this.#front(front);
    } catch (problem) {
      this.#say(problem.message || words.broken, () => this.#begin());
    }
  }

  #front(front) {
    const parts = this.#parts;
    parts.body.replaceChildren(storefront(front, { words: this.#words, time: (at) => this.#time(at), choose: (...chosen) => this.#choose(...chosen) }));
    parts.standing.textContent = front.lit ? this.#words.lit : this.#words.grey;
    parts.foot.hidden = parts.close.hidden = true;
  }

  // Whom they want is remembered; the conversation is made with their first message.
  #choose(wish, name, lit) {
    const words = this.#words;
    const parts = this.#parts;
    this.#wish = wish;
    this.#view?.end();
    this.#view = this.#talk = null;
    parts.body.replaceChildren(node("p", "chat-system", {}, lit ? words.first : words.firstGrey), button(words.other, "chat-group", () => this.#begin()));
    parts.standing.textContent = [name, lit ? words.lit : words.grey].filter(Boolean).join(" · ");
    parts.text.placeholder = words.write;
    parts.send.textContent = words.send;
    parts.grade.hidden = true;
    parts.grade.replaceChildren();
    parts.foot.hidden = false;
    this.#enable(true);
    parts.text.focus({ preventScroll: true });
  }

  // Says something, if need be as the first message; whether it is on its way.
  async #tell(message) {
    if (this.#talk && !this.#talk.over) return Boolean(this.#line.say(this.#talk.id, message));
    const { kind = "text", body } = message;
    // Words stay in their field meanwhile; a picture goes into it.
    if (this.#opening) return kind !== "text" && this.#opening.then(() => this.#tell(message));
    return (this.#opening = this.#openWith(kind, body).finally(() => (this.#opening = null)));
  }

  async #openWith(kind, body) {
    const said = JSON.stringify([kind, body]);
    // Tried again after a broken connection it is the same message, and said once.
    if (this.#first?.said !== said) this.#first = { said, client_id: newId() };
    const wanted = { shop_id: this.#shop, locale: this.#locale, order_id: this.#order || undefined, ...this.#wish, first: { client_id: this.#first.client_id, kind, body } };
    try {
      const opened = await this.#api("/conversations", { method: "POST", body: wanted });
      await this.#enter(opened.conversation.id);
      this.#wish = this.#first = null;
      if (this.#order && opened.is_new && kind !== "order") this.#line.say(this.#talk.id, { kind: "order", body: { order_id: this.#order } });
      return true;
    } catch (problem) {
      this.#toast(problem.message);
      return false;
    }
  }

  async #enter(conversation) {
    const page = await this.#api(`/conversations/${conversation}/messages?limit=30`);
    this.#view?.end();
    this.#talk = { id: conversation };
    const box = node("div", "chat-talk");
    this.#parts.body.replaceChildren(box);
    this.#view = new TalkView({
      root: box,
      line: this.#line,
      conversation,
      side: "buyer",
      person: this.#person,
      locale: this.#locale,
      lines: page.messages,
      after: page.last_seq,
      fetchOlder: async (before) => (await this.#api(`/conversations/${conversation}/messages?before=${before}&limit=30`)).messages,
      address: (body, kind) => this.#address(body, kind),
      receiver: (body) => receiverCard(body, { api: this.#api, locale: this.#locale, answers: true }),
      onReply: (line) => this.#reply(line),
      onState: (state) => this.#standing(state),
      onRefused: (news) => this.#refused(news),
    });
    const help = this.#fileOf ? this.#help : `${this.#help}?conversation=${conversation}`;
    new TalkGuard({ root: box, view: this.#view, conversation, api: this.#api, locale: this.#locale, help });
    this.#parts.foot.hidden = false;
    this.#parts.text.value ||= this.#draft() ?? "";
    this.#grow();
    this.#parts.text.focus({ preventScroll: true });
    this.#root.dispatchEvent(new CustomEvent("chat:entered", { detail: { conversation, view: this.#view, box } }));
  }

  async #address(body, kind) {
    if (kind === "order") return { href: this.#fileOf ? null : `/orders/${body.order_id}` };
    if (kind === "case") return { href: this.#fileOf ? null : `/cases/${body.case_id}` };
    if (kind === "product") return {};
    if (this.#fileOf) return this.#fileOf(body, kind);
    return { href: `/files/${body.file_id}`, src: kind === "image" ? `/files/${body.file_id}/thumb` : undefined };
  }

  #standing(state) {
    const words = this.#words;
    const parts = this.#parts;
    const said = {
      waiting: state.place ? fill(words.place, { place: state.place }) : words.waiting,
      open: state.agent ? fill(words.with, { agent: state.agent }) : "",
      closed: words.closed,
    };
    parts.standing.textContent = said[state.state];
    parts.close.hidden = state.state === "closed" || Boolean(state.case_id);
    const over = state.state === "closed";
    parts.text.placeholder = over ? words.over : words.write;
    parts.send.textContent = over ? words.again : words.send;
    this.#talk.over = over;
    this.#drawGrade(state);
  }

  #drawGrade(state) {
    const box = this.#parts.grade;
    box.hidden = !(state.invited && !state.grade);
    if (box.hidden || box.childElementCount) return;
    box.append(node("span", "chat-grade-ask", {}, this.#words.grade));
    const stars = node("span", "chat-stars", { role: "group", "aria-label": this.#words.grade });
    for (const grade of GRADES) stars.append(button("★", "chat-star", () => this.#grade(grade), fill(this.#words.stars, { grade })));
    box.append(stars);
  }

  async #grade(grade) {
    try {
      await this.#api(`/conversations/${this.#talk.id}/grade`, { method: "PUT", body: { grade } });
      this.#parts.grade.replaceChildren(node("span", "", {}, this.#words.thanks));
    } catch (problem) {
      this.#toast(problem.message);
    }
  }

  #close() {
    this.#api(`/conversations/${this.#talk.id}/closure`, { method: "PUT", body: {} }).catch((problem) => this.#toast(problem.message));
  }

  // What was written to a conversation that is over begins the next one.
  async #sendText() {
    const text = this.#parts.text.value.trim();
    if (!text) return void (this.#talk?.over && this.#begin());
    if (!(await this.#tell({ body: { text }, reply_to: this.#replyTo ?? undefined }))) return;
    if (this.#parts.text.value.trim() === text) this.#parts.text.value = "";
    this.#reply(null);
    this.#keepDraft();
    this.#grow();
    this.#view.toEnd();
  }

  async #sendFiles(files) {
    for (const file of files) {
      const name = file.name || this.#words.picture;
      const going = node("p", "chat-system", { role: "status" }, fill(this.#words.sending, { name }));
      this.#parts.foot.prepend(going);
      try {
        const waits = () => (going.textContent = fill(this.#words.held, { name }));
        const kept = await this.#line.carry(() => this.#api("/files", { method: "POST", file }), waits);
        const kind = kept.media_type.startsWith("image/") ? "image" : "file";
        await this.#tell({ kind, body: { file_id: kept.id, name } });
      } catch (problem) {
        this.#toast(problem.message);
      } finally {
        going.remove();
      }
    }
  }

  #dropped(event) {
    if (this.#parts.foot.hidden || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") this.#sendFiles([...event.dataTransfer.files]);
  }

  #toggle(what) {
    const tray = this.#parts.more;
    const shown = !tray.hidden && tray.dataset.shows === what;
    tray.hidden = shown;
    tray.dataset.shows = what;
    if (shown) return;
    if (what === "emoji") tray.replaceChildren(...EMOJI.map((each) => button(each, "chat-emoji", () => this.#insert(each))));
    else this.#drawOrders(tray);
  }

  async #drawOrders(tray) {
    tray.replaceChildren(node("p", "", {}, "…"));
    try {
      const page = await this.#api(`/orders?limit=50`);
      const mine = page.orders.filter((each) => each.shop_id === this.#shop).slice(0, 20);
      if (!mine.length) return void tray.replaceChildren(node("p", "", {}, this.#words.noOrders));
      tray.replaceChildren(...mine.map((order) => {
        const pick = button("", "chat-order", () => {
          this.#tell({ kind: "order", body: { order_id: order.id } });
          tray.hidden = true;
        });
        pick.append(node("strong", "", {}, order.lines[0]?.title ?? order.number), node("span", "", {}, `${order.number} · ${yuan(Math.round(Number(order.paid) * 100))}`));
        return pick;
      }));
    } catch (problem) {
      tray.replaceChildren(node("p", "", {}, problem.message || this.#words.broken));
    }
  }

  #insert(text) {
    const field = this.#parts.text;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    this.#grow();
  }

  #reply(line) {
    this.#replyTo = line?.seq ?? null;
    const box = this.#parts.reply;
    box.hidden = !line;
    if (!line) return;
    box.replaceChildren(node("span", "", {}, this.#view.summary(line)), button("×", "chat-reply-drop", () => this.#reply(null), this.#words.noReply));
    this.#parts.text.focus();
  }

  #refused(news) {
    if (news.code === "not_allowed_in_stage" && news.said) {
      this.#parts.text.value ||= news.said.body.text ?? "";
      this.#line.drop(news.said.client_id);
      this.#talk.over = true;
    } else if (!news.said && news.message) this.#toast(news.message);
  }

  #enable(ready) {
    this.#parts.foot.classList.toggle("chat-not-ready", !ready);
  }

  #grow() {
    const field = this.#parts.text;
    field.rows = Math.min(6, Math.max(1, field.value.split("\n").length));
    this.#keepDraft();
  }

  #draft() {
    try {
      return localStorage.getItem(`gongdao.draft.${this.#talk.id}`);
    } catch {
      return "";
    }
  }

  #keepDraft() {
    if (!this.#talk) return;
    try {
      const name = `gongdao.draft.${this.#talk.id}`;
      if (this.#parts.text.value) localStorage.setItem(name, this.#parts.text.value);
      else localStorage.removeItem(name);
    } catch {
      // The browser keeps nothing for us; the page still has it.
    }
  }

  #toast(text) {
    const box = node("p", "chat-toast", { role: "alert" }, text || this.#words.broken);
    this.#root.append(box);
    setTimeout(() => box.remove(), 5000);
  }

  #say(text, again) {
    this.#parts.body.replaceChildren(node("p", "chat-system", { role: "alert" }, text), button(this.#words.retry, "chat-group", again));
  }

  #time(at) {
    return new Date(at).toLocaleString(this.#locale === "zh" ? "zh-CN" : "en-GB", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  }
}

// Calls our API: with the token where there is one, else with the session and its form token.
export function apiOf({ base = "", token = "", csrf = "", locale = "zh" }) {
  return async function call(path, { method = "GET", body, file } = {}) {
    const headers = { "Accept-Language": locale };
    if (token) headers.Authorization = `Bearer ${token}`;
    else if (csrf) headers["X-CSRF-Token"] = csrf;
    let sent;
    if (file) {
      sent = new FormData();
      sent.append("file", file, file.name || `${newId()}.png`);
    } else if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      sent = JSON.stringify(body);
    }
    // A lost network is told in our words, not the browser's.
    const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body: sent, credentials: token ? "omit" : "same-origin" }).catch(() => Promise.reject(new Error()));
    if (answer.status === 204) return null;
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(told.detail ?? told.title ?? ""), { code: told.code, status: answer.status });
    return told;
  };
}
