"""The driver of BerryMed BM1000 oximeters, which speak the BCI protocol: a hundred frames a second.

Its service is one that any device with the same radio chip offers, so the name must tell.
"""

from typing import Final

from gateway.codecs.bci import BciStream
from gateway.codecs.uuids import BCI_STREAM
from gateway.drivers.base import Driver, Evidence, match_by
from gateway.drivers.oxygen import OxygenConversation
from vitals.readings import ReadingKind
from vitals.sensors import SensorKind


def open_bci() -> OxygenConversation:
    """Begin a conversation with an empty stream."""
    return OxygenConversation(BciStream().feed)


BCI: Final = Driver(
    name="bci",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(names=("BerryMed", "BM1000")),
    listens=(BCI_STREAM,),
    open=open_bci,
    device="BerryMed BM1000",
    evidence=Evidence.TWO_SOURCES,
)
