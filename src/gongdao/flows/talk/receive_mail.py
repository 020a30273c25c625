"""What comes in by a channel: its bytes are made safe, then it is read and put in a conversation.

A worker that dies at any point loses nothing and tells nothing twice: the account's position moves
on in the transaction that lists a message whose bytes are stored; and a message is told, and
settled as told, in one transaction, under ids that follow from its own.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid5

import msgspec

from gongdao.accounts.fields import NAME_MAX
from gongdao.accounts.people_store import add_person
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.live import changed
from gongdao.channels.arrival_store import (
    ArrivalRow,
    count_lately,
    keep_arrival,
    lock_arrival,
    settle_arrival,
    take_kept,
)
from gongdao.channels.channel import Account, Channel, Incoming, Moved, Unavailable, Unreadable
from gongdao.channels.letter_store import (
    LetterRow,
    Thread,
    end_letter,
    find_letters,
    find_open_thread,
    keep_thread,
    lock_thread,
)
from gongdao.channels.people_store import add_correspondent, buyer_at, correspondent_at
from gongdao.channels.reason import write_reason
from gongdao.channels.store import AccountRow, find_accounts, move, note_trouble, note_well
from gongdao.chat.conversation import Conversation
from gongdao.chat.routing.place import place
from gongdao.chat.routing.store import lock_desk
from gongdao.chat.store import Opening, load_conversation, open_conversation, say_all
from gongdao.files.objects import Objects, object_key
from gongdao.files.receive_file import receive_file
from gongdao.files.store import find_files
from gongdao.flows.guard.say_signs import look_at_said
from gongdao.flows.talk.mail_sayings import TakenFile, Told, sayings_of, subject_of
from gongdao.flows.talk.say import say_line, tell

#: How often an account that answers is asked, and how long one that does not is left alone.
ASK_EVERY = timedelta(seconds=15)
WAIT_FIRST, WAIT_MAX = timedelta(seconds=30), timedelta(minutes=30)
#: So many messages of one sender within an hour reach people; more are held back and listed.
HOUR_MAX = 20
#: Reading that has ended a worker so often is not tried again.
ATTEMPTS_MAX = 3
_MAILS = UUID("7d3c0f5e-4b0a-5c5e-9d55-0f6d1f3b8a10")


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote, and with which conversation they go on."""

    buyer_id: UUID
    is_proven: bool
    answered: Conversation | None


async def take_in(
    pool: Pool,
    objects: Objects,
    channel: Channel,
    row: AccountRow,
    secret: str,
    *,
    clock: Callable[[], datetime],
) -> int:
    """Store what is new in an account, one message after the other; how many there were."""
    kept = 0
    try:
        with TemporaryDirectory(prefix="gongdao-mail-") as folder:
            async for step in channel.fetch(row.opened(secret), Path(folder), now=clock()):
                if isinstance(step, Moved):
                    await move(pool, row.id, step.position)
                    continue
                if step.raw is not None:
                    await objects.put(raw_key(step.sha256), step.raw)
                    step.raw.unlink()
                async with pool.acquire() as connection:
                    kept += await keep_arrival(
                        connection, row.id, step, arrival_id=new_id(), now=clock()
                    )
    except Unavailable as unavailable:
        wait = min(WAIT_FIRST * 2 ** min(row.failures, 10), WAIT_MAX)
        await note_trouble(pool, row.id, str(unavailable), again=clock() + wait)
    else:
        await note_well(pool, row.id, now=clock(), again=clock() + ASK_EVERY)
    return kept


async def tell_next(pool: Pool, objects: Objects, channel: Channel, *, now: datetime) -> bool:
    """Read the oldest message that waits, and put it where it belongs; False when none waits."""
    row = await take_kept(pool, now=now)
    if row is None:
        return False
    if row.attempts > ATTEMPTS_MAX:
        reason = write_reason(N_("Each time that it was read, the program ended."))
        await settle_arrival(pool, row.id, "unreadable", reason=reason)
        return True
    account = (await find_accounts(pool, [row.account_id]))[row.account_id].opened("")
    with TemporaryDirectory(prefix="gongdao-mail-") as folder:
        try:
            incoming = await _read(objects, channel, account, row, Path(folder))
        except Unreadable as error:
            await settle_arrival(pool, row.id, "unreadable", reason=str(error))
            return True
        await _decide(pool, objects, channel, account, row, incoming, Path(folder), now)
    return True


