"""The notice to a shop that is found to have sold fakes: which goods, how much, and from where.

First with the finding, when the sum is frozen; then with the payment, which says what came from the
balance, what from the deposit, and what stays owed.
"""

from gongdao.base.errors import Param
from gongdao.base.i18n import N_
from gongdao.base.money import yuan
from gongdao.cases import events as e
from gongdao.cases.narrate import Sentence
from gongdao.policy.pack import Pack
from gongdao.policy.words import Procedure


def say_deduction(
    record: e.Recorded, pack: Pack, *, procedure: Procedure, goods: str
) -> Sentence | None:
    """The sentence of a deduction for fakes. None: the event is nothing of the kind."""
    if procedure != "counterfeit_claim":
        return None
    if isinstance(record.body, e.Ruled):
        return _of_finding(record.body, pack, goods)
    if isinstance(record.body, e.PaymentsInstructed):
        return _of_payment(record.body, goods)
    return None


def _of_finding(body: e.Ruled, pack: Pack, goods: str) -> Sentence | None:
    amounts = body.ruling.amounts_fen
    if not body.ruling.counterfeit or not amounts.get("punitive"):
        return None
    fields: dict[str, Param] = {
        "goods": goods,
        "refund": yuan(amounts.get("refund", 0)),
        "punitive": yuan(amounts["punitive"]),
    }
    if "seller" in pack.roles_of("counterfeit_claim", "appeal"):
        return N_(
            "Notice of a deduction for fake goods: {goods}. {refund} yuan go back to the buyer and"
            " {punitive} yuan are due as a multiple, frozen now and taken from the balance and, if"
            " need be, the deposit. You can appeal in the case."
        ), fields
    return N_(
        "Notice of a deduction for fake goods: {goods}. {refund} yuan go back to the buyer and"
        " {punitive} yuan are due as a multiple, frozen now and taken from the balance and, if"
        " need be, the deposit. There is no appeal."
    ), fields


def _of_payment(body: e.PaymentsInstructed, goods: str) -> Sentence | None:
    if not any(line.name == "punitive" for line in body.lines):
        return None
    drawn = dict.fromkeys(("balance", "deposit", "debt"), 0)
    for line in body.lines:
        if line.bearer == "shop" and line.source in drawn:
            drawn[line.source] += line.amount_fen
    fields: dict[str, Param] = {"goods": goods}
    fields |= {source: yuan(fen) for source, fen in drawn.items()}
    return N_(
        "Deducted for fake goods: {goods}. {balance} yuan from the balance, {deposit} yuan from"
        " the deposit; {debt} yuan stay owed. What was frozen beyond that is free again."
    ), fields
