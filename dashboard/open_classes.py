"""The classes that run: kept in clinic.db, told to the parts and to this room's screens with each change.

The only publisher of rosters and assignments. What a change means is decided elsewhere; here it is kept and said.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from dashboard.clinic import Clinic, ClinicSession
from dashboard.lease import leases_of
from dashboard.ticker import Ticker
from dashboard.view.parts import Moment
from dashboard.view.room import Room, RoomSession
from vitals.bus import Bus
from vitals.errors import InputError, InputReason, PeerError
from vitals.sensors import GatewayId, SensorId
from vitals.sessions import AssignedSensor, Assignments, GatewayAssignment, Roster, SessionId
from vitals.topics import AssignmentsTopic, RosterTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

ENDED_CLEARED: Final = 16
"""Sessions whose rosters are cleared from the broker again at a start: one may have ended while it was away."""


class OpenClasses:
    """The classes that have not ended."""

    def __init__(self, *, clinic: Clinic, bus: Bus, room: Room, ticker: Ticker, site: str) -> None:
        """Keep the tools; `resume` begins."""
        self._clinic: Final = clinic
        self._bus: Final = bus
        self._room: Final = room
        self._ticker: Final = ticker
        self._site: Final = site
        self._open: dict[SessionId, ClinicSession] = {}
        self._began_ms: dict[SessionId, MonotonicMs] = {}
        """When each open class began, on this server's clock: a step of the wall clock begins no phase."""

    def resume(self, *, now: Moment) -> tuple[ClinicSession, ...]:
        """Read the open classes back and say all rosters and assignments anew; return the classes."""
        self._open = {session.roster.session: session for session in self._clinic.open_sessions()}
        for old in self._clinic.recent_sessions(limit=ENDED_CLEARED):
            if old.roster.ended_utc_ms is not None:
                self._bus.set_retained(self._roster_topic(old.roster.session), b"")
        for session in self._open.values():
            passed_ms = max(0, now.utc_ms - session.roster.started_utc_ms)
            self._began_ms[session.roster.session] = MonotonicMs(now.ms - passed_ms)
            self._publish(session, now=now)
        self.publish_assignments()
        return self.all()

    def all(self) -> tuple[ClinicSession, ...]:
        """Return all of them."""
        return tuple(self._open.values())

    def in_room(self, room: str) -> ClinicSession | None:
        """Return the open class of a room."""
        return next((session for session in self._open.values() if session.roster.room == room), None)

    def require(self, session_id: SessionId) -> ClinicSession:
        """Return a class that runs.

        Raises:
            InputError: no such class, or it has ended.
        """
        found = self._open.get(session_id)
        if found is not None:
            return found
        self.require_known(session_id)
        raise InputError("session", f"{session_id!r} has ended", InputReason.CONFLICT)

    def require_known(self, session_id: SessionId) -> ClinicSession:
        """Return a class that runs or has ended.

        Raises:
            InputError: no such class.
        """
        return self._open.get(session_id) or self._clinic.require(session_id)

    def passed_ms(self, session_id: SessionId, *, now: Moment) -> int:
        """Return for how long a class that runs has run, by this server's own clock."""
        return now.ms - self._began_ms[session_id]

    def leases(self) -> Iterator[tuple[SessionId, AssignedSensor]]:
        """Yield the sensors that are on somebody now, each with its class."""
        return ((session, one) for session, kept in self._open.items() for one in leases_of(kept.roster))

    def carrier_of(self, sensor: SensorId) -> GatewayId | None:
        """Return the gateway that has the lease of a sensor, or None."""
        return next((one.gateway for _, one in self.leases() if one.sensor == sensor), None)

    def add(self, session: ClinicSession, *, now: Moment) -> None:
        """Take up a class that clinic.db has; its assignments are said by `publish_assignments`."""
        self._open[session.roster.session] = session
        self._began_ms[session.roster.session] = now.ms
        self._publish(session, now=now)

    def keep(self, session: ClinicSession, *, now: Moment, carriers_change: bool = False) -> None:
        """Keep and say a change; with ``carriers_change`` also what the gateways carry."""
        self._clinic.change(session, utc_ms=now.utc_ms, carriers_change=carriers_change)
        self.adopt(session, now=now, carriers_change=carriers_change)

    def adopt(self, session: ClinicSession, *, now: Moment, carriers_change: bool = False) -> None:
        """Say a change that clinic.db has."""
        self._open[session.roster.session] = session
        self._publish(session, now=now)
        if carriers_change:
            self.publish_assignments()

    def end(self, session: ClinicSession, *, now: Moment) -> None:
        """Let a class go that clinic.db has as ended; its gateways are told by `publish_assignments`."""
        self._clinic.change(session, utc_ms=now.utc_ms)
        del self._open[session.roster.session], self._began_ms[session.roster.session]
        if session.roster.room == self._room.name:
            self._room.enter_session(None, now=now)
            self._ticker.hurry()

    async def say_last(self, roster: Roster) -> bool:
        """Say the last roster of a class and clear it from the broker; return whether there was a broker to hear it."""
        topic, is_said = self._roster_topic(roster.session), True
        try:
            await self._bus.publish(topic, encode(roster), retain=True)
        except PeerError:
            is_said = False
        self._bus.set_retained(topic, b"")
        return is_said

    def publish_assignments(self) -> None:
        """Say to every gateway that ever carried a sensor what it carries now, also nothing."""
        carried: dict[GatewayId, list[GatewayAssignment]] = {}
        for _, one in self.leases():
            carried.setdefault(one.gateway, []).append(GatewayAssignment(sensor=one.sensor, kind=one.kind))
        for gateway, version in self._clinic.gateways().items():
            assignments = Assignments(gateway=gateway, version=version, sensors=tuple(carried.get(gateway, ())))
            self._bus.set_retained(str(AssignmentsTopic(site=self._site, gateway=gateway)), encode(assignments))

    def _publish(self, session: ClinicSession, *, now: Moment) -> None:
        roster = session.roster
        self._bus.set_retained(self._roster_topic(roster.session), encode(roster))
        if roster.room == self._room.name:
            shown = RoomSession(
                name=session.name,
                phase_since_utc_ms=session.phase_since_utc_ms,
                roster=without_those_gone(roster),
                aliases=session.aliases,
            )
            self._room.enter_session(shown, now=now)
            self._ticker.hurry()

    def _roster_topic(self, session: SessionId) -> str:
        return str(RosterTopic(site=self._site, session=session))


def without_those_gone(roster: Roster) -> Roster:
    """Return a roster as the screens show it: who has left has no tile."""
    here = tuple(entry for entry in roster.entries if entry.left_utc_ms is None)
    return msgspec.structs.replace(roster, entries=here)
