"""The short way of a calm reading comes to what the long way comes to, and touches nothing that is not calm."""

from types import ModuleType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.quality import calm_oximeter, calm_strap, oximeter, strap
from analysis.core.quality.oximeter import OximeterState
from analysis.core.quality.strap import StrapState
from tests.analysis.mutant import Plant, planted
from vitals.readings import Averaging, HeartRateReading, OximeterReading, Quality, Reason, RunId, Source
from vitals.sensors import SensorId
from vitals.units import MonotonicMs

GAPS_MS = st.sampled_from([1, 200, 899, 900, 1000, 1000, 1000, 1000, 2000, 3000, 5000, 5001, 10_001])
STRAP_STEPS = st.lists(
    st.tuples(
        GAPS_MS,
        st.sampled_from([0, 0, 0, 1, -1, 2, 8, -8, 9, -9, 22, 26, -26, 70]),
        st.lists(st.sampled_from([1.0, 1.0, 1.0, 1.03, 0.97, 0.93, 1.07, 1.5, 0.4]), max_size=3),
        st.sampled_from(["calm"] * 12 + ["clear", "unsaid", "questionable", "none", "broadcast", "device", "reason"]),
    ),
    max_size=40,
)
OXIMETER_STEPS = st.lists(
    st.tuples(
        GAPS_MS,
        st.sampled_from([0, 0, 0, 1, -1, 0.5, -2, 3, -6, 6, -7, 7, -8, 15, -25]),
        st.sampled_from(["calm"] * 12 + ["questionable", "none", "weak", "slow", "spot", "device", "older"]),
    ),
    max_size=60,
)


def strap_reading(number: int, hr_bpm: int, rr_ms: tuple[float, ...], what: str) -> HeartRateReading:
    return HeartRateReading(
        run=RunId("r"),
        sensor=SensorId("s"),
        seq=number,
        mono_ms=MonotonicMs(0),
        quality=Quality.QUESTIONABLE if what == "questionable" else Quality.GOOD,
        reason=Reason.EARLY_ESTIMATE if what == "reason" else None,
        device="other" if what == "device" else "",
        source=Source.BROADCAST if what == "broadcast" else Source.NOTIFIED,
        hr_bpm=None if what == "none" else hr_bpm,
        rr_ms=rr_ms,
        contact=None if what == "unsaid" else what != "clear",
    )


def settled_strap(hr_bpm: int) -> tuple[StrapState, int]:
    """Return a strap after half a minute in which nothing spoke against it, and its newest time."""
    state, at_ms = StrapState(), 0
    for number in range(30):
        at_ms = 1_000 * number
        beat_n = (number + 1) * hr_bpm // 60 - number * hr_bpm // 60
        reading = strap_reading(number, hr_bpm, (60_000 / hr_bpm,) * beat_n, "calm")
        state, _ = strap.step(state, reading, at_ms=MonotonicMs(at_ms))
    return state, at_ms


def copy_of_strap(state: StrapState) -> StrapState:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=StrapState)


def play_strap(
    steps: list[tuple[int, int, list[float], str]], *, short: ModuleType = calm_strap, hr_bpm: int = 60
) -> int:
    """Play readings both ways, compare, and return how many went the short way."""
    taken = 0
    state, at_ms = settled_strap(hr_bpm)
    for number, (gap_ms, change_bpm, shares, what) in enumerate(steps):
        at_ms, hr_bpm = at_ms + gap_ms, min(240, max(20, hr_bpm + change_bpm))
        reading = strap_reading(number + 30, hr_bpm, tuple(60_000 / hr_bpm * share for share in shares), what)
        before, mine = copy_of_strap(state), copy_of_strap(state)
        state, verdict = strap.step(state, reading, at_ms=MonotonicMs(at_ms))
        if not (calm_strap.is_calm(before) and short.follows(before, MonotonicMs(at_ms))):
            continue
        if short.take_rate(mine, reading, MonotonicMs(at_ms)):
            assert mine == state
            assert calm_strap.is_calm(state)
            assert [(one.at_ms, one.value) for one in verdict.evidence] == [(at_ms, float(hr_bpm))]
            assert (verdict.quality, verdict.reason, verdict.doubts) == (Quality.GOOD, None, ())
            assert not verdict.contact.lost
            assert not verdict.contact.ghost
            taken += 1
        else:
            assert mine == before
    return taken


@given(STRAP_STEPS)
def test_a_calm_reading_of_a_strap_comes_to_the_same_by_both_ways(
    steps: list[tuple[int, int, list[float], str]],
) -> None:
    play_strap(steps)


