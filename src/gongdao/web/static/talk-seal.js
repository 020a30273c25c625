// Choose messages of a conversation and seal them: a checkbox beside each message that both sides may read,
// Shift for everything in between, Escape to leave it. Then the case in which they are proof, or none.

import { node } from "./chat-view.js";

const WORDS = {
  zh: {
    choose: "选择消息：{text}", none: "请选择要作为凭证的消息", chosen: "已选 {count} 条消息", cancel: "取消", seal: "生成聊天凭证",
    title: "生成聊天凭证", about: "所选 {count} 条消息将按原文固定并附校验码，生成后无法修改。", where: "用于哪个售后单？", only: "仅生成凭证，暂不提交",
    case: "提交为售后单 {number} 的凭证", done: "聊天凭证已生成", filed: "已作为第 {evidence} 项凭证提交至售后单 {number}。", kept: "凭证已保存，可下载后自行使用。",
    pages: "下载凭证（PDF）", document: "原始数据（JSON）", toCase: "查看售后单", close: "完成", sealing: "正在生成…", failed: "暂时无法生成，请稍后重试。", fingerprint: "校验码 SHA-256", tooMany: "一次最多选择 {count} 条消息。",
  },
  en: {
    choose: "Choose the message: {text}", none: "Choose the messages that are to be proof", chosen: "{count} chosen", cancel: "Cancel", seal: "Seal an excerpt",
    title: "Seal an excerpt", about: "The {count} chosen messages are sealed word for word, with a checksum. It cannot be changed afterwards.", where: "For which case?", only: "Only seal it, for no case yet",
    case: "Proof in case {number}", done: "The excerpt is sealed", filed: "It is now piece {evidence} of the proof in case {number}.", kept: "It is kept; download it to use it.",
    pages: "Download the pages (PDF)", document: "The document (JSON)", toCase: "Open the case", close: "Done", sealing: "Sealing…", failed: "This is not possible just now. Please try again.", fingerprint: "Checksum SHA-256", tooMany: "At most {count} messages at once.",
  },
};
const CHOSEN_MAX = 200;
const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");

export class Sealing {
  #root; #view; #conversation; #api; #words; #house; #only; #list; #bar = null; #watch = null; #before = null; #caseId = "";
  #chosen = new Set();
  #last = 0;

