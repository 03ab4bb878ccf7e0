"""The tables of the record (record.db): numbered migrations that are only ever added to, never edited.

The record is append-only: what happened stays. Tables that are derived and may be rewritten are `session` and
`assignment` (from the newest roster), `stretch` (from `reading`) and the columns `cursor` and `closed_utc_ms`.
"""

from pathlib import Path
from typing import Final

import apsw

from vitals.database import open_database

# Codes instead of words where there is one for each of millions of rows: reading.quality 0 good, 1 questionable,
# 2 unusable; reading.late 0 or 1; reading.contact 0, 1 or NULL (the strap does not tell).
# reading.rr as ingest/store/rr.py packs it. All mono_ms are on the clock of the run that said it.
# run.observed_offset_ms: UTC - monotonic as ingest saw it first, for a run whose anchors never came.
_FIRST: Final = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    run TEXT NOT NULL,
    generation_mode TEXT,
    clock_rate REAL,
    first_seen_utc_ms INTEGER NOT NULL,
    observed_offset_ms INTEGER,
    closed_utc_ms INTEGER,
    UNIQUE (source, run)
);
CREATE TABLE anchor (
    run INTEGER NOT NULL REFERENCES run (id),
    mono_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL,
    synchronised INTEGER,
    PRIMARY KEY (run, mono_ms)
) WITHOUT ROWID;
CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (id),
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    cursor INTEGER NOT NULL DEFAULT -1,
    UNIQUE (run, subject, kind)
);
CREATE INDEX stream_by_subject ON stream (subject, kind);
CREATE TABLE reading (
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    mono_ms INTEGER NOT NULL,
    received_utc_ms INTEGER NOT NULL,
    late INTEGER NOT NULL,
    quality INTEGER NOT NULL,
    reason TEXT,
    hr_bpm INTEGER,
    contact INTEGER,
    rr BLOB,
    spo2_pct REAL,
    pulse_bpm REAL,
    perfusion_pct REAL,
    battery_pct INTEGER,
    raw BLOB,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE TABLE gap (
    stream INTEGER NOT NULL REFERENCES stream (id),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    cause TEXT NOT NULL,
    noted_utc_ms INTEGER NOT NULL,
    PRIMARY KEY (stream, first)
) WITHOUT ROWID;
CREATE TABLE alarm_event (
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    mono_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL,
    received_utc_ms INTEGER NOT NULL,
    session TEXT,
    participant TEXT,
    alarm_id TEXT NOT NULL,
    change TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE INDEX alarm_event_by_time ON alarm_event (utc_ms);
CREATE INDEX alarm_event_by_session ON alarm_event (session, utc_ms);
CREATE TABLE journal (
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    mono_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE INDEX journal_by_time ON journal (utc_ms);
CREATE TABLE command (
    id TEXT PRIMARY KEY,
    received_utc_ms INTEGER NOT NULL,
    owner TEXT NOT NULL,
    verb TEXT NOT NULL,
    by TEXT NOT NULL,
    at_utc_ms INTEGER NOT NULL,
    why TEXT NOT NULL,
    body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE roster (
    id INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    version INTEGER NOT NULL,
    received_utc_ms INTEGER NOT NULL,
    final INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (session, version, body)
);
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    room TEXT NOT NULL,
    generation_mode TEXT NOT NULL,
    started_utc_ms INTEGER NOT NULL,
    ended_utc_ms INTEGER,
    final INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_by_start ON session (started_utc_ms);
CREATE TABLE assignment (
    session TEXT NOT NULL REFERENCES session (id),
    participant TEXT NOT NULL,
    sensor TEXT NOT NULL,
    sensor_kind TEXT NOT NULL,
    gateway TEXT NOT NULL,
    from_utc_ms INTEGER NOT NULL,
    to_utc_ms INTEGER
);
CREATE INDEX assignment_by_participant ON assignment (session, participant);
CREATE TABLE refused (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_utc_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    problem TEXT NOT NULL,
    payload_bytes INTEGER NOT NULL,
    payload_start BLOB NOT NULL
);
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
"""

# A gateway that runs for weeks has streams of millions of rows, and a session is one hour of them. `stretch` says
# which seqs lie in which ten minutes of the run's clock, whatever their order, for a 600th of an index's size.
_STRETCHES: Final = """
CREATE TABLE stretch (
    stream INTEGER NOT NULL,
    ten_minutes INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (stream, ten_minutes)
) WITHOUT ROWID;
INSERT INTO stretch (stream, ten_minutes, first, last)
SELECT stream, mono_ms / 600000, min(seq), max(seq) FROM reading GROUP BY 1, 2;
"""

# What a reading tells of how it was made is one code of a small table (ingest/store/manners.py); NULL: nothing, as in
# rows from before. Work has more columns than all vital signs together and few sensors that tell it, so its values
# stand beside `reading`, which has the rest of such a reading.
_MANNERS_AND_WORK: Final = """
CREATE TABLE manner (
    id INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    source TEXT NOT NULL,
    averaging TEXT NOT NULL,
    machine TEXT NOT NULL,
    UNIQUE (device, source, averaging, machine)
);
ALTER TABLE reading ADD COLUMN manner INTEGER;
CREATE TABLE workload (
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    speed_kmh REAL,
    incline_pct REAL,
    power_w INTEGER,
    cadence_per_min REAL,
    resistance_level INTEGER,
    distance_m REAL,
    elapsed_s INTEGER,
    met REAL,
    PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
"""

# What staff entered; the whole of it is the body of its command.
_ENTRIES: Final = """
CREATE TABLE entry (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    participant TEXT,
    at_utc_ms INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX entry_by_session ON entry (session, at_utc_ms);
"""

# Who was asked to be forgotten, and what they wore when: readings that come later, out of an outbox that was away, are
# forgotten too (ingest/store/erasure.py). `id` counts the stretches for those who follow the record.
_ERASURES: Final = """
CREATE TABLE erased (
    participant TEXT PRIMARY KEY,
    command TEXT NOT NULL,
    asked_utc_ms INTEGER NOT NULL,
    by TEXT NOT NULL,
    done_utc_ms INTEGER
) WITHOUT ROWID;
CREATE TABLE erased_worn (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    participant TEXT NOT NULL,
    sensor TEXT NOT NULL,
    from_utc_ms INTEGER NOT NULL,
    to_utc_ms INTEGER
);
CREATE INDEX alarm_event_by_participant ON alarm_event (participant) WHERE participant IS NOT NULL;
CREATE INDEX entry_by_participant ON entry (participant) WHERE participant IS NOT NULL;
"""

# In which classes somebody took part: a programme of months is asked for by person.
_CLASSES_BY_PERSON: Final = """
CREATE INDEX assignment_by_person ON assignment (participant);
"""

# Who was called about each alarm and who answered, as alerts tells it when the alarm is over.
_COURSES: Final = """
CREATE TABLE course (
    alarm_id TEXT NOT NULL,
    ended_utc_ms INTEGER NOT NULL,
    onset_utc_ms INTEGER NOT NULL,
    session TEXT,
    participant TEXT,
    body BLOB NOT NULL,
    PRIMARY KEY (alarm_id, ended_utc_ms)
) WITHOUT ROWID;
CREATE INDEX course_by_session ON course (session, onset_utc_ms);
CREATE INDEX course_by_participant ON course (participant) WHERE participant IS NOT NULL;
"""
MIGRATIONS: Final[tuple[str, ...]] = (
    _FIRST,
    _STRETCHES,
    _MANNERS_AND_WORK,
    _ENTRIES,
    _ERASURES,
    _CLASSES_BY_PERSON,
    _COURSES,
)

STRETCH_MS: Final = 600_000
"""Length of a row of `stretch` on the run's clock; equal to the number in its migration."""


def open_record(path: Path) -> apsw.Connection:
    """Open the record for its one writer, made new or brought up to the newest schema.

    Raises:
        StorageError: the file cannot be opened, is no database, or comes from a newer program.
    """
    return open_database(path, migrations=MIGRATIONS)
