// What the guard tells a buyer of a conversation: a strip under the message that it is about, with what to do
// now. Never a popup: it comes while one reads on, is read out politely, and stands again after a reload.

import { node } from "./chat-view.js";

const WORDS = {
  zh: { caution: "这句话里有需要留意的内容", danger: "请先停一停，不要照做", shop: "关于这家店，请您留意", more: "还有 {n} 处", help: "该怎么做：留证据、止付、报警" },
  en: { caution: "There is something to mind in this", danger: "Stop here; do not do it", shop: "Please mind this about the shop", more: "{n} more", help: "What to do: keep proof, stop the payment, call the police" },
};

// `root` holds the talk; `help` is where a buyer reads what to do.
export class TalkGuard {
  #root; #view; #conversation; #api; #locale; #help; #list;
  #told = { level: "calm", signs: [] };
  #strips = new Map();
  #asked = 0;

  constructor({ root, view, conversation, api, locale, help }) {
    this.#root = root;
    this.#view = view;
    this.#conversation = conversation;
    this.#api = api;
    this.#locale = locale;
    this.#help = help;
    this.#list = root.querySelector(".chat-lines");
    root.addEventListener("chat:guard", () => this.#look());
    // What was found while the line was broken is told to nobody: it is asked for once it stands.
    root.addEventListener("chat:ready", (event) => event.detail && this.#look());
    // Earlier messages come with what there is to mind in them.
    new MutationObserver(() => this.#place()).observe(this.#list, { childList: true });
    this.#look();
  }

  async #look() {
    const turn = ++this.#asked;
    try {
      const told = await this.#api(`/conversations/${this.#conversation}/warnings`);
      if (turn !== this.#asked) return;
      this.#told = told;
      this.#draw();
    } catch {
      // Asked again with the next news; the talk goes on without it.
    }
  }

  // One strip a message and one for the shop as a whole; what has not changed is not read out again.
  #draw() {
    const signs = this.#told.level === "calm" ? [] : this.#told.signs;
    const advised = new Map(signs.map((each) => [each.code, each.seq]));
    const groups = grouped(signs);
    for (const [seq, strip] of this.#strips) if (!groups.has(seq)) this.#drop(seq, strip);
    for (const [seq, group] of groups) {
      const strip = this.#strip(seq, group, (each) => advised.get(each.code) === each.seq);
      const old = this.#strips.get(seq);
      if (old?.textContent === strip.textContent && old.className === strip.className) continue;
      old?.remove();
      this.#strips.set(seq, strip);
    }
    this.#place();
  }

  #drop(seq, strip) {
    strip.remove();
    this.#strips.delete(seq);
  }

  #strip(seq, signs, isAdvised) {
    const words = WORDS[this.#locale];
    const level = this.#told.level;
    const strip = node("aside", `chat-guard chat-guard-${level}`, { "aria-label": words[seq ? level : "shop"] });
    strip.append(node("strong", "", {}, words[seq ? level : "shop"]));
    // On a phone one reads one thing: the gravest; the others are a touch away.
    const [first, ...others] = signs.toSorted((a, b) => b.weight - a.weight);
    strip.append(...this.#said(first, isAdvised));
    if (others.length) {
      const more = node("details");
      more.append(node("summary", "", {}, words.more.replace("{n}", others.length)));
      for (const each of others) more.append(...this.#said(each, isAdvised));
      strip.append(more);
    }
    strip.append(node("a", "", { href: this.#help, target: "_blank", rel: "noopener" }, words.help));
    return strip;
  }

  #said(sign, isAdvised) {
    const said = [node("p", "", {}, sign.say[this.#locale])];
    if (sign.advice && isAdvised(sign)) said.push(node("p", "chat-guard-advice", {}, sign.advice[this.#locale]));
    return said;
  }

  #place() {
    const scroll = this.#list.parentElement;
    const follow = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
    let placed = false;
    for (const [seq, strip] of this.#strips) {
      if (strip.isConnected) continue;
      const at = seq ? this.#list.querySelector(`[data-seq="${seq}"]`) : this.#root;
      if (!at) continue;
      if (seq) at.append(strip);
      else at.prepend(strip);
      placed = true;
    }
    if (placed && follow) this.#view.toEnd();
  }
}

function grouped(signs) {
  const groups = new Map();
  for (const each of signs) groups.set(each.seq ?? 0, [...(groups.get(each.seq ?? 0) ?? []), each]);
  return groups;
}
