"""Contec CMS50D-BT: frames on 0xFF02 after three bytes were written to 0xFF01. Pure; never raises.

Untested on the device, and from a single public source (github tobiasisenberg/OxiVis issue 2): EB 01, status, pulse,
SpO2, 7F, 00, checksum once a second; EB 00 and three bytes of curve and bar between. The checksum is the sum of all
before it without its top bit. Status 06 is a finger, 04 none: a device without a finger goes on sending its last
values, so they are not shown. No frame with a pulse above 127 is known; all its bytes but the first may have 7 bits.
"""

import re
from typing import Final

from gateway.codecs.framing import Cut, FrameStream, Framing
from gateway.codecs.oxygen import GOOD, NoVitals, OxygenFrame, Verdict, judge_oxygen
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

CONTEC_START: Final = bytes.fromhex("9b011c")
"""What is written to make it talk."""

_HEAD: Final = 0xEB
_CURVE: Final = 0
_VALUES: Final = 1
_VALUES_BYTES: Final = 8
_CURVE_BYTES: Final = 6
_FINGER: Final = 0x02
_NO_FINGER_STATUS: Final = 0x04
_FINGER_STATUS: Final = 0x06
_NO_VALUE: Final = 127
_SUM_MASK: Final = 0x7F
_SYNC: Final = re.compile(rb"\xeb[\x00\x01]")


class ContecFrame(OxygenFrame, frozen=True, kw_only=True):
    """The values of one second; see `OxygenFrame`. ``status`` is the status byte as sent."""

    status: int


def _cut(data: bytes, at: int) -> Cut[ContecFrame | NoVitals]:
    frame_bytes = _VALUES_BYTES if data[at + 1] == _VALUES else _CURVE_BYTES
    if len(data) < at + frame_bytes:
        return None
    frame = data[at : at + frame_bytes]
    if sum(frame[:-1]) & _SUM_MASK != frame[-1]:
        return frame_bytes, Undecodable(problem=f"Contec: wrong checksum 0x{frame[-1]:02x}", raw=frame)
    if frame[1] == _CURVE:
        return frame_bytes, NoVitals(what="curve", raw=frame)
    status, pulse, spo2 = frame[2], frame[3], frame[4]
    values = judge_oxygen(spo2, pulse, verdict=_judge(status), no_spo2=_NO_VALUE, no_pulse=_NO_VALUE)
    return frame_bytes, ContecFrame(
        spo2_pct=values.spo2_pct,
        pulse_bpm=values.pulse_bpm,
        quality=values.quality,
        reason=values.reason,
        status=status,
    )


def _judge(status: int) -> Verdict:
    """Return what the status byte says about the values."""
    return GOOD if status & _FINGER else (Quality.UNUSABLE, Reason.OFF_SKIN)


CONTEC: Final[Framing[ContecFrame | NoVitals]] = Framing(
    name="Contec", sync=_SYNC, sync_bytes=2, frame_bytes_max=_VALUES_BYTES, cut=_cut
)


class ContecStream(FrameStream[ContecFrame | NoVitals]):
    """The frames of one CMS50D-BT."""

    def __init__(self) -> None:
        super().__init__(CONTEC)


def encode_contec(spo2_pct: int | None, pulse_bpm: int | None, *, has_finger: bool = True) -> bytes:
    """Return the frame of one second's values; None is sent as 127.

    Raises:
        ValueError: a number does not fit its byte.
    """
    status = _FINGER_STATUS if has_finger else _NO_FINGER_STATUS
    pulse = _NO_VALUE if pulse_bpm is None else pulse_bpm
    spo2 = _NO_VALUE if spo2_pct is None else spo2_pct
    return _with_sum(bytes([_HEAD, _VALUES, status, pulse, spo2, 0x7F, 0]))


def encode_contec_curve(pleth: int, *, bar: int = 9) -> bytes:
    """Return a frame of the curve.

    Raises:
        ValueError: a number does not fit its byte.
    """
    return _with_sum(bytes([_HEAD, _CURVE, 3, pleth, bar]))


def _with_sum(frame: bytes) -> bytes:
    return frame + bytes([sum(frame) & _SUM_MASK])
