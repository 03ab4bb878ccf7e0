"""Says when the gaps of a stream were, from the readings around them; a gap itself has only seqs."""

from collections.abc import Iterator

import apsw

from ingest.store.assignments import Worn
from ingest.store.query import query
from ingest.store.segments import clock_of
from ingest.store.stored import StoredGap
from ingest.store.streams import GapCause
from vitals.readings import ReadingKind, RunId


def find_gaps(connection: apsw.Connection, worn: Worn, kind: ReadingKind) -> Iterator[StoredGap]:
    """Yield the gaps of one kind of readings that lie, at least partly, in the time a sensor was worn."""
    for stream, run_row, run, first, last, cause, noted_utc_ms in query(
        connection,
        "SELECT stream.id, run.id, run.run, gap.first, gap.last, gap.cause, gap.noted_utc_ms"
        " FROM gap JOIN stream ON stream.id = gap.stream JOIN run ON run.id = stream.run"
        " WHERE stream.subject = ? AND stream.kind = ?",
        (worn.sensor, kind.value),
    ):
        clock = clock_of(connection, run_row)
        before = query(
            connection,
            "SELECT mono_ms FROM reading WHERE stream = ? AND seq < ? ORDER BY seq DESC LIMIT 1",
            (stream, first),
        )
        after = query(
            connection,
            "SELECT mono_ms FROM reading WHERE stream = ? AND seq > ? ORDER BY seq LIMIT 1",
            (stream, last),
        )
        from_utc_ms = clock.utc_ms(before[0][0]) if before else clock.started_utc_ms()
        to_utc_ms = clock.utc_ms(after[0][0]) if after else noted_utc_ms
        if to_utc_ms >= worn.from_utc_ms and (worn.to_utc_ms is None or from_utc_ms < worn.to_utc_ms):
            yield StoredGap(
                participant=worn.participant,
                sensor=worn.sensor,
                kind=kind,
                run=RunId(run),
                first=first,
                last=last,
                cause=GapCause(cause),
                from_utc_ms=from_utc_ms,
                to_utc_ms=to_utc_ms,
            )
