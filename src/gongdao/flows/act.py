"""People act on cases: look, decide, commit; and once more when something changed meanwhile."""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from gongdao.accounts.principal import Principal, party_role
from gongdao.base.db import Pool, Queryable
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_
from gongdao.base.ids import new_id
from gongdao.base.keys import require_key
from gongdao.base.live import changed
from gongdao.cases.case import Case
from gongdao.cases.commands import Args, Command, OpenArgs
from gongdao.cases.decide import decide, decide_opening, decide_timeout, timed_out
from gongdao.cases.draft import Outcome
from gongdao.cases.facts import Facts
from gongdao.cases.store import CommandKey, ConflictError, Decided, commit, commit_one
from gongdao.flows.case_reads import CaseSeen, Done, hashes_of_files, see_case, see_order
from gongdao.flows.conflicts import conflict_in, hears, tie_in
from gongdao.flows.exchange_facts import with_difference, with_variants
from gongdao.flows.leave import require_leave, require_within_limit
from gongdao.policy.load import load_pack
from gongdao.policy.pack import Pack

#: How often a decision is made again because something changed under it.
TRIES_MAX = 10


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a case, and what moved. `again`: this was done before, nothing changed."""

    case: Case
    number: int
    outcome: Outcome | None = None
    again: bool = False


async def open_case(
    pool: Pool,
    who: Principal,
    order_id: UUID,
    args: OpenArgs,
    *,
    pack: Pack,
    now: datetime,
    key: str | None = None,
    on_behalf_of: Literal["buyer"] | None = None,
) -> Acted:
    """File a case on an order; a shop's agent may file one for its buyer. Raises Refusal."""
    require_leave(who, "open")
    command = _command(who, "open", args, None)
    if on_behalf_of:
        command = msgspec.structs.replace(command, by=on_behalf_of)
    digest = _digest("open", order_id, args)
    for _ in range(TRIES_MAX):
        seen = await see_order(pool, order_id, person_id=who.person_id, key=_checked(key))
        if seen is None or not _is_party(who, seen.facts.order.buyer_id, seen.facts.order.shop_id):
            raise Refusal("not_found", N_("There is no such order."))
        if seen.done and seen.done.case_id:
            return await _done_before(pool, seen.done, digest, seen.done.case_id)
        facts = await _with_files(pool, who, [args], seen.facts)
        facts = await with_variants(pool, [args], facts)
        outcome = decide_opening(command, case_id=new_id(), facts=facts, pack=pack, now=now)
        try:
            numbers = await commit(
                pool,
                [Decided(outcome=outcome, key=_command_key(who, key, digest))],
                now=now,
                siblings_seen=len(facts.siblings),
            )
            changed(channels_of(outcome.case))
            return Acted(case=outcome.case, number=numbers[0], outcome=outcome)
        except ConflictError:
            continue
    raise _too_busy()


async def act_on_case(
    pool: Pool,
    who: Principal,
    case_id: UUID,
    action: str,
    args: Args,
    *,
    now: datetime,
    before: Sequence[tuple[str, Args]] = (),
    version: int | None = None,
    key: str | None = None,
) -> Acted:
    """Do something in a case, and before it what belongs to it: all of that or nothing.

    Raises Refusal with the first code that applies. What comes before moves no money.
    """
    digest = _digest(action, case_id, args, before)
    steps = [_command(who, each, said, None) for each, said in (*before, (action, args))]
    # The version is the one that the person saw; each step makes a newer one.
    steps[0] = msgspec.structs.replace(steps[0], version=version)
    named = _command_key(who, _checked(key), digest)
    for _ in range(TRIES_MAX):
        with contextlib.suppress(ConflictError):
            acted = await _act_once(pool, who, case_id, steps, named, now)
            if acted:
                return acted
    raise _too_busy()


async def _act_once(
    pool: Pool,
    who: Principal,
    case_id: UUID,
    steps: Sequence[Command],
    named: CommandKey | None,
    now: datetime,
) -> Acted | None:
    """Look, decide, commit. None when time had to pass first; raises ConflictError."""
    key = named.key if named else None
    seen = await see_case(pool, case_id, person_id=who.person_id, key=key)
    if seen is None or not may_see(who, seen.stored.case):
        raise Refusal("not_found", N_("There is no such case."))
    if seen.done and named:
        return await _done_before(pool, seen.done, named.digest, case_id)
    if timed_out(seen.stored.case, now):
        await _let_time_pass(pool, seen, now)
        return None
    # Also who turns away, reviews, gives time or proposes has a hand in how it ends.
    judges = any(hears(who, seen.stored.case, step.action) for step in steps)
    if conflict := await (conflict_in if judges else tie_in)(pool, who, case_id):
        raise conflict
    facts = await _with_files(pool, who, [step.args for step in steps], seen.facts)
    facts = await with_variants(pool, [step.args for step in steps], facts)
    facts = await with_difference(pool, seen.stored.case, facts)
    outcome = _decide_all(seen, steps, facts, now, who)
    decided = Decided(
        outcome=outcome, before=seen.stored.case.version, head=seen.stored.head, key=named
    )
    await commit_one(pool, decided, now=now)
    changed(channels_of(outcome.case))
    return Acted(case=outcome.case, number=seen.stored.number, outcome=outcome)


