"""Writes a mail: what our letters look like on the wire."""

import re
from email.errors import HeaderParseError, MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from gongdao.channels.channel import Account, Outgoing
from gongdao.channels.mail.automatic import LOOP_HEADER
from gongdao.channels.mail.settings import MailSettings
from gongdao.channels.mail.words import one_line

_POLICY = SMTP.clone(max_line_length=200)


class CannotWrite(ValueError):
    """A letter that cannot be put into the form of a mail."""


def write_mail(account: Account, settings: MailSettings, outgoing: Outgoing) -> EmailMessage:
    """The mail of a letter. Raises CannotWrite."""
    try:
        return _write(account, settings, outgoing)
    except (ValueError, HeaderParseError, MessageError, IndexError) as error:
        raise CannotWrite(f"this letter cannot be written as a mail: {error}") from error


def _write(account: Account, settings: MailSettings, outgoing: Outgoing) -> EmailMessage:
    letter = outgoing.letter
    mail = EmailMessage(policy=_POLICY)
    name = one_line(settings.sender_name)
    mail["From"] = Address(display_name=name, addr_spec=account.address)
    mail["To"] = Address(addr_spec=letter.to)
    if settings.has_plus:
        mail["Reply-To"] = Address(display_name=name, addr_spec=_plus(account, outgoing.reference))
    mail["Subject"] = one_line(letter.subject)
    mail["Date"] = format_datetime(outgoing.at)
    mail["Message-ID"] = outgoing.reference
    if letter.reply_to:
        mail["In-Reply-To"] = letter.reply_to
    if letter.refers_to:
        mail["References"] = "\r\n ".join(letter.refers_to).replace("\r\n", "")
    mail[LOOP_HEADER] = account.address
    if letter.is_automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(letter.text, charset="utf-8", cte="base64")
    for each in outgoing.enclosures:
        main, _, sub = each.media_type.partition("/")
        mail.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    return mail


def _plus(account: Account, reference: str) -> str:
    """Our address with the mark of the letter in it, as name_letter made it."""
    local, _, domain = account.address.rpartition("@")
    mark = re.match(r"<([^@]*)", reference)
    assert mark, "a reference has an at sign"
    return f"{local}+{mark[1]}@{domain}"
