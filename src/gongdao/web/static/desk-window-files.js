// Pictures and files of an agent: chosen, pasted, or dropped on the chat.

const FILE_MB_MAX = 100;
const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");

export class Uploads {
  #line; #words; #toast; #current; #notes; #api; #isNote;
  #before = Promise.resolve();

  // `isNote()`: whether what is being written is for colleagues, whom no picture may pass by on its way out.
  constructor({ line, words, toast, current, field, notes, api, isNote }) {
    this.#line = line;
    this.#words = words;
    this.#toast = toast;
    this.#current = current;
    this.#notes = notes;
    this.#api = api;
    this.#isNote = isNote;
    field.addEventListener("paste", (event) => this.#pasted(event));
    document.getElementById("desk-file").addEventListener("change", (event) => this.#chosen(event.target));
    for (const kind of ["dragover", "drop"]) document.querySelector(".desk-mid").addEventListener(kind, (event) => this.#dropped(event, kind));
  }

  #chosen(input) {
    this.#all(input.files);
    input.value = "";
  }

  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.#all(files);
  }

  #dropped(event, kind) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    if (kind === "drop") this.#all(event.dataTransfer.files);
  }

  // One after the other: they stand in the talk in the order in which they were chosen.
  #all(files) {
    const talk = this.#current();
    if (!talk) return;
    if (this.#isNote()) return void this.#toast(this.#words.noteText, "refusal");
    for (const file of files) this.#before = this.#before.then(() => this.#upload(talk, file));
  }

  async #upload(talk, file) {
    if (file.size > FILE_MB_MAX * 1048576) return void this.#toast(fill(this.#words.tooLarge, { name: file.name, limit: FILE_MB_MAX }), "refusal");
    const note = document.createElement("p");
    note.className = "desk-remark";
    note.textContent = fill(this.#words.uploading, { name: file.name });
    this.#notes.append(note);
    // What a colleague says while it is on its way was not read by who chose it.
    const { seen } = talk.view;
    try {
      const waits = () => (note.textContent = fill(this.#words.held, { name: file.name }));
      const kept = await this.#line.carry(() => this.#api("/files", { method: "POST", file }), waits);
      const kind = kept.media_type.startsWith("image/") ? "image" : "file";
      this.#line.say(talk.id, {
        kind,
        body: { file_id: kept.id, name: kept.name.slice(0, 200) || file.name || kind, type: kept.media_type, size: kept.size_bytes },
        seen,
      });
    } catch (problem) {
      this.#toast(problem.message || fill(this.#words.failed, { name: file.name }), "refusal");
    } finally {
      note.remove();
    }
  }
}
