"""Frames of the websocket: what a page is told, complete in a snapshot, by what changed in a delta.

Every time in a frame is on the server's clock (``server_mono_ms``), so that a page needs no clock of its own: it keeps
the minimum of ``performance.now() * rate - server_mono_ms`` for an epoch and computes every age from it. A page
paints no frame older than 2 s of real time. Alarms are state: a conflated stream of frames can never lose one.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from vitals.alarms import Condition, Family, Operator, Priority, RuleId, Signal, SubjectKind
from vitals.delivery import ChannelName, Response
from vitals.duty import DutyRole
from vitals.participants import LimitReason
from vitals.passport import Agreement, Doubt
from vitals.readings import Averaging, Quality, Reason, Source
from vitals.sessions import GenerationMode, Phase
from vitals.units import Unit

ACK_WINDOW = 4
"""Frames in flight per client before its acknowledgements must come (`await send` is no back-pressure)."""


class Silence(Struct, frozen=True, kw_only=True):
    """After which age a value is grey, and after which it is gone, in ms of the server's clock."""

    stale_ms: int
    lost_ms: int


class ValueView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number of one person. ``value`` None: none is shown, ``reason`` says why.

    ``at_ms``: server time at which the sensor said it. The last value is kept here while it is stale, so that a page
    can grey it with its age; from ``lost_ms`` on a page shows "--" by its own clock, whatever the frame says.
    """

    value: float | None
    unit: Unit
    at_ms: int | None = None
    quality: Quality = Quality.GOOD
    reason: Reason | None = None
    doubts: tuple[Doubt, ...] = ()
    """What analysis holds against it; the value stands all the same."""


class LimitView(Struct, frozen=True, kw_only=True):
    """A limit and where it came from; ``default`` means: default, not prescribed."""

    value: float
    reason: LimitReason


class TileView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person on the wall. ``hr`` None: no strap assigned; ``spo2`` None: no oximeter assigned.

    ``trace`` (snapshots only): HR of the last 120 s as [at_ms, bpm or None] at most once a second, None for a gap; a
    page goes on by itself with the values that come. ``hr_sensor`` and ``spo2_sensor`` are the gateway's sensor states.
    """

    id: str
    seat: int
    alias: str
    hr: ValueView | None = None
    spo2: ValueView | None = None
    hr_sensor: str = ""
    spo2_sensor: str = ""
    hr_battery_pct: int | None = None
    spo2_battery_pct: int | None = None
    zone_low_bpm: int | None = None
    zone_high_bpm: int | None = None
    hr_upper: LimitView | None = None
    hr_lower: LimitView | None = None
    spo2_floor: LimitView | None = None
    hrr_pct: float | None = None
    zone: Literal["below", "in", "above"] | None = None
    hr_limit_in_s: int | None = None
    """In how many seconds the nearer limit is reached if it goes on like this; colours a tile, never an alarm."""
    spo2_limit_in_s: int | None = None
    phase: Phase | None = None
    """Of this person, where it is another than that of the class."""
    phase_proposed: Phase | None = None
    """What work and heart rate suggest; nobody but staff sets a phase."""
    hr_device: str = ""
    """Make and model of the strap, as far as it tells."""
    spo2_device: str = ""
    spo2_averaging: Averaging | None = None
    hr_artefact_pct: int | None = None
    """Share of the last 2 minutes' beats that are none."""
    flow: Literal["", "not_cleared", "stopped", "recovering", "to_release"] = ""
    """What is open of somebody who is here: no pre-check, a stop sign since, not seen to after effort, or all seen to
    and not released. Never an alarm; empty also for who was not called in the roll-call."""
    trace: tuple[tuple[int, float | None], ...] = ()


class AcknowledgedView(Struct, frozen=True, kw_only=True):
    """Who took an alarm and when."""

    by: str
    at_utc_ms: int


