"""What was asked of the benchmark. Light to import: the command line needs it for its help."""

import os
import platform
from typing import Final

from msgspec import Struct

from cli.bench.figure import Setting, rounded

NAMES: Final = (
    "latency",
    "alarms",
    "calls",
    "load",
    "frames",
    "wall",
    "start",
    "record",
    "analysis",
    "what-if",
    "history",
    "outage",
    "straps",
)
"""What ``--only`` can name; each stands for one or a few figures."""


SECONDS_USUAL: Final = 15.0
"""Length of a measurement when nobody asks for another."""


class Plan(Struct, frozen=True, kw_only=True):
    """What was asked for."""

    names: tuple[str, ...]
    participants: tuple[int, ...]
    seconds: float

    def setting(self, participants: int | None = None, *, seconds: float | None = None, note: str = "") -> Setting:
        """Return the setting of one figure."""
        return Setting(
            cores=os.cpu_count() or 1,
            python=platform.python_version(),
            seconds=rounded(self.seconds if seconds is None else seconds),
            participants=participants,
            note=note,
        )
