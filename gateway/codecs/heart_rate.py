"""Heart Rate Measurement (0x2A37): bytes <-> frames. Pure; raises on no bytes.

Source: Heart Rate Service 1.0 and the GATT Specification Supplement; the quirks are from captures of real straps
(tests/data/ble-payloads.csv names each).
"""

import struct
from typing import Final

from msgspec import Struct

from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason
from vitals.units import ticks_to_rr_ms

HR_BPM_MAX: Final = 300
"""Above it no heart beats; a strap that says so is out of order. Shown as missing, so it can raise no HR alarm.
The field has 16 bits and vendors' test vectors use them (Polar's SDK tests 32896)."""


RR_MS_MIN: Final = 240
"""Shorter is 250 bpm: electronics, not a heart. A Garmin HRM-Dual appends a second RR of 52 ms (forums.garmin.com
319496). Dropped from the RR list and reported, so that a beat-to-beat rule never sees it."""

_HR_16_BIT: Final = 0x01
_CONTACT_DETECTED: Final = 0x02
_CONTACT_SUPPORTED: Final = 0x04
_ENERGY_PRESENT: Final = 0x08
_RR_PRESENT: Final = 0x10
_ENERGY_BYTES: Final = 2
_RR_BYTES: Final = 2


class HeartRateFrame(Struct, frozen=True, kw_only=True):
    """One heart-rate notification.

    Attributes:
        hr_bpm: 1..300, or None with ``reason``.
        rr_1024: RR intervals in 1/1024 s, oldest first, exactly as sent (0..n per notification).
        rr_dropped_1024: intervals too short for a heart, in the same unit; kept for the record only.
        contact: skin contact, or None when the strap does not tell. Advisory: a Polar H10 reports it wrongly on every
            other connection (polar-ble-sdk issue 83).
        odd_bytes: bytes after the last whole field; some straps send them, the rest of the frame is sound.
    """

    hr_bpm: int | None
    quality: Quality
    reason: Reason | None = None
    contact: bool | None = None
    rr_1024: tuple[int, ...] = ()
    rr_dropped_1024: tuple[int, ...] = ()
    odd_bytes: bytes = b""

    @property
    def rr_ms(self) -> tuple[float, ...]:
        """The kept RR intervals in ms, exact (a 1024th of 1000 has a finite binary form)."""
        return tuple(ticks_to_rr_ms(units) for units in self.rr_1024)


def decode_heart_rate(raw: bytes) -> HeartRateFrame | Undecodable:
    """Return the frame in a 0x2A37 notification. The flags may change from one notification to the next.

    The energy field is skipped on purpose: GSS says joule, the service says kilojoule, so no number of it is shown.
    """
    if not 1 <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"heart rate: {len(raw)} bytes", raw=raw)
    flags = raw[0]
    rr_at = 3 if flags & _HR_16_BIT else 2
    if flags & _ENERGY_PRESENT:
        rr_at += _ENERGY_BYTES
    if len(raw) < rr_at:
        problem = f"heart rate: {len(raw)} bytes where flags 0x{flags:02x} need {rr_at}"
        return Undecodable(problem=problem, raw=raw)
    sent_bpm = int.from_bytes(raw[1:3], "little") if flags & _HR_16_BIT else raw[1]
    rr_count = (len(raw) - rr_at) // _RR_BYTES if flags & _RR_PRESENT else 0
    rr_end = rr_at + rr_count * _RR_BYTES
    intervals: tuple[int, ...] = struct.unpack_from(f"<{rr_count}H", raw, rr_at)
    # The detected bit means something only with the supported bit; one strap sets it alone.
    contact = bool(flags & _CONTACT_DETECTED) if flags & _CONTACT_SUPPORTED else None
    hr_bpm, quality, reason = _judge(sent_bpm, contact=contact)
    return HeartRateFrame(
        hr_bpm=hr_bpm,
        quality=quality,
        reason=reason,
        contact=contact,
        rr_1024=tuple(units for units in intervals if ticks_to_rr_ms(units) >= RR_MS_MIN),
        rr_dropped_1024=tuple(units for units in intervals if ticks_to_rr_ms(units) < RR_MS_MIN),
        odd_bytes=bytes(raw[rr_end:]),
    )


def _judge(sent_bpm: int, *, contact: bool | None) -> tuple[int | None, Quality, Reason | None]:
    """Return the rate that may be shown, how far to trust it, and why not fully."""
    if sent_bpm == 0:
        # HR 0 is how straps say "I have nothing"; as a number it would be an arrest.
        return None, Quality.UNUSABLE, Reason.OFF_SKIN if contact is False else Reason.NO_VALUE
    if sent_bpm > HR_BPM_MAX:
        return None, Quality.UNUSABLE, Reason.OUT_OF_RANGE
    if contact is False:
        return sent_bpm, Quality.QUESTIONABLE, Reason.OFF_SKIN
    return sent_bpm, Quality.GOOD, None


def encode_heart_rate(
    hr_bpm: int,
    *,
    rr_1024: tuple[int, ...] = (),
    contact: bool | None = None,
    energy: int | None = None,
    odd_bytes: bytes = b"",
) -> bytes:
    """Return the 0x2A37 bytes that a strap sends for these values; 0 bpm means that it has no reading.

    Args:
        hr_bpm: 0..65535; from 256 on it takes two bytes.
        rr_1024: intervals in 1/1024 s, oldest first, each 0..65535.
        contact: None for a strap that cannot tell.
        energy: 0..65535, whatever the strap counts.
        odd_bytes: stray bytes at the end, as some straps send.

    Raises:
        struct.error: a number is out of its field's range.
    """
    is_wide = hr_bpm > 0xFF  # noqa: PLR2004 - what one byte holds
    flags = _HR_16_BIT if is_wide else 0
    if contact is not None:
        flags |= _CONTACT_SUPPORTED | (_CONTACT_DETECTED if contact else 0)
    if energy is not None:
        flags |= _ENERGY_PRESENT
    if rr_1024:
        flags |= _RR_PRESENT
    head = struct.pack("<BH" if is_wide else "<BB", flags, hr_bpm)
    middle = b"" if energy is None else struct.pack("<H", energy)
    return head + middle + struct.pack(f"<{len(rr_1024)}H", *rr_1024) + odd_bytes
