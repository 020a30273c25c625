// Mounts a buyer's conversation on our own page, with the session that is there; a hit of a search is shown, and
// messages are chosen as proof for a case.

import { BuyerChat, apiOf } from "./chat-buyer.js";
import "./talk-mail.js";
import { Sealing } from "./talk-seal.js";

const root = document.getElementById("chat");
const { shop, name, person, locale, csrf, order, talk, at, choose } = root.dataset;
const socket = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/chat/socket`;
const api = apiOf({ csrf, locale });
const button = document.getElementById("chat-choose");
let sealing = null;
let first = true;

root.addEventListener("chat:entered", ({ detail: { conversation, view, box } }) => {
  sealing = new Sealing({ root: box, view, conversation, api, locale, house: "/cases/" });
  button.hidden = false;
  if (first && at) view.show(Number(at));
  if (first && choose) sealing.start(choose);
  first = false;
});
button.addEventListener("click", () => sealing?.start(choose));

new BuyerChat({ root, shop, shopName: name, person, locale, socket, order: order || null, conversation: talk || null, api });