async def preview(
    pool: Pool, who: Principal, case_id: UUID, action: str, args: Args, *, now: datetime
) -> Outcome:
    """What an action would bring about: the same decision, not saved. Raises Refusal."""
    seen = await see_case(pool, case_id)
    if seen is None or not may_see(who, seen.stored.case):
        raise Refusal("not_found", N_("There is no such case."))
    facts = await _with_files(pool, who, [args], seen.facts)
    facts = await with_variants(pool, [args], facts)
    case = seen.stored.case
    facts = await with_difference(pool, case, facts)
    while timed_out(case, now):
        pack = pack_of(case)
        case = decide_timeout(case, facts=facts, pack=pack, now=now).case
    seen = msgspec.structs.replace(seen, stored=msgspec.structs.replace(seen.stored, case=case))
    return _decide(seen, _command(who, action, args, None), facts, now, who)


def pack_of(case: Case) -> Pack:
    """The pack that a case is pinned to, with the switches that were set when it was opened."""
    pack = load_pack(case.pack)
    return pack.with_switches(case.switches) if case.switches else pack


def channels_of(case: Case) -> tuple[str, ...]:
    """Who listens to a case: its own page, and the lists of the parties and the platform."""
    return (f"case:{case.id}", f"buyer:{case.buyer_id}", f"shop:{case.shop_id}", "platform")


async def preview_opening(
    pool: Pool, who: Principal, order_id: UUID, args: OpenArgs, *, pack: Pack, now: datetime
) -> Outcome:
    """What filing a case would bring: the same decision, not saved. Raises Refusal."""
    require_leave(who, "open")
    seen = await see_order(pool, order_id)
    if seen is None or not _is_party(who, seen.facts.order.buyer_id, seen.facts.order.shop_id):
        raise Refusal("not_found", N_("There is no such order."))
    facts = await _with_files(pool, who, [args], seen.facts)
    facts = await with_variants(pool, [args], facts)
    command = _command(who, "open", args, None)
    return decide_opening(command, case_id=new_id(), facts=facts, pack=pack, now=now)


def may_see(who: Principal, case: Case) -> bool:
    """A case is seen by its buyer, its shop's people, the platform's; by jurors in their turn."""
    if who.role == "juror" and who.kind == "platform":
        return who.may("case.vote") and case.stage == "jury"
    return _is_party(who, case.buyer_id, case.shop_id) and "case.read" in who.permissions


def _is_party(who: Principal, buyer_id: UUID, shop_id: UUID) -> bool:
    match who.kind:
        case "buyer":
            return who.person_id == buyer_id
        case "shop":
            return who.shop_id == shop_id
        case "platform":
            return True


def _command(who: Principal, action: str, args: Args, version: int | None) -> Command:
    return Command(
        action=action, by=party_role(who), args=args, person_id=who.person_id, version=version
    )


def _decide_all(
    seen: CaseSeen, steps: Sequence[Command], facts: Facts, now: datetime, who: Principal
) -> Outcome:
    """The outcome of steps that are committed together, each decided on what the last one left."""
    outcome = _decide(seen, steps[0], facts, now, who)
    for step in steps[1:]:
        assert not outcome.transfers, "only the last step moves money"
        stored = msgspec.structs.replace(seen.stored, case=outcome.case)
        following = _decide(msgspec.structs.replace(seen, stored=stored), step, facts, now, who)
        records = (*outcome.records, *following.records)
        outcome = msgspec.structs.replace(following, records=records)
    return outcome


def _decide(
    seen: CaseSeen, command: Command, facts: Facts, now: datetime, who: Principal
) -> Outcome:
    case = seen.stored.case
    require_leave(who, command.action)
    outcome = decide(case, command, facts=facts, pack=pack_of(case), now=now)
    require_within_limit(who, command.action, outcome)
    return outcome


async def _let_time_pass(pool: Pool, seen: CaseSeen, now: datetime) -> None:
    """Nobody acts on a case whose clock ran out: silence is decided first, at its own instant."""
    case = seen.stored.case
    outcome = decide_timeout(case, facts=seen.facts, pack=pack_of(case), now=now)
    decided = Decided(outcome=outcome, before=case.version, head=seen.stored.head)
    await commit_one(pool, decided, now=now)
    changed(channels_of(outcome.case))


async def _with_files(
    connection: Queryable, who: Principal, said: Sequence[Args], facts: Facts
) -> Facts:
    file_ids = [file_id for args in said for file_id in _file_ids(args)]
    if not file_ids:
        return facts
    hashes = await hashes_of_files(connection, file_ids, uploaded_by=who.person_id)
    return msgspec.structs.replace(facts, sha256_of=hashes)


def _file_ids(args: Any) -> Iterator[UUID]:
    yield from getattr(args, "files", ())
    for item in getattr(args, "evidence", ()):
        yield from getattr(item, "files", ())


async def _done_before(connection: Queryable, done: Done, digest: bytes, case_id: UUID) -> Acted:
    """Answer a command that was carried out already; its key belongs to one body only."""
    if done.digest != digest:
        raise Refusal(
            "idempotency_conflict", N_("This idempotency key was used for something else.")
        )
    seen = await see_case(connection, case_id)
    assert seen, "a key names a case that exists"
    return Acted(case=seen.stored.case, number=seen.stored.number, again=True)


def _digest(
    action: str, target: UUID, args: Args, before: Sequence[tuple[str, Args]] = ()
) -> bytes:
    parts = [action, target, args, before] if before else [action, target, args]
    said = msgspec.json.encode(parts, order="deterministic")
    return hashlib.sha256(said).digest()


def _command_key(who: Principal, key: str | None, digest: bytes) -> CommandKey | None:
    return CommandKey(person_id=who.person_id, key=key, digest=digest) if key else None


def _checked(key: str | None) -> str | None:
    if key is not None:
        require_key(key)
    return key


def _too_busy() -> Refusal:
    return Refusal("version_conflict", N_("Too much is happening at once; please try again."))
