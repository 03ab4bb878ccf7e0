"""Viatom and Creative PC-60F, PC-60FW, PC-60NW: frames over the Nordic UART Service, several in a notification. Pure.

A frame is AA 55, token, length of the rest, type, content, CRC-8/MAXIM over all before it. Types of token 0F: 01 values
once a second, 02 five points of the curve (top bit: a beat), 21 what the device is doing; of token F0: 03 battery.

Sources: captures named in tests/data/ble-payloads.csv; the status bits from github viatomEcho/LepuBle
PC60FwBleResponse.kt (the vendor's); the layout also in sza2/viatom_pc60fw.
"""

import re
from typing import Final

from msgspec import Struct

from gateway.codecs.crc8 import crc8_maxim
from gateway.codecs.framing import Cut, FrameStream, Framing
from gateway.codecs.oxygen import GOOD, NoVitals, OxygenFrame, Verdict, judge_oxygen
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

REST_BYTES_MAX: Final = 32
"""The longest answers, name and serial number of a device, are shorter."""

_HEAD: Final = b"\xaa\x55"
_HEAD_BYTES: Final = 4
_REST_BYTES_MIN: Final = 2
_TOKEN_OXIMETER: Final = 0x0F
_TOKEN_DEVICE: Final = 0xF0
_VALUES: Final = (_TOKEN_OXIMETER, 0x01)
_CURVE: Final = (_TOKEN_OXIMETER, 0x02)
_MODE: Final = (_TOKEN_OXIMETER, 0x21)
_BATTERY: Final = (_TOKEN_DEVICE, 0x03)
_VALUES_BYTES: Final = 6
_MODE_BYTES: Final = 2
_PROBE_OFF: Final = 0x02
_SEARCHING: Final = 0x04
_CHECK_PROBE: Final = 0x08
_BAR_SHIFT: Final = 6
_BAR_MAX: Final = 3
_NO_BARS: Final = 0x3F
_PCT_A_BAR: Final = 25
_NO_PULSE: Final = 511
_NO_SPO2: Final = 127
_PERFUSION_TENTHS: Final = 10
_BEAT: Final = 0x80
_SYNC: Final = re.compile(re.escape(_HEAD))


class Pc60Frame(OxygenFrame, frozen=True, kw_only=True):
    """The values of one second; see `OxygenFrame`. ``status`` is the status byte as sent."""

    status: int


class Pc60Battery(Struct, frozen=True, kw_only=True):
    """The battery: bars 0..3 as sent, and the lower end of the bar (0, 25, 50, 75 %)."""

    bars: int
    battery_pct: int


class Pc60Curve(NoVitals, frozen=True, kw_only=True):
    """Points of the curve, 0..127, and which of them are marked as a beat."""

    pleth: tuple[int, ...]
    beats: tuple[bool, ...]


class Pc60Mode(NoVitals, frozen=True, kw_only=True):
    """What the device is doing: mode 1 spot-check, 2 continuous, 3 menu; the step of a spot-check."""

    mode: int
    step: int


Pc60Item = Pc60Frame | Pc60Battery | Pc60Curve | Pc60Mode | NoVitals


def _cut(data: bytes, at: int) -> Cut[Pc60Item]:
    known = len(data) - at
    if known < _HEAD_BYTES:
        return None
    rest_bytes = data[at + 3]
    if not _REST_BYTES_MIN <= rest_bytes <= REST_BYTES_MAX:
        return len(_HEAD), Undecodable(problem=f"PC-60: a frame of {rest_bytes} bytes", raw=data[at : at + len(_HEAD)])
    frame_bytes = _HEAD_BYTES + rest_bytes
    if known < frame_bytes:
        return None
    frame = data[at : at + frame_bytes]
    if crc8_maxim(frame) != 0:
        return frame_bytes, Undecodable(problem=f"PC-60: wrong checksum 0x{frame[-1]:02x}", raw=frame)
    return frame_bytes, _decode_frame(frame, frame[_HEAD_BYTES + 1 : -1])


