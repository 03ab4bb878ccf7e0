"""Alarms as they travel: the condition (is it so?), the signal (are we telling anyone?), and every change of either.

The machine that decides them is in analysis/core; this file only has the words.
"""

import operator
from enum import StrEnum
from typing import Annotated, Final, Literal, NewType

from msgspec import Meta, Struct

from vitals.participants import LimitReason, ParticipantId
from vitals.passport import Passport
from vitals.readings import RunId
from vitals.units import MonotonicMs, Unit, UtcMs

AlarmId = NewType("AlarmId", str)
"""hash(subject, rule, onset run and seq): the same after a crash; push tag and ledger key."""


class RuleId(StrEnum):
    """The rules; the ids of the clinical specification."""

    HR_OVER = "HR_OVER"
    HR_CRIT = "HR_CRIT"
    HR_LOW = "HR_LOW"
    HR_DROP = "HR_DROP"
    HR_NOT_RISING = "HR_NOT_RISING"
    HR_NOT_RECOVERING = "HR_NOT_RECOVERING"
    SPO2_LOW = "SPO2_LOW"
    SPO2_CRIT = "SPO2_CRIT"
    SPO2_FALL = "SPO2_FALL"
    ZONE_HIGH = "ZONE_HIGH"
    ZONE_LOW = "ZONE_LOW"
    NO_DATA = "NO_DATA"
    CONTACT = "CONTACT"
    QUESTIONABLE = "QUESTIONABLE"
    """A sensor has told nothing but questionable values for a while: no rule about the person is judged."""
    DISAGREE = "DISAGREE"
    GHOST = "GHOST"
    SWAPPED = "SWAPPED"
    BATTERY_LOW = "BATTERY_LOW"
    OUT_OF_SLOTS = "OUT_OF_SLOTS"
    CLOCK = "CLOCK"
    GATEWAY_LOST = "GATEWAY_LOST"
    STORE_LOST = "STORE_LOST"
    DASHBOARD_LOST = "DASHBOARD_LOST"
    ALERTS_LOST = "ALERTS_LOST"


class Family(StrEnum):
    """Physiological: about a person. Technical: about our own ability to watch."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class Priority(StrEnum):
    """How fast somebody must look. Only HIGH and MEDIUM sound; LOW is shown, INFO is noted on the person's tile."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Condition(StrEnum):
    """Is it so? PENDING and CLEARING are the delays on the way in and out."""

    INACTIVE = "inactive"
    PENDING = "pending"
    ACTIVE = "active"
    CLEARING = "clearing"


class Signal(StrEnum):
    """Are we telling anyone?"""

    OFF = "off"
    ON = "on"
    LATCHED = "latched"
    """The condition has ended, nobody has seen it yet."""
    ACKNOWLEDGED = "acknowledged"


class SubjectKind(StrEnum):
    """What an alarm is about."""

    PARTICIPANT = "participant"
    SENSOR = "sensor"
    GATEWAY = "gateway"
    PART = "part"


class Operator(StrEnum):
    """How value and limit compare when the condition holds; strict unless the rule says otherwise."""

    ABOVE = ">"
    BELOW = "<"
    AT_LEAST = ">="
    AT_MOST = "<="


_WITH_LIMIT: Final = frozenset(
    {
        RuleId.HR_OVER,
        RuleId.HR_CRIT,
        RuleId.HR_LOW,
        RuleId.SPO2_LOW,
        RuleId.SPO2_CRIT,
        RuleId.SPO2_FALL,
        RuleId.ZONE_HIGH,
        RuleId.ZONE_LOW,
    }
)
"""Rules that say a value beside its limit, as it also stands on the tile."""

_IS_BREACH: Final = {
    Operator.ABOVE: operator.gt,
    Operator.BELOW: operator.lt,
    Operator.AT_LEAST: operator.ge,
    Operator.AT_MOST: operator.le,
}


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """Who took an alarm, when, and by which command."""

    by: str
    at_utc_ms: UtcMs
    command: str


