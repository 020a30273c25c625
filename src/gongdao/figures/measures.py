"""What each figure is: numerator, denominator, window, what is left out, and who else counts it so.

The sentences stand beside the numbers on the page, in the API and in the report; whoever changes
what is counted (count.py) changes them here.
"""

from datetime import timedelta
from typing import Literal

import msgspec

from gongdao.base.i18n import N_
from gongdao.figures.line import Line

By = Literal["all", "agent", "product", "hour", "day"]
Unit = Literal["share", "money", "time", "number"]

#: Who asks and pays within this time has paid because of it; who was answered within this time
#: before paying bought through a talk.
WINDOW = timedelta(days=3)
#: Cases that were filed longer than this before a period begins do not count in it.
LONGEST_CASE = timedelta(days=180)
#: Below so many a rate says little: Taobao shows none below 30 orders (TM 20009524).
SMALL = 30
#: The longest period.
DAYS_MAX = 100


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure: its name, what it is made of, and what it means."""

    code: str
    """The property of a line that holds it."""
    label: str
    unit: Unit
    part: str
    """The count above, a field of the line; dotted where the desk counts it."""
    whole: str
    """The count below; the size of the sample."""
    says: str
    """Numerator by denominator, in one sentence."""
    leaves_out: str
    source: str = ""
    good: Literal["more", "less", ""] = ""
    """Which way is better."""
    by_product: bool = True


_PAID = N_(
    "Orders count in the period in which they were paid; unpaid orders are left out. Later refunds"
    " and disputes still change it. One order with several products counts for each of them, its"
    " money by the prices of the lines. The agent of an order is who answered its buyer last in the"
    " 3 days before the payment."
)
_ENDED = N_(
    "Requests, complaints and counterfeit claims that ended in the period; taken up again, a case"
    " counts when it ends again, from its first filing. Left out: reports, anonymous cases, and"
    " cases filed more than 180 days before the period. The agent of a case is whoever of the shop"
    " acted last in it."
)
_DESK = N_(
    "As on the figures of the desk: questions of buyers and first answers of persons; automatic"
    " answers do not count; letters and the talks of cases are not timed."
)

MEASURES: tuple[Measure, ...] = (
    Measure(
        code="conversion",
        label=N_("Inquiry conversion"),
        unit="share",
        part="won",
        whole="askers",
        says=N_(
            "Buyers who asked and paid an order within 3 days of asking, by all buyers who asked."
        ),
        leaves_out=N_(
            "Each buyer counts once, at the first question of the period. Left out: talks about an"
            " order, after-sales, complaints and cases. Who asked less than 3 days ago may still"
            " pay."
        ),
        source=N_("Pinduoduo counts paying askers by askers; its exact window is not public."),
        good="more",
        by_product=False,
    ),
    Measure(
        code="order_value_fen",
        label=N_("Spent per customer"),
        unit="money",
        part="paid_fen",
        whole="buyers",
        says=N_("What was paid, by the number of buyers who paid; refunds are not taken off."),
        leaves_out=_PAID,
        source=N_("The trade counts paid amount by paying buyers (not verified)."),
        good="more",
    ),
    Measure(
        code="talk_share",
        label=N_("Sold through talks"),
        unit="share",
        part="talked_fen",
        whole="paid_fen",
        says=N_(
            "What was paid by buyers whom a person of the shop had answered in the 3 days before,"
            " by all that was paid."
        ),
        leaves_out=_PAID,
        good="more",
    ),
    Measure(
        code="refund_rate",
        label=N_("Refunds, by orders"),
        unit="share",
        part="refunded_orders",
        whole="orders",
        says=N_("Orders with a refund, in part or in full, by paid orders."),
        leaves_out=_PAID,
        good="less",
    ),
    Measure(
        code="refund_share",
        label=N_("Refunds, by amount"),
        unit="share",
        part="refunded_fen",
        whole="paid_fen",
        says=N_("What went back to buyers, by what they had paid."),
        leaves_out=_PAID,
        good="less",
    ),
    Measure(
        code="dispute_rate",
        label=N_("Disputes, by orders"),
        unit="share",
        part="disputed_orders",
        whole="orders",
        says=N_("Orders with a case in which the platform was asked to step in, by paid orders."),
        leaves_out=_PAID,
        source=N_("JD: disputed orders by valid orders of a month."),
        good="less",
    ),
    Measure(
        code="dispute_share",
        label=N_("Disputes, by amount"),
        unit="share",
        part="disputed_fen",
        whole="paid_fen",
        says=N_("What was paid for orders in dispute, by all that was paid."),
        leaves_out=_PAID,
        good="less",
    ),
    Measure(
        code="completion_s",
        label=N_("Completion time"),
        unit="time",
        part="ended_s",
        whole="ended",
        says=N_("The mean time from filing a case to its end, appeals included."),
        leaves_out=_ENDED,
        source=N_("Taobao: total refund time by closed refunds (TM 20009524)."),
        good="less",
    ),
    Measure(
        code="self_completion",
        label=N_("Self-completion"),
        unit="share",
        part="own",
        whole="ended",
        says=N_("Cases that ended without the platform being asked or judging, by all that ended."),
        leaves_out=_ENDED,
        source=N_("The trade counts it over 28 days (lingtaoedu.com, seen once)."),
        good="more",
    ),
    Measure(
        code="three_minutes",
        label=N_("3-minute replies"),
        unit="share",
        part="desk.soon",
        whole="desk.due_soon",
        says=N_("Questions answered within 3 minutes, by questions; asked from 8:00 to 23:00."),
        leaves_out=_DESK,
        source=N_("Taobao counts it so (TM 20009524)."),
        good="more",
        by_product=False,
    ),
    Measure(
        code="first_average_s",
        label=N_("Mean first reply"),
        unit="time",
        part="desk.first_s",
        whole="desk.first_answered",
        says=N_("The mean time to the first answer of a conversation."),
        leaves_out=_DESK,
        good="less",
        by_product=False,
    ),
    Measure(
        code="content_share",
        label=N_("Buyers content"),
        unit="share",
        part="desk.content",
        whole="desk.graded",
        says=N_("Grades of 4 or 5, by all grades that buyers gave to conversations."),
        leaves_out=_DESK,
        good="more",
        by_product=False,
    ),
)


def sample_of(line: Line, measure: Measure) -> int:
    """How many orders, buyers, cases or questions a figure rests on."""
    # A share of money rests on the orders that were paid with it.
    name = "orders" if measure.whole == "paid_fen" else measure.whole
    return count_of(line, name)


def is_small(line: Line, measure: Measure) -> bool:
    """Whether a figure rests on too few to say much."""
    return 0 < sample_of(line, measure) < SMALL


def count_of(line: Line, name: str) -> int:
    """One of the counts of a line."""
    place, _, own = name.rpartition(".")
    value = getattr(line.desk if place else line, own)
    return round(value)


def measures_by(by: By) -> tuple[Measure, ...]:
    """The figures that exist for a way of dividing."""
    return tuple(each for each in MEASURES if by != "product" or each.by_product)
