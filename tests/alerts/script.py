"""Scenarios of the policy as scripts on virtual time: ``at(15)``, then what happens, then whom it has told."""

from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import msgspec
from msgspec.structs import replace

from alerts.policy.case import Case
from alerts.policy.events import (
    Acknowledged,
    AlarmGone,
    AlarmHeard,
    Answer,
    CaseEnded,
    Cleared,
    DutyHeard,
    Effect,
    Event,
    Held,
    Listening,
    PartHeard,
    Responded,
    SessionHeard,
    SwitchedOff,
    Tell,
    TestAsked,
    Tick,
    WayClosed,
    WayOpened,
)
from alerts.policy.machine import step
from alerts.policy.memory import Kept, kept_of
from alerts.policy.plan import Plan
from alerts.policy.plan_file import read_policy
from alerts.policy.state import PolicyState
from vitals.alarms import (
    Acknowledgement,
    AlarmId,
    AlarmState,
    Condition,
    Family,
    Operator,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
)
from vitals.commands import CommandId
from vitals.delivery import ChannelName, Response, SubscriptionId
from vitals.duty import Duty, DutyRole, OnDuty, SessionDuty, StaffId
from vitals.participants import ParticipantId
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import RunId
from vitals.sessions import GenerationMode, SessionId
from vitals.units import MonotonicMs, UtcMs

DEFAULT_FILE: Final = Path(__file__).parents[2] / "alerts" / "policies" / "default.toml"
PLAN: Final = read_policy(DEFAULT_FILE.read_text(encoding="utf-8"), place="default")
UTC_MS: Final = 1_795_000_000_000
TICK_MS: Final = 250
SESSION: Final = "c1"

STAFF: Final = {
    "tom": (DutyRole.THERAPIST, ("p1", "p2")),
    "ann": (DutyRole.THERAPIST, ("p3",)),
    "sue": (DutyRole.SUPERVISOR, ()),
}
WAYS: Final = {
    "tom-phone": ("tom", ChannelName.WEB_PUSH),
    "ann-phone": ("ann", ChannelName.WEB_PUSH),
    "sue-ntfy": ("sue", ChannelName.NTFY),
    "sue-mail": ("sue", ChannelName.APPRISE),
    "ida-phone": ("ida", ChannelName.WEB_PUSH),  # not on duty
}


class Told(NamedTuple):
    """One message: when (s), to whom, by which way, about what, as which step."""

    at_s: float
    staff: str
    way: str
    alarm: str
    step: int


def alarm_state(
    name: str,
    priority: Priority = Priority.HIGH,
    *,
    participant: str | None = "p1",
    rule: RuleId = RuleId.SPO2_CRIT,
    family: Family = Family.PHYSIOLOGICAL,
    subject: str | None = None,
    signal: Signal = Signal.ON,
    condition: Condition = Condition.ACTIVE,
    onset_ms: int = 0,
    value: float = 78,
    revision: int = 1,
    inhibited_by: RuleId | None = None,
    ack: str = "",
) -> AlarmState:
    subject_kind = SubjectKind.GATEWAY if rule is RuleId.GATEWAY_LOST else SubjectKind.PARTICIPANT
    return AlarmState(
        alarm_id=AlarmId(name),
        revision=revision,
        subject=subject or participant or "g1",
        subject_kind=subject_kind,
        rule=rule,
        family=family,
        priority=priority,
        condition=condition,
        signal=signal,
        session=SESSION if participant else None,
        participant=ParticipantId(participant) if participant else None,
        op=Operator.BELOW,
        value=value,
        limit=80,
        breach_mono_ms=MonotonicMs(onset_ms - 8_000),
        onset_mono_ms=MonotonicMs(onset_ms),
        onset_utc_ms=UtcMs(UTC_MS + onset_ms),
        inhibited_by=inhibited_by,
        acknowledged=Acknowledgement(by="TH", at_utc_ms=UtcMs(UTC_MS), command=ack) if ack else None,
    )


