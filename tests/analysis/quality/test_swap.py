import msgspec
import pytest

from analysis.core.quality import agreement, swap
from analysis.core.quality.agreement import PairState
from analysis.core.quality.swap import Swap, SwapKind, SwapState
from tests.analysis.quality.people import Person, Second, make_class, with_deficit
from vitals.participants import ParticipantId
from vitals.passport import Agreement
from vitals.units import MonotonicMs


def name(number: int) -> ParticipantId:
    return ParticipantId(f"p{number:02d}")


def attend(
    rates: list[list[float] | None], pulses: list[list[Second] | None]
) -> tuple[set[tuple[ParticipantId, ParticipantId, SwapKind]], float]:
    """Return the swaps that were told in a class, and the share of the person-time in which sensors disagreed."""
    pairs = {name(number): PairState() for number in range(len(rates))}
    state, told, apart_n, seconds = SwapState(), set(), 0, 1_200
    for second in range(seconds):
        at_ms = MonotonicMs(second * 1000)
        for number, person in enumerate(pairs):
            rate, pulse = rates[number], pulses[number]
            if rate is not None:
                agreement.step(pairs[person], hr_bpm=round(rate[second]), at_ms=at_ms)
            if pulse is not None and (beat := pulse[second]) is not None:
                agreement.step(pairs[person], pulse_bpm=round(beat), at_ms=at_ms)
            apart_n += pairs[person].agreement is Agreement.DISAGREE
        state, swaps = swap.step(state, pairs, now_ms=at_ms)
        told |= {(one.strap_of, one.oximeter_of, one.kind) for one in swaps}
    return told, apart_n / seconds / len(pairs)


def rates_of(people: list[Person]) -> list[list[float] | None]:
    return [person.rate_bpm for person in people]


def pulses_of(people: list[Person]) -> list[list[Second] | None]:
    return [person.pulse_bpm for person in people]


@pytest.mark.parametrize(("work_s", "rest_s"), [(30, 30), (60, 60), (180, 120)])
def test_twelve_people_who_do_the_same_are_never_called_swapped_nor_in_disagreement(work_s: int, rest_s: int) -> None:
    for seed in range(3):
        people = make_class(seed, work_s=work_s, rest_s=rest_s)
        assert attend(rates_of(people), pulses_of(people)) == (set(), 0.0)


def test_people_with_fibrillation_disagree_with_themselves_and_are_not_called_swapped() -> None:
    for seed in range(3):
        people = make_class(seed)
        people[:3] = [with_deficit(person, by_bpm=15) for person in people[:3]]
        rates = rates_of(people)
        rates[6] = None
        told, apart = attend(rates, pulses_of(people))
        assert told == set()
        assert apart > 0.02


def test_exchanged_oximeters_are_told_from_both_sides() -> None:
    people = make_class(2)
    pulses = pulses_of(people)
    pulses[0], pulses[1] = pulses[1], pulses[0]
    told, _ = attend(rates_of(people), pulses)
    assert told == {(name(0), name(1), SwapKind.EXCHANGED), (name(1), name(0), SwapKind.EXCHANGED)}


def test_most_exchanges_are_found() -> None:
    found = 0
    for seed in range(200, 206):
        people = make_class(seed)
        pulses = pulses_of(people)
        pulses[0], pulses[1] = pulses[1], pulses[0]
        told, _ = attend(rates_of(people), pulses)
        assert told <= {(name(0), name(1), SwapKind.EXCHANGED), (name(1), name(0), SwapKind.EXCHANGED)}
        found += bool(told)
    # Two people whose hearts do the same within some 5 bpm cannot be told apart.
    assert found >= 4


def test_a_strap_on_somebody_else_whose_own_tells_nothing_is_found_in_some_classes_and_nowhere_else() -> None:
    found = 0
    for seed in range(300, 308):
        people = make_class(seed)
        rates = rates_of(people)
        rates[0], rates[1] = rates[1], None
        told, _ = attend(rates, pulses_of(people))
        assert told <= {(name(0), name(1), SwapKind.ONE_SIDED)}
        found += bool(told)
    assert found >= 2


