import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from msgspec import Struct

from analysis.core.quality import agreement, oximeter, strap
from analysis.core.quality.agreement import PairState
from analysis.core.quality.gate import Outcome
from analysis.core.quality.oximeter import OximeterState
from analysis.core.quality.strap import StrapState
from tests.analysis.quality.readings import oximeter_reading, strap_reading
from vitals.passport import Agreement

OURS: Final = Path(__file__).parents[2] / "data" / "recordings"
MORE: Final = Path(__file__).parents[4] / "shared" / "data" / "recordings"
"""More of the same kind, where somebody has them beside this folder."""


def recordings(pattern: str) -> list[Path]:
    found = {path.name: path for folder in (MORE, OURS) for path in sorted(folder.glob(pattern))}
    return [found[name] for name in sorted(found)]


class Tally(Struct, kw_only=True):
    values_n: int = 0
    held_n: int = 0
    released_n: int = 0
    dropped_n: int = 0
    lost_n: int = 0
    ghost_n: int = 0


def strap_words(path: Path) -> Iterator[tuple[int, int | None, tuple[float, ...]]]:
    """Say each second what a strap would say of these beats: the mean rate of the last 5 s, and the intervals."""
    with path.open(encoding="utf-8") as file:
        beats = [(float(row["t_s"]), float(row["rr_ms"])) for row in csv.DictReader(file)]
    index, said_s, rate = 0, float("-inf"), None
    recent: list[tuple[float, float]] = []
    for second in range(int(beats[0][0]) + 1, int(beats[-1][0]) + 1):
        ended = []
        while index < len(beats) and beats[index][0] <= second:
            ended.append(beats[index])
            index += 1
        recent = [beat for beat in (*recent, *ended) if beat[0] > second - 5]
        if recent:
            rate, said_s = round(60_000 * len(recent) / sum(beat[1] for beat in recent)), float(second)
        # Nothing heard: the last value again, as straps do, and 0 bpm after 10 s.
        heard = rate if second - said_s < 10 else None
        yield second, heard, tuple(rr_ms for _, rr_ms in ended if 240 <= rr_ms <= 63_990)


def play(path: Path) -> Tally:
    state, tally = StrapState(), Tally()
    for second, hr_bpm, rr_ms in strap_words(path):
        reading = strap_reading(second, hr_bpm if hr_bpm and hr_bpm <= 300 else None, rr_ms)
        state, verdict = strap.step(state, reading, at_ms=reading.mono_ms)
        tally.values_n += hr_bpm is not None
        tally.held_n += verdict.outcome is Outcome.HELD
        tally.released_n += verdict.outcome is Outcome.RELEASED
        tally.lost_n += verdict.contact.lost and hr_bpm is not None
        tally.ghost_n += verdict.contact.ghost
    tally.dropped_n = state.gate.dropped_n
    return tally


@pytest.mark.parametrize("path", recordings("gudb_*.rr.csv"), ids=lambda path: path.stem)
def test_chest_straps_of_people_who_sit_walk_and_jog_lose_no_value(path: Path) -> None:
    tally = play(path)
    assert tally.values_n > 400
    assert (tally.dropped_n, tally.lost_n, tally.ghost_n) == (0, 0, 0)


@pytest.mark.parametrize("path", recordings("afdb_*.rr.csv"), ids=lambda path: path.stem)
def test_atrial_fibrillation_is_no_lost_contact(path: Path) -> None:
    tally = play(path)
    assert tally.lost_n <= 0.01 * tally.values_n
    assert tally.ghost_n == 0
    # afdb_04015: ectopic beats that double the rate for seconds at a time.
    assert tally.dropped_n <= 0.015 * tally.values_n


@pytest.mark.parametrize("path", recordings("fit_*[0-9].csv"), ids=lambda path: path.stem)
def test_no_rate_of_a_real_activity_is_dropped(path: Path) -> None:
    state, held_n, values_n = StrapState(), 0, 0
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["hr_bpm"]:
                reading = strap_reading(float(row["t_s"]), int(float(row["hr_bpm"])))
                state, verdict = strap.step(state, reading, at_ms=reading.mono_ms)
                values_n += 1
                held_n += verdict.outcome is Outcome.HELD
                assert not verdict.contact.lost
                assert not verdict.contact.ghost
    assert state.gate.dropped_n == 0
    assert held_n <= 1 + 0.002 * values_n


@pytest.mark.parametrize("device", [1, 2, 4, 5])
@pytest.mark.parametrize("path", recordings("hypox_*.csv"), ids=lambda path: path.stem)
def test_no_value_of_a_clinical_oximeter_is_held_back_and_it_agrees_with_the_ecg(path: Path, device: int) -> None:
    state, pair, held_n, apart_n, values_n = OximeterState(), PairState(), 0, 0, 0
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            spo2, pulse, rate = row[f"spo2_dev{device}"], row[f"pulse_dev{device}"], row["hr_ecg_bpm"]
            if not spo2:
                continue
            reading = oximeter_reading(float(row["t_s"]), float(spo2), pulse_bpm=float(pulse) if pulse else None)
            state, verdict = oximeter.step(state, reading, at_ms=reading.mono_ms)
            values_n += 1
            held_n += verdict.outcome is Outcome.HELD
            if rate:
                agreement.step(pair, hr_bpm=float(rate), at_ms=reading.mono_ms)
            if verdict.pulse_bpm is not None:
                agreement.step(pair, pulse_bpm=verdict.pulse_bpm, at_ms=reading.mono_ms)
            apart_n += pair.agreement is Agreement.DISAGREE
    assert values_n > 500
    assert state.gate.dropped_n == 0
    assert held_n <= 1
    print(path.stem, device, values_n, held_n, apart_n)  # noqa: T201
    assert apart_n == 0
