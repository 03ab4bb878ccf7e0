"""The driver of Jumper JPD-500F oximeters. Single source, untested on the device."""

from typing import Final

from gateway.codecs.jumper import decode_jumper
from gateway.codecs.uuids import JUMPER_MEASUREMENT, JUMPER_SERVICE
from gateway.drivers.base import VENDOR_SERVICE, Driver, Evidence, match_by
from gateway.drivers.oxygen import OxygenConversation
from vitals.readings import ReadingKind
from vitals.sensors import SensorKind


def open_jumper() -> OxygenConversation:
    """Begin a conversation; each notification is one frame."""
    return OxygenConversation(lambda raw: (decode_jumper(raw),))


JUMPER: Final = Driver(
    name="jumper",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(service=JUMPER_SERVICE, service_score=VENDOR_SERVICE, names=("My Oximeter",)),
    listens=(JUMPER_MEASUREMENT,),
    open=open_jumper,
    device="Jumper JPD-500F",
    evidence=Evidence.SINGLE_SOURCE,
)
