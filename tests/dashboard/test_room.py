"""The room hears only what is true of the people in it now, at the time at which it was said."""

from typing import Any

import msgspec
import pytest

from dashboard.view.parts import Moment
from dashboard.view.room import UNHEARD_MS, Room
from dashboard.view.tiles import add_trace, view_tile
from tests.dashboard.words import UTC0_MS, alarm, entry, hr, moment, room_session, room_with, spo2, status
from vitals.alarms import AlarmId, RuleId
from vitals.journal import Derived, Exertion
from vitals.parts import Part
from vitals.passport import Freshness, Passport
from vitals.readings import BatteryReading, Quality, ReadingMessage, Reason, RunId
from vitals.sensors import SensorId
from vitals.sessions import Phase
from vitals.units import MonotonicMs, UtcMs


def tile(room: Room, *, now_ms: int, number: int = 1) -> Any:
    assert room.session is not None
    found = next(one for one in room.session.roster.entries if one.seat == number)
    drawn = view_tile(room, found, now_ms=MonotonicMs(now_ms))
    return add_trace(room, drawn, now_ms=MonotonicMs(now_ms))


def test_an_age_counts_from_when_the_sensor_said_it_not_from_when_it_came() -> None:
    room = room_with(entry(1))
    # Heard by the gateway at 500 000 of its own clock, sent 4 s later, here at 20 000.
    room.hear_reading(hr(90, seq=0, mono_ms=500_000, sent_ms=504_000), received_ms=MonotonicMs(20_000))

    assert tile(room, now_ms=20_000).hr.at_ms == 16_000


def test_a_slow_way_makes_a_reading_older_never_younger() -> None:
    room = room_with(entry(1))
    room.hear_reading(hr(90, seq=0, mono_ms=1_000), received_ms=MonotonicMs(20_000))
    room.hear_reading(hr(91, seq=1, mono_ms=2_000), received_ms=MonotonicMs(29_000))

    assert tile(room, now_ms=29_000).hr.at_ms == 21_000


def test_a_value_that_waited_in_a_broker_is_as_old_as_it_is_as_soon_as_its_gateway_speaks() -> None:
    # This server began while the broker stood still for 8 s: the first it hears of the gateway has waited so long.
    room = room_with(entry(1))
    room.hear_reading(hr(90, seq=0, mono_ms=12_000), received_ms=MonotonicMs(20_000))
    assert tile(room, now_ms=20_000).hr.at_ms == 20_000
    room.changed.clear()

    beat = status(Part.GATEWAY, "g1", mono_ms=20_100, run=RunId("run-g1"))
    room.hear_status(beat, retained=False, now=moment(20_100))

    assert tile(room, now_ms=20_100).hr.at_ms == 12_000
    assert tile(room, now_ms=20_100).hr.reason is Reason.STALE
    assert room.changed == {"p01"}


def test_a_reading_that_is_sent_again_replaces_no_newer_one() -> None:
    room = room_with(entry(1))
    room.hear_reading(hr(90, seq=5, mono_ms=5_000), received_ms=MonotonicMs(5_000))
    room.hear_reading(hr(70, seq=4, mono_ms=4_000, sent_ms=5_500), received_ms=MonotonicMs(5_500))

    assert tile(room, now_ms=5_500).hr.value == 90


def test_a_new_run_of_the_gateway_goes_on_where_the_old_one_ended() -> None:
    room = room_with(entry(1))
    room.hear_reading(hr(90, seq=500, mono_ms=5_000), received_ms=MonotonicMs(5_000))
    room.hear_reading(hr(95, seq=0, mono_ms=9_000, run=RunId("run-2")), received_ms=MonotonicMs(9_000))

    assert tile(room, now_ms=9_000).hr.value == 95


def test_only_sensors_of_this_class_are_kept() -> None:
    room = room_with(entry(1))
    room.hear_reading(hr(90, seq=0, mono_ms=0, sensor=SensorId("s-stranger")), received_ms=MonotonicMs(0))

    assert not room.heard