class TrustView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the value of an alarm could be trusted when it was said (`vitals.passport.Passport`)."""

    quality: Quality
    reason: Reason | None = None
    doubts: tuple[Doubt, ...] = ()
    agreement: Agreement = Agreement.UNKNOWN
    averaging: Averaging | None = None
    source: Source = Source.NOTIFIED
    age_ms: int | None = None
    device: str = ""


class AlarmView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alarm whose signal is not off. ``text`` without duration: ``HR 134 > 120``; ages count from ``breach_at_ms``.

    ``sending``: initials of whoever's acknowledgement is on its way and not yet in the alarm's state.
    ``participant``/``seat``/``alias`` are absent for alarms about a part or gateway; ``affects`` counts people then.
    """

    id: str
    subject: str
    subject_kind: SubjectKind
    rule: RuleId
    family: Family
    priority: Priority
    condition: Condition
    signal: Signal
    text: str
    breach_at_ms: int
    onset_at_ms: int
    onset_utc_ms: int
    ended_at_ms: int | None = None
    participant: str | None = None
    seat: int | None = None
    alias: str | None = None
    op: Operator | None = None
    value: float | None = None
    is_worst: bool = False
    """``value`` is the worst since the breach, and the text says so: the newest one keeps the limit."""
    limit: float | None = None
    limit_reason: LimitReason | None = None
    detail: str = ""
    explanation: str = ""
    """Value, limit, which limit and why, how long, how far to trust it: one line for who wants to know."""
    trust: TrustView | None = None
    affects: int = 0
    source_lost: bool = False
    inhibited_by: RuleId | None = None
    acknowledged: AcknowledgedView | None = None
    sending: str | None = None


class PartView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part of the system; missing: never heard.

    ``text`` names the loss and what still works or, where ``is_loss`` is false, the trouble of a part that lives, in
    English; ``what`` and what follows say the same for a page that speaks another language.
    """

    part: str
    instance: str
    state: Literal["up", "lost", "stopped", "missing"]
    since_ms: int
    since_utc_ms: int
    text: str = ""
    is_loss: bool = False
    is_one_of_several: bool = False
    """Other parts are lost, too: no line promises what still works."""
    what: Literal["", "lost", "not_running", "radio_lost", "trouble"] = ""
    loss_utc_ms: int | None = None
    affects: int = 0
    troubles: tuple[str, ...] = ()
    """The worst first; ``other`` for one that only the part has words for."""
    problems: tuple[str, ...] = ()


class SessionView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The class on the wall."""

    id: str
    name: str
    phase: Phase
    phase_since_utc_ms: int
    started_utc_ms: int
    generation_mode: GenerationMode
    version: int = 0
    """Of the roster: it rises with every change of a limit, a phase, a sensor."""
    is_practice: bool = False
    """Its people are played by staff; a screen says so in words that nobody takes for a class."""


class AudioView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the sound is paused, until when (server time) and by whom."""

    paused_until_ms: int | None = None
    by: str = ""


class ScreenView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A wall that is connected, and whether it can be heard; ``silent``: it is not meant to sound.

    ``off``: the browser or the device lets nothing out; ``unheard``: somebody tested it and heard nothing.
    """

    screen: str
    name: str
    sound: Literal["on", "off", "unheard", "silent"]
    tested_utc_ms: int | None = None


class DutyView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody on duty in this class; ``participants``: whose alarms are theirs first."""

    staff: str
    role: DutyRole
    participants: tuple[str, ...] = ()


class AnswerView(Struct, frozen=True, kw_only=True):
    """What one person answered to the news of an alarm."""

    staff: str
    response: Response
    at_utc_ms: int


class CallView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the news of an alarm has come among people: steps done, when the next is due, who was reached.

    ``called``: whom a message has gone to, ``ways``: by which ways; ``shown``: whose phone says that it shows it,
    ``seen``: who has opened it there, which both are information and no answer.
    """

    alarm: str
    step: int = 0
    next_utc_ms: int | None = None
    called: tuple[str, ...] = ()
    ways: dict[str, tuple[ChannelName, ...]] = {}
    shown: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    answers: tuple[AnswerView, ...] = ()
    unreachable: tuple[str, ...] = ()
    off_until_utc_ms: int | None = None
    off_by: str = ""


