"""The scenarios, one after the other in one guest: each prints its name, what was seen, and PASS or FAIL.

Judged by what comes off the broker: the gateway's status, and readings whose values say which notification they are.
"""

import asyncio
import signal
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Final

from tests.bluez.dongle import drop_link
from tests.bluez.house import House, open_house, until
from tests.bluez.ledger import Outage, find_faults
from tests.bluez.room import Voice
from vitals.sensors import SensorId, SensorState

STEADY_S: Final = 3.0
AWAY_S: Final = 4.0
SLACK_S: Final = 2.0
"""What was said so shortly before an outage may still have been on its way."""

FAULTS_SHOWN: Final = 10
LOST_STATES: Final = frozenset({SensorState.LOST, SensorState.MISSING, SensorState.SEEN, SensorState.CONNECTING})


class Story:
    """What has happened so far."""

    def __init__(self, house: House) -> None:
        """Begin with nothing."""
        self.house = house
        self.outages: dict[SensorId, list[Outage]] = {house.id_of(voice): [] for voice in house.room.voices}

    async def steady(self) -> None:
        """Let everybody be heard for a while, and the gateway say so."""
        await until(self.all_streaming, "all sensors streaming")
        await asyncio.sleep(STEADY_S)
        assert self.all_streaming(), f"not all streaming after {STEADY_S:.0f} s: {self.house.ear.states()}"

    def all_streaming(self) -> bool:
        """Whether the gateway says of every sensor that it streams."""
        states = self.house.ear.states()
        wanted = [states.get(sensor) for sensor in self.outages]
        return self.house.ear.is_up and all(state is SensorState.STREAMING for state in wanted)

    async def lost(self, voices: list[Voice]) -> None:
        """Wait until the gateway says of these that they are not there."""
        ids = [self.house.id_of(voice) for voice in voices]
        await until(
            lambda: all(self.house.ear.states().get(sensor) in LOST_STATES for sensor in ids),
            f"{len(ids)} sensors told as lost",
        )

    async def back(self, voices: list[Voice], *, lost_s: float, return_s: float) -> str:
        """Wait until these are heard again; note their outage, and return how long it took since ``return_s``."""
        took_s: list[float] = []
        for voice in voices:
            sensor = self.house.id_of(voice)
            said_s, heard_s = await self._until_heard(sensor, voice, return_s)
            self.outages[sensor].append(Outage(begin_s=lost_s - SLACK_S, end_s=said_s))
            took_s.append(heard_s - return_s)
        await self.steady()
        return f"{len(voices)} heard again after p50 {statistics.median(took_s):.1f} s, max {max(took_s):.1f} s"

    async def _until_heard(self, sensor: SensorId, voice: Voice, since_s: float) -> tuple[float, float]:
        """Return when the first statement since then that is heard was said, and when it was heard."""
        found: list[tuple[float, float]] = []

        def is_heard() -> bool:
            for one in self.house.ear.readings.get(sensor, ()):
                if one.number is not None and one.number < len(voice.said) and voice.said[one.number].at_s >= since_s:
                    found.append((voice.said[one.number].at_s, one.at_s))
                    return True
            return False

        await until(is_heard, f"{voice.peripheral.name} is heard again")
        return found[0]

    async def radio_down(self, since: int) -> str:
        """Wait until a status after the first ``since`` says that the radio is down; return why it does."""
        whys: list[str] = []

        def is_told() -> bool:
            radios = [radio for status in self.house.ear.statuses[since:] for radio in status.radios]
            whys.extend(radio.why_down for radio in radios if not radio.up)
            return bool(whys)

        await until(is_told, "the radio is told as down")
        assert whys[0], "the radio is down without a reason"
        return whys[0].partition(": ")[2]


async def connect(story: Story) -> str:
    """Ten straps and an oximeter connect and stream."""
    house = story.house
    house.start_bluetoothd()
    house.start_ingest()
    house.start_gateway()
    house.assign_all()
    await until(lambda: house.ear.is_up, "the gateway lives")
    await until(lambda: house.ear.radio is not None and house.ear.radio.up, "its radio is up")
    return await story.back(house.room.voices, lost_s=0.0, return_s=time.monotonic())


async def walk_off(story: Story) -> str:
    """Two straps and the oximeter leave the room, their links time out at both ends, and they come back."""
    house = story.house
    gone = [*house.room.voices[:2], house.room.voices[-1]]
    lost_s = time.monotonic()
    for voice in gone:
        house.room.air.lose(voice.peripheral.controller)
    await story.lost(gone)
    told_s = time.monotonic() - lost_s
    await asyncio.sleep(AWAY_S)
    return_s = time.monotonic()
    for voice in gone:
        house.room.air.back(voice.peripheral.controller)
    return f"told as lost after {told_s:.1f} s; " + await story.back(gone, lost_s=lost_s, return_s=return_s)


