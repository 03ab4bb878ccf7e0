"""What the record gives back, with units: the types of the read API."""

from typing import NamedTuple

from msgspec import Struct

from ingest.store.streams import GapCause
from vitals.participants import ParticipantId
from vitals.readings import Quality, ReadingKind, Reason, RunId
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode, SessionId
from vitals.units import MonotonicMs, UtcMs


class HistoryPoint(NamedTuple):
    """One reading of a sparkline: HR in bpm, SpO2 in % or battery in %; ``None`` where the sensor gave no value.

    ``mono_ms`` is on the clock of ``run``; ``utc_ms`` is computed from that run's anchors.
    """

    utc_ms: UtcMs
    mono_ms: MonotonicMs
    run: RunId
    value: float | None
    quality: Quality


class History(Struct, frozen=True, kw_only=True):
    """The last minutes of one sensor's stream, oldest first."""

    sensor: SensorId
    kind: ReadingKind
    points: tuple[HistoryPoint, ...]


class StoredSession(Struct, frozen=True, kw_only=True):
    """A session as its newest roster says. ``final``: the closing roster has been recorded."""

    session: SessionId
    version: int
    room: str
    generation_mode: GenerationMode
    started_utc_ms: UtcMs
    ended_utc_ms: UtcMs | None
    final: bool


class StoredReading(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reading as it was heard, with its label of time and everything that tells how far to trust it.

    ``generation_mode`` is that of the run that heard it; ``None`` when its source never said. ``late``: at least 10 s
    old at arrival, so that no live rule saw it. HR and pulse in bpm, RR in ms (oldest first, exact), SpO2, perfusion
    index and battery in %; ``None`` where the sensor gave no value or has none.
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
    battery_pct: int | None = None
    raw_hex: str = ""


class StoredGap(Struct, frozen=True, kw_only=True):
    """Readings that were numbered and will never be in the record.

    ``from_utc_ms`` and ``to_utc_ms``: the readings before and after it; where there is none, the start of the run and
    the time at which the gap was noted.
    """

    participant: ParticipantId
    sensor: SensorId
    kind: ReadingKind
    run: RunId
    first: int
    last: int
    cause: GapCause
    from_utc_ms: UtcMs
    to_utc_ms: UtcMs


class Bucket(NamedTuple):
    """So many ``values``, good or questionable, from ``utc_ms`` for one bucket's length: HR in bpm, SpO2 in %."""

    utc_ms: UtcMs
    values: int
    low: float
    mean: float
    high: float
