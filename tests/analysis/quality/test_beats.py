import json
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from msgspec import Struct
from numpy.typing import NDArray

from analysis.core.quality import beats, lipponen, rr_window
from analysis.core.quality.beats import BeatState
from vitals.units import MonotonicMs

BENCHMARK: Final = Path(__file__).parents[2] / "data" / "rr-benchmark" / "benchmark.json"
EVENT_KINDS: Final = ("missed", "extra", "ectopic", "misaligned")

Flags = NDArray[np.bool_]


class Score(Struct, kw_only=True):
    hit_n: int = 0
    wrong_n: int = 0
    quiet_n: int = 0
    sound_n: int = 0

    @property
    def sensitivity_pct(self) -> float:
        return 100 * self.hit_n / self.wrong_n

    @property
    def specificity_pct(self) -> float:
        return 100 * self.quiet_n / self.sound_n


def spread(flags: Flags) -> Flags:
    """A flag on the beat beside it counts: one event makes two odd intervals."""
    spreaded: Flags = np.convolve(flags, [1, 1, 1], "same") > 0
    return spreaded


def live_flags(rr_ms: NDArray[np.float64]) -> Flags:
    state, at_ms = BeatState(), 0.0
    flags: list[bool] = []
    for interval in rr_ms.tolist():
        at_ms += interval
        state, verdict = beats.step(state, (interval,), at_ms=MonotonicMs(int(at_ms)))
        flags += verdict.flags
    return np.array(flags + [False] * (len(rr_ms) - len(flags)))


@pytest.fixture(scope="module")
def scores() -> dict[tuple[str, str, str], Score]:
    """By detector, condition and kind."""
    table: dict[tuple[str, str, str], Score] = {}
    for case in json.loads(BENCHMARK.read_text(encoding="utf-8")):
        rr_ms = np.array(case["rr_1024"]) * 1000 / 1024
        wrong = np.zeros(len(rr_ms), dtype=np.bool_)
        wrong[case["wrong"]] = True
        for detector, flags in (("lipponen", rr_window.flag(rr_ms)), ("live", live_flags(rr_ms))):
            score = table.setdefault((detector, case["condition"], case["kind"]), Score())
            sound = ~spread(wrong)
            score.hit_n += int((wrong & spread(flags)).sum())
            score.wrong_n += int(wrong.sum())
            score.quiet_n += int((sound & ~flags).sum())
            score.sound_n += int(sound.sum())
    for (detector, condition, kind), score in sorted(table.items(), key=lambda row: row[0][1:]):
        found = f"Se {score.sensitivity_pct:6.2f} %" if score.wrong_n else "Se    --  "
        print(f"{condition:9} {kind:11} {detector:9} {found}  Sp {score.specificity_pct:7.3f} %")  # noqa: T201 - the table
    return table


@pytest.mark.parametrize("condition", ["rest", "exercise"])
@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_lipponen_tarvainen_finds_96_percent_at_99_5(
    scores: dict[tuple[str, str, str], Score], condition: str, kind: str
) -> None:
    score = scores["lipponen", condition, kind]
    assert score.wrong_n >= 180
    assert score.sensitivity_pct >= 96
    assert score.specificity_pct >= 99.5


def test_lipponen_tarvainen_over_the_whole_benchmark_finds_96_percent_at_99_5(
    scores: dict[tuple[str, str, str], Score],
) -> None:
    mine = [score for (detector, _, _), score in scores.items() if detector == "lipponen"]
    assert sum(score.hit_n for score in mine) >= 0.96 * sum(score.wrong_n for score in mine)
    assert sum(score.quiet_n for score in mine) >= 0.995 * sum(score.sound_n for score in mine)


@pytest.mark.parametrize("condition", ["rest", "exercise"])
@pytest.mark.parametrize("kind", ["missed", "extra", "ectopic"])
def test_the_live_flags_find_what_is_wrong_and_nothing_else(
    scores: dict[tuple[str, str, str], Score], condition: str, kind: str
) -> None:
    assert scores["live", condition, kind].sensitivity_pct == 100
    assert scores["live", condition, kind].specificity_pct >= 99.9


@pytest.mark.parametrize("detector", ["live", "lipponen"])
def test_both_find_nine_of_ten_beats_of_a_loose_strap_in_a_rise(
    scores: dict[tuple[str, str, str], Score], detector: str
) -> None:
    assert scores[detector, "ramp", "burst"].sensitivity_pct >= 90
    assert scores[detector, "ramp", "clean"].specificity_pct >= 99


