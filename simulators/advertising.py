"""Advertising in the air: what a sensor calls out, when, and the HCI report that a scanning radio makes of it.

The reports are built by hand: bumble's own cost ten times as much, and a class of sixty sensors calls 240 times a
second while nobody is connected. Directed and periodic advertising do not exist in this air.
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Final

from bumble import hci
from bumble.controller import AdvertisingSet, LegacyAdvertiser
from msgspec import Struct

SLOT_S: Final = 0.000625
"""Advertising intervals are counted in 0.625 ms (Core Specification, Vol 4, Part E, 7.8.5)."""

DELAY_MAX_S: Final = 0.010
"""Each event comes up to 10 ms later than the interval says, so that two sensors do not collide for ever
(Core Specification, Vol 6, Part B, 4.4.2.2)."""

INTERVAL_MIN_S: Final = 0.020
"""The least that sensors may use (Core Specification, Vol 6, Part B, 4.4.2.2); it holds however fast the clock runs."""

REPORTED_CALLS_PER_S_MAX: Final = 500
"""What a radio reports of all it hears; the rest collides, as in a real room. Without it sixty sensors that call every
20 ms fill the socket to a slow host, and answers come ten seconds late (seen at 20 times the speed of life)."""

REPORT_DATA_BYTES_MAX: Final = 229
"""What one extended advertising report can carry; longer data is cut."""

_EVENT: Final = 0x04
_LE_META: Final = 0x3E
_LEGACY_REPORT: Final = 0x02
_EXTENDED_REPORT: Final = 0x0D
_REPORT_KINDS: Final = (bytes([_LEGACY_REPORT]), bytes([_EXTENDED_REPORT]))
_CONNECTABLE: Final = 1 << 0
_SCANNABLE: Final = 1 << 1
_DIRECTED: Final = 1 << 2
_SCAN_RESPONSE: Final = 1 << 3
_LEGACY_PDU: Final = 1 << 4
_PHY_1M: Final = 1
_NO_SET_ID: Final = 0xFF
_NO_TX_POWER: Final = 0x7F
# Legacy report types by (connectable, scannable); a scan response is 4.
_LEGACY_TYPES: Final = {(True, True): 0x00, (False, True): 0x02, (False, False): 0x03, (True, False): 0x01}
_LEGACY_SCAN_RESPONSE: Final = 0x04


class Call(Struct, frozen=True, kw_only=True):
    """One advertising event: who calls, what, and what more it tells those who ask (active scanners)."""

    address: hci.Address
    data: bytes
    scan_response: bytes
    is_connectable: bool
    is_scannable: bool


def render_reports(call: Call, *, rssi_dbm: int, is_active: bool, is_extended: bool) -> list[bytes]:
    """Return the HCI events by which a radio tells its host about a call.

    Args:
        call: what was heard.
        rssi_dbm: how strongly, -127..20.
        is_active: the scanner asks for scan responses.
        is_extended: the host scans by the extended commands and so expects extended reports.
    """
    render = _extended_report if is_extended else _legacy_report
    reports = [render(call, call.data, rssi_dbm, is_response=False)]
    if is_active and call.is_scannable:
        reports.append(render(call, call.scan_response, rssi_dbm, is_response=True))
    return reports


def _extended_report(call: Call, data: bytes, rssi_dbm: int, *, is_response: bool) -> bytes:
    """Return one LE Extended Advertising Report event (7.7.65.13) about a legacy PDU."""
    kind = _LEGACY_PDU | (_CONNECTABLE if call.is_connectable else 0) | (_SCANNABLE if call.is_scannable else 0)
    data = data[:REPORT_DATA_BYTES_MAX]
    body = struct.pack(
        "<BBHB6sBBBBbHB6sB",
        _EXTENDED_REPORT,
        1,
        kind | (_SCAN_RESPONSE if is_response else 0),
        call.address.address_type,
        bytes(call.address),
        _PHY_1M,
        0,
        _NO_SET_ID,
        _NO_TX_POWER,
        rssi_dbm,
        0,
        0,
        bytes(6),
        len(data),
    )
    return bytes((_EVENT, _LE_META, len(body) + len(data))) + body + data


def _legacy_report(call: Call, data: bytes, rssi_dbm: int, *, is_response: bool) -> bytes:
    """Return one LE Advertising Report event (7.7.65.2)."""
    kind = _LEGACY_SCAN_RESPONSE if is_response else _LEGACY_TYPES[call.is_connectable, call.is_scannable]
    data = data[:REPORT_DATA_BYTES_MAX]
    head = struct.pack("<BBBB6sB", _LEGACY_REPORT, 1, kind, call.address.address_type, bytes(call.address), len(data))
    body = head + data + struct.pack("<b", rssi_dbm)
    return bytes((_EVENT, _LE_META, len(body))) + body


def is_report(packet: bytes) -> bool:
    """Tell whether an HCI packet is an advertising report, the only kind that may be dropped under pressure."""
    return packet[:2] == bytes((_EVENT, _LE_META)) and packet[3:4] in _REPORT_KINDS


class Beat:
    """The timer of one advertiser: calls out at once and then at its interval, until stopped."""

    def __init__(self, *, call_out: Callable[[], None], gap_s: Callable[[], float]) -> None:
        """Call ``call_out`` and wait ``gap_s()`` in turn."""
        self._call_out = call_out
        self._gap_s = gap_s
        self._timer: asyncio.Handle | None = None

    def start(self) -> None:
        """Begin anew with the next turn of the loop."""
        self.stop()
        self._timer = asyncio.get_running_loop().call_soon(self._fire)

    def stop(self) -> None:
        """Be silent from now on."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        # The next event is set first: the call may bring a connection, which stops this timer.
        self._timer = asyncio.get_running_loop().call_later(self._gap_s(), self._fire)
        self._call_out()