def ring(*owners: int, level: tuple[float, ...] = (90, 120, 150)) -> dict[ParticipantId, list[tuple[float, float]]]:
    """Points of people whose rate rises by 20 bpm in the middle of 5 min, with the oximeter of the one named."""
    return {
        name(number): [(level[number] + 20 * (step >= 15), level[owner] + 20 * (step >= 15)) for step in range(30)]
        for number, owner in enumerate(owners)
    }


def judge(points: dict[ParticipantId, list[tuple[float, float]]], *, steps: int = 30) -> tuple[Swap, ...]:
    state = SwapState()
    swaps: tuple[Swap, ...] = ()
    for index in range(steps):
        now_ms = MonotonicMs(index * swap.STEP_MS)
        pairs = {}
        for person, history in points.items():
            rate_bpm, pulse_bpm = history[index]
            recent = agreement.Recent([now_ms], [rate_bpm])
            pairs[person] = PairState(rates=recent, pulses=recent, rate_bpm=rate_bpm, pulse_bpm=pulse_bpm)
        state, swaps = swap.step(state, pairs, now_ms=now_ms)
    return swaps


def test_a_ring_of_three_is_told_as_one() -> None:
    assert [(one.strap_of, one.oximeter_of, one.kind) for one in judge(ring(1, 2, 0))] == [
        (name(0), name(2), SwapKind.ROTATED),
        (name(1), name(0), SwapKind.ROTATED),
        (name(2), name(1), SwapKind.ROTATED),
    ]


def test_nothing_is_told_before_three_minutes() -> None:
    exchanged = ring(1, 0, 2)
    assert judge(exchanged, steps=17) == ()
    assert len(judge(exchanged, steps=18)) == 2


@pytest.mark.parametrize(("apart_bpm", "told"), [(4.9, 0), (5.0, 2)])
def test_who_are_less_than_5_apart_are_not_told_apart(apart_bpm: float, told: int) -> None:
    assert len(judge(ring(1, 0, level=(100, 100 + apart_bpm)))) == told


@pytest.mark.parametrize(
    ("level_bpm", "off_bpm", "told"), [(130, 3.5, 2), (130, 3.6, 0), (109, 3.0, 2), (109, 3.1, 0), (111, 3.1, 2)]
)
def test_the_other_oximeter_must_be_within_3_5_and_twice_as_near(level_bpm: float, off_bpm: float, told: int) -> None:
    nearer = {name(0): -off_bpm, name(1): off_bpm}
    exchanged = {
        person: [(rate, pulse + nearer[person]) for rate, pulse in history]
        for person, history in ring(1, 0, level=(100, level_bpm)).items()
    }
    assert len(judge(exchanged)) == told


@pytest.mark.parametrize(("age_ms", "kept"), [(5_000, 90.0), (5_001, None)])
def test_a_sensor_that_stopped_makes_no_points(age_ms: int, kept: float | None) -> None:
    recent = agreement.Recent([MonotonicMs(0)], [90.0])
    pair = PairState(rates=recent, pulses=recent, rate_bpm=90.0, pulse_bpm=90.0)
    state, _ = swap.step(SwapState(), {name(0): pair}, now_ms=MonotonicMs(age_ms))
    assert state.points[name(0)] == (swap.Point(kept, kept),)


def test_people_at_rest_are_not_told_apart() -> None:
    still = {person: [history[0]] * 30 for person, history in ring(1, 0, 2).items()}
    assert judge(still) == ()


def test_it_works_once_in_ten_seconds_and_forgets_who_was_given_another_sensor() -> None:
    pairs = {name(0): PairState(), name(1): PairState()}
    state, _ = swap.step(SwapState(), pairs, now_ms=MonotonicMs(0))
    same, _ = swap.step(state, pairs, now_ms=MonotonicMs(9_999))
    later, _ = swap.step(state, pairs, now_ms=MonotonicMs(10_000))
    assert same is state
    assert len(later.points[name(0)]) == 2
    assert list(swap.forget(later, name(0)).points) == [name(1)]
    for index in range(40):
        later, _ = swap.step(later, pairs, now_ms=MonotonicMs(20_000 + index * 10_000))
    assert len(later.points[name(1)]) == swap.POINTS_MAX
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(later), type=SwapState) == later