async def adapter_drops(story: Story) -> str:
    """The adapter loses two links by itself, and bluetoothd ends a third."""
    house = story.house
    dropped = house.room.voices[2:5]
    lost_s, drops = time.monotonic(), house.ear.count("drops")
    for voice in dropped[:2]:
        drop_link(house.room.dongle, voice.peripheral.address)
    await house.disconnect(dropped[2])
    await until(lambda: house.ear.count("drops") >= drops + len(dropped), "three links told as lost")
    return await story.back(dropped, lost_s=lost_s, return_s=time.monotonic())


async def restart_bluetoothd(story: Story) -> str:
    """The system's Bluetooth service is restarted."""
    return await _renew_bluetoothd(story, signal.SIGTERM)


async def crash_bluetoothd(story: Story) -> str:
    """The system's Bluetooth service crashes and is started again."""
    return await _renew_bluetoothd(story, signal.SIGKILL)


async def _renew_bluetoothd(story: Story, how: signal.Signals) -> str:
    house = story.house
    lost_s, since = time.monotonic(), len(house.ear.statuses)
    await house.end_bluetoothd(how)
    await story.lost(house.room.voices)
    told_s = time.monotonic() - lost_s
    why = await story.radio_down(since)
    return_s = time.monotonic()
    house.start_bluetoothd()
    seen = await story.back(house.room.voices, lost_s=lost_s, return_s=return_s)
    return f'told as lost after {told_s:.1f} s ("{why}"); {seen}'


async def power_cycle(story: Story) -> str:
    """The adapter is powered off and on."""
    house = story.house
    lost_s, since = time.monotonic(), len(house.ear.statuses)
    await house.power_adapter(on=False)
    why = await story.radio_down(since)
    await story.lost(house.room.voices)
    told_s = time.monotonic() - lost_s
    return_s = time.monotonic()
    await house.power_adapter(on=True)
    seen = await story.back(house.room.voices, lost_s=lost_s, return_s=return_s)
    return f'told as lost after {told_s:.1f} s ("{why}"); {seen}'


async def kill_gateway(story: Story) -> str:
    """The gateway is killed and started again; the links that stayed in BlueZ are freed."""
    house = story.house
    before, lost_s = house.ear.run, time.monotonic()
    await house.kill_gateway()
    held = len(house.room.dongle.le_connections)
    assert held, "no link stood in BlueZ without an owner, so none was freed"
    return_s = time.monotonic()
    house.start_gateway()
    await until(lambda: house.ear.is_up and house.ear.run != before, "a new run of the gateway")
    seen = await story.back(house.room.voices, lost_s=lost_s, return_s=return_s)
    return f"{held} links stood without an owner; {seen}"


async def stop_gateway(story: Story) -> str:
    """The gateway is stopped: the record has every reading once, and every sensor is taken leave of."""
    house = story.house
    house.room.is_hushed = True
    await until(lambda: not house.unconfirmed_n(), "the record has what the outbox held")
    code = await house.stop_gateway()
    assert code == 0, f"the gateway ended with {code}"
    await until(lambda: not house.room.dongle.le_connections, "no link is left")
    assert not house.unconfirmed_n(), "the outbox holds readings again"
    stored = house.stored()
    assert len(stored) == len(set(stored)), "a reading is in the record twice"
    unheard, unstored = set(stored) - house.ear.keys, house.ear.keys - set(stored)
    assert not unheard, f"in the record and never published: {sorted(map(str, unheard))[:FAULTS_SHOWN]}"
    assert not unstored, f"published and not in the record: {sorted(map(str, unstored))[:FAULTS_SHOWN]}"
    return f"{len(stored)} readings in the record, 0 lost of the outbox"


async def judge_readings(story: Story) -> str:
    """Heart rates, intervals and saturations came as they were said, numbered without a hole, in order."""
    house = story.house
    faults: list[str] = []
    said = heard = 0
    for voice in house.room.voices:
        sensor = house.id_of(voice)
        readings = house.ear.readings.get(sensor, [])
        found = find_faults(voice.said, readings, story.outages[sensor])
        faults += [f"{voice.peripheral.name}: {fault}" for fault in found]
        said += sum(one.taken for one in voice.said)
        heard += len({(one.run, one.seq) for one in readings})
    assert not faults, "\n     ".join(faults[:FAULTS_SHOWN])
    return f"{heard} readings of {said} notifications; the others were on their way when a link or a part ended"


SCENARIOS: Final[tuple[Callable[[Story], Awaitable[str]], ...]] = (
    connect,
    walk_off,
    adapter_drops,
    restart_bluetoothd,
    crash_bluetoothd,
    power_cycle,
    kill_gateway,
    stop_gateway,
    judge_readings,
)


async def play_all() -> int:
    """Play all scenarios; return how many failed."""
    failed = 0
    async with open_house() as house:
        story = Story(house)
        for scenario in SCENARIOS:
            name = (scenario.__doc__ or "").strip()
            begin_s = time.monotonic()
            try:
                verdict, seen = "PASS", await scenario(story)
            except AssertionError as error:
                verdict, seen = "FAIL", str(error)
                failed += 1
            sys.stdout.write(f"{verdict} [{time.monotonic() - begin_s:5.1f} s] {name}\n     {seen}\n")
            sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(asyncio.run(play_all()))
