"""Viatom and Wellue O2Ring, Checkme O2 (service 14839AC4-...): asked once a second, it answers in frames. Pure.

A question is AA, command, its complement, block (2), length (2), data, CRC-8; an answer 55, status, its complement,
block, length, data, CRC-8, cut into notifications of 20 bytes. An answer does not say which question it answers: a
length of 13 (or 12) is that to 0x17, a curve of which the length fits is that to 0x1B.

Sources: github viatom-develop/LepuBle and viatomEcho/LepuBle OxyBleResponse.kt (the vendor's); the layout of 0x1B and
the question also in home-health-hub/viatom-o2ring-ble. 0xFF for "nothing" is from the latter.
"""

import re
from enum import IntEnum
from typing import Final

from gateway.codecs.crc8 import crc8_07
from gateway.codecs.framing import Cut, FrameStream, Framing
from gateway.codecs.oxygen import GOOD, NoVitals, OxygenFrame, Verdict, judge_oxygen
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

PAYLOAD_BYTES_MAX: Final = 512
"""A second of the curve has 12 + 125 bytes; the description of a device, the longest answer, fits too."""


class O2RingQuestion(IntEnum):
    """What may be asked each second."""

    VALUES = 0x17
    CURVE = 0x1B


_ANSWER: Final = 0x55
_ASK: Final = 0xAA
_HEAD_BYTES: Final = 7
_CRC_BYTES: Final = 1
_VALUES_BYTES: Final = (12, 13)
_CURVE_HEAD_BYTES: Final = 12
_NO_VALUE: Final = 0xFF
_NO_PULSE: Final = 0xFFFF
_BATTERY_PCT_MAX: Final = 100
_PERFUSION_TENTHS: Final = 10
_NOT_WORN: Final = 0
_WORN: Final = 1
_SYNC: Final = re.compile(rb"\x55")


class O2RingFrame(OxygenFrame, frozen=True, kw_only=True):
    """The values of one answer; see `OxygenFrame`.

    Attributes:
        is_charging: on its cable (or full): nobody wears it.
        motion: how much it moves, 0..255, if told.
    """

    is_charging: bool
    motion: int | None = None


def _cut(data: bytes, at: int) -> Cut[O2RingFrame | NoVitals]:
    known = len(data) - at
    if known < 3:  # noqa: PLR2004 - the status and its complement
        return None
    if data[at + 1] ^ data[at + 2] != 0xFF:  # noqa: PLR2004 - all bits differ
        return 1, Undecodable(problem="O2Ring: a status without its complement", raw=data[at : at + 1])
    if known < _HEAD_BYTES:
        return None
    payload_bytes = data[at + 5] | data[at + 6] << 8
    if payload_bytes > PAYLOAD_BYTES_MAX:
        head = data[at : at + _HEAD_BYTES]
        return _HEAD_BYTES, Undecodable(problem=f"O2Ring: an answer of {payload_bytes} bytes", raw=head)
    frame_bytes = _HEAD_BYTES + payload_bytes + _CRC_BYTES
    if known < frame_bytes:
        return None
    frame = data[at : at + frame_bytes]
    if crc8_07(frame) != 0:
        return frame_bytes, Undecodable(problem=f"O2Ring: wrong checksum 0x{frame[-1]:02x}", raw=frame)
    if frame[1] != 0:
        return frame_bytes, Undecodable(problem=f"O2Ring: refused with status 0x{frame[1]:02x}", raw=frame)
    return frame_bytes, _decode_payload(frame, frame[_HEAD_BYTES:-_CRC_BYTES])


def _decode_payload(frame: bytes, payload: bytes) -> O2RingFrame | NoVitals:
    """Return what an answer says, whichever of the two questions it answers."""
    length = len(payload)
    if length >= _CURVE_HEAD_BYTES and length - _CURVE_HEAD_BYTES == payload[10] | payload[11] << 8:
        # Without a curve it may be a short answer to 0x17 by a ring that nobody wears; then byte 6 is 0 in both, and
        # only the battery would be wrong.
        has_curve = length > _CURVE_HEAD_BYTES
        return _frame_of(
            payload,
            battery=payload[3] if has_curve else _NO_VALUE,
            charge=payload[4] if has_curve else 0,
            perfusion=payload[5],
            worn=payload[6],
            motion=None,
        )
    if length in _VALUES_BYTES:
        return _frame_of(
            payload,
            battery=payload[7],
            charge=payload[8],
            perfusion=payload[10],
            worn=payload[11] & 1,
            motion=payload[9],
        )
    return NoVitals(what=f"answer of {length} bytes", raw=frame)


