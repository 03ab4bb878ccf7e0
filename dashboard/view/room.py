"""What this server knows of its room right now: the class, the newest of every sensor, alarms, parts, sound.

Everything comes in through ``hear_*`` and `enter_session` with the time as an argument; nothing here waits or sends.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from dashboard.emergency.timeline import Emergency
from dashboard.flow.picture import OpenStep
from dashboard.view.alarm_path import AlarmPath
from dashboard.view.alarms import HeardAlarm, Seat, take_alarm
from dashboard.view.parts import Moment, PartsWatch
from dashboard.view.phones import Phones
from dashboard.view.screens import Screens
from dashboard.view.trace import Trace
from dashboard.view.values import Heard, to_heard
from vitals.alarms import AlarmId, AlarmState, AudioState
from vitals.delivery import DeliveryState, Reach
from vitals.duty import Duty
from vitals.escalation import PolicyTimeline
from vitals.journal import Derived
from vitals.participants import ParticipantId
from vitals.parts import Part, PartState, PartStatus
from vitals.passport import Freshness
from vitals.readings import BatteryReading, HeartRateReading, OximeterReading, Quality, ReadingMessage, RunId
from vitals.sensors import GatewayId, Nearby, SensorId, SensorKind
from vitals.sessions import Roster, SessionId
from vitals.streamclock import StreamClock, hear
from vitals.units import MonotonicMs, UtcMs

RUNS_MAX: Final = 256
"""Runs whose clocks are kept; the oldest is forgotten and learnt anew with its next message."""

ALARMS_MAX: Final = 8_192
"""Alarm states that are kept, more than people times rules; what does not fit is refused, never one that is kept."""

GATEWAYS_MAX: Final = 64

UNHEARD_MS: Final = 3_000
"""After a broker's return; analysis says its alarms within some ms of its heartbeat, a loaded machine takes longer."""


class RoomSession(Struct, frozen=True, kw_only=True):
    """The open class: its newest roster and what of it never leaves this server but for the screens."""

    name: str
    phase_since_utc_ms: UtcMs
    roster: Roster
    aliases: Mapping[ParticipantId, str]


class Worn(Struct, frozen=True, kw_only=True):
    """A sensor that is on somebody now; what it said before ``since_ms`` was somebody else.

    ``from_utc_ms``: the same moment as the roster and the record know it.
    ``moved_ms``: when it was given from one gateway to another, as far as this server has seen it.
    """

    participant: ParticipantId
    kind: SensorKind
    gateway: GatewayId
    since_ms: MonotonicMs
    from_utc_ms: UtcMs
    moved_ms: MonotonicMs | None = None


DERIVED_MS_MAX: Final = 3_000
"""What analysis said of a heart rate longer ago is not of now."""


class HeardDerived(Struct, frozen=True, kw_only=True):
    """What analysis made of somebody's readings, and when that came."""

    derived: Derived
    received_ms: MonotonicMs


class HeardNearby(Struct, frozen=True, kw_only=True):
    """What a gateway hears around it, and when it said so."""

    nearby: Nearby
    received_ms: MonotonicMs


