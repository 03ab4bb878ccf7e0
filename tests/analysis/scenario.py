"""A class on virtual time, told as a script: ``at(12.5).strap("p01").hr(134)``, then ``want(...)``.

Ticks come five times a second and heartbeats once a second while time passes, as from the real shell. Every event can
be preceded by a restart of the engine from its snapshot, which must change nothing (`restart_before_each`).
"""

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from analysis.core.engine import Engine
from analysis.core.events import (
    AlarmEventRaised,
    AlarmStateChanged,
    AudioChanged,
    CommandAnswered,
    CommandArrived,
    Effect,
    Event,
    Listening,
    PartHeard,
    ReadingHeard,
    RosterChanged,
    RosterCleared,
    Tick,
)
from analysis.core.memory import decode_state, encode_state
from analysis.core.rules import RuleSet
from analysis.rule_set import DEFAULT
from tests.analysis.people import BASE_MS, EPOCH_UTC_MS, entry, roster
from vitals.alarms import AlarmId, AlarmState, AudioState, Change, RuleId, Signal
from vitals.commands import Acknowledge, Command, CommandAnswer, CommandBody, CommandId, PauseAudio
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import (
    BatteryReading,
    HeartRateReading,
    Machine,
    OximeterReading,
    Quality,
    Reading,
    Reason,
    RunId,
    WorkloadReading,
)
from vitals.sensors import SensorId, SensorKind, SensorState, SensorStatus
from vitals.sessions import (
    GenerationMode,
    Roster,
    RosterEntry,
    SessionId,
)
from vitals.units import MonotonicMs, UtcMs

TICK_S = 0.2
UNGATED = replace(DEFAULT, hold_back=False)
"""What jumps is evidence at once: for laws about the rules, not about the gate before them."""


class Said(NamedTuple):
    at_s: float
    change: Change
    alarm: AlarmState


