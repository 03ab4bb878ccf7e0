"""A record of years, made once and kept for later measurements: classes of 30 with a strap and an oximeter each.

The values are made by SQL arithmetic, the tables by the record's own migrations and writer: rosters, runs and streams
are as a gateway that is started each morning leaves them.
"""

import os
import tempfile
from pathlib import Path
from typing import Final

import apsw
from msgspec import Struct

from ingest.store.batch import Batch, HeardRoster
from ingest.store.schema import MIGRATIONS, STRETCH_MS
from ingest.store.writer import RecordWriter
from vitals.participants import ParticipantId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import UtcMs

PEOPLE: Final = 30
SECONDS: Final = 3_600
PROGRAMME: Final = 36
"""Sessions of one person: then another group of 30 begins."""

ROWS_A_CLASS: Final = PEOPLE * SECONDS * 2
T0_UTC_MS: Final = 1_700_000_000_000
DAY_MS: Final = 86_400_000

# Beats of 600 and 602 ms, packed as ingest/store/rr.py does; the bytes of a usual notification beside it.
_READINGS: Final = """
INSERT INTO reading (
    stream, seq, mono_ms, received_utc_ms, late, quality, hr_bpm, contact, rr, spo2_pct, pulse_bpm, raw
)
SELECT ?1, n, 1000 * n + 137, ?2 + 1000 * n + 160, 0, (n * 7 + ?1) % 211 = 0,
    CASE WHEN ?3 THEN CAST(80 + 40 * min(n, 3600 - n) / 1800.0 + (n * 7919 + ?1 * 104729) % 7 AS INTEGER) END,
    CASE WHEN ?3 THEN 1 END, CASE WHEN ?3 THEN x'0166026802' END,
    CASE WHEN NOT ?3 THEN 97.0 - ((n / 300) * 31 + ?1) % 9 END, CASE WHEN NOT ?3 THEN 80.0 + n % 40 END,
    CASE WHEN ?3 THEN x'166466026802' ELSE x'0061006400' END
FROM second
"""


class MadeRecord(Struct, frozen=True, kw_only=True):
    """Where it is, and what is in it."""

    path: Path
    classes: int
    readings: int


def make_history(*, readings: int, folder: Path | None = None) -> MadeRecord:
    """Return a record of about so many readings, made when there is none of this size and schema in the folder.

    Raises:
        StorageError: the disk does not take it.
    """
    classes = max(1, round(readings / ROWS_A_CLASS))
    place = Path(tempfile.gettempdir()) if folder is None else folder
    path = place / f"vitals-bench-history-{len(MIGRATIONS)}-{classes}" / "record.db"
    made = MadeRecord(path=path, classes=classes, readings=classes * ROWS_A_CLASS)
    if path.exists():
        return made
    part = path.parent.with_name(f"{path.parent.name}.{os.getpid()}")
    part.mkdir(parents=True, exist_ok=True)
    writer = RecordWriter(part / path.name)
    try:
        writer.connection.execute("PRAGMA synchronous=OFF").fetchall()
        writer.connection.execute("PRAGMA cache_size=-65536").fetchall()
        for number in range(classes):
            _add_class(writer, number)
    finally:
        writer.close()
    part.replace(path.parent)
    return made


def session_id(number: int) -> SessionId:
    """Return the id of a class by its number."""
    return SessionId(f"c{number:05}")


def person_id(number: int, seat: int) -> ParticipantId:
    """Return who sits where in a class."""
    return ParticipantId(f"p-{number // PROGRAMME}-{seat}")


def _add_class(writer: RecordWriter, number: int) -> None:
    began = UtcMs(T0_UTC_MS + number * DAY_MS)
    batch = Batch()
    batch.add_roster(HeardRoster(_roster(number, began), began, final=True))
    writer.store(batch, now_utc_ms=began)
    connection = writer.connection
    with connection:
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS second (n INTEGER PRIMARY KEY)").fetchall()
        connection.execute(
            "INSERT OR IGNORE INTO second WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s LIMIT ?)"
            " SELECT n FROM s",
            (SECONDS,),
        ).fetchall()
        connection.execute(
            "INSERT INTO run (source, run, generation_mode, clock_rate, first_seen_utc_ms, closed_utc_ms)"
            " VALUES ('g1', ?, 'simulated', 1.0, ?, ?)",
            (f"r{number}", began, began + DAY_MS),
        ).fetchall()
        run = connection.last_insert_rowid()
        connection.execute("INSERT INTO anchor VALUES (?, 0, ?, 1)", (run, began)).fetchall()
        for seat in range(1, PEOPLE + 1):
            for sensor, kind in ((f"s-strap-{seat}", "hr"), (f"s-oximeter-{seat}", "oximeter")):
                _add_stream(connection, run, sensor, kind, began)


def _add_stream(connection: apsw.Connection, run: int, sensor: str, kind: str, began: UtcMs) -> None:
    connection.execute(
        "INSERT INTO stream (run, subject, kind, cursor) VALUES (?, ?, ?, ?)", (run, sensor, kind, SECONDS - 1)
    ).fetchall()
    stream = connection.last_insert_rowid()
    connection.execute(_READINGS, (stream, began, int(kind == "hr"))).fetchall()
    connection.execute(
        "INSERT INTO stretch SELECT stream, mono_ms / ?2, min(seq), max(seq) FROM reading WHERE stream = ?1 GROUP BY 2",
        (stream, STRETCH_MS),
    ).fetchall()


def _roster(number: int, began: UtcMs) -> Roster:
    ended = UtcMs(began + SECONDS * 1000)

    def worn(sensor: str, kind: SensorKind) -> AssignedSensor:
        return AssignedSensor(
            sensor=SensorId(sensor), kind=kind, gateway=GatewayId("g1"), from_utc_ms=began, to_utc_ms=ended
        )

    return Roster(
        session=session_id(number),
        version=1,
        room="room-1",
        generation_mode=GenerationMode.SIMULATED,
        phase=Phase.TRAINING,
        started_utc_ms=began,
        ended_utc_ms=ended,
        entries=tuple(
            RosterEntry(
                participant=person_id(number, seat),
                seat=seat,
                sensors=(
                    worn(f"s-strap-{seat}", SensorKind.STRAP),
                    worn(f"s-oximeter-{seat}", SensorKind.OXIMETER),
                ),
                rest_hr_bpm=60,
                peak_hr_bpm=160,
            )
            for seat in range(1, PEOPLE + 1)
        ),
    )
