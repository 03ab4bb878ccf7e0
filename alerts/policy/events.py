"""What the policy hears, and what it has done about it. Times are on the clock of alerts."""

from msgspec import Struct

from alerts.policy.case import Case
from vitals.alarms import AlarmId, AlarmState, RuleId
from vitals.commands import CommandId
from vitals.delivery import ChannelName, Response, SubscriptionId
from vitals.duty import Duty, StaffId
from vitals.parts import PartStatus
from vitals.push_message import PushKind
from vitals.units import MonotonicMs, UtcMs


class _Event(Struct, frozen=True, kw_only=True):
    """What all events share: when."""

    now_ms: MonotonicMs
    now_utc_ms: UtcMs


class AlarmHeard(_Event, frozen=True, kw_only=True):
    """Analysis says how an alarm stands. ``onset_ms``: its onset on our clock."""

    alarm: AlarmState
    seat: int | None
    onset_ms: MonotonicMs


class AlarmGone(_Event, frozen=True, kw_only=True):
    """An alarm's signal is off."""

    subject: str
    rule: RuleId


class Acknowledged(_Event, frozen=True, kw_only=True):
    """A screen's acknowledgement is on its way to analysis: somebody has it, whether analysis lives or not."""

    command: CommandId
    alarm_id: AlarmId
    by: str


class Responded(_Event, frozen=True, kw_only=True):
    """A person answers; the command is answered in turn."""

    command: CommandId
    alarm_id: AlarmId
    staff: StaffId
    response: Response


class SwitchedOff(_Event, frozen=True, kw_only=True):
    """Somebody wants nobody called for a rule of a subject for a while; 0 ms: no longer."""

    command: CommandId
    subject: str
    rule: RuleId
    for_ms: int
    by: str
    why: str


class DutyHeard(_Event, frozen=True, kw_only=True):
    """Who is on duty."""

    duty: Duty


class WayOpened(_Event, frozen=True, kw_only=True):
    """There is a way to a person."""

    subscription: SubscriptionId
    staff: StaffId
    channel: ChannelName


class WayClosed(_Event, frozen=True, kw_only=True):
    """A way is no more: taken back, or the service says that it is gone."""

    subscription: SubscriptionId


class TestAsked(_Event, frozen=True, kw_only=True):
    """Somebody wants a test message by all ways to one person."""

    command: CommandId
    alarm_id: AlarmId
    staff: StaffId


class SessionHeard(_Event, frozen=True, kw_only=True):
    """A class is open, or no longer."""

    session: str
    is_open: bool


class PartHeard(_Event, frozen=True, kw_only=True):
    """A heartbeat or will."""

    status: PartStatus
    retained: bool


class Listening(_Event, frozen=True, kw_only=True):
    """The broker was reached, or lost."""

    up: bool


class Tick(_Event, frozen=True, kw_only=True):
    """Time has passed."""


Event = (
    AlarmHeard
    | AlarmGone
    | Acknowledged
    | Responded
    | SwitchedOff
    | DutyHeard
    | WayOpened
    | WayClosed
    | TestAsked
    | SessionHeard
    | PartHeard
    | Listening
    | Tick
)


class Tell(Struct, frozen=True, kw_only=True):
    """Tell one person by one way. The same message has the same ``message_id`` after a restart.

    ``cases``: the first gives the message its tag; the others are named in it. ``due_ms``: when it should have gone.
    """

    message_id: str
    kind: PushKind
    subscription: SubscriptionId
    staff: StaffId
    channel: ChannelName
    step: int
    due_ms: MonotonicMs
    cases: tuple[Case, ...]
    go_to_room: bool = False


class Held(Struct, frozen=True, kw_only=True):
    """Not told now: the phone's bucket is empty. It is told when there is room, if it is still worth it."""

    message_id: str
    subscription: SubscriptionId
    staff: StaffId
    channel: ChannelName
    step: int
    due_ms: MonotonicMs
    case: Case


class Cleared(Struct, frozen=True, kw_only=True):
    """What a way was told calls nobody any more. ``taken``: somebody has it; else it is over."""

    subscription: SubscriptionId
    case: Case
    taken: bool


class CaseChanged(Struct, frozen=True, kw_only=True):
    """How far the news has come is another."""

    case: Case


class CaseEnded(Struct, frozen=True, kw_only=True):
    """A case is over."""

    case: Case


class Answer(Struct, frozen=True, kw_only=True):
    """An answer to a command."""

    command: CommandId
    accepted: bool
    reason: str = ""


Effect = Tell | Held | Cleared | CaseChanged | CaseEnded | Answer
