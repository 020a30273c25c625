"""Orders to departments until everything promised is done, and asking the customer afterwards."""

from collections.abc import Sequence
from datetime import date, timedelta

from gongdao.base.days import day_of
from gongdao.base.errors import Refusal
from gongdao.base.i18n import N_, Locale, translate
from gongdao.base.money import parse_yuan, yuan
from gongdao.cases.happening import Happening
from gongdao.register import commands as c
from gongdao.register import events as e
from gongdao.register.actor import Actor, Known
from gongdao.register.clock import end_of
from gongdao.register.entry import Department, Entry, Instruction

#: How many instructions one entry can hold, and how far ahead they can be due.
INSTRUCTIONS_MAX = 50
_AHEAD_MAX = timedelta(days=366)
#: How many days a department has where nobody says otherwise.
DAYS_GIVEN = 3


def instruct(entry: Entry, args: c.InstructArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Tell one department what to do."""
    today = day_of(known.now)
    if not today <= args.due_on <= today + _AHEAD_MAX:
        raise Refusal("invalid", N_("The day lies in the past, or more than a year ahead."))
    fen = parse_yuan(args.money or "0")
    _require_room(entry, 1)
    _require_promised(entry, fen)
    return [_given(len(entry.instructions) + 1, args.department, args.what, args.due_on, fen)]


def instruct_as_agreed(
    entry: Entry, args: c.NothingArgs, actor: Actor, known: Known
) -> Sequence[Happening]:
    """Tell each department its part of what was agreed."""
    wanted = as_agreed(entry, known.locale)
    if not wanted:
        raise Refusal("not_eligible", N_("Nothing of what was agreed is left to order."))
    _require_room(entry, len(wanted))
    due_on = day_of(known.now) + timedelta(days=DAYS_GIVEN)
    first = len(entry.instructions) + 1
    return [
        _given(first + n, department, what, due_on, fen)
        for n, (department, what, fen) in enumerate(wanted)
    ]


def as_agreed(entry: Entry, locale: Locale) -> list[tuple[Department, str, int]]:
    """What of the agreement no department has been told yet."""
    proposal, agreement = entry.proposal, entry.agreement
    if proposal is None or agreement is None:
        return []
    owed = entry.agreed_fen - entry.instructed_fen
    parts: list[tuple[Department, str, int]] = [
        ("warehouse", proposal.goods, 0),
        ("warehouse", proposal.returns, 0),
        ("marketing", proposal.gift, 0),
        ("customer_care", proposal.apology, 0),
    ]
    since = entry.instructions[agreement.instructions_before :]
    told = {(one.department, one.what) for one in since if not one.cancelled}
    wanted = [part for part in parts if part[1] and part[:2] not in told]
    money = translate(locale, N_("Pay the customer {sum} yuan"), {"sum": yuan(owed)})
    return [("finance", money, owed), *wanted] if owed > 0 else wanted


def report_done(entry: Entry, args: c.DoneArgs, actor: Actor, known: Known) -> Sequence[Happening]:
    """Note that it is done; the last one brings the entry to the follow-up."""
    number = _open_one(entry, args.number).number
    done: list[Happening] = [
        e.InstructionDone(number=number, note=args.note.strip(), reference=args.reference.strip())
    ]
    others = [one for one in entry.instructions if one.is_open and one.number != number]
    if entry.stage == "dispatch" and not others and not as_agreed(entry, known.locale):
        done.append(e.CarriedOut())
    return done


def cancel_instruction(
    entry: Entry, args: c.CancelArgs, actor: Actor, known: Known
) -> Sequence[Happening]:
    """Take an instruction back."""
    return [e.InstructionCancelled(_open_one(entry, args.number).number, args.why.strip())]


def carried_out(
    entry: Entry, args: c.NothingArgs, actor: Actor, known: Known
) -> Sequence[Happening]:
    """Say that nothing is left to do, where no department had a part in it."""
    require_nothing_open(entry)
    return [e.CarriedOut()]


def follow_up(
    entry: Entry, args: c.FollowUpArgs, actor: Actor, known: Known
) -> Sequence[Happening]:
    """Ask the customer; the entry ends only when they are satisfied."""
    said, lesson = args.said.strip(), args.lesson.strip()
    if not args.satisfied and not said:
        raise Refusal("reason_required", N_("Write down what the customer is not satisfied with."))
    back_to = None if args.satisfied else args.back_to
    asked: list[Happening] = [e.FollowedUp(satisfied=args.satisfied, said=said, back_to=back_to)]
    if lesson:
        asked.append(e.LessonNoted(lesson))
    if args.satisfied:
        require_nothing_open(entry)
        asked.append(e.EntryClosed(ended="settled"))
    return asked


def require_nothing_open(entry: Entry) -> None:
    """Refuse to go on while a department still has something to do."""
    left = sum(one.is_open for one in entry.instructions)
    if left:
        raise Refusal("not_eligible", N_("{n} instructions are still open."), n=left)


def _given(
    number: int, department: Department, what: str, due_on: date, money_fen: int
) -> e.InstructionGiven:
    return e.InstructionGiven(
        number=number,
        department=department,
        what=what.strip(),
        due_at=end_of(due_on),
        money_fen=money_fen,
    )


def _open_one(entry: Entry, number: int) -> Instruction:
    for one in entry.instructions:
        if one.number == number and one.is_open:
            return one
    raise Refusal("not_eligible", N_("This instruction is not open."))


def _require_room(entry: Entry, more: int) -> None:
    if len(entry.instructions) + more > INSTRUCTIONS_MAX:
        raise Refusal("too_large", N_("An entry has at most {n} instructions."), n=INSTRUCTIONS_MAX)


def _require_promised(entry: Entry, fen: int) -> None:
    """Nobody is told to pay more than was approved and the customer has signed for."""
    left = entry.agreed_fen - entry.instructed_fen
    if fen > left:
        raise Refusal(
            "amount_above_limit",
            N_("Of what was agreed, {left} yuan are left to pay."),
            left=yuan(max(left, 0)),
        )