def oximeter_reading(number: int, spo2_pct: float, what: str) -> OximeterReading:
    return OximeterReading(
        run=RunId("r"),
        sensor=SensorId("o"),
        seq=number,
        mono_ms=MonotonicMs(0),
        quality=Quality.QUESTIONABLE if what == "questionable" else Quality.GOOD,
        device="other" if what == "device" else "",
        spo2_pct=None if what == "none" else spo2_pct,
        pulse_bpm=70.0,
        perfusion_pct=0.2 if what == "weak" else None,
        averaging={"slow": Averaging.SLOW, "spot": Averaging.SPOT}.get(what),
    )


def copy_of_oximeter(state: OximeterState) -> OximeterState:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=OximeterState)


def play_oximeter(steps: list[tuple[int, float, str]], *, short: ModuleType = calm_oximeter) -> int:
    """Play readings both ways, compare, and return how many went the short way."""
    state, spo2_pct, at_ms, taken = OximeterState(), 96.0, 0, 0
    for number, (gap_ms, change_pct, what) in enumerate([(1000, 0, "calm")] * 3 + steps):
        at_ms, spo2_pct = at_ms + gap_ms, min(101.0, max(45.0, spo2_pct + change_pct))
        heard_ms = MonotonicMs(at_ms - 1500 if what == "older" else at_ms)
        reading = oximeter_reading(number, spo2_pct, what)
        before, mine = copy_of_oximeter(state), copy_of_oximeter(state)
        state, verdict = oximeter.step(state, reading, at_ms=heard_ms)
        if not (calm_oximeter.is_calm(before) and short.follows(before, heard_ms)):
            continue
        if short.take_saturation(mine, reading, heard_ms):
            assert mine == state
            assert calm_oximeter.is_calm(state)
            assert [(one.at_ms, one.value) for one in verdict.evidence] == [(heard_ms, spo2_pct)]
            assert (verdict.quality, verdict.reason, verdict.doubts) == (Quality.GOOD, None, ())
            assert verdict.pulse_bpm == reading.pulse_bpm
            taken += 1
        else:
            assert mine == before
    return taken


@given(OXIMETER_STEPS)
def test_a_calm_reading_of_an_oximeter_comes_to_the_same_by_both_ways(steps: list[tuple[int, float, str]]) -> None:
    play_oximeter(steps)


