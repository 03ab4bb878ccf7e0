import sys
import time

import pytest

from vitals.clock import RATE_MAX, Clock, boot_id, new_anchor, open_clock
from vitals.deadline import deadline
from vitals.errors import SetupError
from vitals.sessions import GenerationMode


def test_real_data_runs_at_the_rate_of_life_only() -> None:
    with pytest.raises(SetupError, match=r"clock rate 2\.0 .* not for real"):
        open_clock(rate=2.0, mode=GenerationMode.REAL)
    assert open_clock(rate=1.0, mode=GenerationMode.REAL).rate == 1.0


@pytest.mark.parametrize("rate", [0.0, -1.0, 0.05, RATE_MAX + 1, float("nan")])
def test_a_rate_out_of_range_is_refused_with_its_value(rate: float) -> None:
    with pytest.raises(SetupError, match=f"clock rate {rate}"):
        open_clock(rate=rate, mode=GenerationMode.SIMULATED)


@pytest.mark.parametrize("anchor", ["x", "1", "1:", ":2", "a:b"])
def test_an_anchor_that_is_none_is_refused_with_its_text(anchor: str) -> None:
    with pytest.raises(SetupError, match=f"clock anchor '{anchor}'"):
        open_clock(rate=1.0, mode=GenerationMode.TEST, anchor=anchor)


def test_two_parts_with_one_anchor_tell_the_same_time_at_any_rate() -> None:
    anchor = new_anchor()
    one, other = (open_clock(rate=20.0, mode=GenerationMode.TEST, anchor=anchor) for _ in range(2))
    first_ms, second_ms, third_ms = one.utc_ms(), other.utc_ms(), one.utc_ms()
    assert first_ms <= second_ms <= third_ms


def test_wall_and_monotonic_time_run_at_the_same_rate() -> None:
    clock = open_clock(rate=20.0, mode=GenerationMode.TEST)
    # Between two readings a loaded machine may stand still: the wall clock is read between two of the other.
    before, utc_ms, after = clock.mono_ms(), clock.utc_ms(), clock.mono_ms()
    end_s = time.monotonic() + 0.2
    while time.monotonic() < end_s:
        pass
    later, later_utc_ms, last = clock.mono_ms(), clock.utc_ms(), clock.mono_ms()
    assert later - after >= 20 * 200
    assert later - after - 20 * 100 < later_utc_ms - utc_ms < last - before + 20 * 100


async def test_sleeping_takes_the_clock_s_own_seconds() -> None:
    clock = Clock(rate=20.0, anchor_mono_ms=0, anchor_utc_ms=0)
    before_ms = clock.mono_ms()
    await clock.sleep(2.0)
    assert clock.mono_ms() - before_ms >= 1_990
    assert clock.real_s(2.0) == pytest.approx(0.1)


async def test_a_time_that_is_over_is_not_slept_for() -> None:
    async with deadline(5):
        await Clock().sleep(-3600)


def test_a_machine_that_slept_has_grown_older(monkeypatch: pytest.MonkeyPatch) -> None:
    # While Linux sleeps its ordinary monotonic clock stands still; the other one goes on.
    before_ms, anchor = Clock().mono_ms(), new_anchor()
    clock = open_clock(rate=2.0, mode=GenerationMode.TEST, anchor=anchor)
    utc_ms = clock.utc_ms()
    slept_s = 300.0
    if sys.platform == "linux":
        tell = time.clock_gettime
        monkeypatch.setattr(
            time, "clock_gettime", lambda which: tell(which) + (slept_s if which == time.CLOCK_BOOTTIME else 0.0)
        )
    else:
        tell_other = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: tell_other() + slept_s)
    assert Clock().mono_ms() - before_ms >= slept_s * 1000
    assert clock.utc_ms() - utc_ms >= 2 * slept_s * 1000


def test_the_machine_names_its_boot() -> None:
    assert boot_id() == boot_id()
