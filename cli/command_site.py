"""``vitals site certificate``: https for the dashboard, signed by the site's own authority."""

import argparse
import importlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.configuration import printed_config, settings_of
from cli.system import prepare_data
from vitals.errors import SetupError, SetupReason
from vitals.settings import add_common_flags


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``site`` and its verb."""
    parser = subcommands.add_parser("site", help="a certificate for https on the clinic's network")
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", required=True)
    certificate = verbs.add_parser(
        "certificate",
        help="make certificate and key for the dashboard",
        description="Makes dashboard.crt and dashboard.key in the data folder, signed by this site's own authority, "
        "and says which file to install on tablets, phones and displays so that they trust it. Run it again before "
        "the 397 days are over. A certificate of a public name needs no installing and is better where there is one.",
    )
    certificate.add_argument(
        "--names", required=True, metavar="NAME,...", help="host names and addresses that browsers will use"
    )
    add_common_flags(certificate)
    certificate.set_defaults(run=_run, command_name="site")


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    names = tuple(name.strip() for name in arguments.names.split(",") if name.strip())
    if not names:
        raise SetupError(f"--names {arguments.names!r}: names nothing", SetupReason.SETTINGS)
    try:
        authority: Any = importlib.import_module("cli.pairing.authority")
        door: Any = importlib.import_module("cli.door")
    except ModuleNotFoundError as error:
        msg = f"site needs the package {error.name}: install session-vitals[lan]"
        raise SetupError(msg, SetupReason.MISSING_PACKAGE) from error
    prepare_data(settings)
    folder: Path = settings.data.absolute() / door.AUTHORITY_FOLDER
    now = datetime.now(UTC)
    site = authority.open_authority(folder, site=settings.site, now=now)
    key, certificate = site.issue(names, now=now)
    files = settings.data / "dashboard.crt", settings.data / "dashboard.key"
    try:
        authority.write_private(files[1], key)
        authority.write_private(files[0], certificate)
    except OSError as error:
        raise SetupError(f"{settings.data}: {error.strerror}", SetupReason.SETTINGS) from error
    print("[dashboard]")
    print(f'certificate_file = "{files[0].absolute()}"')
    print(f'key_file = "{files[1].absolute()}"')
    print(f"names = [{', '.join(chr(34) + name + chr(34) for name in names)}]")
    print(f"# install {folder / 'authority.crt'} as an authority on every tablet, phone and display")
    print("# the certificate is read when the system starts: restart it")
    return 0
