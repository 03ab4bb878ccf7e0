"""Stored classes as histories: what the record holds of a session, sorted by its own time. Plain what-if.

Seconds count from the start of the session. Readings that came late then are in their place now, which is what makes
this a what-if and no replay; `seen.py` replays.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from msgspec import structs

from analysis.history.history import History, InForce, Said
from cli.backtest.prescribed import Prescribed
from ingest.store.as_heard import to_reading
from ingest.store.reader import RecordReader
from ingest.store.stored import StoredReading, StoredSession
from vitals.errors import SetupError, SetupReason
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind
from vitals.sessions import Roster, SessionId
from vitals.units import MonotonicMs

SESSIONS_MAX: Final = 100_000

KINDS: Final = (ReadingKind.HR, ReadingKind.OXIMETER, ReadingKind.WORKLOAD)


def open_record(file: Path) -> RecordReader:
    """Return a reader of a record.

    Raises:
        SetupError: there is none.
    """
    if not file.exists():
        msg = f"there is no record at {file}; --data names the folder that has one"
        raise SetupError(msg, SetupReason.SETTINGS)
    return RecordReader(file)


def find_sessions(reader: RecordReader, wanted: Sequence[str] | None) -> tuple[StoredSession, ...]:
    """Return sessions of the record by their ids; None: all, oldest first.

    Raises:
        SetupError: the record has none of such an id.
        StorageError: the record cannot be read.
    """
    if wanted is None:
        return tuple(reversed(reader.sessions(limit=SESSIONS_MAX)))
    found = []
    for session in wanted:
        one = reader.session(SessionId(session))
        if one is None:
            msg = f"the record has no session {session!r}; `vitals session list` shows those that there are"
            raise SetupError(msg, SetupReason.SETTINGS)
        found.append(one)
    return tuple(found)


def load_session(reader: RecordReader, session: StoredSession, prescribed: Prescribed) -> History | None:
    """Return a session as a history, or None when no sensor of it ever spoke."""
    zero_ms = session.started_utc_ms
    rosters = [
        InForce(MonotonicMs(max(0, heard_utc_ms - zero_ms)), _prescribe(roster, prescribed))
        for heard_utc_ms, roster in reader.rosters_heard(session.session)
        if roster.ended_utc_ms is None
    ]
    people = dict.fromkeys(entry.participant for one in rosters for entry in one.roster.entries)
    said = [
        Said(MonotonicMs(stored.utc_ms - zero_ms), to_reading(stored))
        for participant in people
        for stored in _readings(reader, session.session, participant)
        if stored.utc_ms >= zero_ms
    ]
    if not rosters or not said:
        return None
    said.sort(key=lambda one: one.at_ms)
    until_ms = said[-1].at_ms
    if session.ended_utc_ms is not None:
        until_ms = max(until_ms, MonotonicMs(session.ended_utc_ms - zero_ms))
    return History(
        id=session.session,
        rosters=tuple(sorted(rosters, key=lambda one: one.roster.version)),
        said=tuple(said),
        from_ms=MonotonicMs(0),
        until_ms=until_ms,
    )


def _readings(reader: RecordReader, session: SessionId, participant: ParticipantId) -> Iterable[StoredReading]:
    for kind in KINDS:
        yield from reader.readings(session, participant, kind)


def _prescribe(roster: Roster, prescribed: Prescribed) -> Roster:
    """Return the roster with what is prescribed to those to whom the command line prescribes something."""
    if prescribed.says_nothing:
        return roster
    return structs.replace(roster, entries=tuple(map(prescribed.lay_over, roster.entries)))
