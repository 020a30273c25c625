// The one script of a shop's page: <script src="https://.../widget.js" data-shop="..." async></script>.
// Draws a button; what a conversation needs is fetched when somebody opens it. Everything lies in a shadow
// of its own, and no cookie is read or set: the browser keeps a token for this shop beside the page's data.
(() => {
  const script = document.currentScript;
  const { shop, identity = "", name = "", locale = (navigator.language || "zh").startsWith("zh") ? "zh" : "en" } = script.dataset;
  const origin = new URL(script.src).origin;
  const load = () => import(`${origin}/static/chat-widget.js`).then((made) => made.mount({ shop, identity, name, locale: locale === "en" ? "en" : "zh", origin, host }));
  const host = document.createElement("div");
  host.id = "gongdao-widget";
  const start = () => {
    document.body.append(host);
    load();
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
