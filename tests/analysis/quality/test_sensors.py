from collections.abc import Iterable
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.quality import oximeter, strap
from analysis.core.quality.agreement import PairState
from analysis.core.quality.freshness import AGES, judge_age
from analysis.core.quality.gate import Evidence, Outcome
from analysis.core.quality.oximeter import OximeterState, OximeterVerdict
from analysis.core.quality.stamp import passport_of
from analysis.core.quality.strap import StrapState, StrapVerdict
from tests.analysis.quality.readings import ms, oximeter_reading, strap_reading
from vitals.passport import Agreement, Doubt, Freshness, Passport
from vitals.readings import Averaging, HeartRateReading, OximeterReading, Quality, ReadingKind, Reason, Source
from vitals.units import MonotonicMs


def wear(
    readings: Iterable[HeartRateReading], state: StrapState | None = None
) -> tuple[StrapState, list[StrapVerdict]]:
    state, verdicts = state or StrapState(), []
    for reading in readings:
        state, verdict = strap.step(state, reading, at_ms=reading.mono_ms)
        verdicts.append(verdict)
    return state, verdicts


def clip(readings: Iterable[OximeterReading]) -> tuple[OximeterState, list[OximeterVerdict]]:
    state, verdicts = OximeterState(), []
    for reading in readings:
        state, verdict = oximeter.step(state, reading, at_ms=reading.mono_ms)
        verdicts.append(verdict)
    return state, verdicts


CALM: Final = [strap_reading(at_s, 75, (800.0,) if at_s % 4 else (800.0, 800.0)) for at_s in range(60)]


def test_a_strap_that_sits_well_is_evidence_once_a_value() -> None:
    state, verdicts = wear(CALM)
    evidence = [one for verdict in verdicts for one in verdict.evidence]
    assert evidence == [Evidence(ms(at_s), 75.0) for at_s in range(60)]
    assert {(verdict.quality, verdict.doubts) for verdict in verdicts[1:]} == {(Quality.GOOD, ())}
    assert state.at_ms == ms(59)


def test_a_jump_is_questionable_until_it_lasts() -> None:
    jump = [strap_reading(at_s, 150, (400.0,) * 2) for at_s in range(60, 67)]
    held, _ = wear([*CALM, *jump[:5]])
    released, _ = wear([*CALM, *jump[:6]])
    assert (held.witness.level_bpm, released.witness.level_bpm) == (75, 150)
    _, verdicts = wear([*CALM, *jump])
    after = verdicts[60:]
    assert [verdict.outcome for verdict in after] == [*[Outcome.HELD] * 5, Outcome.RELEASED, Outcome.PASSED]
    assert {(verdict.quality, verdict.doubts) for verdict in after[:5]} == {(Quality.QUESTIONABLE, (Doubt.HELD_BACK,))}
    assert after[5].quality is Quality.GOOD
    assert [one.at_ms for one in after[5].evidence] == [ms(at_s) for at_s in range(60, 66)]


def test_without_contact_nothing_is_evidence_and_the_level_stays() -> None:
    off = [strap_reading(at_s, 140, (), contact=False) for at_s in range(60, 64)]
    state, verdicts = wear([*CALM, *off, strap_reading(64, 76, (800.0,))])
    assert [verdict.evidence for verdict in verdicts[60:64]] == [()] * 4
    assert verdicts[61].doubts == (Doubt.POOR_CONTACT, Doubt.DRY_STRAP)
    assert verdicts[61].reason is Reason.OFF_SKIN
    assert verdicts[64].evidence == (Evidence(ms(64), 76.0),)
    assert state.quality is Quality.GOOD


def test_a_ghost_is_unusable() -> None:
    _, verdicts = wear([*CALM, *(strap_reading(at_s, 75) for at_s in range(60, 120))])
    ghosts = [index for index, verdict in enumerate(verdicts) if verdict.contact.ghost]
    assert ghosts == list(range(89, 120))
    assert {(verdicts[index].quality, verdicts[index].doubts, verdicts[index].evidence) for index in ghosts} == {
        (Quality.UNUSABLE, (Doubt.GHOST,), ())
    }
    frozen = [index for index, verdict in enumerate(verdicts) if verdict.contact.lost]
    assert frozen[0] == 69


