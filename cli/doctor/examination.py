"""All checks together, each in a thread of its own with a limit, so that one stuck disk or radio hides no other."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from cli.doctor.clocks import check_clock
from cli.doctor.doors import check_access, check_certificate
from cli.doctor.drivers import check_drivers
from cli.doctor.finding import Finding, bad
from cli.doctor.house import check_house
from cli.doctor.keeping import check_keeping
from cli.doctor.packages import check_packages
from cli.doctor.places import check_data, check_databases, check_site_key, is_closed
from cli.doctor.radios import check_radios
from cli.doctor.running import check_broker, check_port, check_system
from vitals.settings import Settings

Check = Callable[[Settings], Sequence[Finding]]

CHECK_S_MAX: Final = 8.0
"""Real seconds for all checks together; they run side by side, and each bounds its own waits below this."""

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("packages", check_packages),
    ("radios", check_radios),
    ("drivers", check_drivers),
    ("broker", check_broker),
    ("port", check_port),
    ("data folder", check_data),
    ("site key", check_site_key),
    ("databases", check_databases),
    ("kept", check_keeping),
    ("rules", check_house),
    ("access", check_access),
    ("https", check_certificate),
    ("clock", check_clock),
    ("system", check_system),
)


def examine(
    settings: Settings, *, checks: Sequence[tuple[str, Check]] = CHECKS, limit_s: float = CHECK_S_MAX
) -> tuple[Finding, ...]:
    """Return what all checks found, in their order; a check that fails or hangs is a finding itself."""
    found: dict[str, tuple[Finding, ...]] = {}
    threads = [
        # Daemons: a thread that hangs in the kernel cannot be ended, and must not keep the program alive.
        threading.Thread(target=_run, args=(name, check, settings, found), name=f"doctor.{name}", daemon=True)
        for name, check in checks
    ]
    deadline_s = time.monotonic() + limit_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))
    silent = (bad("check", f"no answer within {limit_s:g} s"),)
    return tuple(
        finding if name in found else bad(name, finding.detail)
        for name, _ in checks
        for finding in found.get(name, silent)
    )


def _run(name: str, check: Check, settings: Settings, found: dict[str, tuple[Finding, ...]]) -> None:
    try:
        found[name] = tuple(check(settings))
    except PermissionError as error:
        # What is in a folder that is closed to this user is told once, of the folder.
        is_told = name != "data folder" and is_closed(settings.data)
        found[name] = () if is_told else (bad(name, f"{error.filename}: {error.strerror}"),)
    except Exception as error:  # noqa: BLE001 - whatever a check meets is something to report, never a traceback
        found[name] = (bad(name, f"cannot be checked: {type(error).__name__}: {error}"),)
