"""Straps that deny contact: doubted until their own beats prove that they hear a heart."""

from gateway.codecs.heart_rate import encode_heart_rate
from gateway.drivers.base import Hearing, Stamp, Value
from gateway.drivers.heart_rate import HEART_RATE, PROOFS_MIN
from vitals.readings import HeartRateReading, Quality, Reason, RunId
from vitals.sensors import SensorId
from vitals.units import MonotonicMs

NO_CONTACT = encode_heart_rate(75, rr_1024=(819,), contact=False)


def hearing_with(stamp: Stamp) -> Hearing:
    return Hearing(mono_ms=stamp.mono_ms, stamp_of=lambda _kind: stamp)


def play(*raws: bytes, every_ms: int = 1_000) -> list[HeartRateReading]:
    """Return what the driver makes of notifications of one link."""
    conversation, told = HEART_RATE.open(), list[HeartRateReading]()
    for number, raw in enumerate(raws):
        stamp = Stamp(RunId("00ff"), SensorId("s-a"), number, MonotonicMs(10_000 + number * every_ms))
        hearing = hearing_with(stamp)
        for reading in conversation.hear(Value(HEART_RATE.listens[0], raw), hearing):
            assert isinstance(reading, HeartRateReading)
            told.append(reading)
    return told


def verdicts(told: list[HeartRateReading]) -> list[tuple[Quality, Reason | None]]:
    return [(one.quality, one.reason) for one in told]


DOUBTED = (Quality.QUESTIONABLE, Reason.OFF_SKIN)
BELIEVED = (Quality.GOOD, None)


def test_a_denied_contact_is_disbelieved_after_five_notifications_with_beats_that_fit() -> None:
    told = play(*[NO_CONTACT] * 8)

    assert verdicts(told) == [DOUBTED] * (PROOFS_MIN - 1) + [BELIEVED] * 4
    assert {one.contact for one in told} == {False}


def test_beats_that_do_not_fit_prove_nothing_and_take_back_what_was_proven() -> None:
    odd = encode_heart_rate(75, rr_1024=(400,), contact=False)

    assert verdicts(play(*[odd] * 20)) == [DOUBTED] * 20
    assert verdicts(play(*[NO_CONTACT] * 5, odd, NO_CONTACT))[4:] == [BELIEVED, DOUBTED, DOUBTED]


def test_a_rate_that_goes_on_without_beats_is_doubted_again_after_five_seconds() -> None:
    frozen = encode_heart_rate(75, contact=False)

    assert verdicts(play(*[NO_CONTACT] * 5, *[frozen] * 7))[4:] == [BELIEVED] * 6 + [DOUBTED] * 2


def test_no_rate_is_no_rate_whatever_was_proven() -> None:
    told = play(*[NO_CONTACT] * 6, encode_heart_rate(0, contact=False), NO_CONTACT)

    assert (told[6].hr_bpm, told[6].reason) == (None, Reason.OFF_SKIN)
    assert verdicts(told)[7] == DOUBTED


def test_each_link_must_prove_it_anew() -> None:
    play(*[NO_CONTACT] * 6)

    assert verdicts(play(NO_CONTACT)) == [DOUBTED]


BEATS = encode_heart_rate(92, rr_1024=(667,), contact=True)
REPEATED = (Quality.QUESTIONABLE, Reason.SENSOR_FAULT)


def test_a_strap_that_repeats_itself_with_all_its_beats_is_not_believed_after_half_a_minute() -> None:
    told = play(*[BEATS] * 40)

    assert verdicts(told) == [BELIEVED] * 30 + [REPEATED] * 10
    assert {one.hr_bpm for one in told} == {92}
    assert verdicts(play(*[NO_CONTACT] * 31))[-1] == REPEATED


def test_one_other_notification_shows_that_a_strap_is_alive() -> None:
    other = encode_heart_rate(92, rr_1024=(668,), contact=True)

    assert verdicts(play(*[BEATS] * 35, other, *[BEATS] * 30)) == [BELIEVED] * 30 + [REPEATED] * 5 + [BELIEVED] * 31


def test_a_rate_without_beats_may_stand_still_and_seldom_words_are_no_repetition() -> None:
    rate = encode_heart_rate(60, contact=True)

    assert verdicts(play(*[rate] * 90)) == [BELIEVED] * 90
    assert verdicts(play(*[BEATS] * 10, every_ms=20_000)) == [BELIEVED] * 10
