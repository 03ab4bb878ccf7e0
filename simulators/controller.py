"""A Bluetooth controller in the air: bumble's, with what keeps a real gateway from being tested against it mended.

Mended here, each with a test: a connection request can be cancelled; HCI Reset ends links, scan and advertising; links
cost slots and a full controller says so; public addresses carry data; scan responses are the sensor's own and come to
active scanners only; RSSI is the pair's. What it does not show: radio interference, connection intervals, encryption.
"""

import asyncio
import logging
from typing import Final, Protocol

from bumble import hci
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport
from bumble.transport.common import TransportSink

from simulators.advertising import (
    DELAY_MAX_S,
    INTERVAL_MIN_S,
    REPORTED_CALLS_PER_S_MAX,
    AirAdvertisingSet,
    AirLegacyAdvertiser,
    Beat,
    Budget,
    Call,
    render_reports,
)
from simulators.air import Air
from simulators.airlink import AirConnection

logger = logging.getLogger(__name__)

CreateConnection = hci.HCI_LE_Create_Connection_Command | hci.HCI_LE_Extended_Create_Connection_Command
Status = hci.HCI_StatusReturnParameters

_OK: Final = hci.HCI_ErrorCode.SUCCESS
_DATA_BYTES_MAX: Final = 251
"""A data packet of Bluetooth 4.2; with the stock 27 every ATT answer is cut into pieces and costs as many events."""


class _Advertiser(Protocol):
    """What both kinds of advertiser can tell."""

    @property
    def interval_s(self) -> float: ...

    def call(self) -> Call | None: ...


