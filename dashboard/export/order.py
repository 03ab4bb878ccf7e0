"""What can be exported, and what the child process that does it is told."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class ExportFormat(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    CSV_WIDE = "csv-wide"
    PARQUET = "parquet"
    FHIR = "fhir"
    INCIDENT = "incident"


MEDIA_TYPES: Final = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.CSV_WIDE: "text/csv; charset=utf-8",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
    ExportFormat.FHIR: "application/fhir+json",
    ExportFormat.INCIDENT: "application/zip",
}

_ENDINGS: Final = {
    ExportFormat.CSV: "csv",
    ExportFormat.CSV_WIDE: "wide.csv",
    ExportFormat.PARQUET: "parquet",
    ExportFormat.FHIR: "fhir.json",
    ExportFormat.INCIDENT: "incident.zip",
}


class ExportOrder(Struct, frozen=True, kw_only=True):
    """One export. ``participant`` None: everybody of the class; an incident is always the whole class.

    ``zone``: name of the time zone whose offset the times of CSV have. ``settings_toml``, ``rules_toml``: for the
    incident bundle.
    """

    record_file: str
    session: str
    format: ExportFormat
    out: str
    zone: str
    participant: str | None = None
    settings_toml: str = ""
    rules_toml: str = ""


def file_name(order: ExportOrder) -> str:
    """Return what the file is called."""
    who = "" if order.participant is None else f"-{order.participant}"
    return f"{order.session}{who}.{_ENDINGS[order.format]}"
