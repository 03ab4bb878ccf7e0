"""What staff and scripts may do: begin, change and end a class, take an alarm, have silence for a while.

What belongs to analysis or to the record is asked of them by an order; what a person wears is `dashboard.wear_desk`'s.
"""

import logging
import secrets
from datetime import UTC, datetime
from typing import Final

import msgspec

from dashboard.classes import ClassBody, find_peak_formulas, plan_roster
from dashboard.clinic import Clinic, ClinicSession, PlannedPhase
from dashboard.lease import end_leases
from dashboard.open_classes import OpenClasses
from dashboard.orders import Orders
from dashboard.overrides import Override, change_entry, find_entry, override_limit
from dashboard.practice import refuse_mixed_ids
from dashboard.ticker import Ticker
from dashboard.view.parts import Moment, less_real
from dashboard.view.room import Room
from vitals.alarms import AlarmId, RuleId, Signal
from vitals.bus import Bus
from vitals.commanding import CommandSender
from vitals.commands import Acknowledge, Command, CommandBody, PauseAudio
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.parts import Part, PartStatus
from vitals.sensors import GatewayId, SensorId
from vitals.sessions import GenerationMode, Phase, SessionId

logger: Final = logging.getLogger(__name__)


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
        self._commands: Final = commands
        self._room: Final = room
        self._ticker: Final = ticker
        self._mode: Final = mode
        self.classes: Final = OpenClasses(clinic=clinic, bus=bus, room=room, ticker=ticker, site=site)
        self.orders: Final = Orders(commands=commands, clinic=clinic, room=room, ticker=ticker)
        self.problem = ""
        """Why clinic.db does not take what its clock asks for; empty when all is well."""
        ticker.before_tick = self.follow_plans

    def resume(self) -> None:
        """Read the open sessions back and say all rosters and assignments anew."""
        now = self._ticker.now()
        for session in self.classes.resume(now=now):
            logger.info(f"session resumed id={session.roster.session} version={session.roster.version}")
        self.orders.resume(now=now)

    def hear_status(self, status: PartStatus) -> None:
        """Take the answers to commands out of a part's heartbeat."""
        try:
            self._commands.hear_status(status)
        except StorageError as error:
            self._say_problem(str(error))  # the next heartbeat brings the answer again

    def open_session(self, room: str) -> ClinicSession | None:
        """Return the open session of a room."""
        return self.classes.in_room(room)

    def require_open(self, session_id: SessionId) -> ClinicSession:
        """Return a session that runs.

        Raises:
            InputError: no such session, or it has ended.
        """
        return self.classes.require(session_id)

    def carrier_of(self, sensor: SensorId) -> GatewayId | None:
        """Return the gateway that has the lease of a sensor in any open class, or None."""
        return self.classes.carrier_of(sensor)

    def start_session(self, body: ClassBody) -> ClinicSession:
        """Begin a class.

        Raises:
            InputError: its room or one of its sensors is in another class, or a prescription is nonsense.
        """
        now = self._ticker.now()
        session = self._plan(body, after=None, now=now)
        self._begin(session, body, now=now)
        self.classes.publish_assignments()
        return session

    async def end_session(self, session_id: SessionId, *, by: str) -> ClinicSession:
        """End a class: its sensors are free, its roster goes to the record and then from the broker.

        Raises:
            InputError: no such session, or it has ended.
        """
        session = self._end(self.require_open(session_id), by=by, now=self._ticker.now())
        self.classes.publish_assignments()
        await self._say_last(session)
        return session

    async def begin_next(
        self, session_id: SessionId, body: ClassBody, *, by: str
    ) -> tuple[ClinicSession, ClinicSession]:
        """End a class and begin the next at the same moment; sensors that are in both stay connected.

        The interval of such a sensor on one person ends where that on the next person begins. Returns both classes.

        Raises:
            InputError: no such session, it has ended, or the next class cannot begin; then the first one goes on.
        """
        before, now = self.require_open(session_id), self._ticker.now()
        body = body.model_copy(update={"room": body.room or before.roster.room})
        following = self._plan(body, after=session_id, now=now)
        ended = self._end(before, by=by, now=now)
        try:
            self._begin(following, body, now=now)
        finally:
            self.classes.publish_assignments()
        await self._say_last(ended)
        return ended, following

    def set_phase(self, session_id: SessionId, phase: Phase) -> ClinicSession:
        """Begin another phase now; the same one again changes nothing.

        Raises:
            InputError: no such session, or it has ended.
        """
        before = self.require_open(session_id)
        return before if before.roster.phase is phase else self._change_phase(before, phase, now=self._ticker.now())

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
        self.classes.keep(session, now=self._ticker.now())
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
        self.classes.adopt(session, now=now)
        logger.info(f"limit overridden session={session_id} rule={rule.value} version={session.roster.version}")
        return session

    def follow_plans(self, now: Moment) -> None:
        """Begin the planned phases whose time has come; a disk that does not take it is asked again."""
        for session in self.classes.all():
            passed_ms = self.classes.passed_ms(session.roster.session, now=now)
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

    def send(self, owner: Part, body: CommandBody, *, by: str, now: Moment, why: str = "") -> Command:
        """Ask the owner of a state for something; repeated until it answers."""
        return self.orders.send(owner, body, by=by, now=now, why=why)

    def _plan(self, body: ClassBody, *, after: SessionId | None, now: Moment) -> ClinicSession:
        """Return a class as it would begin now, when the one of ``after`` has made room for it."""
        room = body.room or self._room.name
        running = self.open_session(room)
        if running is not None and running.roster.session != after:
            raise InputError("room", f"{room!r} has the open session {running.roster.session}", InputReason.CONFLICT)
        self._refuse_taken_sensors(body, after=after)
        mode = less_real(self._mode, body.generation_mode or self._mode)
        refuse_mixed_ids(body, mode=mode, is_real_server=self._mode is GenerationMode.REAL)
        began = datetime.fromtimestamp(now.utc_ms / 1000, UTC)
        roster = plan_roster(
            body,
            session=SessionId(f"{began:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"),
            room=room,
            mode=mode,
            now_utc_ms=now.utc_ms,
        )
        return ClinicSession(
            name=body.name,
            roster=roster,
            aliases={ParticipantId(person.id): person.alias or str(person.seat) for person in body.participants},
            phase_since_utc_ms=now.utc_ms,
            plan=tuple(PlannedPhase(phase=planned.phase, at_s=planned.at_s) for planned in body.phases),
            peak_formulas=find_peak_formulas(
                {ParticipantId(person.id): person.prescription for person in body.participants},
                began_utc_ms=now.utc_ms,
            ),
        )

    def _begin(self, session: ClinicSession, body: ClassBody, *, now: Moment) -> None:
        self._clinic.add(session, body)
        self.classes.add(session, now=now)
        roster = session.roster
        logger.info(f"session started id={roster.session} room={roster.room} participants={len(roster.entries)}")

    def _end(self, before: ClinicSession, *, by: str, now: Moment) -> ClinicSession:
        session = msgspec.structs.replace(before, roster=end_leases(before.roster, now_utc_ms=now.utc_ms))
        self.classes.end(session, now=now)
        self.orders.record_end(session.roster, by=by, now=now)
        logger.info(f"session ended id={session.roster.session} version={session.roster.version}")
        return session

    async def _say_last(self, session: ClinicSession) -> None:
        if not await self.classes.say_last(session.roster):
            what = "no broker; the record gets it by command"
            logger.info(f"last roster not published id={session.roster.session}: {what}")

    def _change_phase(self, before: ClinicSession, phase: Phase, *, now: Moment) -> ClinicSession:
        roster = msgspec.structs.replace(before.roster, version=before.roster.version + 1, phase=phase)
        session = msgspec.structs.replace(before, roster=roster, phase_since_utc_ms=now.utc_ms)
        self.classes.keep(session, now=now)
        logger.info(f"phase begun session={roster.session} phase={phase.value} version={roster.version}")
        return session

    def _say_problem(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            logger.error(f"change waits for the disk {problem}" if problem else "change kept after all")

    def _refuse_taken_sensors(self, body: ClassBody, *, after: SessionId | None) -> None:
        taken: dict[str, SessionId] = {one.sensor: session for session, one in self.classes.leases()}
        for index, person in enumerate(body.participants):
            worn = (("strap", person.strap), ("oximeter", person.oximeter), ("machine", person.machine))
            for kind, sensor in worn:
                if sensor is not None and taken.get(sensor, after) != after:
                    problem = f"{sensor!r} is in the open session {taken[sensor]}"
                    raise InputError(f"participants[{index}].{kind}", problem, InputReason.CONFLICT)
