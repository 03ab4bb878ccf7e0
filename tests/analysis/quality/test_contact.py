from collections.abc import Iterable
from types import ModuleType
from typing import Final

import pytest

from analysis.core.quality import beats, contact
from analysis.core.quality.beats import BeatState
from analysis.core.quality.contact import ContactState, ContactVerdict, Sign
from tests.analysis.mutant import Plant, planted
from vitals.units import MonotonicMs

Word = tuple[float, float | None, tuple[float, ...], bool | None]
"""Second, rate, intervals, contact."""


def hear(words: Iterable[Word], module: ModuleType = contact) -> list[tuple[float, ContactVerdict]]:
    state, beat_state, verdicts = module.ContactState(), BeatState(), []
    for at_s, hr_bpm, rr_ms, touch in words:
        at_ms = MonotonicMs(round(at_s * 1000))
        beat_state, _ = beats.step(beat_state, rr_ms, at_ms=at_ms)
        state, verdict = module.step(
            state, hr_bpm=hr_bpm, rr_ms=rr_ms, contact=touch, beat_state=beat_state, at_ms=at_ms
        )
        verdicts.append((at_s, verdict))
    return verdicts


def worn(
    seconds: range, hr_bpm: float = 75, rr_ms: tuple[float, ...] = (1000.0,), *, touch: bool | None = None
) -> list[Word]:
    return [(at_s, hr_bpm, rr_ms, touch) for at_s in seconds]


def first(verdicts: list[tuple[float, ContactVerdict]], sign: Sign) -> float | None:
    return next((at_s for at_s, verdict in verdicts if sign in verdict.signs), None)


def first_ghost(verdicts: list[tuple[float, ContactVerdict]]) -> float | None:
    return next((at_s for at_s, verdict in verdicts if verdict.ghost), None)


def wobble(at_s: int) -> float:
    return 75.0 + at_s % 2


WORN_THEN_FROZEN = [*worn(range(40), 75), *worn(range(40, 100), 75, ())]
MUTE_FROZEN = worn(range(200), 75, ())
NO_CONTACT_FROZEN = worn(range(60), 75, (), touch=False)
SAYS_CONTACT_FROZEN = worn(range(400), 75, (), touch=True)
AF_RR = (620.0, 910.0, 480.0, 1130.0, 700.0, 560.0, 980.0, 830.0, 450.0, 1240.0)
"""Irregular, and adding up to the time: the strap sits well."""


def fibrillation(beat_n: int = 300) -> list[Word]:
    words: list[Word] = []
    at_ms, second, waiting = 0.0, 0, []
    for beat in range(beat_n):
        at_ms += AF_RR[beat % 10]
        waiting.append(AF_RR[beat % 10])
        while at_ms >= (second + 1) * 1000:
            second += 1
            words.append((second, wobble(second), tuple(waiting), None))
            waiting = []
    return words


def halves(seconds: range) -> list[Word]:
    """Noise for beats: half as many as there are, each too short or too long for a heart."""
    return [(at_s, wobble(at_s), (245.0, 245.0, 510.0) if at_s % 3 else (1000.0,), None) for at_s in seconds]


EXAMPLES: Final[tuple[tuple[str, list[Word], Sign, float | None], ...]] = (
    ("the bit is clear", NO_CONTACT_FROZEN, Sign.BIT_CLEAR, 0),
    ("no rate", [(0, 75, (800.0,), None), (1, None, (), None)], Sign.RATE_ZERO, 1),
    ("frozen for 10 s since the last beat", WORN_THEN_FROZEN, Sign.FROZEN, 49),
    ("a strap that never told a beat is not frozen", MUTE_FROZEN, Sign.FROZEN, None),
    ("a rate that moves is not frozen", [(at_s, wobble(at_s), (), None) for at_s in range(60)], Sign.FROZEN, None),
    ("beats that add up", worn(range(120)), Sign.RR_SUM, None),
    ("beats that do not", worn(range(120), 75, (800.0,)), Sign.RR_SUM, 30),
    ("one interval and 3 % off", worn(range(120), 75, (939.0,)), Sign.RR_SUM, None),
    ("a little more", worn(range(120), 75, (938.0,)), Sign.RR_SUM, 30),
    ("fibrillation adds up", fibrillation(), Sign.RR_SUM, None),
    ("fibrillation is irregular", fibrillation(), Sign.FLAGGED, 17),
    ("noise no heart makes", halves(range(60)), Sign.IMPLAUSIBLE, 9),
)
GHOSTS: Final[tuple[tuple[str, list[Word], float | None], ...]] = (
    ("told beats before, 30 s", WORN_THEN_FROZEN, 69),
    ("says no contact, 30 s", NO_CONTACT_FROZEN, 30),
    ("never told anything else, 3 min", MUTE_FROZEN, 180),
    ("says contact, never", SAYS_CONTACT_FROZEN, None),
    ("a hole begins anew", [*worn(range(170), 75, ()), *worn(range(176, 300), 75, ())], None),
)
PLANTS: Final[dict[str, Plant]] = {
    "frozen one second late": (("FROZEN_S * 1000", "FROZEN_S * 1100"),),
    "frozen later than 10 s": ((">= FROZEN_S", "> FROZEN_S"),),
    "a ghost after more than its time": ((">= (GHOST_MUTE_S if", "> (GHOST_MUTE_S if"),),
    "a ghost in contact": (("or state.contact is True:", "or False:"),),
    "every ghost after 30 s": (("GHOST_MUTE_S: Final = 180.0", "GHOST_MUTE_S: Final = 30.0"),),
    "beats do not matter": (("else max(state.rate_ms, state.beat_ms)", "else state.rate_ms"),),
    "a hole does not matter": (("same = not hole and", "same ="),),
    "no tolerance": (("SUM_TOLERANCE: Final = 0.03", "SUM_TOLERANCE: Final = 0.0"),),
    "more tolerance": (("SUM_TOLERANCE: Final = 0.03", "SUM_TOLERANCE: Final = 0.04"),),
    "the first beats count": (
        (
            "block_ms, block_rr_ms, blocks, sum_off = at_ms, 0.0, (), False",
            "block_ms, block_rr_ms, blocks, sum_off = at_ms, sum(rr_ms) * 3, (), False",
        ),
    ),
    "only too many beats": (("return abs(error_ms) >", "return error_ms >"),),
    "contact is lost with the rhythm": (("    impossible = Sign.RR_SUM in signs", "    impossible = True"),),
    "4 of 20 are too many": (("share <= FLAGGED_SHARE_MAX", "share < FLAGGED_SHARE_MAX"),),
    "implausible is harmless": (("        impossible = True\n", "        pass\n"),),
    "2 of 20 are implausible": (("or 0.0) > IMPLAUSIBLE_SHARE_MAX", "or 0.0) >= IMPLAUSIBLE_SHARE_MAX"),),
}


