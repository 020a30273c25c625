"""The people of a shop keep its complaint register: look, decide, commit, tell whom it concerns."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal
from gongdao.base.db import Connection, Pool
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id, new_token
from gongdao.base.keys import require_key
from gongdao.base.live import changed
from gongdao.cases.commands import Args
from gongdao.flows.register_contact import note_looks
from gongdao.flows.register_reads import know, rules_of
from gongdao.register.actor import Known, actor_of
from gongdao.register.commands import EntryArgs, LinkArgs
from gongdao.register.concern import concerned
from gongdao.register.decide import Outcome, decide, decide_opening
from gongdao.register.entry import Entry
from gongdao.register.events import ContactShown
from gongdao.register.store import (
    ConflictError,
    Key,
    Stored,
    commit,
    find_key,
    load_entry,
    load_events,
    tell,
)
from gongdao.settings.setting import RegisterRules

#: How often a decision is made again because something changed under it.
TRIES_MAX = 5


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of an entry. `again`: this was done before, and nothing changed."""

    entry: Entry
    number: int
    again: bool = False
    secret: str = ""
    """The secret of a link that was just made; it is told once and kept nowhere."""


async def open_entry(
    pool: Pool, who: Principal, args: EntryArgs, *, now: datetime, key: str | None = None
) -> Kept:
    """Write a complaint down. Raises Refusal."""
    shop_id = shop_of(who)
    named = _key(who, key, _digest("open", shop_id, args))
    async with pool.acquire() as connection:
        if done := await _done_before(connection, shop_id, named):
            return done
        rules = await rules_of(connection, shop_id)
        known = await _know(connection, who, args, rules=rules, now=now)
        actor = actor_of(who, rules)
        outcome = decide_opening(args, entry_id=new_id(), shop_id=shop_id, actor=actor, known=known)
        try:
            return await _keep(connection, None, outcome, known, named)
        except ConflictError:
            # The same key arrived twice at once; the other one was first.
            if done := await _done_before(connection, shop_id, named):
                return done
            raise


async def act_on_entry(
    pool: Pool,
    who: Principal,
    entry_id: UUID,
    action: str,
    args: Args,
    *,
    now: datetime,
    version: int | None = None,
    key: str | None = None,
) -> Kept:
    """Do something with an entry. Raises Refusal with the first code that applies."""
    shop_id = shop_of(who)
    named = _key(who, key, _digest(action, entry_id, args))
    async with pool.acquire() as connection:
        for _ in range(TRIES_MAX):
            seen = await _see(connection, shop_id, entry_id)
            if done := await _done_before(connection, shop_id, named):
                return done
            rules = await rules_of(connection, shop_id)
            secret = new_token("gda") if isinstance(args, LinkArgs) else ""
            known = await _know(
                connection, who, args, rules=rules, now=now, number=seen.number, secret=secret
            )
            outcome = decide(
                seen.entry,
                action,
                args,
                actor=actor_of(who, rules),
                known=known,
                version=await _past_looks(connection, seen.entry, version),
            )
            try:
                kept = await _keep(connection, seen, outcome, known, named)
            except ConflictError:
                continue
            return msgspec.structs.replace(kept, secret=secret)
    raise Refusal("version_conflict", N_("Too much is happening at once; please try again."))


async def see_entry(connection: Connection, who: Principal, entry_id: UUID) -> Stored:
    """An entry of one's own shop. Raises Refusal not_found."""
    return await _see(connection, shop_of(who), entry_id)


def shop_of(who: Principal) -> UUID:
    """The shop whose register somebody keeps. Refuses whoever has none, or may not see it."""
    if who.shop_id is None or not who.may("register.read"):
        raise Refusal("wrong_role", N_("Your role does not permit this."))
    return who.shop_id


def hash_of_secret(secret: str) -> str:
    """What is kept of the secret of a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def keep(
    connection: Connection,
    before: Stored | None,
    outcome: Outcome,
    known: Known,
    key: Key | None = None,
) -> int:
    """Write an outcome and tell whom it concerns, in one transaction. Raises ConflictError."""
    async with connection.transaction():
        number = await commit(connection, outcome, before=before, now=known.now, key=key)
        await note_looks(connection, outcome, number)
        told = concerned(outcome, known.colleagues)
        await tell(connection, outcome.entry.id, told, now=known.now)
    entry = outcome.entry
    changed(
        (f"register:{entry.shop_id}", f"entry:{entry.id}", *(f"notices:{each}" for each in told))
    )
    return number


async def _keep(
    connection: Connection,
    before: Stored | None,
    outcome: Outcome,
    known: Known,
    key: Key | None,
) -> Kept:
    number = await keep(connection, before, outcome, known, key)
    return Kept(entry=outcome.entry, number=number)


async def _see(connection: Connection, shop_id: UUID, entry_id: UUID) -> Stored:
    seen = await load_entry(connection, entry_id)
    if seen is None or seen.entry.shop_id != shop_id:
        raise Refusal("not_found", N_("There is no such entry."))
    return seen


async def _past_looks(connection: Connection, entry: Entry, version: int | None) -> int | None:
    """The version that somebody saw; a look since then changed nothing of what they saw."""
    if version is None or version >= entry.version:
        return version
    since = [each for each in await load_events(connection, entry.id) if each.version > version]
    return entry.version if all(isinstance(each.body, ContactShown) for each in since) else version


async def _know(
    connection: Connection,
    who: Principal,
    args: Any,
    *,
    rules: RegisterRules,
    now: datetime,
    number: int = 0,
    secret: str = "",
) -> Known:
    file_id: UUID | None = getattr(args, "file", None)
    file_ids: list[UUID] = [*getattr(args, "files", ()), *([file_id] if file_id else ())]
    return await know(
        connection,
        shop_of(who),
        now=now,
        rules=rules,
        person_id=who.person_id,
        number=number,
        order_number=getattr(args, "order_number", "").strip(),
        file_ids=file_ids,
        link_sha256=hash_of_secret(secret) if secret else "",
        locale=who.locale,
    )


async def _done_before(connection: Connection, shop_id: UUID, key: Key | None) -> Kept | None:
    """Answer a command that was carried out already; its key belongs to one body only."""
    found = await find_key(connection, key.person_id, key.key) if key else None
    if found is None or key is None:
        return None
    digest, entry_id = found
    if digest != key.digest:
        raise Refusal(
            "idempotency_conflict", N_("This idempotency key was used for something else.")
        )
    seen = await _see(connection, shop_id, entry_id)
    return Kept(entry=seen.entry, number=seen.number, again=True)


def _digest(action: str, target: UUID, args: Args) -> bytes:
    said = msgspec.json.encode([action, target, args], order="deterministic")
    return hashlib.sha256(said).digest()


def _key(who: Principal, key: str | None, digest: bytes) -> Key | None:
    if key is None:
        return None
    require_key(key)
    return Key(person_id=who.person_id, key=key, digest=digest)
