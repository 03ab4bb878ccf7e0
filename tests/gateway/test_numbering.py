"""Readings get the time at which they can have been heard: not later than they came, not before anybody listened."""

from functools import partial

import pytest

from gateway.drivers.base import EachNotification, Value
from gateway.drivers.heart_rate import read_heart_rate
from gateway.numbering import Numbering
from vitals.clock import Clock
from vitals.readings import ReadingKind, RunId
from vitals.sensors import SensorId
from vitals.units import MonotonicMs


class KeptReadings:
    """An outbox that only counts."""

    def __init__(self) -> None:
        self.mono_ms: list[int] = []

    def reserve(self, *_stream: str, **_named: str) -> int:
        return len(self.mono_ms)

    def put(self, *, mono_ms: int, **_rest: object) -> None:
        self.mono_ms.append(mono_ms)


@pytest.mark.parametrize(("opened_after_ms", "heard_after_ms"), [(-1, 0), (4_000, 4_000)])
def test_what_comes_after_a_pause_was_not_heard_before_the_link_was_made(
    monkeypatch: pytest.MonkeyPatch, opened_after_ms: int, heard_after_ms: int
) -> None:
    real_s = 1_000.0
    monkeypatch.setattr("vitals.clock.time.monotonic", lambda: real_s)
    clock = Clock()
    outbox = KeptReadings()
    numbering = Numbering(site="s", gateway="g1", run=RunId("r"), clock=clock, outbox=outbox)
    began_ms = clock.mono_ms()
    hear = partial(EachNotification(ReadingKind.HR, read_heart_rate).hear, Value("2a37", b"\x00\x64"))

    real_s += 4.2  # held still so long; the link was made in the first moments of being awake again
    numbering.take(SensorId("s-1"), hear, not_before_ms=MonotonicMs(began_ms + opened_after_ms))

    assert outbox.mono_ms == [began_ms + heard_after_ms]
