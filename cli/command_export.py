"""``vitals export``: a class as CSV, Parquet, FHIR or incident bundle, from a record that may be in use."""

import argparse
import os
from importlib.resources import files
from pathlib import Path

from msgspec import structs

from cli.audit_line import add_audit_line
from cli.configuration import printed_config, settings_of
from vitals.errors import SetupError, SetupReason
from vitals.settings import Settings, add_common_flags, render_settings

FORMATS = ("csv", "csv-wide", "parquet", "fhir", "incident")


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``export``."""
    parser = subcommands.add_parser(
        "export",
        help="write a class as CSV, Parquet, FHIR or incident bundle",
        description="Reads the record, which may be in use or a copy, and writes one file: csv (one row a value), "
        "csv-wide (one row a second), parquet, fhir (a bundle of observations), incident (everything that a class was "
        "decided from, for `vitals backtest --bundle`). People are pseudonyms. The audit log is told.",
    )
    parser.add_argument("--session", required=True, metavar="ID", help="which class; `vitals session list` shows them")
    parser.add_argument("--participant", metavar="ID", help="one person of it only")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="kind of file (csv)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to; else a name made of class and format")
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")
    add_common_flags(parser)
    parser.set_defaults(run=_run, command_name="export")


def _run(arguments: argparse.Namespace) -> int:
    from dashboard.export.order import ExportFormat, ExportOrder, file_name  # noqa: PLC0415 - brings half the server
    from dashboard.export.writing import write_export  # noqa: PLC0415
    from dashboard.zone import find_zone  # noqa: PLC0415

    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    if not settings.record_file.exists():
        msg = f"there is no record at {settings.record_file}; --data names the folder that has one"
        raise SetupError(msg, SetupReason.SETTINGS)
    order = ExportOrder(
        record_file=str(settings.record_file),
        session=arguments.session,
        participant=arguments.participant,
        format=ExportFormat(arguments.format),
        out="",
        zone=find_zone().key,
        settings_toml=render_settings(settings),
        rules_toml=_rules_text(settings),
    )
    out = arguments.out or Path(file_name(order))
    if out.exists() and not arguments.force:
        raise SetupError(f"{out}: is there already; --force overwrites it", SetupReason.SETTINGS)
    who = "" if arguments.participant is None else f"/{arguments.participant}"
    add_audit_line(settings, "export", f"{arguments.session}{who}", detail=arguments.format)
    # Written beside and moved: whoever looks meanwhile sees the old file or the whole new one.
    part = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        write_export(structs.replace(order, out=str(part)))
        part.replace(out)
    except OSError as error:
        raise SetupError(f"{out}: {error.strerror or error}", SetupReason.SETTINGS) from error
    finally:
        part.unlink(missing_ok=True)
    print(f"{out}: {out.stat().st_size} bytes, {order.format}")
    return 0


def _rules_text(settings: Settings) -> str:
    """Return the site's rule file, or the delivered one.

    Raises:
        SetupError: the site's file cannot be read.
    """
    path = settings.analysis.rules
    try:
        if path is not None:
            return path.read_text(encoding="utf-8")
        return files("analysis").joinpath("rules/default.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"analysis.rules: {path} cannot be read: {error}", SetupReason.SETTINGS) from error
