"""Who may come in: users, the audit log, and the certificate for https."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cli.doctor.finding import Finding, bad, ok, warn
from vitals.errors import VitalsError
from vitals.settings import Settings

CERTIFICATE_DAYS_WARN: Final = 30
"""Time for whoever orders certificates at a clinic."""


def check_access(settings: Settings) -> Sequence[Finding]:
    """Look whether somebody can administer, and whether the audit log is whole."""
    from dashboard.access.book import open_book_to_read  # noqa: PLC0415 - a gateway's box has no dashboard
    from dashboard.access.shelves import Shelves  # noqa: PLC0415

    if not settings.access_file.exists():
        return (ok("access", "nobody may log in yet: `vitals serve` prints a link for the first administrator"),)
    try:
        with closing(open_book_to_read(settings.access_file)) as book:
            shelves = Shelves(book)
            users, has_admin = len(shelves.accounts.all()), shelves.accounts.has_admin()
            wrong, rows = shelves.trail.find_break(), shelves.trail.head().count
    except VitalsError as error:
        return (bad("access", str(error)),)
    return (
        ok("access", f"{users} users") if has_admin else warn("access", "no administrator: `vitals user add`"),
        ok("audit log", f"whole, {rows} rows") if wrong is None else bad("audit log", wrong),
    )


def check_certificate(settings: Settings) -> Sequence[Finding]:
    """Look whether https works, and for how long."""
    from dashboard.guard import require_allowed  # noqa: PLC0415 - a gateway's box has no dashboard
    from dashboard.server import read_tls  # noqa: PLC0415

    try:
        tls = read_tls(settings.dashboard.certificate_file, settings.dashboard.key_file)
        require_allowed(settings.dashboard.host, is_tls=tls is not None)
    except VitalsError as error:
        return (bad("https", str(error)),)
    if tls is None:
        return (ok("https", "none: the dashboard is for this machine alone"),)
    return (judge_end(_end_of(tls.certificate_file), now=datetime.now(UTC)),)


def judge_end(end: datetime | None, *, now: datetime) -> Finding:
    """Return whether a certificate holds for a while; None: its end is not known."""
    if end is None:
        return ok("https", "certificate and key fit; install session-vitals[lan] to see how long it holds")
    days = (end - now).days
    if days < 0:
        return bad("https", f"the certificate ended on {end:%Y-%m-%d}; browsers refuse it")
    if days < CERTIFICATE_DAYS_WARN:
        return warn("https", f"the certificate ends on {end:%Y-%m-%d}, in {days} days")
    return ok("https", f"the certificate holds until {end:%Y-%m-%d}")


def _end_of(file: Path) -> datetime | None:
    try:
        from cryptography import x509  # noqa: PLC0415 - not everybody has it
    except ModuleNotFoundError:
        return None
    return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
