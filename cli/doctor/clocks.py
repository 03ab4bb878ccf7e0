"""The wall clock: whether somebody keeps it right, and which time zone screens and reports will use."""

import datetime as dt
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.doctor.finding import Finding, bad, ok, warn
from gateway.timesync import is_synchronised
from vitals.settings import Settings

YEAR_MIN: Final = 2025
"""Older than this program: a small computer without a battery that nobody has told the time."""

_LOCALTIME: Final = Path("/etc/localtime")


def check_clock(_settings: Settings) -> Sequence[Finding]:
    """Look at date, synchronisation and time zone."""
    now = dt.datetime.now().astimezone()
    offset = now.strftime("%z")
    zone = os.environ.get("TZ") or find_zone(_LOCALTIME) or time.tzname[0]
    return (
        judge_clock(now, is_synchronised()),
        ok("time zone", f"{zone} (UTC{offset[:3]}:{offset[3:5]}), now {now:%Y-%m-%d %H:%M}"),
    )


def judge_clock(now: dt.datetime, synchronised: bool | None) -> Finding:  # noqa: FBT001 - three answers
    """Return whether dates of records can be believed. Alarms do not depend on it: they use the monotonic clock."""
    if now.year < YEAR_MIN:
        return bad("clock", f"says {now:%Y-%m-%d}, which cannot be; set the date")
    match synchronised:
        case True:
            return ok("clock", "follows a time server")
        case False:
            return warn("clock", "follows no time server: dates in the record can be wrong (alarms are not affected)")
        case None:
            return warn("clock", "the system does not say whether it follows a time server")


def find_zone(localtime: Path) -> str | None:
    """Return the name of the zone that /etc/localtime points to, as ``Europe/Prague``."""
    target = str(localtime.resolve()) if localtime.is_symlink() else ""
    _, found, name = target.partition("/zoneinfo/")
    return name if found else None
