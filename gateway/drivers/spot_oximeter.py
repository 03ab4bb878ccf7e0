"""The driver of oximeters that only tell finished measurements (PLX spot-check, 0x2A5E): heard, kept, never shown live.

A spot-check is one result of some seconds of holding still, sent when it is done, perhaps an hour later out of the
instrument's memory. It says nothing of now, so its reading has no value; the bytes go into the record.
"""

from functools import partial
from typing import Final

from gateway.codecs.plx_spot import decode_plx_spot
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import PLX_SPOT_CHECK_MEASUREMENT, PULSE_OXIMETER_SERVICE
from gateway.drivers.base import LAST_RESORT, Driver, EachNotification, Stamp, match_by, raw_hex_of
from vitals.readings import Averaging, OximeterReading, Quality, ReadingKind, Reason
from vitals.sensors import SensorKind


def read_spot_check(raw: bytes, stamp: Stamp) -> OximeterReading:
    """Return that there was a spot-check, without its value."""
    is_known = not isinstance(decode_plx_spot(raw), Undecodable)
    return OximeterReading(
        **stamp._asdict(),
        spo2_pct=None,
        averaging=Averaging.SPOT if is_known else None,
        quality=Quality.UNUSABLE,
        reason=Reason.NOT_LIVE if is_known else Reason.UNDECODABLE,
        raw_hex=raw_hex_of(raw),
    )


SPOT_OXIMETER: Final = Driver(
    name="spot_oximeter",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(service=PULSE_OXIMETER_SERVICE, service_score=LAST_RESORT),
    listens=(PLX_SPOT_CHECK_MEASUREMENT,),
    open=partial(EachNotification, ReadingKind.OXIMETER, read_spot_check),
    speaks_seldom=True,
)