def raw_key(sha256: bytes) -> str:
    """Where the bytes of a message lie, as it came."""
    return f"mail/{object_key(sha256)}"


async def _read(
    objects: Objects, channel: Channel, account: Account, row: ArrivalRow, folder: Path
) -> Incoming:
    assert row.sha256, "what is kept has bytes"
    raw = folder / "raw"
    size = await objects.size_of(raw_key(row.sha256))
    if size is None:
        raise Unreadable(N_("Its bytes are missing from the storage."))
    await objects.fetch(raw_key(row.sha256), size, raw)
    incoming = await channel.read(account, raw, folder)
    if not incoming.address:
        raise Unreadable(N_("It does not say from which address it comes."))
    return incoming


async def _decide(
    pool: Pool,
    objects: Objects,
    channel: Channel,
    account: Account,
    row: ArrivalRow,
    incoming: Incoming,
    folder: Path,
    now: datetime,
) -> None:
    """Into a conversation, or aside with the reason."""
    letters = await _letters_answered(pool, channel, account, incoming)
    if incoming.automatic and not row.is_wanted:
        await _note_automatic(pool, letters, row, incoming, now)
        await settle_arrival(pool, row.id, "automatic", reason=incoming.automatic)
        return
    lately = await count_lately(pool, row, within=timedelta(hours=1))
    if lately >= HOUR_MAX and not row.is_wanted:
        await settle_arrival(pool, row.id, "held", reason=f"{lately + 1} in an hour")
        return
    known = await _who(pool, account, letters, incoming)
    files = await _take_files(pool, objects, row, incoming, folder, by=known.buyer_id, now=now)
    told = Told(
        arrival_id=row.id,
        incoming=incoming,
        files=files,
        is_proven=known.is_proven,
        answers=known.answered.number if known.answered else None,
    )
    await _tell(pool, account, row, known, told, now)


async def _letters_answered(
    pool: Pool, channel: Channel, account: Account, incoming: Incoming
) -> list[LetterRow]:
    """Our letters that it proves to have been written in answer to, the nearest first."""
    ids = channel.answers(account, incoming)
    found = await find_letters(pool, ids) if ids else {}
    return [found[each] for each in ids if each in found]


async def _who(
    pool: Pool, account: Account, letters: Sequence[LetterRow], incoming: Incoming
) -> _Known:
    """Who wrote. Whoever answers our letter from the address it went to goes on where it stands.

    Whoever writes again before we have answered goes on too: the name of their own mail is known
    to them and to us. It proves nothing of who they are.
    A buyer with an account is believed to have written only where the mailbox's own server says so;
    anybody else who names that address is the stranger who writes under it.
    """
    where = (account.shop_id, account.channel, incoming.address)
    for letter in letters:
        if letter.conversation_id and letter.letter.to == incoming.address:
            answered = await load_conversation(pool, letter.conversation_id)
            if answered is not None:
                return _Known(buyer_id=answered.buyer_id, is_proven=True, answered=answered)
    found = await (buyer_at if incoming.is_vouched else correspondent_at)(pool, *where)
    buyer_id = found or uuid5(_MAILS, ":".join(map(str, where)))
    same = await find_open_thread(pool, account.id, incoming.address, buyer_id, incoming.refers_to)
    answered = await load_conversation(pool, same) if same else None
    return _Known(buyer_id=buyer_id, is_proven=False, answered=answered)


async def _take_files(
    pool: Pool,
    objects: Objects,
    row: ArrivalRow,
    incoming: Incoming,
    folder: Path,
    *,
    by: UUID,
    now: datetime,
) -> tuple[TakenFile, ...]:
    """The attachments through the files room, which checks what is in them; each is kept once."""
    ids = [uuid5(row.id, f"file {n}") for n in range(len(incoming.attachments))]
    before = await find_files(pool, ids) if ids else {}
    taken: list[TakenFile] = []
    for file_id, attachment in zip(ids, incoming.attachments, strict=True):
        file, why = before.get(file_id), ""
        if file is None:
            pieces = _pieces(folder / attachment.path)
            try:
                file = await receive_file(
                    pool, objects, pieces, file_id=file_id, name=attachment.name, uploaded_by=by,
                    now=now,
                )  # fmt: skip
            except Refusal as refusal:
                why = refusal.code
        taken.append(TakenFile(name=attachment.name, file=file, refused=why))
    return tuple(taken)


