"""What a site holds on disk: the databases in the order in which they are copied, and the secrets beside them.

The file of settings and what it names (certificates, rules, policy) belong to the machine: told, not copied.
"""

from pathlib import Path
from typing import Final

from cli.door import AUTHORITY_FOLDER, MEMBERS_FILE
from vitals.errors import SetupError, SetupReason
from vitals.settings import Settings

LOCKED: Final = ("outbox.db", "analysis.db", "alerts.db", "clinic.db", "record.db")
"""Files with one owner, who holds the lock beside each while it runs."""

NOTE: Final = "restore.json"
"""In the data folder while a restore moves files."""


def databases_of(settings: Settings) -> dict[str, Path]:
    """Return the databases by the name that they have in a backup.

    Sources stand before the record: what an outbox drops because the record has it, the record of the same backup has.
    Review's cache is left out: everything in it follows from the record.
    """
    return {
        "outbox.db": settings.outbox_file,
        "analysis.db": settings.snapshot_file,
        "commands.db": settings.clinic_file.with_name("commands.db"),
        "alerts.db": settings.ledger_file,
        "clinic.db": settings.clinic_file,
        "access.db": settings.access_file,
        "sink.db": settings.sink_file,
        "record.db": settings.record_file,
    }


def secrets_of(settings: Settings) -> dict[str, Path]:
    """Return the keys by the name that they have in a backup: without them sensors and phones would be strangers."""
    return {
        "site.key": settings.site_key_file,
        "action.key": settings.action_key_file,
        "vapid.pem": settings.vapid_file,
        "vapid.pub": settings.vapid_public_file,
    }


def door_of(settings: Settings) -> dict[str, Path]:
    """Return what lets paired gateways in, by the names in a backup: the site's authority, and the list of them.

    The broker's own certificate is made anew from it.
    """
    folder = settings.data / AUTHORITY_FOLDER
    return {name: folder / name for name in ("authority.key", "authority.crt", MEMBERS_FILE)}


def left_out_of(settings: Settings, config: Path | None) -> tuple[Path, ...]:
    """Return what a machine needs besides a backup: the file of settings, and the files that it names.

    They are the machine's own: a restore that put them somewhere would write where it was told to by a file.
    """
    pages = settings.dashboard
    certificates = (pages.certificate_file, pages.key_file, settings.broker_ca_file)
    site = (settings.analysis.rules, settings.alerts.policy, pages.flow_file, settings.ingest.influx_token_file)
    return tuple(path for path in (config, *certificates, *site) if path is not None)


def holdings_of(settings: Settings) -> dict[str, Path]:
    """Return all files of a backup by their names."""
    return databases_of(settings) | secrets_of(settings) | door_of(settings)


def refuse_half_restored(settings: Settings) -> None:
    """Refuse to start on files of which some are old and some are new.

    Raises:
        SetupError: a restore was killed.
    """
    if (settings.data / NOTE).exists():
        msg = f"{settings.data}: a restore was broken off here; run `vitals restore` again, it finishes it"
        raise SetupError(msg, SetupReason.SETTINGS)
