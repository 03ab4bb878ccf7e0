"""``vitals backup`` and ``vitals restore``: all files of a site, while it runs, and back."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from cli.audit_line import add_audit_line
from cli.configuration import config_file, printed_config, settings_of
from cli.holdings import left_out_of
from vitals.settings import add_common_flags


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``backup`` and ``restore``."""
    backup = subcommands.add_parser(
        "backup",
        help="copy all files of the site, while it runs",
        description="Copies all databases as of one moment, and the site's keys, into a folder or one file (NAME.zip); "
        "checks each copy and writes a manifest with SHA-256. It holds names and secrets: keep it as safe as the site.",
    )
    backup.add_argument("target", type=Path, metavar="DIR|FILE.zip", help="where to; must not be there yet")
    backup.add_argument("--force", action="store_true", help="replace a backup of this name")
    backup.set_defaults(run=_backup, command_name="backup")
    restore = subcommands.add_parser(
        "restore",
        help="put a backup back; the system must be stopped",
        description="Checks a backup whole, then puts its files in place. What was there is set aside in a folder, "
        "never deleted. Run it again when it was broken off.",
    )
    restore.add_argument("source", type=Path, metavar="DIR|FILE.zip", help="what `vitals backup` made")
    restore.add_argument("--force", action="store_true", help="set aside the files that are there")
    restore.set_defaults(run=_restore, command_name="restore")
    for parser in (backup, restore):
        add_common_flags(parser)


def _backup(arguments: argparse.Namespace) -> int:
    from cli.backup.making import make_backup  # noqa: PLC0415 - brings the databases

    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    add_audit_line(settings, "backup", arguments.target.name)
    manifest = make_backup(settings, arguments.target, force=arguments.force)
    settings.backup_mark_file.write_text(f"{arguments.target}\n", encoding="utf-8")
    for file in manifest.files:
        schema = "" if file.schema is None else f"  schema {file.schema}, sound"
        print(f"{file.name:12} {file.bytes:12}  {file.sha256[:16]}{schema}")
    print(f"{arguments.target}: {len(manifest.files)} files, for you alone; it holds names and secrets")
    for path in left_out_of(settings, config_file(arguments)):
        print(f"not in it, copy it by hand: {path}")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from cli.backup.restoring import restore  # noqa: PLC0415 - brings the databases

    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    done = restore(settings, arguments.source, force=arguments.force)
    add_audit_line(settings, "restore", arguments.source.name)
    if done.manifest is None:
        print("the restore that was broken off is finished")
    else:
        made = datetime.fromtimestamp(done.manifest.made_utc_ms / 1000, UTC)
        print(f"{settings.data}: restored as of {made:%Y-%m-%d %H:%M:%S}Z, {len(done.manifest.files)} files")
    if done.old.exists():
        print(f"what was there is in {done.old}; delete it when you are sure")
    for person in done.forgotten:
        print(f"was erased since and is back: vitals erase --participant {person} --why 'restored'")
    return 0