def test_what_a_sensor_said_on_somebody_else_is_not_shown_of_its_next_wearer() -> None:
    room = room_with(entry(1), entry(2))
    room.hear_reading(hr(90, seq=0, mono_ms=5_000), received_ms=MonotonicMs(5_000))
    moved = msgspec.structs.replace(
        entry(2), sensors=(msgspec.structs.replace(entry(1).sensors[0], from_utc_ms=UtcMs(moment(6_000).utc_ms)),)
    )
    room.enter_session(room_session(msgspec.structs.replace(entry(1), sensors=()), moved, version=2), now=moment(6_000))

    assert tile(room, now_ms=6_000, number=1).hr is None
    assert tile(room, now_ms=6_000, number=2).hr.value is None
    room.hear_reading(hr(91, seq=1, mono_ms=5_900, sent_ms=6_100), received_ms=MonotonicMs(6_100))
    assert tile(room, now_ms=6_100, number=2).hr.value is None
    room.hear_reading(hr(92, seq=2, mono_ms=6_200), received_ms=MonotonicMs(6_200))
    assert tile(room, now_ms=6_200, number=2).hr.value == 92


def test_a_new_version_of_the_class_forgets_nothing_of_those_who_stay() -> None:
    room = room_with(entry(1))
    room.hear_reading(hr(90, seq=0, mono_ms=5_000), received_ms=MonotonicMs(5_000))
    room.enter_session(room_session(entry(1), version=2), now=moment(6_000))

    assert tile(room, now_ms=6_000).hr.value == 90
    assert tile(room, now_ms=6_000).trace == ((5_000, 90),)


def test_somebody_without_an_oximeter_has_none() -> None:
    room = room_with(entry(1, has_oximeter=False))

    assert tile(room, now_ms=0).spo2 is None
    assert tile(room, now_ms=0).spo2_sensor == ""


def test_oximeter_and_battery_have_their_places() -> None:
    room = room_with(entry(1))
    battery = BatteryReading(
        run=RunId("run-g1"),
        sensor=SensorId("s-oxi1"),
        seq=0,
        mono_ms=MonotonicMs(100),
        quality=Quality.GOOD,
        battery_pct=55,
    )
    room.hear_reading(spo2(96.5, seq=0, mono_ms=100), received_ms=MonotonicMs(100))
    room.hear_reading(ReadingMessage(sent_mono_ms=MonotonicMs(100), body=battery), received_ms=MonotonicMs(100))

    assert (tile(room, now_ms=100).spo2.value, tile(room, now_ms=100).spo2_battery_pct) == (96.5, 55)


@pytest.mark.parametrize("is_radio_up", [True, False])
def test_a_value_behind_a_dead_gateway_or_radio_says_that(*, is_radio_up: bool) -> None:
    room = room_with(entry(1))
    room.parts.hear_broker(is_up=True, now=moment(0))
    room.hear_reading(hr(90, seq=0, mono_ms=0), received_ms=MonotonicMs(0))
    room.hear_status(status(is_radio_up=is_radio_up), retained=False, now=moment(0))
    if is_radio_up:
        room.parts.look(moment(3_000))

    assert tile(room, now_ms=9_999).hr.value == 90
    assert tile(room, now_ms=10_000).hr.reason is Reason.GATEWAY_LOST


def test_a_value_behind_a_dead_broker_blames_no_gateway_until_a_living_one_would_have_been_heard() -> None:
    room = room_with(entry(1))
    room.parts.hear_broker(is_up=True, now=moment(0))
    room.hear_reading(hr(90, seq=0, mono_ms=0), received_ms=MonotonicMs(0))
    room.hear_status(status(), retained=False, now=moment(0))
    room.parts.look(moment(3_000))
    room.parts.hear_broker(is_up=False, now=moment(4_000))
    assert tile(room, now_ms=20_000).hr.reason is Reason.BROKER_LOST

    room.parts.hear_broker(is_up=True, now=moment(21_000))

    assert tile(room, now_ms=23_999).hr.reason is Reason.BROKER_LOST
    assert tile(room, now_ms=24_000).hr.reason is Reason.GATEWAY_LOST


def test_exertion_is_shown_only_beside_a_value() -> None:
    room = room_with(entry(1))
    room.hear_derived(Derived(participant="p01", mono_ms=MonotonicMs(0), hrr_pct=61.0), received_ms=MonotonicMs(5_000))
    assert tile(room, now_ms=5_000).hrr_pct is None
    room.hear_reading(hr(90, seq=0, mono_ms=5_000), received_ms=MonotonicMs(5_000))
    assert tile(room, now_ms=5_000).hrr_pct == 61.0
    assert tile(room, now_ms=15_000).hrr_pct is None


