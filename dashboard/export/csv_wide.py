"""The wide CSV file: one row for each person and second, from the begin of the class to its end (docs/exports.md)."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from dashboard.export.cells import line, number_cell, text_cell
from dashboard.export.seconds import by_second, quality_of
from dashboard.export.table import Value, time_text
from ingest.store.stored import StoredSession
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind

MEASURES: Final = (
    "hr_bpm",
    "spo2_pct",
    "pulse_bpm",
    "perfusion_pct",
    "speed_kmh",
    "incline_pct",
    "power_w",
    "cadence_per_min",
    "met",
)
_QUALITIES: Final = {
    "hr_quality": ReadingKind.HR,
    "spo2_quality": ReadingKind.OXIMETER,
    "work_quality": ReadingKind.WORKLOAD,
}
COLUMNS: Final = ("session", "participant", "time", "elapsed_s", *MEASURES, *_QUALITIES, "class_mode")


def render_header() -> str:
    """Return the first line."""
    return line(list(COLUMNS))


def render_wide(
    session: StoredSession, participant: ParticipantId, values: list[Value], *, zone: tzinfo
) -> Iterator[str]:
    """Yield one person's lines; an empty cell means that no value came in that second, whatever came before."""
    seconds = by_second(values, started_utc_ms=session.started_utc_ms)
    last = max(seconds, default=-1)
    if session.ended_utc_ms is not None:
        last = max(last, (session.ended_utc_ms - session.started_utc_ms) // 1000 - 1)
    names = [text_cell(session.session), text_cell(participant)]
    for at in range(last + 1):
        second = seconds.get(at, {})
        told = (second.get(measure) for measure in MEASURES)
        yield line(
            [
                *names,
                time_text(session.started_utc_ms + at * 1000, zone),
                str(at),
                *(number_cell(None if one is None else one.value) for one in told),
                *(quality_of(second, kind) for kind in _QUALITIES.values()),
                session.told_mode,
            ]
        )
