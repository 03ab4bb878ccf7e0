"""What processes use: CPU seconds and resident memory, from Linux' /proc."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

PROC: Final = Path("/proc")

_UTIME_AT: Final = 11
"""``utime`` and ``stime`` are fields 14 and 15 of /proc/PID/stat (proc(5), from 1); the state is field 3."""


class Usage(Struct, frozen=True, kw_only=True):
    """One process at one moment."""

    cpu_s: float
    rss_bytes: int


class Load(Struct, frozen=True, kw_only=True):
    """One process over a stretch of time: CPU in percent of one core, and resident memory at its end."""

    cpu_pct: float
    rss_mb: float


def read_usage(pid: int, *, proc: Path = PROC) -> Usage | None:
    """Return what a process has used; None: it is gone, or this system has no /proc."""
    try:
        stat = (proc / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
        pages = (proc / str(pid) / "statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return None
    # The name stands in brackets and may hold spaces and brackets itself.
    fields = stat.rpartition(")")[2].split()
    ticks = int(fields[_UTIME_AT]) + int(fields[_UTIME_AT + 1])
    return Usage(cpu_s=ticks / os.sysconf("SC_CLK_TCK"), rss_bytes=int(pages) * os.sysconf("SC_PAGE_SIZE"))


def read_all(pids: Mapping[str, int]) -> dict[str, Usage]:
    """Return what each process has used, by name; those that are gone are left out."""
    usages = {name: read_usage(pid) for name, pid in pids.items()}
    return {name: usage for name, usage in usages.items() if usage is not None}


def load_between(before: Mapping[str, Usage], after: Mapping[str, Usage], *, seconds: float) -> dict[str, Load]:
    """Return the load of each process that lived from one reading to the other."""
    return {
        name: Load(
            cpu_pct=100 * (after[name].cpu_s - usage.cpu_s) / seconds,
            rss_mb=after[name].rss_bytes / 1e6,
        )
        for name, usage in before.items()
        if name in after
    }