def test_a_phase_that_seems_to_be_is_shown_while_it_is_of_now() -> None:
    room = room_with(entry(1))
    seems = Derived(participant="p01", mono_ms=MonotonicMs(0), phase_proposed=Phase.COOL_DOWN)
    room.hear_derived(seems, received_ms=MonotonicMs(5_000))
    assert tile(room, now_ms=5_000).phase_proposed is Phase.COOL_DOWN
    assert tile(room, now_ms=5_000).phase is None, "only staff set a phase"
    assert tile(room, now_ms=15_000).phase_proposed is None


@pytest.mark.parametrize(
    ("passport", "told"),
    [
        (Passport(freshness=Freshness.FRESH, quality=Quality.GOOD), 91.5),
        (Passport(freshness=Freshness.STALE, quality=Quality.GOOD), None),
        (Passport(freshness=Freshness.FRESH, quality=Quality.QUESTIONABLE), None),
        (None, None),
    ],
)
def test_a_heart_rate_goes_with_an_entry_also_without_a_reserve(passport: Passport | None, told: float | None) -> None:
    room = room_with(entry(1))
    who = entry(1).participant
    exertion = Exertion(hr_smooth_bpm=91.5)
    derived = Derived(participant=who, mono_ms=MonotonicMs(0), hr=passport, exertion=exertion)
    room.hear_derived(derived, received_ms=MonotonicMs(5_000))
    assert room.exertion_of(who, now=moment(5_000)) == (told, None)
    assert room.exertion_of(who, now=moment(60_000)) == (None, None)


def test_a_retained_heartbeat_is_no_clock() -> None:
    room = room_with(entry(1))
    room.hear_status(status(Part.ANALYSIS, "1", mono_ms=5), retained=True, now=moment(100_000))
    assert room.analysis_clock() is None

    room.hear_status(status(Part.ANALYSIS, "1", mono_ms=90_000), retained=False, now=moment(100_000))
    clock = room.analysis_clock()

    assert clock is not None
    assert clock.to_consumer(MonotonicMs(90_000)) == 100_000


def test_an_alarm_that_was_cleared_while_the_broker_was_away_is_forgotten_but_not_before_analysis_has_spoken() -> None:
    room = room_with(entry(1))
    room.hear_alarm("p01", RuleId.HR_OVER, alarm(), now=moment(12_000))
    room.hear_alarm("p01", RuleId.SPO2_LOW, alarm(alarm_id=AlarmId("a2")), now=moment(12_000))
    room.hear_broker(is_up=False, now=moment(13_000))
    room.hear_broker(is_up=True, now=moment(20_000))
    room.hear_alarm("p01", RuleId.SPO2_LOW, alarm(alarm_id=AlarmId("a2")), now=moment(20_100))

    assert not room.forget_unheard(MonotonicMs(60_000))
    room.hear_status(status(Part.ANALYSIS, "1", mono_ms=60_000), retained=False, now=moment(60_000))
    assert not room.forget_unheard(MonotonicMs(60_000 + UNHEARD_MS - 1))
    assert len(room.alarms) == 2
    assert room.forget_unheard(MonotonicMs(60_000 + UNHEARD_MS))

    assert list(room.alarms) == [("p01", RuleId.SPO2_LOW)]


def test_the_runs_that_are_remembered_are_bounded() -> None:
    room = room_with(entry(1))
    for number in range(2_000):
        room.hear_reading(hr(90, seq=0, mono_ms=number, run=RunId(f"r{number}")), received_ms=MonotonicMs(number))

    assert len(room._clocks) <= 256


def test_a_sparkline_remembers_from_the_first_moment_of_wearing_even_where_two_clocks_round_differently() -> None:
    room = room_with(entry(1))
    later = moment(20_000)
    rounded = Moment(ms=MonotonicMs(later.ms - 1), utc_ms=later.utc_ms)
    for utc_ms, value in ((UTC0_MS - 1_000, 80.0), (UTC0_MS, 90.0), (UTC0_MS + 1_000, 91.0)):
        room.remember(SensorId("s-strap1"), utc_ms=UtcMs(utc_ms), value=value, now=rounded)

    assert [value for _, value in tile(room, now_ms=20_000).trace] == [90.0, 91.0]
