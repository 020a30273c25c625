"""What was counted of a shop, one line for each key, and what follows from it. Pure."""

import msgspec

from gongdao.chat.figures import Figures


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a period for one agent, product, hour or day, or for all of the shop.

    Rates are shares from 0 to 1, money is in fen; None where there is nothing to count.
    """

    key: str = ""
    """An agent's id, a product's SKU or title, an hour (08), a day (2026-11-22); empty: all, or
    nobody."""
    name: str = ""
    askers: int = 0
    """Buyers who asked something before they bought."""
    won: int = 0
    """Those of them who paid soon after."""
    orders: int = 0
    """Orders that were paid."""
    buyers: int = 0
    paid_fen: int = 0
    refunded_orders: int = 0
    refunded_fen: int = 0
    disputed_orders: int = 0
    disputed_fen: int = 0
    """What was paid for orders about which the platform was asked."""
    talked_orders: int = 0
    talked_fen: int = 0
    """What was paid for orders whose buyer a person of the shop had answered shortly before."""
    ended: int = 0
    """Cases that came to their end."""
    ended_s: float = 0.0
    own: int = 0
    """Those of them that ended without the platform."""
    desk: Figures = Figures()

    @property
    def conversion(self) -> float | None:
        """The share of those who asked that paid."""
        return _share(self.won, self.askers)

    @property
    def order_value_fen(self) -> int | None:
        """What a customer paid, in the mean."""
        return round(self.paid_fen / self.buyers) if self.buyers else None

    @property
    def refund_rate(self) -> float | None:
        """The share of paid orders with a refund, in part or in full."""
        return _share(self.refunded_orders, self.orders)

    @property
    def refund_share(self) -> float | None:
        """The share of what was paid that went back."""
        return _share(self.refunded_fen, self.paid_fen)

    @property
    def dispute_rate(self) -> float | None:
        """The share of paid orders about which the platform was asked."""
        return _share(self.disputed_orders, self.orders)

    @property
    def dispute_share(self) -> float | None:
        """The share of what was paid that stands in such orders."""
        return _share(self.disputed_fen, self.paid_fen)

    @property
    def completion_s(self) -> float | None:
        """The mean time from filing a case to its end, in seconds."""
        return _share(self.ended_s, self.ended)

    @property
    def self_completion(self) -> float | None:
        """The share of ended cases that were settled without the platform."""
        return _share(self.own, self.ended)

    @property
    def talk_share(self) -> float | None:
        """The share of what was paid that went through a talk."""
        return _share(self.talked_fen, self.paid_fen)

    @property
    def three_minutes(self) -> float | None:
        """As the desk counts it."""
        return self.desk.three_minutes

    @property
    def thirty_seconds(self) -> float | None:
        """As the desk counts it."""
        return self.desk.thirty_seconds

    @property
    def first_average_s(self) -> float | None:
        """As the desk counts it."""
        return self.desk.first_average_s

    @property
    def content_share(self) -> float | None:
        """As the desk counts it."""
        return self.desk.content_share


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
