"""What a driver is: how to know its sensors, what to listen to and to ask them, how to read what they say.

A driver decides nothing about links: `gateway.session` connects, subscribes, asks and drops. What a sensor says over
one link goes into one `Conversation`, made fresh for that link, so that half a frame or a counter of an old link can
never meet the bytes of a new one. Neither of them sees a radio or a clock: tests hand them bytes and times.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from gateway.codecs.undecodable import LONGEST_VALUE_BYTES
from vitals.readings import Reading, ReadingKind, RunId, Source
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs


class Stamp(NamedTuple):
    """What a reading carries besides the sensor's words: whose it is, its number, when it was heard, and from what."""

    run: RunId
    sensor: SensorId
    seq: int
    mono_ms: MonotonicMs
    device: str = ""
    source: Source = Source.NOTIFIED


class Hearing(Struct, frozen=True, kw_only=True):
    """One moment of hearing: when it was, and the stamps for what a driver makes of it (one for each kind, at most)."""

    mono_ms: MonotonicMs
    stamp_of: Callable[[ReadingKind], Stamp]


class Value(NamedTuple):
    """What was heard: the bytes of one characteristic, notified, indicated or read."""

    characteristic: str
    raw: bytes


class Conversation(Protocol):
    """All that a sensor says over one link."""

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return what the bytes say: nothing yet (half a frame), or one reading of each kind at most.

        Whatever the bytes are, it does not raise; bytes that are no frame give a reading that keeps them.
        """


@runtime_checkable
class Questioned(Protocol):
    """A conversation that wants to know when its question goes out, to tell one answer from the next."""

    def asked(self) -> None:
        """Hear that the question is about to be written."""


class Introduction(Struct, frozen=True, kw_only=True):
    """What a sensor tells about itself to everybody.

    ``services`` in the full form, lower case; ``manufacturer_data`` by company number.
    """

    services: tuple[str, ...] = ()
    name: str = ""
    manufacturer_data: Mapping[int, bytes] = {}


class Question(Struct, frozen=True, kw_only=True):
    """What a sensor wants to be told before it speaks: ``value`` written to ``characteristic``.

    ``every_s``: once in so many seconds, each time for one answer; None: once, when the link is made.
    """

    characteristic: str
    value: bytes
    every_s: float | None = None


class Evidence(StrEnum):
    """How well it is known what the bytes of a family of sensors mean."""

    SPECIFICATION = "specification"
    """Bluetooth SIG says so."""
    TWO_SOURCES = "two sources"
    """Two independent public sources agree."""
    SINGLE_SOURCE = "single source, untested on the device"


class Driver(Struct, frozen=True, kw_only=True):
    """How to get readings out of one family of sensors.

    Attributes:
        name: for logs and support.
        sensor_kind: what such a sensor is worn for.
        reading_kind: the stream that its measurements make.
        match: an advertisement -> how sure the driver is that the sensor is its own, 0 (no) to 100.
        listens: the characteristics that are subscribed to; a sensor that lacks one of them is none of the driver's.
        open: begins a conversation; called for each link.
        reads: characteristics that are read once, when the link is made, if the sensor has them.
        question: what it has to be asked; None: it speaks by itself.
        device: make and model, for a sensor that does not tell them itself.
        evidence: how well its bytes are known.
        speaks_seldom: its silence is no sign of a lost link (an instrument that speaks when a measurement is done).
    """

    name: str
    sensor_kind: SensorKind
    reading_kind: ReadingKind
    match: Callable[[Introduction], int]
    listens: tuple[str, ...]
    open: Callable[[], Conversation]
    reads: tuple[str, ...] = ()
    question: Question | None = None
    device: str = ""
    evidence: Evidence = Evidence.SPECIFICATION
    speaks_seldom: bool = False

    @property
    def source(self) -> Source:
        """By which way its readings come."""
        is_polled = self.question is not None and self.question.every_s is not None
        return Source.POLLED if is_polled else Source.NOTIFIED


STANDARD_SERVICE: Final = 100
"""The score of a sensor that calls out a service of the Bluetooth SIG: its bytes are specified."""
VENDOR_SERVICE: Final = 80
"""A vendor's own service: nobody else uses it."""
VENDOR_NAME: Final = 60
"""A name that only some vendors' sensors begin with."""
LAST_RESORT: Final = 20
"""Better than nothing, if nobody else knows the sensor."""


def match_by(
    *,
    service: str = "",
    service_score: int = STANDARD_SERVICE,
    names: tuple[str, ...] = (),
) -> Callable[[Introduction], int]:
    """Return a matcher by a service and by the beginnings of names (case does not matter)."""
    beginnings = tuple(name.casefold() for name in names)

    def match(introduction: Introduction) -> int:
        if service and service in introduction.services:
            return service_score
        return VENDOR_NAME if beginnings and introduction.name.casefold().startswith(beginnings) else 0

    return match


class EachNotification:
    """The conversation of a sensor whose every notification is one whole frame: each makes one reading."""

    def __init__(self, kind: ReadingKind, read: Callable[[bytes, Stamp], Reading]) -> None:
        """Take the function that reads one frame, whatever the bytes."""
        self._kind = kind
        self._read = read

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return the one reading."""
        return (self._read(value.raw, hearing.stamp_of(self._kind)),)


def raw_hex_of(raw: bytes) -> str:
    """Return the bytes as a reading keeps them; what is longer than an attribute can be is cut."""
    return raw[:LONGEST_VALUE_BYTES].hex()
