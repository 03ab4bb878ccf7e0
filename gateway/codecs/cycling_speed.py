"""Cycling Speed and Cadence measurement (0x2A5B): counters of wheel and crank, and the speed between two of them.

Pure; raises on no bytes. The sensor tells how often wheel and crank turned and when they last did; `step_cycling`
makes speed and cadence of what changed. Counters wrap (wheel 32 bits, crank 16 bits, both clocks each 64 s).

Source: GATT Specification Supplement, CSC Measurement.
"""

import struct
from typing import Final, NamedTuple

from msgspec import Struct

from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.units import MonotonicMs

WHEEL_CIRCUMFERENCE_M: Final = 2.105
"""A 700 x 25C tyre, as tables of bicycle computers give it. The sensor does not tell its wheel; another tyre makes the
speed wrong by as much as its size differs (a 26-inch wheel: 2 %)."""

SPEED_KMH_MAX: Final = 120.0
CADENCE_PER_MIN_MAX: Final = 250.0
"""Beyond these a counter was set back or bytes were lost: no value, and the count begins anew."""

STANDS_AFTER_MS: Final = 3_000
"""No new turn for so long is standing still: a crank at 20 per minute, slower than anybody pedals, turns each 3 s."""

GAP_MS_MAX: Final = 30_000
"""After a longer silence the sensor's clock (64 s round) cannot tell how often it went round: the count begins anew."""

_WHEEL: Final = 0x01
_CRANK: Final = 0x02
_LAYOUT: Final = (Field(_WHEEL, 6), Field(_CRANK, 4))
_TICKS_PER_S: Final = 1024
_TICKS_MASK: Final = 0xFFFF
_WHEEL_MASK: Final = 0xFFFF_FFFF
_CRANK_MASK: Final = 0xFFFF
_KMH_PER_M_S: Final = 3.6
_S_PER_MIN: Final = 60


class Turns(NamedTuple):
    """A counter: turns so far, and when the last one ended, in 1/1024 s of the sensor's clock."""

    turned: int
    ticks_1024: int


class CyclingFrame(Struct, frozen=True, kw_only=True):
    """One notification: the counters it has, and bytes after the last field that the flags announce."""

    wheel: Turns | None = None
    crank: Turns | None = None
    odd_bytes: bytes = b""


class _Wheel(Struct, frozen=True, kw_only=True):
    """The last turn that was told, when we heard of it, and the rate in turns per second since the one before."""

    turns: Turns
    heard_ms: MonotonicMs
    moved_ms: MonotonicMs
    rate_hz: float | None = None


class CyclingState(Struct, frozen=True, kw_only=True):
    """What `step_cycling` remembers of one connection."""

    wheel: _Wheel | None = None
    crank: _Wheel | None = None


class CyclingSpeed(NamedTuple):
    """Speed in km/h and cadence in turns of the crank per minute; None where two counts do not make one (yet)."""

    speed_kmh: float | None
    cadence_per_min: float | None


def decode_cycling_speed(raw: bytes) -> CyclingFrame | Undecodable:
    """Return the frame in a 0x2A5B notification."""
    if not 1 <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"cycling speed: {len(raw)} bytes", raw=raw)
    places, end = place_fields(raw[0], _LAYOUT, first_at=1)
    if len(raw) < end:
        return Undecodable(problem=f"cycling speed: {len(raw)} bytes where flags 0x{raw[0]:02x} need {end}", raw=raw)
    return CyclingFrame(
        wheel=Turns(*struct.unpack_from("<IH", raw, places[_WHEEL])) if _WHEEL in places else None,
        crank=Turns(*struct.unpack_from("<HH", raw, places[_CRANK])) if _CRANK in places else None,
        odd_bytes=bytes(raw[end:]),
    )


def encode_cycling_speed(*, wheel: Turns | None = None, crank: Turns | None = None) -> bytes:
    """Return the 0x2A5B bytes of these counters.

    Raises:
        struct.error: a number is out of its field's range.
    """
    flags = (0 if wheel is None else _WHEEL) | (0 if crank is None else _CRANK)
    return (
        bytes([flags])
        + (b"" if wheel is None else struct.pack("<IH", *wheel))
        + (b"" if crank is None else struct.pack("<HH", *crank))
    )


def step_cycling(
    state: CyclingState,
    frame: CyclingFrame,
    *,
    now_ms: MonotonicMs,
    circumference_m: float = WHEEL_CIRCUMFERENCE_M,
) -> tuple[CyclingState, CyclingSpeed]:
    """Return the state after one frame, and speed and cadence as of it.

    Args:
        state: `CyclingState()` for a new connection.
        frame: as decoded.
        now_ms: when the frame was heard.
        circumference_m: way of one turn of the wheel.
    """
    hz_max = SPEED_KMH_MAX / _KMH_PER_M_S / circumference_m
    wheel = _step(state.wheel, frame.wheel, mask=_WHEEL_MASK, hz_max=hz_max, now_ms=now_ms)
    crank = _step(state.crank, frame.crank, mask=_CRANK_MASK, hz_max=CADENCE_PER_MIN_MAX / _S_PER_MIN, now_ms=now_ms)
    wheel_hz = None if wheel is None else wheel.rate_hz
    crank_hz = None if crank is None else crank.rate_hz
    return CyclingState(wheel=wheel, crank=crank), CyclingSpeed(
        speed_kmh=None if wheel_hz is None or frame.wheel is None else wheel_hz * circumference_m * _KMH_PER_M_S,
        cadence_per_min=None if crank_hz is None or frame.crank is None else crank_hz * _S_PER_MIN,
    )


def _step(
    before: _Wheel | None, turns: Turns | None, *, mask: int, hz_max: float, now_ms: MonotonicMs
) -> _Wheel | None:
    """Return what is known of one counter after a frame; a frame without it changes nothing."""
    if turns is None:
        return before
    begun = _Wheel(turns=turns, heard_ms=now_ms, moved_ms=now_ms)
    if before is None or now_ms - before.heard_ms > GAP_MS_MAX or now_ms < before.heard_ms:
        return begun
    count = (turns.turned - before.turns.turned) & mask
    if count == 0:
        stands = now_ms - before.moved_ms >= STANDS_AFTER_MS
        # The time of the last turn may be told anew without a turn; the count decides.
        return _Wheel(
            turns=before.turns,
            heard_ms=now_ms,
            moved_ms=before.moved_ms,
            rate_hz=0.0 if stands else before.rate_hz,
        )
    ticks = (turns.ticks_1024 - before.turns.ticks_1024) & _TICKS_MASK
    if now_ms - before.moved_ms > GAP_MS_MAX:
        # It stood for longer than its clock can tell: these turns show that it moves, not how fast.
        return begun
    if ticks == 0 or count * _TICKS_PER_S > hz_max * ticks:
        return begun
    return _Wheel(turns=turns, heard_ms=now_ms, moved_ms=now_ms, rate_hz=count * _TICKS_PER_S / ticks)
