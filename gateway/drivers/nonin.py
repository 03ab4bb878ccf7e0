"""The driver of Nonin 3230 and 3150: one notification a second. They tell the battery in volts, not in per cent."""

from typing import Final

from gateway.codecs.nonin import decode_nonin
from gateway.codecs.uuids import NONIN_MEASUREMENT, NONIN_SERVICE
from gateway.drivers.base import VENDOR_SERVICE, Driver, Evidence, match_by
from gateway.drivers.oxygen import OxygenConversation
from vitals.readings import ReadingKind
from vitals.sensors import SensorKind


def open_nonin() -> OxygenConversation:
    """Begin a conversation; each notification is one frame."""
    return OxygenConversation(lambda raw: (decode_nonin(raw),))


NONIN: Final = Driver(
    name="nonin",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(service=NONIN_SERVICE, service_score=VENDOR_SERVICE, names=("Nonin",)),
    listens=(NONIN_MEASUREMENT,),
    open=open_nonin,
    device="Nonin",
    evidence=Evidence.TWO_SOURCES,
)
