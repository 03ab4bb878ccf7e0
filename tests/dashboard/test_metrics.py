"""What a monitoring system reads: the text format, parsed back by Prometheus' own parser; nothing dead, no address."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboard.metrics import COUNTERS_MAX
from tests.dashboard.house import House, Voice, open_voice, settings_for, until
from tests.peers import Mosquitto
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import RunId
from vitals.sensors import RadioStatus, SensorId, SensorKind, SensorState, SensorStatus
from vitals.sessions import GenerationMode
from vitals.topics import StatusTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]

Sample = tuple[str, frozenset[tuple[str, str]]]
ADDRESS = "bumble:tcp-client:192.0.2.7:9001"


def parsed(answer: httpx.Response) -> dict[Sample, float]:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = list(text_string_to_metric_families(answer.text))
    assert all(family.documentation for family in families)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def of(samples: dict[Sample, float], name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


def say_gateway(voice: Voice, *, state: PartState = PartState.UP, counters: dict[str, int] | None = None) -> None:
    more: dict[str, Any] = {"gaps": 2, "reconnects": 3, "notifications": 40, "undecodable": 1, "latency_p50_ms": 4}
    status = PartStatus(
        part=Part.GATEWAY,
        instance="g1",
        run=RunId("run-g1"),
        state=state,
        generation_mode=GenerationMode.SIMULATED,
        clock_rate=1.0,
        mono_ms=voice.clock.mono_ms(),
        utc_ms=voice.clock.utc_ms(),
        oldest_unhandled_ms=1_500,
        counters={"published": 12, "undecodable.s-strap1": 1} | (counters or {}),
        problems=("out of radio slots",),
        radios=(
            RadioStatus(name="bluez:hci0", up=False, slots_used=0, slots_max=7, errors=2),
            RadioStatus(name=ADDRESS, up=True, slots_used=3, slots_max=5, connects=9, waiting=1, adv_per_s=12.5),
        ),
        sensors=(
            SensorStatus(
                sensor=SensorId("s-strap1"),
                kind=SensorKind.STRAP,
                state=SensorState.STREAMING,
                since_mono_ms=MonotonicMs(0),
                rssi_dbm=-61,
                latency_p99_ms=19,
                **more,
            ),
        ),
    )
    voice.bus.set_retained(str(StatusTopic(site="gym", part=Part.GATEWAY, instance="g1")), encode(status))


async def read(house: House) -> dict[Sample, float]:
    return parsed(await house.http.get("/metrics"))


async def test_radios_and_sensors_are_told_as_the_gateway_says_them(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        del voice.alive[Part.GATEWAY, "g1"]
        say_gateway(voice)
        samples: dict[Sample, float] = {}
        sensor = {"gateway": "g1", "sensor": "s-strap1", "kind": "strap"}
        while of(samples, "vitals_sensor_gaps_total", **sensor) is None:
            samples = await read(house)
        assert {
            name: of(samples, f"vitals_sensor_{name}", **sensor)
            for name in ("gaps_total", "reconnects_total", "notifications_total", "undecodable_total", "rssi_dbm")
        } == {
            "gaps_total": 2,
            "reconnects_total": 3,
            "notifications_total": 40,
            "undecodable_total": 1,
            "rssi_dbm": -61,
        }
        assert of(samples, "vitals_sensor_latency_seconds", **sensor, quantile="0.5") == 0.004
        assert of(samples, "vitals_sensor_latency_seconds", **sensor, quantile="0.99") == 0.019
        assert of(samples, "vitals_sensor_state", **sensor, state="streaming") == 1
        assert of(samples, "vitals_sensor_battery_percent", **sensor) is None
        first = {"gateway": "g1", "radio": "0", "stack": "bluez"}
        second = {"gateway": "g1", "radio": "1", "stack": "bumble"}
        assert [of(samples, "vitals_radio_up", **labels) for labels in (first, second)] == [0, 1]
        assert [of(samples, "vitals_radio_slots", **labels) for labels in (first, second)] == [7, 5]
        assert of(samples, "vitals_radio_errors_total", **first) == 2
        assert of(samples, "vitals_radio_advertisements_per_second", **second) == 12.5
        part = {"part": "gateway", "instance": "g1"}
        assert of(samples, "vitals_part_events_total", **part, event="published") == 12
        assert of(samples, "vitals_part_oldest_unhandled_seconds", **part) == 1.5
        text = (await house.http.get("/metrics")).text
        assert "192.0.2.7" not in text
        assert "undecodable.s" not in text


async def test_a_gateway_that_is_lost_leaves_only_that_it_is(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        del voice.alive[Part.GATEWAY, "g1"]
        say_gateway(voice)
        part = {"part": "gateway", "instance": "g1"}
        samples: dict[Sample, float] = {}
        while of(samples, "vitals_part_up", **part) != 1:
            samples = await read(house)
        say_gateway(voice, state=PartState.LOST)
        while of(samples, "vitals_part_up", **part) != 0:
            samples = await read(house)
        assert not [name for name, _ in samples if name.startswith(("vitals_sensor", "vitals_radio"))]
        assert of(samples, "vitals_part_events_total", **part, event="published") is None


async def test_a_part_that_counts_all_kinds_of_things_makes_no_flood(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        del voice.alive[Part.GATEWAY, "g1"]
        flood = {f"thing_{chr(97 + number % 26)}{chr(97 + number // 26)}": number for number in range(500)}
        say_gateway(voice, counters=flood | {"x" * 500: 1, 'quo"te\n': 2})
        await until(lambda: voice.bus.connected, "connected")
        samples: dict[Sample, float] = {}

        def mine() -> list[Sample]:
            return [one for one in samples if one[0] == "vitals_part_events_total" and ("instance", "g1") in one[1]]

        while not mine():
            samples = await read(house)
        assert len(mine()) == COUNTERS_MAX


async def test_only_this_machine_may_read_them(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        assert (await house.http.get("/metrics")).status_code == 200
        stranger = await house.http.get("/metrics", headers={"host": "gym.example"})
        assert stranger.status_code in {400, 403, 421}