class AirController(Controller):
    """One radio in the air, of a sensor or of a gateway."""

    link: Air
    le_legacy_advertiser: AirLegacyAdvertiser
    le_acl_data_packet_length = _DATA_BYTES_MAX
    acl_data_packet_length = _DATA_BYTES_MAX

    def __init__(
        self,
        name: str,
        air: Air,
        *,
        slots: int = 1,
        host_sink: TransportSink | None = None,
        public_address: str | None = None,
    ) -> None:
        """Place a radio in the air.

        Args:
            name: for logs.
            air: the air it is in.
            slots: how many links it can hold; sensors 1 or 2, dongles 5 to 10.
            host_sink: where its HCI events go; a host in the same process sets it later.
            public_address: `C0:..`-style; without one only random addresses work.
        """
        self._handles: dict[int, AirConnection] = {}
        self.slots = slots
        self._is_scan_active = False
        self._is_scan_extended = False
        self._budget = Budget(REPORTED_CALLS_PER_S_MAX)
        super().__init__(name, host_sink=host_sink, link=air, public_address=public_address)
        self.le_legacy_advertiser = AirLegacyAdvertiser(self)
        self.le_legacy_advertiser.beat = self._beat_of(self.le_legacy_advertiser)

    # Advertising

    def _beat_of(self, advertiser: _Advertiser) -> Beat:
        """Return the timer that lets an advertiser call into this air."""

        def call_out() -> None:
            if (call := advertiser.call()) is not None:
                self.link.broadcast(self, call)

        def gap_s() -> float:
            # The delay keeps its length at any rate: it lets sensors take turns where not all can be heard.
            return max(advertiser.interval_s / self.link.rate, INTERVAL_MIN_S) + self.link.rng.random() * DELAY_MAX_S

        return Beat(call_out=call_out, gap_s=gap_s)

    def _ensure_set(self, handle: int) -> None:
        """Make the advertising set before bumble makes its own."""
        if handle not in self.advertising_sets:
            advertising_set = AirAdvertisingSet(controller=self, handle=handle)
            advertising_set.beat = self._beat_of(advertising_set)
            self.advertising_sets[handle] = advertising_set

    def on_hci_le_set_advertising_set_random_address_command(
        self, command: hci.HCI_LE_Set_Advertising_Set_Random_Address_Command
    ) -> Status:
        """Make the set ours first."""
        self._ensure_set(command.advertising_handle)
        return super().on_hci_le_set_advertising_set_random_address_command(command)

    def on_hci_le_set_extended_advertising_parameters_command(
        self, command: hci.HCI_LE_Set_Extended_Advertising_Parameters_Command
    ) -> hci.HCI_LE_Set_Extended_Advertising_Parameters_ReturnParameters:
        """Make the set ours first."""
        self._ensure_set(command.advertising_handle)
        return super().on_hci_le_set_extended_advertising_parameters_command(command)

    # Scanning

    @property
    def is_listening(self) -> bool:
        """Whether this radio looks at advertising at all: it scans or wants to connect."""
        return self.le_scan_enable or self.pending_le_connection is not None

    def _tell_listening(self) -> None:
        self.link.listen(self, self.hear if self.is_listening else None)

    def hear(self, call: Call, caller: Controller, rssi_dbm: int) -> None:
        """Take one advertising event: report it to a scanning host, and connect if this is the one waited for."""
        if self.le_scan_enable and self._budget.spend(asyncio.get_running_loop().time()):
            for report in render_reports(
                call, rssi_dbm=rssi_dbm, is_active=self._is_scan_active, is_extended=self._is_scan_extended
            ):
                self.send_hci_bytes(report)
        request = self.pending_le_connection
        if request is None or not isinstance(caller, AirController):
            return
        if call.is_connectable and request.peer_address == call.address:
            self._connect(request, call, caller)

    def on_hci_le_set_scan_parameters_command(self, command: hci.HCI_LE_Set_Scan_Parameters_Command) -> Status:
        """Keep whether the scan is active."""
        result = super().on_hci_le_set_scan_parameters_command(command)
        if result.status == _OK:
            self._is_scan_active = command.le_scan_type == command.ACTIVE_SCANNING
        return result

    def on_hci_le_set_extended_scan_parameters_command(
        self, command: hci.HCI_LE_Set_Extended_Scan_Parameters_Command
    ) -> Status:
        """Keep whether the scan is active."""
        self._is_scan_active = command.ACTIVE_SCANNING in command.scan_types
        return super().on_hci_le_set_extended_scan_parameters_command(command)

    def on_hci_le_set_scan_enable_command(self, command: hci.HCI_LE_Set_Scan_Enable_Command) -> Status:
        """Legacy command, legacy reports."""
        self._is_scan_extended = False
        result = super().on_hci_le_set_scan_enable_command(command)
        self._tell_listening()
        return result

    def on_hci_le_set_extended_scan_enable_command(
        self, command: hci.HCI_LE_Set_Extended_Scan_Enable_Command
    ) -> Status:
        """Extended command, extended reports."""
        self._is_scan_extended = True
        result = super().on_hci_le_set_extended_scan_enable_command(command)
        self._tell_listening()
        return result

    # Connecting

    def on_hci_le_create_connection_command(self, command: hci.HCI_LE_Create_Connection_Command) -> None:
        """Refuse at once when all slots are taken, as dongles do."""
        if self._refuse_when_full(command):
            return
        super().on_hci_le_create_connection_command(command)
        self._tell_listening()

    def on_hci_le_extended_create_connection_command(
        self, command: hci.HCI_LE_Extended_Create_Connection_Command
    ) -> None:
        """Refuse at once when all slots are taken."""
        if self._refuse_when_full(command):
            return
        super().on_hci_le_extended_create_connection_command(command)
        self._tell_listening()

    def _refuse_when_full(self, command: CreateConnection) -> bool:
        """Answer a connection request that no slot is free for; tell whether it was one."""
        if len(self.le_connections) < self.slots:
            return False
        self._send_hci_command_status(hci.HCI_ErrorCode.CONNECTION_LIMIT_EXCEEDED_ERROR, command.op_code)
        return True

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> Status:
        """Forget the pending request and say so; without one the command is refused (7.8.13)."""
        request, self.pending_le_connection = self.pending_le_connection, None
        if request is None:
            return Status(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self._tell_listening()
        cancelled = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=request.peer_address.address_type,
            peer_address=request.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        # After the command's own answer, which goes out when this returns.
        asyncio.get_running_loop().call_soon(self.send_hci_packet, cancelled)
        return Status(_OK)

    def _connect(self, request: CreateConnection, call: Call, peripheral: "AirController") -> None:
        """Make the link that was asked for, at both ends in one step."""
        is_public = request.own_address_type == hci.OwnAddressType.PUBLIC
        own_address = self.public_address if is_public else self.random_address
        if not peripheral.can_accept(own_address) or call.address in self.le_connections:
            return
        self.pending_le_connection = None
        self._tell_listening()
        central_end = self._new_end(hci.Role.CENTRAL, own_address, call.address)
        peripheral_end = peripheral._new_end(hci.Role.PERIPHERAL, call.address, own_address)  # noqa: SLF001
        interval, timeout = _timing_of(request)
        self.link.join(central=central_end, peripheral=peripheral_end, supervision_units=timeout)
        peripheral.report_connected(peripheral_end, interval=interval, timeout=timeout)
        peripheral.end_advertising(call.address, peripheral_end.handle)
        self.report_connected(central_end, interval=interval, timeout=timeout)

    def can_accept(self, initiator: hci.Address) -> bool:
        """Whether a slot is free for a central, and it has none already."""
        return len(self.le_connections) < self.slots and initiator not in self.le_connections

    def _new_end(self, role: hci.Role, own_address: hci.Address, peer_address: hci.Address) -> AirConnection:
        """Return this controller's end of a new link, registered."""
        end = AirConnection(
            controller=self,
            handle=self.allocate_connection_handle(),
            role=role,
            self_address=own_address,
            peer_address=peer_address,
            link=self.link,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        self.le_connections[peer_address] = end
        self._handles[end.handle] = end
        return end

    def report_connected(self, end: AirConnection, *, interval: int, timeout: int) -> None:
        """Tell the host about a new link."""
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=_OK,
                connection_handle=end.handle,
                role=end.role,
                peer_address_type=end.peer_address.address_type,
                peer_address=end.peer_address,
                connection_interval=interval,
                peripheral_latency=0,
                supervision_timeout=timeout,
                central_clock_accuracy=0,
            )
        )

    def end_advertising(self, address: hci.Address, handle: int) -> None:
        """Stop the advertiser that brought a link."""
        if self.le_legacy_advertiser.enabled and self.le_legacy_advertiser.address == address:
            self.le_legacy_advertiser.stop()
            return
        for advertising_set in self.advertising_sets.values():
            if advertising_set.enabled and advertising_set.address == address:
                advertising_set.stop()
                self.send_hci_packet(
                    hci.HCI_LE_Advertising_Set_Terminated_Event(
                        status=_OK,
                        advertising_handle=advertising_set.handle,
                        connection_handle=handle,
                        num_completed_extended_advertising_events=0,
                    )
                )
                return

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Forget an end and tell the host, once."""
        if self._handles.pop(connection.handle, None) is None:
            return
        del self.le_connections[connection.peer_address]
        self.send_hci_packet(
            hci.HCI_Disconnection_Complete_Event(status=_OK, connection_handle=connection.handle, reason=reason)
        )
        if isinstance(connection, AirConnection):
            self.link.on_end_closed(connection.air_link)

    def on_hci_disconnect_command(self, command: hci.HCI_Disconnect_Command) -> None:
        """Refuse handles that are no link; bumble leaves the host waiting for ever."""
        if self.find_connection_by_handle(command.connection_handle) is None:
            unknown = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
            self._send_hci_command_status(unknown, command.op_code)
            return
        super().on_hci_disconnect_command(command)

    def find_connection_by_handle(self, handle: int) -> Connection | None:
        """Return the end with this handle."""
        return self._handles.get(handle)

    def find_le_connection_by_handle(self, handle: int) -> Connection | None:
        """Return the end with this handle."""
        return self._handles.get(handle)

    # Resetting

    def on_hci_reset_command(self, _command: hci.HCI_Reset_Command) -> Status:
        """Forget everything of the previous host."""
        self.reset()
        return Status(_OK)

    def reset(self) -> None:
        """Drop links, scan, advertising and pending requests; the other ends find out by their supervision timeout."""
        self.le_scan_enable = False
        self.pending_le_connection = None
        self._tell_listening()
        self.le_legacy_advertiser.stop()
        for advertising_set in self.advertising_sets.values():
            advertising_set.stop()
        self.advertising_sets.clear()
        ends = list(self._handles.values())
        self._handles.clear()
        self.le_connections.clear()
        for end in ends:
            end.air_link.time_out_later()
            self.link.on_end_closed(end.air_link)

    def unplug(self) -> None:
        """Leave the air: an adapter pulled out, a sensor with an empty battery."""
        self.host = None
        self.reset()
        self.link.remove_controller(self)

    # HCI

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Send an event or data to the host, without bumble's debug text, which costs more than the rest."""
        self.send_hci_bytes(bytes(packet))

    def send_hci_bytes(self, packet: bytes) -> None:
        """Send a rendered packet to the host, after what is under way."""
        if self.host is not None:
            asyncio.get_running_loop().call_soon(self.host.on_packet, packet)


def _timing_of(request: CreateConnection) -> tuple[int, int]:
    """Return connection interval and supervision timeout of a request, in their HCI units."""
    if isinstance(request, hci.HCI_LE_Extended_Create_Connection_Command):
        return request.connection_interval_mins[0], request.supervision_timeouts[0]
    return request.connection_interval_min, request.supervision_timeout
