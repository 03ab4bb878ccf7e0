"""Who is in a class and what each wears: late arrivals, early leavers, spare sensors, mix-ups put right afterwards."""

import logging
from collections.abc import Iterable
from typing import Final

import msgspec

from dashboard.classes import ParticipantBody, find_peak_formulas, plan_entry
from dashboard.clinic import Clinic, ClinicSession
from dashboard.flow.corrections import Change, Correction, correct_roster, exchange_changes
from dashboard.flow.wearing import add_person, come_back, free_seat, leave, put_on
from dashboard.lease import lease_of, move_lease
from dashboard.open_classes import OpenClasses
from dashboard.orders import Orders
from dashboard.practice import refuse_mixed_id
from dashboard.ticker import Ticker
from dashboard.view.parts import Moment
from dashboard.view.room import Room
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.parts import Part
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import GenerationMode, Roster, SessionId
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)


class WearDesk:
    """Changes people and sensors of a class; each change is a version of its roster."""

    def __init__(
        self,
        *,
        classes: OpenClasses,
        orders: Orders,
        clinic: Clinic,
        room: Room,
        ticker: Ticker,
        mode: GenerationMode,
    ) -> None:
        """Keep the tools."""
        self._classes: Final = classes
        self._orders: Final = orders
        self._clinic: Final = clinic
        self._room: Final = room
        self._ticker: Final = ticker
        self._mode: Final = mode

    def join(self, session_id: SessionId, person: ParticipantBody | ParticipantId) -> ClinicSession:
        """Take somebody into a class that runs; who is in it changes nothing, who had left is there again.

        Args:
            session_id: the class.
            person: everything about somebody new, or the id of one who is in the class.

        Raises:
            InputError: no such class, it has ended, the seat or a sensor is taken, or a prescription is nonsense.
        """
        before, now = self._classes.require(session_id), self._ticker.now()
        wanted = ParticipantId(person if isinstance(person, str) else person.id)
        known = next((entry for entry in before.roster.entries if entry.participant == wanted), None)
        if known is not None and known.left_utc_ms is None:
            return before
        if known is not None:
            session = msgspec.structs.replace(before, roster=come_back(before.roster, wanted))
            self._classes.keep(session, now=now)
            return session
        if isinstance(person, str):
            raise InputError("id", f"{person[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        return self._add(before, person, now=now)

    def free_seat(self, session_id: SessionId) -> int:
        """Return the lowest seat of a class that runs which nobody has or had.

        Raises:
            InputError: no such class, it has ended, or no seat is left.
        """
        return free_seat(self._classes.require(session_id).roster)

    def leave(self, session_id: SessionId, participant: ParticipantId) -> ClinicSession:
        """Let somebody go: the sensors are free from now on; what was heard stays theirs.

        Raises:
            InputError: no such class or person, it has ended, or the person is gone already.
        """
        before, now = self._classes.require(session_id), self._ticker.now()
        roster = leave(before.roster, participant, now_utc_ms=now.utc_ms)
        session = self._keep_worn(before, roster, now=now)
        logger.info(f"participant left session={session_id} version={roster.version}")
        return session

    def put_on(
        self,
        session_id: SessionId,
        participant: ParticipantId,
        kind: SensorKind,
        sensor: SensorId | None,
        *,
        gateway: GatewayId | None,
    ) -> ClinicSession:
        """Give somebody another sensor of a kind from now on, or none; the same one changes nothing.

        Args:
            session_id: the class.
            participant: who.
            kind: strap, oximeter or machine.
            sensor: the spare one; None: takes it off.
            gateway: which shall carry it; None: the one that hears it best, else the one that carried the old one.

        Raises:
            InputError: no such class or person, it has ended, or the sensor is on somebody in any class.
        """
        before, now = self._classes.require(session_id), self._ticker.now()
        entry = next((one for one in before.roster.entries if one.participant == participant), None)
        had = [] if entry is None else [one for one in entry.sensors if one.kind is kind and one.to_utc_ms is None]
        if sensor is not None and any(one.sensor == sensor for one in had):
            return before
        if sensor is not None:
            self._refuse_elsewhere(sensor, session_id)
        carrier = gateway or self._best_gateway(sensor, had_by=had[0].gateway if had else None)
        roster = put_on(before.roster, participant, kind, sensor, gateway=carrier, now_utc_ms=now.utc_ms)
        session = self._keep_worn(before, roster, now=now)
        logger.info(f"sensor changed session={session_id} kind={kind.value} sensor={sensor} gateway={carrier}")
        return session

    def exchange(
        self,
        session_id: SessionId,
        one: ParticipantId,
        other: ParticipantId,
        kind: SensorKind,
        *,
        since_utc_ms: UtcMs | None,
        by: str,
        why: str,
    ) -> ClinicSession:
        """Say that two people wear each other's sensors of a kind, since a time (None: from now on).

        Raises:
            InputError: no such class or people, neither wears any, or the time is outside the class.
        """
        before = self._classes.require_known(session_id)
        now_utc_ms = self._ticker.now().utc_ms
        ended = before.roster.ended_utc_ms
        since = since_utc_ms if since_utc_ms is not None else now_utc_ms if ended is None else ended
        changes = exchange_changes(before.roster, one, other, kind, since_utc_ms=since)
        return self.correct(session_id, changes, by=by, why=why)

    def correct(self, session_id: SessionId, changes: Iterable[Change], *, by: str, why: str) -> ClinicSession:
        """Put right who wore what, also of a class that has ended; kept with who, when and why.

        A class that runs goes on with it at once; of one that has ended the record gets the corrected roster.

        Raises:
            InputError: no such class, or what is said contradicts itself; see `correct_roster`.
        """
        before, now = self._classes.require_known(session_id), self._ticker.now()
        told = tuple(changes)
        roster = correct_roster(before.roster, told, now_utc_ms=now.utc_ms)
        session = msgspec.structs.replace(before, roster=roster)
        correction = Correction(version=roster.version, by=by, why=why, utc_ms=now.utc_ms, changes=told)
        self._clinic.correct(session, correction)
        if roster.ended_utc_ms is None:
            # What was drawn of them was of somebody else.
            for entry, was in zip(roster.entries, before.roster.entries, strict=True):
                if entry.sensors != was.sensors:
                    self._room.forget_trace(entry.participant)
            self._classes.adopt(session, now=now, carriers_change=True)
        else:
            self._orders.record_end(roster, by=by, now=now, why=why)
        logger.info(f"assignments corrected session={session_id} version={roster.version} changes={len(told)}")
        return session

    def move_sensor(self, session_id: SessionId, sensor: SensorId, *, to: GatewayId) -> ClinicSession:
        """Lease a sensor to another gateway; the one that has it now lets go of it. The same one changes nothing.

        Raises:
            InputError: no such session, it has ended, nobody wears the sensor in it, or the gateway does not live.
        """
        before = self._classes.require(session_id)
        had_by = lease_of(before.roster, sensor).gateway
        if had_by == to:
            return before
        gateway = self._room.parts.parts.get((Part.GATEWAY, to))
        if gateway is None or gateway.state != "up":
            raise InputError("gateway", f"{to[:80]!r} is not running", InputReason.CONFLICT)
        now = self._ticker.now()
        session = self._keep_worn(before, move_lease(before.roster, sensor, to=to, now_utc_ms=now.utc_ms), now=now)
        logger.info(f"sensor moved session={session_id} sensor={sensor} from={had_by} to={to}")
        return session

    def _add(self, before: ClinicSession, person: ParticipantBody, *, now: Moment) -> ClinicSession:
        refuse_mixed_id(
            person.id, place="id", mode=before.roster.generation_mode, is_real_server=self._mode is GenerationMode.REAL
        )
        entry = plan_entry(person, place="body", now_utc_ms=now.utc_ms)
        for worn in entry.sensors:
            self._refuse_elsewhere(worn.sensor, before.roster.session)
        roster = add_person(before.roster, entry)
        formulas = find_peak_formulas({entry.participant: person.prescription}, began_utc_ms=now.utc_ms)
        session = msgspec.structs.replace(
            before,
            roster=roster,
            aliases={**before.aliases, entry.participant: person.alias or str(person.seat)},
            peak_formulas={**before.peak_formulas, **formulas},
        )
        self._clinic.join(session, person, utc_ms=now.utc_ms)
        self._classes.adopt(session, now=now, carriers_change=True)
        logger.info(f"participant joined session={roster.session} version={roster.version}")
        return session

    def _keep_worn(self, before: ClinicSession, roster: Roster, *, now: Moment) -> ClinicSession:
        session = msgspec.structs.replace(before, roster=roster)
        self._classes.keep(session, now=now, carriers_change=True)
        return session

    def _refuse_elsewhere(self, sensor: SensorId, session_id: SessionId) -> None:
        for session, one in self._classes.leases():
            if one.sensor == sensor and session != session_id:
                raise InputError("sensor", f"{sensor!r} is in the open session {session}", InputReason.CONFLICT)

    def _best_gateway(self, sensor: SensorId | None, *, had_by: GatewayId | None) -> GatewayId:
        heard = [
            (one.rssi_dbm, gateway)
            for gateway, said in self._room.nearby.items()
            for one in said.nearby.sensors
            if one.sensor == sensor
        ]
        return max(heard)[1] if heard else had_by or GatewayId("g1")
