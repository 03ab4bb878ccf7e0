"""The driver of pulse oximeters that speak the standard: Pulse Oximeter Service (0x1822), continuous measurement."""

from functools import partial
from typing import Final

from gateway.codecs.plx import OximeterFrame, decode_plx
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import PLX_CONTINUOUS_MEASUREMENT, PULSE_OXIMETER_SERVICE
from gateway.drivers.base import Driver, EachNotification, Stamp, match_by, raw_hex_of
from vitals.readings import Averaging, OximeterReading, Quality, ReadingKind, Reason
from vitals.sensors import SensorKind


def read_oximeter(raw: bytes, stamp: Stamp) -> OximeterReading:
    """Return the reading of one continuous measurement: the normal averaging, which every oximeter sends.

    While the normal average has no number yet and the fast one has, the fast one is shown as what it is: early, and
    nothing that a rule may use.
    """
    frame = decode_plx(raw)
    if isinstance(frame, Undecodable):
        return OximeterReading(
            **stamp._asdict(),
            spo2_pct=None,
            quality=Quality.UNUSABLE,
            reason=Reason.UNDECODABLE,
            raw_hex=raw_hex_of(raw),
        )
    if frame.spo2_pct is None and frame.fast is not None and frame.fast.spo2_pct is not None:
        return _read_fast(frame, raw, stamp)
    return OximeterReading(
        **stamp._asdict(),
        spo2_pct=frame.spo2_pct,
        pulse_bpm=frame.pulse_bpm,
        perfusion_pct=frame.perfusion_pct,
        averaging=Averaging.NORMAL,
        quality=frame.quality,
        reason=frame.reason or (Reason.ODD_BYTES if frame.odd_bytes else None),
        raw_hex=raw_hex_of(raw),
    )


def _read_fast(frame: OximeterFrame, raw: bytes, stamp: Stamp) -> OximeterReading:
    """Return the fast averages; the codec gives them only when no status bit makes the values unusable."""
    fast = frame.fast
    return OximeterReading(
        **stamp._asdict(),
        spo2_pct=None if fast is None else fast.spo2_pct,
        pulse_bpm=None if fast is None else fast.pulse_bpm,
        perfusion_pct=frame.perfusion_pct,
        averaging=Averaging.FAST,
        quality=Quality.QUESTIONABLE,
        reason=Reason.EARLY_ESTIMATE,
        raw_hex=raw_hex_of(raw),
    )


OXIMETER: Final = Driver(
    name="oximeter",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(service=PULSE_OXIMETER_SERVICE),
    listens=(PLX_CONTINUOUS_MEASUREMENT,),
    open=partial(EachNotification, ReadingKind.OXIMETER, read_oximeter),
)
