"""RR intervals as bytes of the record: exact, whatever resolution they came in.

Straps give ticks of 1/1024 s, which fit two bytes each; anything else keeps its full double. The first byte says which.
"""

import struct
from collections.abc import Sequence
from typing import Final

from vitals.units import RR_TICKS_PER_S, ticks_to_rr_ms

_TICKS: Final = 1
_DOUBLES: Final = 2
_TICKS_MAX: Final = 0xFFFF


def pack_rr(rr_ms: Sequence[float]) -> bytes | None:
    """Return intervals in ms, oldest first, as bytes; ``None`` when there are none."""
    if not rr_ms:
        return None
    ticks = [round(value * RR_TICKS_PER_S / 1000) for value in rr_ms]
    exact = all(tick <= _TICKS_MAX and ticks_to_rr_ms(tick) == value for tick, value in zip(ticks, rr_ms, strict=True))
    if exact:
        return struct.pack(f"<B{len(ticks)}H", _TICKS, *ticks)
    return struct.pack(f"<B{len(rr_ms)}d", _DOUBLES, *rr_ms)


def unpack_rr(packed: bytes | None) -> tuple[float, ...]:
    """Return the intervals in ms, oldest first.

    Raises:
        ValueError: bytes that `pack_rr` never made.
    """
    if not packed:
        return ()
    size = len(packed) - 1
    if packed[0] == _TICKS and size % 2 == 0:
        return tuple(map(ticks_to_rr_ms, struct.unpack(f"<{size // 2}H", packed[1:])))
    if packed[0] == _DOUBLES and size % 8 == 0:
        return struct.unpack(f"<{size // 8}d", packed[1:])
    raise ValueError(f"RR intervals in the record are damaged: {packed[:16].hex()}")