CALM = [(1000, 0, [1.0], "calm")]
DRIFT = [(1000, 0, [share], "calm") for share in (0.97, 0.94, 0.91, 0.88, 0.85) for _ in range(5)]
"""Beats that get faster and a rate that does not, so slowly that no beat stands out."""
STEEP = [
    *[(1000, 1, [share], "calm") for share in (1.0, 1.0, 1.0, 1.0, 0.9, 0.95, 0.95, 0.95, 0.9, 0.8)],
    (1000, 8, [0.9, 0.9], "calm"),
    *[(350, 8, [share, share], "calm") for share in (0.88, 0.86, 0.82)],
]
"""Beats that run ahead of a rate which climbs by 8 bpm in a third of a second: each step is calm, the slope is not."""
STRAPS: list[list[tuple[int, int, list[float], str]]] = [
    CALM * 14,
    [*CALM * 2, (1000, 9, [1.0], "calm"), *CALM],
    [*CALM * 2, (1000, 26, [1.0], "calm"), *CALM],
    [*CALM * 2, (5000, 0, [1.0] * 5, "calm"), *CALM],
    [*CALM * 2, (5001, 0, [1.0] * 5, "calm"), *CALM],
    [*CALM * 2, (1000, 0, [1.07], "calm"), *CALM * 4, (1000, 0, [1.5], "calm"), *CALM * 4],
    [*CALM * 2, *DRIFT, *DRIFT[-1:] * 2],
    [*CALM * 2, *[(500, 8, [1.0], "calm")] * 6],
    STEEP,
    [*CALM * 2, (1000, 0, [1.0], "clear"), *CALM],
    [*CALM * 2, (1000, 0, [1.0], "unsaid"), *CALM],
    [*CALM * 2, (1000, 0, [1.0], "broadcast"), *CALM],
]
RACING = [*[(1000, 0, [1.0] * 4, "calm")] * 2, *[(1000, 0, [0.95] * 4, "calm")] * 6]
"""Beats of 253 ms, as even as their rate of 225: no heart makes them."""
OXIMETERS: list[list[tuple[int, float, str]]] = [
    [(1000, 0, "calm")] * 6,
    [*[(1000, 0, "calm")] * 12, (1000, -3, "calm"), *[(1000, -1, "calm")] * 8],
    [(1000, -6, "calm"), (1000, -2, "calm"), (1000, 0, "calm")],
    [(1000, -5, "calm"), (1000, -2.5, "calm"), (1000, 6, "calm"), (1000, -1, "calm")],
    [(1000, 0, "calm"), (1000, 1, "older"), (1000, 0, "calm")],
    [(1000, -6, "calm"), (9000, -6, "calm"), (9000, -6, "calm"), (9000, -6, "calm"), (9000, -3, "calm")],
    [(1000, 0, "weak"), (1000, 0, "calm"), (1000, 0, "slow"), (1000, 0, "slow"), (1000, 0, "spot")],
]
STRAP_PLANTS: dict[str, Plant] = {
    "any step is calm": (
        ("_UP_BPM: Final = witness.STEP_BPM", "_UP_BPM: Final = 60.0"),
        ("_APART_SHARE: Final = witness.APART_SHARE", "_APART_SHARE: Final = 9.0"),
        ("_SLOW_BPM: Final = HR_GATE.slope_per_s", "_SLOW_BPM: Final = 9 * HR_GATE.slope_per_s"),
    ),
    "a slope is never steep": (
        ("_SLOW_BPM: Final = HR_GATE.slope_per_s", "_SLOW_BPM: Final = 9 * HR_GATE.slope_per_s"),
    ),
    "a hole is calm": (("HOLE_MS: Final = contact.HOLE_MS", "HOLE_MS: Final = 60_000"),),
    "no beat is unsound": (("if beats.is_artefact(", "if False and beats.is_artefact("),),
    "every beat is near": (("if not low_ms <= beat_ms <= high_ms:", "if False:"),),
    "a heart makes any beat": (("if not _SURE_LOW <= least_ms <= _SURE_HIGH:", "if False:"),),
    "beats are summed for ever": (("if at_ms - touch.block_ms < _BLOCK_MS:", "if True:"),),
    "a half minute never ends": (("or at_ms - heart.part_ms >= _PART_MS", ""),),
    "flags stay where they are": (("if heart.flags or heart.part_ms is None", "if heart.part_ms is None"),),
    "a rate is as old as the first": (("touch.rate_ms = at_ms", "pass"),),
    "beats never disagree": (("_APART_SHARE: Final = witness.APART_SHARE", "_APART_SHARE: Final = 9.0"),),
    "contact does not matter": (("or contact_now is False", "or False"),),
    "the way does not matter": (("or reading.source is not state.source", "or False"),),
    "old beats stay": (("if then_ms > horizon_ms:", "if True:"),),
    "old beats count": (("told_n - beats_n, told_ms - sum_ms", "told_n, told_ms"),),
    "contact stays as it was": (("if touch.contact is not contact_now:", "if False:"),),
    "marks never move": (("at_ms - mark.at_ms >= _MARK_MS", "False"),),
}
OXIMETER_PLANTS: dict[str, Plant] = {
    "any fall is slow": (("or top_pct - value >= _FALL_PCT", ""),),
    "a rise is not seen": (("elif value > top_pct:", "elif False:"),),
    "old values stay": (("if len(recent) > _RECENT_MAX:", "if False:"),),
    "order does not matter": (("at_ms >= state.at_ms", "True"),),
    "perfusion does not matter": (("perfusion_pct < _PERFUSION_MIN", "False"),),
    "a finished measurement is live": (("or reading.averaging is not state.averaging", "or False"),),
    "below 70 is calm": (("_LOW: Final = SPO2_PCT_STATED", "_LOW: Final = 50.0"),),
    "marks never move": (("at_ms - mark.at_ms >= _MARK_MS", "False"),),
}


def play_straps(short: ModuleType = calm_strap) -> None:
    for steps in STRAPS:
        play_strap(steps, short=short)
    play_strap(RACING, short=short, hr_bpm=225)


def play_oximeters(short: ModuleType = calm_oximeter) -> None:
    for steps in OXIMETERS:
        play_oximeter(steps, short=short)


def test_nearly_every_sound_reading_is_a_calm_one() -> None:
    assert play_strap(CALM * 40) >= 38
    assert play_oximeter([(1000, 0, "calm"), (1000, 1, "calm"), (1000, -1, "calm")] * 10) >= 30


@pytest.mark.parametrize("name", sorted(STRAP_PLANTS))
def test_a_defect_planted_in_the_short_way_of_straps_is_seen(name: str) -> None:
    play_straps()
    mutant = planted(calm_strap, name, STRAP_PLANTS[name])
    with pytest.raises(AssertionError):
        play_straps(mutant)


@pytest.mark.parametrize("name", sorted(OXIMETER_PLANTS))
def test_a_defect_planted_in_the_short_way_of_oximeters_is_seen(name: str) -> None:
    play_oximeters()
    mutant = planted(calm_oximeter, name, OXIMETER_PLANTS[name])
    with pytest.raises(AssertionError):
        play_oximeters(mutant)
