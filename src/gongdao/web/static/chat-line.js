// The line of a screen: one socket for all its conversations. What was written is kept in the browser
// until the server has numbered it, and every conversation is taken up where it was, so nothing is lost
// or doubled by a connection that breaks.

const RETRY_MS = [500, 1000, 2000, 4000, 8000, 15000];
const PING_MS = 20000;
const SILENT_MS = 45000;
const FAILED_KEPT = 50;

export class ChatLine extends EventTarget {
  #address; #protocols; #storage; #key; #socket = null; #tries = 0; #timer = 0; #heard = 0; #ended = false;
  #talks = new Map();
  #outbox = [];
  #wantsDesk = false;

  // `address`: of the socket; `token`: where there is no session cookie; `person`: whose outbox it is.
  constructor({ address, token = "", person = "" }) {
    super();
    this.#address = address;
    this.#protocols = token ? ["gongdao", `gongdao.bearer.${token}`] : ["gongdao"];
    this.#key = `gongdao.outbox.${person}`;
    this.#storage = storageOf();
    this.#outbox = read(this.#storage, this.#key);
    addEventListener("online", () => this.connect());
    // The socket of a network that is gone looks open for minutes.
    addEventListener("offline", () => this.#lost(this.#socket));
    addEventListener("storage", (event) => event.key === this.#key && this.#adopt());
    setInterval(() => this.#watch(), PING_MS);
  }

  get isOnline() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    if (this.#ended || this.#socket) return;
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#address, this.#protocols);
    this.#socket = socket;
    socket.onopen = () => this.#begin();
    socket.onmessage = (event) => this.#hear(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  // Ends it for good, as when somebody signs out.
  end() {
    this.#ended = true;
    this.#socket?.close();
  }

  // Follow a conversation from a number on; `hear` gets {type: "lines" | "state" | "typing" | "pending" |
  // "refused" | "connection" | "guard", ...}. Returns what is to be called to follow it no more.
  open(conversation, after, hear) {
    const talk = this.#talks.get(conversation) ?? { id: conversation, last: after, ready: false, hear: new Set() };
    talk.hear.add(hear);
    this.#talks.set(conversation, talk);
    if (this.isOnline) this.#send({ op: "open", conversation, after: talk.last });
    return () => {
      talk.hear.delete(hear);
      if (talk.hear.size) return;
      this.#talks.delete(conversation);
      this.#send({ op: "leave", conversation });
    };
  }

  // Whether the screen shows everything: only then may one answer.
  isReady(conversation) {
    return this.isOnline && Boolean(this.#talks.get(conversation)?.ready);
  }

  // The newest number of a conversation that this screen was sent.
  lastOf(conversation) {
    return this.#talks.get(conversation)?.last ?? 0;
  }

  say(conversation, { kind = "text", body, reply_to, seen }) {
    const said = { conversation, client_id: newId(), kind, body, at: new Date().toISOString() };
    if (reply_to) said.reply_to = reply_to;
    if (seen !== undefined) said.seen = seen;
    this.#outbox.push(said);
    this.#keep();
    this.#tell(conversation, { type: "pending" });
    if (this.isReady(conversation)) this.#sendSaid(said);
    return said.client_id;
  }

  // What is written and not numbered yet; what was refused stays until it is dropped.
  pendingOf(conversation) {
    return this.#outbox.filter((each) => each.conversation === conversation);
  }

  again(clientId) {
    const said = this.#outbox.find((each) => each.client_id === clientId);
    if (!said) return;
    delete said.refused;
    // What came between was read.
    if (said.seen) said.seen = this.lastOf(said.conversation);
    this.#keep();
    if (this.isReady(said.conversation)) this.#sendSaid(said);
  }

  drop(clientId) {
    const said = this.#outbox.find((each) => each.client_id === clientId);
    this.#outbox = this.#outbox.filter((each) => each !== said);
    this.#keep();
    if (said) this.#tell(said.conversation, { type: "pending" });
  }

  // What no answer came to is tried again once the line stands, and `waits` is told.
  async carry(send, waits) {
    for (;;) {
      try {
        return await send();
      } catch (problem) {
        if (problem.status || this.#ended) throw problem;
        waits();
        await new Promise((again) => (this.isOnline ? setTimeout(again, 2000) : this.addEventListener("connection", again, { once: true })));
      }
    }
  }

  recall(conversation, seq) {
    this.#send({ op: "recall", conversation, seq });
  }

  mark(conversation, marks) {
    this.#send({ op: "mark", conversation, ...marks });
  }

  typing(conversation) {
    this.#send({ op: "typing", conversation });
  }

  // Hear of the shop's list ("desk") and of what is meant for oneself ("you"), as events of the line.
  followDesk() {
    this.#wantsDesk = true;
    this.#send({ op: "desk" });
  }

  #begin() {
    this.#tries = 0;
    this.#heard = Date.now();
    for (const talk of this.#talks.values()) {
      talk.ready = false;
      delete talk.upTo;
      this.#send({ op: "open", conversation: talk.id, after: talk.last });
    }
    if (this.#wantsDesk) this.#send({ op: "desk" });
    this.#connection();
  }

  #lost(socket, code) {
    if (!socket || this.#socket !== socket) return;
    this.#socket = null;
    socket.close();
    for (const talk of this.#talks.values()) talk.ready = false;
    this.#connection();
    if (code === 4401) return void this.dispatchEvent(new Event("signed-out"));
    const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];
    this.#timer = setTimeout(() => this.connect(), wait * (0.5 + Math.random()));
  }

  // A line that says nothing any more is taken for broken; a laptop that slept does not notice by itself.
  #watch() {
    if (this.isOnline && Date.now() - this.#heard > SILENT_MS) this.#lost(this.#socket);
    else this.#send({ op: "ping" });
  }

  #connection() {
    for (const talk of this.#talks.values()) this.#tell(talk.id, { type: "connection", online: this.isOnline });
    this.dispatchEvent(new CustomEvent("connection", { detail: this.isOnline }));
  }

  #hear(frame) {
    this.#heard = Date.now();
    const talk = this.#talks.get(frame.conversation);
    switch (frame.op) {
      case "messages":
        if (talk) this.#receive(talk, frame);
        break;
      case "state":
        if (talk) this.#standing(talk, frame.state);
        break;
      case "typing":
        this.#tell(frame.conversation, { type: "typing", author: frame.author });
        break;
      case "guard":
        this.#tell(frame.conversation, { type: "guard" });
        break;
      case "said":
        this.#outbox = this.#outbox.filter((each) => each.client_id !== frame.client_id);
        this.#keep();
        this.#tell(frame.conversation, { type: "pending" });
        break;
      case "refused":
        this.#refused(frame);
        break;
      case "desk":
      case "you":
        this.dispatchEvent(new Event(frame.op));
    }
  }

  #receive(talk, frame) {
    const fresh = frame.messages.filter((line) => line.seq > talk.last);
    talk.last = Math.max(talk.last, frame.last_seq);
    const mine = new Set(frame.messages.map((line) => line.client_id));
    const rest = this.#outbox.filter((each) => !mine.has(each.client_id));
    if (rest.length !== this.#outbox.length) {
      this.#outbox = rest;
      this.#keep();
    }
    if (fresh.length) this.#tell(talk.id, { type: "lines", lines: fresh });
    if (talk.last >= (talk.upTo ?? Infinity)) this.#ready(talk);
  }

  // How it stands is told after every opening: a screen is ready once it has all messages up to there.
  #standing(talk, state) {
    talk.upTo = state.last_seq;
    this.#tell(talk.id, { type: "state", state });
    if (talk.last >= talk.upTo) this.#ready(talk);
  }

  #ready(talk) {
    if (talk.ready || !this.isOnline) return;
    talk.ready = true;
    this.#tell(talk.id, { type: "connection", online: true });
    for (const said of this.pendingOf(talk.id)) if (!said.refused) this.#sendSaid(said);
  }

  #refused(frame) {
    const said = this.#outbox.find((each) => each.client_id === frame.client_id);
    if (said && frame.code !== "unavailable" && frame.code !== "rate_limited") {
      said.refused = { code: frame.code, message: frame.message };
      this.#keep();
    }
    if (said && frame.code === "rate_limited") setTimeout(() => this.again(said.client_id), 2000);
    this.#tell(frame.conversation, { type: "refused", said, code: frame.code, message: frame.message });
  }

  #sendSaid({ at, refused, ...said }) {
    this.#send({ op: "say", ...said });
  }

  #send(frame) {
    if (this.isOnline) this.#socket.send(JSON.stringify(frame));
  }

  #tell(conversation, news) {
    for (const hear of this.#talks.get(conversation)?.hear ?? []) hear(news);
  }

  #keep() {
    const failed = this.#outbox.filter((each) => each.refused);
    if (failed.length > FAILED_KEPT) this.#outbox.splice(this.#outbox.indexOf(failed[0]), 1);
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(this.#outbox));
    } catch {
      // The browser keeps nothing for us; the page still has it.
    }
  }

  // Another window of the same person has sent something: what both have is sent once.
  #adopt() {
    const kept = read(this.#storage, this.#key);
    const known = new Set(kept.map((each) => each.client_id));
    this.#outbox = kept.concat(this.#outbox.filter((each) => !known.has(each.client_id) && Date.now() - Date.parse(each.at) < 5000));
    for (const talk of this.#talks.keys()) this.#tell(talk, { type: "pending" });
  }
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // A page that came over plain http has no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function storageOf() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function read(storage, key) {
  try {
    const kept = JSON.parse(storage?.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}