def duty_of(staff: dict[str, tuple[DutyRole, tuple[str, ...]]] = STAFF) -> Duty:
    members = tuple(
        OnDuty(
            staff=StaffId(name),
            role=role,
            since_utc_ms=UtcMs(UTC_MS),
            participants=tuple(ParticipantId(one) for one in participants),
        )
        for name, (role, participants) in staff.items()
    )
    return Duty(version=1, sessions=(SessionDuty(session=SessionId(SESSION), room="room-1", members=members),))


def part_status(part: Part, state: PartState = PartState.UP, *, run: str = "r1") -> PartStatus:
    return PartStatus(
        part=part,
        instance="1",
        run=RunId(run),
        state=state,
        generation_mode=GenerationMode.TEST,
        clock_rate=1.0,
        mono_ms=MonotonicMs(0),
        utc_ms=UtcMs(UTC_MS),
    )


class Script:
    """The policy on virtual time. Analysis and a dashboard beat by themselves unless they are stopped."""

    def __init__(self, *, plan: Plan = PLAN, staff: bool = True) -> None:
        self.plan = plan
        self.state = PolicyState()
        self.now_ms = 0
        self.utc_offset_ms = UTC_MS
        self.effects: list[tuple[float, Effect]] = []
        self.beating = {Part.ANALYSIS, Part.DASHBOARD}
        self.alarms: dict[str, AlarmState] = {}
        if staff:
            self.put(Listening(up=True, **self._now()))
            self._beat()
            self.put(SessionHeard(session=SESSION, is_open=True, **self._now()))
            self.put(DutyHeard(duty=duty_of(), **self._now()))
            for way, (who, channel) in WAYS.items():
                self.open(way, who, channel)

    def put(self, event: Event) -> None:
        self.state, effects = step(self.state, self.plan, event)
        self.effects += [(self.now_ms / 1000, effect) for effect in effects]

    def at(self, seconds: float) -> Self:
        """Let time pass, tick by tick, up to a second of the script."""
        while self.now_ms < seconds * 1000:
            self.now_ms += TICK_MS
            if self.now_ms % 1000 == 0:
                self._beat()
            self.put(Tick(**self._now()))
        return self

    def restart(self) -> None:
        """Die and come back with what the ledger keeps, written and read as it is there."""
        cases = msgspec.json.decode(msgspec.json.encode(self.state.cases), type=dict[AlarmId, Case])
        kept = msgspec.json.decode(msgspec.json.encode(kept_of(self.state, revisions_from=0)), type=Kept)
        self.state = PolicyState(
            cases=cases,
            duty=kept.duty,
            ways=self.state.ways,
            offs=kept.offs,
            buckets=kept.buckets,
            sessions=frozenset(kept.sessions),
            losses=kept.losses,
        )
        self.put(Listening(up=False, **self._now()))
        self.put(Listening(up=True, **self._now()))
        self._beat()
        for alarm in self.alarms.values():
            self.put(AlarmHeard(alarm=alarm, seat=1, onset_ms=alarm.onset_mono_ms, **self._now()))

    def open(self, way: str, staff: str, channel: ChannelName) -> None:
        self.put(WayOpened(subscription=SubscriptionId(way), staff=StaffId(staff), channel=channel, **self._now()))

    def close(self, way: str) -> None:
        self.put(WayClosed(subscription=SubscriptionId(way), **self._now()))

    def alarm(self, name: str, priority: Priority = Priority.HIGH, **more: Any) -> None:
        """Say an alarm, or say anew how it stands."""
        before = self.alarms.get(name)
        state = alarm_state(name, priority, onset_ms=self.now_ms, **more)
        if before is not None:
            state = replace(
                state,
                revision=before.revision + 1,
                onset_mono_ms=before.onset_mono_ms,
                breach_mono_ms=before.breach_mono_ms,
            )
        self.alarms[name] = state
        self.put(AlarmHeard(alarm=state, seat=1, onset_ms=state.onset_mono_ms, **self._now()))

    def change(self, name: str, **changes: Any) -> None:
        """Say anew how an alarm stands."""
        state = replace(self.alarms[name], revision=self.alarms[name].revision + 1, **changes)
        self.alarms[name] = state
        self.put(AlarmHeard(alarm=state, seat=1, onset_ms=state.onset_mono_ms, **self._now()))

    def acknowledge(self, name: str, *, command: str = "k1") -> None:
        """Analysis says that somebody has acknowledged an alarm on a screen."""
        ack = Acknowledgement(by="th", at_utc_ms=UtcMs(UTC_MS), command=command)
        self.change(name, signal=Signal.ACKNOWLEDGED, acknowledged=ack)

    def acknowledge_command(self, name: str, *, command: str = "k1") -> None:
        """A screen's acknowledgement is heard on its way to analysis."""
        self.put(Acknowledged(command=CommandId(command), alarm_id=AlarmId(name), by="th", **self._now()))

    def gone(self, name: str) -> None:
        alarm = self.alarms.pop(name)
        self.put(AlarmGone(subject=alarm.subject, rule=alarm.rule, **self._now()))

    def respond(self, name: str, staff: str, response: Response = Response.ACCEPT) -> Answer:
        before = len(self.effects)
        command = CommandId(f"r{before}")
        event = Responded(
            command=command, alarm_id=AlarmId(name), staff=StaffId(staff), response=response, **self._now()
        )
        self.put(event)
        return next(one for _, one in self.effects[before:] if isinstance(one, Answer))

    def switch_off(self, subject: str, rule: RuleId, seconds: int) -> None:
        event = SwitchedOff(
            command=CommandId("off"),
            subject=subject,
            rule=rule,
            for_ms=seconds * 1000,
            by="tom",
            why="strap is being changed",
            **self._now(),
        )
        self.put(event)

    def test(self, staff: str) -> Answer:
        before = len(self.effects)
        event = TestAsked(command=CommandId("t"), alarm_id=AlarmId("test-t"), staff=StaffId(staff), **self._now())
        self.put(event)
        return next(one for _, one in self.effects[before:] if isinstance(one, Answer))

    def end_class(self) -> None:
        self.put(SessionHeard(session=SESSION, is_open=False, **self._now()))

    def listen(self, *, up: bool) -> None:
        self.put(Listening(up=up, **self._now()))

    def lose(self, part: Part) -> None:
        """A part dies, and its will is heard."""
        self.beating.discard(part)
        self.put(PartHeard(status=part_status(part, PartState.LOST), retained=False, **self._now()))

    def find(self, part: Part) -> None:
        self.beating.add(part)
        self._beat()

    def told(self, name: str | None = None) -> list[Told]:
        """Return all messages so far, or those about one alarm."""
        return [
            Told(at_s, one.staff, one.subscription, case.alarm_id, one.step)
            for at_s, one in self.effects
            if isinstance(one, Tell)
            for case in one.cases
            if name in {None, case.alarm_id}
        ]

    def messages(self) -> list[Tell]:
        return [one for _, one in self.effects if isinstance(one, Tell)]

    def who(self, name: str, at_s: float) -> set[str]:
        """Return the ways by which an alarm was told at a second, a tick before and after counted in."""
        return {one.way for one in self.told(name) if abs(one.at_s - at_s) <= TICK_MS / 1000}

    def of_kind(self, kind: type[Held | Cleared | CaseEnded]) -> list[Effect]:
        return [one for _, one in self.effects if isinstance(one, kind)]

    def _now(self) -> dict[str, Any]:
        return {"now_ms": MonotonicMs(self.now_ms), "now_utc_ms": UtcMs(self.utc_offset_ms + self.now_ms)}

    def _beat(self) -> None:
        if self.state.listening_since_ms is None:
            return
        for part in self.beating:
            self.put(PartHeard(status=part_status(part), retained=False, **self._now()))
