"""The driver of Viatom and Creative PC-60F, PC-60FW, PC-60NW oximeters.

They speak over the Nordic UART Service, which all kinds of devices offer, so the name must tell.
"""

from collections.abc import Sequence
from typing import Final

from gateway.codecs.pc60 import Pc60Battery, Pc60Stream
from gateway.codecs.uuids import PC60_STREAM
from gateway.drivers.base import Driver, Evidence, match_by
from gateway.drivers.oxygen import BatteryNews, Item, OxygenConversation
from vitals.readings import ReadingKind
from vitals.sensors import SensorKind


def open_pc60() -> OxygenConversation:
    """Begin a conversation with an empty stream."""
    stream = Pc60Stream()

    def feed(raw: bytes) -> Sequence[Item]:
        return [
            BatteryNews(battery_pct=item.battery_pct) if isinstance(item, Pc60Battery) else item
            for item in stream.feed(raw)
        ]

    return OxygenConversation(feed)


PC60: Final = Driver(
    name="pc60",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    match=match_by(names=("PC-60",)),
    listens=(PC60_STREAM,),
    open=open_pc60,
    device="Viatom PC-60",
    evidence=Evidence.TWO_SOURCES,
)
