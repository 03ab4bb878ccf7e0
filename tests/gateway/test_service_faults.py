"""The gateway while things break: radios, broker, disk, and the gateway itself. Nothing that was heard is lost."""

import asyncio
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.backends.device import BLEDevice

from gateway.keeper import RadioKeeper
from gateway.known import KnownSensors
from gateway.service import run
from simulators.radio_server import RadioServer
from tests.gateway.stage import Listener, Stage, kill, open_stage, until, unused_radio
from vitals.database import open_reader
from vitals.deadline import deadline
from vitals.errors import SetupError
from vitals.parts import PartState
from vitals.readings import Reading, ReadingKind
from vitals.runs import new_run_id
from vitals.sensors import RadioStatus, SensorId, SensorState
from vitals.settings import GatewaySettings
from vitals.store import StoreCursor, StreamCursor
from vitals.topics import CursorTopic
from vitals.wire import encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


def radio(heard: Listener) -> RadioStatus | None:
    return heard.status.radios[0] if heard.status is not None and heard.status.radios else None


def counter(heard: Listener, name: str) -> int:
    return 0 if heard.status is None else heard.status.counters.get(name, 0)


def seqs_by_run(readings: list[Reading]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for reading in readings:
        found.setdefault(reading.run, []).append(reading.seq)
    return {run: sorted(seqs) for run, seqs in found.items()}


async def test_an_adapter_that_is_pulled_out_is_told_and_its_sensors_stream_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, straps=3) as stage, stage.gateway(), stage.beating():
        sensors = stage.assign_straps()
        await stage.streaming(*sensors)
        stage.heard.statuses.clear()
        stage.room.server.pull_all()
        await until(lambda: any(not one.up for status in stage.heard.statuses for one in status.radios), "down")
        down = next(one for status in stage.heard.statuses for one in status.radios if not one.up)
        await stage.streaming(*sensors)
        assert (down.slots_used, bool(down.why_down)) == (0, True)
        up = radio(stage.heard)
        assert up is not None
        assert (up.up, up.slots_used, up.slots_max, up.why_down) == (True, 3, 32, "")
        statuses = [stage.heard.sensor(sensor) for sensor in sensors]
        assert all(status is not None and status.reconnects == 1 for status in statuses)


