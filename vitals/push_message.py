"""What a push carries to a phone: a seat, a sign and a number, never a name; alerts writes it, the phone shows it.

It crosses the push services of the makers (encrypted, RFC 8291) and stands on locked screens: nothing in it says who.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from vitals.alarms import Priority
from vitals.errors import InputError, InputReason
from vitals.wire import encode

PUSH_BYTES_MAX: Final = 3_000
"""Services may refuse more than 4096 bytes on the wire; encryption adds 103 (RFC 8291), the rest is for theirs."""

_TAG: Final = r"^[A-Za-z0-9_-]{1,64}$"


class PushKind(StrEnum):
    """What a push is about."""

    ALARM = "alarm"
    TEST = "test"
    """Asks for an answer like an alarm and says that it is a test."""
    TECHNICAL = "technical"
    """About the system, not about a person."""
    CLEAR = "clear"
    """Somebody has it, or it is over: what was shown under this tag calls nobody any more."""


class PushMessage(Struct, frozen=True, kw_only=True):
    """One push. A later one with the same ``tag`` takes the place of the earlier one on the phone.

    Attributes:
        alarm_id: of the alarm; of a test its own id, ``test-...``.
        title: as ``HIGH  seat 7``.
        body: as ``SpO2 84 < 88, 23 s. Nobody has it yet.``
        tag: the alarm's id where that fits; what the notification and the service replace by.
        step: of the escalation, from 0; a higher one than the shown one sounds again.
        token: with which this phone may answer once (`vitals.action_token`); empty: nothing to answer.
        url: where a tap leads, below the dashboard's own address.
    """

    v: Literal[1] = 1
    kind: PushKind
    alarm_id: Annotated[str, Meta(min_length=1, max_length=64)]
    priority: Priority
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    body: Annotated[str, Meta(max_length=400)]
    tag: Annotated[str, Meta(pattern=_TAG)]
    step: Annotated[int, Meta(ge=0, le=1_000)]
    token: Annotated[str, Meta(max_length=600)] = ""
    url: Annotated[str, Meta(pattern=r"^/([A-Za-z0-9_.-][A-Za-z0-9/_.-]{0,119})?$")]


def encode_push(message: PushMessage) -> bytes:
    """Return the payload of a push.

    Raises:
        InputError: it is larger than `PUSH_BYTES_MAX`.
    """
    payload = encode(message)
    if len(payload) > PUSH_BYTES_MAX:
        raise InputError("push", f"{len(payload)} bytes, at most {PUSH_BYTES_MAX}", InputReason.TOO_LARGE)
    return payload
