"""A number on a screen has a time, is called stale in time, and is gone in time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.frames import Silence
from dashboard.view.trace import HOLE_MS, TRACE_MS, Trace
from dashboard.view.values import HR_SILENCE, SPO2_SILENCE, Heard, to_heard, view_value
from tests.dashboard.words import hr
from vitals.readings import HeartRateReading, Quality, Reason, RunId, Source
from vitals.units import MonotonicMs, Unit

SILENCES = st.sampled_from([HR_SILENCE, SPO2_SILENCE])


def heard(value: float | None, *, at_ms: int, reason: Reason | None = None) -> Heard:
    return Heard(
        value=value, quality=Quality.GOOD, reason=reason, at_ms=MonotonicMs(at_ms), run=RunId("r"), seq=at_ms // 1000
    )


@given(
    value=st.none() | st.floats(min_value=1, max_value=300),
    age_ms=st.integers(min_value=0, max_value=60_000),
    silence=SILENCES,
    loss=st.sampled_from((None, Reason.GATEWAY_LOST, Reason.BROKER_LOST)),
)
def test_no_value_outlives_its_silence_and_none_is_without_a_time(
    value: float | None, age_ms: int, silence: Silence, loss: Reason | None
) -> None:
    view = view_value(
        heard(value, at_ms=100_000),
        unit=Unit.BPM,
        silence=silence,
        loss=loss,
        now_ms=MonotonicMs(100_000 + age_ms),
    )

    assert view.at_ms == 100_000
    if age_ms >= silence.lost_ms:
        assert view.value is None
        assert view.reason is (loss or Reason.LOST)
    else:
        assert view.value == value
        assert (view.reason is Reason.STALE) == (value is not None and age_ms >= silence.stale_ms)


def test_the_times_of_silence_are_those_of_the_design() -> None:
    assert (HR_SILENCE.stale_ms, HR_SILENCE.lost_ms) == (3_000, 10_000)
    assert (SPO2_SILENCE.stale_ms, SPO2_SILENCE.lost_ms) == (5_000, 15_000)


def test_a_sensor_that_never_spoke_shows_no_value_and_says_so() -> None:
    view = view_value(None, unit=Unit.BPM, silence=HR_SILENCE, loss=None, now_ms=MonotonicMs(5))

    assert (view.value, view.at_ms, view.reason) == (None, None, Reason.NEVER_HEARD)


def test_a_value_that_nobody_may_trust_is_no_value() -> None:
    body = hr(88, seq=1, mono_ms=0, quality=Quality.UNUSABLE, reason=Reason.NOT_LIVE).body
    assert isinstance(body, HeartRateReading)

    kept = to_heard(body, at_ms=MonotonicMs(0))

    assert (kept.value, kept.reason) == (None, Reason.NOT_LIVE)


def test_what_the_sensor_said_about_its_value_travels_while_the_value_is_fresh() -> None:
    view = view_value(
        heard(None, at_ms=0, reason=Reason.OFF_SKIN),
        unit=Unit.BPM,
        silence=HR_SILENCE,
        loss=None,
        now_ms=MonotonicMs(4_000),
    )

    assert (view.value, view.reason) == (None, Reason.OFF_SKIN)


@given(st.lists(st.tuples(st.integers(0, 400_000), st.none() | st.integers(30, 220)), max_size=400))
def test_a_trace_is_in_order_bounded_and_bridges_no_hole(said: list[tuple[int, int | None]]) -> None:
    trace = Trace()
    for at_ms, value in said:
        trace.add(MonotonicMs(at_ms), value)
    now_ms = max((at_ms for at_ms, _ in said), default=0)

    points = trace.points(MonotonicMs(now_ms))

    times = [at_ms for at_ms, _ in points]
    assert times == sorted(times)
    assert all(now_ms - TRACE_MS <= at_ms <= now_ms for at_ms in times)
    known = [(at_ms, value) for at_ms, value in points if value is not None]
    assert {(at_ms, value) for at_ms, value in known} <= set(said)
    for (one_ms, one), (other_ms, other) in pairwise(points):
        assert not (other_ms - one_ms > HOLE_MS and one is not None and other is not None)
    seconds = [at_ms // 1000 for at_ms, _ in known]
    assert len(seconds) == len(set(seconds))


def test_a_value_that_comes_late_fills_its_place_in_the_trace() -> None:
    trace = Trace()
    for at_ms in (1_000, 2_000, 9_000, 5_000):
        trace.add(MonotonicMs(at_ms), at_ms // 100)

    assert trace.points(MonotonicMs(9_000)) == ((1_000, 10), (2_000, 20), (5_000, 50), (9_000, 90))


def test_a_grey_or_missing_number_says_what_its_sensor_waits_for_unless_the_gateway_is_lost() -> None:
    def reason(
        known: Heard | None, *, now_ms: int, loss: Reason | None = None, waits: Reason | None = Reason.OUT_OF_SLOTS
    ) -> Reason | None:
        return view_value(
            known,
            unit=Unit.BPM,
            silence=HR_SILENCE,
            loss=loss,
            now_ms=MonotonicMs(now_ms),
            waits=waits,
        ).reason

    one = heard(80, at_ms=0)
    assert reason(None, now_ms=0) is Reason.OUT_OF_SLOTS
    assert reason(None, now_ms=0, loss=Reason.GATEWAY_LOST) is Reason.GATEWAY_LOST
    assert reason(one, now_ms=HR_SILENCE.stale_ms - 1) is None
    assert reason(one, now_ms=HR_SILENCE.stale_ms) is Reason.OUT_OF_SLOTS
    assert reason(one, now_ms=HR_SILENCE.lost_ms) is Reason.OUT_OF_SLOTS
    assert reason(one, now_ms=HR_SILENCE.lost_ms, loss=Reason.GATEWAY_LOST) is Reason.GATEWAY_LOST
    assert reason(one, now_ms=HR_SILENCE.lost_ms, waits=None) is Reason.LOST


def test_a_number_that_was_heard_without_a_link_says_so_as_long_as_it_is_live() -> None:
    reading = hr(80, seq=0, mono_ms=0, source=Source.BROADCAST).body
    assert isinstance(reading, HeartRateReading)
    known = to_heard(reading, at_ms=MonotonicMs(0))
    at = {
        now_ms: view_value(known, unit=Unit.BPM, silence=HR_SILENCE, loss=None, now_ms=MonotonicMs(now_ms)).reason
        for now_ms in (0, HR_SILENCE.stale_ms, HR_SILENCE.lost_ms)
    }
    assert list(at.values()) == [Reason.BROADCAST, Reason.STALE, Reason.LOST]
