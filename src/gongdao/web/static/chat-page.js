// Mounts a buyer's conversation on our own page, with the session that is there.

import { BuyerChat, apiOf } from "./chat-buyer.js";

const root = document.getElementById("chat");
const { shop, name, person, locale, csrf, order, talk } = root.dataset;
const socket = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/chat/socket`;

new BuyerChat({ root, shop, shopName: name, person, locale, socket, order: order || null, conversation: talk || null, api: apiOf({ csrf, locale }) });
