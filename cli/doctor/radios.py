"""Which radios the settings name, and whether each is there: the kernel's adapters, BlueZ on D-Bus, bumble's places."""

import asyncio
import importlib.util
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.doctor.finding import Finding, bad, ok, warn
from gateway.radio.spec import RadioKind, RadioSpec, Transport, parse_radio_spec
from vitals.deadline import deadline
from vitals.errors import SetupError
from vitals.settings import Settings

ADAPTERS: Final = Path("/sys/class/bluetooth")
ANSWER_S: Final = 2.0


def check_radios(settings: Settings) -> Sequence[Finding]:
    """Look at each radio of the settings, at the kernel's adapters and at BlueZ."""
    adapters = find_adapters(ADAPTERS)
    is_default = settings.gateway.radios == Settings().gateway.radios
    findings = [_judge_adapters(adapters)]
    is_bluez_asked = False
    for text in settings.gateway.radios:
        try:
            spec = parse_radio_spec(text)
        except SetupError as error:
            findings.append(bad("radio", str(error)))
            continue
        if spec.kind is RadioKind.BLUEZ:
            is_bluez_asked = True
            findings.append(judge_bluez_radio(spec, adapters, is_default=is_default))
        else:
            findings.append(_check_bumble_radio(spec))
    if is_bluez_asked and adapters:
        findings.append(_check_bluez())
    return findings


def find_adapters(folder: Path) -> tuple[str, ...]:
    """Return the kernel's Bluetooth adapters (``hci0``, ...); connections, which stand beside them, left out."""
    try:
        return tuple(sorted(entry.name for entry in folder.iterdir() if ":" not in entry.name))
    except OSError:
        return ()


def judge_bluez_radio(spec: RadioSpec, adapters: Sequence[str], *, is_default: bool) -> Finding:
    """Return whether the adapter is there. Nobody asked for the default one, so a wall without a radio is not bad."""
    what = f"radio {spec.kind}:{spec.target}"
    if spec.target in adapters:
        return ok(what, f"adapter is there, up to {spec.slots} sensors at once")
    detail = f"no adapter {spec.target}; this machine has {', '.join(adapters) or 'none'}"
    if is_default:
        return warn(what, f"{detail}. A gateway needs one; the demo does not")
    return bad(what, detail)


def _judge_adapters(adapters: Sequence[str]) -> Finding:
    if adapters:
        return ok("bluetooth", f"adapters: {', '.join(adapters)}")
    return warn("bluetooth", "no Bluetooth adapter in this machine (or the kernel has no driver for it)")


def _check_bluez() -> Finding:
    if importlib.util.find_spec("dbus_fast") is None:
        return warn("bluez", "cannot ask D-Bus: bleak is not installed")
    try:
        has_owner = asyncio.run(_ask_bluez())
    except TimeoutError:
        return bad("bluez", f"D-Bus does not answer within {ANSWER_S:g} s")
    except Exception as error:  # noqa: BLE001 - the library raises what the socket, the login and the bus raise
        return bad("bluez", f"D-Bus cannot be reached: {str(error) or type(error).__name__}")
    if not has_owner:
        return bad("bluez", "bluetoothd does not run: systemctl enable --now bluetooth")
    return ok("bluez", "bluetoothd answers on D-Bus")


async def _ask_bluez() -> bool:
    from dbus_fast import BusType, Message  # noqa: PLC0415 - only where BlueZ is used
    from dbus_fast.aio import MessageBus  # noqa: PLC0415 - same

    async with deadline(ANSWER_S):
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        try:
            reply = await bus.call(
                Message(
                    destination="org.freedesktop.DBus",
                    path="/org/freedesktop/DBus",
                    interface="org.freedesktop.DBus",
                    member="NameHasOwner",
                    signature="s",
                    body=["org.bluez"],
                )
            )
        finally:
            bus.disconnect()
    return bool(reply.body and reply.body[0])


def _check_bumble_radio(spec: RadioSpec) -> Finding:
    what = f"radio {spec.kind}:{spec.target}"
    if importlib.util.find_spec("bumble") is None:
        return bad(what, "bumble is not installed: pip install 'session-vitals[gateway]'")
    scheme, _, place = spec.target.partition(":")
    match Transport(scheme):
        case Transport.TCP_CLIENT:
            return _check_tcp(what, place)
        case Transport.UNIX | Transport.SERIAL:
            path = Path(place.partition(",")[0])
            return ok(what, f"{path} is there") if path.exists() else bad(what, f"{path} is not there")
        case Transport.USB | Transport.HCI_SOCKET:
            return ok(what, "bumble is installed; the adapter is opened by the gateway alone, so not tried here")


def _check_tcp(what: str, place: str) -> Finding:
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()
    except OSError as error:
        return warn(what, f"nobody listens at {place} now ({error.strerror or error})")
    return ok(what, f"a virtual radio listens at {place}")