@pytest.mark.parametrize(("words", "sign", "begins_s"), [row[1:] for row in EXAMPLES], ids=[row[0] for row in EXAMPLES])
def test_a_sign_comes_when_the_example_says(words: list[Word], sign: Sign, begins_s: float | None) -> None:
    assert first(hear(words), sign) == begins_s


@pytest.mark.parametrize(("words", "begins_s"), [row[1:] for row in GHOSTS], ids=[row[0] for row in GHOSTS])
def test_a_ghost_is_a_rate_that_stands_still_without_beats_or_contact(
    words: list[Word], begins_s: float | None
) -> None:
    assert first_ghost(hear(words)) == begins_s


SHARES: Final = (
    (4, 4, False, False),
    (5, 2, True, False),
    (5, 3, True, True),
    (20, 0, True, False),
)
"""Of 20 beats: irregular, impossible; is that irregular, is contact lost."""


def beats_say(module: ModuleType, flagged_n: int, odd_n: int) -> list[bool]:
    beat_state = BeatState(window=(1000.0,) * 11, flags=(1 << flagged_n) - 1, implausible=(1 << odd_n) - 1, judged_n=20)
    _, verdict = module.step(
        module.ContactState(), hr_bpm=60.0, rr_ms=(1000.0,), contact=None, beat_state=beat_state, at_ms=MonotonicMs(0)
    )
    return ["flagged" in [sign.value for sign in verdict.signs], verdict.lost]


@pytest.mark.parametrize(("flagged_n", "odd_n", "irregular", "lost"), SHARES)
def test_more_than_4_of_20_are_irregular_and_more_than_2_impossible_ones_lose_contact(
    flagged_n: int, odd_n: int, *, irregular: bool, lost: bool
) -> None:
    assert beats_say(contact, flagged_n, odd_n) == [irregular, lost]


@pytest.mark.parametrize("name", PLANTS)
def test_no_planted_defect_of_contact_survives(name: str) -> None:
    mutant = planted(contact, name, PLANTS[name])
    signs = [first_value(mutant, words, sign.value) == begins_s for _, words, sign, begins_s in EXAMPLES]
    ghosts = [first_ghost(hear(words, mutant)) == begins_s for _, words, begins_s in GHOSTS]
    lost = any(verdict.lost for _, verdict in hear(fibrillation(), mutant))
    noise = any(verdict.lost for _, verdict in hear(halves(range(60)), mutant))
    shares = [beats_say(mutant, flagged_n, odd_n) == says for flagged_n, odd_n, *says in SHARES]
    assert not all([*signs, *ghosts, *shares, not lost, noise]), f"{name!r} was not noticed"


def first_value(module: ModuleType, words: list[Word], sign: str) -> float | None:
    verdicts = hear(words, module)
    return next((at_s for at_s, verdict in verdicts if sign in [one.value for one in verdict.signs]), None)


def test_fibrillation_alone_is_never_lost_contact() -> None:
    verdicts = hear(fibrillation(2_000))
    assert any(Sign.FLAGGED in verdict.signs for _, verdict in verdicts)
    assert not any(verdict.lost or verdict.ghost for _, verdict in verdicts)


def test_noise_that_no_heart_makes_is_lost_contact_until_beats_are_back() -> None:
    verdicts = hear([*halves(range(60)), *worn(range(60, 120))])
    assert any(verdict.lost for at_s, verdict in verdicts if at_s < 60)
    assert not any(verdict.lost for at_s, verdict in verdicts if at_s >= 100)


def test_lost_contact_in_the_first_five_minutes_is_a_dry_strap() -> None:
    words = [*worn(range(300)), (300, 75.0, (), False), (301, 75.0, (), False)]
    verdicts = dict(hear(words))
    assert verdicts[300] == ContactVerdict((Sign.BIT_CLEAR,), lost=True, dry=True)
    assert verdicts[301] == ContactVerdict((Sign.BIT_CLEAR,), lost=True, dry=False)


def test_a_strap_that_sits_well_says_nothing() -> None:
    assert {verdict for _, verdict in hear(worn(range(400)))} == {ContactVerdict()}


def test_the_state_begins_with_the_first_word() -> None:
    state, _ = contact.step(
        ContactState(), hr_bpm=70, rr_ms=(), contact=None, beat_state=BeatState(), at_ms=MonotonicMs(5_000)
    )
    assert (state.first_ms, state.rate_ms, state.block_ms) == (5_000, 5_000, 5_000)
