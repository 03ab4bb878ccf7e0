"""The open page in the house: it hears from the dashboard, so there is nothing to send."""

from alerts.channels.outcome import SENT, Outcome, Surroundings
from vitals.errors import InputError, InputReason
from vitals.push_message import PushMessage


class PageChannel:
    """Sends nothing: the delivery's state, which every page is shown, is the message."""

    def __init__(self, _surroundings: Surroundings) -> None:
        """Need nothing."""

    def check(self, address: str) -> None:
        """Refuse an address: a page has none."""
        if address not in {"", "{}"}:
            raise InputError("address", "a page has none", InputReason.WRONG_SHAPE)

    async def send(self, address: str, message: PushMessage, *, is_urgent: bool) -> Outcome:  # noqa: ARG002 - nothing
        # to send
        """Say that it is told."""
        return SENT

    async def close(self) -> None:
        """Have nothing to let go."""
