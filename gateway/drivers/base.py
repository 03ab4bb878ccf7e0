"""What a driver is: how to know its sensors by their advertisement, what to subscribe to, how to read what they say."""

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec import Struct

from gateway.codecs.undecodable import LONGEST_VALUE_BYTES
from vitals.readings import Reading, ReadingKind, RunId
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs


class Stamp(NamedTuple):
    """What a reading carries besides the sensor's words: whose it is, its number, and when it was heard."""

    run: RunId
    sensor: SensorId
    seq: int
    mono_ms: MonotonicMs


class Introduction(Struct, frozen=True, kw_only=True):
    """What a sensor tells about itself to everybody; ``services`` in the full form, lower case."""

    services: tuple[str, ...] = ()
    name: str = ""


class Driver(Struct, frozen=True, kw_only=True):
    """How to get readings of one kind out of one family of sensors.

    Attributes:
        name: for logs and support.
        sensor_kind: what such a sensor is worn for.
        reading_kind: the stream that its measurements make.
        characteristic: what is subscribed to.
        match: an advertisement -> how sure the driver is that the sensor is its own, 0 (no) to 100.
        read: one notification -> one reading, whatever the bytes; undecodable ones give a reading without a value
            that keeps them.
    """

    name: str
    sensor_kind: SensorKind
    reading_kind: ReadingKind
    characteristic: str
    match: Callable[[Introduction], int]
    read: Callable[[bytes, Stamp], Reading]


SURE: Final = 100
"""The score of a sensor that names the standard service; a driver of a vendor's own protocol stays below it."""


def service_match(service: str) -> Callable[[Introduction], int]:
    """Return a matcher for sensors that advertise a service of the Bluetooth SIG."""

    def match(introduction: Introduction) -> int:
        return SURE if service in introduction.services else 0

    return match


def raw_hex_of(raw: bytes) -> str:
    """Return the bytes as a reading keeps them; what is longer than an attribute can be is cut."""
    return raw[:LONGEST_VALUE_BYTES].hex()
