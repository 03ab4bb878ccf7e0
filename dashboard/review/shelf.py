"""review.db: summaries and judged vital signs, kept so that they need not be computed twice. May be deleted any time.

Everything in it follows from the record; a row counts only while the record's own stamp of that part is the same. No
names are in it. Erasing a person forgets their rows.
"""

import threading
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from analysis.history.samples import Times, Values
from analysis.summary.summary import SessionSummary, Weighed, summarise, weigh
from dashboard.review.parts import read_part
from dashboard.review.version import VERSION
from ingest.store.reader import RecordReader
from vitals.database import open_database, storage_errors, writing
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

MIGRATIONS: Final = (
    """
    CREATE TABLE part (
        session TEXT NOT NULL, participant TEXT NOT NULL, stamp TEXT NOT NULL, summary BLOB NOT NULL,
        hr_ms BLOB NOT NULL, hr_bpm BLOB NOT NULL, spo2_ms BLOB NOT NULL, spo2_pct BLOB NOT NULL,
        PRIMARY KEY (session, participant)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX part_by_participant ON part (participant);
    """,
)

REVIEW_FILE: Final = "review.db"
"""Beside clinic.db."""

REMEMBERED_MAX: Final = 400
"""Summaries in memory, about 10 kB each: ten classes, or a programme."""

_SHAPE: Final = 3
"""Of what is kept, and of how it is computed: what was kept under another one is computed anew."""

_TIME: Final = np.dtype("<i8")
_VALUE: Final = np.dtype("<f8")


class Kept(Struct, frozen=True, kw_only=True):
    """What counts of one part's vital signs: times in ms after the start, rates in bpm, saturations in %."""

    hr_ms: Times
    hr_bpm: Values
    spo2_ms: Times
    spo2_pct: Values


class Shelf:
    """Summaries by session and person; computes what it does not have. Blocks: call it from one thread at a time."""

    def __init__(self, path: Path, reader: RecordReader) -> None:
        """Open the file, or make it.

        Raises:
            StorageError: not readable, or from a newer program.
        """
        self._path: Final = path
        self._reader: Final = reader
        self._lock: Final = threading.Lock()
        self._known: Final[dict[tuple[SessionId, ParticipantId], tuple[str, SessionSummary]]] = {}
        self._db: Final = open_database(path, migrations=MIGRATIONS)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def peek(self, session: SessionId, participant: ParticipantId) -> SessionSummary | None:
        """Return a summary that is at hand and still right; None: it has to be computed."""
        return self._find(session, participant, self._stamp(session, participant))

    def summary(self, session: SessionId, participant: ParticipantId) -> SessionSummary:
        """Return a summary as the record stands now.

        Raises:
            InputError: no such session, or nobody of this id in it.
            StorageError: the record cannot be read.
        """
        stamp = self._stamp(session, participant)
        found = self._find(session, participant, stamp)
        return self._compute(session, participant, stamp) if found is None else found

    def kept(self, session: SessionId, participant: ParticipantId) -> Kept:
        """Return the judged vital signs of a part, as the record stands now.

        Raises:
            InputError: as for `summary`.
            StorageError: as for `summary`.
        """
        self.summary(session, participant)
        with self._lock, storage_errors(self._path):
            rows = self._db.execute(
                "SELECT hr_ms, hr_bpm, spo2_ms, spo2_pct FROM part WHERE session = ? AND participant = ?",
                (session, participant),
            ).fetchall()
        if not rows:
            return Kept(hr_ms=_NO_TIMES, hr_bpm=_NO_VALUES, spo2_ms=_NO_TIMES, spo2_pct=_NO_VALUES)
        hr_ms, hr_bpm, spo2_ms, spo2_pct = (bytes(column) for column in rows[0])  # type: ignore[arg-type]
        return Kept(
            hr_ms=np.frombuffer(hr_ms, _TIME),
            hr_bpm=np.frombuffer(hr_bpm, _VALUE),
            spo2_ms=np.frombuffer(spo2_ms, _TIME),
            spo2_pct=np.frombuffer(spo2_pct, _VALUE),
        )

    def forget(self, participant: ParticipantId) -> None:
        """Delete what is kept of a person, everywhere."""
        for key in [key for key in self._known if key[1] == participant]:
            del self._known[key]
        with self._lock, writing(self._db, self._path):
            self._db.execute("DELETE FROM part WHERE participant = ?", (participant,))

    def prune(self) -> int:
        """Delete what is kept of classes that the record has deleted, whole or of their readings; return of how many.

        Raises:
            StorageError: the record cannot be read, or this file not be written.
        """
        with self._lock, storage_errors(self._path):
            rows = self._db.execute("SELECT DISTINCT session FROM part").fetchall()
        before_utc_ms = self._reader.readings_deleted_before()
        gone = [session for (session,) in rows if self._is_gone(SessionId(str(session)), before_utc_ms)]
        for key in [key for key in self._known if key[0] in gone]:
            del self._known[key]
        if gone:
            with self._lock, writing(self._db, self._path):
                self._db.executemany("DELETE FROM part WHERE session = ?", [(session,) for session in gone])
        return len(gone)

    def _is_gone(self, session: SessionId, before_utc_ms: UtcMs) -> bool:
        stored = self._reader.session(session)
        return stored is None or stored.started_utc_ms < before_utc_ms

    def _stamp(self, session: SessionId, participant: ParticipantId) -> str:
        return f"{VERSION} {_SHAPE} {self._reader.stamp(session, participant)}"

    def _find(self, session: SessionId, participant: ParticipantId, stamp: str) -> SessionSummary | None:
        known = self._known.get((session, participant))
        if known is not None and known[0] == stamp:
            return known[1]
        with self._lock, storage_errors(self._path):
            rows = self._db.execute(
                "SELECT summary FROM part WHERE session = ? AND participant = ? AND stamp = ?",
                (session, participant, stamp),
            ).fetchall()
        if not rows:
            return None
        summary = msgspec.json.decode(rows[0][0], type=SessionSummary)  # type: ignore[arg-type]
        self._remember(summary, stamp)
        return summary

    def _remember(self, summary: SessionSummary, stamp: str) -> None:
        self._known[summary.session, summary.participant] = stamp, summary
        while len(self._known) > REMEMBERED_MAX:
            del self._known[next(iter(self._known))]

    def _compute(self, session: SessionId, participant: ParticipantId, stamp: str) -> SessionSummary:
        part = read_part(self._reader, session, participant)
        weighed = weigh(part)
        summary = summarise(part, weighed)
        self._keep(summary, weighed, stamp)
        self._remember(summary, stamp)
        return summary

    def _keep(self, summary: SessionSummary, weighed: Weighed, stamp: str) -> None:
        with self._lock, writing(self._db, self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    summary.session,
                    summary.participant,
                    stamp,
                    msgspec.json.encode(summary),
                    weighed.rates.at_ms.astype(_TIME).tobytes(),
                    weighed.rates.value.astype(_VALUE).tobytes(),
                    weighed.saturations.at_ms.astype(_TIME).tobytes(),
                    weighed.saturations.value.astype(_VALUE).tobytes(),
                ),
            )


_NO_TIMES: Final = np.empty(0, _TIME)
_NO_VALUES: Final = np.empty(0, _VALUE)
