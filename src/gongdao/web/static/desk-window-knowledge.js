// What the shop knows, while an agent types: ? and a word finds it, taking it puts the answer into the
// text box and never sends it. What nobody knows is noted with one click on the buyer's message.

import { Pick } from "./desk-window-pick.js";

const FIND_AFTER_MS = 150;
// A search that found nothing counts once the agent has stopped typing.
const MISSED_AFTER_MS = 1500;
const ASKED = /^[?？]([^\n]{0,60})$/;
const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");

export class Knowledge {
  #field; #current; #ask; #toast; #words; #pick;
  #timers = {};

  constructor({ field, current, ask, toast, put }) {
    const box = document.getElementById("desk-answers");
    this.#field = field;
    this.#current = current;
    this.#ask = ask;
    this.#toast = toast;
    this.#words = box.dataset;
    this.#pick = new Pick(box, field, (answer) => put(answer.text));
    field.addEventListener("input", () => this.#typed());
    document.getElementById("desk-answers-open").addEventListener("click", () => this.#open());
    document.addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-put-text]");
      if (chosen) put(chosen.dataset.putText);
    });
  }

  // Nobody knows the answer to this message: it goes onto the list of open questions.
  async unknown(said) {
    const noted = await this.#ask("POST", "knowledge/gaps", { conversation: this.#current().id, seq: said.seq }, this.#words.failed);
    if (noted) this.#toast(fill(noted.repeated ? this.#words.notedBefore : this.#words.noted, { n: noted.gap.asked }));
  }

  #open() {
    if (!ASKED.test(this.#field.value)) this.#field.value = `?${this.#field.value}`;
    this.#field.focus();
    this.#typed();
  }

  #typed() {
    clearTimeout(this.#timers.find);
    clearTimeout(this.#timers.missed);
    const asked = ASKED.exec(this.#field.value);
    if (!asked || !this.#current()) return void this.#pick.close();
    this.#timers.find = setTimeout(() => this.#find(asked[0], asked[1].trim()), FIND_AFTER_MS);
  }

  async #find(typed, query) {
    const talk = this.#current();
    const found = await this.#ask("GET", `knowledge/answers?limit=8&conversation=${talk.id}&q=${encodeURIComponent(query)}`);
    if (!found || this.#field.value !== typed || this.#current() !== talk) return;
    this.#pick.open(found.answers.map((each) => ({ ...each, label: each.about ? `★ ${each.title}` : each.title, more: each.text })), query ? this.#words.none : this.#words.begin);
    if (!found.answers.length && query.length > 1) this.#timers.missed = setTimeout(() => this.#missed(typed, query, talk), MISSED_AFTER_MS);
  }

  async #missed(typed, query, talk) {
    if (this.#field.value === typed) await this.#ask("POST", "knowledge/gaps", { searched: query, conversation: talk.id });
  }
}
