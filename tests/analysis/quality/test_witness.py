"""A rate against its own beats: noise waits, a racing heart does not, and nobody is left unwatched."""

from collections.abc import Iterable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.quality import witness
from analysis.core.quality.gate import Evidence
from analysis.core.quality.witness import WitnessState
from tests.analysis.mutant import Plant, planted
from tests.analysis.quality.readings import ms

Word = tuple[float, float, tuple[float, ...]]
"""Seconds, bpm, beats in ms."""


def wear(
    words: Iterable[Word], *, lost: frozenset[float] = frozenset(), step: object = witness.step
) -> list[list[float]]:
    """Return the times (s) of the rates that are believed, reading by reading."""
    state, believed = WitnessState(), []
    for at_s, bpm, rr_ms in words:
        is_lost = at_s in lost
        evidence = () if is_lost else (Evidence(ms(at_s), bpm),)
        state, passed = step(state, evidence, hr_bpm=bpm, rr_ms=rr_ms, at_ms=ms(at_s), lost=is_lost)  # type: ignore[operator]
        believed.append([one.at_ms / 1000 for one in passed])
    return believed


def sound(bpm: float, seconds: Iterable[int]) -> list[Word]:
    return [(float(at_s), bpm, (60_000 / bpm,)) for at_s in seconds]


def noise(bpm: float, seconds: Iterable[int]) -> list[Word]:
    """A steady rate with beats that are not its own."""
    return [(float(at_s), bpm, (300.0,) if at_s % 3 else (1_500.0,)) for at_s in seconds]


def uneven(bpm: float, seconds: Iterable[int]) -> list[Word]:
    """Long and short beats in turn: right on the whole."""
    mean_ms = 60_000 / bpm
    return [(float(at_s), bpm, (mean_ms * (0.6 if at_s % 2 else 1.4),)) for at_s in seconds]


CALM: Final = sound(80, range(20))


def last(believed: list[list[float]]) -> list[float]:
    return [at_s for times in believed for at_s in times]


def test_a_sound_strap_is_believed_word_by_word() -> None:
    assert last(wear(CALM)) == [word[0] for word in CALM]


def test_a_real_jump_with_its_own_beats_is_borne_out_at_once() -> None:
    assert last(wear([*CALM, *sound(150, range(20, 30))])) == [float(at_s) for at_s in range(30)]


def test_a_rate_that_its_beats_join_later_waits_for_four_of_them_and_loses_nothing() -> None:
    believed = wear([*CALM, *noise(150, range(20, 24)), *sound(150, range(24, 34))])
    assert not last(believed[20:27])
    assert believed[27] == [float(at_s) for at_s in range(20, 28)]


def test_a_racing_heart_whose_rate_lags_is_believed_at_once() -> None:
    climb = [(20.0 + at_s, min(170.0, 80 + 18 * at_s), (350.0,) * 2) for at_s in range(1, 8)]
    assert last(wear([*CALM, *climb])) == [float(at_s) for at_s in [*range(20), *range(21, 28)]]


def test_noise_of_less_than_half_a_minute_never_reaches_a_rule() -> None:
    believed = last(wear([*CALM, *noise(130, range(20, 45)), *sound(81, range(45, 70))]))
    assert not [at_s for at_s in believed if 20 <= at_s < 45]
    assert believed[-25:] == [float(at_s) for at_s in range(45, 70)]


def test_a_steady_rate_is_believed_after_half_a_minute_with_all_that_waited() -> None:
    believed = wear([*CALM, *noise(130, range(20, 60))])
    assert not last(believed[20:50])
    assert believed[50] == [float(at_s) for at_s in range(20, 51)]


