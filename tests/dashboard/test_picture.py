"""Frames: nothing dead looks alive in any of them, and deltas lead where a snapshot would."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dashboard.frames import AudioView, Frame, TileView, ValueView
from dashboard.view.picture import Stage, delta_frame, draw, has_same_people, is_empty, snapshot_frame
from dashboard.view.room import Room
from dashboard.view.values import HR_SILENCE, SPO2_SILENCE
from tests.dashboard.words import alarm, entry, hr, moment, room_session, room_with, spo2, status
from vitals.alarms import AudioState, RuleId
from vitals.parts import Part, PartState
from vitals.readings import RunId
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import encode

STAGE = Stage(
    epoch="e1",
    instance="room-1",
    mode=GenerationMode.SIMULATED,
    rate=1.0,
    zone_name="UTC",
    zone=ZoneInfo("UTC"),
)

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["hr", "spo2", "late", "run", "gateway", "will", "broker", "wait"]),
        st.integers(1, 2),
        st.integers(0, 6_000),
    ),
    max_size=40,
)


def happen(room: Room, what: str, number: int, *, seq: int, now_ms: int) -> None:
    """One thing happens in the room."""
    received = MonotonicMs(now_ms)
    match what:
        case "hr" | "late" | "run":
            heard_ms = max(0, now_ms - 9_000) if what == "late" else now_ms
            run = RunId(f"run-{seq}" if what == "run" else "run-g1")
            room.hear_reading(
                hr(80, seq=seq, mono_ms=heard_ms, sent_ms=now_ms, run=run, sensor=SensorId(f"s-strap{number}")),
                received_ms=received,
            )
        case "spo2":
            room.hear_reading(
                spo2(97, seq=seq, mono_ms=now_ms, sensor=SensorId(f"s-oxi{number}")), received_ms=received
            )
        case "gateway":
            room.hear_status(status(mono_ms=now_ms), retained=False, now=moment(now_ms))
        case "will":
            room.hear_status(status(state=PartState.LOST), retained=False, now=moment(now_ms))
        case "broker":
            room.hear_broker(is_up=number == 1, now=moment(now_ms))
        case _:
            pass


def values(frame: Frame) -> list[tuple[ValueView, int]]:
    tiles = frame.tiles if isinstance(frame.tiles, tuple) else ()
    found = [(tile.hr, HR_SILENCE.lost_ms) for tile in tiles] + [(tile.spo2, SPO2_SILENCE.lost_ms) for tile in tiles]
    return [(value, lost_ms) for value, lost_ms in found if value is not None]


@given(EVENTS)
def test_no_frame_ever_holds_a_value_that_is_lost_or_without_a_time(events: list[tuple[str, int, int]]) -> None:
    room = room_with(entry(1), entry(2))
    now_ms = 0
    before = draw(room, STAGE, now=moment(0))
    for seq, (what, number, step_ms) in enumerate(events):
        now_ms += step_ms
        happen(room, what, number, seq=seq, now_ms=now_ms)
        now = moment(now_ms)
        room.parts.look(now)
        after = draw(room, STAGE, now=now, before=before if seq % 3 else None)
        room.changed.clear()
        for frame in (
            delta_frame(before, after, STAGE, seq=seq, now=now),
            snapshot_frame(room, STAGE, seq=seq, now=now),
        ):
            for value, lost_ms in values(frame):
                assert value.value is None or value.at_ms is not None
                assert value.value is None or 0 <= now_ms - (value.at_ms or 0) < lost_ms
                assert value.value is not None or value.reason is not None
        before = after


@given(EVENTS)
def test_deltas_lead_to_what_a_snapshot_says(events: list[tuple[str, int, int]]) -> None:
    room = room_with(entry(1), entry(2))
    now_ms = 0
    picture = draw(room, STAGE, now=moment(0))
    page: dict[str, Any] = msgspec.json.decode(encode(snapshot_frame(room, STAGE, seq=0, now=moment(0))))
    tiles = {tile["id"]: tile for tile in page["tiles"]}
    for seq, (what, number, step_ms) in enumerate(events, start=1):
        now_ms += step_ms
        happen(room, what, number, seq=seq, now_ms=now_ms)
        now = moment(now_ms)
        room.parts.look(now)
        after = draw(room, STAGE, now=now)
        assert has_same_people(picture, after)
        delta = msgspec.json.decode(encode(delta_frame(picture, after, STAGE, seq=seq, now=now)))
        for tile in delta.pop("tiles", ()):
            tiles[tile["id"]] = tile
        page |= delta
        picture = after

    whole = msgspec.json.decode(encode(snapshot_frame(room, STAGE, seq=len(events), now=moment(now_ms))))

    for tile in (*whole["tiles"], *tiles.values()):
        tile.pop("trace", None)  # a page goes on by itself with the values that come
    assert list(tiles.values()) == whole["tiles"]
    for name in ("alarms", "parts", "counts", "session", "mode", "audio"):
        assert page[name] == whole[name]


def test_a_delta_says_only_what_changed() -> None:
    room = room_with(entry(1), entry(2))
    before = draw(room, STAGE, now=moment(0))
    room.hear_reading(hr(90, seq=0, mono_ms=100), received_ms=MonotonicMs(100))
    delta = delta_frame(before, draw(room, STAGE, now=moment(100), before=before), STAGE, seq=2, now=moment(100))

    said = msgspec.json.decode(encode(delta))

    assert set(said) == {"t", "v", "epoch", "seq", "server_mono_ms", "utc_ms", "rate", "tiles", "counts"}
    assert [tile["id"] for tile in said["tiles"]] == ["p01"]


def test_a_delta_without_a_change_is_a_heartbeat_with_the_time() -> None:
    room = room_with(entry(1))
    before = draw(room, STAGE, now=moment(0))
    delta = delta_frame(before, draw(room, STAGE, now=moment(900)), STAGE, seq=2, now=moment(900))

    assert is_empty(delta)
    assert delta.server_mono_ms == 900


def test_a_snapshot_holds_alarms_with_their_ages_and_sparklines() -> None:
    room = room_with(entry(1))
    room.hear_status(status(Part.ANALYSIS, "1", mono_ms=20_000), retained=False, now=moment(20_000))
    room.hear_alarm("p01", RuleId.HR_OVER, alarm(), now=moment(20_000))
    room.hear_reading(hr(134, seq=0, mono_ms=20_000), received_ms=MonotonicMs(20_000))

    frame = snapshot_frame(room, STAGE, seq=1, now=moment(20_000))

    assert isinstance(frame.alarms, tuple)
    assert (frame.alarms[0].breach_at_ms, frame.alarms[0].onset_at_ms) == (1_000, 11_000)
    assert isinstance(frame.tiles, tuple)
    assert frame.tiles[0].trace == ((20_000, 134),)
    assert frame.time_zone == "UTC"


def test_people_who_come_or_go_need_a_snapshot() -> None:
    room = room_with(entry(1))
    before = draw(room, STAGE, now=moment(0))
    room.enter_session(room_session(entry(1), entry(2), version=2), now=moment(1_000))

    assert not has_same_people(before, draw(room, STAGE, now=moment(1_000)))


def test_a_pause_of_the_sound_ends_by_itself() -> None:
    room = room_with(entry(1))
    room.hear_status(status(Part.ANALYSIS, "1", mono_ms=0), retained=False, now=moment(10_000))
    room.audio = AudioState(
        paused_until_mono_ms=MonotonicMs(60_000), paused_until_utc_ms=UtcMs(moment(70_000).utc_ms), by="KB"
    )

    assert draw(room, STAGE, now=moment(69_999)).audio == AudioView(paused_until_ms=70_000, by="KB")
    assert draw(room, STAGE, now=moment(70_000)).audio == AudioView()


def test_the_counts_are_of_sensors_that_give_live_data() -> None:
    room = room_with(entry(1), entry(2, has_oximeter=False))
    room.hear_status(status(), retained=False, now=moment(0))
    room.hear_reading(hr(90, seq=0, mono_ms=0), received_ms=MonotonicMs(0))
    room.hear_reading(spo2(95, seq=0, mono_ms=0), received_ms=MonotonicMs(0))

    counts = draw(room, STAGE, now=moment(12_000)).counts

    assert (counts.straps_live, counts.straps) == (0, 2)
    assert (counts.oximeters_live, counts.oximeters) == (1, 1)
    assert (counts.gateways_live, counts.gateways) == (1, 1)


def test_a_tile_says_where_its_limits_come_from() -> None:
    room = room_with(entry(1))
    (tile,) = draw(room, STAGE, now=moment(0)).tiles

    assert isinstance(tile, TileView)
    assert tile.hr_upper is not None
    assert (tile.hr_upper.value, tile.hr_upper.reason.value) == (120, "prescribed")
    assert tile.hr_lower is None
