"""Writes one export from the record to a file. Blocks for as long as it takes: for a child process or a command."""

import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from analysis.summary.summary import summarise
from dashboard.export.csv_tidy import render_tidy
from dashboard.export.csv_wide import render_header, render_wide
from dashboard.export.fhir import make_bundle
from dashboard.export.incident import write_bundle
from dashboard.export.order import ExportFormat, ExportOrder
from dashboard.export.parquet import write_parquet
from dashboard.export.table import Value, read_values
from dashboard.review.parts import people_of, read_part, require_session
from dashboard.review.version import VERSION
from ingest.store.reader import RecordReader
from ingest.store.stored import StoredSession
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs


def write_export(order: ExportOrder) -> None:
    """Write what is ordered.

    Raises:
        InputError: no such class, or nobody of this id in it.
        SetupError: the format needs a package that is not installed.
        StorageError: the record cannot be read.
        OSError: the file cannot be written.
    """
    with closing(RecordReader(Path(order.record_file))) as reader:
        session = require_session(reader, SessionId(order.session))
        everybody = people_of(reader, session.session)
        people = everybody if order.participant is None else (ParticipantId(order.participant),)
        if not set(people) <= set(everybody):
            raise InputError("participant", f"{people[0][:80]!r} is not in {session.session}", InputReason.UNKNOWN_NAME)
        out = Path(order.out)
        match order.format:
            case ExportFormat.CSV:
                values = (value for _, _, group in read_values(reader, session, people) for value in group)
                _write_text(out, render_tidy(session, values, zone=ZoneInfo(order.zone)))
            case ExportFormat.CSV_WIDE:
                _write_wide(out, reader, session, people, zone=ZoneInfo(order.zone))
            case ExportFormat.PARQUET:
                write_parquet(out, session, (group for _, _, group in read_values(reader, session, people)))
            case ExportFormat.FHIR:
                told = [
                    (person, _values_of(reader, session, person), summarise(read_part(reader, session.session, person)))
                    for person in people
                ]
                out.write_bytes(msgspec.json.encode(make_bundle(session, told)))
            case ExportFormat.INCIDENT:
                write_bundle(
                    out,
                    reader,
                    session,
                    settings_toml=order.settings_toml,
                    rules_toml=order.rules_toml,
                    software=VERSION,
                    now_utc_ms=UtcMs(time.time_ns() // 1_000_000),
                )


def _write_wide(
    out: Path, reader: RecordReader, session: StoredSession, people: tuple[ParticipantId, ...], *, zone: ZoneInfo
) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        file.write(render_header())
        for person in people:
            file.writelines(render_wide(session, person, _values_of(reader, session, person), zone=zone))


def _write_text(out: Path, lines: Iterable[str]) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def _values_of(reader: RecordReader, session: StoredSession, person: ParticipantId) -> list[Value]:
    return [value for _, _, group in read_values(reader, session, (person,)) for value in group]
