"""The settlement agreement as the customer reads and signs it, line by line, in two languages."""

from collections.abc import Iterator

from gongdao.base.i18n import N_, Locale, show_instant, translate
from gongdao.base.money import yuan
from gongdao.register.entry import Entry, Proposal
from gongdao.register.words import REASONS

#: A heading or a label, and what stands behind it.
Clause = tuple[str, str]


def clauses(entry: Entry, number: int, shop_name: str, locale: Locale) -> list[Clause]:
    """What the paper says, in its order: labels with their texts."""
    assert entry.proposal, "an agreement is about a proposal"
    intake, said = entry.intake, entry.proposal
    who = " · ".join(filter(None, (intake.customer.name, intake.customer.company)))
    found: list[tuple[str, str]] = [
        (N_("Number"), str(number)),
        (N_("Shop"), shop_name),
        (N_("Customer"), who),
        (N_("Order"), intake.order_number),
        (N_("Complaint of"), show_instant(entry.opened_at.replace(second=0, microsecond=0))),
        (N_("About"), translate(locale, REASONS[intake.reason])),
        (N_("What the customer said"), intake.story),
        (N_("What the customer wishes"), intake.wanted),
        (N_("Our answer"), said.words),
        *_offered(said, locale),
    ]
    return [(translate(locale, label), text) for label, text in found if text]


def promise(entry: Entry, locale: Locale) -> str:
    """The sentence above the signature."""
    assert entry.proposal
    if entry.proposal.refuses:
        return translate(
            locale,
            N_("I have read this answer. My rights under the law stay as they are."),
        )
    return translate(
        locale,
        N_(
            "I agree to this settlement. The complaint is settled once it is carried out. My rights"
            " under the law stay as they are."
        ),
    )


def agreement_text(entry: Entry, number: int, shop_name: str, locale: Locale) -> str:
    """The whole text, as it is hashed and signed."""
    title = translate(locale, title_of(entry))
    colon = "：" if locale == "zh" else ": "
    lines = [f"{label}{colon}{text}" for label, text in clauses(entry, number, shop_name, locale)]
    return "\n".join((title, *lines, promise(entry, locale)))


def title_of(entry: Entry) -> str:
    """What the paper is called."""
    refuses = entry.proposal is not None and entry.proposal.refuses
    return N_("Answer to a complaint") if refuses else N_("Settlement agreement")


def _offered(said: Proposal, locale: Locale) -> Iterator[Clause]:
    yield N_("Money paid to you"), f"¥{yuan(said.money_fen)}" if said.money_fen else ""
    yield N_("Goods sent to you"), said.goods
    yield N_("Return"), said.returns
    yield N_("Gift"), said.gift
    yield N_("Apology"), said.apology
