"""What the drivers of machines share: a reading without a value, and records that come in several notifications."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from gateway.codecs.fitness_fields import MachineFrame, merge_parts
from gateway.codecs.undecodable import Undecodable
from gateway.drivers.base import Hearing, Stamp, Value, raw_hex_of
from vitals.readings import Machine, Quality, Reading, ReadingKind, Reason, WorkloadReading
from vitals.units import MonotonicMs

PART_MS_MAX: Final = 3_000
"""The parts of one record come within a second or two; an older part belongs to a record whose end was lost."""

F = TypeVar("F", bound=MachineFrame)


def undecodable_workload(machine: Machine, raw: bytes, stamp: Stamp) -> WorkloadReading:
    """Return the reading of bytes that are no frame."""
    return WorkloadReading(
        **stamp._asdict(),
        machine=machine,
        quality=Quality.UNUSABLE,
        reason=Reason.UNDECODABLE,
        raw_hex=raw_hex_of(raw),
    )


def read_machine(machine: Machine, frame: MachineFrame, raw: bytes, stamp: Stamp) -> WorkloadReading:
    """Return the reading of one record, as far as machines tell the same."""
    return WorkloadReading(
        **stamp._asdict(),
        machine=machine,
        speed_kmh=frame.speed_kmh,
        power_w=frame.power_w,
        distance_m=frame.distance_m,
        elapsed_s=frame.elapsed_s,
        met=frame.met,
        quality=frame.quality,
        reason=frame.reason or (Reason.ODD_BYTES if frame.odd_bytes else None),
        raw_hex=raw_hex_of(raw),
    )


class MachineConversation(Generic[F]):
    """What a fitness machine says over one link. The last part of a record makes the reading, and keeps its bytes."""

    def __init__(
        self,
        machine: Machine,
        *,
        decode: Callable[[bytes], F | Undecodable],
        read: Callable[[F, bytes, Stamp], WorkloadReading],
    ) -> None:
        """Begin without parts.

        Args:
            machine: which one.
            decode: its codec.
            read: a whole record, the bytes of its last part -> the reading.
        """
        self._machine = machine
        self._decode = decode
        self._read = read
        self._pending: F | None = None
        self._pending_ms = MonotonicMs(0)

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return the reading of a record that is whole now."""
        frame = self._decode(value.raw)
        if isinstance(frame, Undecodable):
            return (undecodable_workload(self._machine, value.raw, hearing.stamp_of(ReadingKind.WORKLOAD)),)
        if hearing.mono_ms - self._pending_ms > PART_MS_MAX:
            self._pending = None
        if self._pending is None:
            self._pending_ms = hearing.mono_ms
        self._pending, whole = merge_parts(self._pending, frame)
        if whole is None:
            return ()
        return (self._read(whole, value.raw, hearing.stamp_of(ReadingKind.WORKLOAD)),)
