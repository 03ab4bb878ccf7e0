"""The whole gateway over the air to a real broker: what leaves a sensor arrives, exactly, whatever comes between."""

import asyncio
from pathlib import Path

import pytest

from gateway.codecs.heart_rate import HeartRateFrame, decode_heart_rate, encode_heart_rate
from gateway.service import run
from simulators.sensors.strap import Strap
from tests.gateway.stage import Stage, open_stage, until
from vitals.errors import SetupError
from vitals.parts import PartState
from vitals.readings import (
    BatteryReading,
    HeartRateReading,
    OximeterReading,
    Quality,
    ReadingKind,
    Reason,
)
from vitals.sensors import NearbySensor, SensorId, SensorKind, SensorState
from vitals.settings import GatewaySettings, Settings
from vitals.topics import AssignmentsTopic

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]


def check_whole(stage: Stage, sensor: SensorId, sent: list[bytes]) -> None:
    """Every notification that a subscriber took is one reading, in order, with its own bytes and values."""
    readings = stage.heard.readings(sensor)
    assert [reading.seq for reading in readings] == list(range(len(readings)))
    assert stage.heard.raws(sensor)[: len(sent)] == sent
    for reading in readings:
        assert isinstance(reading, HeartRateReading)
        frame = decode_heart_rate(bytes.fromhex(reading.raw_hex))
        assert isinstance(frame, HeartRateFrame)
        assert (reading.hr_bpm, reading.rr_ms) == (frame.hr_bpm, frame.rr_ms)


async def test_straps_and_an_oximeter_stream_their_exact_values(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=3) as stage, stage.gateway():
        oximeter = await stage.room.add_oximeter()
        finger = stage.id_of(oximeter.peripheral)
        stage.assign(
            *((strap.peripheral, SensorKind.STRAP) for strap in stage.room.straps),
            (oximeter.peripheral, SensorKind.OXIMETER),
        )
        async with stage.beating() as sent:
            await stage.streaming(*sent)
            await until(lambda: oximeter.has_subscriber, "oximeter subscribed")
            await oximeter.notify(96, 71, perfusion_pct=3.2)
            await until(lambda: all(len(raws) >= 20 for raws in sent.values()), "20 beats each")
        await until(lambda: all(len(stage.heard.raws(one)) >= len(raws) for one, raws in sent.items()), "all arrived")
        for sensor, raws in sent.items():
            check_whole(stage, sensor, raws)
        await until(lambda: stage.heard.readings(finger, ReadingKind.OXIMETER), "the oximeter's too")
        (spo2,) = stage.heard.readings(finger, ReadingKind.OXIMETER)
        assert isinstance(spo2, OximeterReading)
        assert (spo2.spo2_pct, spo2.pulse_bpm, spo2.perfusion_pct, spo2.quality) == (96.0, 71.0, 3.2, Quality.GOOD)