def test_a_rate_that_leaps_on_is_believed_after_two_minutes_at_the_latest() -> None:
    leaping = [
        (float(at_s), 130.0 + 20 * (at_s // 5 % 3), (300.0,) if at_s % 3 else (1_500.0,)) for at_s in range(20, 200)
    ]
    believed = last(wear([*CALM, *leaping]))
    assert min(at_s for at_s in believed if at_s >= 20) >= 135
    assert max(believed) > 180


def test_what_waited_before_a_hole_is_never_judged() -> None:
    """Noise of 15 s, ten minutes out of range, and a rate like it: the old hold must not ring now."""
    believed = last(wear([*CALM, *noise(130, range(20, 35)), *sound(132, range(635, 645))]))
    assert not [at_s for at_s in believed if 20 <= at_s < 635]
    assert believed[-10:] == [float(at_s) for at_s in range(635, 645)]


def test_a_rate_that_stays_is_believed_whatever_the_beats_do() -> None:
    assert len(last(wear([*CALM, *noise(84, range(20, 60))]))) == 60


def test_a_rate_without_beats_has_no_witness() -> None:
    mute = [(float(at_s), 130.0, ()) for at_s in range(24, 40)]
    assert last(wear([*CALM, *mute])) == [float(at_s) for at_s in [*range(20), *range(24, 40)]]
    assert last(wear([(float(at_s), 130.0, ()) for at_s in range(10)])) == [float(at_s) for at_s in range(10)]


def test_after_lost_contact_a_rate_elsewhere_is_doubted_for_ten_seconds() -> None:
    words = [*CALM, *noise(80, range(20, 25)), *noise(120, range(25, 34)), *sound(80, range(34, 50))]
    believed = last(wear(words, lost=frozenset(map(float, range(20, 25)))))
    assert not [at_s for at_s in believed if 20 <= at_s < 34]
    assert [at_s for at_s in believed if at_s >= 34] == [float(at_s) for at_s in range(34, 50)]


def test_the_first_words_must_agree_twice() -> None:
    dry = [(0.0, 127.0, (420.0,)), (1.0, 127.0, (800.0,)), *sound(76, range(2, 8))]
    assert [at_s for at_s in last(wear(dry)) if at_s < 2] == []
    assert wear(sound(76, range(3))) == [[], [0.0, 1.0], [2.0]]


@given(
    st.lists(
        st.tuples(
            st.integers(200, 4_000), st.integers(30, 230), st.lists(st.floats(240, 3_000), max_size=3).map(tuple)
        ),
        max_size=150,
    )
)
def test_nothing_is_believed_twice_or_out_of_order_and_nobody_waits_for_more_than_two_minutes(
    steps: list[tuple[int, int, tuple[float, ...]]],
) -> None:
    at_ms, words = 0, []
    for gap_ms, bpm, rr_ms in steps:
        at_ms += gap_ms
        words.append((at_ms / 1000, float(bpm), rr_ms))
    believed = wear(words)
    flat = last(believed)
    assert flat == sorted(set(flat))
    told_s = [words[0][0]] if words else []
    for word, times in zip(words, believed, strict=True):
        if times:
            told_s.append(word[0])
        assert word[0] - told_s[-1] <= witness.GIVE_IN_MS / 1000 + 8
    assert set(flat) <= {word[0] for word in words}


LOST: Final = frozenset(map(float, range(20, 25)))
CASES: Final[list[tuple[list[Word], frozenset[float]]]] = [
    ([*CALM, *sound(150, range(20, 30))], frozenset()),
    ([*CALM, *noise(130, range(20, 45)), *sound(81, range(45, 70))], frozenset()),
    ([*CALM, *noise(130, range(20, 60))], frozenset()),
    ([*CALM, *noise(88, range(20, 30)), *noise(89, range(30, 40))], frozenset()),
    ([*CALM, *noise(97, range(20, 40))], frozenset()),
    ([(0.0, 127.0, (420.0,)), (1.0, 127.0, (800.0,)), *sound(76, range(2, 8))], frozenset()),
    (
        [*CALM, *noise(80, range(20, 25)), *noise(120, range(25, 34)), *sound(120, range(34, 50))],
        LOST,
    ),
    ([*CALM, *((float(at_s), 130.0, ()) for at_s in range(21, 40))], frozenset()),
    ([*CALM, *((20.0 + at_s, min(170.0, 80 + 18 * at_s), (350.0,) * 2) for at_s in range(1, 8))], frozenset()),
    # Lags for longer; beats that are right on the whole and never one by one, after lost contact and after noise; no
    # beats from one second to the next; a step of 8 bpm in the middle of noise.
    ([*CALM, *((20.0 + at_s, min(170.0, 80 + 10 * at_s), (350.0,) * 2) for at_s in range(1, 10))], frozenset()),
    ([*CALM, *((float(at_s), 80.0, ()) for at_s in range(20, 25)), *uneven(120, range(25, 50))], LOST),
    ([*CALM, *noise(120, range(20, 25)), *uneven(120, range(25, 50))], frozenset()),
    ([*CALM, *((float(at_s), 130.0, ()) for at_s in range(20, 40))], frozenset()),
    ([*sound(120, range(20)), *noise(120, range(20, 27)), *noise(128, range(27, 40))], frozenset()),
    ([*CALM, *noise(130, range(20, 35)), *sound(132, range(635, 645))], frozenset()),
    ([*CALM, *((float(at_s), 92.0, (60_000 / 80,)) for at_s in range(20, 34))], frozenset()),
    ([*CALM, *((float(at_s), 96.0, (60_000 / 80,)) for at_s in range(20, 34))], frozenset()),
]
PLANTS: Final[dict[str, Plant]] = {
    "apart at 10 %": (("APART_SHARE: Final = 0.15", "APART_SHARE: Final = 0.10"),),
    "apart at 25 %": (("APART_SHARE: Final = 0.15", "APART_SHARE: Final = 0.25"),),
    "stays within 16": (("STEP_BPM: Final = 8.0", "STEP_BPM: Final = 16.0"),),
    "stays within 7": (("STEP_BPM: Final = 8.0", "STEP_BPM: Final = 7.0"),),
    "settles in 5 s": (("SETTLE_MS: Final = 10_000", "SETTLE_MS: Final = 5_000"),),
    "three agree": (("FRESH_N: Final = 4", "FRESH_N: Final = 3"),),
    "five agree": (("FRESH_N: Final = 4", "FRESH_N: Final = 5"),),
    "one word is enough": (("BEGIN_N: Final = 2", "BEGIN_N: Final = 1"),),
    "steady after 20 s": (("STEADY_MS: Final = 30_000", "STEADY_MS: Final = 20_000"),),
    "never steady": (("STEADY_MS: Final = 30_000", "STEADY_MS: Final = 10**9"),),
    "old beats witness": (("SILENT_MS: Final = 3_000", "SILENT_MS: Final = 9_000"),),
    "lost contact is forgotten": (("if lost or (beats_bpm", "if (beats_bpm"),),
    "a hole is nothing": (("HOLE_MS: Final = 5_000", "HOLE_MS: Final = 10**9"),),
    "what waited is gone": (("if held else evidence", "if False else evidence"),),
    "every rate waits for its beats": (("if in_doubt or not lags:", "if True:"),),
}


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_planted_defect_is_seen(name: str) -> None:
    mutant = planted(witness, name, PLANTS[name])
    assert any(wear(words, lost=lost) != wear(words, lost=lost, step=mutant.step) for words, lost in CASES)
