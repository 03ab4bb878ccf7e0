"""The room in the guest: ten straps and an oximeter that say numbered things once a second, and the kernel's dongle."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from simulators.air import Air
from simulators.controller import AirController
from simulators.sensors.oximeter import Oximeter
from simulators.sensors.peripheral import Peripheral
from simulators.sensors.strap import Strap
from tests.bluez.dongle import open_dongle
from tests.bluez.ledger import Said
from vitals.readings import HeartRateReading, OximeterReading, Reading
from vitals.sensors import SensorKind

STRAPS: Final = 10
SLOTS: Final = 16
PERIOD_S: Final = 1.0
NUMBERS: Final = 1000
"""After so many the values repeat; a run says some 250."""
_RR_1024_MIN: Final = 400


class Voice:
    """One sensor and everything that it said."""

    def __init__(self, sensor: Strap | Oximeter) -> None:
        """Begin silent."""
        self.sensor = sensor
        self.said: list[Said] = []

    @property
    def peripheral(self) -> Peripheral:
        """The sensor as a Bluetooth device."""
        return self.sensor.peripheral

    @property
    def kind(self) -> SensorKind:
        """What it is worn for."""
        return SensorKind.STRAP if isinstance(self.sensor, Strap) else SensorKind.OXIMETER

    async def say(self) -> None:
        """Say the next number."""
        number, at_s = len(self.said), time.monotonic()
        if isinstance(self.sensor, Strap):
            taken = await self.sensor.notify(_hr_bpm(number), rr_1024=(_rr_1024(number),))
        else:
            taken = await self.sensor.notify(_spo2_pct(number), _pulse_bpm(number))
        self.said.append(Said(number=number, at_s=at_s, taken=taken > 0))


def number_of(reading: Reading) -> int | None:
    """Return the number behind a reading's values, or None when no sensor said them."""
    match reading:
        case HeartRateReading(hr_bpm=hr_bpm, rr_ms=(rr_ms,)):
            number = round(rr_ms * 1.024) - _RR_1024_MIN
            return number if hr_bpm == _hr_bpm(number) else None
        case OximeterReading(spo2_pct=spo2_pct, pulse_bpm=pulse_bpm) if pulse_bpm is not None:
            number = round(pulse_bpm * 10) - 500
            return number if spo2_pct == _spo2_pct(number) else None
        case _:
            return None


def _hr_bpm(number: int) -> int:
    return 60 + number % 97


def _rr_1024(number: int) -> int:
    return _RR_1024_MIN + number % NUMBERS


def _spo2_pct(number: int) -> int:
    return 88 + number % 11


def _pulse_bpm(number: int) -> float:
    return 50 + number % NUMBERS / 10


class Room:
    """Who is in the air."""

    def __init__(self, air: Air, dongle: AirController, voices: list[Voice]) -> None:
        """Take them over."""
        self.air = air
        self.dongle = dongle
        self.voices = voices
        self.is_hushed = False

    async def speak(self) -> None:
        """Let everybody speak once a second, for ever, unless hushed."""
        while True:
            begin_s = time.monotonic()
            for voice in () if self.is_hushed else self.voices:
                await voice.say()
                await asyncio.sleep(PERIOD_S / len(self.voices) / 2)
            await asyncio.sleep(max(0.0, begin_s + PERIOD_S - time.monotonic()))


@asynccontextmanager
async def open_room() -> AsyncIterator[Room]:
    """Switch everything on."""
    air = Air(random.Random(7))
    voices = [Voice(Strap(air, index)) for index in range(STRAPS)]
    voices.append(Voice(Oximeter(air, 0)))
    async with open_dongle(air, slots=SLOTS) as dongle:
        for voice in voices:
            await voice.sensor.start()
        yield Room(air, dongle, voices)
