"""Mails that no person has written to us: they are kept, and never answered."""

import re
from collections.abc import Mapping, Sequence

from gongdao.channels.channel import Automatic

#: What our own letters carry, so that they are known when they come back.
LOOP_HEADER = "X-Loop"
#: The headers that are looked at, in lower case.
LOOKED_AT = (
    "auto-submitted", "precedence", "x-loop", "return-path", "x-autoreply", "x-autorespond",
    "x-auto-reply", "x-failed-recipients", "list-id", "list-post", "list-unsubscribe", "x-gongdao",
)  # fmt: skip
_DAEMON = re.compile(r"(mailer-daemon|postmaster|mail-?daemon|double-bounce)@", re.I)
_NOBODY = re.compile(r"(no-?reply|do-?not-?reply|bounces?)([+=-].*)?@", re.I)
_AWAY = re.compile(
    r"(自动回复|自動回覆|自动答复|自動答覆|系统退信|退信"
    r"|auto(matic)?[- ]?(reply|response)"
    r"|out of (the )?office|autoreply)\s*([:：\]】-]|$)",
    re.I,
)
_FAILED = re.compile(
    r"(系统退信|退信通知|undeliver(ed|able)|delivery status notification|returned mail"
    r"|mail delivery (failed|system)|failure notice)",
    re.I,
)


def why_automatic(
    headers: Mapping[str, Sequence[str]],
    *,
    sender: str,
    subject: str,
    report_type: str,
    own_address: str,
) -> Automatic | None:
    """Why a mail is not a person's; None when nothing speaks against one."""
    said = {name: [value.strip().lower() for value in values] for name, values in headers.items()}
    own = own_address.lower()
    if sender == own or "x-gongdao" in said or own in said.get("x-loop", []):
        return "loop"
    if _is_bounce(said, sender, subject, report_type):
        return "bounce"
    if "list-id" in said or "list-post" in said or _is_bulk(said):
        return "mailing_list"
    if _is_auto_reply(said, sender, subject, report_type):
        return "auto_reply"
    return None


def _is_bounce(
    said: Mapping[str, Sequence[str]], sender: str, subject: str, report_type: str
) -> bool:
    if report_type == "delivery-status" or "x-failed-recipients" in said:
        return True
    is_nobody = "<>" in said.get("return-path", ())
    return bool(_DAEMON.match(sender)) or (is_nobody and bool(_FAILED.match(subject)))


def _is_bulk(said: Mapping[str, Sequence[str]]) -> bool:
    is_bulk = any(value in {"bulk", "list", "junk"} for value in said.get("precedence", ()))
    return is_bulk or "list-unsubscribe" in said


def _is_auto_reply(
    said: Mapping[str, Sequence[str]], sender: str, subject: str, report_type: str
) -> bool:
    submitted = [value.partition(";")[0].strip() for value in said.get("auto-submitted", ())]
    return (
        any(value not in {"no", ""} for value in submitted)
        or "auto_reply" in said.get("precedence", ())
        or any(name in said for name in ("x-autoreply", "x-autorespond", "x-auto-reply"))
        or "<>" in said.get("return-path", ())
        or report_type == "disposition-notification"
        or bool(_NOBODY.match(sender))
        or bool(_AWAY.match(subject))
    )
