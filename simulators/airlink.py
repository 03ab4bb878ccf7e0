"""A link between two radios in the air: carries packets in order, holds them while an end is out of range.

A real link layer repeats a packet until it is acknowledged or the supervision timeout ends the link, so a short fade
costs time and no data; a long one costs the link. This does the same without the repeating.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport

HELD_PACKETS_MAX: Final = 1024
"""What a faded link holds; a sensor that sends more in one supervision timeout loses the link at once."""

SUPERVISION_UNIT_S: Final = 0.010
"""Supervision timeouts are counted in 10 ms (Core Specification, Vol 4, Part E, 7.8.12)."""

_Packet = bytes | ll.ControlPdu


class AirConnection(Connection):
    """One end of a link, as its controller sees it. Finds the other end without any look-up by address."""

    air_link: "AirLink"

    def on_acl_pdu(self, pdu: bytes) -> None:
        """Send data of the host to the other end."""
        self.air_link.send(self, pdu)

    def send_ll_control_pdu(self, packet: ll.ControlPdu) -> None:
        """Send a link-layer packet to the other end."""
        self.air_link.send(self, packet)

    @property
    def is_open(self) -> bool:
        """Whether this end still believes in the link."""
        return self.controller.le_connections.get(self.peer_address) is self


class AirLink:
    """Two ends and what travels between them."""

    def __init__(
        self,
        *,
        central: AirConnection,
        peripheral: AirConnection,
        supervision_s: float,
        is_silent: Callable[[Controller], bool],
    ) -> None:
        """Join two ends.

        Args:
            central: the end that asked for the link.
            peripheral: the other one.
            supervision_s: in real seconds, clock rate already applied.
            is_silent: whether a radio is out of range.
        """
        self.central = central
        self.peripheral = peripheral
        self.supervision_s = supervision_s
        self._is_silent = is_silent
        self._held: deque[tuple[AirConnection, _Packet]] = deque()
        central.air_link = self
        peripheral.air_link = self

    @property
    def ends(self) -> tuple[AirConnection, AirConnection]:
        """Both ends, central first."""
        return self.central, self.peripheral

    @property
    def is_faded(self) -> bool:
        """Whether an end is out of range, so that nothing gets through."""
        return any(self._is_silent(end.controller) for end in self.ends)

    def send(self, sender: AirConnection, packet: _Packet) -> None:
        """Bring a packet to the other end, now or when both are in range again."""
        receiver = self.peripheral if sender is self.central else self.central
        if not self.is_faded:
            asyncio.get_running_loop().call_soon(_deliver, receiver, packet)
        elif len(self._held) < HELD_PACKETS_MAX:
            self._held.append((receiver, packet))
        else:
            self.time_out()

    def resume(self) -> None:
        """Send what was held, in order."""
        if self.is_faded:
            return
        loop = asyncio.get_running_loop()
        while self._held:
            loop.call_soon(_deliver, *self._held.popleft())

    def time_out(self) -> None:
        """End the link at every end that still believes in it."""
        self._held.clear()
        for end in self.ends:
            if end.is_open:
                end.controller.on_le_disconnected(end, hci.HCI_CONNECTION_TIMEOUT_ERROR)

    def time_out_later(self) -> None:
        """End the link after its supervision timeout: one end has vanished without a word."""
        asyncio.get_running_loop().call_later(self.supervision_s, self.time_out)


def _deliver(receiver: AirConnection, packet: _Packet) -> None:
    """Hand a packet to the controller at the other end, if its link still stands."""
    if not receiver.is_open:
        return
    if isinstance(packet, bytes):
        receiver.controller.on_link_acl_data(receiver.peer_address, PhysicalTransport.LE, packet)
    else:
        receiver.controller.on_ll_control_pdu(receiver.peer_address, packet)
