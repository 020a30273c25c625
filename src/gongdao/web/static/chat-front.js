// Whom a buyer can talk to: the groups of a shop, lit or grey, and who is there; and what a screen is made of.

import { node } from "./chat-view.js";
import { fill } from "./chat-words.js";

const AGENTS_SHOWN = 6;

export function button(text, classes, act, label = "") {
  const made = node("button", classes, { type: "button" }, text);
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

export function chooser(accept, take, more) {
  const input = node("input", "", { type: "file", accept, hidden: "", tabindex: "-1", "aria-hidden": "true", ...more });
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  return input;
}

// `choose(wish, name, lit)` is told whom they want.
export function storefront(front, { words, time, choose }) {
  const box = node("div", "chat-front");
  box.append(node("h3", "", {}, words.whom));
  if (!front.lit) box.append(node("p", "chat-grey-note", {}, front.opens_at ? fill(words.opensAt, { at: time(front.opens_at) }) : words.nobody));
  const list = node("ul", "chat-groups");
  for (const group of front.groups) list.append(groupItem(group, words, choose));
  if (!front.groups.length) {
    const item = node("li");
    item.append(button(words.start, "chat-group chat-lit", () => choose({}, "", front.lit)));
    list.append(item);
  }
  box.append(list);
  return box;
}

function groupItem(group, words, choose) {
  const item = node("li");
  const wish = { group_id: group.id, topic: group.topic };
  const open = button("", `chat-group ${group.lit ? "chat-lit" : "chat-grey"}`, () => choose(wish, group.name, group.lit));
  open.append(node("span", "chat-lamp", { "aria-hidden": "true" }), node("span", "chat-group-name", {}, group.name), node("span", "chat-group-state", {}, group.lit ? words.lit : words.grey));
  item.append(open);
  const agents = node("div", "chat-agents");
  for (const agent of group.agents.filter((each) => each.state !== "offline").slice(0, AGENTS_SHOWN)) {
    const lit = agent.state === "online";
    agents.append(button(agent.nickname, `chat-agent ${lit ? "chat-lit" : "chat-grey"}`, () => choose({ agent_id: agent.id, ...wish }, agent.nickname, lit)));
  }
  if (agents.childElementCount) item.append(agents);
  return item;
}