def _decode_frame(frame: bytes, content: bytes) -> Pc60Item:
    """Return what a sound frame says."""
    kind = (frame[2], frame[_HEAD_BYTES])
    if kind == _VALUES and len(content) == _VALUES_BYTES:
        return _decode_values(content)
    if kind == _CURVE:
        return Pc60Curve(
            what="curve",
            raw=frame,
            pleth=tuple(point & ~_BEAT for point in content),
            beats=tuple(bool(point & _BEAT) for point in content),
        )
    if kind == _MODE and len(content) >= _MODE_BYTES:
        return Pc60Mode(what="mode", raw=frame, mode=content[0], step=content[1])
    if kind == _BATTERY and len(content) == 1 and content[0] <= _BAR_MAX:
        return Pc60Battery(bars=content[0], battery_pct=content[0] * _PCT_A_BAR)
    return NoVitals(what=f"token {kind[0]:02x} type {kind[1]:02x}", raw=frame)


def _decode_values(content: bytes) -> Pc60Frame:
    spo2, pulse_low, pulse_high, perfusion, status, battery = content
    values = judge_oxygen(
        spo2, pulse_low | pulse_high << 8, verdict=_judge(status), no_spo2=_NO_SPO2, no_pulse=_NO_PULSE
    )
    is_usable = values.quality is not Quality.UNUSABLE
    return Pc60Frame(
        spo2_pct=values.spo2_pct,
        pulse_bpm=values.pulse_bpm,
        quality=values.quality,
        reason=values.reason,
        # LepuBle: "0 invalid".
        perfusion_pct=perfusion / _PERFUSION_TENTHS if is_usable and perfusion else None,
        # A PC-60NW has something else in this byte (0x38, 0x18): its 0 bars would be a false alarm.
        battery_pct=None if battery & _NO_BARS else (battery >> _BAR_SHIFT) * _PCT_A_BAR,
        status=status,
    )


def _judge(status: int) -> Verdict:
    """Return what the status byte says about the values."""
    if status & _PROBE_OFF:
        return Quality.UNUSABLE, Reason.OFF_SKIN
    if status & _CHECK_PROBE:
        return Quality.UNUSABLE, Reason.SENSOR_FAULT
    if status & _SEARCHING:
        return Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING
    return GOOD


PC60: Final[Framing[Pc60Item]] = Framing(
    name="PC-60", sync=_SYNC, sync_bytes=len(_HEAD), frame_bytes_max=_HEAD_BYTES + REST_BYTES_MAX, cut=_cut
)


class Pc60Stream(FrameStream[Pc60Item]):
    """The frames of one PC-60."""

    def __init__(self) -> None:
        super().__init__(PC60)


def encode_pc60(
    spo2_pct: int | None,
    pulse_bpm: int | None,
    *,
    perfusion_pct: float = 5.0,
    bars: int = 3,
    is_probe_off: bool = False,
    is_searching: bool = False,
) -> bytes:
    """Return the frame of one second's values; None is sent as 0.

    Raises:
        ValueError: a number does not fit its byte.
        OverflowError: the pulse does not fit 16 bits.
    """
    status = (_PROBE_OFF if is_probe_off else 0) | (_SEARCHING if is_searching else 0)
    pulse = (0 if pulse_bpm is None else pulse_bpm).to_bytes(2, "little")
    perfusion = round(perfusion_pct * _PERFUSION_TENTHS)
    content = bytes([spo2_pct or 0]) + pulse + bytes([perfusion, status, bars << _BAR_SHIFT])
    return _encode_frame(*_VALUES, content)


def encode_pc60_curve(pleth: tuple[int, ...], *, beat_at: int | None = None) -> bytes:
    """Return a frame of the curve: points of 0..127, one of which may be a beat."""
    points = bytes(point & ~_BEAT | (_BEAT if index == beat_at else 0) for index, point in enumerate(pleth))
    return _encode_frame(*_CURVE, points)


def encode_pc60_battery(bars: int) -> bytes:
    """Return the frame of the battery, bars 0..3."""
    return _encode_frame(*_BATTERY, bytes([bars]))


def _encode_frame(token: int, kind: int, content: bytes) -> bytes:
    frame = _HEAD + bytes([token, len(content) + 2, kind]) + content
    return frame + bytes([crc8_maxim(frame)])
