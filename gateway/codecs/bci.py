"""BerryMed BM1000 (the BCI protocol): 100 frames of 5 bytes a second, several in a notification. Pure; never raises.

Only the first byte of a frame has its top bit set, so a broken stream is in step again after one frame. Layout:
0: signal strength 0..3, bit 4 no signal, 5 probe off, 6 beep; 1: curve; 2: bar 0..3, bit 4 no finger, 5 searching,
6 the top bit of the pulse; 3: pulse; 4: SpO2. The device tells no battery (the vendor's answer in zh2x issue 3).

Sources: zh2x/BCI_Protocol (the vendor's document); github bgould/berrymed-pulseox-reader packet.go.
"""

import re
from typing import Final

from gateway.codecs.framing import Cut, FrameStream, Framing
from gateway.codecs.oxygen import GOOD, OxygenFrame, Verdict, judge_oxygen
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

FRAME_BYTES: Final = 5
_SYNC: Final = 0x80
_STRENGTH: Final = 0x0F
_NO_SIGNAL: Final = 0x10
_PROBE_OFF: Final = 0x20
_BEEP: Final = 0x40
_BAR: Final = 0x0F
_NO_FINGER: Final = 0x10
_SEARCHING: Final = 0x20
_PULSE_TOP: Final = 0x40
_NO_SPO2: Final = 127
_NO_PULSE: Final = 255
_FIRST_BYTE: Final = re.compile(rb"[\x80-\xff]")


class BciFrame(OxygenFrame, frozen=True, kw_only=True):
    """One frame; see `OxygenFrame`.

    Attributes:
        signal_strength: 0..15 as sent, few devices go above 3.
        pleth: the curve's value, 0..127.
        bar: its bar, 0..15.
        is_beat: the device beeps on this frame.
    """

    signal_strength: int
    pleth: int
    bar: int
    is_beat: bool


def _cut(data: bytes, at: int) -> Cut[BciFrame]:
    broken = _FIRST_BYTE.search(data, at + 1, at + FRAME_BYTES)
    if broken is not None:
        piece = data[at : broken.start()]
        return len(piece), Undecodable(problem=f"BCI: a frame cut short after {len(piece)} bytes", raw=piece)
    if len(data) < at + FRAME_BYTES:
        return None
    head, pleth, middle, pulse_low, spo2 = data[at : at + FRAME_BYTES]
    pulse = pulse_low | (_SYNC if middle & _PULSE_TOP else 0)
    values = judge_oxygen(spo2, pulse, verdict=_judge(head, middle), no_spo2=_NO_SPO2, no_pulse=_NO_PULSE)
    return FRAME_BYTES, BciFrame(
        spo2_pct=values.spo2_pct,
        pulse_bpm=values.pulse_bpm,
        quality=values.quality,
        reason=values.reason,
        signal_strength=head & _STRENGTH,
        pleth=pleth,
        bar=middle & _BAR,
        is_beat=bool(head & _BEEP),
    )


def _judge(head: int, middle: int) -> Verdict:
    """Return what the two status bytes say about the values."""
    if head & _PROBE_OFF:
        return Quality.UNUSABLE, Reason.SENSOR_FAULT
    if middle & _NO_FINGER:
        return Quality.UNUSABLE, Reason.OFF_SKIN
    if middle & _SEARCHING:
        return Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING
    if head & _NO_SIGNAL:
        return Quality.QUESTIONABLE, Reason.POOR_SIGNAL
    return GOOD


BCI: Final[Framing[BciFrame]] = Framing(
    name="BCI", sync=_FIRST_BYTE, sync_bytes=1, frame_bytes_max=FRAME_BYTES, cut=_cut
)


class BciStream(FrameStream[BciFrame]):
    """The frames of one BM1000."""

    def __init__(self) -> None:
        super().__init__(BCI)


def encode_bci(
    spo2_pct: int | None,
    pulse_bpm: int | None,
    *,
    pleth: int = 64,
    signal_strength: int = 3,
    bar: int = 2,
    has_finger: bool = True,
    is_searching: bool = False,
    is_probe_off: bool = False,
    is_beat: bool = False,
) -> bytes:
    """Return one frame; None is sent as "nothing". All numbers are cut to the bits of their field."""
    spo2 = _NO_SPO2 if spo2_pct is None else spo2_pct
    pulse = _NO_PULSE if pulse_bpm is None else pulse_bpm
    head = _SYNC | signal_strength & _STRENGTH | (_PROBE_OFF if is_probe_off else 0) | (_BEEP if is_beat else 0)
    middle = (
        bar & _BAR
        | (0 if has_finger else _NO_FINGER)
        | (_SEARCHING if is_searching else 0)
        | (_PULSE_TOP if pulse & _SYNC else 0)
    )
    return bytes([head, pleth & 0x7F, middle, pulse & 0x7F, spo2 & 0x7F])
