"""What a soak must come to: every loss accounted for, none longer than its cause, everybody back afterwards. Pure.

Times are milliseconds of the scaled monotonic clock, which all processes of one machine share.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

SILENCE_MS = 5_000
"""Shorter times without a reading are no gap."""


DEAF = frozenset({"walked_off", "gateway_starved", "room_starved"})
"""In these nobody listens, whatever a sensor believes."""


class Fault(NamedTuple):
    """What was wrong from a time to a time; ``who``: a participant, or empty: everybody."""

    what: str
    who: str
    from_ms: float
    to_ms: float

    def hits(self, participant: str, kind: str) -> bool:
        """Whether a sensor is concerned: only straps are muted."""
        return self.who in {"", participant} and (self.what != "mute" or kind == "hr")


class Gap(NamedTuple):
    """A gap as the record tells it."""

    participant: str
    kind: str
    cause: str
    from_ms: float
    to_ms: float

    def __str__(self) -> str:
        """Return what stands in a list of what is wrong."""
        return f"{self.participant}/{self.kind} {self.cause} {self.from_ms:.0f}..{self.to_ms:.0f}"


class Slack(NamedTuple):
    """How much earlier than a fault a gap may begin, how much later it may end, and how exact both ends are."""

    before_ms: float
    reconnect_ms: float
    edge_ms: float


def longer_than_cause(gaps: Iterable[Gap], faults: Sequence[Fault], slack: Slack) -> list[str]:
    """Return the gaps that reach beyond what was wrong, and the time to connect again after it."""
    wrong = []
    for gap in gaps:
        at_ms = gap.from_ms
        causes = sorted(
            (fault.from_ms - slack.before_ms, fault.to_ms + slack.reconnect_ms)
            for fault in faults
            if fault.hits(gap.participant, gap.kind)
        )
        for from_ms, to_ms in causes:
            if from_ms <= at_ms:
                at_ms = max(at_ms, to_ms)
        if at_ms < gap.to_ms:
            wrong.append(f"{gap} is longer than its cause")
    return wrong


def spoken_in(
    gaps: Iterable[Gap], heard: dict[tuple[str, str], list[float]], faults: Sequence[Fault], slack: Slack
) -> list[str]:
    """Return the gaps in which a gateway did hear the sensor.

    A sensor that is carried out of range speaks to nobody until its link expires, and takes that for heard. A gateway
    that was not given a processor dates what it finds afterwards back to when it last listened.
    """
    wrong = []
    for gap in gaps:
        times = heard.get((gap.participant, gap.kind), [])
        first = bisect_right(times, gap.from_ms + slack.edge_ms)
        last = bisect_left(times, gap.to_ms - slack.edge_ms)
        deaf = [one for one in faults if one.what in DEAF and one.hits(gap.participant, gap.kind)]
        within = [at_ms for at_ms in times[first:last] if not any(one.from_ms <= at_ms < one.to_ms for one in deaf)]
        if within:
            wrong.append(f"{gap} has {len(within)} notifications that a gateway heard, first {within[0]:.0f}")
    return wrong


def untold(
    readings: dict[tuple[str, str], list[float]], gaps: Sequence[Gap], *, from_ms: float, to_ms: float, slack: Slack
) -> list[str]:
    """Return the long times without a reading that no gap tells of."""
    wrong = []
    for (participant, kind), times in readings.items():
        told = [gap for gap in gaps if (gap.participant, gap.kind) == (participant, kind)]
        for before, after in pairwise([from_ms, *times, to_ms]):
            if after - before <= SILENCE_MS + slack.edge_ms:
                continue
            if not any(gap.from_ms <= before + slack.edge_ms and gap.to_ms >= after - slack.edge_ms for gap in told):
                wrong.append(f"{participant}/{kind} has nothing from {before:.0f} to {after:.0f}, and no gap says so")
    return wrong


def reconnects_ms(gaps: Iterable[Gap], faults: Sequence[Fault]) -> dict[str, list[float]]:
    """Return how long after a fault was over its sensors spoke again, by fault; the last one that ended counts."""
    found: dict[str, list[float]] = {}
    for gap in gaps:
        over = [
            fault
            for fault in faults
            if fault.hits(gap.participant, gap.kind) and gap.from_ms < fault.to_ms <= gap.to_ms
        ]
        if over:
            last = max(over, key=lambda fault: fault.to_ms)
            found.setdefault(last.what, []).append(gap.to_ms - last.to_ms)
    return found
