"""What a killed run held is there for the next one: once, young, of this clock, and not for ever."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import spool as spools
from analysis.spool import STARTS_MAX, Held, Spool
from vitals.clock import Clock
from vitals.readings import HeartRateReading, Quality, RunId
from vitals.sensors import SensorId
from vitals.units import MonotonicMs

AGE_MS = 300_000
CLOCK = Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "analysis.held"


@pytest.fixture
def spool(file: Path) -> Iterator[Spool]:
    one = Spool(file, clock=CLOCK)
    yield one
    one.close()


def held(seq: int, *, ago_ms: int = 0) -> Held:
    now_ms = MonotonicMs(CLOCK.mono_ms() - ago_ms)
    reading = HeartRateReading(
        run=RunId("5aa1b2c3d4e5f607"),
        sensor=SensorId("s-p00"),
        seq=seq,
        mono_ms=now_ms,
        quality=Quality.GOOD,
        hr_bpm=90,
        rr_ms=(666.0, 667.5),
    )
    return Held(reading, now_ms)


def next_run(file: Path, *, clock: Clock = CLOCK) -> list[Held]:
    """Return what a run finds that begins after the one before was killed."""
    one = Spool(file, clock=clock)
    try:
        return one.load(age_ms_max=AGE_MS)
    finally:
        one.close()


def test_what_was_kept_is_found_in_its_order_and_not_only_by_the_first_who_looks(spool: Spool, file: Path) -> None:
    assert next_run(file) == []
    kept = [held(seq) for seq in range(3)]
    for one in kept:
        spool.keep(one)
    assert next_run(file) == kept
    assert next_run(file) == kept


def test_what_is_judged_is_forgotten_and_what_comes_then_is_not(spool: Spool, file: Path) -> None:
    spool.keep(held(0))
    spool.clear()
    assert file.read_bytes() == b""
    assert next_run(file) == []
    later = held(1)
    spool.keep(later)
    assert next_run(file) == [later]


def test_a_run_that_found_something_adds_to_it_and_clears_it(spool: Spool, file: Path) -> None:
    first, second = held(0), held(1)
    spool.keep(first)
    after = Spool(file, clock=CLOCK)
    assert after.load(age_ms_max=AGE_MS) == [first]
    after.keep(second)
    assert next_run(file) == [first, second]
    after.clear()
    after.close()
    assert next_run(file) == []


def test_readings_that_no_run_survives_are_given_up(spool: Spool, file: Path) -> None:
    spool.keep(held(0))
    for _ in range(STARTS_MAX - 1):
        assert len(next_run(file)) == 1
    assert next_run(file) == []
    assert file.read_bytes() == b""


def test_what_is_old_or_of_another_clock_is_of_no_use(spool: Spool, file: Path) -> None:
    young = held(1)
    for one in (held(0, ago_ms=AGE_MS + 1), young, held(2, ago_ms=-60_000)):
        spool.keep(one)
    assert next_run(file) == [young]
    assert next_run(file, clock=Clock(rate=2.0)) == []
    assert next_run(file) == []


@pytest.mark.parametrize("end", [b'\n[{"kind":"hr","run":"5a', b"\n[1,2]", b"\n\xff\x00", b"\n[]", b"\n{}x"])
def test_half_a_line_spoils_no_other(spool: Spool, file: Path, end: bytes) -> None:
    kept = [held(0), held(1)]
    spool.keep(kept[0])
    with file.open("ab") as lines:
        lines.write(end)
    spool.keep(kept[1])
    found = next_run(file)
    assert found in (kept, []), "all that can be read, or nothing when the run itself cannot"
    assert bool(found) is not end.startswith(b"\n{")


def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "analysis.held"
    folder.mkdir()
    one = Spool(folder, clock=CLOCK)
    assert one.load(age_ms_max=AGE_MS) == []
    for seq in range(5):
        one.keep(held(seq))
    one.clear()
    one.close()
    assert one.lost >= 5
    assert sum("not held on disk" in record.message for record in caplog.records) == 1


def test_a_flood_fills_no_disk(spool: Spool, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "HELD_MAX", 10)
    for seq in range(15):
        spool.keep(held(seq))
    assert spool.lost == 5
    assert [one.reading.seq for one in next_run(file)] == list(range(10))
    monkeypatch.setattr(spools, "BYTES_MAX", 100)
    assert next_run(file) == []
    assert file.read_bytes() == b""
