"""What staff and scripts may do: begin, change and end a class, take an alarm, have silence for a while.

The only publisher of rosters and assignments. What belongs to analysis or to the record is asked of them by a command,
which is repeated until they answer; until then screens show "sending".
"""

import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from dashboard.classes import ClassBody, find_peak_formulas, plan_roster
from dashboard.clinic import Clinic, ClinicSession, PlannedPhase
from dashboard.lease import end_leases, lease_of, leases_of, move_lease
from dashboard.overrides import Override, change_entry, find_entry, override_limit
from dashboard.ticker import Ticker
from dashboard.view.parts import Moment, less_real
from dashboard.view.room import Room, RoomSession
from vitals.alarms import AlarmId, RuleId, Signal
from vitals.bus import Bus
from vitals.commanding import CommandSender
from vitals.commands import (
    Acknowledge,
    Command,
    CommandAnswer,
    CommandBody,
    CommandId,
    PauseAudio,
    RecordSession,
)
from vitals.errors import InputError, InputReason, PeerError, StorageError
from vitals.participants import ParticipantId
from vitals.parts import Part, PartStatus
from vitals.sensors import GatewayId, SensorId
from vitals.sessions import (
    AssignedSensor,
    Assignments,
    GatewayAssignment,
    GenerationMode,
    Phase,
    Roster,
    SessionId,
)
from vitals.topics import AssignmentsTopic, RosterTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)

ENDED_CLEARED: Final = 16
"""Sessions whose rosters are cleared from the broker again at a start: one may have ended while it was away."""


