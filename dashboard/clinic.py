"""clinic.db: who is who. The only place with aliases and prescriptions; a session survives a restart through it."""

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from dashboard.classes import ClassBody, ParticipantBody, PrescriptionBody, find_peak_formulas
from dashboard.erasure.tables import ERASURE_TABLE
from dashboard.flow.corrections import CORRECTIONS_TABLE, Correction
from dashboard.overrides import Override
from dashboard.register.shelf import Shelf
from dashboard.register.tables import REGISTER_TABLES
from vitals.alarms import RuleId
from vitals.database import open_database, storage_errors, writing
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId, PeakFormula
from vitals.sensors import GatewayId
from vitals.sessions import Phase, ResolvedLimit, Roster, SessionId
from vitals.units import UtcMs

MIGRATIONS: Final = (
    """
    CREATE TABLE session (
        id TEXT PRIMARY KEY, room TEXT NOT NULL, name TEXT NOT NULL, class BLOB NOT NULL,
        phase_since_utc_ms INTEGER NOT NULL, plan_done INTEGER NOT NULL,
        started_utc_ms INTEGER NOT NULL, ended_utc_ms INTEGER,
        is_recorded INTEGER NOT NULL DEFAULT 0 -- the record has the closed roster
    ) STRICT;
    CREATE TABLE participant (
        session TEXT NOT NULL REFERENCES session, id TEXT NOT NULL, alias TEXT NOT NULL, prescription BLOB NOT NULL,
        PRIMARY KEY (session, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE roster (
        session TEXT NOT NULL REFERENCES session, version INTEGER NOT NULL, utc_ms INTEGER NOT NULL,
        body BLOB NOT NULL, PRIMARY KEY (session, version)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gateway (id TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE override (
        session TEXT NOT NULL REFERENCES session, version INTEGER NOT NULL, participant TEXT NOT NULL,
        rule TEXT NOT NULL, value REAL, -- NULL: back to what is prescribed
        staff TEXT NOT NULL, why TEXT NOT NULL, utc_ms INTEGER NOT NULL,
        PRIMARY KEY (session, version)
    ) STRICT, WITHOUT ROWID;
    """,
    REGISTER_TABLES,
    CORRECTIONS_TABLE,
    ERASURE_TABLE,
)

DELETED_MAX: Final = 10
"""Classes that are deleted at a time, by age: the event loop serves the wall."""

_SESSION: Final = (
    "SELECT id, name, class, phase_since_utc_ms, plan_done,"
    " (SELECT body FROM roster WHERE session = session.id ORDER BY version DESC LIMIT 1) FROM session"
)


class PlannedPhase(Struct, frozen=True, kw_only=True):
    """A phase that begins by itself."""

    phase: Phase
    at_s: float


class ClinicSession(Struct, frozen=True, kw_only=True):
    """A session as the clinic keeps it; ``plan_done``: how many planned phases have had their time.

    ``peak_formulas``: where each peak heart rate came from; it may tell of a drug, so it stays here.
    """

    name: str
    roster: Roster
    aliases: dict[ParticipantId, str]
    phase_since_utc_ms: UtcMs
    plan: tuple[PlannedPhase, ...] = ()
    plan_done: int = 0
    peak_formulas: dict[ParticipantId, PeakFormula] = {}


