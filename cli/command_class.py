"""``vitals session start | end | list | sensors | move``: a class, from a file or at the end of it; its sensors."""

import argparse
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from cli.configuration import printed_config, settings_of
from cli.dashboard_client import DashboardClient, dashboard_url
from vitals.errors import InputError, SetupError, SetupReason
from vitals.settings import add_common_flags

_SESSIONS: Final = "/api/v1/sessions"


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``session`` and its verbs."""
    parser = subcommands.add_parser("session", help="start, end or list classes; list and move sensors")
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", required=True)
    start = verbs.add_parser("start", help="start a class", description="Starts the class that a TOML file describes.")
    start.add_argument("--class", dest="class_file", type=Path, required=True, metavar="FILE", help="class file (TOML)")
    start.set_defaults(run=_start)
    end = verbs.add_parser("end", help="end the class that runs")
    end.add_argument("session", nargs="?", help="its id; without one, the open class")
    end.add_argument("--why", default="", metavar="TEXT", help="why, if people have not been released yet")
    end.set_defaults(run=_end)
    listing = verbs.add_parser("list", help="list classes, newest first")
    listing.set_defaults(run=_list)
    sensors = verbs.add_parser(
        "sensors",
        help="list sensors in range, strongest first",
        description="Lists the sensors that the gateways hear, strongest first: hold one to the gateway and read "
        "its id for the class file. With --nearest, tells only the one that is held to the gateway.",
    )
    sensors.add_argument("--nearest", action="store_true", help="only the one that is clearly nearest")
    sensors.add_argument("--kind", choices=["strap", "oximeter", "machine"], help="only sensors of this kind")
    sensors.add_argument("--gateway", metavar="NAME", help="only what this gateway hears")
    sensors.set_defaults(run=_sensors)
    move = verbs.add_parser(
        "move",
        help="have another gateway carry a sensor",
        description="Leases a sensor of the open class to another gateway: the one that has it lets go of it, the "
        "other takes it. The gap in between is shown and recorded.",
    )
    move.add_argument("sensor", metavar="SENSOR", help="its id, as `vitals session sensors` tells it")
    move.add_argument("--to", required=True, metavar="GATEWAY", help="name of the gateway that shall carry it")
    move.add_argument("--session", metavar="ID", help="id of the class; without one, the open class")
    move.set_defaults(run=_move)
    for verb in (start, end, listing, sensors, move):
        add_common_flags(verb)
        verb.add_argument("--host", dest="dashboard.host", metavar="ADDRESS", help="where the dashboard listens")
        verb.add_argument("--port", dest="dashboard.port", type=int, metavar="PORT", help="its port (8080)")
        verb.set_defaults(command_name="session")


def _start(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    file: Path = arguments.class_file
    try:
        text = file.read_bytes()
    except OSError as error:
        msg = f"class file {file} cannot be read: {error.strerror}"
        raise SetupError(msg, SetupReason.SETTINGS) from error
    client = DashboardClient(settings)
    try:
        session = client.post_toml(_SESSIONS, text)
    except InputError as error:
        raise InputError(f"class file {file}", error.problem, error.reason) from error
    print(f"session {session['id']} started; wall: {dashboard_url(settings)}/wall")
    if not client.get(f"{_SESSIONS}/{quote(session['id'], safe='')}/duty")["members"]:
        print(f"nobody is on duty in it yet: say who at {dashboard_url(settings)}/desk")
    return 0


def _end(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    client = DashboardClient(settings)
    wanted = arguments.session or _open_session(client)
    if wanted is None:
        print("no class is open")
        return 0
    client.post(f"{_SESSIONS}/{quote(wanted, safe='')}/end", {"why": arguments.why})
    print(f"session {wanted} ended")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    rows = DashboardClient(settings).get(_SESSIONS)
    for row in rows:
        state = "open" if row.get("ended_utc_ms") is None else "ended"
        print(f"{row['id']}  {state:5}  {row['generation_mode']:9}  {row['name']}")
    if not rows:
        print("no class yet")
    return 0


def _sensors(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    if arguments.nearest:
        return _nearest(DashboardClient(settings), kind=arguments.kind, gateway=arguments.gateway)
    heard = [
        row
        for row in DashboardClient(settings).get("/api/v1/nearby")
        if arguments.kind in {None, row["kind"]} and arguments.gateway in {None, row["gateway"]}
    ]
    for row in sorted(heard, key=lambda row: -row["rssi_dbm"]):
        print(f"{row['sensor']}  {row['kind']:8}  {row['rssi_dbm']:4} dBm  gateway {row['gateway']}{_notes(row)}")
    if not heard:
        print("no sensor in range: wear the strap, put a finger into the oximeter, and look again")
    return 0


def _notes(row: dict[str, Any]) -> str:
    """Return what else is known of a sensor in range."""
    notes = {
        f"on {row['participant']}": row["participant"] is not None,
        f"carried by {row['leased_to']}": row["leased_to"] is not None,
        "connected": row["is_linked"],
        "battery low": row["battery_low"] is True,
        "not worn": row["contact"] is False,
    }
    return "".join(f", {note}" for note, is_so in notes.items() if is_so)


def _nearest(client: DashboardClient, *, kind: str | None, gateway: str | None) -> int:
    query = urlencode({name: value for name, value in (("kind", kind), ("gateway", gateway)) if value is not None})
    found = client.get(f"/api/v1/sensors/nearest?{query}")
    if found["sensor"] is None:
        print(found["text"])
        return 1
    print(f"{found['sensor']}  {found['kind']:8}  {found['rssi_dbm']:4} dBm  gateway {found['gateway']}")
    return 0


def _move(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    client = DashboardClient(settings)
    wanted = arguments.session or _open_session(client)
    if wanted is None:
        print("no class is open")
        return 1
    path = f"{quote(wanted, safe='')}/sensors/{quote(arguments.sensor, safe='')}/move"
    client.post(f"{_SESSIONS}/{path}", {"gateway": arguments.to})
    print(f"sensor {arguments.sensor} moves to gateway {arguments.to}")
    return 0


def _open_session(client: DashboardClient) -> str | None:
    """Return the id of the open class, if there is one."""
    rows = client.get(_SESSIONS)
    return next((str(row["id"]) for row in rows if row.get("ended_utc_ms") is None), None)
