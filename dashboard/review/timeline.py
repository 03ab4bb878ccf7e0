"""One person's chart: each measure as columns, in buckets of lowest, mean and highest value, raw when zoomed in.

Blocks. Gaps stay gaps: where a measure was silent, a row without values says so, and nobody draws a line across it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from ingest.store.reader import RecordReader
from ingest.store.stored import Measure, StoredReading
from vitals.participants import ParticipantId
from vitals.readings import Quality, ReadingKind
from vitals.sessions import SessionId
from vitals.units import UtcMs

SILENCE_MS: Final = 5_000
POINTS_MAX: Final = 4_000
BUCKETS_MS: Final = (1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000)
"""What a bucket may last; shorter than the first: raw."""

_MEASURES: Final = (
    (ReadingKind.HR, Measure.HR_BPM),
    (ReadingKind.OXIMETER, Measure.SPO2_PCT),
    (ReadingKind.WORKLOAD, Measure.POWER_W),
    (ReadingKind.WORKLOAD, Measure.SPEED_KMH),
)


class Line(Struct, frozen=True, kw_only=True):
    """One measure in its unit, by time; a row of None is a gap. Raw: low, mean and high are the value itself.

    ``questionable``: which raw values are for eyes only.
    """

    utc_ms: list[int]
    low: list[float | None]
    mean: list[float | None]
    high: list[float | None]
    questionable: list[bool]


class Timeline(Struct, frozen=True, kw_only=True):
    """The chart of one person; ``bucket_ms`` 0: raw. A measure that nobody told is left out."""

    from_utc_ms: UtcMs
    to_utc_ms: UtcMs
    bucket_ms: int
    lines: dict[str, Line]


def choose_bucket_ms(length_ms: int, points: int) -> int:
    """Return the shortest bucket that keeps to so many points, 0 where raw does."""
    least = length_ms / max(1, points)
    if least <= BUCKETS_MS[0]:
        return 0
    return next((bucket for bucket in BUCKETS_MS if bucket >= least), BUCKETS_MS[-1])


def read_timeline(
    reader: RecordReader,
    session: SessionId,
    participant: ParticipantId,
    *,
    from_utc_ms: UtcMs,
    to_utc_ms: UtcMs,
    points: int,
) -> Timeline:
    """Return a stretch of a person's part in a session.

    Args:
        reader: of the record.
        session: which session.
        participant: whose sensors.
        from_utc_ms: the stretch begins.
        to_utc_ms: it ends before.
        points: about how many of each measure, at most `POINTS_MAX`.

    Raises:
        StorageError: the record cannot be read.
    """
    bucket_ms = choose_bucket_ms(to_utc_ms - from_utc_ms, min(points, POINTS_MAX))
    lines: dict[str, Line] = {}
    for kind, measure in _MEASURES:
        rows = (
            _raw(reader.readings(session, participant, kind), measure)
            if bucket_ms == 0
            else (
                (bucket.utc_ms, bucket.low, round(bucket.mean, 2), bucket.high, False)
                for bucket in reader.buckets(session, participant, kind, bucket_ms=bucket_ms, measure=measure)
            )
        )
        inside = [row for row in rows if from_utc_ms < row[0] + max(1, bucket_ms) and row[0] < to_utc_ms]
        if any(row[2] is not None for row in inside):
            lines[measure.value] = _line(inside, silence_ms=max(SILENCE_MS, 2 * bucket_ms))
    return Timeline(from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms, bucket_ms=bucket_ms, lines=lines)


_Row = tuple[int, float | None, float | None, float | None, bool]


def _raw(rows: Iterable[StoredReading], measure: Measure) -> Iterator[_Row]:
    for row in rows:
        value = None if row.quality is Quality.UNUSABLE else getattr(row, measure.value)
        yield row.utc_ms, value, value, value, row.quality is Quality.QUESTIONABLE


def _line(rows: list[_Row], *, silence_ms: int) -> Line:
    line = Line(utc_ms=[], low=[], mean=[], high=[], questionable=[])
    for utc_ms, low, mean, high, is_questionable in sorted(rows, key=lambda row: row[0]):
        if line.utc_ms and utc_ms - line.utc_ms[-1] > silence_ms:
            _add(line, (line.utc_ms[-1] + 1, None, None, None, False))
        # Two sensors may tell one bucket; a chart has one value at one time.
        if not line.utc_ms or utc_ms > line.utc_ms[-1]:
            _add(line, (utc_ms, low, mean, high, is_questionable))
    return line


def _add(line: Line, row: _Row) -> None:
    line.utc_ms.append(row[0])
    line.low.append(row[1])
    line.mean.append(row[2])
    line.high.append(row[3])
    line.questionable.append(row[4])
