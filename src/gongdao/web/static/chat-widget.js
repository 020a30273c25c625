// The widget on a shop's page: a button, and behind it the same conversation window as on our own page.

import { BUYER_WORDS } from "./chat-buyer-words.js";
import { BuyerChat, apiOf } from "./chat-buyer.js";
import { fill } from "./chat-words.js";
import { node } from "./chat-view.js";

const STYLES = ["chat.css", "chat-buyer.css", "chat-widget.css"];

export function mount(options) {
  return new Widget(options);
}

class Widget {
  #shop; #identity; #name; #locale; #origin; #words; #shadow; #button; #badge; #panel; #chat = null; #unread = 0;

  constructor({ shop, identity, name, locale, origin, host }) {
    this.#shop = shop;
    this.#identity = identity;
    this.#name = name;
    this.#locale = locale;
    this.#origin = origin;
    this.#words = BUYER_WORDS[locale];
    this.#shadow = host.attachShadow({ mode: "open" });
    dress(this.#shadow, origin);
    this.#button = node("button", "widget-button", { type: "button", "aria-expanded": "false", "aria-controls": "panel" });
    this.#badge = node("span", "widget-badge", { hidden: "" });
    this.#button.append(bubble(), node("span", "widget-label", {}, this.#words.openChat), this.#badge);
    this.#button.addEventListener("click", () => this.#toggle());
    this.#panel = node("section", "widget-panel chat-box", { id: "panel", hidden: "", tabindex: "-1", lang: locale === "zh" ? "zh-CN" : "en", "aria-label": this.#words.openChat });
    this.#panel.addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && this.#goBack());
    this.#panel.addEventListener("chat:lines", (event) => this.#count(event.detail));
    this.#shadow.append(this.#panel, this.#button);
    // Whoever has talked here before hears of an answer without opening the window.
    if (this.#kept()) this.#begin().catch(() => {});
  }

  #goBack() {
    const tray = this.#panel.querySelector(".chat-tray:not([hidden])");
    if (!tray) return this.#toggle();
    tray.hidden = true;
    this.#panel.querySelector("textarea").focus();
  }

  async #toggle() {
    const opens = this.#panel.hidden;
    this.#panel.hidden = !opens;
    this.#button.setAttribute("aria-expanded", String(opens));
    this.#button.querySelector(".widget-label").textContent = opens ? this.#words.closeChat : this.#words.openChat;
    if (!opens) return void this.#button.focus();
    this.#unread = 0;
    this.#drawBadge();
    try {
      await this.#begin();
      for (const each of [this.#panel, this.#panel.querySelector("textarea")]) each.focus();
    } catch {
      this.#panel.replaceChildren(node("p", "chat-system", { role: "alert" }, this.#words.broken));
    }
  }

  async #begin() {
    if (this.#chat) return;
    const api = apiOf({ base: this.#origin, locale: this.#locale });
    const visitor = (await this.#stillGood()) ?? (await this.#meet(api));
    if (this.#chat) return;
    this.#chat = new BuyerChat({
      root: this.#panel,
      shop: this.#shop,
      shopName: this.#name || this.#words.openChat,
      person: visitor.person_id,
      token: visitor.token,
      locale: this.#locale,
      socket: `${this.#origin.replace(/^http/, "ws")}/chat/socket`,
      api: apiOf({ base: this.#origin, token: visitor.token, locale: this.#locale }),
      help: `${this.#origin}/help/scam`,
      fileOf: (body, kind) => this.#file(visitor.token, body, kind),
    });
  }

  async #meet(api) {
    const body = { shop_id: this.#shop, locale: this.#locale };
    if (this.#identity) body.identity = this.#identity;
    const visitor = { ...(await api("/widget/visitors", { method: "POST", body })), identity: mark(this.#identity) };
    try {
      localStorage.setItem(this.#key(), JSON.stringify(visitor));
    } catch {
      // The browser keeps nothing for the page: this visit is its own.
    }
    return visitor;
  }

  // What was kept is asked for once; another customer on this page is somebody else.
  async #stillGood() {
    const kept = this.#kept();
    if (!kept || kept.identity !== mark(this.#identity)) return null;
    try {
      await apiOf({ base: this.#origin, token: kept.token, locale: this.#locale })("/me");
      return kept;
    } catch (problem) {
      if (problem.status === 401) return null;
      throw problem;
    }
  }

  #kept() {
    try {
      return JSON.parse(localStorage.getItem(this.#key()));
    } catch {
      return null;
    }
  }

  #key() {
    return `gongdao.visitor.${this.#shop}`;
  }

  // A picture needs the token too, which no address may carry.
  async #file(token, body, kind) {
    const answer = await fetch(`${this.#origin}/api/v1/files/${body.file_id}`, { headers: { Authorization: `Bearer ${token}` }, credentials: "omit" });
    if (!answer.ok) return {};
    const address = URL.createObjectURL(await answer.blob());
    return { href: address, src: kind === "image" ? address : undefined };
  }

  #count(lines) {
    if (!this.#panel.hidden) return;
    this.#unread += lines.filter((line) => line.author === "shop" && !line.recalled && line.kind !== "recall").length;
    this.#drawBadge();
  }

  #drawBadge() {
    this.#badge.hidden = !this.#unread;
    this.#badge.textContent = this.#unread > 99 ? "99+" : String(this.#unread);
    this.#badge.setAttribute("aria-label", fill(this.#words.unread, { count: this.#unread }));
  }
}

// A page may set its root's letters to any size; ours are in pixels here.
async function dress(shadow, origin) {
  shadow.adoptedStyleSheets = await Promise.all(STYLES.map(async (name) => {
    const css = await (await fetch(`${origin}/static/${name}`)).text();
    return new CSSStyleSheet().replace(css.replace(/([\d.]+)rem/g, (_, size) => `${size * 16}px`));
  }));
}

// Whose word was taken; another customer's may come.
function mark(identity) {
  try {
    return identity ? JSON.parse(atob(identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub : "";
  } catch {
    return "";
  }
}

function bubble() {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: "22", height: "22", fill: "none", stroke: "currentColor", "stroke-width": "2", "aria-hidden": "true" })) drawing.setAttribute(name, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M4 5h16v11H9l-5 4z");
  drawing.append(path);
  return drawing;
}
