"""Laws of the strap's average: the mean of 5 s, every interval once, in order."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.beats import RR_MAX_PER_NOTIFICATION, Beat, StrapAverage, samples_from_beats


def test_the_rate_is_the_rounded_mean_of_the_intervals_of_the_last_5_s() -> None:
    beats = [Beat(second, 1000.0) for second in range(1, 6)] + [Beat(5 + 0.5 * n, 500.0) for n in range(1, 11)]
    samples = samples_from_beats(beats)
    assert samples[4].hr_bpm == 60
    assert samples[9].hr_bpm == 120
    assert samples[6].hr_bpm == round(60_000 / ((3 * 1000 + 4 * 500) / 7))


@given(st.lists(st.floats(250, 2500), min_size=1, max_size=400))
def test_every_interval_is_sent_exactly_once_in_order(intervals: list[float]) -> None:
    at_s, beats = 0.0, []
    for interval in intervals:
        at_s += interval / 1000
        beats.append(Beat(at_s, interval))
    sent = [ticks for sample in samples_from_beats(beats, end_s=at_s + 60) for ticks in sample.rr_ticks]
    assert sent == [round(interval * 1024 / 1000) for interval in intervals]


def test_more_intervals_than_fit_wait_for_the_next_notification() -> None:
    average = StrapAverage()
    for n in range(12):
        average.beat(Beat(n * 0.3, 300.0))
    assert len(average.sample(4.0).rr_ticks) == RR_MAX_PER_NOTIFICATION
    assert len(average.sample(5.0).rr_ticks) == 12 - RR_MAX_PER_NOTIFICATION


def test_silence_of_5_s_is_no_contact_and_no_rate() -> None:
    samples = samples_from_beats([Beat(1.0, 1000.0)], end_s=8)
    assert samples[0].hr_bpm == 60
    assert samples[-1].hr_bpm is None
    assert not samples[-1].contact


def test_an_interval_too_long_for_the_field_is_not_sent() -> None:
    samples = samples_from_beats([Beat(1.0, 1000.0), Beat(86.8, 85_800.0), Beat(87.8, 1000.0)])
    assert [ticks for sample in samples for ticks in sample.rr_ticks] == [1024, 1024]
