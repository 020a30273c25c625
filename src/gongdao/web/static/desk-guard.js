// What the guard tells an agent of a buyer's messages, and an arbiter of both sides': a small mark under the
// message with the words that show it, and whether they find that right or wrong. Where nothing was found
// though something is there, the message's tools say so. None of it decides anything.

import { newId } from "./chat-line.js";
import { node } from "./chat-view.js";

const WORDS = {
  zh: {
    title: "留意", right: "对", wrong: "不对", again: "改一下", isRight: "已标记：判断正确", isWrong: "已标记：判断有误", why: "哪里不对？", save: "提交", cancel: "取消", thanks: "已记录，会用来改进判断。", failed: "没有提交成功，请再试一次。",
    reasons: ["正常的售后诉求", "意思理解反了", "引用别人的话或开玩笑"], other: "其他（请说明）", missed: "漏报", missedWhat: "这句话里漏了什么？", missedWhy: "补充说明（选填）",
  },
  en: {
    title: "To mind", right: "Right", wrong: "Wrong", again: "Change it", isRight: "Marked: right", isWrong: "Marked: wrong", why: "What is wrong about it?", save: "Save", cancel: "Cancel", thanks: "Noted; it will be used to do better.", failed: "It could not be saved. Please try again.",
    reasons: ["An ordinary request", "It means the opposite", "A quotation or a joke"], other: "Something else", missed: "Missed", missedWhat: "What was missed in this message?", missedWhy: "More (if you like)",
  },
};
const WHY_MAX = 500;

export class DeskGuard {
  #root; #view; #conversation; #api; #locale; #toast; #kinds; #judges; #list; #words;
  #signs = new Map();
  #asked = 0;