def test_a_strap_without_beats_that_stands_still_is_a_ghost_after_three_minutes() -> None:
    _, verdicts = wear(strap_reading(at_s, 75) for at_s in range(190))
    assert [verdict.contact.ghost for verdict in verdicts].index(True) == 180
    assert verdicts[180].quality is Quality.UNUSABLE


def test_a_broadcast_that_repeats_a_value_has_not_lost_contact_for_want_of_beats() -> None:
    heard = [msgspec.structs.replace(strap_reading(at_s, 75), source=Source.BROADCAST) for at_s in range(60, 130)]
    _, verdicts = wear([*CALM, *heard])
    assert not any(verdict.contact.lost or verdict.contact.ghost for verdict in verdicts)
    assert sum(len(verdict.evidence) for verdict in verdicts) == 130


def test_a_heart_that_nearly_stands_still_is_evidence_with_a_doubt() -> None:
    slow = [strap_reading(at_s, 28, ()) for at_s in range(60, 68)]
    _, verdicts = wear([*CALM, *slow])
    assert [one.value for verdict in verdicts[60:] for one in verdict.evidence] == [28.0] * 8
    assert Doubt.OUTSIDE in verdicts[-1].doubts


def test_a_late_reading_is_judged_by_the_level_and_changes_nothing() -> None:
    state, _ = wear(CALM)
    for reading, evidence in (
        (strap_reading(57.5, 80), (Evidence(ms(57.5), 80.0),)),
        (strap_reading(57.5, 180), ()),
        (strap_reading(57.5, None), ()),
        (strap_reading(57.5, 80, contact=False), ()),
    ):
        after, verdict = strap.step(state, reading, at_ms=reading.mono_ms)
        assert verdict.evidence == evidence
        assert after == state


def test_what_a_sensor_doubts_itself_is_no_evidence() -> None:
    noisy = strap_reading(60, 75, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL)
    _, verdicts = wear([*CALM, noisy])
    assert verdicts[-1].evidence == ()
    assert (verdicts[-1].quality, verdicts[-1].reason) == (Quality.QUESTIONABLE, Reason.POOR_SIGNAL)


def test_odd_bytes_are_named_and_spoil_nothing() -> None:
    _, verdicts = wear([*CALM, strap_reading(60, 75, (800.0,), reason=Reason.ODD_BYTES)])
    assert verdicts[-1].quality is Quality.GOOD
    assert verdicts[-1].reason is Reason.ODD_BYTES
    assert verdicts[-1].evidence


def test_an_oximeter_that_works_is_evidence() -> None:
    _, verdicts = clip(oximeter_reading(at_s, 97) for at_s in range(10))
    assert sum(len(verdict.evidence) for verdict in verdicts) == 10
    assert verdicts[5].pulse_bpm == 80.0


@pytest.mark.parametrize(
    ("perfusion_pct", "quality"),
    [(0.3, Quality.GOOD), (0.29, Quality.QUESTIONABLE), (None, Quality.GOOD), (0.0, Quality.QUESTIONABLE)],
)
def test_below_a_perfusion_of_0_3_nothing_is_evidence(perfusion_pct: float | None, quality: Quality) -> None:
    _, verdicts = clip(oximeter_reading(at_s, 97, perfusion_pct=perfusion_pct) for at_s in range(3))
    assert verdicts[2].quality is quality
    assert bool(verdicts[2].evidence) is (quality is Quality.GOOD)
    assert (verdicts[2].pulse_bpm is not None) is (quality is Quality.GOOD)
    assert verdicts[2].reason is (None if quality is Quality.GOOD else Reason.LOW_PERFUSION)


