"""What a segment of the record holds: whole readings, points of one measure, or so many values in equal buckets."""

from collections.abc import Iterator
from typing import Final

import apsw

from ingest.store.manners import read_manners
from ingest.store.query import query
from ingest.store.rows import QUALITY_CODES
from ingest.store.rr import unpack_rr
from ingest.store.segments import Segment
from ingest.store.stored import Bucket, HistoryPoint, Measure, StoredReading
from vitals.readings import VALUES, ReadingKind, Reason
from vitals.sensors import SensorId
from vitals.units import MonotonicMs, UtcMs

_QUALITIES: Final = tuple(QUALITY_CODES)
_WORK: Final = VALUES[ReadingKind.WORKLOAD]
_VITALS: Final = (*VALUES[ReadingKind.OXIMETER], *VALUES[ReadingKind.BATTERY])
_HEAD: Final = "seq, mono_ms, received_utc_ms, late, quality, reason, manner, raw, hr_bpm, contact, rr"
_WITHIN: Final = "stream = ?1 AND seq BETWEEN ?2 AND ?3 AND mono_ms >= ?4 AND mono_ms < ?5"


def read_readings(
    connection: apsw.Connection, segment: Segment, sensor: SensorId, kind: ReadingKind
) -> Iterator[StoredReading]:
    """Yield the readings of a segment as they were heard, in order."""
    manners = read_manners(connection)
    names = _VITALS if kind is not ReadingKind.WORKLOAD else _WORK
    statement = f"SELECT {_HEAD}, {', '.join(names)} FROM {_table(kind)} WHERE {_WITHIN} ORDER BY seq"  # noqa: S608 - a fixed set of names
    for row in query(connection, statement, segment.bindings()):
        seq, mono_ms, received_utc_ms, late, quality, reason, manner, raw, hr_bpm, contact, rr, *values = row
        yield StoredReading(
            utc_ms=UtcMs(mono_ms + segment.offset_ms),
            mono_ms=MonotonicMs(mono_ms),
            received_utc_ms=UtcMs(received_utc_ms),
            sensor=sensor,
            kind=kind,
            run=segment.run,
            seq=seq,
            generation_mode=segment.generation_mode,
            late=bool(late),
            quality=_QUALITIES[quality],
            reason=None if reason is None else Reason(reason),
            hr_bpm=hr_bpm,
            contact=None if contact is None else bool(contact),
            rr_ms=unpack_rr(rr),
            raw_hex="" if raw is None else raw.hex(),
            **manners[manner]._asdict(),
            **dict(zip(names, values, strict=True)),
        )


def read_points(
    connection: apsw.Connection, segment: Segment, kind: ReadingKind, measure: Measure
) -> Iterator[HistoryPoint]:
    """Yield one measure of a segment, in order, also where it has no value."""
    statement = f"SELECT mono_ms, {measure}, quality FROM {_table(kind)} WHERE {_WITHIN} ORDER BY seq"  # noqa: S608 - a closed set
    for mono_ms, value, quality in query(connection, statement, segment.bindings()):
        yield HistoryPoint(
            UtcMs(mono_ms + segment.offset_ms), MonotonicMs(mono_ms), segment.run, value, _QUALITIES[quality]
        )


def read_buckets(
    connection: apsw.Connection, segment: Segment, kind: ReadingKind, measure: Measure, *, bucket_ms: int
) -> Iterator[Bucket]:
    """Yield the buckets of a segment that have a value, by time."""
    statement = (
        f"SELECT (mono_ms + ?6) / ?7 * ?7, count(*), min({measure}), avg({measure}), max({measure})"  # noqa: S608 - a closed set
        f" FROM {_table(kind)} WHERE {_WITHIN} AND quality < 2 AND {measure} IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    for row in query(connection, statement, (*segment.bindings(), segment.offset_ms, bucket_ms)):
        yield Bucket(*row)


def _table(kind: ReadingKind) -> str:
    return "reading JOIN workload USING (stream, seq)" if kind is ReadingKind.WORKLOAD else "reading"