class Clinic:
    """The clinic's database; this server is its only writer."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            StorageError: not readable, or from a newer program.
        """
        self._path: Final = path
        self._db: Final = open_database(path, migrations=MIGRATIONS)
        self.shelf: Final = Shelf(self._db, path)
        """People, prescriptions, sensors, plans, staff and duty read and write through this."""

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def open_sessions(self) -> tuple[ClinicSession, ...]:
        """Return the sessions that have not ended, oldest first."""
        return self._read(f"{_SESSION} WHERE ended_utc_ms IS NULL ORDER BY started_utc_ms")

    def unrecorded_sessions(self) -> tuple[ClinicSession, ...]:
        """Return the sessions that have ended, but whose end the record has not confirmed."""
        return self._read(f"{_SESSION} WHERE ended_utc_ms IS NOT NULL AND NOT is_recorded ORDER BY started_utc_ms")

    def recent_sessions(self, *, limit: int = 100) -> tuple[ClinicSession, ...]:
        """Return the newest sessions, newest first."""
        return self._read(f"{_SESSION} ORDER BY started_utc_ms DESC, id LIMIT ?", (limit,))

    def require(self, session: SessionId) -> ClinicSession:
        """Return a session, also one that has ended.

        Raises:
            InputError: there is none of this id.
        """
        found = self.find(session)
        if found is None:
            raise InputError("session", f"{session[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        return found

    def find(self, session: SessionId) -> ClinicSession | None:
        """Return one session."""
        return next(iter(self._read(f"{_SESSION} WHERE id = ?", (session,))), None)

    def add(self, session: ClinicSession, body: ClassBody) -> None:
        """Keep a new session with everything that was given for it."""
        roster = session.roster
        with writing(self._db, self._path):
            self._db.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, NULL, 0)",
                (
                    roster.session,
                    roster.room,
                    session.name,
                    body.model_dump_json(exclude_none=True).encode(),
                    session.phase_since_utc_ms,
                    session.plan_done,
                    roster.started_utc_ms,
                ),
            )
            for person in body.participants:
                self._add_person(session, person)
            self._add_roster(roster, utc_ms=roster.started_utc_ms)
            self._touch_gateways(roster)

    def change(self, session: ClinicSession, *, utc_ms: UtcMs, carriers_change: bool = False) -> None:
        """Keep a new version of a session; one whose roster has ended is over, and its gateways are free.

        ``carriers_change``: sensors go from one gateway to another, so their assignments are new.
        """
        roster = session.roster
        with writing(self._db, self._path):
            self._db.execute(
                "UPDATE session SET phase_since_utc_ms = ?, plan_done = ?, ended_utc_ms = ? WHERE id = ?",
                (session.phase_since_utc_ms, session.plan_done, roster.ended_utc_ms, roster.session),
            )
            self._add_roster(roster, utc_ms=utc_ms)
            if carriers_change or roster.ended_utc_ms is not None:
                self._touch_gateways(roster)

    def override(self, session: ClinicSession, override: Override) -> None:
        """Keep a new version of a session together with who changed which limit, and why."""
        roster = session.roster
        with writing(self._db, self._path):
            self._add_roster(roster, utc_ms=override.utc_ms)
            self._db.execute(
                "INSERT INTO override VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    roster.session,
                    roster.version,
                    override.participant,
                    override.rule.value,
                    override.value,
                    override.by,
                    override.why,
                    override.utc_ms,
                ),
            )

    def overrides(self, session: SessionId) -> tuple[Override, ...]:
        """Return all changes of limits in a session, oldest first."""
        rows = self._rows(
            "SELECT participant, rule, value, staff, why, utc_ms FROM override WHERE session = ? ORDER BY version",
            (session,),
        )
        return tuple(
            Override(
                participant=ParticipantId(participant), rule=RuleId(rule), value=value, by=by, why=why, utc_ms=utc_ms
            )
            for participant, rule, value, by, why, utc_ms in rows
        )

    def prescribed_limits(self, session: SessionId, participant: ParticipantId) -> tuple[ResolvedLimit, ...]:
        """Return the limits with which somebody came into a session; none: never in it."""
        for (body,) in self._rows("SELECT body FROM roster WHERE session = ? ORDER BY version", (session,)):
            for entry in msgspec.json.decode(body, type=Roster).entries:
                if entry.participant == participant:
                    return entry.limits
        return ()

    def prescription(self, session: SessionId, participant: ParticipantId) -> PrescriptionBody | None:
        """Return what was prescribed for somebody in a session; None: not in it."""
        found = self._rows("SELECT prescription FROM participant WHERE session = ? AND id = ?", (session, participant))
        return PrescriptionBody.model_validate_json(found[0][0]) if found else None

    def join(self, session: ClinicSession, person: ParticipantBody, *, utc_ms: UtcMs) -> None:
        """Keep a new version of a session together with somebody who has come into it."""
        roster = session.roster
        with writing(self._db, self._path):
            self._add_person(session, person)
            self._add_roster(roster, utc_ms=utc_ms)
            self._touch_gateways(roster)

    def correct(self, session: ClinicSession, correction: Correction) -> None:
        """Keep a new version of a session together with who corrected what somebody wore, and why.

        Of a session that has ended, the record is to be given the new version.
        """
        roster = session.roster
        with writing(self._db, self._path):
            self._add_roster(roster, utc_ms=correction.utc_ms)
            self._db.execute(
                "INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?)",
                (
                    roster.session,
                    roster.version,
                    correction.by,
                    correction.why,
                    correction.utc_ms,
                    msgspec.json.encode(correction.changes),
                ),
            )
            if roster.ended_utc_ms is None:
                # Also that of a sensor which, as it turns out, nobody wore.
                self._db.execute("UPDATE gateway SET version = version + 1")
            else:
                self._db.execute("UPDATE session SET is_recorded = 0 WHERE id = ?", (roster.session,))

    def corrections(self, session: SessionId) -> tuple[Correction, ...]:
        """Return all corrections of what was worn in a session, oldest first."""
        rows = self._rows(
            "SELECT version, staff, why, utc_ms, changes FROM correction WHERE session = ? ORDER BY version", (session,)
        )
        return tuple(Correction.of_row(row) for row in rows)

    def rosters(self, session: SessionId, *, after: int = 0) -> tuple[tuple[UtcMs, Roster], ...]:
        """Return the versions of a session's roster after one, oldest first, each with when it began."""
        rows = self._rows(
            "SELECT utc_ms, body FROM roster WHERE session = ? AND version > ? ORDER BY version", (session, after)
        )
        return tuple((UtcMs(utc_ms), msgspec.json.decode(body, type=Roster)) for utc_ms, body in rows)

    def earlier_sessions(self, session: SessionId, participant: ParticipantId, *, limit: int) -> tuple[SessionId, ...]:
        """Return the sessions of somebody before one, newest first."""
        rows = self._rows(
            "SELECT session.id FROM session JOIN participant ON participant.session = session.id"
            " WHERE participant.id = ?1 AND started_utc_ms < (SELECT started_utc_ms FROM session WHERE id = ?2)"
            " ORDER BY started_utc_ms DESC LIMIT ?3",
            (participant, session, limit),
        )
        return tuple(SessionId(found) for (found,) in rows)

    def mark_recorded(self, session: SessionId, *, version: int) -> None:
        """Keep that the record has a version of a session's last roster; one corrected since is still to be given."""
        with writing(self._db, self._path):
            self._db.execute(
                "UPDATE session SET is_recorded = 1"
                " WHERE id = ?1 AND ?2 = (SELECT max(version) FROM roster WHERE session = ?1)",
                (session, version),
            )

    def delete_ended(self, *, before_utc_ms: UtcMs) -> int:
        """Delete some classes that ended before a time and that the record has had whole; return how many.

        With who was in them and what was prescribed and changed there. The register of people stays.
        """
        with writing(self._db, self._path):
            rows: list[Any] = self._db.execute(
                "SELECT id FROM session WHERE ended_utc_ms < ? AND is_recorded ORDER BY started_utc_ms LIMIT ?",
                (before_utc_ms, DELETED_MAX),
            ).fetchall()
            for table in ("participant", "roster", "override", "correction", "duty", "plan_run"):
                self._db.executemany(f"DELETE FROM {table} WHERE session = ?", rows)  # noqa: S608 - a name of our schema
            self._db.executemany("DELETE FROM session WHERE id = ?", rows)
        return len(rows)

    def gateways(self) -> dict[GatewayId, int]:
        """Return all gateways that ever carried a sensor, with the version of their assignments."""
        return dict(self._rows("SELECT id, version FROM gateway ORDER BY id"))

    def _add_person(self, session: ClinicSession, person: ParticipantBody) -> None:
        self._db.execute(
            "INSERT INTO participant VALUES (?, ?, ?, ?)",
            (
                session.roster.session,
                person.id,
                session.aliases[ParticipantId(person.id)],
                person.prescription.model_dump_json(exclude_none=True).encode(),
            ),
        )

    def _add_roster(self, roster: Roster, *, utc_ms: UtcMs) -> None:
        self._db.execute(
            "INSERT INTO roster VALUES (?, ?, ?, ?)",
            (roster.session, roster.version, utc_ms, msgspec.json.encode(roster)),
        )

    def _touch_gateways(self, roster: Roster) -> None:
        names = {(sensor.gateway,) for entry in roster.entries for sensor in entry.sensors}
        self._db.executemany(
            "INSERT INTO gateway VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET version = version + 1", sorted(names)
        )

    def _read(self, sql: str, bindings: tuple[str | int, ...] = ()) -> tuple[ClinicSession, ...]:
        return tuple(self._session_of(row) for row in self._rows(sql, bindings))

    def _rows(self, sql: str, bindings: tuple[str | int, ...] = ()) -> list[Any]:
        """Return rows with the types that the tables above declare."""
        with storage_errors(self._path):
            return self._db.execute(sql, bindings).fetchall()

    def _session_of(self, row: tuple[Any, ...]) -> ClinicSession:
        session, name, given, since, done, roster = row
        body = ClassBody.model_validate_json(given)
        people = self._rows("SELECT id, alias, prescription FROM participant WHERE session = ?", (session,))
        newest = msgspec.json.decode(roster, type=Roster)
        prescribed = {ParticipantId(who): PrescriptionBody.model_validate_json(kept) for who, _, kept in people}
        return ClinicSession(
            name=name,
            roster=newest,
            aliases={ParticipantId(who): alias for who, alias, _ in people},
            phase_since_utc_ms=since,
            plan=tuple(PlannedPhase(phase=planned.phase, at_s=planned.at_s) for planned in body.phases),
            plan_done=done,
            peak_formulas=find_peak_formulas(prescribed, began_utc_ms=newest.started_utc_ms),
        )
