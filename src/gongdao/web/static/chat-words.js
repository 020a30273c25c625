// The words of conversations, in both languages; `{name}` is filled in.

export const WORDS = {
  zh: {
    me: "我", buyer: "买家", shop: "客服", platform: "平台客服", system: "系统消息",
    yesterday: "昨天", earlier: "查看更早的消息",
    sending: "发送中", waiting: "等待网络", failed: "未发送", retry: "重新发送", drop: "删除",
    delivered: "已送达", read: "已读", recall: "撤回", reply: "回复", unknown: "没人知道", recalled: "{name}撤回了一条消息", recalledMine: "您撤回了一条消息",
    typing: "对方正在输入…", offline: "网络已断开，正在重新连接…", catchingUp: "正在同步消息…",
    image: "图片", file: "文件", order: "订单", product: "商品", case: "售后单", receiver: "核对收货信息", note: "内部备注",
    sent: "消息列表",
    kinds: {
      refund_only: "仅退款", return_refund: "退货退款", exchange: "换货", resend: "补寄", repair: "维修",
      price_protection: "价保", intercept_return: "拦截退回", freight_dispute: "运费争议", late_shipment: "未按约定时间发货",
      out_of_stock: "缺货", refuse_to_sell: "成交不卖", paid_not_shipped: "收款不发货", not_as_described: "描述不符",
      fake_dispatch: "虚假发货", promise_broken: "违背承诺", staff_conduct: "服务态度", not_received: "未收到货",
      short_shipment: "少货", damaged: "破损", counterfeit: "假冒商品", pirated: "盗版商品", prohibited_goods: "禁售商品",
      counterfeit_listing: "售卖假货", ip_infringement: "知识产权侵权", fake_trade: "炒作信誉（刷单）",
      malicious_order: "恶意拍下", malicious_complaint: "恶意投诉", review_extortion: "差评敲诈", harassment: "恶意骚扰",
      off_platform: "引导线下交易", market_disruption: "扰乱市场秩序",
    },
    events: {
      assigned: "客服 {agent} 为您服务", handed_over: "已为您转接至 {to}", hand_over_reason: "转接原因：{reason}",
      agent_left: "客服 {agent} 暂时离开，正在为您安排其他客服", closed: "会话已结束", closed_by_buyer: "买家结束了会话",
      invited: "请为本次服务打分", graded: "买家评价：{grade} 星", case_opened: "已发起售后单 {number}",
      receiver_confirmed: "买家已确认订单 {number} 的收货信息", receiver_changed: "买家修改了订单 {number} 的收货信息", default: "会话有新的进展",
      queuedDefault: "当前咨询人数较多，您排在第 {place} 位，请稍候", awayDefault: "客服暂时不在线，您可以留言，上线后会尽快回复", awayUntil: "客服将于 {opens_at} 上线，您可以先留言",
    },
  },
  en: {
    me: "Me", buyer: "Buyer", shop: "Agent", platform: "Platform", system: "System",
    yesterday: "Yesterday", earlier: "Earlier messages",
    sending: "Sending", waiting: "Waiting for the network", failed: "Not sent", retry: "Send again", drop: "Delete",
    delivered: "Delivered", read: "Read", recall: "Take back", reply: "Reply", unknown: "Nobody knows", recalled: "{name} took a message back", recalledMine: "You took a message back",
    typing: "Typing…", offline: "Connection lost, trying again…", catchingUp: "Catching up…",
    image: "Picture", file: "File", order: "Order", product: "Product", case: "Case", receiver: "Receiver to be checked", note: "Internal note",
    sent: "Messages",
    kinds: {
      refund_only: "Refund only", return_refund: "Return and refund", exchange: "Exchange",
      resend: "Resend", repair: "Repair", price_protection: "Price protection",
      intercept_return: "Intercepted return", freight_dispute: "Freight dispute",
      late_shipment: "Late shipment", out_of_stock: "Out of stock", refuse_to_sell: "Refusal to sell",
      paid_not_shipped: "Paid but not shipped", not_as_described: "Not as described",
      fake_dispatch: "Fake dispatch", promise_broken: "Broken promise", staff_conduct: "Conduct of staff",
      not_received: "Not received", short_shipment: "Short shipment", damaged: "Damaged",
      counterfeit: "Counterfeit goods", pirated: "Pirated goods", prohibited_goods: "Prohibited goods",
      counterfeit_listing: "Sale of counterfeits", ip_infringement: "Infringed intellectual property",
      fake_trade: "Fake trade", malicious_order: "Malicious order",
      malicious_complaint: "Malicious complaint", review_extortion: "Extortion by reviews",
      harassment: "Harassment", off_platform: "Trade led off the platform",
      market_disruption: "Disruption of the market",
    },
    events: {
      assigned: "{agent} is here for you", handed_over: "You are now with {to}", hand_over_reason: "Reason for the hand-over: {reason}",
      agent_left: "{agent} had to leave; somebody else will be with you soon", closed: "This conversation has ended", closed_by_buyer: "The buyer ended the conversation",
      invited: "How content were you?", graded: "The buyer gave {grade} of 5", case_opened: "Case {number} was opened",
      receiver_confirmed: "The buyer confirmed the receiver of order {number}", receiver_changed: "The buyer changed the receiver of order {number}", default: "Something happened in this conversation",
      queuedDefault: "We are busy. You are number {place} in the queue", awayDefault: "Nobody is here just now. Leave a message, we will answer soon", awayUntil: "We are back at {opens_at}. You may leave a message",
    },
  },
};

export const fill = (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name] ?? "");

// What a system line says; the shop's own wording comes first, then where we stand in the queue.
export function eventText(words, body, locale) {
  const fields = { to: body.fields?.agent || body.fields?.group, ...body.fields };
  if (fields.opens_at) fields.opens_at = new Date(fields.opens_at).toLocaleString(locale === "zh" ? "zh-CN" : "en-GB", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const events = words.events;
  if (body.event === "queued") return [fields.text, fill(events.queuedDefault, fields)].filter(Boolean).join(" ");
  if (body.event === "away") return [fields.text || (fields.opens_at ? "" : events.awayDefault), fields.opens_at ? fill(events.awayUntil, fields) : ""].filter(Boolean).join(" ");
  const said = events[body.event] ?? (fields.text ? "{text}" : events.default);
  return said.call ? said(fields) : fill(said, fields);
}