def _frame_of(
    payload: bytes, *, battery: int, charge: int, perfusion: int, worn: int, motion: int | None
) -> O2RingFrame:
    pulse = payload[1] | payload[2] << 8
    verdict = _judge(worn, charge)
    values = judge_oxygen(payload[0], pulse, verdict=verdict, no_spo2=_NO_VALUE, no_pulse=_NO_PULSE)
    is_usable = values.quality is not Quality.UNUSABLE
    return O2RingFrame(
        spo2_pct=values.spo2_pct,
        pulse_bpm=values.pulse_bpm,
        quality=values.quality,
        reason=values.reason,
        # 0 and 255 mean that it has none (LepuBle: "0 invalid").
        perfusion_pct=perfusion / _PERFUSION_TENTHS if is_usable and 0 < perfusion < _NO_VALUE else None,
        battery_pct=battery if battery <= _BATTERY_PCT_MAX else None,
        is_charging=charge != 0,
        motion=motion,
    )


def _judge(worn: int, charge: int) -> Verdict:
    """Return what the state says: 0 not worn, 1 worn, others a fault. Nobody wears a ring that hangs on its cable."""
    if worn == _NOT_WORN or charge:
        return Quality.UNUSABLE, Reason.OFF_SKIN
    return GOOD if worn == _WORN else (Quality.UNUSABLE, Reason.SENSOR_FAULT)


O2RING: Final[Framing[O2RingFrame | NoVitals]] = Framing(
    name="O2Ring",
    sync=_SYNC,
    sync_bytes=1,
    frame_bytes_max=_HEAD_BYTES + PAYLOAD_BYTES_MAX + _CRC_BYTES,
    cut=_cut,
)


class O2RingStream(FrameStream[O2RingFrame | NoVitals]):
    """The answers of one ring; `restart` it with each question, and half an answer spoils no other."""

    def __init__(self) -> None:
        super().__init__(O2RING)


def encode_o2ring_question(question: O2RingQuestion = O2RingQuestion.VALUES) -> bytes:
    """Return the bytes to write: for VALUES ``AA 17 E8 00 00 00 00 1B``."""
    head = bytes([_ASK, question, question ^ 0xFF, 0, 0, 0, 0])
    return head + bytes([crc8_07(head)])


def decode_o2ring_question(raw: bytes) -> O2RingQuestion | Undecodable:
    """Return what is asked: what a simulated ring needs."""
    for question in O2RingQuestion:
        if raw == encode_o2ring_question(question):
            return question
    return Undecodable(problem=f"O2Ring: no question that we know in {len(raw)} bytes", raw=raw)


def encode_o2ring(
    spo2_pct: int | None,
    pulse_bpm: int | None,
    *,
    perfusion_pct: float = 5.0,
    battery_pct: int = 90,
    is_worn: bool = True,
    is_charging: bool = False,
    motion: int = 0,
    question: O2RingQuestion = O2RingQuestion.VALUES,
    curve: bytes = bytes(125),
) -> bytes:
    """Return one whole answer, to be cut into notifications; None is sent as "nothing".

    Raises:
        ValueError: a number does not fit its byte.
        OverflowError: the pulse does not fit 16 bits.
    """
    spo2 = _NO_VALUE if spo2_pct is None else spo2_pct
    pulse = (0 if pulse_bpm is None else pulse_bpm).to_bytes(2, "little")
    perfusion = round(perfusion_pct * _PERFUSION_TENTHS)
    if question is O2RingQuestion.CURVE:
        state = bytes([battery_pct, is_charging, perfusion, is_worn, 0, 0, 0])
        payload = bytes([spo2]) + pulse + state + len(curve).to_bytes(2, "little") + curve
    else:
        state = bytes([0, 0, 0, 0, battery_pct, is_charging, motion, perfusion, is_worn, 0])
        payload = bytes([spo2]) + pulse + state
    frame = bytes([_ANSWER, 0, 0xFF, 0, 0]) + len(payload).to_bytes(2, "little") + payload
    return frame + bytes([crc8_07(frame)])