@pytest.mark.parametrize(("spo2_pct", "doubts"), [(70.0, ()), (69.9, (Doubt.BELOW_70,)), (50.0, (Doubt.BELOW_70,))])
def test_below_70_it_is_evidence_with_a_doubt(spo2_pct: float, doubts: tuple[Doubt, ...]) -> None:
    _, verdicts = clip(oximeter_reading(at_s, spo2_pct) for at_s in range(3))
    assert (verdicts[2].quality, verdicts[2].doubts) == (Quality.GOOD, doubts)
    assert verdicts[2].evidence == (Evidence(ms(2), spo2_pct),)


def test_below_50_it_is_out_of_range() -> None:
    _, verdicts = clip(oximeter_reading(at_s, 49.9) for at_s in range(20))
    assert {(verdict.quality, verdict.reason, verdict.evidence) for verdict in verdicts} == {
        (Quality.UNUSABLE, Reason.OUT_OF_RANGE, ())
    }


def test_a_spot_measurement_is_no_live_value() -> None:
    _, verdicts = clip(oximeter_reading(at_s, 97, averaging=Averaging.SPOT) for at_s in range(3))
    assert {(verdict.quality, verdict.reason) for verdict in verdicts} == {(Quality.QUESTIONABLE, Reason.NOT_LIVE)}
    assert not any(verdict.evidence for verdict in verdicts)


@pytest.mark.parametrize(("pulse_bpm", "kept"), [(30.0, 30.0), (29.0, None), (230.0, 230.0), (231.0, None)])
def test_a_pulse_out_of_range_is_not_compared(pulse_bpm: float, kept: float | None) -> None:
    _, verdicts = clip([oximeter_reading(0, 97, pulse_bpm=pulse_bpm)])
    assert verdicts[0].pulse_bpm == kept


def test_a_late_reading_of_an_oximeter_changes_nothing() -> None:
    state, _ = clip(oximeter_reading(at_s, 97) for at_s in range(10))
    after, verdict = oximeter.step(state, oximeter_reading(7.5, 95), at_ms=ms(7.5))
    assert after == state
    assert verdict.evidence == (Evidence(ms(7.5), 95.0),)


@pytest.mark.parametrize(
    ("kind", "age_ms", "freshness"),
    [
        (ReadingKind.HR, 2_999, Freshness.FRESH),
        (ReadingKind.HR, 3_000, Freshness.STALE),
        (ReadingKind.HR, 9_999, Freshness.STALE),
        (ReadingKind.HR, 10_000, Freshness.LOST),
        (ReadingKind.HR, None, Freshness.LOST),
        (ReadingKind.OXIMETER, 4_999, Freshness.FRESH),
        (ReadingKind.OXIMETER, 5_000, Freshness.STALE),
        (ReadingKind.OXIMETER, 14_999, Freshness.STALE),
        (ReadingKind.OXIMETER, 15_000, Freshness.LOST),
    ],
)
def test_stale_and_lost_are_as_the_table_says(kind: ReadingKind, age_ms: int | None, freshness: Freshness) -> None:
    assert judge_age(kind, age_ms) is freshness


def test_no_hold_spans_a_hole_that_a_screen_calls_lost() -> None:
    assert all(ages.hole_ms < ages.lost_ms for ages in AGES.values())


def test_a_passport_says_all_that_is_known_of_a_value() -> None:
    state, _ = wear(CALM)
    pair = PairState(agreement=Agreement.DISAGREE, rate_bpm=75.0, pulse_bpm=98.0)
    assert passport_of(state, now_ms=ms(60), pair=pair) == Passport(
        sensor=CALM[0].sensor,
        device="Strap X",
        source=Source.NOTIFIED,
        age_ms=1_000,
        freshness=Freshness.FRESH,
        quality=Quality.GOOD,
        doubts=(Doubt.DISAGREE,),
        agreement=Agreement.DISAGREE,
        second_bpm=98.0,
        artefact_pct=0.0,
    )


