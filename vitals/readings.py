"""Readings: decoded statements of a sensor, with when they were heard and how good they are.

A reading never invents: absence is ``None`` with a reason, never 0 and never the last value.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, NamedTuple, NewType

from msgspec import Meta, Struct

from vitals.sensors import SensorId
from vitals.units import MonotonicMs

RunId = NewType("RunId", str)
"""64 random bits in hex, new at each start of a process that numbers what it says."""


class Quality(StrEnum):
    """How far a value may be trusted: by rules (good only), by eyes (good and questionable), by nobody."""

    GOOD = "good"
    QUESTIONABLE = "questionable"
    UNUSABLE = "unusable"


class Reason(StrEnum):
    """Why a value is missing or not good. Screens translate these; logs and records keep them."""

    NO_VALUE = "no_value"
    OFF_SKIN = "off_skin"
    OUT_OF_RANGE = "out_of_range"
    SENSOR_SEARCHING = "sensor_searching"
    POOR_SIGNAL = "poor_signal"
    LOW_PERFUSION = "low_perfusion"
    NO_PULSE = "no_pulse"
    INTERFERENCE = "interference"
    EARLY_ESTIMATE = "early_estimate"
    SENSOR_DISPLACED = "sensor_displaced"
    SENSOR_FAULT = "sensor_fault"
    NOT_LIVE = "not_live"
    """Data from storage, demo, test or calibration: must never be shown as a live vital."""
    ODD_BYTES = "odd_bytes"
    UNDECODABLE = "undecodable"
    STALE = "stale"
    LOST = "lost"
    GATEWAY_LOST = "gateway_lost"
    BROKER_LOST = "broker_lost"
    """Nothing can come, and nobody knows why but for this. Said by screens."""
    NEVER_HEARD = "never_heard"
    OUT_OF_SLOTS = "out_of_slots"
    """The sensor is in range, and every radio that hears it is full. Said by screens, as the next two."""
    HAND_OVER = "hand_over"
    """The sensor was given to another gateway, which does not have it yet."""
    BROADCAST = "broadcast"
    """The value is out of advertisements (see `Source`): live, but poorer than over a link."""


class ReadingKind(StrEnum):
    """What a stream of readings is about; the last level of its topic."""

    HR = "hr"
    OXIMETER = "oximeter"
    WORKLOAD = "workload"
    BATTERY = "battery"


class Source(StrEnum):
    """By which way a reading came from its sensor."""

    NOTIFIED = "notified"
    """The sensor tells by itself over a link (notification or indication)."""
    POLLED = "polled"
    """The gateway asks over a link, and the sensor answers."""
    BROADCAST = "broadcast"
    """Out of an advertisement, without a link: the same value may be heard several times, and lost ones are not
    noticed."""


class Averaging(StrEnum):
    """Over which time an oximeter averages, as far as it tells."""

    NORMAL = "normal"
    FAST = "fast"
    SLOW = "slow"
    SPOT = "spot"
    """One finished measurement, not a stream: never a live vital."""


class Machine(StrEnum):
    """What tells the work that somebody does."""

    TREADMILL = "treadmill"
    BIKE = "bike"
    FOOT_POD = "foot_pod"
    CADENCE_SENSOR = "cadence_sensor"


class _Heard(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What all readings share.

    ``seq`` counts from 0 in the stream (run, sensor, kind); one notification is one reading with one seq.
    ``mono_ms`` is the gateway run's monotonic time at which the notification was heard.
    ``device`` is the make and model, as the sensor or its driver tells; never a name or a serial number that somebody
    could be known by.
    """

    run: RunId
    sensor: SensorId
    seq: Annotated[int, Meta(ge=0, lt=2**53)]
    mono_ms: MonotonicMs
    quality: Quality
    reason: Reason | None = None
    device: Annotated[str, Meta(max_length=48)] = ""
    source: Source = Source.NOTIFIED
    raw_hex: Annotated[str, Meta(max_length=1024)] = ""


