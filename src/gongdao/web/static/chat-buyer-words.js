// The words of a buyer's conversation window, in both languages.

export const BUYER_WORDS = {
  zh: {
    whom: "请选择要咨询的客服", start: "联系客服", first: "请描述您的问题，发送后客服会立即收到。", firstGrey: "客服暂时不在线，请留言，上线后会尽快回复您。", other: "换一个客服", lit: "在线", grey: "离线，可留言", nobody: "客服暂时不在线，您可以先留言，上线后会尽快回复。", opensAt: "客服将于 {at} 上线，您可以先留言。",
    write: "请输入消息", over: "还有问题？请直接输入", send: "发送", again: "重新咨询", close: "结束会话",
    emoji: "表情", picture: "图片/文件", camera: "拍照", orders: "发订单", noOrders: "您在本店还没有订单。", noReply: "取消回复", sending: "正在发送 {name}", held: "网络恢复后会自动发送 {name}，请先不要关闭页面",
    waiting: "正在为您安排客服…", place: "排队中，您在第 {place} 位", with: "{agent} 正在为您服务", closed: "会话已结束",
    grade: "请为本次服务打分", stars: "{grade} 星", thanks: "感谢您的评价！", broken: "网络不太顺畅，请稍后再试。", retry: "重试", signedOut: "登录已失效，请刷新页面",
    openChat: "联系客服", closeChat: "收起", unread: "{count} 条未读消息",
  },
  en: {
    whom: "Whom would you like to talk to?", start: "Talk to us", first: "What can we do for you? We get your message as soon as you send it.", firstGrey: "Nobody is here just now. Leave your message and we will answer soon.", other: "Somebody else", lit: "Online", grey: "Offline, leave a message", nobody: "Nobody is here just now. Leave a message and we will answer soon.", opensAt: "We are back at {at}. You may leave a message.",
    write: "Write a message", over: "Anything else?", send: "Send", again: "Begin anew", close: "End conversation",
    emoji: "Emoji", picture: "Picture or file", camera: "Camera", orders: "Send an order", noOrders: "You have no orders in this shop yet.", noReply: "Do not reply", sending: "Sending {name}", held: "{name} goes out once the network is back. Keep this page open.",
    waiting: "Finding somebody for you…", place: "You are number {place} in the queue", with: "{agent} is with you", closed: "This conversation has ended",
    grade: "How content were you?", stars: "{grade} of 5", thanks: "Thank you!", broken: "The connection is poor. Please try again.", retry: "Try again", signedOut: "You are signed out. Reload the page.",
    openChat: "Talk to us", closeChat: "Close", unread: "{count} unread messages",
  },
};