async def test_a_late_word_of_an_old_link_does_not_end_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BlueZ may tell the end of a link seconds after we have left it; another radio may have the sensor by then."""
    told: list[Callable[[], None]] = []
    connect = RadioKeeper.connect

    async def note(
        self: RadioKeeper, device: BLEDevice, *, on_lost: Callable[[], None], timeout_s: float
    ) -> BleakClient:
        told.append(on_lost)
        return await connect(self, device, on_lost=on_lost, timeout_s=timeout_s)

    monkeypatch.setattr(RadioKeeper, "connect", note)
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway(), stage.beating():
        (sensor,) = stage.assign_straps()
        await stage.streaming(sensor)
        old = list(told)
        stage.room.server.pull_all()
        await until(lambda: (one := stage.heard.sensor(sensor)) and one.reconnects == 1, "connected anew")
        await stage.streaming(sensor)
        for say_lost in old:
            say_lost()
        count = len(stage.heard.readings(sensor))
        await until(lambda: len(stage.heard.readings(sensor)) > count + 40, "it goes on")
        status = stage.heard.sensor(sensor)
        assert status is not None
        assert (status.state, status.reconnects) == (SensorState.STREAMING, 1)


async def test_a_gateway_without_any_radio_lives_says_why_and_takes_the_radio_when_it_comes(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage:
        spec = unused_radio()
        settings = stage.settings.model_copy(update={"gateway": GatewaySettings(radios=(spec,))})
        (sensor,) = stage.assign_straps()
        async with stage.gateway(settings), stage.beating():
            await until(lambda: (one := radio(stage.heard)) and not one.up and "no adapter" in one.why_down, "down")
            assert stage.heard.state(sensor) in {SensorState.MISSING, None}
            async with RadioServer(stage.room.air) as server:
                await server.listen_tcp(int(spec.rpartition(":")[2]))
                await stage.streaming(sensor)
            await until(lambda: (one := radio(stage.heard)) and not one.up, "down again with the simulator")
            assert stage.heard.is_up


async def test_a_machine_without_bluetooth_is_a_line_in_the_heartbeat(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage:
        async with stage.gateway():
            await until(lambda: stage.heard.nearby is not None and stage.heard.nearby.sensors, "a sensor is known")
        stage.heard.statuses.clear()
        settings = stage.settings.model_copy(update={"gateway": GatewaySettings(radios=("bluez:hci321",))})
        async with stage.gateway(settings):
            await until(lambda: (one := radio(stage.heard)) and one.why_down.startswith("radio bluez:hci321"), "why")
            assert stage.heard.is_up


async def test_what_is_heard_while_the_broker_is_away_arrives_when_it_is_back(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage, stage.gateway():
        sensors = stage.assign_straps()
        async with stage.beating() as sent:
            await stage.streaming(*sensors)
            stage.broker.kill()
            before = {sensor: len(raws) for sensor, raws in sent.items()}
            await until(lambda: all(len(sent[one]) > before[one] + 20 for one in sensors), "20 beats without a broker")
            stage.broker.start()
            after = {sensor: len(raws) for sensor, raws in sent.items()}
            await until(lambda: all(len(stage.heard.raws(one)) > after[one] for one in sensors), "live again")
        await until(
            lambda: all(len(stage.heard.readings(one)) >= len(raws) for one, raws in sent.items()), "all arrived"
        )
        for sensor, raws in sent.items():
            readings = sorted(stage.heard.readings(sensor), key=lambda reading: reading.seq)
            assert [bytes.fromhex(reading.raw_hex) for reading in readings] == raws


async def test_a_gateway_that_is_killed_goes_on_in_a_new_run_and_delivers_what_the_old_one_had(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage, stage.beating():
        sensors = stage.assign_straps()
        with stage.gateway_process() as process:
            await stage.streaming(*sensors)
            assert stage.heard.status is not None
            first_run = stage.heard.status.run
            stage.broker.kill()
            await rows_on_disk(stage, 60)
            kill(process)
        had = seqs_on_disk(stage, first_run, sensors[0])
        stage.broker.start()
        stage.heard.statuses.clear()
        with stage.gateway_process():
            await until(lambda: stage.heard.status is not None and stage.heard.status.run != first_run, "a new run")
            await stage.streaming(*sensors)
            assert stage.heard.status is not None
            await until(
                lambda: set(had) <= set(seqs_by_run(stage.heard.readings(sensors[0])).get(first_run, [])),
                "the old run's readings",
            )
            extents = stage.heard.status.extents
            ended = {(one.subject, one.kind): (one.last, one.ended) for one in extents if one.run == first_run}
            assert ended[sensors[0], ReadingKind.HR] == (had[-1], True)
            await until(lambda: len(stage.heard.anchors) == 2, "anchors of both runs")
            check_ages(stage, first_run)
    new_run = next(run for run in stage.heard.anchors if run != first_run)
    seqs = seqs_by_run(stage.heard.readings(sensors[0]))[new_run]
    assert seqs == list(range(len(seqs)))


async def test_a_killed_gateway_is_told_lost_by_its_will(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        with stage.gateway_process() as process:
            await until(lambda: stage.heard.is_up, "up")
            kill(process)
        await until(lambda: stage.heard.status is not None and stage.heard.status.state is PartState.LOST, "lost")


async def test_a_gateway_that_was_asleep_does_not_blame_its_sensors(tmp_path: Path) -> None:
    # Five times life: it sleeps for 15 s of its clock, and drops what is silent for 10 s. The straps beat in this
    # process, which may well stand still for a second.
    async with open_stage(tmp_path, straps=2, rate=5) as stage, stage.beating(period_s=0.1) as sent:
        sensors = stage.assign_straps()
        with stage.gateway_process() as process:
            await stage.streaming(*sensors)
            process.send_signal(signal.SIGSTOP)
            before = {sensor: len(sent[sensor]) for sensor in sensors}
            await until(lambda: all(len(sent[one]) >= before[one] + 30 for one in sensors), "30 beats of 0.5 s each")
            process.send_signal(signal.SIGCONT)
            wanted = {sensor: len(sent[sensor]) + 20 for sensor in sensors}
            await until(lambda: all(has_come(stage, one, wanted[one]) for one in sensors), "all heard")
            assert counter(stage.heard, "drops") == 0
            for sensor in sensors:
                raws = [bytes.fromhex(reading.raw_hex) for reading in by_seq(stage, sensor)[: wanted[sensor]]]
                assert raws == sent[sensor][: wanted[sensor]]


async def test_what_came_while_the_gateway_slept_is_not_stamped_as_heard_when_it_woke(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage, stage.beating(period_s=0.1) as sent:
        sensors = stage.assign_straps()
        with stage.gateway_process() as process:
            await stage.streaming(*sensors)
            process.send_signal(signal.SIGSTOP)
            before = {sensor: len(sent[sensor]) for sensor in sensors}
            await until(lambda: all(len(sent[one]) >= before[one] + 30 for one in sensors), "30 beats of 0.1 s each")
            slept = {sensor: set(sent[sensor][before[sensor] :]) for sensor in sensors}
            woken_ms = stage.clock.mono_ms()
            process.send_signal(signal.SIGCONT)
            wanted = {sensor: len(sent[sensor]) + 20 for sensor in sensors}
            await until(lambda: all(has_come(stage, one, wanted[one]) for one in sensors), "all heard")
            for sensor in sensors:
                stamps = [reading.mono_ms for reading in by_seq(stage, sensor)]
                assert stamps == sorted(stamps)
                assert stamps[-1] > woken_ms
                heap = [one for one in stage.heard.readings(sensor) if bytes.fromhex(one.raw_hex) in slept[sensor]]
                assert len(heap) >= 30
                assert max(one.mono_ms for one in heap) < woken_ms


def by_seq(stage: Stage, sensor: SensorId) -> list[Reading]:
    """Return what came as it was numbered: a gateway that has missed its broker as well sends the newest first."""
    return sorted(stage.heard.readings(sensor), key=lambda reading: reading.seq)


def has_come(stage: Stage, sensor: SensorId, count: int) -> bool:
    """Tell whether the first so many have all come."""
    return {reading.seq for reading in stage.heard.readings(sensor)} >= set(range(count))


async def test_the_outbox_forgets_what_the_store_has_and_nothing_else(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.gateway():
        (sensor,) = stage.assign_straps()
        async with stage.beating():
            await stage.streaming(sensor)
            await rows_on_disk(stage, 30)
        assert stage.heard.status is not None
        run = stage.heard.status.run
        cursor = StoreCursor(
            store_run=new_run_id(),
            source="g1",
            run=run,
            streams=(StreamCursor(subject=sensor, kind=ReadingKind.HR, seq=19),),
        )
        await stage.bus.publish(str(CursorTopic(site="gym", source="g1", run=run)), encode(cursor), retain=True)
        await until(lambda: (left := seqs_on_disk(stage, run, sensor)) and left[0] == 20, "20 forgotten")
        left = seqs_on_disk(stage, run, sensor)
        assert all(after == before + 1 for before, after in pairwise(left))


async def test_a_full_disk_stops_no_reading_and_is_told(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage, stage.beating(period_s=0.01) as sent:
        (sensor,) = stage.assign_straps()
        # No file of this process may grow beyond 200 kB, as on a full disk.
        with stage.gateway_process(file_bytes_max=200_000):
            await until(
                lambda: stage.heard.status is not None and any("outbox" in one for one in stage.heard.status.problems),
                "the problem is told",
            )
            before = len(stage.heard.readings(sensor))
            await until(lambda: len(stage.heard.readings(sensor)) > before + 50, "readings go on")
            assert counter(stage.heard, "commit_errors") > 0
            readings = stage.heard.readings(sensor)
            assert [reading.seq for reading in readings] == list(range(len(readings)))
    assert sent[sensor]


async def test_a_damaged_outbox_is_set_aside_and_the_gateway_runs(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1) as stage:
        outbox = stage.settings.outbox_file
        outbox.write_bytes(b"this is no database" * 1000)
        (sensor,) = stage.assign_straps()
        async with stage.gateway(), stage.beating():
            await stage.streaming(sensor)
            assert stage.heard.status is not None
            assert any("set aside" in one for one in stage.heard.status.problems)
        assert [path.read_bytes()[:7] for path in outbox.parent.glob("outbox.db.damaged*")] == [b"this is"]


async def test_a_second_gateway_with_the_same_outbox_refuses_to_start(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        async with stage.gateway():
            await until(lambda: stage.heard.is_up, "up")
            with pytest.raises(SetupError, match="another gateway"):
                await run(stage.settings)
        stage.heard.statuses.clear()
        async with stage.gateway():
            await until(lambda: stage.heard.is_up, "up again")


async def test_known_sensors_are_kept_on_disk_with_their_kind(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2) as stage:
        oximeter = await stage.room.add_oximeter()
        async with stage.gateway():
            await until(lambda: stage.heard.nearby is not None and len(stage.heard.nearby.sensors) == 3, "nearby")
        reader = open_reader(stage.settings.outbox_file)
        known = KnownSensors(reader, site_key=stage.key)
        assert len(known) == 3
        kinds = {str(row[0]): row[1] for row in reader.execute("SELECT address, kind FROM known_sensor").fetchall()}
        assert kinds[oximeter.peripheral.address] == "oximeter"
        assert kinds[stage.room.straps[0].peripheral.address] == "strap"
        reader.close()


def seqs_on_disk(stage: Stage, run: str, sensor: SensorId) -> list[int]:
    reader = open_reader(stage.settings.outbox_file)
    try:
        rows = reader.execute(
            "SELECT m.seq FROM outbox_message m JOIN outbox_stream s ON s.id = m.stream"
            " WHERE s.run = ? AND s.subject = ? AND s.kind = 'hr' ORDER BY m.seq",
            (run, sensor),
        ).fetchall()
        return [int(str(row[0])) for row in rows]
    finally:
        reader.close()


async def rows_on_disk(stage: Stage, count: int) -> None:
    """Wait until the outbox has so many rows on disk."""

    def has_rows() -> bool:
        reader = open_reader(stage.settings.outbox_file)
        try:
            return int(str(reader.execute("SELECT count(*) FROM outbox_message").fetchall()[0][0])) >= count
        finally:
            reader.close()

    async with deadline(30):
        while not has_rows():  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.05)


def check_ages(stage: Stage, run: str) -> None:
    """What an earlier run heard left with its true age: the clock of the machine went on while nobody ran."""
    late = [one for one in stage.heard.messages if one.body.run == run and one.sent_mono_ms - one.body.mono_ms > 500]
    now_ms = stage.clock.mono_ms()
    assert late
    assert all(one.body.mono_ms <= one.sent_mono_ms <= now_ms for one in late)