class HeartRateReading(_Heard, frozen=True, kw_only=True, tag="hr"):
    """One heart-rate measurement: rate in bpm, RR intervals in ms oldest first, skin contact if the strap tells."""

    hr_bpm: Annotated[int, Meta(ge=1, le=300)] | None
    rr_ms: Annotated[tuple[Annotated[float, Meta(gt=0, le=64_000)], ...], Meta(max_length=255)] = ()
    contact: bool | None = None


class OximeterReading(_Heard, frozen=True, kw_only=True, tag="oximeter"):
    """One pulse-oximeter measurement: SpO2 in %, pulse in bpm, perfusion index in %."""

    spo2_pct: Annotated[float, Meta(ge=0, le=100)] | None
    pulse_bpm: Annotated[float, Meta(ge=1, le=300)] | None = None
    perfusion_pct: Annotated[float, Meta(ge=0, le=100)] | None = None
    averaging: Averaging | None = None


class WorkloadReading(_Heard, frozen=True, kw_only=True, tag="workload"):
    """What a treadmill, a bike, a foot pod or a cadence sensor tells of the work; ``None``: it does not tell that.

    ``cadence_per_min``: steps of one foot, or turns of the crank. ``resistance_level`` is the machine's own number.
    ``distance_m`` and ``elapsed_s`` count from where the machine began. ``met`` is the machine's own estimate.
    """

    machine: Machine
    speed_kmh: Annotated[float, Meta(ge=0, le=700)] | None = None
    incline_pct: Annotated[float, Meta(ge=-100, le=100)] | None = None
    power_w: Annotated[int, Meta(ge=-32_768, le=32_767)] | None = None
    cadence_per_min: Annotated[float, Meta(ge=0, le=33_000)] | None = None
    resistance_level: Annotated[int, Meta(ge=-32_768, le=32_767)] | None = None
    distance_m: Annotated[float, Meta(ge=0)] | None = None
    elapsed_s: Annotated[int, Meta(ge=0)] | None = None
    met: Annotated[float, Meta(ge=0, le=300)] | None = None


class BatteryReading(_Heard, frozen=True, kw_only=True, tag="battery"):
    """A sensor's battery level in %."""

    battery_pct: Annotated[int, Meta(ge=0, le=100)] | None


VALUES: Final = {
    ReadingKind.HR: ("hr_bpm", "contact", "rr_ms"),
    ReadingKind.OXIMETER: ("spo2_pct", "pulse_bpm", "perfusion_pct"),
    ReadingKind.WORKLOAD: (
        "speed_kmh",
        "incline_pct",
        "power_w",
        "cadence_per_min",
        "resistance_level",
        "distance_m",
        "elapsed_s",
        "met",
    ),
    ReadingKind.BATTERY: ("battery_pct",),
}
"""The numbers that each kind of reading tells, in the order in which tables, exports and interfaces have them."""

Reading = HeartRateReading | OximeterReading | WorkloadReading | BatteryReading


class StreamKey(NamedTuple):
    """A numbered stream: ``seq`` counts from 0 inside it.

    For readings the subject is a sensor id and the kind a `ReadingKind`; analysis numbers its alarm events
    and journal the same way (subject ``analysis``), so that one cursor serves all.
    """

    run: RunId
    subject: str
    kind: str


class ReadingMessage(Struct, frozen=True, kw_only=True):
    """What travels on a reading topic: the reading and when it was sent (same clock as ``mono_ms``).

    ``sent_mono_ms - body.mono_ms`` is the age that the reading already had when it left the gateway, so a consumer
    that has just started cannot take an old reading for a new one.
    """

    v: Literal[1] = 1
    sent_mono_ms: MonotonicMs
    body: Reading


def kind_of(reading: Reading) -> ReadingKind:
    """Return the kind of a reading, which is its wire tag."""
    match reading:
        case HeartRateReading():
            return ReadingKind.HR
        case OximeterReading():
            return ReadingKind.OXIMETER
        case WorkloadReading():
            return ReadingKind.WORKLOAD
        case BatteryReading():
            return ReadingKind.BATTERY


def stream_of(reading: Reading) -> StreamKey:
    """Return the stream that numbers this reading."""
    return StreamKey(reading.run, reading.sensor, kind_of(reading))
