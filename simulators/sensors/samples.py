"""Samples: what a virtual sensor is given to say at one moment. Pure."""

from msgspec import Struct


class OximeterSample(Struct, frozen=True, kw_only=True):
    """One notification to be of an oximeter: SpO2 in %, pulse in bpm, perfusion index in %; ``finger``: it is worn."""

    at_s: float
    spo2_pct: float | None
    pulse_bpm: float | None
    perfusion_pct: float | None = None
    finger: bool = True


class WorkSample(Struct, frozen=True, kw_only=True):
    """What somebody does on a machine at one moment; a machine tells of it what it has a field for.

    ``cadence_per_min``: steps of one foot, or turns of the crank. ``distance_m`` and ``elapsed_s`` since the beginning.
    """

    at_s: float
    speed_kmh: float
    incline_pct: float = 0.0
    power_w: int = 0
    cadence_per_min: int = 0
    distance_m: float = 0.0
    elapsed_s: int = 0
