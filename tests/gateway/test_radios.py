"""Several radios at one gateway: who connects whom, and what happens when one dies, fills up or hears better."""

from pathlib import Path

import pytest

from simulators.controller import AirController
from simulators.sensors.peripheral import Peripheral
from tests.gateway.stage import Stage, open_stage, until
from vitals.sensors import SensorKind, SensorState

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


def radios_of(stage: Stage, sensor: Peripheral) -> tuple[AirController, AirController]:
    """Return, of two radios, the one that is connected to a sensor, and the other."""
    link = sensor.connections[0].peer_address
    owner = next(one for one in stage.room.server.radios.values() if one.random_address == link)
    other = next(one for one in stage.room.server.radios.values() if one is not owner)
    return owner, other


async def test_full_radios_are_told_and_the_sensor_that_waits_gets_the_next_free_slot(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=3, slots=2) as stage, stage.gateway(), stage.beating():
        sensors = stage.assign_straps()
        await until(lambda: stage.heard.status is not None and "out of radio slots" in stage.heard.status.problems)
        await until(lambda: sum(stage.heard.state(one) is SensorState.STREAMING for one in sensors) == 2, "two stream")
        waiting = next(one for one in sensors if stage.heard.state(one) is not SensorState.STREAMING)
        await until(lambda: (one := stage.heard.sensor(waiting)) and one.waits_for_slot, "it says what it waits for")
        straps = {stage.id_of(strap.peripheral): strap.peripheral for strap in stage.room.straps}
        away = next(one for one in sensors if one != waiting)
        stage.assign(*((straps[one], SensorKind.STRAP) for one in sensors if one != away))
        await stage.streaming(waiting)
        await until(lambda: stage.heard.status is not None and not stage.heard.status.problems, "no problem any more")


async def test_the_radio_that_hears_a_sensor_best_connects_it(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=4, radios=2) as stage, stage.gateway(), stage.beating():
        await until(lambda: len(stage.room.server.radios) == 2, "two radios")
        near, far = stage.room.server.radios.values()
        for strap in stage.room.straps:
            stage.room.air.set_rssi(strap.peripheral.controller, near, -50)
            stage.room.air.set_rssi(strap.peripheral.controller, far, -75)
        # Let the old strengths be forgotten.
        await until(
            lambda: (
                stage.heard.nearby is not None and [one.rssi_dbm for one in stage.heard.nearby.sensors] == [-50] * 4
            ),
            "heard anew",
        )
        await stage.streaming(*stage.assign_straps())
        assert stage.heard.status is not None
        assert sorted(one.slots_used for one in stage.heard.status.radios) == [0, 4]
        assert len(near.le_connections) == 4


async def test_a_sensor_moves_to_the_other_radio_when_its_own_is_pulled(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1, radios=2) as stage, stage.gateway(), stage.beating():
        (sensor,) = stage.assign_straps()
        await stage.streaming(sensor)
        strap = stage.room.straps[0].peripheral
        owner, other = radios_of(stage, strap)
        # The adapter comes back at once, but it hears the strap less well than the other one.
        stage.room.air.set_rssi(strap.controller, other, -45)
        next(one for one in stage.room.server._sockets if one._controller is owner).pull()
        await until(lambda: (one := stage.heard.sensor(sensor)) and one.reconnects == 1, "connected anew")
        await stage.streaming(sensor)
        assert len(other.le_connections) == 1


async def test_a_healthy_link_is_not_moved_whatever_another_radio_hears(tmp_path: Path) -> None:
    async with open_stage(tmp_path, radios=2) as stage, stage.gateway():
        # It takes two links, so it calls while it is connected, as a Polar H10 does.
        (strap,) = await stage.room.add_straps(1, slots=2)
        await until(lambda: len(stage.room.server.radios) == 2, "two radios")
        async with stage.beating():
            (sensor,) = stage.assign_straps()
            await stage.streaming(sensor)
            link = strap.peripheral.connections[0].peer_address
            owner, other = radios_of(stage, strap.peripheral)
            stage.room.air.set_rssi(strap.peripheral.controller, owner, -85)
            stage.room.air.set_rssi(strap.peripheral.controller, other, -35)
            # Longer than another radio must lead (5 s of the gateway's clock) to take a sensor without a link.
            begin_ms = stage.clock.mono_ms()
            await until(lambda: stage.clock.mono_ms() - begin_ms > 7_000, "seven seconds")
            status = stage.heard.sensor(sensor)
            assert status is not None
            assert (status.state, status.reconnects, status.gaps) == (SensorState.STREAMING, 0, 0)
            assert strap.peripheral.connections[0].peer_address == link
            assert len(other.le_connections) == 0


async def test_a_sensor_that_comes_back_goes_to_its_own_radio_not_to_the_stronger_one(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=1, radios=2) as stage, stage.gateway(), stage.beating():
        (sensor,) = stage.assign_straps()
        await stage.streaming(sensor)
        strap = stage.room.straps[0].peripheral
        owner, other = radios_of(stage, strap)
        stage.room.air.set_rssi(strap.controller, owner, -65)
        stage.room.air.set_rssi(strap.controller, other, -50)
        stage.room.air.lose(strap.controller, supervision_s=0.2)
        await until(lambda: stage.heard.state(sensor) is SensorState.LOST, "lost")
        stage.room.air.back(strap.controller)
        await until(lambda: (one := stage.heard.sensor(sensor)) and one.reconnects == 1, "connected anew")
        await stage.streaming(sensor)
        assert (len(owner.le_connections), len(other.le_connections)) == (1, 0)
        status = stage.heard.sensor(sensor)
        assert status is not None
        assert stage.heard.status is not None
        assert status.radio in {one.name for one in stage.heard.status.radios}


async def test_a_radio_that_dies_hands_all_its_sensors_to_the_other(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=4, radios=2) as stage, stage.gateway(), stage.beating():
        sensors = stage.assign_straps()
        await stage.streaming(*sensors)
        # Both hear all alike, so they share.
        await until(
            lambda: stage.heard.status is not None and [one.slots_used for one in stage.heard.status.radios] == [2, 2],
            "shared",
        )
        first, second = stage.room.server.radios.values()
        socket = next(one for one in stage.room.server._sockets if one._controller is first)
        for strap in stage.room.straps:
            # Its successor at the same door would be heard no better than the radio that stays.
            stage.room.air.set_rssi(strap.peripheral.controller, second, -40)
        socket.pull()
        await until(lambda: len(second.le_connections) == 4, "handed over")
        await stage.streaming(*sensors)
        assert sum((one := stage.heard.sensor(sensor)) is not None and one.reconnects == 1 for sensor in sensors) == 2
        # The radio that is back takes none of them from the other.
        await until(lambda: stage.heard.status is not None and all(one.up for one in stage.heard.status.radios), "back")
        assert stage.heard.status is not None
        assert sorted(one.slots_used for one in stage.heard.status.radios) == [0, 4]
        assert sum(one.errors for one in stage.heard.status.radios) >= 1
        assert sum(one.connects for one in stage.heard.status.radios) >= 6
