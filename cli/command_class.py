"""``vitals session start | end | list | sensors``: a class, from a file or at the end of it; sensors in range."""

import argparse
from pathlib import Path

from cli.configuration import printed_config, settings_of
from cli.dashboard_client import dashboard_url, get_json, post_json, post_toml
from vitals.errors import InputError, SetupError, SetupReason
from vitals.settings import add_common_flags


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``session`` and its verbs."""
    parser = subcommands.add_parser("session", help="start, end or list classes; list sensors in range")
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", required=True)
    start = verbs.add_parser("start", help="start a class", description="Starts the class that a TOML file describes.")
    start.add_argument("--class", dest="class_file", type=Path, required=True, metavar="FILE", help="class file (TOML)")
    start.set_defaults(run=_start)
    end = verbs.add_parser("end", help="end the class that runs")
    end.add_argument("session", nargs="?", help="its id; without one, the open class")
    end.set_defaults(run=_end)
    listing = verbs.add_parser("list", help="list classes, newest first")
    listing.set_defaults(run=_list)
    sensors = verbs.add_parser(
        "sensors",
        help="list sensors in range, strongest first",
        description="Lists the sensors that the gateways hear, strongest first: hold one to the gateway and read "
        "its id for the class file.",
    )
    sensors.set_defaults(run=_sensors)
    for verb in (start, end, listing, sensors):
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
    try:
        session = post_toml(f"{dashboard_url(settings)}/api/v1/sessions", text)
    except InputError as error:
        raise InputError(f"class file {file}", error.problem, error.reason) from error
    print(f"session {session['id']} started; wall: {dashboard_url(settings)}/wall")
    return 0


def _end(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    base = f"{dashboard_url(settings)}/api/v1/sessions"
    wanted = arguments.session or next((row["id"] for row in get_json(base) if row.get("ended_utc_ms") is None), None)
    if wanted is None:
        print("no class is open")
        return 0
    post_json(f"{base}/{wanted}/end", {})
    print(f"session {wanted} ended")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    for row in get_json(f"{dashboard_url(settings)}/api/v1/sessions"):
        state = "open" if row.get("ended_utc_ms") is None else "ended"
        print(f"{row['id']}  {state:5}  {row['generation_mode']:9}  {row['name']}")
    return 0


def _sensors(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    heard = get_json(f"{dashboard_url(settings)}/api/v1/nearby")
    for row in sorted(heard, key=lambda row: -row["rssi_dbm"]):
        print(f"{row['sensor']}  {row['kind']:8}  {row['rssi_dbm']:4} dBm  gateway {row['gateway']}")
    if not heard:
        print("no sensor in range: wear the strap, put a finger into the oximeter, and look again")
    return 0
