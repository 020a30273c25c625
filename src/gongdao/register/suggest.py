"""What the five questions suggest: a hint with its reasons, never a decision.

A fault of the company's own asks for a richer compensation; a demand that is unreasonable, from
somebody who will not buy again, for a clear no. Nothing here changes what anybody may do.
"""

from typing import Literal

import msgspec

from gongdao.base.i18n import N_
from gongdao.register.entry import Analysis

Advice = Literal["richer", "fair", "gesture", "clear_no", "look_closer"]

ADVICE: dict[Advice, str] = {
    "richer": N_("Compensate richly"),
    "fair": N_("Compensate fairly"),
    "gesture": N_("Explain, apologise, and make a small gesture"),
    "clear_no": N_("Say no, clearly and politely"),
    "look_closer": N_("Look closer before deciding"),
}
_FAULTS = {
    "full": N_("The fault is the company's alone."),
    "main": N_("The fault is mostly the company's."),
    "partial": N_("Part of the fault is the company's."),
    "slight": N_("The company has a slight share in the fault."),
    "none": N_("The company is not at fault."),
}


class Suggestion(msgspec.Struct, frozen=True):
    """What to consider, and why: sentences for the page to translate."""

    advice: Advice
    reasons: tuple[str, ...]


def suggest(analysis: Analysis) -> Suggestion:
    """What the answers to the five questions speak for."""
    return Suggestion(_advice(analysis), tuple(_reasons(analysis)))


def _advice(a: Analysis) -> Advice:
    if a.fault in ("full", "main"):
        return "richer"
    if a.fault == "partial":
        return "richer" if "yes" in (a.long_term, a.word_of_mouth) else "fair"
    if a.unreasonable:
        future = "yes" in (a.long_term, a.repurchase)
        return "gesture" if future else "clear_no"
    if a.fault == "slight":
        return "fair" if "yes" in (a.long_term, a.repurchase, a.word_of_mouth) else "gesture"
    if a.unfounded:
        return "gesture"
    return "look_closer"


def _reasons(a: Analysis) -> list[str]:
    reasons = [_FAULTS[a.fault]]
    if a.unfounded:
        reasons.append(N_("The facts do not bear the complaint out."))
    if a.unreasonable:
        reasons.append(N_("What is demanded goes beyond reason."))
    if a.long_term == "yes":
        reasons.append(N_("The customer has been with us for long."))
    if a.repurchase == "yes":
        reasons.append(N_("They are likely to buy again once this is solved."))
    if a.word_of_mouth == "yes":
        reasons.append(N_("The quarrel would be talked about, to our harm."))
    if a.unreasonable and "yes" not in (a.long_term, a.repurchase):
        reasons.append(N_("No further business is to be expected."))
    if a.severity in ("high", "critical"):
        reasons.append(N_("It is serious: somebody higher up should speak with the customer."))
    return reasons
