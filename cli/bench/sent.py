"""What the simulator handed to the air, to tell how old a value is when it reaches a screen. Pure."""

import json
from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

LOOK_BACK: Final = 5
"""Notifications come once a second: a value that took longer than so many seconds through the air is not matched."""

_SPO2_STEP_PCT: Final = 0.11
"""SFLOAT carries a tenth of a percent."""


class Said(NamedTuple):
    """One notification: when it was handed to the air, and the number in it."""

    mono_ms: int
    value: float


class Arrival(NamedTuple):
    """One new value on a screen: whose, which, when the server says it was said, and when it came."""

    participant: str
    kind: str
    at_ms: int
    value: float
    received_ms: float


class SentLog:
    """The simulator's log of what was heard by a gateway."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Read the log; lines without a number are left out."""
        self._said: dict[tuple[str, str], list[Said]] = {}
        for line in lines:
            entry = json.loads(line)
            value = entry.get("hr_bpm") if entry["kind"] == "hr" else entry.get("spo2_pct")
            if value is not None:
                said = Said(int(entry["mono_ms"]), float(value))
                self._said.setdefault((entry["participant"], entry["kind"]), []).append(said)

    def find(self, arrival: Arrival) -> Said | None:
        """Return the notification behind a value: the newest before it that says the same number."""
        said = self._said.get((arrival.participant, arrival.kind), [])
        newest = bisect_right(said, arrival.at_ms, key=lambda one: one.mono_ms)
        step = _SPO2_STEP_PCT if arrival.kind != "hr" else 0
        for one in reversed(said[max(0, newest - LOOK_BACK) : newest]):
            if abs(one.value - arrival.value) <= step:
                return one
        return None

    def latencies_ms(self, arrivals: Iterable[Arrival]) -> list[float]:
        """Return how long each value took from the air to the screen; what cannot be matched is left out."""
        found = ((arrival, self.find(arrival)) for arrival in arrivals)
        return [arrival.received_ms - said.mono_ms for arrival, said in found if said is not None]
