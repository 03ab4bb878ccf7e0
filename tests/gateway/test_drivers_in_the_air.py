"""Every driver against a sensor of its make: bytes over the virtual air, through the whole gateway, as readings."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from bumble.gatt import Characteristic, CharacteristicValue, Service

from gateway.codecs.bci import encode_bci
from gateway.codecs.heart_rate import encode_heart_rate
from gateway.codecs.plx import encode_plx
from gateway.codecs.plx_fields import MeasurementStatus
from gateway.codecs.uuids import BODY_SENSOR_LOCATION, HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE
from simulators.beats import StrapSample
from simulators.sensors.machines import Bike, CadenceSensor, FootPod, Treadmill
from simulators.sensors.oximeter import Oximeter
from simulators.sensors.peripheral import Peripheral, VirtualSensor, address_of, notifying
from simulators.sensors.samples import OximeterSample, WorkSample
from simulators.sensors.spot_oximeter import SpotOximeter
from simulators.sensors.strap import Strap
from simulators.sensors.vendor_oximeters import Bci, Contec, Jumper, Nonin, O2Ring, Pc60
from tests.gateway.stage import Stage, open_stage, until
from vitals.readings import (
    Averaging,
    BatteryReading,
    HeartRateReading,
    Machine,
    OximeterReading,
    Quality,
    Reading,
    ReadingKind,
    Reason,
    Source,
    WorkloadReading,
)
from vitals.sensors import SensorId, SensorKind, SensorState

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]

RATE = 4.0
"""Of the clock: dead links are found sooner, and the rest still has some time on a slow machine."""

Speaker = Strap | Oximeter | Nonin | O2Ring | Pc60 | Bci | Jumper | Contec | Treadmill | Bike | FootPod | CadenceSensor
OXIMETERS: tuple[type[Speaker], ...] = (Oximeter, Nonin, O2Ring, Pc60, Bci, Jumper, Contec)
MACHINES: tuple[type[Speaker], ...] = (Treadmill, Bike, FootPod, CadenceSensor)


async def say(sensor: Speaker, second: int, *, finger: bool = True) -> None:
    match sensor:
        case Strap():
            await sensor.say(StrapSample(at_s=second, hr_bpm=100 + second % 20, rr_ticks=(600,)))
        case Treadmill() | Bike() | FootPod() | CadenceSensor():
            await sensor.say(
                WorkSample(
                    at_s=second,
                    speed_kmh=5.4,
                    incline_pct=2.5,
                    power_w=80,
                    cadence_per_min=60,
                    distance_m=1.5 * second,
                    elapsed_s=second,
                )
            )
        case _:
            await sensor.say(OximeterSample(at_s=second, spo2_pct=93, pulse_bpm=104, perfusion_pct=4.0, finger=finger))


@asynccontextmanager
async def speaking(*sensors: Speaker) -> AsyncIterator[None]:
    """All of them say something each second of the clock."""

    async def speak() -> None:
        second = 0
        while True:
            second += 1
            for sensor in sensors:
                await say(sensor, second)
            await asyncio.sleep(1 / RATE)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(speak(), name="test.speak")
        try:
            yield
        finally:
            task.cancel()


def kind_worn(sensor: VirtualSensor) -> SensorKind:
    if isinstance(sensor, Strap):
        return SensorKind.STRAP
    return SensorKind.MACHINE if isinstance(sensor, MACHINES) else SensorKind.OXIMETER


def assign(stage: Stage, sensors: Sequence[VirtualSensor]) -> list[SensorId]:
    stage.assign(*((sensor.peripheral, kind_worn(sensor)) for sensor in sensors))
    return [stage.id_of(sensor.peripheral) for sensor in sensors]


def newest(stage: Stage, sensor: VirtualSensor, kind: ReadingKind) -> Reading | None:
    found = stage.heard.readings(stage.id_of(sensor.peripheral), kind)
    return found[-1] if found else None


def is_read(stage: Stage, sensor: VirtualSensor) -> bool:
    """Tell whether a good reading came that names its device."""
    kind = ReadingKind.WORKLOAD if kind_worn(sensor) is SensorKind.MACHINE else ReadingKind.OXIMETER
    reading = newest(stage, sensor, kind)
    if reading is None or reading.quality is not Quality.GOOD:
        return False
    # A cadence sensor knows its cadence before its speed: the wheel turns less often than the crank.
    tells = not isinstance(reading, WorkloadReading) or (
        reading.speed_kmh is not None and (reading.cadence_per_min is not None or reading.incline_pct is not None)
    )
    return tells and reading.device.startswith("session-vitals simulator virtual ")


def has_reconnected(stage: Stage, sensor: SensorId, times: int) -> bool:
    status = stage.heard.sensor(sensor)
    return status is not None and status.reconnects >= times


async def test_an_oximeter_of_every_make_is_connected_and_read(tmp_path: Path) -> None:
    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        sensors: list[Speaker] = [await stage.room.add(make) for make in OXIMETERS]
        ids = assign(stage, sensors)
        async with speaking(*sensors):
            await stage.streaming(*ids)
            for sensor in sensors:
                await until(partial(is_read, stage, sensor), f"{type(sensor).__name__} read")
        for sensor in sensors:
            reading = newest(stage, sensor, ReadingKind.OXIMETER)
            assert isinstance(reading, OximeterReading)
            assert (reading.spo2_pct, reading.pulse_bpm) == (93, 104)
            assert (reading.quality, reading.reason) == (Quality.GOOD, None)
            assert reading.perfusion_pct == (None if isinstance(sensor, Bci | Contec) else 4.0)
            assert reading.source is (Source.POLLED if isinstance(sensor, O2Ring) else Source.NOTIFIED)
            assert reading.averaging is (Averaging.NORMAL if isinstance(sensor, Oximeter) else None)
            assert sensor.peripheral.name not in reading.device
        drivers = {status.driver for status in stage.heard.statuses[-1].sensors}
        assert drivers == {"oximeter", "nonin", "o2ring", "pc60", "bci", "jumper", "contec"}


async def test_every_machine_is_connected_and_tells_its_work(tmp_path: Path) -> None:
    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        sensors: list[Speaker] = [await stage.room.add(make) for make in MACHINES]
        ids = assign(stage, sensors)
        told: dict[type[VirtualSensor], WorkloadReading] = {}
        async with speaking(*sensors):
            await stage.streaming(*ids)
            for sensor in sensors:
                await until(partial(is_read, stage, sensor), f"{type(sensor).__name__} read")
                reading = newest(stage, sensor, ReadingKind.WORKLOAD)
                assert isinstance(reading, WorkloadReading)
                told[type(sensor)] = reading
        treadmill, bike, pod, cadence = (told[make] for make in MACHINES)
        assert (treadmill.machine, treadmill.speed_kmh, treadmill.incline_pct) == (Machine.TREADMILL, 5.4, 2.5)
        assert treadmill.elapsed_s is not None
        assert (bike.machine, bike.power_w, bike.cadence_per_min) == (Machine.BIKE, 80, 60)
        assert bike.distance_m is not None, "the first part of the record is in the reading of its last"
        assert (pod.machine, pod.cadence_per_min) == (Machine.FOOT_POD, 60)
        assert pod.speed_kmh == pytest.approx(5.4, abs=0.02)
        assert cadence.machine is Machine.CADENCE_SENSOR
        assert cadence.speed_kmh == pytest.approx(5.4, abs=0.1)
        assert cadence.cadence_per_min == pytest.approx(60, abs=1)


async def test_every_sensor_streams_again_after_it_was_lost_in_silence(tmp_path: Path) -> None:
    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        sensors: list[Speaker] = [await stage.room.add(make) for make in (Strap, *OXIMETERS, *MACHINES)]
        ids = assign(stage, sensors)
        async with speaking(*sensors):
            await stage.streaming(*ids)
            for sensor in sensors:
                stage.room.air.lose(sensor.peripheral.controller)
            await until(lambda: all(stage.heard.state(one) is SensorState.LOST for one in ids), "all of them lost")
            for sensor in sensors:
                stage.room.air.back(sensor.peripheral.controller)
            await stage.streaming(*ids)
        for one in ids:
            status = stage.heard.sensor(one)
            assert status is not None
            assert status.reconnects >= 1
            assert status.gaps >= 1
        for sensor in sensors:
            for kind in ReadingKind:
                seqs = [reading.seq for reading in stage.heard.readings(stage.id_of(sensor.peripheral), kind)]
                assert sorted(seqs) == list(range(len(seqs)))


async def test_a_question_that_is_never_answered_is_silence_and_the_link_is_made_anew(tmp_path: Path) -> None:
    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        ring = await stage.room.add(O2Ring)
        (sensor,) = assign(stage, [ring])
        async with speaking(ring):
            await stage.streaming(sensor)
            ring.is_mute = True
            since = len(stage.heard.statuses)
            await until(lambda: stage.heard.has_been(sensor, SensorState.STALE, since=since), "stale")
            await until(lambda: (one := stage.heard.sensor(sensor)) and one.reconnects >= 1, "connected anew")
            ring.is_mute = False
            await stage.streaming(sensor)


async def test_several_frames_and_a_piece_in_one_notification_are_one_reading_of_the_newest(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, stage.gateway():
        bci = await stage.room.add(Bci)
        (sensor,) = assign(stage, [bci])
        await until(lambda: bci.has_subscriber, "subscribed")
        old, new, next_one = encode_bci(97, 60), encode_bci(91, 61), encode_bci(90, 62)
        await bci.notify_raw(old[3:] + old + new + next_one[:2])
        await until(lambda: stage.heard.readings(sensor, ReadingKind.OXIMETER), "read")
        # The rest of the frame comes within the same second, and a finger that slips out is told at once.
        await bci.notify_raw(next_one[2:])
        await bci.notify_raw(encode_bci(None, None, has_finger=False))
        await until(lambda: len(stage.heard.readings(sensor, ReadingKind.OXIMETER)) == 2, "finger out")
        told = stage.heard.readings(sensor, ReadingKind.OXIMETER)
        assert [one.spo2_pct for one in told if isinstance(one, OximeterReading)] == [91, None]
        assert told[1].reason is Reason.OFF_SKIN


async def test_a_spot_check_is_kept_and_never_a_live_value(tmp_path: Path) -> None:
    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        spot = await stage.room.add(SpotOximeter)
        (sensor,) = assign(stage, [spot])
        await until(lambda: spot.has_subscriber, "subscribed")
        await spot.notify(84, 71)
        await until(lambda: stage.heard.readings(sensor, ReadingKind.OXIMETER), "heard")
        (reading,) = stage.heard.readings(sensor, ReadingKind.OXIMETER)
        assert isinstance(reading, OximeterReading)
        assert (reading.spo2_pct, reading.pulse_bpm, reading.averaging) == (None, None, Averaging.SPOT)
        assert (reading.quality, reading.reason) == (Quality.UNUSABLE, Reason.NOT_LIVE)
        # It is silent for longer than a strap may be, and keeps its link.
        await until(lambda: stage.heard.state(sensor) is SensorState.STALE, "stale, as nothing is live")
        await asyncio.sleep(12 / RATE)
        assert spot.has_subscriber
        assert (status := stage.heard.sensor(sensor)) is not None
        assert status.reconnects == 0


@pytest.mark.parametrize(
    "raw",
    [b"\x00", encode_plx(88, 70, measurement_status=MeasurementStatus.FROM_STORAGE)],
    ids=["undecodable", "from storage"],
)
async def test_a_sensor_that_says_nothing_of_now_never_counts_as_streaming(tmp_path: Path, raw: bytes) -> None:
    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        oximeter = await stage.room.add(Oximeter)
        (sensor,) = assign(stage, [oximeter])
        await until(lambda: oximeter.has_subscriber, "subscribed")

        async def repeat() -> None:
            while True:
                await oximeter.notify_raw(raw)
                await asyncio.sleep(1 / RATE)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(repeat(), name="test.repeat")
            await until(lambda: stage.heard.state(sensor) is SensorState.STALE, "stale")
            task.cancel()
        readings = stage.heard.readings(sensor, ReadingKind.OXIMETER)
        assert len(readings) >= 4
        assert all(one.quality is Quality.UNUSABLE for one in readings)
        states = {one.state for status in stage.heard.statuses for one in status.sensors}
        assert SensorState.STREAMING not in states


async def test_flags_that_change_during_a_link_are_followed(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway():
        (sensor,) = stage.assign_straps()
        strap = stage.room.straps[0]
        await until(lambda: strap.has_subscriber, "subscribed")
        sent = [
            encode_heart_rate(70, rr_1024=(878,), contact=True),
            encode_heart_rate(300),
            encode_heart_rate(71, energy=5, rr_1024=(870, 860)),
            encode_heart_rate(72),
        ]
        for raw in sent:
            await strap.notify_raw(raw)
        await until(lambda: len(stage.heard.readings(sensor)) == len(sent), "all arrived")
        told = [one for one in stage.heard.readings(sensor) if isinstance(one, HeartRateReading)]
        assert [one.hr_bpm for one in told] == [70, 300, 71, 72]
        assert [len(one.rr_ms) for one in told] == [1, 0, 2, 0]


async def test_an_old_strap_that_hangs_up_is_connected_again_without_a_tap(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1, rate=RATE) as stage, stage.gateway():
        (sensor,) = stage.assign_straps()
        strap = stage.room.straps[0]
        async with stage.beating(period_s=0.1):
            for times in (1, 2):
                await stage.streaming(sensor)
                await strap.peripheral.leave()
                await until(partial(has_reconnected, stage, sensor, times), "connected")
            await stage.streaming(sensor)


async def test_a_sensor_that_hangs_on_a_question_is_not_asked_again_and_streams(tmp_path: Path) -> None:
    asked: list[int] = []

    async def hang(_connection: object) -> bytes:
        asked.append(len(asked))
        await asyncio.Event().wait()
        return b""

    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        measurement = notifying(HEART_RATE_MEASUREMENT)
        properties = Characteristic.Properties.READ
        place: Characteristic[bytes] = Characteristic(
            BODY_SENSOR_LOCATION, properties, Characteristic.READABLE, CharacteristicValue(read=hang)
        )
        peripheral = Peripheral(
            stage.room.air,
            name="Strap that hangs",
            address=address_of(family=0xEE, index=2),
            model="virtual strap",
            services=[Service(HEART_RATE_SERVICE, [measurement, place])],
            advertised=[HEART_RATE_SERVICE],
            advertising_ms=20,
        )
        strap = VirtualSensor(peripheral, measurement)
        await strap.start()
        sensor = stage.id_of(peripheral)
        stage.assign((peripheral, SensorKind.STRAP))

        async def beat() -> None:
            while True:
                await strap.notify_raw(encode_heart_rate(70))
                await asyncio.sleep(1 / RATE)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(beat(), name="test.beat")
            await until(lambda: has_reconnected(stage, sensor, 1), "the link on which it hung was given up")
            await stage.streaming(sensor)
            before = len(stage.heard.readings(sensor))
            await until(lambda: len(stage.heard.readings(sensor)) > before + 30, "it streams for longer than it hung")
            task.cancel()
        assert asked == [0]


async def test_a_battery_in_the_stream_is_a_reading_when_it_changes(tmp_path: Path) -> None:
    async with open_stage(tmp_path, rate=RATE) as stage, stage.gateway():
        ring = await stage.room.add(O2Ring)
        (sensor,) = assign(stage, [ring])
        async with speaking(ring):
            await stage.streaming(sensor)
            await until(lambda: len(stage.heard.readings(sensor, ReadingKind.OXIMETER)) >= 3, "some seconds")
        (level,) = stage.heard.readings(sensor, ReadingKind.BATTERY)
        assert isinstance(level, BatteryReading)
        assert level.battery_pct == 90
