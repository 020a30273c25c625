// Pictures and files of an agent: chosen, pasted, or dropped on the chat.

const FILE_MB_MAX = 100;
const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");

export class Uploads {
  #line; #words; #toast; #current; #notes; #send;

  constructor({ line, words, toast, current, field, notes, send }) {
    this.#line = line;
    this.#words = words;
    this.#toast = toast;
    this.#current = current;
    this.#notes = notes;
    this.#send = send;
    field.addEventListener("paste", (event) => this.#pasted(event));
    document.getElementById("desk-file").addEventListener("change", (event) => this.#chosen(event.target));
    for (const kind of ["dragover", "drop"]) document.querySelector(".desk-mid").addEventListener(kind, (event) => this.#dropped(event, kind));
  }

  #chosen(input) {
    for (const file of input.files) this.#upload(file);
    input.value = "";
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    for (const file of files) this.#upload(file);
  }

  #dropped(event, kind) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    if (kind === "drop") for (const file of event.dataTransfer.files) this.#upload(file);
  }

  async #upload(file) {
    const talk = this.#current();
    if (!talk) return;
    if (file.size > FILE_MB_MAX * 1048576) return void this.#toast(fill(this.#words.tooLarge, { name: file.name, limit: FILE_MB_MAX }), "refusal");
    const note = document.createElement("p");
    note.className = "desk-remark";
    note.textContent = fill(this.#words.uploading, { name: file.name });
    this.#notes.append(note);
    const form = new FormData();
    form.append("file", file);
    const kept = await this.#send(form, file.name);
    note.remove();
    if (!kept) return;
    const kind = kept.media_type.startsWith("image/") ? "image" : "file";
    this.#line.say(talk.id, {
      kind,
      body: { file_id: kept.id, name: kept.name.slice(0, 200) || file.name || kind, type: kept.media_type, size: kept.size_bytes },
      seen: talk.view.seen,
    });
  }
}
