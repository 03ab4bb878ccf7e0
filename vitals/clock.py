"""The clock of a part: monotonic and wall time with one rate for the whole system. The only place that asks the OS.

A rate other than 1 (``--speed N``) runs everything N times faster than life, for replayed, simulated and test data
only. Monotonic time is scaled from the machine's own (the same base in every process of a machine); wall time runs
from an anchor that the supervisor gives to all parts, so that they agree.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Final

from msgspec import Struct

from vitals.errors import SetupError, SetupReason
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs, UtcMs

RATE_MAX: Final = 20.0
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Clock(Struct, frozen=True, kw_only=True):
    """A source of time. ``anchor_*``: real milliseconds at which the scaled wall clock showed ``anchor_utc_ms``."""

    rate: float = 1.0
    anchor_mono_ms: int | None = None
    anchor_utc_ms: int | None = None

    def mono_ms(self) -> MonotonicMs:
        """Return monotonic milliseconds; comparable between all processes of one machine that share the rate."""
        return MonotonicMs(int(monotonic_s() * 1000 * self.rate))

    def utc_ms(self) -> UtcMs:
        """Return wall-clock milliseconds; follows steps of the system clock at rate 1 only."""
        if self.rate == 1.0 or self.anchor_mono_ms is None or self.anchor_utc_ms is None:
            return UtcMs(time.time_ns() // 1_000_000)
        passed_ms = monotonic_s() * 1000 - self.anchor_mono_ms
        return UtcMs(int(self.anchor_utc_ms + passed_ms * self.rate))

    async def sleep(self, seconds: float) -> None:
        """Sleep for ``seconds`` of this clock's time."""
        await asyncio.sleep(max(0.0, seconds) / self.rate)

    def real_s(self, seconds: float) -> float:
        """Return how many real seconds ``seconds`` of this clock take, for time-outs of asyncio."""
        return seconds / self.rate


def open_clock(*, rate: float, mode: GenerationMode, anchor: str = "") -> Clock:
    """Return the clock of a part.

    Args:
        rate: 1 for life; up to `RATE_MAX` for data that is not real.
        mode: where the part's numbers come from.
        anchor: ``<real monotonic ms>:<utc ms>`` from the supervisor, so that all parts agree; empty: now.

    Raises:
        SetupError: a rate that is out of range, or other than 1 with real data, or an anchor that is none.
    """
    if not 0.1 <= rate <= RATE_MAX:  # noqa: PLR2004 - slower than a tenth is a mistake
        msg = f"clock rate {rate} is not between 0.1 and {RATE_MAX:.0f}"
        raise SetupError(msg, SetupReason.SETTINGS)
    if rate != 1.0 and mode is GenerationMode.REAL:
        msg = f"clock rate {rate} is only for replayed, simulated or test data, not for {mode.value}"
        raise SetupError(msg, SetupReason.SETTINGS)
    if not anchor:
        return Clock(rate=rate, anchor_mono_ms=int(monotonic_s() * 1000), anchor_utc_ms=time.time_ns() // 1_000_000)
    mono, _, utc = anchor.partition(":")
    try:
        return Clock(rate=rate, anchor_mono_ms=int(mono), anchor_utc_ms=int(utc))
    except ValueError as error:
        msg = f"clock anchor {anchor!r} is not <monotonic ms>:<utc ms>"
        raise SetupError(msg, SetupReason.SETTINGS) from error


def new_anchor() -> str:
    """Return an anchor of now for `open_clock`, to be handed to every part."""
    return f"{int(monotonic_s() * 1000)}:{time.time_ns() // 1_000_000}"


if sys.platform == "linux":

    def monotonic_s() -> float:
        """Return the machine's monotonic seconds since its start, those included in which it slept.

        Linux stops its ordinary monotonic clock while a machine is suspended: after five minutes of sleep the last
        values would be a second old, and what a gateway that slept says afterwards late for ever.
        """
        return time.clock_gettime(time.CLOCK_BOOTTIME)

else:

    def monotonic_s() -> float:
        """Return the machine's monotonic seconds; whether they go on while it sleeps is the system's affair."""
        return time.monotonic()


def boot_id() -> str:
    """Return what changes when the clock of `monotonic_s` starts anew; empty where the OS does not tell."""
    try:
        return f"{_BOOT_ID.read_text(encoding='ascii').strip()}/slept"
    except OSError:
        return ""