class Scenario:
    """One engine and what it said; ``before`` may replace the engine before each event."""

    def __init__(
        self,
        *entries: RosterEntry,
        oximeter: bool = False,
        before: Callable[[Engine], Engine] | None = None,
        rules: RuleSet = DEFAULT,
    ) -> None:
        self.engine = Engine(rules=rules)
        self.now_s = 0.0
        self.log: list[Said] = []
        self.effects: list[Effect] = []
        self.retained: dict[str, AlarmState] = {}
        self.answers: list[CommandAnswer] = []
        self.audio: list[AudioState] = []
        self.beating: dict[tuple[Part, str], str] = {(Part.GATEWAY, "g1"): "run-g1"}
        self.told: dict[str, SensorStatus] = {}
        """What gateways tell of sensors in their heartbeats."""
        self.utc_off_ms = 0
        self._seq: dict[str, int] = {}
        self._commands = 0
        self._before = before
        self._ticks = 0
        self.listen(up=True)
        self.beat()
        self.tell(roster(*(entries or (entry("p01", oximeter=oximeter),))))

    def at(self, at_s: float) -> "Scenario":
        """Let time pass until ``at_s``, with ticks and heartbeats."""
        while self._ticks * TICK_S + TICK_S <= at_s + 1e-9:
            self._ticks += 1
            self.now_s = round(self._ticks * TICK_S, 3)
            if self._ticks % 5 == 0:
                self.beat()
            self.step(Tick(now_ms=self.now_ms, now_utc_ms=self.utc_ms))
        self.now_s = max(self.now_s, at_s)
        return self

    def tells(self, sensor: str, *, waits: bool = False, battery_pct: int | None = None) -> "Scenario":
        """Have the gateway's heartbeats tell something of a sensor from now on."""
        self.told[sensor] = SensorStatus(
            sensor=SensorId(sensor),
            kind=SensorKind.STRAP,
            state=SensorState.STREAMING,
            since_mono_ms=MonotonicMs(0),
            waits_for_slot=waits,
            battery_pct=battery_pct,
        )
        return self

    def strap(self, name: str) -> "Wearing":
        return Wearing(self, SensorId(name if name.startswith("s-") else f"s-{name}-hr"))

    def machine(self, name: str) -> "Wearing":
        return Wearing(self, SensorId(f"s-{name}-bike"))

    def oximeter(self, name: str) -> "Wearing":
        return Wearing(self, SensorId(f"s-{name}-ox"))

    def play(self, first_s: int, last_s: int, hr_bpm: int, *, name: str = "p01") -> "Scenario":
        """Let a strap say the same rate once a second, both ends included."""
        for second in range(first_s, last_s + 1):
            self.at(second).strap(name).hr(hr_bpm)
        return self

    def breathe(self, first_s: int, last_s: int, spo2_pct: float, *, name: str = "p01") -> "Scenario":
        """Let an oximeter say the same saturation once a second, both ends included."""
        for second in range(first_s, last_s + 1):
            self.at(second).oximeter(name).spo2(spo2_pct)
        return self

    def acknowledge(self, rule: RuleId, *, by: str = "ab", subject: str = "p01") -> CommandAnswer:
        return self.command(Acknowledge(alarm_id=self.alarm(rule, subject=subject).alarm_id), by=by)

    def acknowledge_id(self, alarm_id: AlarmId) -> CommandAnswer:
        return self.command(Acknowledge(alarm_id=alarm_id), by="ab")

    def pause(self, seconds: int) -> CommandAnswer:
        return self.command(PauseAudio(seconds=seconds), by="ab")

    def command(self, body: CommandBody, *, by: str) -> CommandAnswer:
        self._commands += 1
        command = Command(id=CommandId(f"c{self._commands}"), owner="analysis", by=by, at_utc_ms=self.utc_ms, body=body)
        self.step(CommandArrived(command=command, now_ms=self.now_ms))
        return self.answers[-1]

    def tell(self, what: Roster) -> "Scenario":
        self.step(RosterChanged(roster=what, now_ms=self.now_ms))
        return self

    def clear(self, session: str = "c1") -> "Scenario":
        self.step(RosterCleared(session=SessionId(session), now_ms=self.now_ms))
        return self

    def listen(self, *, up: bool) -> "Scenario":
        self.step(Listening(up=up, now_ms=self.now_ms, now_utc_ms=self.utc_ms))
        return self

    def beat(self) -> None:
        """Let every part that lives send its heartbeat."""
        for (part, instance), run in self.beating.items():
            sensors = tuple(self.told.values()) if part is Part.GATEWAY else ()
            off_ms = self.utc_off_ms if part is Part.GATEWAY else 0
            self.hear(part, instance, PartState.UP, run=run, sensors=sensors, utc_off_ms=off_ms)

    def dies(self, part: Part, instance: str, *, will: bool = True) -> "Scenario":
        run = self.beating.pop((part, instance))
        if will:
            self.hear(part, instance, PartState.LOST, run=run)
        return self

    def returns(self, part: Part, instance: str, run: str = "run-2") -> "Scenario":
        self.beating[part, instance] = run
        self.hear(part, instance, PartState.UP, run=run)
        return self

    def hear(
        self,
        part: Part,
        instance: str,
        state: PartState,
        *,
        run: str,
        retained: bool = False,
        sensors: tuple[SensorStatus, ...] = (),
        utc_off_ms: int = 0,
    ) -> None:
        status = PartStatus(
            part=part,
            instance=instance,
            run=RunId(run),
            state=state,
            generation_mode=GenerationMode.TEST,
            clock_rate=1.0,
            mono_ms=self.now_ms,
            utc_ms=UtcMs(self.utc_ms + utc_off_ms),
            sensors=sensors,
        )
        self.step(PartHeard(status=status, retained=retained, now_ms=self.now_ms))

    def restart(self, rules: RuleSet | None = None) -> "Scenario":
        """Kill the engine and start it from its snapshot, as the shell does; perhaps with other rules."""
        state = decode_state(encode_state(self.engine.state))
        self.engine = Engine(state, rules=self.engine.book.rules if rules is None else rules)
        self.listen(up=False)
        return self.listen(up=True)

    def step(self, event: Event) -> None:
        if self._before is not None:
            self.engine = self._before(self.engine)
        for effect in self.engine.step(event):
            self.effects.append(effect)
            match effect:
                case AlarmEventRaised():
                    self.log.append(Said(self.now_s, effect.change, effect.alarm))
                case AlarmStateChanged(alarm=alarm):
                    key = f"{alarm.subject}/{alarm.rule}"
                    self.retained.pop(key, None)
                    if alarm.signal is not Signal.OFF:
                        self.retained[key] = alarm
                case AudioChanged(audio=audio):
                    self.audio.append(audio)
                case CommandAnswered(answer=answer):
                    self.answers.append(answer)

    def next_seq(self, sensor: str) -> int:
        self._seq[sensor] = self._seq.get(sensor, -1) + 1
        return self._seq[sensor]

    @property
    def now_ms(self) -> MonotonicMs:
        return MonotonicMs(BASE_MS + round(self.now_s * 1000))

    @property
    def utc_ms(self) -> UtcMs:
        return UtcMs(EPOCH_UTC_MS + round(self.now_s * 1000))

    def alarm(self, rule: RuleId, *, subject: str = "p01") -> AlarmState:
        """Return an alarm that screens see now."""
        return self.retained[f"{subject}/{rule}"]

    def changes(self, rule: RuleId | None = None, *, subject: str | None = None) -> list[tuple[float, Change]]:
        """Return what was said of a rule, of all alarms when none is named."""
        return [
            (said.at_s, said.change)
            for said in self.log
            if (rule is None or said.alarm.rule is rule) and (subject is None or said.alarm.subject == subject)
        ]

    def want(self, change: Change, rule: RuleId, *, between: tuple[float, float], subject: str | None = None) -> Said:
        """Return the one such change in a stretch of time; fail when there is none or more than one."""
        first_s, last_s = between
        found = [
            said
            for said in self.log
            if said.change is change
            and said.alarm.rule is rule
            and first_s <= said.at_s <= last_s
            and (subject is None or said.alarm.subject == subject)
        ]
        assert len(found) == 1, f"wanted one {rule} {change} between {between}, log: {self.changes()}"
        return found[0]

    def want_only(self, *changes: tuple[float, Change], rule: RuleId) -> None:
        assert self.changes(rule) == list(changes)