class AlarmState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alarm as it stands (retained while its signal is not off).

    ``value`` is the newest good value, ``peak`` the worst since the breach; ``None`` for conditions without a number.
    ``breach_mono_ms``: first sample of the hold; ``onset_mono_ms``: when the hold was complete (the condition became
    ACTIVE); ``ended_mono_ms``: when it ended, for a latched signal. All on the clock of analysis' heartbeat.
    ``source_lost``: the condition stands, but no data has come since; it never clears on missing data.
    ``inhibited_by``: a condition that explains this one and is told instead (a lost gateway for its sensors).
    """

    v: Literal[1] = 1
    alarm_id: AlarmId
    revision: Annotated[int, Meta(ge=1)]
    subject: str
    subject_kind: SubjectKind
    rule: RuleId
    family: Family
    priority: Priority
    condition: Condition
    signal: Signal
    session: str | None = None
    participant: ParticipantId | None = None
    unit: Unit | None = None
    op: Operator | None = None
    value: float | None = None
    peak: float | None = None
    limit: float | None = None
    limit_reason: LimitReason | None = None
    detail: str = ""
    """For technical conditions: what is missing (``hr``, ``oximeter``), the name of the part's instance, or whose
    sensor it seems to be."""
    hold_s: float | None = None
    """How long the breach had to last: the rule's own, or this person's."""
    passport: Passport | None = None
    """How far the value could be trusted when it was said."""
    rules: str = ""
    """The rule set by which it was decided, as in the journal."""
    breach_mono_ms: MonotonicMs
    onset_mono_ms: MonotonicMs
    onset_utc_ms: UtcMs
    ended_mono_ms: MonotonicMs | None = None
    source_lost: bool = False
    inhibited_by: RuleId | None = None
    acknowledged: Acknowledgement | None = None


class Change(StrEnum):
    """What happened to an alarm."""

    RAISED = "raised"
    RETRIGGERED = "retriggered"
    PRIORITY_RAISED = "priority_raised"
    ACKNOWLEDGED = "acknowledged"
    SOURCE_LOST = "source_lost"
    SOURCE_BACK = "source_back"
    CLEARED = "cleared"
    LATCHED = "latched"
    RESOLVED = "resolved"
    """A latched signal was seen and is off."""
    SESSION_ENDED = "session_ended"
    FOUND_AFTERWARDS = "found_afterwards"
    """The condition began and ended inside an outage; never a live alarm."""


class AlarmEvent(Struct, frozen=True, kw_only=True):
    """One change, with the alarm as it stands after it. ``seq`` counts in the stream (run, analysis, alarm)."""

    run: RunId
    seq: Annotated[int, Meta(ge=0)]
    mono_ms: MonotonicMs
    utc_ms: UtcMs
    change: Change
    alarm: AlarmState


class AlarmEventMessage(Struct, frozen=True, kw_only=True):
    """What travels on the alarm event topic."""

    v: Literal[1] = 1
    sent_mono_ms: MonotonicMs
    body: AlarmEvent


class AudioState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the room is silent for a while (retained; analysis owns it)."""

    v: Literal[1] = 1
    paused_until_mono_ms: MonotonicMs | None = None
    paused_until_utc_ms: UtcMs | None = None
    by: str = ""
    command: str = ""


def shown_value(alarm: AlarmState) -> float | None:
    """Return the newest value while it breaks the limit, else the worst: ``HR 110 > 121`` would be no true sentence."""
    if alarm.value is None or alarm.limit is None or alarm.op is None:
        return alarm.value
    is_breach = _IS_BREACH[alarm.op](alarm.value, alarm.limit)
    return alarm.value if is_breach or alarm.peak is None else alarm.peak


def is_past_worst(alarm: AlarmState) -> bool:
    """Return whether an alarm that stands shows the worst value since the breach, because the newest keeps the limit.

    Then it says so: ``SpO2 81 < 85`` beside a live 86 would contradict it. What is over says "was".
    """
    stands = alarm.signal in {Signal.ON, Signal.ACKNOWLEDGED} and alarm.rule in _WITH_LIMIT
    return stands and shown_value(alarm) != alarm.value


def alarm_text(alarm: AlarmState) -> str:
    """Return what an alarm says, without its duration: value, sign, limit, as ``HR 134 > 120``.

    ``HR highest 141 > 120`` where the newest value keeps the limit again; see `shown_value`.
    """
    match alarm.rule:
        case RuleId.HR_OVER | RuleId.HR_CRIT | RuleId.HR_LOW:
            return f"HR {_told(alarm)} {alarm.op} {_number(alarm.limit)}"
        case RuleId.SPO2_LOW | RuleId.SPO2_CRIT:
            return f"SpO2 {_told(alarm)} {alarm.op} {_number(alarm.limit)}"
        case RuleId.SPO2_FALL:
            return f"SpO2 fall {_told(alarm)} {alarm.op} {_number(alarm.limit)}"
        case RuleId.ZONE_HIGH | RuleId.ZONE_LOW:
            return f"Zone: HR {_told(alarm)} {alarm.op} {_number(alarm.limit)}"
        case RuleId.HR_DROP:
            return f"HR fell by {_number(shown_value(alarm))}"
        case RuleId.HR_NOT_RISING:
            return f"HR {_number(shown_value(alarm))} short of rising work"
        case RuleId.HR_NOT_RECOVERING:
            return f"HR only {_number(shown_value(alarm))} down in recovery"
        case RuleId.NO_DATA:
            return "No oximeter signal" if alarm.detail == "oximeter" else "No strap signal"
        case RuleId.CONTACT:
            return "Oximeter off finger" if alarm.detail == "oximeter" else "Strap: no skin contact"
        case RuleId.QUESTIONABLE:
            return "Oximeter values in doubt" if alarm.detail == "oximeter" else "Strap values in doubt"
        case RuleId.DISAGREE:
            return "Strap and oximeter disagree"
        case RuleId.GHOST:
            return "Strap repeats another signal"
        case RuleId.SWAPPED:
            return "Sensors swapped?"
        case RuleId.BATTERY_LOW:
            return f"{'Oximeter' if alarm.detail == 'oximeter' else 'Strap'} battery {_number(shown_value(alarm))} %"
        case RuleId.OUT_OF_SLOTS:
            return f"Gateway {alarm.subject}: {_number(shown_value(alarm))} wait for a radio"
        case RuleId.CLOCK:
            return f"Gateway {alarm.subject}: clock {_number(shown_value(alarm))} s off"
        case RuleId.GATEWAY_LOST:
            return f"Gateway {alarm.subject} lost"
        case RuleId.STORE_LOST:
            return "Record lost: values are live, nothing is stored"
        case RuleId.DASHBOARD_LOST:
            return "Dashboard lost"
        case RuleId.ALERTS_LOST:
            return "Phone alerts lost"


def _told(alarm: AlarmState) -> str:
    number = _number(shown_value(alarm))
    if not is_past_worst(alarm):
        return number
    return f"{'highest' if alarm.op in {Operator.ABOVE, Operator.AT_LEAST} else 'lowest'} {number}"


def _number(value: float | None) -> str:
    if value is None:
        return "--"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