class EmergencyLineView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the timeline of an emergency; ``step`` as in `vitals.entries.EmergencyStep`."""

    at_utc_ms: int
    by: str
    step: str
    role: str = ""
    text: str = ""


class EmergencyView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An emergency that runs now, of a person or (``participant`` None) of the class.

    ``roles``: who has which role; ``done``: lines of the script that are done; ``lines``: the newest, oldest first.
    """

    id: str
    began_utc_ms: int
    began_by: str
    participant: str | None = None
    seat: int | None = None
    alias: str | None = None
    roles: dict[str, str] = {}
    done: tuple[str, ...] = ()
    lines: tuple[EmergencyLineView, ...] = ()


class CountsView(Struct, frozen=True, kw_only=True):
    """The header's line: how many sensors of the class give live data."""

    straps_live: int
    straps: int
    oximeters_live: int
    oximeters: int
    gateways_live: int
    gateways: int


class Frame(Struct, frozen=True, kw_only=True):
    """A snapshot (``t`` = "s": everything) or a delta (``t`` = "d": what changed since ``seq - 1``; tiles by id).

    ``epoch`` changes with each server start; ``heartbeat`` frames are deltas without a change. ``mode`` is the least
    real of the session's and all parts' generation modes, for the badge. ``analysis_heard_ms``: server time of the last
    heartbeat of analysis, in every frame once there was one. ``alarm_path_ms``: server time at which the last test came
    back that had gone the whole way of an alarm; the same.
    """

    t: Literal["s", "d"]
    v: Literal[1] = 1
    epoch: str
    seq: int
    server_mono_ms: int
    utc_ms: int
    rate: float = 1.0
    analysis_heard_ms: int | UnsetType = UNSET
    alarm_path_ms: int | UnsetType = UNSET
    mode: GenerationMode | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    hr_silence: Silence | UnsetType = UNSET
    spo2_silence: Silence | UnsetType = UNSET
    session: SessionView | UnsetType | None = UNSET
    tiles: tuple[TileView, ...] | UnsetType = UNSET
    alarms: tuple[AlarmView, ...] | UnsetType = UNSET
    parts: tuple[PartView, ...] | UnsetType = UNSET
    audio: AudioView | UnsetType = UNSET
    counts: CountsView | UnsetType = UNSET
    screens: tuple[ScreenView, ...] | UnsetType = UNSET
    duty: tuple[DutyView, ...] | UnsetType = UNSET
    calls: tuple[CallView, ...] | UnsetType = UNSET
    emergencies: tuple[EmergencyView, ...] | UnsetType = UNSET


class FrameAck(Struct, frozen=True, kw_only=True, tag="ack", tag_field="t"):
    """From the page: this frame was taken; opens the window by one."""

    seq: int


class AcknowledgeRequest(Struct, frozen=True, kw_only=True, tag="acknowledge", tag_field="t"):
    """From the page: somebody takes an alarm. Answered by the alarm's state: sending, then acknowledged.

    ``by``: initials, where there is no login; else the login's name counts.
    """

    alarm_id: str
    by: Annotated[str, Meta(max_length=16)] = ""


class PauseAudioRequest(Struct, frozen=True, kw_only=True, tag="pause_audio", tag_field="t"):
    """From the page: no sound for a while. ``by``: initials, where there is no login."""

    seconds: Annotated[int, Meta(ge=0, le=120)]
    by: Annotated[str, Meta(max_length=16)] = ""


class SoundReport(Struct, frozen=True, kw_only=True, tag="sound", tag_field="t"):
    """From the page: whether this screen can be heard, and when a person last heard it. As often as it changes."""

    screen: Annotated[str, Meta(min_length=1, max_length=32)]
    name: Annotated[str, Meta(max_length=40)]
    sound: Literal["on", "off", "unheard", "silent"]
    tested_utc_ms: Annotated[int, Meta(ge=0, lt=2**53)] | None = None


class PhoneReport(Struct, frozen=True, kw_only=True, tag="phone", tag_field="t"):
    """From a phone's page: it is open, and whether it can be heard. As often as that changes, and each 30 s."""

    sound: Literal["on", "off"]


FromPage = FrameAck | AcknowledgeRequest | PauseAudioRequest | SoundReport | PhoneReport
