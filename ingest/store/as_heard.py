"""A stored reading as the reading that it was when it was heard: what rules and summaries are given once more."""

from typing import Final

from ingest.store.stored import StoredReading
from vitals.readings import (
    BatteryReading,
    HeartRateReading,
    Machine,
    OximeterReading,
    Reading,
    ReadingKind,
    WorkloadReading,
)

_TYPES: Final[dict[ReadingKind, type[Reading]]] = {
    ReadingKind.HR: HeartRateReading,
    ReadingKind.OXIMETER: OximeterReading,
    ReadingKind.WORKLOAD: WorkloadReading,
    ReadingKind.BATTERY: BatteryReading,
}
_NAMES: Final = {
    kind: tuple(name for name in made.__struct_fields__ if name != "raw_hex") for kind, made in _TYPES.items()
}


def to_reading(stored: StoredReading) -> Reading:
    """Return a stored reading as it travelled, without its raw bytes: nothing decides by them."""
    fields = {name: getattr(stored, name) for name in _NAMES[stored.kind]}
    if stored.kind is ReadingKind.WORKLOAD:
        fields["machine"] = stored.machine or Machine.CADENCE_SENSOR
    return _TYPES[stored.kind](**fields)
