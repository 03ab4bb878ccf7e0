"""What became of one try to hand a message over, and how a channel is asked to."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from vitals.push_message import PushMessage
from vitals.sessions import GenerationMode


class Verdict(StrEnum):
    """What a channel says of one try, split by what is done next."""

    SENT = "sent"
    """The service took it; nobody has seen it for that."""
    LATER = "later"
    """The service is away, slow or asks for patience: try again."""
    REFUSED = "refused"
    """It would be refused again: give up this message."""
    GONE = "gone"
    """The way itself is no more: forget it."""


class Outcome(Struct, frozen=True, kw_only=True):
    """``problem``: one line for people, without an address or a key. ``again_s``: not before, as the service asks."""

    verdict: Verdict
    problem: str = ""
    again_s: float | None = None


SENT = Outcome(verdict=Verdict.SENT)


class Surroundings(Struct, frozen=True, kw_only=True):
    """What channels need to know of the site.

    ``dashboard_url``: as phones see it, without a slash at the end; empty: not known. ``contact`` and ``vapid_file``
    are for push services.
    """

    dashboard_url: str
    contact: str
    vapid_file: Path
    mode: GenerationMode


class Channel(Protocol):
    """A way to people. One object serves all of them; it is opened when the first way of its kind is."""

    def check(self, address: str) -> None:
        """Refuse an address that no message could go to.

        Raises:
            InputError: one line that does not quote the address.
        """

    async def send(self, address: str, message: PushMessage, *, is_urgent: bool) -> Outcome:
        """Hand one message over. The caller bounds the time; whatever is raised besides is a defect of the channel."""

    async def close(self) -> None:
        """Let go of connections."""