  // `kinds`: a list to choose from of what may have been missed; `judges`: in whose messages.
  constructor({ root, view, conversation, api, locale, toast, kinds, judges = ["buyer"] }) {
    this.#root = root;
    this.#view = view;
    this.#conversation = conversation;
    this.#api = api;
    this.#locale = locale;
    this.#toast = toast;
    this.#kinds = kinds;
    this.#judges = judges;
    this.#words = WORDS[locale];
    this.#list = root.querySelector(".chat-lines");
    root.addEventListener("chat:guard", () => this.#look());
    // What was found while the line was broken is told to nobody: it is asked for once it stands.
    root.addEventListener("chat:ready", (event) => event.detail && this.#look());
    new MutationObserver(() => this.#draw()).observe(this.#list, { childList: true });
    this.#draw();
    this.#look();
  }

  async #look() {
    const turn = ++this.#asked;
    const told = await this.#api(`/conversations/${this.#conversation}/warnings`).catch(() => null);
    if (!told || turn !== this.#asked) return;
    this.#signs = new Map();
    for (const each of told.signs) if (each.seq) this.#signs.set(each.seq, [...(this.#signs.get(each.seq) ?? []), each]);
    this.#draw();
  }

  // Only what is new or has changed is drawn; a form that is open stays open.
  #draw() {
    for (const item of this.#list.querySelectorAll("[data-seq]")) {
      const seq = Number(item.dataset.seq);
      if (this.#judges.includes(item.dataset.author)) this.#offerMissed(item, seq);
      const signs = this.#signs.get(seq) ?? [];
      const said = JSON.stringify(signs.map((each) => [each.finding_id, each.verdict]));
      const drawn = item.querySelector(":scope > .desk-signs");
      if (!signs.length || drawn?.dataset.said === said) continue;
      const box = node("ul", "desk-signs", { "data-said": said, "aria-label": this.#words.title });
      for (const each of signs) box.append(this.#sign(each));
      if (drawn) drawn.replaceWith(box);
      else item.append(box);
      this.#show(item, signs);
    }
  }

  #sign(sign) {
    const item = node("li", `desk-sign${sign.verdict === "wrong" ? " desk-sign-wrong" : ""}`);
    item.append(node("span", "desk-sign-said", {}, sign.say[this.#locale]));
    const acts = node("span", "desk-sign-acts");
    if (sign.verdict) {
      acts.append(node("em", "", {}, this.#words[sign.verdict === "right" ? "isRight" : "isWrong"]), press(this.#words.again, () => acts.replaceChildren(...this.#choices(sign, item)), sign.say[this.#locale]));
    } else acts.append(...this.#choices(sign, item));
    item.append(acts);
    return item;
  }

  #choices(sign, item) {
    const of = sign.say[this.#locale];
    return [press(this.#words.right, () => this.#mark(sign, "right", ""), of), press(this.#words.wrong, () => this.#askWhy(sign, item), of)];
  }

  // Why it is wrong: one click for what is usual, a line for anything else.
  #askWhy(sign, item) {
    if (item.querySelector("form")) return;
    const { reasons, other, why, save, cancel } = this.#words;
    const form = node("form", "desk-sign-why", { "aria-label": why });
    for (const each of reasons) form.append(press(each, () => this.#mark(sign, "wrong", each)));
    const field = node("input", "", { name: "why", maxlength: WHY_MAX, "aria-label": other, placeholder: other, autocomplete: "off" });
    form.append(field, node("button", "btn btn-sm", { type: "submit" }, save), press(cancel, () => form.remove()));
    submits(form, () => field.value.trim() && this.#mark(sign, "wrong", field.value.trim()));
    item.append(form);
    form.querySelector("button").focus();
  }

  async #mark(sign, verdict, why) {
    await this.#send("/guard/marks", { id: newId(), finding_id: sign.finding_id, verdict, why });
    await this.#look();
  }

  #offerMissed(item, seq) {
    const tools = item.querySelector(".chat-tools");
    if (!tools || tools.querySelector(".desk-missed") || this.#kinds.options.length < 2) return;
    const offer = node("button", "chat-tool desk-missed", { type: "button" }, this.#words.missed);
    offer.addEventListener("click", () => this.#askMissed(item, seq));
    tools.append(offer);
  }

  #askMissed(item, seq) {
    if (item.querySelector("form")) return;
    const { missedWhat, missedWhy, save, cancel } = this.#words;
    const form = node("form", "desk-sign-why desk-missed-why", { "aria-label": missedWhat });
    const choice = this.#kinds.cloneNode(true);
    choice.hidden = false;
    choice.removeAttribute("id");
    choice.setAttribute("aria-label", missedWhat);
    const field = node("input", "", { name: "why", maxlength: WHY_MAX, "aria-label": missedWhy, placeholder: missedWhy, autocomplete: "off" });
    form.append(choice, field, node("button", "btn btn-sm", { type: "submit" }, save), press(cancel, () => form.remove()));
    submits(form, async () => {
      const sent = await this.#send("/guard/missed", { id: newId(), conversation_id: this.#conversation, seq, code: choice.value, why: field.value.trim() });
      if (sent) form.remove();
    });
    item.append(form);
    choice.focus();
  }

  async #send(path, body) {
    try {
      await this.#api(path, { method: "POST", body });
      this.#toast(this.#words.thanks, "done");
      return true;
    } catch (problem) {
      this.#toast(problem.message || this.#words.failed, "refusal");
      return false;
    }
  }

  // The words that show it are marked where they stand.
  #show(item, signs) {
    const text = item.querySelector(".chat-text");
    if (!text || text.querySelector("mark")) return;
    const letters = [...(this.#view.lineOf(Number(item.dataset.seq))?.body?.text ?? "")];
    const spans = signs.flatMap((each) => each.evidence.filter((one) => one.shows === "words" && one.end > (one.start ?? 0)));
    for (const { start = 0, end } of spans) {
      // Places are counted in characters; a browser counts some of them twice.
      surround(text, letters.slice(0, start).join("").length, letters.slice(0, end).join("").length);
    }
  }
}

function surround(text, start, end) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let at = 0, piece = walker.nextNode(); piece; at += piece.length, piece = walker.nextNode()) {
    const from = start - at;
    if (from < 0 || from >= piece.length) continue;
    if (piece.parentElement.localName === "mark") return;
    const range = new Range();
    range.setStart(piece, from);
    range.setEnd(piece, Math.min(piece.length, end - at));
    range.surroundContents(node("mark", "desk-sign-words"));
    return;
  }
}

function submits(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && form.remove());
}

function press(text, act, of = "") {
  const made = node("button", "desk-sign-act", { type: "button" }, text);
  if (of) made.setAttribute("aria-label", `${text}: ${of}`);
  made.addEventListener("click", act);
  return made;
}
