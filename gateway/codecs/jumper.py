"""Jumper JPD-500F (service CDEACB80-...): 81, pulse, SpO2, perfusion index. Pure; raises on no bytes.

Untested on the device, and from a single public source (a Dart program; another names the service alone): ``81 38 63
44`` is pulse 56, SpO2 99. That the last byte is the perfusion index in tenths is a guess by its size. Notifications
that begin otherwise are something else (its curve).
"""

from typing import Final

from gateway.codecs.oxygen import GOOD, NoVitals, OxygenFrame, judge_oxygen
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable

_VALUES: Final = 0x81
_VALUES_BYTES: Final = 4
_NO_SPO2: Final = 127
_NO_PULSE: Final = 255
_NO_PERFUSION: Final = 255
_PERFUSION_TENTHS: Final = 10


class JumperFrame(OxygenFrame, frozen=True, kw_only=True):
    """The values of one notification; see `OxygenFrame`. ``odd_bytes`` follow the four bytes we know."""

    odd_bytes: bytes = b""


def decode_jumper(raw: bytes) -> JumperFrame | NoVitals | Undecodable:
    """Return the frame in a notification."""
    if not 1 <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"Jumper: {len(raw)} bytes", raw=raw)
    if raw[0] != _VALUES:
        return NoVitals(what=f"type {raw[0]:02x}", raw=raw)
    if len(raw) < _VALUES_BYTES:
        return Undecodable(problem=f"Jumper: {len(raw)} bytes where {_VALUES_BYTES} are the least", raw=raw)
    values = judge_oxygen(raw[2], raw[1], verdict=GOOD, no_spo2=_NO_SPO2, no_pulse=_NO_PULSE)
    perfusion = raw[3]
    return JumperFrame(
        spo2_pct=values.spo2_pct,
        pulse_bpm=values.pulse_bpm,
        quality=values.quality,
        reason=values.reason,
        perfusion_pct=perfusion / _PERFUSION_TENTHS
        if values.spo2_pct is not None and 0 < perfusion < _NO_PERFUSION
        else None,
        odd_bytes=bytes(raw[_VALUES_BYTES:]),
    )


def encode_jumper(spo2_pct: int | None, pulse_bpm: int | None, *, perfusion_pct: float = 5.0) -> bytes:
    """Return the four bytes of the values; None is sent as "nothing".

    Raises:
        ValueError: a number does not fit its byte.
    """
    return bytes(
        [
            _VALUES,
            _NO_PULSE if pulse_bpm is None else pulse_bpm,
            _NO_SPO2 if spo2_pct is None else spo2_pct,
            round(perfusion_pct * _PERFUSION_TENTHS),
        ]
    )
