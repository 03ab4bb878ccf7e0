"""Delivery: how far the news of an alarm has come among people, as alerts tells it.

What a phone or a service reports (delivered, seen) is information. Only a human answer changes what happens next.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, NewType

from msgspec import Meta, Struct

from vitals.alarms import AlarmId
from vitals.duty import StaffId
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

SubscriptionId = NewType("SubscriptionId", str)

TEST_PREFIX: Final = "test-"
"""What the id of a test message begins with, where an alarm's id would stand; no alarm's id does."""


class ChannelName(StrEnum):
    """The ways to a person."""

    WEB_PUSH = "web_push"
    NTFY = "ntfy"
    APPRISE = "apprise"
    PAGE = "page"
    """The phone page that is open in the house; it hears from the dashboard and needs no service outside."""


class Response(StrEnum):
    """What a person answers."""

    ACCEPT = "accept"
    ON_MY_WAY = "on_my_way"
    """Accepts too; the screens say who is coming."""
    CANNOT = "cannot"


class AttemptState(StrEnum):
    """How one attempt stands."""

    WAITING = "waiting"
    SENT = "sent"
    """The service on the way took it; nobody has seen it for that."""
    DELIVERED = "delivered"
    """The phone says that it has shown it."""
    SEEN = "seen"
    """Somebody has opened it on the phone: no answer, and no timer hears of it."""
    FAILED = "failed"
    HELD = "held"
    """Not sent: too many to this phone within a short time."""


class Attempt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message to one person by one way. ``step``: of the escalation, from 0; ``delay_ms``: from due to sent."""

    staff: StaffId
    channel: ChannelName
    step: int
    at_utc_ms: UtcMs
    state: AttemptState
    delay_ms: int | None = None
    problem: Annotated[str, Meta(max_length=200)] = ""


class Answered(Struct, frozen=True, kw_only=True):
    """What one person answered, and when."""

    staff: StaffId
    response: Response
    at_utc_ms: UtcMs


class DeliveryState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The news of one alarm (retained while its signal is not off; alerts is the only writer).

    ``step`` counts the steps of the site's policy that are done; ``next_utc_ms``: when the next one is due if nobody
    answers. ``attempts``: the newest, oldest first. ``unreachable``: on duty, and there is no way to them.
    """

    v: Literal[1] = 1
    alarm_id: AlarmId
    revision: Annotated[int, Meta(ge=1)]
    onset_utc_ms: UtcMs
    step: int = 0
    next_utc_ms: UtcMs | None = None
    attempts: Annotated[tuple[Attempt, ...], Meta(max_length=64)] = ()
    answers: Annotated[tuple[Answered, ...], Meta(max_length=64)] = ()
    unreachable: Annotated[tuple[StaffId, ...], Meta(max_length=64)] = ()
    off_until_utc_ms: UtcMs | None = None
    """Switched off by ``off_by`` because of ``off_why``: nobody is called until then."""
    off_by: str = ""
    off_why: str = ""


COURSE_ATTEMPTS_MAX: Final = 256
"""Ten phones that are called each half minute for a quarter of an hour; a course keeps the first ones."""


class Course(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The news of one alarm from its onset until its signal went off, as the record keeps it.

    ``attempts``: oldest first; ``left_out``: how many more there were. ``rounds``: 1, and one more for each time that
    it rose, came again or stood on after an accept. ``unreachable``: on duty at its last step, and without a way.
    """

    v: Literal[1] = 1
    alarm_id: AlarmId
    onset_utc_ms: UtcMs
    ended_utc_ms: UtcMs
    session: SessionId | None = None
    participant: ParticipantId | None = None
    rounds: Annotated[int, Meta(ge=1)] = 1
    attempts: Annotated[tuple[Attempt, ...], Meta(max_length=COURSE_ATTEMPTS_MAX)] = ()
    left_out: Annotated[int, Meta(ge=0)] = 0
    answers: Annotated[tuple[Answered, ...], Meta(max_length=64)] = ()
    unreachable: Annotated[tuple[StaffId, ...], Meta(max_length=64)] = ()


class WayState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One way to one person as alerts keeps it, without its address.

    ``sent_utc_ms``: when the service on the way last took a message; None: never yet. ``problem``: why the newest
    attempt failed, empty when it did not.
    """

    subscription: SubscriptionId
    staff: StaffId
    channel: ChannelName
    since_utc_ms: UtcMs
    label: Annotated[str, Meta(max_length=64)] = ""
    sent_utc_ms: UtcMs | None = None
    problem: Annotated[str, Meta(max_length=200)] = ""


class Reach(Struct, frozen=True, kw_only=True):
    """All ways to all staff (retained, from alerts, a higher version with each change)."""

    v: Literal[1] = 1
    version: Annotated[int, Meta(ge=0)]
    ways: Annotated[tuple[WayState, ...], Meta(max_length=1000)] = ()
