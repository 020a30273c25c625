// What an agent hears of conversations that are not in front of them: a tone, a notice on the desktop,
// and the messages of their own conversations that nobody has drawn yet.

const SOUND = "gongdao.desk.sound";
const NOTIFY = "gongdao.desk.notify";
const TONE_EVERY_MS = 1500;
const KEPT_MAX = 200;

const followed = new Map();
let words = {};
let audio = null;
let toned = 0;

// Follow a conversation in the background; what it says is kept for whoever draws it later.
export function follow(line, id, last, hear) {
  if (followed.has(id)) return;
  const talk = { lines: [] };
  followed.set(id, talk);
  talk.leave = line.open(id, last, (news) => {
    if (news.type !== "lines") return;
    talk.lines.push(...news.lines);
    talk.lines.splice(0, talk.lines.length - KEPT_MAX);
    line.mark(id, { delivered: line.lastOf(id) });
    hear(news.lines);
  });
}

// From now on somebody else draws it; the line stays open until they have taken over.
export function forget(id) {
  const talk = followed.get(id);
  if (!talk) return [];
  followed.delete(id);
  setTimeout(() => talk.leave(), 0);
  return talk.lines;
}

// Somebody who looks elsewhere is told once, not for each of ten lines.
export function tell(who, said, open) {
  if (localStorage.getItem(SOUND) !== "off") tone();
  if (!document.hidden || localStorage.getItem(NOTIFY) !== "on" || globalThis.Notification?.permission !== "granted") return;
  const notice = new Notification(said ? who : words.newTalk, { body: said?.body?.text?.slice(0, 120) ?? words.newMessage, tag: "gongdao-desk" });
  notice.addEventListener("click", () => {
    window.focus();
    open();
    notice.close();
  });
}

function tone() {
  if (!audio || audio.state !== "running" || Date.now() - toned < TONE_EVERY_MS) return;
  toned = Date.now();
  for (const [pitch, from] of [[660, 0], [880, 0.13]]) {
    const source = audio.createOscillator();
    const loudness = audio.createGain();
    const at = audio.currentTime + from;
    source.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
    source.connect(loudness).connect(audio.destination);
    source.start(at);
    source.stop(at + 0.2);
  }
}

// The two switches; browsers let a page sound only after somebody has touched it.
export function attend({ words: said, toast }) {
  words = said;
  const sound = document.getElementById("desk-sound");
  const notify = document.getElementById("desk-notify");
  const show = () => {
    sound.setAttribute("aria-pressed", String(localStorage.getItem(SOUND) !== "off"));
    notify.setAttribute("aria-pressed", String(localStorage.getItem(NOTIFY) === "on"));
  };
  sound.addEventListener("click", () => {
    const on = localStorage.getItem(SOUND) === "off";
    localStorage.setItem(SOUND, on ? "on" : "off");
    show();
    toast(on ? words.soundOn : words.soundOff);
    if (on) tone();
  });
  notify.addEventListener("click", async () => {
    const on = localStorage.getItem(NOTIFY) !== "on" && (await globalThis.Notification?.requestPermission()) === "granted";
    const refused = globalThis.Notification?.permission !== "granted";
    localStorage.setItem(NOTIFY, on ? "on" : "off");
    show();
    if (on) toast(words.notifyOn);
    else if (refused) toast(words.notifyNo, "refusal");
  });
  const wake = () => {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake, { once: true });
  show();
}
