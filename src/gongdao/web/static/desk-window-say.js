// What an agent writes: text with a draft of its own for each conversation, scripts, notes with
// mentions, pictures and files, cards; and what the rules mind in it before it goes out.

import { composer as entersSend } from "./chat-view.js";
import { Drafts } from "./desk-window-drafts.js";
import { Uploads } from "./desk-window-files.js";
import { Knowledge } from "./desk-window-knowledge.js";
import { Pick } from "./desk-window-pick.js";

const find = (id) => document.getElementById(id);
const CHECK_AFTER_MS = 350;
const FIND_AFTER_MS = 120;

export class Composer {
  #line; #api; #words; #person; #toast; #current;
  #field = find("desk-text");
  #note = find("desk-note");
  #send = find("desk-send");
  #remarks = find("desk-remarks");
  #reply = null;
  #script = "";
  #mentioned = new Map();
  #checked = { text: "", blocked: false };
  #timers = {};
  #scripts; #colleagues; #drafts;

  constructor({ line, api, words, person, toast, current }) {
    this.#line = line;
    this.#words = words;
    this.#api = api;
    this.#person = person;
    this.#toast = toast;
    this.#current = current;
    this.#drafts = new Drafts(person);
    this.#scripts = new Pick(find("desk-scripts"), this.#field, (script) => this.#takeScript(script));
    this.#colleagues = new Pick(find("desk-mentions"), this.#field, (colleague) => this.#mention(colleague));
    this.knowledge = new Knowledge({ field: this.#field, current, toast, ask: (...asked) => this.#ask(...asked), put: (text) => this.#putScript("", { text, blanks: [] }) });
    // The picks hear keys first: Enter takes a script, it does not send half of its name.
    entersSend(this.#field, () => this.#say(), () => this.#tellTyping());
    this.#field.addEventListener("input", () => this.#typed());
    find("desk-say").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#note.addEventListener("change", () => this.#noted());
    find("desk-scripts-open").addEventListener("click", () => this.#searchScripts());
    find("desk-emoji-open").addEventListener("click", () => this.#emoji(find("desk-emoji").hidden));
    find("desk-emoji").addEventListener("click", (event) => this.#insertEmoji(event));
    find("desk-say").addEventListener("keydown", (event) => this.#putAway(event));
    document.querySelector("[data-no-reply]").addEventListener("click", () => this.reply(null));
    find("desk-suggestions").addEventListener("click", (event) => this.#suggested(event));
    new Uploads({ line, words, toast, current, field: this.#field, notes: this.#remarks, isNote: () => this.#note.checked, api });
  }

  // Another conversation is open: its draft, and nothing of the one before it.
  show(talk) {
    const draft = this.#drafts.read(talk.id) ?? {};
    this.#field.value = draft.text ?? "";
    this.#note.checked = Boolean(draft.note);
    this.#script = draft.script ?? "";
    this.#mentioned = new Map(draft.mentioned ?? []);
    this.#checked = { text: "", blocked: false };
    this.#remarks.replaceChildren();
    this.reply(draft.reply ? talk.view.lineOf(draft.reply) : null);
    this.#scripts.close();
    this.#colleagues.close();
    this.#noted();
    this.ready();
    this.#suggest();
    if (this.#field.value) this.#checkSoon();
  }

  // One may answer once everything that was said is on the screen.
  ready() {
    const talk = this.#current();
    const over = talk?.state?.state === "closed" && !this.#note.checked;
    this.#send.disabled = !talk?.ready || over;
    this.#field.toggleAttribute("data-waits", !talk?.ready);
    this.#send.title = over ? this.#words.over : talk?.ready ? "" : this.#words.catchingUp;
    this.#field.placeholder = over ? this.#words.over : this.#note.checked ? this.#field.dataset.placeholderNote : this.#words.placeholder;
  }

  focus() {
    this.#field.focus();
  }

  reply(said) {
    this.#reply = said?.seq ?? null;
    find("desk-reply").hidden = !said;
    if (!said) return void this.#keep();
    find("desk-reply").querySelector("span").textContent = `${this.#words.replying} ${this.#current().view.summary(said)}`;
    this.#keep();
    this.focus();
  }

  card(kind, id) {
    const talk = this.#current();
    if (!talk || talk.state?.state === "closed") return;
    this.#line.say(talk.id, { kind, body: { [`${kind}_id`]: id }, seen: talk.view.seen });
  }

  // What was refused comes back into the field, unless something else is being written there.
  refused(talk, { said, code, message }) {
    const isText = said && ["text", "note"].includes(said.kind);
    const newer = code === "version_conflict";
    if (isText && this.#current() === talk && !this.#field.value.trim()) {
      this.#line.drop(said.client_id);
      this.#field.value = said.body.text;
      this.#note.checked = said.kind === "note";
      this.#keep();
      this.#noted();
    }
    if (newer) this.#markNewer(talk);
    if (this.#current() === talk) this.#remark([{ level: "block", reason: newer ? this.#words.newer : message }]);
    else this.#toast(message, "refusal");
  }

  #markNewer(talk) {
    let seq = talk.view.seen;
    while (seq > 0 && !this.#isColleagues(talk.view.lineOf(seq))) seq -= 1;
    if (seq) talk.view.show(seq);
  }

  #isColleagues(said) {
    return said?.author === "shop" && said.author_id !== this.#person && !["note", "recall"].includes(said.kind);
  }

  // ---- writing

  #typed() {
    this.#keep();
    this.#checkSoon();
    const { value, selectionEnd } = this.#field;
    const before = value.slice(0, selectionEnd);
    if (/^\/[^\n]{0,40}$/.test(value)) this.#findSoon(value.slice(1));
    else this.#scripts.close();
    const named = this.#note.checked && /@([^\s@]{0,12})$/.exec(before);
    if (named) this.#offerColleagues(named[1]);
    else this.#colleagues.close();
  }

  #say() {
    const talk = this.#current();
    const text = this.#field.value.trim();
    if (!talk || !text || this.#send.disabled) return;
    const isNote = this.#note.checked;
    // A text that was not looked at yet is looked at by the server before it goes out.
    if (!isNote && this.#checked.blocked && this.#checked.text === text) return void this.#remarks.classList.add("desk-remarks-now");
    const mentions = [...this.#mentioned].filter(([name]) => text.includes(`@${name}`)).map(([, id]) => id);
    const body = isNote ? { text, mentions } : { text };
    const said = this.#line.say(talk.id, { kind: isNote ? "note" : "text", body, reply_to: this.#reply ?? undefined, seen: talk.view.seen });
    if (this.#script && !isNote) this.#countScript(this.#script, talk.id, said);
    this.#script = "";
    this.#mentioned.clear();
    this.#field.value = "";
    this.#reply = null;
    find("desk-reply").hidden = true;
    this.#note.checked = false;
    this.#noted();
    this.#remarks.replaceChildren();
    this.#emoji(false);
    find("desk-suggestions").replaceChildren();
    this.#drafts.forget(talk.id);
  }

  #tellTyping() {
    const talk = this.#current();
    if (talk && !this.#note.checked) this.#line.typing(talk.id);
  }

  #noted() {
    find("desk-say").classList.toggle("desk-say-note", this.#note.checked);
    if (this.#note.checked) this.#remarks.replaceChildren();
    else this.#checkSoon();
    this.#keep();
    this.ready();
  }

  #emoji(open) {
    find("desk-emoji").hidden = !open;
    find("desk-emoji-open").setAttribute("aria-expanded", String(open));
  }

  // Escape shuts what is open; where nothing is, it leaves the field.
  #putAway(event) {
    if (event.key !== "Escape" || find("desk-emoji").hidden) return;
    event.stopPropagation();
    this.#emoji(false);
    this.focus();
  }

  #insertEmoji(event) {
    const { emoji } = event.target.dataset;
    if (!emoji) return;
    this.#field.setRangeText(emoji, this.#field.selectionStart, this.#field.selectionEnd, "end");
    this.#field.dispatchEvent(new Event("input"));
    this.focus();
  }

  // ---- drafts

  #keep() {
    const talk = this.#current();
    if (!talk) return;
    const text = this.#field.value;
    if (!text && !this.#reply) return void this.#drafts.forget(talk.id);
    this.#drafts.keep(talk.id, { text, note: this.#note.checked, reply: this.#reply, script: this.#script, mentioned: [...this.#mentioned] });
  }

  // ---- manners

  #checkSoon() {
    clearTimeout(this.#timers.check);
    const text = this.#field.value.trim();
    if (!text) return void this.#remark([]);
    if (this.#note.checked) return;
    this.#timers.check = setTimeout(() => this.#check(text), CHECK_AFTER_MS);
  }

  async #check(text) {
    const talk = this.#current();
    const answer = talk && (await this.#ask("POST", "desk/check-text", { text, conversation: talk.id }));
    if (!answer || this.#field.value.trim() !== text || this.#current() !== talk) return;
    this.#checked = { text, blocked: answer.blocked };
    this.#remark(answer.remarks.map((each) => ({ ...each, words: text.slice(each.start, each.end) })));
  }

  #remark(remarks) {
    this.#remarks.classList.remove("desk-remarks-now");
    this.#field.toggleAttribute("aria-invalid", remarks.some((each) => each.level === "block"));
    this.#remarks.replaceChildren(
      ...remarks.slice(0, 3).map((each) => {
        const said = document.createElement("p");
        said.className = each.level === "block" ? "desk-remark desk-remark-block" : "desk-remark";
        const word = document.createElement("b");
        word.textContent = each.words ? `“${each.words.slice(0, 20)}” ` : "";
        said.append(word, each.reason);
        if (each.source) said.title = each.source;
        return said;
      }),
    );
  }

  // ---- scripts

  #searchScripts() {
    if (!this.#field.value.startsWith("/")) this.#field.value = `/${this.#field.value}`;
    this.focus();
    this.#findSoon(this.#field.value.slice(1));
  }

  #findSoon(query) {
    clearTimeout(this.#timers.find);
    this.#timers.find = setTimeout(async () => {
      const found = await this.#ask("GET", `desk/scripts?limit=8&conversation=${this.#current().id}&q=${encodeURIComponent(query)}`);
      if (found && this.#field.value === `/${query}`) {
        this.#scripts.open(found.scripts.map((each) => ({ ...each, label: each.title, more: each.text })), this.#words.noScripts);
      }
    }, FIND_AFTER_MS);
  }

  async #takeScript(script) {
    const talk = this.#current();
    const filled = await this.#ask("GET", `desk/scripts/${script.ref}/filled?conversation=${talk.id}&locale=${script.locale}`);
    if (filled && this.#current() === talk) this.#putScript(script.ref, filled);
  }

  // A reply that was made elsewhere: into the field, or out at once.
  script({ useScript, text, blank, now }) {
    const [start, end] = blank?.split("-").map(Number) ?? [];
    this.#putScript(useScript, { text, blanks: blank ? [{ start, end }] : [] });
    if (now !== undefined) this.#say();
  }

  #putScript(ref, { text, blanks }) {
    this.#field.value = text;
    this.#script = ref;
    this.focus();
    const blank = blanks[0];
    this.#field.setSelectionRange(blank?.start ?? text.length, blank?.end ?? text.length);
    this.#typed();
    find("desk-suggestions").replaceChildren();
  }

  #countScript(script, conversation, clientId) {
    // Counted once the message stands there; until then there is nothing to count.
    setTimeout(() => this.#ask("POST", "desk/script-uses", { script, conversation, client_id: clientId }), 1500);
  }

  // What may answer the buyer's last words, as long as nothing is being written.
  async #suggest() {
    const box = find("desk-suggestions");
    box.replaceChildren();
    const talk = this.#current();
    const last = talk && this.#lastAsked(talk);
    if (!last || this.#field.value) return;
    const found = await this.#ask("POST", "desk/suggestions", { text: last.body.text, conversation: talk.id, limit: 3 });
    if (!found || this.#current() !== talk || this.#field.value || this.#lastAsked(talk) !== last) return;
    box.replaceChildren(
      ...found.suggestions.map((each) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "desk-suggestion";
        button.title = each.why;
        button.textContent = each.text;
        button.dataset.suggestion = JSON.stringify({ ref: each.script.ref, text: each.text, blanks: each.blanks });
        return button;
      }),
    );
  }

  #lastAsked(talk) {
    for (let seq = talk.view.seen; seq > Math.max(0, talk.view.seen - 20); seq -= 1) {
      const said = talk.view.lineOf(seq);
      if (said?.author === "shop" && !["note", "recall"].includes(said.kind)) return null;
      if (said?.author === "buyer" && said.kind === "text" && !said.recalled) return said;
    }
    return null;
  }

  #suggested(event) {
    const chosen = event.target.closest("[data-suggestion]");
    if (!chosen) return;
    const { ref, ...filled } = JSON.parse(chosen.dataset.suggestion);
    this.#putScript(ref, filled);
  }

  // New words of the buyer change what may be answered.
  heard() {
    this.#suggest();
  }

  // ---- mentions

  #offerColleagues(begin) {
    const all = [...document.querySelectorAll("#desk-colleagues li")].map((each) => ({ id: each.dataset.id, label: each.textContent }));
    const fit = all.filter((each) => each.label.toLowerCase().includes(begin.toLowerCase())).slice(0, 8);
    if (fit.length) this.#colleagues.open(fit);
    else this.#colleagues.close();
  }

  #mention({ id, label }) {
    const end = this.#field.selectionEnd;
    const start = this.#field.value.lastIndexOf("@", end - 1);
    this.#mentioned.set(label, id);
    this.#field.setRangeText(`@${label} `, Math.max(0, start), end, "end");
    this.#keep();
    this.focus();
  }

  // What could not be asked has no answer, and the talk goes on without it; `failed` is said of what matters.
  #ask(method, path, body, failed = "") {
    return this.#api(`/${path}`, { method, body }).catch((problem) => {
      if (failed) this.#toast(problem.message || failed, "refusal");
      return null;
    });
  }
}
