import math
from types import ModuleType
from typing import Final

import pytest

from analysis.core.quality import agreement
from analysis.core.quality.agreement import PairState
from tests.analysis.mutant import Plant, planted
from vitals.passport import Agreement
from vitals.units import MonotonicMs

Words = list[tuple[float | None, float | None]]
"""Rate and pulse of each second."""


def hear(words: Words, module: ModuleType = agreement) -> list[str]:
    state, said = module.PairState(), []
    for second, (hr_bpm, pulse_bpm) in enumerate(words):
        if hr_bpm is not None:
            module.step(state, hr_bpm=hr_bpm, at_ms=MonotonicMs(second * 1000))
        if pulse_bpm is not None:
            module.step(state, pulse_bpm=pulse_bpm, at_ms=MonotonicMs(second * 1000))
        said.append(state.agreement.value)
    return said


def when(said: list[str], what: Agreement) -> list[int]:
    """Return the seconds at which it begins to be said."""
    return [
        second for second, word in enumerate(said) if word == what.value and (not second or said[second - 1] != word)
    ]


def lagging(rates: list[float], *, lag_s: int) -> Words:
    return [(round(rate), round(rates[max(second - lag_s, 0)])) for second, rate in enumerate(rates)]


FIRST: Final = 8
"""Eight values of each are needed, and it is judged every 2 s."""
INTERVALS: Final = [110 + 35 * math.sin(second / 25) for second in range(600)]
SLOW_RISE: Final = [80 + min(second, 60) * 0.95 for second in range(200)]

EXAMPLES: Final[tuple[tuple[str, Words, list[int], list[int]], ...]] = (
    ("10 apart agree", [(100, 90)] * 60, [FIRST], []),
    ("more than 10 apart for 15 s disagree", [(100, 89)] * 60, [], [FIRST + 16]),
    ("a pulse above disagrees too", [(89, 100)] * 60, [], [FIRST + 16]),
    ("14 s apart say nothing", [*[(100, 100)] * 30, *[(100, 80)] * 14, *[(100, 100)] * 40], [8, 52], []),
    (
        "14 s apart twice say nothing",
        [*[(100, 100)] * 30, *([(100, 80)] * 14 + [(100, 100)] * 40) * 2],
        [8, 52],
        [],
    ),
    ("without a second source nothing is known", [(100, None)] * 60, [], []),
    ("an oximeter that stops says nothing more", [*[(100, 80)] * 40, *[(100, None)] * 40], [], [24]),
    ("intervals with a pulse 12 s behind never disagree", lagging(INTERVALS, lag_s=12), [34, 114], []),
    ("a slow rise with a pulse 18 s behind never disagrees", lagging(SLOW_RISE, lag_s=18), [8], []),
    (
        "nothing is compared while the rate changes by more than 1 bpm/s and 15 s after",
        [(100 + 1.2 * min(second, 50), 60) for second in range(100)],
        [],
        [82],
    ),
)
PLANTS: Final[dict[str, Plant]] = {
    "10 apart are apart": (("<= pulse_bpm <=", "< pulse_bpm <"),),
    "11 apart agree": (("DIFFERENCE_BPM_MAX: Final = 10.0", "DIFFERENCE_BPM_MAX: Final = 11.0"),),
    "said at once": (("at_ms - since_ms >= LAST_MS", "at_ms >= since_ms"),),
    "said after 12 s": (("LAST_MS: Final = 15_000", "LAST_MS: Final = 12_000"),),
    "a break goes on": (("since_ms, agreement = None, _UNKNOWN", "since_ms, agreement = pair.since_ms, _UNKNOWN"),),
    "fast changes are compared": (("at_ms if _is_fast(rates) else", ""),),
    "no time to settle": (("SETTLE_MS: Final = 15_000", "SETTLE_MS: Final = 1_000"),),
    "1 bpm/s is 2": (("SLOPE_BPM_PER_S_MAX: Final = 1.0", "SLOPE_BPM_PER_S_MAX: Final = 2.0"),),
    "compared with now alone": (("_TRAIL: Final = 11", "_TRAIL: Final = 1"),),
    "old pulses live on": (("until_ms = newest_ms if newest_ms > now_ms else now_ms", "until_ms = newest_ms"),),
    "old pulses are kept": (("first = bisect_right(times, until_ms - MEDIAN_MS)", "first = 0"),),
    "only a pulse below": (("<= max(trail) + DIFFERENCE_BPM_MAX", "<= 999"),),
}


@pytest.mark.parametrize(
    ("words", "agrees", "disagrees"), [row[1:] for row in EXAMPLES], ids=[row[0] for row in EXAMPLES]
)
def test_two_sensors_agree_or_not_as_the_example_says(words: Words, agrees: list[int], disagrees: list[int]) -> None:
    said = hear(words)
    assert when(said, Agreement.DISAGREE) == disagrees
    assert when(said, Agreement.AGREE)[:2] == agrees


@pytest.mark.parametrize("name", PLANTS)
def test_no_planted_defect_of_the_agreement_survives(name: str) -> None:
    mutant = planted(agreement, name, PLANTS[name])
    found = []
    for _, words, agrees, disagrees in EXAMPLES:
        said = hear(words, mutant)
        found += [when(said, Agreement.DISAGREE) == disagrees, when(said, Agreement.AGREE)[:2] == agrees]
    found += [pulse_left(mutant) is None, kept_n(mutant) <= KEPT]
    assert not all(found), f"{name!r} was not noticed"


def pulse_left(module: ModuleType) -> float | None:
    """Return what is said of the pulse 40 s after its last value."""
    state = module.PairState()
    for second in range(80):
        module.step(state, hr_bpm=100.0, at_ms=MonotonicMs(second * 1000))
        if second < 40:
            module.step(state, pulse_bpm=80.0, at_ms=MonotonicMs(second * 1000))
    left: float | None = state.pulse_bpm
    return left


KEPT: Final = 17
"""Values of 15 s, one a second, and those that came since they were compared."""


def kept_n(module: ModuleType) -> int:
    """Return how many rates are remembered after 100 s."""
    state = module.PairState()
    for second in range(100):
        module.step(state, hr_bpm=100.0, at_ms=MonotonicMs(second * 1000))
    return len(state.rates.bpm)


def test_no_more_than_the_last_values_are_remembered() -> None:
    assert kept_n(agreement) <= KEPT


def test_a_pulse_that_stopped_is_not_quoted() -> None:
    assert pulse_left(agreement) is None


def test_a_value_older_than_the_newest_is_passed_over() -> None:
    state = PairState()
    for at_ms in (1_000, 3_000, 2_000, 3_000):
        agreement.step(state, hr_bpm=100.0, at_ms=MonotonicMs(at_ms))
    assert state.rates.at_ms == [1_000, 3_000]


def test_a_fast_sensor_fills_no_memory() -> None:
    state = PairState()
    for index in range(1_000):
        agreement.step(state, hr_bpm=100.0, pulse_bpm=100.0, at_ms=MonotonicMs(index * 10))
    # 32, and what comes between two comparisons.
    assert 32 <= len(state.rates.bpm) <= 32 + 200
    assert 32 <= len(state.pulses.bpm) <= 32 + 200
