"""Nonin 3230 and 3150 (service 46A970E0-...): one notification a second, high byte first. Pure; raises on no bytes.

Layout: length, status, battery in 0.1 V, pulse amplitude in 0.01 % (2), counter (2), SpO2 in %, pulse in bpm (2).

Sources, which agree: github andreasdri/nonin-3230-ble index.js; Nonin's specification 113142-000-02 as coded in
ble_nco_spec_decoder.swift. That 127 and 511 mean "nothing" is from Nonin's older serial formats.
"""

import struct
from enum import IntFlag
from typing import Final

from gateway.codecs.oxygen import GOOD, OxygenFrame, Verdict, judge_oxygen
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason


class NoninStatus(IntFlag):
    """Bits of the status byte."""

    WEAK_SIGNAL = 0x02
    SMART_POINT = 0x04
    SEARCHING = 0x08
    FINGER_IN = 0x10
    BATTERY_LOW = 0x20
    ENCRYPTED = 0x40


_LAYOUT: Final = struct.Struct(">BBBHHBH")
_NO_SPO2: Final = 127
_NO_PULSE: Final = 511
_TENTHS: Final = 10
_HUNDREDTHS: Final = 100
_PERFUSION_PCT_MAX: Final = 100.0
_WEAK_SIGNAL: Final = int(NoninStatus.WEAK_SIGNAL)
_SEARCHING: Final = int(NoninStatus.SEARCHING)
_FINGER_IN: Final = int(NoninStatus.FINGER_IN)
_BATTERY_LOW: Final = int(NoninStatus.BATTERY_LOW)


class NoninFrame(OxygenFrame, frozen=True, kw_only=True):
    """One notification of a Nonin; see `OxygenFrame`.

    Attributes:
        status: bits of `NoninStatus` as sent.
        battery_v: of its two cells together; it tells no percentage.
        is_battery_low: its own warning.
        counter: seconds since it was switched on, modulo 65536.
        odd_bytes: what a longer frame says behind the ten bytes we know.
    """

    status: int
    battery_v: float
    is_battery_low: bool
    counter: int
    odd_bytes: bytes = b""


def decode_nonin(raw: bytes) -> NoninFrame | Undecodable:
    """Return the frame in a notification; the first byte must be its length."""
    if not _LAYOUT.size <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"Nonin: {len(raw)} bytes where {_LAYOUT.size} are the least", raw=raw)
    length, status, battery_tenths, perfusion_hundredths, counter, spo2, pulse = _LAYOUT.unpack_from(raw)
    if length != len(raw):
        return Undecodable(problem=f"Nonin: {len(raw)} bytes where its first byte says {length}", raw=raw)
    values = judge_oxygen(spo2, pulse, verdict=_judge(status), no_spo2=_NO_SPO2, no_pulse=_NO_PULSE)
    perfusion_pct = perfusion_hundredths / _HUNDREDTHS
    return NoninFrame(
        spo2_pct=values.spo2_pct,
        pulse_bpm=values.pulse_bpm,
        quality=values.quality,
        reason=values.reason,
        perfusion_pct=perfusion_pct if perfusion_pct <= _PERFUSION_PCT_MAX else None,
        status=status,
        battery_v=battery_tenths / _TENTHS,
        is_battery_low=bool(status & _BATTERY_LOW),
        counter=counter,
        odd_bytes=bytes(raw[_LAYOUT.size :]),
    )


def _judge(status: int) -> Verdict:
    """Return what the status says about the values. SmartPoint is about a finished spot-check and spoils nothing."""
    if not status & _FINGER_IN:
        return Quality.UNUSABLE, Reason.OFF_SKIN
    if status & _SEARCHING:
        return Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING
    if status & _WEAK_SIGNAL:
        return Quality.QUESTIONABLE, Reason.LOW_PERFUSION
    return GOOD


def encode_nonin(
    spo2_pct: int | None,
    pulse_bpm: int | None,
    *,
    status: int = NoninStatus.FINGER_IN | NoninStatus.ENCRYPTED,
    battery_v: float = 3.0,
    perfusion_pct: float = 5.0,
    counter: int = 0,
) -> bytes:
    """Return the ten bytes of one second; None is sent as "nothing".

    Raises:
        struct.error: a number is out of its field's range.
    """
    return _LAYOUT.pack(
        _LAYOUT.size,
        int(status),
        round(battery_v * _TENTHS),
        round(perfusion_pct * _HUNDREDTHS),
        counter,
        _NO_SPO2 if spo2_pct is None else spo2_pct,
        _NO_PULSE if pulse_bpm is None else pulse_bpm,
    )