async def test_a_stamped_age_says_how_old_a_reading_was_when_it_left(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway():
        (sensor,) = stage.assign_straps()
        async with stage.beating():
            await stage.streaming(sensor)
        assert all(message.sent_mono_ms >= message.body.mono_ms for message in stage.heard.messages)


async def test_the_battery_is_read_at_once_and_heard_when_it_changes(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway():
        (sensor,) = stage.assign_straps()
        await until(lambda: stage.heard.readings(sensor, ReadingKind.BATTERY), "battery read")
        while not await stage.room.straps[0].peripheral.set_battery(41):  # noqa: ASYNC110 - until somebody listens
            await asyncio.sleep(0.02)
        await until(lambda: (status := stage.heard.sensor(sensor)) and status.battery_pct == 41, "in the heartbeat")
        levels = stage.heard.readings(sensor, ReadingKind.BATTERY)
        assert [level.battery_pct for level in levels if isinstance(level, BatteryReading)] == [90, 41]


async def test_a_strap_that_walks_off_and_comes_back_streams_again_without_a_tap(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage, stage.gateway():
        away, here = stage.assign_straps()
        async with stage.beating() as sent:
            await stage.streaming(away, here)
            controller = stage.room.straps[0].peripheral.controller
            stage.room.air.lose(controller, 0.2)
            await until(lambda: stage.heard.state(away) is SensorState.LOST, "lost")
            stage.room.air.back(controller)
            await stage.streaming(away, here)
            before = len(sent[away])
            await until(lambda: len(sent[away]) > before + 5, "beats after the return")
        status = stage.heard.sensor(away)
        assert status is not None
        assert (status.reconnects, status.gaps) == (1, 1)
        other = stage.heard.sensor(here)
        assert other is not None
        assert (other.reconnects, other.gaps) == (0, 0)
        await until(lambda: stage.heard.raws(here)[-1:] == sent[here][-1:], "all arrived")
        check_whole(stage, here, sent[here])


async def test_a_sensor_that_falls_silent_while_connected_is_stale_then_dropped_then_streams_again(
    tmp_path: Path,
) -> None:
    # At ten times life: stale after half a second, dropped after one.
    async with open_stage(tmp_path, straps=1, rate=10) as stage, stage.gateway():
        (sensor,) = stage.assign_straps()
        async with stage.beating(period_s=0.02):
            await stage.streaming(sensor)
            since = len(stage.heard.statuses)
        # For half a second only.
        await until(lambda: stage.heard.has_been(sensor, SensorState.STALE, since=since), "stale")
        await until(lambda: (one := stage.heard.sensor(sensor)) and one.reconnects >= 1, "dropped and connected anew")
        async with stage.beating(period_s=0.02):
            await stage.streaming(sensor)
        assert stage.heard.status is not None
        assert stage.heard.status.counters["drops"] >= 1


async def test_no_skin_and_broken_bytes_are_readings_without_a_value_and_the_next_is_good(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway():
        (sensor,) = stage.assign_straps()
        strap = stage.room.straps[0]
        await until(lambda: strap.has_subscriber, "subscribed")
        for raw in (encode_heart_rate(0, contact=False), b"", b"\x11\x3c", encode_heart_rate(71, contact=True)):
            await strap.notify_raw(raw)
        await until(lambda: len(stage.heard.readings(sensor)) == 4, "all arrived")
        told = [
            (reading.hr_bpm, reading.quality, reading.reason)
            for reading in stage.heard.readings(sensor)
            if isinstance(reading, HeartRateReading)
        ]
        assert told == [
            (None, Quality.UNUSABLE, Reason.OFF_SKIN),
            (None, Quality.UNUSABLE, Reason.UNDECODABLE),
            (None, Quality.UNUSABLE, Reason.UNDECODABLE),
            (71, Quality.GOOD, None),
        ]
        assert stage.heard.raws(sensor)[1:3] == [b"", b"\x11\x3c"]
        await until(lambda: stage.heard.status is not None and stage.heard.status.counters["notifications"] >= 4)
        assert stage.heard.status is not None
        assert stage.heard.status.counters["undecodable"] == 2
        assert stage.heard.status.counters[f"undecodable.{sensor}"] == 2


async def test_assignments_come_and_go(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=3) as stage, stage.gateway(), stage.beating():
        first, second, third = (strap.peripheral for strap in stage.room.straps)
        stage.assign((first, SensorKind.STRAP), (second, SensorKind.STRAP))
        await stage.streaming(stage.id_of(first), stage.id_of(second))
        assert not third.connections

        stage.assign((second, SensorKind.STRAP), (third, SensorKind.STRAP))
        await until(lambda: not first.connections, "the one taken away is disconnected")
        await stage.streaming(stage.id_of(second), stage.id_of(third))
        status = stage.heard.sensor(stage.id_of(second))
        assert status is not None
        assert status.reconnects == 0
        assert stage.heard.sensor(stage.id_of(first)) is None

        stage.bus.set_retained(str(AssignmentsTopic(site="gym", gateway="g1")), b"")
        await until(lambda: not second.connections and not third.connections, "all are disconnected")


async def test_a_sensor_out_of_range_is_missing_and_does_not_hinder_the_others(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage:
        stage.room.air.lose(stage.room.straps[0].peripheral.controller)
        async with stage.gateway(), stage.beating():
            absent, present = stage.assign_straps()
            await stage.streaming(present)
            assert stage.heard.state(absent) is SensorState.MISSING
            stage.room.air.back(stage.room.straps[0].peripheral.controller)
            await stage.streaming(absent, present)


async def test_nonsense_instead_of_assignments_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway(), stage.beating():
        (sensor,) = stage.assign_straps()
        await stage.streaming(sensor)
        topic = str(AssignmentsTopic(site="gym", gateway="g1"))
        for payload in (
            b"[1,2",
            b'{"v":2,"gateway":"g1","version":1,"sensors":[]}',
            b'{"v":1,"gateway":"g2","version":1,"sensors":[]}',
        ):
            await stage.bus.publish(topic, payload)
        await until(
            lambda: stage.heard.status is not None and stage.heard.status.counters["refused"] == 3, "three refused"
        )
        assert stage.heard.state(sensor) is SensorState.STREAMING


async def test_a_gateway_that_stops_takes_leave_of_its_sensors_and_says_so(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=4) as stage:
        async with stage.gateway(), stage.beating():
            await stage.streaming(*stage.assign_straps())
        assert not any(strap.peripheral.connections for strap in stage.room.straps)
        await until(lambda: stage.heard.status is not None and stage.heard.status.state is PartState.STOPPED, "stopped")


async def test_no_address_and_no_name_leaves_the_gateway(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage, stage.gateway(), stage.beating():
        stage.assign((stage.room.straps[0].peripheral, SensorKind.STRAP))
        known, other = (stage.id_of(strap.peripheral) for strap in stage.room.straps)
        await stage.streaming(known)
        await until(lambda: stage.heard.nearby is not None and len(stage.heard.nearby.sensors) == 2, "both nearby")
        assert stage.heard.nearby is not None
        assert {one.sensor for one in stage.heard.nearby.sensors} == {known, other}
        assert {one.kind for one in stage.heard.nearby.sensors} == {SensorKind.STRAP}
        for topic, payload in stage.heard.payloads:
            said = f"{topic} {payload.decode()}".lower()
            for strap in stage.room.straps:
                assert strap.peripheral.address.lower() not in said
                assert strap.peripheral.address.replace(":", "").lower() not in said
                assert strap.peripheral.name.lower() not in said


async def test_everything_runs_ten_times_faster_than_life(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=4, rate=10) as stage, stage.gateway():
        sensors = stage.assign_straps()
        async with stage.beating(period_s=0.1) as sent:
            await stage.streaming(*sensors)
            await until(lambda: all(len(raws) >= 15 for raws in sent.values()), "15 beats each")
        await until(lambda: all(len(stage.heard.raws(one)) >= len(raws) for one, raws in sent.items()), "all arrived")
        for sensor, raws in sent.items():
            check_whole(stage, sensor, raws)
        assert stage.heard.status is not None
        assert stage.heard.status.clock_rate == 10
        readings = stage.heard.readings(sensors[0])
        passed_ms = readings[-1].mono_ms - readings[0].mono_ms
        # 14 beats of a tenth of a real second are 14 seconds of this clock, or more on a slow machine.
        assert passed_ms >= 14_000


@pytest.mark.parametrize(
    ("gateway", "problem"),
    [
        ({"radios": ("wifi:0",)}, "wifi"),
        ({"radios": ()}, "no radio"),
        ({"radios": ("bluez:hci0", "bluez:hci0?slots=3")}, "twice"),
        ({"stale_s": 10, "drop_s": 5}, "drop_s"),
    ],
)
async def test_settings_that_make_no_sense_refuse_to_start(
    tmp_path: Path, gateway: dict[str, object], problem: str
) -> None:
    settings = Settings(data=tmp_path, gateway=GatewaySettings.model_validate(gateway))
    with pytest.raises(SetupError, match=problem):
        await run(settings)


async def test_sensors_in_range_say_of_themselves_what_they_call_out(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage, stage.gateway(), stage.beating():
        worn, spare = stage.room.straps
        await spare.broadcast(0, contact=False, is_battery_low=True)
        stage.assign((worn.peripheral, SensorKind.STRAP))

        def near(strap: Strap) -> NearbySensor | None:
            told = () if stage.heard.nearby is None else stage.heard.nearby.sensors
            return next((one for one in told if one.sensor == stage.id_of(strap.peripheral)), None)

        await until(lambda: (one := near(spare)) and one.battery_low is not None, "what it calls out")
        await until(lambda: (one := near(worn)) and one.is_linked, "the other is linked")
        calling, linked = near(spare), near(worn)
        assert calling is not None
        assert linked is not None
        assert (calling.battery_low, calling.contact, calling.is_linked) == (True, False, False)
        assert (linked.battery_low, linked.contact) == (None, None)


async def test_the_status_tells_of_each_sensor_who_reads_it_by_which_radio_and_how_late(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway(), stage.beating():
        (sensor,) = stage.assign_straps()
        await until(lambda: (one := stage.heard.sensor(sensor)) and one.latency_p99_ms is not None, "latency")
        await until(lambda: (one := stage.heard.sensor(sensor)) and one.notifications > 10, "notifications")
        status = stage.heard.sensor(sensor)
        assert status is not None
        assert stage.heard.status is not None
        (radio,) = stage.heard.status.radios
        assert (status.driver, status.radio, status.undecodable) == ("heart_rate", radio.name, 0)
        assert status.latency_p50_ms is not None
        assert status.latency_p99_ms is not None
        assert 0 <= status.latency_p50_ms <= status.latency_p99_ms
        assert (status.waits_for_slot, status.is_broadcast) == (False, False)
        assert (radio.connects, radio.errors, radio.waiting) == (1, 0, 0)
        await until(
            lambda: stage.heard.status is not None and stage.heard.status.radios[0].adv_per_s >= 0, "advertisements"
        )


async def test_radios_of_both_stacks_live_beside_each_other(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage:
        ours = stage.settings.gateway.radios[0]
        both = stage.settings.gateway.model_copy(update={"radios": ("bluez:hci321?slots=5", ours)})
        (sensor,) = stage.assign_straps()
        async with stage.gateway(stage.settings.model_copy(update={"gateway": both})), stage.beating():
            await stage.streaming(sensor)
            assert stage.heard.status is not None
            bluez, bumble = stage.heard.status.radios
            assert (bluez.up, bluez.slots_max, bool(bluez.why_down)) == (False, 5, True)
            assert (bumble.up, bumble.slots_used) == (True, 1)