async def _tell(
    pool: Pool, account: Account, row: ArrivalRow, known: _Known, told: Told, now: datetime
) -> None:
    """Put it into its conversation, all of it or nothing."""
    async with pool.acquire() as connection, connection.transaction():
        if not await lock_arrival(connection, row.id):
            return
        await lock_desk(connection, account.shop_id)
        conversation, is_new = await _conversation(connection, account, row, known, told, now)
        said = await say_all(connection, sayings_of(told, conversation, now=now))
        for one in said:
            assert one.outcome in ("said", "again"), "the desk is held, so nobody closes it"
            tell(conversation, one)
        await place(connection, conversation.id, now=now)
        await _keep_thread(connection, account, conversation, told.incoming)
        await settle_arrival(connection, row.id, "told", conversation_id=conversation.id)
        changed([f"desk:{account.shop_id}", f"state:{conversation.id}"] if is_new else [])
    messages = [one.message for one in said if one.message]
    await look_at_said(pool, conversation, messages, now=now)


async def _conversation(
    connection: Connection,
    account: Account,
    row: ArrivalRow,
    known: _Known,
    told: Told,
    now: datetime,
) -> tuple[Conversation, bool]:
    """The one that is answered while it is open, else a new one."""
    if known.answered is not None:
        current = await load_conversation(connection, known.answered.id)
        if current is not None and current.state != "closed":
            return current, False
    await _know_buyer(connection, account, known.buyer_id, told.incoming, now)
    opening = Opening(
        id=uuid5(row.id, "conversation"),
        shop_id=account.shop_id,
        buyer_id=known.buyer_id,
        channel="mail",
        subject=subject_of(told.incoming),
        locale=told.locale,
    )
    return await open_conversation(connection, opening, now=now)


async def _know_buyer(
    connection: Connection, account: Account, buyer_id: UUID, incoming: Incoming, now: datetime
) -> None:
    """A buyer for an address that nobody has proven: they cannot sign in, only be written to."""
    where = (account.shop_id, account.channel, incoming.address)
    if buyer_id in (
        await correspondent_at(connection, *where),
        await buyer_at(connection, *where),
    ):
        return
    name = (incoming.name or incoming.address.partition("@")[0])[:NAME_MAX]
    await add_person(
        connection,
        buyer_id,
        sign_in_name=f"{account.channel}.{buyer_id.hex}",
        name=name,
        kind="buyer",
        shop_id=None,
        role_id=None,
        password_hash=None,
        locale="zh",
        now=now,
    )
    await add_correspondent(
        connection, account.shop_id, account.channel, incoming.address, buyer_id, now=now
    )


async def _keep_thread(
    connection: Connection, account: Account, conversation: Conversation, incoming: Incoming
) -> None:
    """Answers go to whoever wrote, and refer to what they wrote last."""
    before = await lock_thread(connection, conversation.id)
    earlier = [name for name in incoming.refers_to if name.isascii() and "+" not in name[:2]]
    refers_to = [*earlier[-10:], *([incoming.reference] if incoming.reference else [])]
    thread = Thread(
        conversation_id=conversation.id,
        account_id=before.account_id if before else account.id,
        address=before.address if before else incoming.address,
        subject=before.subject if before else subject_of(incoming),
        reply_to=incoming.reference if incoming.reference.isascii() else "",
        refers_to=tuple(name for name in refers_to if name.isascii()),
        put_seq=before.put_seq if before else 0,
    )
    await keep_thread(connection, thread)


async def _note_automatic(
    pool: Pool, letters: Sequence[LetterRow], row: ArrivalRow, incoming: Incoming, now: datetime
) -> None:
    """The shop's people see that a letter came back, or that somebody is away."""
    for letter in letters[:1]:
        if letter.conversation_id is None or incoming.automatic not in ("bounce", "auto_reply"):
            continue
        if incoming.automatic == "bounce":
            await end_letter(pool, letter.id, "bounced", reason=incoming.text[:300], now=now)
        conversation = await load_conversation(pool, letter.conversation_id)
        assert conversation, "conversations are never deleted"
        event = "mail_bounced" if incoming.automatic == "bounce" else "mail_auto_reply"
        fields: dict[str, str | int] = {"text": incoming.text[:300], "seq": letter.seq or 0}
        await say_line(
            pool, conversation, event, once=str(row.id), now=now, for_shop=True, fields=fields
        )


async def _pieces(path: Path):
    with path.open("rb") as file:
        while piece := file.read(256 * 1024):
            yield piece
