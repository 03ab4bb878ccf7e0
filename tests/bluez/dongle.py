"""A dongle of the guest's kernel: a radio of our virtual air behind ``/dev/vhci``. The kernel sees hci0."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bumble import hci
from bumble.transport import open_transport

from simulators.air import Air
from simulators.airlink import AirConnection
from simulators.controller import AirController

ADAPTER: Final = "hci0"
_ADDRESS: Final = "00:1B:DC:0F:00:01"


@asynccontextmanager
async def open_dongle(air: Air, *, slots: int) -> AsyncIterator[AirController]:
    """Plug a dongle in that holds ``slots`` links; pull it at the end."""
    transport = await open_transport("vhci")
    dongle = AirController("dongle", air, slots=slots, host_sink=transport.sink, public_address=_ADDRESS)
    # A plain Bluetooth 4 dongle. Bumble's controller announces privacy but reports a link by the event that comes
    # without it, and the kernel then waits 4 s after each connect for the other one.
    dongle.le_features = hci.LeFeatureMask.LE_ENCRYPTION
    transport.source.set_packet_sink(dongle)
    try:
        yield dongle
    finally:
        dongle.unplug()
        await transport.close()


def drop_link(dongle: AirController, address: str) -> None:
    """Let the dongle lose one link by itself; the sensor finds out when its supervision timeout is over.

    Raises:
        KeyError: there is no such link.
    """
    end = dongle.le_connections[hci.Address(address)]
    assert isinstance(end, AirConnection)
    dongle.on_le_disconnected(end, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
    end.air_link.time_out_later()
