// A list above a text field out of which one takes an entry, with the keys or the mouse.

export class Pick {
  #box; #field; #take;
  #items = [];
  #at = 0;

  constructor(box, field, take) {
    this.#box = box;
    this.#field = field;
    this.#take = take;
    field.addEventListener("keydown", (event) => this.#key(event));
    // The field keeps the focus, or an input method would lose what it composes.
    box.addEventListener("mousedown", (event) => event.preventDefault());
    box.addEventListener("click", (event) => {
      const entry = event.target.closest("[data-entry]");
      if (entry) this.#choose(Number(entry.dataset.entry));
    });
    field.addEventListener("blur", () => this.close());
  }

  open(items, none = "") {
    this.#items = items;
    this.#at = 0;
    this.#box.hidden = !items.length && !none;
    this.#box.replaceChildren(...(items.length ? items.map((each, n) => this.#entry(each, n)) : [paragraph(none)]));
    this.#mark();
  }

  close() {
    this.#items = [];
    this.#box.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
  }

  #entry(item, n) {
    const entry = document.createElement("div");
    entry.id = `${this.#box.id}-${n}`;
    entry.className = "desk-entry";
    entry.dataset.entry = n;
    entry.setAttribute("role", "option");
    const label = document.createElement("b");
    label.textContent = item.label;
    entry.append(label);
    if (item.more) {
      const more = document.createElement("span");
      more.textContent = item.more;
      entry.append(more);
    }
    return entry;
  }

  #mark() {
    [...this.#box.querySelectorAll("[data-entry]")].forEach((entry, n) => {
      entry.setAttribute("aria-selected", String(n === this.#at));
      if (n === this.#at) entry.scrollIntoView({ block: "nearest" });
    });
    if (this.#items.length) this.#field.setAttribute("aria-activedescendant", `${this.#box.id}-${this.#at}`);
  }

  #choose(n) {
    const item = this.#items[n];
    this.close();
    if (item) this.#take(item);
  }

  #key(event) {
    if (this.#box.hidden || event.isComposing || event.keyCode === 229 || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#items.length) {
      this.#at = (this.#at + step + this.#items.length) % this.#items.length;
      this.#mark();
    } else if ((event.key === "Enter" || event.key === "Tab") && this.#items.length) this.#choose(this.#at);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}
