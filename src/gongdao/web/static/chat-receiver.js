// The card that asks whether a receiver is right: one tap confirms, a form says what is right instead. What it
// asks about is fetched, never part of the message; so it shows how things stand, whenever it is drawn.

import { button } from "./chat-front.js";
import { fill } from "./chat-words.js";
import { node } from "./chat-view.js";

const FIELDS = ["name", "phone", "address"];
const LENGTHS = { name: 60, phone: 40, address: 200 };
const WORDS = {
  zh: {
    title: "请核对收货信息", order: "订单 {number}", name: "收货人", phone: "电话", address: "地址", right: "信息正确，确认", wrong: "有误，我要改",
    save: "提交修改", back: "返回", confirmed: "已确认", changed: "已改为以上信息", waits: "等待买家确认", over: "包裹已发出，不能再修改", broken: "网络不太顺畅，请稍后再试。", again: "重试",
  },
  en: {
    title: "Please check the receiver", order: "Order {number}", name: "Name", phone: "Phone", address: "Address", right: "All of it is right", wrong: "Change it",
    save: "Save the change", back: "Back", confirmed: "Confirmed", changed: "Changed to this", waits: "Waiting for the buyer", over: "The parcel has left; it cannot be changed", broken: "The connection is poor. Please try again.", again: "Try again",
  },
};

export function receiverCard(body, { api, locale, answers }) {
  const words = WORDS[locale];
  const card = node("section", "chat-receiver", { "aria-label": words.title });
  const path = `/receiver-checks/${body.check_id}`;

  async function load() {
    try {
      draw(await api(path));
    } catch (problem) {
      card.replaceChildren(head(body.number), node("p", "chat-receiver-said", {}, problem.message || words.broken), button(words.again, "", load));
    }
  }

  async function answer(receiver) {
    for (const each of card.querySelectorAll("button")) each.disabled = true;
    try {
      draw(await api(`${path}/answer`, { method: "PUT", body: receiver }));
    } catch (problem) {
      for (const each of card.querySelectorAll("button")) each.disabled = false;
      card.querySelector(".chat-receiver-error")?.remove();
      card.append(node("p", "chat-receiver-error", { role: "alert" }, problem.message || words.broken));
    }
  }

  function head(number) {
    const top = node("header", "chat-receiver-head");
    top.append(node("strong", "", {}, words.title), node("span", "", {}, fill(words.order, { number })));
    return top;
  }

  function facts(receiver) {
    const list = node("dl", "chat-receiver-facts");
    for (const name of FIELDS) list.append(node("dt", "", {}, words[name]), node("dd", "", {}, receiver[name] || "—"));
    return list;
  }

  function draw(seen) {
    const parts = [head(seen.number), facts(seen.receiver)];
    if (seen.answer) parts.push(node("p", "chat-receiver-said", { role: "status" }, words[seen.answer]));
    else if (!seen.may_answer) parts.push(node("p", "chat-receiver-said", {}, words.over));
    else if (!answers) parts.push(node("p", "chat-receiver-said", {}, words.waits));
    else {
      const acts = node("p", "chat-receiver-acts");
      acts.append(button(words.right, "chat-receiver-yes", () => answer({})), button(words.wrong, "", () => correct(seen)));
      parts.push(acts);
    }
    card.replaceChildren(...parts);
  }

  function correct(seen) {
    const form = node("form", "chat-receiver-form");
    for (const name of FIELDS) {
      const label = node("label", "", {}, words[name]);
      const field = node(name === "address" ? "textarea" : "input", "", { name, required: "", maxlength: LENGTHS[name], autocomplete: { name: "name", phone: "tel", address: "street-address" }[name] });
      if (name === "phone") field.type = "tel";
      field.value = seen.receiver[name] ?? "";
      label.append(field);
      form.append(label);
    }
    const acts = node("p", "chat-receiver-acts");
    const save = node("button", "chat-receiver-yes", { type: "submit" }, words.save);
    acts.append(save, button(words.back, "", () => draw(seen)));
    form.append(acts);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(Object.fromEntries(new FormData(form)));
    });
    card.replaceChildren(head(seen.number), form);
    form.querySelector("input").focus();
  }

  card.append(head(body.number));
  // Somebody answers on another screen: the line that says so has every card look again.
  card.addEventListener("chat:stale", load);
  load();
  return card;
}