class Wearing:
    """A sensor at this moment of a script."""

    def __init__(self, scenario: Scenario, sensor: SensorId) -> None:
        self._scenario = scenario
        self._sensor = sensor

    def hr(
        self,
        hr_bpm: int | None,
        *,
        quality: Quality = Quality.GOOD,
        reason: Reason | None = None,
        of_s: float | None = None,
        seq: int | None = None,
        run: str = "run-g1",
        rr_ms: tuple[float, ...] = (),
        contact: bool | None = None,
    ) -> Scenario:
        """Say a rate, measured just now or at ``of_s``."""
        return self._say(
            lambda number, at_ms: HeartRateReading(
                run=RunId(run),
                sensor=self._sensor,
                seq=number,
                mono_ms=at_ms,
                quality=quality,
                reason=reason,
                hr_bpm=hr_bpm,
                rr_ms=rr_ms,
                contact=contact,
            ),
            of_s=of_s,
            seq=seq,
        )

    def spo2(
        self,
        spo2_pct: float | None,
        *,
        quality: Quality = Quality.GOOD,
        reason: Reason | None = None,
        of_s: float | None = None,
        pulse_bpm: float | None = None,
    ) -> Scenario:
        """Say a saturation, measured just now or at ``of_s``."""
        return self._say(
            lambda number, at_ms: OximeterReading(
                run=RunId("run-g1"),
                sensor=self._sensor,
                seq=number,
                mono_ms=at_ms,
                quality=quality,
                reason=reason,
                spo2_pct=spo2_pct,
                pulse_bpm=pulse_bpm,
            ),
            of_s=of_s,
            seq=None,
        )

    def beats(self, hr_bpm: float) -> Scenario:
        """Say a rate with its beat and contact, as a good strap does."""
        return self.hr(round(hr_bpm), rr_ms=(60_000 / hr_bpm,), contact=True)

    def work(self, met: float) -> Scenario:
        """Say how hard the machine makes it."""
        return self._say(
            lambda number, at_ms: WorkloadReading(
                run=RunId("run-g1"),
                sensor=self._sensor,
                seq=number,
                mono_ms=at_ms,
                quality=Quality.GOOD,
                machine=Machine.BIKE,
                met=met,
            ),
            of_s=None,
            seq=None,
        )

    def battery(self, battery_pct: int) -> Scenario:
        """Say how full the battery is."""
        return self._say(
            lambda number, at_ms: BatteryReading(
                run=RunId("run-g1"),
                sensor=self._sensor,
                seq=number,
                mono_ms=at_ms,
                quality=Quality.GOOD,
                battery_pct=battery_pct,
            ),
            of_s=None,
            seq=10_000 + self._scenario.next_seq(f"{self._sensor}/battery"),
        )

    def off_skin(self) -> Scenario:
        """Say that there is no contact and no value."""
        if self._sensor.endswith("-ox"):
            return self.spo2(None, quality=Quality.UNUSABLE, reason=Reason.OFF_SKIN)
        return self.hr(None, quality=Quality.UNUSABLE, reason=Reason.OFF_SKIN)

    def _say(self, make: Callable[[int, MonotonicMs], Reading], *, of_s: float | None, seq: int | None) -> Scenario:
        scenario = self._scenario
        number = scenario.next_seq(self._sensor) if seq is None else seq
        at_ms = scenario.now_ms if of_s is None else MonotonicMs(BASE_MS + round(of_s * 1000))
        scenario.step(ReadingHeard(reading=make(number, at_ms), stream_ms=at_ms, received_ms=scenario.now_ms))
        return scenario


def reborn(engine: Engine) -> Engine:
    """Return the engine after a death: only its bytes have survived."""
    return Engine(decode_state(encode_state(engine.state)), rules=engine.book.rules)