def test_a_passport_of_an_oximeter_states_its_averaging_and_the_strap_s_rate() -> None:
    state, _ = clip(oximeter_reading(at_s, 65, averaging=Averaging.FAST) for at_s in range(3))
    passport = passport_of(state, now_ms=ms(2.5), pair=PairState(rate_bpm=75.0), swapped=True)
    assert (passport.averaging, passport.second_bpm) == (Averaging.FAST, 75.0)
    assert passport.doubts == (Doubt.BELOW_70, Doubt.SWAPPED)
    assert passport.artefact_pct is None


@pytest.mark.parametrize(
    ("age_s", "quality", "reason"),
    [(2, Quality.GOOD, None), (3, Quality.QUESTIONABLE, Reason.STALE), (10, Quality.UNUSABLE, Reason.LOST)],
)
def test_a_passport_ages(age_s: float, quality: Quality, reason: Reason | None) -> None:
    state, _ = wear(CALM)
    passport = passport_of(state, now_ms=ms(59 + age_s))
    assert (passport.quality, passport.reason) == (quality, reason)


def test_a_passport_of_a_strap_that_was_never_heard_says_so() -> None:
    assert passport_of(StrapState(), now_ms=ms(5)) == Passport(reason=Reason.NEVER_HEARD)


def test_a_passport_counts_what_was_held_back_and_names_many_artefacts() -> None:
    spikes = [
        strap_reading(60 + at_s, 150 if at_s == 3 else 75, (800.0,) if at_s % 3 else (400.0, 400.0))
        for at_s in range(60)
    ]
    state, _ = wear([*CALM, *spikes])
    passport = passport_of(state, now_ms=ms(120))
    assert passport.held_n == 1
    assert Doubt.ARTEFACTS in passport.doubts
    assert passport.artefact_pct is not None
    assert passport.artefact_pct > 5


def test_a_passport_travels() -> None:
    state, _ = wear(CALM)
    passport = passport_of(state, now_ms=ms(60))
    assert msgspec.json.decode(msgspec.json.encode(passport), type=Passport) == passport


straps = st.lists(
    st.tuples(
        st.floats(0.2, 8),
        st.one_of(st.none(), st.integers(1, 300)),
        st.lists(st.floats(240, 3_000), max_size=3).map(tuple),
        st.sampled_from((None, True, False)),
    ),
    max_size=40,
)


@given(words=straps, cut=st.integers(0, 40))
def test_a_state_that_went_to_disk_and_back_goes_on_as_if_nothing_had_happened(
    words: list[tuple[float, int | None, tuple[float, ...], bool | None]], cut: int
) -> None:
    at_s, readings = 0.0, []
    for wait_s, hr_bpm, rr_ms, contact in words:
        at_s += wait_s
        readings.append(strap_reading(at_s, hr_bpm, rr_ms, contact=contact))
    whole, verdicts = wear(readings)
    before, first = wear(readings[:cut])
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=StrapState)
    assert stored == before
    after, second = wear(readings[cut:], stored)
    assert (after, first + second) == (whole, verdicts)


@given(words=straps)
def test_no_evidence_without_quality_and_none_twice(
    words: list[tuple[float, int | None, tuple[float, ...], bool | None]],
) -> None:
    at_s, seen, state = 0.0, set(), StrapState()
    for wait_s, hr_bpm, rr_ms, contact in words:
        at_s += wait_s
        reading = strap_reading(at_s, hr_bpm, rr_ms, contact=contact)
        state, verdict = strap.step(state, reading, at_ms=reading.mono_ms)
        for one in verdict.evidence:
            assert one.at_ms not in seen
            seen.add(one.at_ms)
        if verdict.evidence:
            assert verdict.quality is Quality.GOOD
            assert not verdict.contact.lost
            assert state.witness.level_bpm == verdict.evidence[-1].value
        passport = passport_of(state, now_ms=MonotonicMs(reading.mono_ms + 1))
        assert passport.quality is not Quality.GOOD or verdict.quality is Quality.GOOD
