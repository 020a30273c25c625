// What was begun in each conversation, kept in the browser until it is sent.

export class Drafts {
  #person;

  constructor(person) {
    this.#person = person;
  }

  read(conversation) {
    try {
      return JSON.parse(localStorage.getItem(this.#key(conversation)));
    } catch {
      return null;
    }
  }

  keep(conversation, draft) {
    try {
      localStorage.setItem(this.#key(conversation), JSON.stringify(draft));
    } catch {
      // The browser keeps nothing for us; the field still has it.
    }
  }

  forget(conversation) {
    localStorage.removeItem(this.#key(conversation));
  }

  #key(conversation) {
    return `gongdao.desk.draft.${this.#person}.${conversation}`;
  }
}