class Budget:
    """How many calls a radio may report: refilled with time, never more than a tenth of a second's worth at once."""

    def __init__(self, per_s: float) -> None:
        """Begin full."""
        self._per_s = per_s
        self._most = per_s / 10
        self._left = self._most
        self._filled_s = 0.0

    def spend(self, now_s: float) -> bool:
        """Take one, if there is one."""
        self._left = min(self._most, self._left + (now_s - self._filled_s) * self._per_s)
        self._filled_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _Beating:
    """What calls into the air by its beat while it is enabled."""

    enabled: bool
    beat: Beat

    def start(self) -> None:
        """Call out until stopped."""
        self.enabled = True
        self.beat.start()

    def stop(self) -> None:
        """Be silent."""
        self.enabled = False
        self.beat.stop()


class AirAdvertisingSet(_Beating, AdvertisingSet):
    """An advertising set (extended commands) that calls into the air at the air's clock rate."""

    @property
    def interval_s(self) -> float:
        """The interval the host asked for."""
        return self.parameters.primary_advertising_interval_min * SLOT_S if self.parameters else 1.0

    def call(self) -> Call | None:
        """Return what this set calls out now, or None if it has no address yet or is directed."""
        address = self.address
        if address is None or self.parameters is None:
            return None
        properties = int(self.parameters.advertising_event_properties)
        if properties & _DIRECTED:
            return None
        return Call(
            address=address,
            data=bytes(self.data),
            scan_response=bytes(self.scan_response_data),
            is_connectable=bool(properties & _CONNECTABLE),
            is_scannable=bool(properties & _SCANNABLE),
        )


class AirLegacyAdvertiser(_Beating, LegacyAdvertiser):
    """The one advertiser of the legacy commands, in the air."""

    @property
    def interval_s(self) -> float:
        """The interval the host asked for; bumble takes the slots for milliseconds."""
        return self.advertising_interval_min * SLOT_S

    def call(self) -> Call | None:
        """Return what this advertiser calls out now, or None if it is directed."""
        for (is_connectable, is_scannable), kind in _LEGACY_TYPES.items():
            if kind == self.advertising_type and (is_scannable or not is_connectable):
                return Call(
                    address=self.address,
                    data=self.advertising_data,
                    scan_response=self.scan_response_data,
                    is_connectable=is_connectable,
                    is_scannable=is_scannable,
                )
        return None
