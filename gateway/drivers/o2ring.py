"""The driver of Viatom and Wellue O2Rings (and Checkme O2): silent until asked, so asked once a second."""

from typing import Final

from gateway.codecs.o2ring import O2RingStream, encode_o2ring_question
from gateway.codecs.uuids import O2RING_QUESTION, O2RING_REPLY, O2RING_SERVICE
from gateway.drivers.base import VENDOR_SERVICE, Driver, Evidence, Question, match_by
from gateway.drivers.oxygen import OxygenConversation
from vitals.readings import ReadingKind
from vitals.sensors import SensorKind


def open_o2ring() -> OxygenConversation:
    """Begin a conversation; an answer comes in several notifications."""
    stream = O2RingStream()
    return OxygenConversation(stream.feed, restart=stream.restart)


O2RING: Final = Driver(
    name="o2ring",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(service=O2RING_SERVICE, service_score=VENDOR_SERVICE, names=("O2Ring", "Checkme O2")),
    listens=(O2RING_REPLY,),
    question=Question(characteristic=O2RING_QUESTION, value=encode_o2ring_question(), every_s=1.0),
    open=open_o2ring,
    device="Viatom O2Ring",
    evidence=Evidence.TWO_SOURCES,
)
