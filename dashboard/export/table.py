"""A class as a long table: one row for each value that a sensor told, with its time, its unit and how good it is.

A reading without a value is a row, too: its value is empty and its quality says why. Nothing is left out, averaged or
filled in.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final, NamedTuple

from ingest.store.reader import RecordReader
from ingest.store.stored import StoredReading, StoredSession
from vitals.participants import ParticipantId
from vitals.readings import VALUES, ReadingKind

KINDS: Final = (ReadingKind.HR, ReadingKind.OXIMETER, ReadingKind.WORKLOAD, ReadingKind.BATTERY)

UNITS: Final = {
    "hr_bpm": "/min",
    "contact": "1",
    "rr_ms": "ms",
    "spo2_pct": "%",
    "pulse_bpm": "/min",
    "perfusion_pct": "%",
    "speed_kmh": "km/h",
    "incline_pct": "%",
    "power_w": "W",
    "cadence_per_min": "/min",
    "resistance_level": "1",
    "distance_m": "m",
    "elapsed_s": "s",
    "met": "[MET]",
    "battery_pct": "%",
}
"""Every measure and its unit as UCUM writes it."""


class Value(NamedTuple):
    """One value of one reading. ``place``: which of several intervals between beats, oldest first; else 0."""

    participant: ParticipantId
    measure: str
    place: int
    value: float | None
    reading: StoredReading


def read_values(
    reader: RecordReader, session: StoredSession, people: tuple[ParticipantId, ...]
) -> Iterator[tuple[ParticipantId, ReadingKind, list[Value]]]:
    """Yield the values of a class, person by person and kind by kind, in the order in which they were heard.

    Raises:
        StorageError: the record cannot be read.
    """
    for person in people:
        for kind in KINDS:
            values = [value for one in reader.readings(session.session, person, kind) for value in _values(person, one)]
            if values:
                yield person, kind, values


def _values(person: ParticipantId, reading: StoredReading) -> Iterator[Value]:
    for number, measure in enumerate(VALUES[reading.kind]):
        if measure == "rr_ms":
            for place, rr_ms in enumerate(reading.rr_ms):
                yield Value(person, measure, place, rr_ms, reading)
            continue
        told = getattr(reading, measure)
        if told is not None or number == 0:  # the first has a row also when it has no value
            yield Value(person, measure, 0, told, reading)


def time_text(utc_ms: int, zone: tzinfo) -> str:
    """Return a time as ISO 8601 with milliseconds and offset.

    >>> time_text(1_800_000_000_123, UTC)
    '2027-01-15T08:00:00.123+00:00'
    """
    return datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone).isoformat(timespec="milliseconds")
