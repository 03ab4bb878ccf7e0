"""The long table as one Parquet file: the columns of the long CSV file, with their types (docs/exports.md)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dashboard.export.table import UNITS, Value
from ingest.store.stored import StoredSession
from vitals.errors import SetupError, SetupReason


def write_parquet(path: Path, session: StoredSession, groups: Iterable[list[Value]]) -> None:
    """Write one row group for each list of values.

    Raises:
        SetupError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - 100 MB for this export alone
        from pyarrow.parquet import ParquetWriter  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError as error:
        msg = "pyarrow is not installed: pip install 'session-vitals[export]'"
        raise SetupError(msg, SetupReason.MISSING_PACKAGE) from error
    time = pa.timestamp("ms", tz="UTC")
    word = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema(
        [
            ("session", word),
            ("participant", word),
            ("time", time),
            ("elapsed_s", pa.float64()),
            ("kind", word),
            ("measure", word),
            ("place", pa.int16()),
            ("value", pa.float64()),
            ("unit", word),
            ("quality", word),
            ("reason", word),
            ("late", pa.bool_()),
            ("received", time),
            ("sensor", word),
            ("device", word),
            ("generation_mode", word),
            ("run", word),
            ("seq", pa.int64()),
            ("class_mode", word),
        ]
    )
    with ParquetWriter(path, schema, compression="zstd") as writer:
        for values in groups:
            writer.write_table(pa.Table.from_pylist([_row(session, value) for value in values], schema=schema))


def _row(session: StoredSession, value: Value) -> dict[str, Any]:
    reading = value.reading
    return {
        "session": session.session,
        "participant": value.participant,
        "time": reading.utc_ms,
        "elapsed_s": (reading.utc_ms - session.started_utc_ms) / 1000,
        "kind": reading.kind.value,
        "measure": value.measure,
        "place": value.place,
        "value": None if value.value is None else float(value.value),
        "unit": UNITS[value.measure],
        "quality": reading.quality.value,
        "reason": None if reading.reason is None else reading.reason.value,
        "late": reading.late,
        "received": reading.received_utc_ms,
        "sensor": reading.sensor,
        "device": reading.device,
        "generation_mode": "unknown" if reading.generation_mode is None else reading.generation_mode.value,
        "run": reading.run,
        "seq": reading.seq,
        "class_mode": session.told_mode,
    }
