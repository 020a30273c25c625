// What the lines of a conversation by e-mail say. Our own pages have them; the widget's talks never come by mail.

import { WORDS, fill } from "./chat-words.js";

const MAIL = {
  zh: {
    mail: "邮件来自 {address}", subject: "主题：{subject}", unproven: "发件人身份未经验证，勿据此透露订单信息或更改收款方式", leftOut: "部分内容未显示，请查看原件", refused: "未接收的附件：{refused}",
    mail_failed: "邮件未能送达：{text}", mail_bounced: "邮件被退回：{text}", mail_auto_reply: "收到自动回复：{text}",
  },
  en: {
    mail: "Mail from {address}", subject: "Subject: {subject}", unproven: "The sender is not proven: tell nothing of orders, change nothing about money", leftOut: "Some of it is not shown; see the original", refused: "Attachments not accepted: {refused}",
    mail_failed: "The mail could not be delivered: {text}", mail_bounced: "The mail came back: {text}", mail_auto_reply: "An automatic reply: {text}",
  },
};

for (const [locale, { mail, subject, unproven, leftOut, refused, ...others }] of Object.entries(MAIL)) {
  Object.assign(WORDS[locale].events, others, {
    mail: (fields) =>
      fill([mail, fields.subject && subject, !fields.proven && !fields.vouched && unproven, fields.refused && refused, (fields.cut || fields.left_out) && leftOut].filter(Boolean).join(" · "), fields),
  });
}
