// Choosing files with a preview before they are sent, and looking at evidence in full size.

const words = document.getElementById("words").dataset;
const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name]);

function refuse(text) {
  document.dispatchEvent(new CustomEvent("gongdao:toast", { detail: { text, tone: "refusal" } }));
}

// ---- uploads ---------------------------------------------------------------------------------

// What was chosen so far, for each file input: choosing again adds instead of replacing.
const chosen = new WeakMap();

function add(input, files) {
  const box = input.closest("[data-upload]");
  if (box.dataset.uploadUrl) return void sendAll(box, input, [...files]);
  const kept = [...(chosen.get(input) ?? [])];
  for (const file of files) {
    if (problem(box, input, file, kept.length)) refuse(problem(box, input, file, kept.length));
    else if (!kept.some((each) => each.name === file.name && each.size === file.size)) kept.push(file);
  }
  put(input, kept);
}

function problem(box, input, file, count) {
  const limit = Number(box.dataset.maxFiles);
  const limitMb = Number(box.dataset.maxMb);
  if (count >= limit) return fill(words.tooMany, { limit });
  if (file.size > limitMb * 1024 * 1024) return fill(words.tooLarge, { name: file.name, limit: limitMb });
  const accepted = input.accept.split(",").map((type) => type.trim());
  const fits = accepted.some((type) => type === file.type || (type.endsWith("/*") && file.type.startsWith(type.slice(0, -1))));
  return fits ? "" : fill(words.wrongType, { name: file.name });
}

function put(input, files) {
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  input.files = carrier.files;
  chosen.set(input, files);
  const list = input.closest("[data-upload]").querySelector("[data-upload-list]");
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(...files.map((file) => row(input, files, file)));
}

function row(input, files, file) {
  const item = document.createElement("li");
  if (file.type.startsWith("image/")) {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = "";
    item.append(image);
  }
  const name = document.createElement("span");
  name.textContent = `${file.name} · ${(file.size / 1048576).toFixed(1)} MB`;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "×";
  remove.setAttribute("aria-label", fill(words.remove, { name: file.name }));
  remove.addEventListener("click", () => put(input, files.filter((each) => each !== file)));
  item.append(name, remove);
  return item;
}

// ---- files that are sent at once, while the person goes on writing ------------------------------

async function sendAll(box, input, files) {
  const list = box.querySelector("[data-upload-list]");
  // The form then carries ids, not the files once more.
  input.value = "";
  for (const file of files) {
    const wrong = problem(box, input, file, list.children.length);
    if (wrong) refuse(wrong);
    else await sendOne(box, list, file);
  }
}

function sendOne(box, list, file) {
  const item = document.createElement("li");
  item.className = "gd-uploading";
  const name = document.createElement("span");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(name, bar);
  list.append(item);
  return new Promise((settle) => {
    const request = new XMLHttpRequest();
    const failed = (text) => {
      item.remove();
      refuse(`${file.name}: ${text}`);
      settle();
    };
    request.open("POST", box.dataset.uploadUrl);
    request.setRequestHeader("X-CSRF-Token", box.closest("form").elements.csrf_token.value);
    request.setRequestHeader("Accept", "text/html");
    request.responseType = "document";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("load", () => {
      const row = request.response?.querySelector("li");
      const said = request.response?.getElementById("refusal")?.textContent.trim();
      if (request.status !== 201 || !row) return void failed(said || words.refused);
      item.replaceWith(row);
      changed(list);
      settle();
    });
    request.addEventListener("error", () => failed(words.offline));
    const body = new FormData();
    body.append("field", box.dataset.keptName);
    body.append("file", file);
    request.send(body);
  });
}

const changed = (list) => list.dispatchEvent(new Event("change", { bubbles: true }));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-upload]");
  if (!button) return;
  const list = button.closest("[data-upload-list]");
  button.closest("li").remove();
  changed(list);
});

document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.querySelector(".gd-uploading")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    refuse(words.uploading);
  },
  true,
);

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-upload] input[type=file]")) add(event.target, event.target.files);
});

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const box = event.target.closest?.("[data-upload]");
    if (!box) return;
    event.preventDefault();
    box.classList.toggle("gd-dropping", kind === "dragenter" || kind === "dragover");
    if (kind === "drop") add(box.querySelector("input[type=file]"), event.dataTransfer.files);
  });
}

// ---- the lightbox ----------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-lightbox]");
  // With a modifier, or for a file that is no picture or film, the link is just a link.
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const shown = view(link);
  if (!shown) return;
  event.preventDefault();
  const dialog = document.getElementById("lightbox");
  dialog.querySelector("p").textContent = link.dataset.caption;
  dialog.querySelector("a").href = link.href;
  dialog.querySelector(".gd-lightbox-view").replaceChildren(shown);
  dialog.showModal();
});

function view(link) {
  const [kind] = link.dataset.media.split("/");
  if (kind !== "image" && kind !== "video") return null;
  const shown = document.createElement(kind === "image" ? "img" : "video");
  shown.src = link.href;
  if (kind === "image") shown.alt = link.dataset.caption;
  else shown.controls = true;
  return shown;
}

document.getElementById("lightbox").addEventListener("close", (event) => {
  event.target.querySelector(".gd-lightbox-view").replaceChildren();
});
