"""The driver of Contec CMS50D-BT oximeters: told once to begin. Single source, untested on the device."""

from typing import Final

from gateway.codecs.contec import CONTEC_START, ContecStream
from gateway.codecs.uuids import CONTEC_QUESTION, CONTEC_STREAM
from gateway.drivers.base import Driver, Evidence, Question, match_by
from gateway.drivers.oxygen import OxygenConversation
from vitals.readings import ReadingKind
from vitals.sensors import SensorKind


def open_contec() -> OxygenConversation:
    """Begin a conversation with an empty stream."""
    return OxygenConversation(ContecStream().feed)


CONTEC: Final = Driver(
    name="contec",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(names=("CMS50", "SpO20")),
    listens=(CONTEC_STREAM,),
    question=Question(characteristic=CONTEC_QUESTION, value=CONTEC_START),
    open=open_contec,
    device="Contec CMS50D-BT",
    evidence=Evidence.SINGLE_SOURCE,
)
