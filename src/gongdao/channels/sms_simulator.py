"""The embedded provider of text messages: it writes down what it would send, and sends nothing."""

from gongdao.base.clock import utc_now
from gongdao.base.db import Pool
from gongdao.channels.sms import SmsRefused, SmsUnavailable, TextMessage

#: Test numbers, by their last four digits: what the provider makes of them.
TEST_NUMBERS = {"0404": "refused", "0503": "unavailable"}


class SmsSimulator:
    """Keeps each message once for its key, as a provider does that knows what it has sent."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def send(self, message: TextMessage) -> None:
        """Write it down. Raises SmsRefused and SmsUnavailable for the test numbers."""
        fate = TEST_NUMBERS.get(message.phone[-4:])
        if fate == "refused":
            raise SmsRefused("no such number")
        if fate == "unavailable":
            raise SmsUnavailable("the provider is busy")
        await self._pool.execute(
            "INSERT INTO sms_sim_messages (key, phone, text, sent_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING",
            message.key,
            message.phone,
            message.text,
            utc_now(),
        )