  // `root` holds the TalkView `view`; `house` is where this side reads cases; `only`: the one case in question.
  constructor({ root, view, conversation, api, locale, house, only = null }) {
    this.#root = root;
    this.#view = view;
    this.#conversation = conversation;
    this.#api = api;
    this.#words = WORDS[locale];
    this.#house = house;
    this.#only = only;
    this.#list = root.querySelector(".chat-lines:not(.chat-pending)");
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#bar || event.isComposing) return;
      event.preventDefault();
      this.stop();
    });
  }

  // Begin to choose; `caseId` is the case that is offered first.
  start(caseId = "") {
    this.#caseId = caseId;
    if (this.#bar) return;
    this.#before = document.activeElement;
    this.#chosen.clear();
    this.#root.classList.add("talk-choosing");
    this.#watch = new MutationObserver(() => this.#mark());
    this.#watch.observe(this.#list, { childList: true });
    this.#drawBar();
    this.#mark();
    [...this.#list.querySelectorAll(".talk-choice input")].at(-1)?.focus({ preventScroll: true });
  }

  // Who began comes back to where they were.
  stop() {
    const chosen = this.#root.contains(document.activeElement) && document.activeElement.closest(".talk-choice, .talk-bar");
    this.#watch?.disconnect();
    this.#bar?.remove();
    this.#bar = null;
    this.#root.classList.remove("talk-choosing");
    for (const choice of this.#list.querySelectorAll(".talk-choice")) choice.remove();
    for (const item of this.#list.querySelectorAll(".talk-chosen")) item.classList.remove("talk-chosen");
    if (chosen) this.#before?.focus({ preventScroll: true });
  }

  #drawBar() {
    this.#bar = node("div", "talk-bar");
    const count = node("p", "talk-count", { role: "status" });
    const cancel = button(this.#words.cancel, "btn", () => this.stop());
    const seal = button(this.#words.seal, "btn btn-primary", () => this.#ask());
    this.#bar.append(count, cancel, seal);
    this.#root.append(this.#bar);
    this.#count();
  }

  #count() {
    const [count, , seal] = this.#bar.children;
    count.textContent = this.#chosen.size ? fill(this.#words.chosen, { count: this.#chosen.size }) : this.#words.none;
    seal.disabled = !this.#chosen.size;
  }

  // Notes and what only the shop is told never leave the shop, so they cannot be chosen.
  #mark() {
    for (const item of this.#list.children) {
      const seq = Number(item.dataset.seq);
      const line = this.#view.lineOf(seq);
      if (item.querySelector(".talk-choice") || !line || line.kind === "note" || line.body?.for_shop) continue;
      const choice = node("label", "talk-choice");
      const box = node("input", "form-check-input", { type: "checkbox" });
      const said = item.querySelector(".chat-system")?.textContent ?? this.#view.summary(line);
      box.checked = this.#chosen.has(seq);
      box.addEventListener("click", (event) => this.#choose(seq, box.checked, event.shiftKey));
      choice.append(box, node("span", "visually-hidden", {}, fill(this.#words.choose, { text: said })));
      item.prepend(choice);
      item.classList.toggle("talk-chosen", box.checked);
    }
  }

  #choose(seq, is, withBetween) {
    const from = withBetween && this.#last ? Math.min(this.#last, seq) : seq;
    const to = withBetween && this.#last ? Math.max(this.#last, seq) : seq;
    this.#last = seq;
    for (const box of this.#list.querySelectorAll(".talk-choice input")) {
      const item = box.closest("li");
      const each = Number(item.dataset.seq);
      if (each < from || each > to) continue;
      if (is && this.#chosen.size >= CHOSEN_MAX && !this.#chosen.has(each)) {
        box.checked = false;
        toast(fill(this.#words.tooMany, { count: CHOSEN_MAX }));
        continue;
      }
      box.checked = is;
      if (is) this.#chosen.add(each);
      else this.#chosen.delete(each);
      item.classList.toggle("talk-chosen", is);
    }
    this.#count();
  }

  async #ask() {
    const cases = this.#only ? [this.#only] : await this.#api(`/conversations/${this.#conversation}/cases`).then((told) => told.cases, (problem) => void toast(problem.message));
    if (!cases) return;
    const dialog = node("dialog", "gd-dialog talk-seal", { "aria-labelledby": "talk-seal-title" });
    const form = node("form", "gd-form", { method: "dialog" });
    form.append(node("h2", "", { id: "talk-seal-title" }, this.#words.title), node("p", "gd-dialog-text", {}, fill(this.#words.about, { count: this.#chosen.size })));
    const chosen = cases.some((each) => each.id === this.#caseId) ? this.#caseId : "";
    const places = node("fieldset", "talk-places");
    places.append(node("legend", "", {}, this.#words.where));
    for (const each of cases) places.append(place(each.id, fill(this.#words.case, each), each.id === chosen));
    places.append(place("", this.#words.only, !chosen));
    const foot = node("div", "gd-dialog-foot");
    const seal = node("button", "btn btn-primary", { type: "submit" }, this.#words.seal);
    foot.append(button(this.#words.cancel, "btn", () => dialog.close()), seal);
    form.append(places, foot);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (seal.disabled) return;
      seal.disabled = true;
      seal.textContent = this.#words.sealing;
      const id = new FormData(form).get("case");
      const refused = await this.#seal(dialog, cases.find((each) => each.id === id));
      if (!refused) return;
      form.querySelector("[role=alert]")?.remove();
      foot.before(node("p", "talk-refused", { role: "alert" }, refused));
      seal.disabled = false;
      seal.textContent = this.#words.seal;
    });
    dialog.append(form);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  // Sealed once however often it is sent: the same choice for the same case is the same excerpt.
  async #seal(dialog, filedIn) {
    const messages = [...this.#chosen].sort((a, b) => a - b);
    try {
      const sealed = await this.#api(`/conversations/${this.#conversation}/excerpts`, { method: "POST", body: { messages, case_id: filedIn?.id ?? null } });
      this.stop();
      this.#tell(dialog, sealed, filedIn);
      return "";
    } catch (problem) {
      return problem.message || this.#words.failed;
    }
  }

  #tell(dialog, sealed, filedIn) {
    const words = this.#words;
    const box = node("div", "gd-form");
    const text = sealed.evidence ? fill(words.filed, { evidence: sealed.evidence, number: filedIn.number }) : words.kept;
    box.append(node("h2", "", { id: "talk-seal-title" }, words.done), node("p", "gd-dialog-text", { role: "status" }, text));
    const print = node("p", "talk-print");
    print.append(node("span", "", {}, words.fingerprint), node("code", "", {}, sealed.sha256));
    const links = node("p", "talk-links");
    links.append(node("a", "btn", { href: `/files/${sealed.paper_id}`, target: "_blank" }, words.pages), node("a", "", { href: `/files/${sealed.file_id}`, target: "_blank" }, words.document));
    const foot = node("div", "gd-dialog-foot");
    foot.append(button(words.close, "btn", () => dialog.close()));
    if (filedIn) foot.append(node("a", "btn btn-primary", { href: `${this.#house}${filedIn.id}` }, words.toCase));
    box.append(print, links, foot);
    dialog.replaceChildren(box);
    foot.lastElementChild.focus();
  }
}

function button(text, classes, act) {
  const made = node("button", classes, { type: "button" }, text);
  made.addEventListener("click", act);
  return made;
}

function place(value, text, checked) {
  const label = node("label", "talk-place");
  const input = node("input", "form-check-input", { type: "radio", name: "case", value });
  input.checked = checked;
  label.append(input, node("span", "", {}, text));
  return label;
}

function toast(text) {
  document.dispatchEvent(new CustomEvent("gongdao:toast", { detail: { text, tone: "refusal" } }));
}