def test_lipponen_tarvainen_names_exactly_what_neurokit_names() -> None:
    series = {
        (case["condition"], case["kind"], case["run"]): np.array(case["rr_1024"]) * 1000 / 1024
        for case in json.loads(BENCHMARK.read_text(encoding="utf-8"))
    }
    oracle = json.loads(BENCHMARK.with_name("neurokit2-0.2.13.json").read_text(encoding="utf-8"))
    assert len(oracle) == 24
    assert sum(len(indices) for case in oracle for indices in case["found"].values()) > 500
    for case in oracle:
        found = lipponen.classify(series[case["condition"], case["kind"], case["run"]])
        expected = {name: tuple(indices) for name, indices in case["found"].items()}
        assert found == lipponen.Artefacts(**expected), (case["condition"], case["kind"], case["run"])


def base_series() -> NDArray[np.float64]:
    beat = np.arange(200)
    return np.asarray(500 + 6 * np.sin(0.9 * beat) + 4 * np.sin(0.23 * beat), dtype=np.float64)


def as_peaks_tell(rr_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    peaks = np.round(np.concatenate([[0], np.cumsum(rr_ms)]))
    return np.diff(peaks)


# Rows lt_clean, lt_missed, lt_extra, lt_ectopic and lt_misaligned8 of our clinical vectors: run by NeuroKit2 0.2.13
# (_find_artifacts), whose indices are those of beats, one more than those of intervals.
def test_lipponen_tarvainen_finds_nothing_in_a_clean_series() -> None:
    assert lipponen.classify(as_peaks_tell(base_series())) == lipponen.Artefacts()


def test_lipponen_tarvainen_names_a_missed_beat() -> None:
    base = base_series()
    rr_ms = np.concatenate([base[:100], [base[100] + base[101]], base[102:]])
    assert lipponen.classify(as_peaks_tell(rr_ms)) == lipponen.Artefacts(missed=(100,))


def test_lipponen_tarvainen_names_an_extra_beat() -> None:
    base = base_series()
    rr_ms = np.concatenate([base[:100], [base[100] * 0.45, base[100] * 0.55], base[101:]])
    assert lipponen.classify(as_peaks_tell(rr_ms)) == lipponen.Artefacts(extra=(100,), long_short=(101,))


@pytest.mark.parametrize("early_ms", [130, 40])
def test_lipponen_tarvainen_names_an_early_beat(early_ms: float) -> None:
    rr_ms = base_series()
    rr_ms[100] -= early_ms
    rr_ms[101] += early_ms
    assert lipponen.classify(as_peaks_tell(rr_ms)) == lipponen.Artefacts(ectopic=(101,), long_short=(100,))


def test_a_paced_heart_has_no_artefacts() -> None:
    ticks = np.where(np.arange(300) % 20 == 0, 854, 853)
    assert not rr_window.flag(ticks * 1000 / 1024).any()


def test_a_window_tells_its_share_and_from_5_percent_on_is_not_used() -> None:
    rr_ms = base_series()
    at_s = np.cumsum(rr_ms) / 1000
    assert rr_window.judge_session(rr_ms, at_s)[0].artefact_pct == 0
    rr_ms[20:180:8] *= 2
    (window,) = rr_window.judge_session(rr_ms, np.cumsum(rr_ms) / 1000)[:1]
    assert window.artefact_pct is not None
    assert window.artefact_pct > 5
    assert not window.usable


@pytest.mark.parametrize(("missed_n", "usable"), [(10, True), (11, False)])
def test_5_percent_may_be_none(missed_n: int, *, usable: bool) -> None:
    rr_ms = base_series()
    rr_ms[15 : 15 + 16 * missed_n : 16] *= 2
    (window,) = rr_window.judge_session(rr_ms, np.cumsum(rr_ms) / 1000)
    assert (window.artefact_pct, window.usable) == (missed_n / 2, usable)


@pytest.mark.parametrize(("rr_ms", "flagged"), [(259.0, True), (260.0, False), (2_000.0, False), (2_001.0, True)])
def test_what_no_heart_makes_is_flagged_in_a_window(rr_ms: float, *, flagged: bool) -> None:
    assert set(rr_window.flag(np.full(60, rr_ms)).tolist()) == {flagged}


def test_of_too_few_beats_no_share_is_told() -> None:
    rr_ms = base_series()[:11]
    (window,) = rr_window.judge_session(rr_ms, np.cumsum(rr_ms) / 1000)
    assert (window.beats, window.artefact_pct, window.usable) == (11, None, False)


def test_a_session_is_cut_into_two_minutes_by_the_clock_with_its_holes() -> None:
    rr_ms = np.full(480, 500.0)
    at_s = np.concatenate([np.arange(240) * 0.5, 400 + np.arange(240) * 0.5])
    windows = rr_window.judge_session(rr_ms, at_s)
    assert [(window.start_s, window.beats) for window in windows] == [
        (0, 240),
        (120, 0),
        (240, 0),
        (360, 160),
        (480, 80),
    ]
    assert [window.usable for window in windows] == [True, False, False, True, True]


@pytest.mark.parametrize("rr_ms", [[500.0, -1.0], [500.0, float("nan")], [[500.0]]])
def test_what_is_no_interval_is_refused(rr_ms: list[float]) -> None:
    with pytest.raises(ValueError, match="intervals"):
        lipponen.classify(np.array(rr_ms))


def test_flags_come_two_beats_late_and_do_not_depend_on_how_beats_are_packed() -> None:
    rng = np.random.default_rng(5)
    rr_ms = np.round(rng.normal(700, 60, 300)).tolist()
    one_by_one = BeatState()
    singly: list[bool] = []
    for interval in rr_ms:
        one_by_one, verdict = beats.step(one_by_one, (interval,), at_ms=MonotonicMs(0))
        singly += verdict.flags
    packed = BeatState()
    together: list[bool] = []
    for start in range(0, 300, 3):
        packed, verdict = beats.step(packed, tuple(rr_ms[start : start + 3]), at_ms=MonotonicMs(0))
        together += verdict.flags
    assert singly == together
    assert len(singly) == 298
    assert one_by_one == packed
    assert any(singly)


@pytest.mark.parametrize(("judged", "flagged"), [(260.0, False), (259.9, True), (2000.0, False), (2000.1, True)])
def test_what_no_heart_makes_is_an_artefact_among_its_like(judged: float, *, flagged: bool) -> None:
    assert beats.is_artefact((judged,) * 11, judged) is flagged
    state = BeatState()
    flags: list[bool] = []
    for _ in range(30):
        state, verdict = beats.step(state, (judged,), at_ms=MonotonicMs(0))
        flags += verdict.flags
    assert set(flags) == {flagged}
    assert beats.implausible_share(state) == float(flagged)
    assert beats.flagged_share(state) == float(flagged)


@pytest.mark.parametrize(("judged", "flagged"), [(1060.0, False), (1060.1, True), (940.0, False), (939.9, True)])
def test_6_percent_from_an_even_rhythm_is_too_much(judged: float, *, flagged: bool) -> None:
    assert beats.is_artefact((*[1000.0] * 8, judged, 1000.0, 1000.0), judged) is flagged


@pytest.mark.parametrize(("judged", "flagged"), [(1200.0, False), (1200.1, True), (800.0, False), (799.9, True)])
def test_20_percent_is_too_much_in_any_rhythm(judged: float, *, flagged: bool) -> None:
    window = (900.0, 1100.0, 900.0, 1100.0, 900.0, 1100.0, 900.0, 1100.0, judged, 1000.0, 1000.0)
    assert beats.is_artefact(window, judged) is flagged


def test_the_share_is_that_of_the_last_two_minutes() -> None:
    state = BeatState()
    assert beats.artefact_pct(state) is None
    for second in range(400):
        early = 100 <= second < 130 and second % 3 == 0
        rr_ms = (600.0 if early else 1000.0,)
        state, _ = beats.step(state, rr_ms, at_ms=MonotonicMs(second * 1000))
        if second == 99:
            assert beats.artefact_pct(state) == 0
        if second == 140:
            assert beats.artefact_pct(state) == pytest.approx(100 * 10 / 110, abs=1)
    assert beats.artefact_pct(state) == 0


def test_a_share_forgets_what_was_before_a_long_pause() -> None:
    state = BeatState()
    for second in range(60):
        state, _ = beats.step(state, ((500.0, 1500.0)[second % 2],), at_ms=MonotonicMs(second * 1000))
    for second in range(600, 620):
        state, _ = beats.step(state, (1000.0,), at_ms=MonotonicMs(second * 1000))
    assert state.parts == ()
    assert state.part_n == 20
