"""Polar's heart rate in the advertisement (company 0x006B): read without a connection. Pure; raises on no bytes.

A strap that is worn and free says its rate to everybody who listens; it takes no slot of a radio. The same value is
heard several times (the frame counter tells), and lost ones are not noticed.

Source: polar-ble-sdk, BlePolarHrAdvertisement.kt and BleAdvertisementContent.kt. Which models say it while worn is not
documented.
"""

from typing import Final

from msgspec import Struct

from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

POLAR_COMPANY: Final = 0x006B
ADVERTISEMENT_BYTES_MAX: Final = 255

_BATTERY_LOW: Final = 0x01
_CONTACT: Final = 0x02
_COUNTER_SHIFT: Final = 2
_COUNTER_MASK: Final = 0x07
_BROADCAST: Final = 0x20
_OTHER_BLOCK: Final = 0x40
_RECORD_BYTES: Final = 3
_SLOW_AT: Final = 3
_NO_HEART_BPM: Final = 255


class PolarAdvertisingFrame(Struct, frozen=True, kw_only=True):
    """The heart rate in one advertisement.

    Attributes:
        hr_bpm: the faster average, 1..254, or None with ``reason``.
        slow_hr_bpm: the slower average that the watch shows, if sent.
        contact: whether the strap feels skin.
        is_battery_low: the strap's own warning.
        is_broadcast: whether the strap calls this a broadcast.
        frame_counter: 0..7, changes with each new value.
    """

    hr_bpm: int | None
    quality: Quality
    reason: Reason | None = None
    slow_hr_bpm: int | None = None
    contact: bool = False
    is_battery_low: bool = False
    is_broadcast: bool = False
    frame_counter: int = 0


def decode_polar_advertising(raw: bytes) -> PolarAdvertisingFrame | Undecodable:
    """Return the heart rate in the manufacturer data of company 0x006B.

    Args:
        raw: what follows the company's number: blocks, of which one may be a heart rate. A sleeping strap sends none.
    """
    at = 0
    end = len(raw)
    if end > ADVERTISEMENT_BYTES_MAX:
        return Undecodable(problem=f"Polar advertisement: {end} bytes", raw=raw)
    # Each round passes at least two bytes.
    while at < end and raw[at] & _OTHER_BLOCK:
        length_at = at + 1
        at = length_at + 1 + raw[length_at] if length_at < end else end
    if at + _RECORD_BYTES > end:
        return Undecodable(problem=f"Polar advertisement: no heart rate in {end} bytes", raw=raw)
    head, sent_bpm = raw[at], raw[at + 2]
    contact = bool(head & _CONTACT)
    hr_bpm, quality, reason = _judge(sent_bpm, contact=contact)
    slow_bpm = raw[at + _SLOW_AT] if at + _SLOW_AT < end else 0
    return PolarAdvertisingFrame(
        hr_bpm=hr_bpm,
        quality=quality,
        reason=reason,
        slow_hr_bpm=slow_bpm if 0 < slow_bpm < _NO_HEART_BPM else None,
        contact=contact,
        is_battery_low=bool(head & _BATTERY_LOW),
        is_broadcast=bool(head & _BROADCAST),
        frame_counter=head >> _COUNTER_SHIFT & _COUNTER_MASK,
    )


def _judge(sent_bpm: int, *, contact: bool) -> tuple[int | None, Quality, Reason | None]:
    """Return the rate that may be shown, how far to trust it, and why not fully."""
    if sent_bpm == 0:
        return None, Quality.UNUSABLE, Reason.NO_VALUE if contact else Reason.OFF_SKIN
    if sent_bpm == _NO_HEART_BPM:
        return None, Quality.UNUSABLE, Reason.OUT_OF_RANGE
    if not contact:
        return sent_bpm, Quality.QUESTIONABLE, Reason.OFF_SKIN
    return sent_bpm, Quality.GOOD, None


def encode_polar_advertising(
    hr_bpm: int,
    *,
    slow_hr_bpm: int | None = None,
    contact: bool = True,
    is_battery_low: bool = False,
    is_broadcast: bool = True,
    frame_counter: int = 0,
) -> bytes:
    """Return the manufacturer data (without the company's number) of a strap that says its rate.

    Raises:
        ValueError: a rate is not 0..255.
    """
    head = (
        (_CONTACT if contact else 0)
        | (_BATTERY_LOW if is_battery_low else 0)
        | (_BROADCAST if is_broadcast else 0)
        | (frame_counter & _COUNTER_MASK) << _COUNTER_SHIFT
    )
    return bytes([head, 0, hr_bpm] if slow_hr_bpm is None else [head, 0, hr_bpm, slow_hr_bpm])
