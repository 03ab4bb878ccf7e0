"""``vitals report``: the report of a person or a class, as a page or a PDF, out of the record."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import Final

from cli.configuration import printed_config, settings_of
from vitals.errors import SetupError, SetupReason
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.settings import Settings, add_common_flags

LANGUAGES: Final = ("en", "de")
PAPERS: Final = ("A4", "Letter")


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``report``."""
    parser = subcommands.add_parser(
        "report",
        help="the report of a class, or of one person in it",
        description="Writes a report out of the record: one HTML page that needs nothing else, or a PDF. It has names "
        "in it when the clinic's file is in the same folder.",
    )
    parser.add_argument("--session", required=True, metavar="ID", help="the class, as `vitals session list` shows it")
    parser.add_argument("--participant", metavar="ID", help="one person (else the whole class)")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language (en)")
    parser.add_argument("--pdf", action="store_true", help="a PDF instead of a page; needs the extra `report`")
    parser.add_argument("--paper", choices=PAPERS, default="A4", help="of the PDF (A4)")
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="where to write it")
    add_common_flags(parser)
    parser.set_defaults(run=_run, command_name="report")


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    html = _render(arguments, settings)
    data = html.encode()
    if arguments.pdf:
        from dashboard.review.pdf import render_pdf  # noqa: PLC0415 - brings weasyprint

        data = render_pdf(html, paper=arguments.paper)
    try:
        arguments.output.write_bytes(data)
    except OSError as error:
        msg = f"--output {arguments.output}: {error.strerror}"
        raise SetupError(msg, SetupReason.SETTINGS) from error
    print(f"{arguments.output}: {len(data)} bytes")
    return 0


def _render(arguments: argparse.Namespace, settings: Settings) -> str:
    from dashboard.review.names import read_names  # noqa: PLC0415 - brings the record and numpy
    from dashboard.review.reports import Reports  # noqa: PLC0415
    from dashboard.review.shelf import REVIEW_FILE, Shelf  # noqa: PLC0415
    from dashboard.zone import find_zone  # noqa: PLC0415
    from ingest.store.reader import RecordReader  # noqa: PLC0415

    if not settings.record_file.exists():
        msg = f"there is no record at {settings.record_file}; --data names the folder that has one"
        raise SetupError(msg, SetupReason.SETTINGS)
    session = SessionId(arguments.session)
    with (
        closing(RecordReader(settings.record_file)) as reader,
        closing(Shelf(settings.clinic_file.with_name(REVIEW_FILE), reader)) as shelf,
    ):
        class_name, aliases = read_names(settings.clinic_file, session)
        reports = Reports(reader, shelf, zone=find_zone())
        if arguments.participant is None:
            return reports.whole_class(session, class_name=class_name, aliases=aliases, language=arguments.lang)
        person = ParticipantId(arguments.participant)
        return reports.person(
            session, person, class_name=class_name, alias=aliases.get(person, ""), language=arguments.lang
        )
