"""The clinic's time zone, as the machine is set up: the server writes times of day, and pages are told its name."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME: Final = Path("/etc/localtime")
_ZONES: Final = "zoneinfo/"


def find_zone(environment: Mapping[str, str] = os.environ, localtime: Path = _LOCALTIME) -> ZoneInfo:
    """Return the zone that ``TZ`` names, else the one that the operating system links to, else UTC."""
    linked = str(localtime.resolve()) if localtime.exists() else ""
    for name in (environment.get("TZ", "").lstrip(":"), linked.partition(_ZONES)[2]):
        if not name:
            continue
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
