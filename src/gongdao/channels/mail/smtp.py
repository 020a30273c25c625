"""Sends one mail by SMTP and says what became of it."""

import asyncio
from contextlib import suppress
from email.message import EmailMessage

import aiosmtplib

from gongdao.base.i18n import N_
from gongdao.channels.channel import Account, Delivery, Unavailable
from gongdao.channels.mail.connect import REFUSED, REFUSED_LOGIN, SECONDS, open_socket, tls
from gongdao.channels.mail.settings import MailSettings
from gongdao.channels.reason import write_reason

#: How long a server may take over the whole of a mail.
_SEND_SECONDS = 120.0


async def sign_in(
    account: Account, settings: MailSettings, *, networks: tuple[str, ...]
) -> aiosmtplib.SMTP:
    """A connection over which mails can be sent. Raises Unavailable."""
    security = settings.smtp_security
    sock = await asyncio.to_thread(
        open_socket, settings.smtp_host, settings.smtp_port, security, networks=networks
    )
    sock.setblocking(False)
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        sock=sock,
        username=settings.login or None,
        password=account.secret,
        # The domain of the mailbox: the name of this machine is nobody's business.
        local_hostname=account.address.rpartition("@")[2] or "localhost",
        use_tls=security == "tls",
        start_tls=security == "starttls",
        tls_context=None if security == "none" else tls(),
        timeout=SECONDS,
    )
    try:
        await client.connect()
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        client.close()
        sock.close()
        is_login = isinstance(error, aiosmtplib.SMTPAuthenticationError)
        raise Unavailable(REFUSED_LOGIN if is_login else REFUSED, error) from error
    return client


async def send_mail(
    account: Account, settings: MailSettings, mail: EmailMessage, *, networks: tuple[str, ...]
) -> Delivery:
    """Try once. What the server refuses for good is refused; everything else may be tried later."""
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            client = await sign_in(account, settings, networks=networks)
            return await _hand_over(client, account.address, mail)
    except Unavailable as unavailable:
        return Delivery(outcome="later", reason=str(unavailable))
    except TimeoutError:
        return Delivery(outcome="later", reason=write_reason(N_("The server took too long.")))


async def _hand_over(client: aiosmtplib.SMTP, sender: str, mail: EmailMessage) -> Delivery:
    try:
        await client.send_message(mail, sender=sender, timeout=_SEND_SECONDS)
    except aiosmtplib.SMTPRecipientsRefused as error:
        first = error.recipients[0]
        return _refused(first.code, first.message)
    except aiosmtplib.SMTPResponseException as error:
        return _refused(error.code, error.message)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return Delivery(
            outcome="later", reason=write_reason(N_("The connection broke off: {said}"), error)
        )
    finally:
        # The server has said yes or no by now; how the good-bye goes changes nothing.
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=5)
        client.close()
    return Delivery(outcome="sent")


def _refused(code: int, message: str) -> Delivery:
    is_final = 500 <= code < 600 and code != 530  # 530: not signed in, which can be put right
    return Delivery(
        outcome="refused" if is_final else "later",
        reason=write_reason(REFUSED, f"{code} {message}"),
    )
