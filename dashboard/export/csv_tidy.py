"""The long CSV file: one row for each value (docs/exports.md)."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Final

from dashboard.export.cells import line, number_cell, text_cell
from dashboard.export.table import UNITS, Value, time_text
from ingest.store.stored import StoredSession

COLUMNS: Final = (
    "session",
    "participant",
    "time",
    "elapsed_s",
    "kind",
    "measure",
    "place",
    "value",
    "unit",
    "quality",
    "reason",
    "late",
    "received",
    "sensor",
    "device",
    "generation_mode",
    "run",
    "seq",
    "class_mode",
)


def render_tidy(session: StoredSession, values: Iterable[Value], *, zone: tzinfo) -> Iterator[str]:
    """Yield the lines, the header first."""
    yield line(list(COLUMNS))
    for value in values:
        reading = value.reading
        yield line(
            [
                text_cell(session.session),
                text_cell(value.participant),
                time_text(reading.utc_ms, zone),
                number_cell((reading.utc_ms - session.started_utc_ms) / 1000),
                reading.kind.value,
                value.measure,
                str(value.place),
                number_cell(value.value),
                UNITS[value.measure],
                reading.quality.value,
                "" if reading.reason is None else reading.reason.value,
                number_cell(reading.late),
                time_text(reading.received_utc_ms, zone),
                text_cell(reading.sensor),
                text_cell(reading.device),
                "unknown" if reading.generation_mode is None else reading.generation_mode.value,
                text_cell(reading.run),
                str(reading.seq),
                session.told_mode,
            ]
        )