class Desk:
    """The actions of this server; all errors are `InputError` with one line for the person who asked."""

    def __init__(
        self,
        *,
        clinic: Clinic,
        bus: Bus,
        commands: CommandSender,
        room: Room,
        ticker: Ticker,
        site: str,
        mode: GenerationMode,
    ) -> None:
        """Keep the tools; `resume` begins."""
        self._clinic: Final = clinic
        self._bus: Final = bus
        self._commands: Final = commands
        self._room: Final = room
        self._ticker: Final = ticker
        self._site: Final = site
        self._mode: Final = mode
        self._open: dict[SessionId, ClinicSession] = {}
        self._began_ms: dict[SessionId, MonotonicMs] = {}
        """When each open class began, on this server's clock: a step of the wall clock begins no phase."""
        self.problem = ""
        """Why clinic.db does not take what its clock asks for; empty when all is well."""
        commands.on_answer(self._hear_answer)
        ticker.before_tick = self.follow_plans

    def resume(self) -> None:
        """Read the open sessions back and say all rosters and assignments anew."""
        now = self._ticker.now()
        self._open = {session.roster.session: session for session in self._clinic.open_sessions()}
        for old in self._clinic.recent_sessions(limit=ENDED_CLEARED):
            if old.roster.ended_utc_ms is not None:
                self._bus.set_retained(self._roster_topic(old.roster.session), b"")
        asked = {command.body.session for command in self._commands.pending if isinstance(command.body, RecordSession)}
        for old in self._clinic.unrecorded_sessions():
            if old.roster.session not in asked:
                self._record_end(old.roster, by=Part.DASHBOARD.value, now=now)
        for session in self._open.values():
            passed_ms = max(0, now.utc_ms - session.roster.started_utc_ms)
            self._began_ms[session.roster.session] = MonotonicMs(now.ms - passed_ms)
            self._publish(session, now=now)
            logger.info(f"session resumed id={session.roster.session} version={session.roster.version}")
        self._publish_assignments()
        self._show_pending()

    def hear_status(self, status: PartStatus) -> None:
        """Take the answers to commands out of a part's heartbeat."""
        try:
            self._commands.hear_status(status)
        except StorageError as error:
            self._say_problem(str(error))  # the next heartbeat brings the answer again

    def open_session(self, room: str) -> ClinicSession | None:
        """Return the open session of a room."""
        return next((session for session in self._open.values() if session.roster.room == room), None)

    def start_session(self, body: ClassBody) -> ClinicSession:
        """Begin a class.

        Raises:
            InputError: its room or one of its sensors is in another class, or a prescription is nonsense.
        """
        now = self._ticker.now()
        room = body.room or self._room.name
        running = self.open_session(room)
        if running is not None:
            raise InputError("room", f"{room!r} has the open session {running.roster.session}", InputReason.CONFLICT)
        self._refuse_taken_sensors(body)
        began = datetime.fromtimestamp(now.utc_ms / 1000, UTC)
        roster = plan_roster(
            body,
            session=SessionId(f"{began:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"),
            room=room,
            mode=less_real(self._mode, body.generation_mode or self._mode),
            now_utc_ms=now.utc_ms,
        )
        session = ClinicSession(
            name=body.name,
            roster=roster,
            aliases={ParticipantId(person.id): person.alias or str(person.seat) for person in body.participants},
            phase_since_utc_ms=now.utc_ms,
            plan=tuple(PlannedPhase(phase=planned.phase, at_s=planned.at_s) for planned in body.phases),
            peak_formulas=find_peak_formulas(body, began_utc_ms=now.utc_ms),
        )
        self._clinic.add(session, body)
        self._open[roster.session] = session
        self._began_ms[roster.session] = now.ms
        self._publish(session, now=now)
        self._publish_assignments()
        logger.info(f"session started id={roster.session} room={room} participants={len(roster.entries)}")
        return session

    async def end_session(self, session_id: SessionId, *, by: str) -> ClinicSession:
        """End a class: its sensors are free, its roster goes to the record and then from the broker.

        Raises:
            InputError: no such session, or it has ended.
        """
        before = self.require_open(session_id)
        now = self._ticker.now()
        session = msgspec.structs.replace(before, roster=end_leases(before.roster, now_utc_ms=now.utc_ms))
        self._clinic.change(session, utc_ms=now.utc_ms)
        del self._open[session_id], self._began_ms[session_id]
        self._record_end(session.roster, by=by, now=now)
        if session.roster.room == self._room.name:
            self._room.enter_session(None, now=now)
            self._ticker.hurry()
        self._publish_assignments()
        logger.info(f"session ended id={session_id} version={session.roster.version}")
        topic = self._roster_topic(session_id)
        try:
            await self._bus.publish(topic, encode(session.roster), retain=True)
        except PeerError:
            logger.info(f"last roster not published id={session_id}: no broker; the record gets it by command")
        self._bus.set_retained(topic, b"")
        return session

    def set_phase(self, session_id: SessionId, phase: Phase) -> ClinicSession:
        """Begin another phase now; the same one again changes nothing.

        Raises:
            InputError: no such session, or it has ended.
        """
        before = self.require_open(session_id)
        return before if before.roster.phase is phase else self._change_phase(before, phase, now=self._ticker.now())

    def move_sensor(self, session_id: SessionId, sensor: SensorId, *, to: GatewayId) -> ClinicSession:
        """Lease a sensor to another gateway; the one that has it now lets go of it. The same one changes nothing.

        Raises:
            InputError: no such session, it has ended, nobody wears the sensor in it, or the gateway does not live.
        """
        before = self.require_open(session_id)
        had_by = lease_of(before.roster, sensor).gateway
        if had_by == to:
            return before
        gateway = self._room.parts.parts.get((Part.GATEWAY, to))
        if gateway is None or gateway.state != "up":
            raise InputError("gateway", f"{to[:80]!r} is not running", InputReason.CONFLICT)
        now = self._ticker.now()
        roster = move_lease(before.roster, sensor, to=to, now_utc_ms=now.utc_ms)
        session = msgspec.structs.replace(before, roster=roster)
        self._clinic.change(session, utc_ms=now.utc_ms, carriers_change=True)
        self._open[session_id] = session
        self._publish(session, now=now)
        self._publish_assignments()
        logger.info(f"sensor moved session={session_id} sensor={sensor} from={had_by} to={to}")
        return session

    def carrier_of(self, sensor: SensorId) -> GatewayId | None:
        """Return the gateway that has the lease of a sensor in any open class, or None."""
        return next((one.gateway for _, one in self._leases() if one.sensor == sensor), None)

    def set_person_phase(self, session_id: SessionId, participant: ParticipantId, phase: Phase | None) -> ClinicSession:
        """Begin another phase for one person; None: the phase of the class again.

        Raises:
            InputError: no such session or person, or it has ended.
        """
        before = self.require_open(session_id)
        entry = find_entry(before.roster, participant)
        if entry.phase is phase:
            return before
        roster = change_entry(before.roster, msgspec.structs.replace(entry, phase=phase))
        session = msgspec.structs.replace(before, roster=roster)
        now = self._ticker.now()
        self._clinic.change(session, utc_ms=now.utc_ms)
        self._open[session_id] = session
        self._publish(session, now=now)
        return session

    def override_limit(
        self,
        session_id: SessionId,
        participant: ParticipantId,
        rule: RuleId,
        value: float | None,
        *,
        by: str,
        why: str,
    ) -> ClinicSession:
        """Set a person's limit for the rest of the class, or take that back.

        Raises:
            InputError: no such session or person, it has ended, or the value makes no sense; see `override_limit`.
        """
        before = self.require_open(session_id)
        entry = find_entry(before.roster, participant)
        prescribed = self._clinic.prescribed_limits(session_id, participant)
        changed = override_limit(entry, rule, value, prescribed=prescribed)
        session = msgspec.structs.replace(before, roster=change_entry(before.roster, changed))
        now = self._ticker.now()
        override = Override(participant=participant, rule=rule, value=value, by=by, why=why, utc_ms=now.utc_ms)
        self._clinic.override(session, override)
        self._open[session_id] = session
        self._publish(session, now=now)
        logger.info(f"limit overridden session={session_id} rule={rule.value} version={session.roster.version}")
        return session

    def follow_plans(self, now: Moment) -> None:
        """Begin the planned phases whose time has come; a disk that does not take it is asked again."""
        for session in tuple(self._open.values()):
            passed_ms = now.ms - self._began_ms[session.roster.session]
            due = [planned for planned in session.plan[session.plan_done :] if planned.at_s * 1000 <= passed_ms]
            if due:
                done = msgspec.structs.replace(session, plan_done=session.plan_done + len(due))
                try:
                    self._change_phase(done, due[-1].phase, now=now)
                except StorageError as error:
                    self._say_problem(str(error))
                    return
                self._say_problem("")

    def acknowledge(self, alarm_id: AlarmId, *, by: str) -> Command:
        """Take one alarm for somebody.

        Raises:
            InputError: no such alarm, or somebody has taken it.
        """
        alarm = self._room.find_alarm(alarm_id)
        if alarm is None or alarm.signal is Signal.OFF:
            raise InputError("alarm", f"{alarm_id[:80]!r} is not on", InputReason.UNKNOWN_NAME)
        if alarm.signal is Signal.ACKNOWLEDGED:
            taken = alarm.acknowledged
            who = "somebody" if taken is None else taken.by
            raise InputError("alarm", f"{alarm_id!r} is acknowledged by {who}", InputReason.CONFLICT)
        return self.send(Part.ANALYSIS, Acknowledge(alarm_id=alarm_id), by=by, now=self._ticker.now())

    def pause_audio(self, seconds: int, *, by: str) -> Command:
        """Have silence in the room for a while; 0 ends it."""
        return self.send(Part.ANALYSIS, PauseAudio(seconds=seconds), by=by, now=self._ticker.now())

    def _change_phase(self, before: ClinicSession, phase: Phase, *, now: Moment) -> ClinicSession:
        roster = msgspec.structs.replace(before.roster, version=before.roster.version + 1, phase=phase)
        session = msgspec.structs.replace(before, roster=roster, phase_since_utc_ms=now.utc_ms)
        self._clinic.change(session, utc_ms=now.utc_ms)
        self._open[roster.session] = session
        self._publish(session, now=now)
        logger.info(f"phase begun session={roster.session} phase={phase.value} version={roster.version}")
        return session

    def _publish(self, session: ClinicSession, *, now: Moment) -> None:
        roster = session.roster
        self._bus.set_retained(self._roster_topic(roster.session), encode(roster))
        if roster.room == self._room.name:
            shown = RoomSession(
                name=session.name,
                phase_since_utc_ms=session.phase_since_utc_ms,
                roster=roster,
                aliases=session.aliases,
            )
            self._room.enter_session(shown, now=now)
            self._ticker.hurry()

    def _publish_assignments(self) -> None:
        """Say to every gateway that ever carried a sensor what it carries now, also nothing."""
        carried: dict[GatewayId, list[GatewayAssignment]] = {}
        for _, one in self._leases():
            carried.setdefault(one.gateway, []).append(GatewayAssignment(sensor=one.sensor, kind=one.kind))
        for gateway, version in self._clinic.gateways().items():
            assignments = Assignments(gateway=gateway, version=version, sensors=tuple(carried.get(gateway, ())))
            self._bus.set_retained(str(AssignmentsTopic(site=self._site, gateway=gateway)), encode(assignments))

    def send(self, owner: Part, body: CommandBody, *, by: str, now: Moment) -> Command:
        """Ask the owner of a state for something; repeated until it answers."""
        command = Command(id=CommandId(secrets.token_hex(8)), owner=owner.value, by=by, at_utc_ms=now.utc_ms, body=body)
        self._commands.send(command)
        self._show_pending()
        return command

    def _record_end(self, roster: Roster, *, by: str, now: Moment) -> None:
        self.send(Part.INGEST, RecordSession(session=roster.session, roster=roster), by=by, now=now)

    def _hear_answer(self, command: Command, answer: CommandAnswer) -> None:
        if not answer.accepted:
            logger.warning(f"command refused id={command.id} owner={command.owner} why={answer.reason}")
        if isinstance(command.body, RecordSession):
            self._clinic.mark_recorded(command.body.session)
        self._show_pending()

    def _show_pending(self) -> None:
        self._room.sending = {
            command.body.alarm_id: command.by
            for command in self._commands.pending
            if isinstance(command.body, Acknowledge)
        }
        self._ticker.hurry()

    def _say_problem(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            logger.error(f"change waits for the disk {problem}" if problem else "change kept after all")

    def require_open(self, session_id: SessionId) -> ClinicSession:
        """Return a session that runs.

        Raises:
            InputError: no such session, or it has ended.
        """
        found = self._open.get(session_id)
        if found is not None:
            return found
        known = self._clinic.find(session_id)
        if known is None:
            raise InputError("session", f"{session_id[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        raise InputError("session", f"{session_id!r} has ended", InputReason.CONFLICT)

    def _refuse_taken_sensors(self, body: ClassBody) -> None:
        taken: dict[str, SessionId] = {one.sensor: session for session, one in self._leases()}
        for index, person in enumerate(body.participants):
            worn = (("strap", person.strap), ("oximeter", person.oximeter), ("machine", person.machine))
            for kind, sensor in worn:
                if sensor is not None and sensor in taken:
                    problem = f"{sensor!r} is in the open session {taken[sensor]}"
                    raise InputError(f"participants[{index}].{kind}", problem, InputReason.CONFLICT)

    def _leases(self) -> Iterator[tuple[SessionId, AssignedSensor]]:
        return ((session, one) for session, kept in self._open.items() for one in leases_of(kept.roster))

    def _roster_topic(self, session: SessionId) -> str:
        return str(RosterTopic(site=self._site, session=session))
