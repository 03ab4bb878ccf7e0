"""What a strap makes of heart beats: each second the mean rate of the last 5 s and the RR that ended. Pure."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from vitals.units import RR_TICKS_PER_S

AVERAGING_S: Final = 5.0
RR_TICKS_MAX: Final = 65_535
"""The field has 16 bits: a longer interval (a lead that was off) is not sent."""

RR_MAX_PER_NOTIFICATION: Final = 9
"""Flags, rate and nine intervals fill the 20 bytes of the smallest BLE notification."""


class Beat(Struct, frozen=True):
    """A heart beat at ``at_s`` that ended an interval of ``rr_ms``."""

    at_s: float
    rr_ms: float


class StrapSample(Struct, frozen=True, kw_only=True):
    """One notification to be: at ``at_s``, rate in bpm (None: nothing measured), RR in 1/1024 s, oldest first."""

    at_s: float
    hr_bpm: int | None
    rr_ticks: tuple[int, ...] = ()
    contact: bool = True


class StrapAverage:
    """The strap's memory: the beats of the last 5 s."""

    def __init__(self) -> None:
        """Start with no beats."""
        self._recent: deque[Beat] = deque()
        self._unsent: deque[int] = deque()

    def beat(self, beat: Beat) -> None:
        """Take one beat; beats come in order of time."""
        self._recent.append(beat)
        ticks = round(beat.rr_ms * RR_TICKS_PER_S / 1000)
        if 0 < ticks <= RR_TICKS_MAX:
            self._unsent.append(ticks)

    def sample(self, at_s: float) -> StrapSample:
        """Return the notification of ``at_s``; intervals that do not fit wait for the next one."""
        while self._recent and self._recent[0].at_s <= at_s - AVERAGING_S:
            self._recent.popleft()
        count = min(len(self._unsent), RR_MAX_PER_NOTIFICATION)
        ticks = tuple(self._unsent.popleft() for _ in range(count))
        if not self._recent:
            return StrapSample(at_s=at_s, hr_bpm=None, rr_ticks=ticks, contact=False)
        mean_ms = sum(beat.rr_ms for beat in self._recent) / len(self._recent)
        return StrapSample(at_s=at_s, hr_bpm=round(60_000 / mean_ms), rr_ticks=ticks)


def samples_from_beats(beats: Iterable[Beat], *, end_s: float | None = None) -> list[StrapSample]:
    """Return what a strap sends each whole second for these beats, up to the last one or ``end_s``."""
    ordered = sorted(beats, key=lambda beat: beat.at_s)
    if not ordered:
        return []
    last_s = end_s if end_s is not None else ordered[-1].at_s
    average, samples, index, second = StrapAverage(), [], 0, 1
    while second - 1 < last_s:
        while index < len(ordered) and ordered[index].at_s <= second:
            average.beat(ordered[index])
            index += 1
        samples.append(average.sample(float(second)))
        second += 1
    return samples
