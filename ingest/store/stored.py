"""What the record gives back, with units: the types of the read API."""

from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from ingest.store.streams import GapCause
from vitals.participants import ParticipantId
from vitals.readings import Averaging, Machine, Quality, ReadingKind, Reason, RunId, Source
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode, SessionId
from vitals.units import MonotonicMs, UtcMs


class Measure(StrEnum):
    """A number that a reading may have; its name is its column and ends in its unit."""

    HR_BPM = "hr_bpm"
    SPO2_PCT = "spo2_pct"
    PULSE_BPM = "pulse_bpm"
    PERFUSION_PCT = "perfusion_pct"
    SPEED_KMH = "speed_kmh"
    INCLINE_PCT = "incline_pct"
    POWER_W = "power_w"
    CADENCE_PER_MIN = "cadence_per_min"
    MET = "met"
    BATTERY_PCT = "battery_pct"


MEASURES: Final = {
    ReadingKind.HR: (Measure.HR_BPM,),
    ReadingKind.OXIMETER: (Measure.SPO2_PCT, Measure.PULSE_BPM, Measure.PERFUSION_PCT),
    ReadingKind.WORKLOAD: (
        Measure.SPEED_KMH,
        Measure.POWER_W,
        Measure.INCLINE_PCT,
        Measure.CADENCE_PER_MIN,
        Measure.MET,
    ),
    ReadingKind.BATTERY: (Measure.BATTERY_PCT,),
}
"""What can be asked of each kind; the first is what is given when nothing is asked."""


class HistoryPoint(NamedTuple):
    """One reading of a sparkline, in the unit of its `Measure`; ``None`` where the sensor gave no value.

    ``mono_ms`` is on the clock of ``run``; ``utc_ms`` is computed from that run's anchors.
    """

    utc_ms: UtcMs
    mono_ms: MonotonicMs
    run: RunId
    value: float | None
    quality: Quality


class History(Struct, frozen=True, kw_only=True):
    """The last minutes of one sensor's stream, oldest first; work has one with the speed and one with the power."""

    sensor: SensorId
    kind: ReadingKind
    measure: Measure
    points: tuple[HistoryPoint, ...]


class StoredSession(Struct, frozen=True, kw_only=True):
    """A session as its newest roster says. ``final``: the closing roster has been recorded.

    ``is_practice``: a test in which staff play the patients. ``set_back_ms``: how far the wall clock was set back in
    it, if by more than the class had lasted; what is read of it has the times of a clock that had gone on.
    """

    session: SessionId
    version: int
    room: str
    generation_mode: GenerationMode
    started_utc_ms: UtcMs
    ended_utc_ms: UtcMs | None
    final: bool
    is_practice: bool = False
    set_back_ms: int = 0

    @property
    def told_mode(self) -> str:
        """The word for what its numbers are, ``practice`` besides those of `GenerationMode`."""
        return "practice" if self.is_practice else self.generation_mode.value


class StoredReading(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reading as it was heard, with its label of time and everything that tells how far to trust it.

    ``generation_mode`` is that of the run that heard it; ``None`` when its source never said. ``late``: at least 10 s
    old at arrival, so that no live rule saw it. HR and pulse in bpm, RR in ms (oldest first, exact), SpO2, perfusion
    index and battery in %; the values of work as in `WorkloadReading`; ``None`` where the sensor gave no value or has
    none. ``device``: make and model, as far as known.
    """

    utc_ms: UtcMs
    mono_ms: MonotonicMs
    received_utc_ms: UtcMs
    sensor: SensorId
    kind: ReadingKind
    run: RunId
    seq: int
    generation_mode: GenerationMode | None
    late: bool
    quality: Quality
    reason: Reason | None
    hr_bpm: int | None = None
    contact: bool | None = None
    rr_ms: tuple[float, ...] = ()
    spo2_pct: float | None = None
    pulse_bpm: float | None = None
    perfusion_pct: float | None = None
    averaging: Averaging | None = None
    machine: Machine | None = None
    speed_kmh: float | None = None
    incline_pct: float | None = None
    power_w: int | None = None
    cadence_per_min: float | None = None
    resistance_level: int | None = None
    distance_m: float | None = None
    elapsed_s: int | None = None
    met: float | None = None
    battery_pct: int | None = None
    device: str = ""
    source: Source = Source.NOTIFIED
    raw_hex: str = ""


class StoredGap(Struct, frozen=True, kw_only=True):
    """A time of which readings are missing, and why.

    ``first`` and ``last``: the numbers of readings that will never be in the record; ``None``: nobody heard any to
    number. ``run``: that of the readings before it, else after it; ``None``: the sensor was never heard.
    ``from_utc_ms`` and ``to_utc_ms``: the readings before and after it; where there is none, the start of the run and
    the time at which the gap was noted, or the times from and to which the sensor was worn.
    """

    participant: ParticipantId
    sensor: SensorId
    kind: ReadingKind
    run: RunId | None
    first: int | None
    last: int | None
    cause: GapCause
    from_utc_ms: UtcMs
    to_utc_ms: UtcMs

    @property
    def count(self) -> int | None:
        """How many readings are missing; ``None``: nobody can know."""
        return None if self.first is None or self.last is None else self.last - self.first + 1


class Bucket(NamedTuple):
    """So many ``values``, good or questionable, from ``utc_ms`` for one bucket's length, in the unit of the measure."""

    utc_ms: UtcMs
    values: int
    low: float
    mean: float
    high: float
