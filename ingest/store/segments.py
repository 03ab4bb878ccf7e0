"""Finds where in the record the readings of one sensor from a time to a time are: streams, seqs and clock offsets."""

from typing import Final

import apsw
from msgspec import Struct

from ingest.store.anchors import RunClock
from ingest.store.query import query
from ingest.store.schema import STRETCH_MS
from ingest.store.set_back import SetBack
from vitals.readings import ReadingKind, RunId
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode

INTEGER_MAX: Final = 2**63 - 1
"""The largest integer that SQLite holds; no time and no seq comes near it."""


# A strap of the clinic has a stream for each day. Those of other days are told apart here, by bounds of their labels
# that are never too tight; a run without anchors has the offset that `clock_of` gives it.
_STREAMS: Final = """
SELECT stream.id, run.id, run.source, run.run, run.generation_mode FROM stream JOIN run ON run.id = stream.run
WHERE stream.subject = ?1 AND stream.kind = ?2
    AND (?3 IS NULL OR ?3 < (SELECT (max(ten_minutes) + 1) * ?5 FROM stretch WHERE stretch.stream = stream.id)
        + coalesce(
            (SELECT max(utc_ms - mono_ms) FROM anchor WHERE anchor.run = run.id), observed_offset_ms, first_seen_utc_ms
        ))
    AND (?4 IS NULL OR ?4 > (SELECT min(ten_minutes) * ?5 FROM stretch WHERE stretch.stream = stream.id)
        + coalesce(
            (SELECT min(utc_ms - mono_ms) FROM anchor WHERE anchor.run = run.id), observed_offset_ms, first_seen_utc_ms
        ))
"""


class Segment(Struct, frozen=True, kw_only=True):
    """A part of one stream that has one offset between its run's clock and UTC.

    Rows of it: seq from ``first`` to ``last`` and monotonic ms from ``from_ms`` to before ``to_ms``.
    """

    stream: int
    source: str
    run: RunId
    generation_mode: GenerationMode | None
    first: int
    last: int
    from_ms: int
    to_ms: int
    offset_ms: int

    def bindings(self) -> tuple[int, int, int, int, int]:
        """Return stream, first, last, from, to for a statement."""
        return (self.stream, self.first, self.last, self.from_ms, self.to_ms)


def find_segments(
    connection: apsw.Connection,
    sensor: SensorId,
    kind: ReadingKind,
    *,
    from_utc_ms: int | None,
    to_utc_ms: int | None,
    set_back: SetBack | None = None,
) -> tuple[Segment, ...]:
    """Return the segments that have readings labelled from a time to before a time, by the label of their first.

    ``set_back``: labels are those of a clock without this step.
    """
    found: list[tuple[int, Segment]] = []
    for stream, run_row, source, run, mode in query(
        connection, _STREAMS, (sensor, kind.value, from_utc_ms, to_utc_ms, STRETCH_MS)
    ):
        for span in clock_of(connection, run_row, set_back).spans(from_utc_ms, to_utc_ms):
            from_ms = 0 if span.from_ms is None else span.from_ms
            to_ms = INTEGER_MAX if span.to_ms is None else span.to_ms
            first, last = query(
                connection,
                "SELECT min(first), max(last) FROM stretch WHERE stream = ? AND ten_minutes BETWEEN ? AND ?",
                (stream, from_ms // STRETCH_MS, to_ms // STRETCH_MS),
            )[0]
            if first is None:
                continue
            segment = Segment(
                stream=stream,
                source=source,
                run=RunId(run),
                generation_mode=None if mode is None else GenerationMode(mode),
                first=first,
                last=last,
                from_ms=from_ms,
                to_ms=to_ms,
                offset_ms=span.offset_ms,
            )
            start = query(
                connection,
                "SELECT mono_ms FROM reading WHERE stream = ? AND seq BETWEEN ? AND ? AND mono_ms >= ?"
                " AND mono_ms < ? ORDER BY seq LIMIT 1",
                segment.bindings(),
            )
            if start:
                found.append((start[0][0] + segment.offset_ms, segment))
    return tuple(segment for _, segment in sorted(found, key=lambda one: (one[0], one[1].stream, one[1].from_ms)))


def clock_of(connection: apsw.Connection, run_row: int, set_back: SetBack | None = None) -> RunClock:
    """Return a run's wall time: by its anchors, else as ingest saw it first, else as if it began when first seen."""
    anchors = query(connection, "SELECT mono_ms, utc_ms FROM anchor WHERE run = ?", (run_row,))
    if anchors:
        return RunClock(anchors if set_back is None else set_back.anchors(anchors))
    observed, first_seen = query(
        connection, "SELECT observed_offset_ms, first_seen_utc_ms FROM run WHERE id = ?", (run_row,)
    )[0]
    return RunClock([(0 if observed is None else first_seen - observed, first_seen)])