class Room:
    """The state behind the wall of one room."""

    def __init__(self, *, name: str, now: Moment) -> None:
        """Begin with an empty room.

        Args:
            name: as in the rosters.
            now: the start of this server.
        """
        self.name: Final = name
        self.session: RoomSession | None = None
        self.worn: dict[SensorId, Worn] = {}
        self.seats: dict[ParticipantId, Seat] = {}
        self.affected: dict[str, int] = {}
        """Gateways of the class, with how many people each carries."""
        self.heard: Final[dict[SensorId, Heard]] = {}
        self.batteries: Final[dict[SensorId, int]] = {}
        self.traces: Final[dict[ParticipantId, Trace]] = {}
        self.derived: Final[dict[ParticipantId, HeardDerived]] = {}
        self.alarms: Final[dict[tuple[str, str], HeardAlarm]] = {}
        self.sending: Mapping[AlarmId, str] = {}
        self.audio = AudioState()
        self.duty: Duty | None = None
        self.reach: Reach | None = None
        """The ways to the staff; None: alerts has not said."""
        self.policy: PolicyTimeline | None = None
        """Who is called when; None: alerts has not said."""
        self.calls: Final[dict[AlarmId, DeliveryState]] = {}
        """How far the news of each alarm has come, as alerts says."""
        self.emergencies: Mapping[SessionId, tuple[Emergency, ...]] = {}
        """Of the open class, also those that are over."""
        self.flow: Mapping[ParticipantId, OpenStep] = {}
        """Of whom something of the flow is open, and what."""
        self.screens: Final = Screens()
        self.phones: Final = Phones()
        self.nearby: Final[dict[GatewayId, HeardNearby]] = {}
        self.parts: Final = PartsWatch(now=now)
        self.alarm_path: Final = AlarmPath()
        self.changed: Final[set[ParticipantId]] = set()
        """Whose tile is to be drawn anew; emptied by who draws."""
        self._clocks: Final[dict[RunId, StreamClock]] = {}
        self._unheard: Final[set[tuple[str, str]]] = set()
        """Alarms from before the broker was lost, not said again since."""
        self._analysis_back_ms: MonotonicMs | None = None
        """First heartbeat of analysis on this connection to the broker."""

    def enter_session(self, session: RoomSession | None, *, now: Moment) -> None:
        """Take a new version of the class, or none; what a sensor said on somebody else is forgotten."""
        if session is None or self.session is None or self.session.roster.session != session.roster.session:
            self.flow = {}
        self.session = session
        entries = () if session is None else session.roster.entries
        worn: dict[SensorId, Worn] = {}
        carried: dict[str, set[ParticipantId]] = {}
        for entry in entries:
            for assigned in entry.sensors:
                if assigned.to_utc_ms is not None:
                    continue
                carried.setdefault(assigned.gateway, set()).add(entry.participant)
                since_ms = MonotonicMs(now.ms - max(0, now.utc_ms - assigned.from_utc_ms))
                before = self.worn.get(assigned.sensor)
                moved_ms: MonotonicMs | None = None
                if before is not None and before.participant == entry.participant:
                    since_ms = before.since_ms
                    moved_ms = before.moved_ms if before.gateway == assigned.gateway else now.ms
                worn[assigned.sensor] = Worn(
                    participant=entry.participant,
                    kind=assigned.kind,
                    gateway=assigned.gateway,
                    since_ms=since_ms,
                    from_utc_ms=assigned.from_utc_ms,
                    moved_ms=moved_ms,
                )
        for sensor, before in self.worn.items():
            if sensor not in worn or worn[sensor].participant != before.participant:
                self.heard.pop(sensor, None)
                self.batteries.pop(sensor, None)
        self.worn = worn
        self.affected = {gateway: len(people) for gateway, people in carried.items()}
        aliases = {} if session is None else session.aliases
        self.seats = {
            entry.participant: Seat(seat=entry.seat, alias=aliases.get(entry.participant, entry.participant))
            for entry in entries
        }
        for memory in (self.traces, self.derived):
            for gone in [participant for participant in memory if participant not in self.seats]:
                del memory[gone]
        self.changed.clear()
        self.changed.update(self.seats)

    def hear_reading(self, message: ReadingMessage, *, received_ms: MonotonicMs) -> None:
        """Take one live reading; only those of sensors that somebody of this class wears are kept."""
        reading = message.body
        clock = self._hear_clock(reading.run, sent_mono_ms=message.sent_mono_ms, received_ms=received_ms)
        worn = self.worn.get(reading.sensor)
        at_ms = MonotonicMs(min(clock.to_consumer(reading.mono_ms), received_ms))
        if worn is None or at_ms < worn.since_ms:
            return
        match reading:
            case BatteryReading():
                if reading.battery_pct is not None:
                    self.batteries[reading.sensor] = reading.battery_pct
            case HeartRateReading() if worn.kind is SensorKind.STRAP:
                heard = to_heard(reading, at_ms=at_ms)
                self.traces.setdefault(worn.participant, Trace()).add(at_ms, heard.value)
                self._keep(reading.sensor, heard)
            case OximeterReading() if worn.kind is SensorKind.OXIMETER:
                self._keep(reading.sensor, to_heard(reading, at_ms=at_ms))
            case _:
                return  # a heart rate from an oximeter, or the other way round, has no place on a tile
        self.changed.add(worn.participant)

    def remember(self, sensor: SensorId, *, utc_ms: UtcMs, value: float | None, now: Moment) -> None:
        """Put a stored heart rate into a sparkline; what was said by somebody else's sensor is not theirs."""
        worn = self.worn.get(sensor)
        if worn is not None and utc_ms >= worn.from_utc_ms:
            at_ms = MonotonicMs(now.ms - (now.utc_ms - utc_ms))
            self.traces.setdefault(worn.participant, Trace()).add(at_ms, value)

    def hear_flow(self, flow: Mapping[ParticipantId, OpenStep]) -> bool:
        """Take of whom something of the flow is open; return whether that is news."""
        news = {one for one in self.seats if flow.get(one) != self.flow.get(one)}
        self.flow = flow
        self.changed.update(news)
        return bool(news)

    def forget_trace(self, participant: ParticipantId) -> None:
        """Empty somebody's sparkline: it was of somebody else's sensor."""
        self.traces.pop(participant, None)

    def hear_status(self, status: PartStatus, *, retained: bool, now: Moment) -> None:
        """Take a part's heartbeat or will."""
        if status.state is PartState.UP and not retained:
            self._hear_clock(status.run, sent_mono_ms=status.mono_ms, received_ms=now.ms)
            if status.part is Part.ANALYSIS and self._analysis_back_ms is None:
                self._analysis_back_ms = now.ms
        self.parts.hear(status, retained=retained, now=now)

    def hear_broker(self, *, is_up: bool, now: Moment) -> None:
        """Take a change of this server's connection; what is retained is heard again on a new one, or is no more."""
        self.parts.hear_broker(is_up=is_up, now=now)
        if not is_up:
            self._unheard.update(self.alarms)
            self._analysis_back_ms = None

    def forget_unheard(self, now_ms: MonotonicMs) -> bool:
        """Forget alarms that were cleared while the broker was away; return whether there were any.

        Analysis says all its alarms again when it meets the broker, next to its heartbeat; what it has not said
        `UNHEARD_MS` after that heartbeat is over.
        """
        back_ms = self._analysis_back_ms
        if not self._unheard or back_ms is None or now_ms - back_ms < UNHEARD_MS:
            return False
        for key in self._unheard:
            self.alarms.pop(key, None)
        self._unheard.clear()
        return True

    def hear_alarm(self, subject: str, rule: str, state: AlarmState | None, *, now: Moment) -> bool:
        """Take the state of one alarm, ``None`` when it was cleared from the broker; return whether it was kept."""
        key = (subject, rule)
        self._unheard.discard(key)
        if state is None:
            return self.alarms.pop(key, None) is not None
        if key not in self.alarms and len(self.alarms) >= ALARMS_MAX:
            return False
        self.alarms[key] = take_alarm(state, now_ms=now.ms, now_utc_ms=now.utc_ms)
        return True

    def hear_call(self, alarm_id: AlarmId, state: DeliveryState | None) -> bool:
        """Take how far the news of an alarm has come, ``None`` when that was cleared; return whether it was kept."""
        if state is None:
            return self.calls.pop(alarm_id, None) is not None
        if alarm_id not in self.calls and len(self.calls) >= ALARMS_MAX:
            return False
        self.calls[alarm_id] = state
        return True

    def hear_derived(self, derived: Derived, *, received_ms: MonotonicMs) -> None:
        """Take what analysis made of somebody's readings."""
        participant = ParticipantId(derived.participant)
        if participant in self.seats:
            self.derived[participant] = HeardDerived(derived=derived, received_ms=received_ms)
            self.changed.add(participant)

    def exertion_of(self, participant: ParticipantId, *, now: Moment) -> tuple[float | None, float | None]:
        """Return somebody's heart rate (smoothed, bpm) and %HRR as far as they are good and of now.

        Without a rest and a peak rate there is no %HRR; the heart rate is there all the same.
        """
        heard = self.derived.get(participant)
        if heard is None or now.ms - heard.received_ms > DERIVED_MS_MAX:
            return None, None
        hr, hrr_pct, exertion = heard.derived.hr, heard.derived.hrr_pct, heard.derived.exertion
        is_of_now = hr is not None and hr.freshness is Freshness.FRESH and hr.quality is Quality.GOOD
        if hrr_pct is None and not is_of_now:
            return None, None
        return None if exertion is None else exertion.hr_smooth_bpm, None if hrr_pct is None else round(hrr_pct, 1)

    def hear_nearby(self, nearby: Nearby, *, received_ms: MonotonicMs) -> None:
        """Take what a gateway hears around it."""
        if nearby.gateway in self.nearby or len(self.nearby) < GATEWAYS_MAX:
            self.nearby[nearby.gateway] = HeardNearby(nearby=nearby, received_ms=received_ms)

    def alarm_path_ms(self) -> MonotonicMs | None:
        """Return when the last test went all the way of an alarm and back; ``None``: not of each gateway yet."""
        return self.alarm_path.proven_ms(self.parts, [GatewayId(one) for one in sorted(self.affected)])

    def is_alarm_path_lost(self, now_ms: MonotonicMs) -> bool:
        """Return whether tests of the class's gateways do not come through although everything says that it lives."""
        gateways = [GatewayId(one) for one in sorted(self.affected)]
        return self.alarm_path.is_lost(self.parts, gateways, now_ms=now_ms)

    def analysis_heard_ms(self) -> MonotonicMs | None:
        """Return when analysis was last heard alive; ``None`` until its first live heartbeat."""
        found = self.parts.find(Part.ANALYSIS)
        return found[1].watched.heard_ms if found is not None and found[1].is_met else None

    def analysis_clock(self) -> StreamClock | None:
        """Return the clock of analysis' present run; ``None`` until its first live heartbeat."""
        found = self.parts.find(Part.ANALYSIS)
        return None if found is None else self._clocks.get(found[1].watched.status.run)

    def find_alarm(self, alarm_id: AlarmId) -> AlarmState | None:
        """Return the alarm of an id as it stands."""
        return next((heard.state for heard in self.alarms.values() if heard.state.alarm_id == alarm_id), None)

    def _keep(self, sensor: SensorId, heard: Heard) -> None:
        before = self.heard.get(sensor)
        if before is None or heard.is_newer_than(before):
            self.heard[sensor] = heard

    def _hear_clock(self, run: RunId, *, sent_mono_ms: MonotonicMs, received_ms: MonotonicMs) -> StreamClock:
        before = self._clocks.get(run)
        clock = hear(before, sent_mono_ms=sent_mono_ms, received_mono_ms=received_ms)
        if before is not None and clock.offset_ms < before.offset_ms:
            self._make_older(run, by_ms=before.offset_ms - clock.offset_ms)
        if run not in self._clocks and len(self._clocks) >= RUNS_MAX:
            del self._clocks[next(iter(self._clocks))]
        self._clocks[run] = clock
        return clock

    def _make_older(self, run: RunId, *, by_ms: int) -> None:
        """Correct what a run has said: the messages so far had waited on their way, in a broker that stood still."""
        for sensor, heard in self.heard.items():
            if heard.run == run:
                self.heard[sensor] = msgspec.structs.replace(heard, at_ms=MonotonicMs(heard.at_ms - by_ms))
                if (worn := self.worn.get(sensor)) is not None:
                    self.changed.add(worn.participant)
