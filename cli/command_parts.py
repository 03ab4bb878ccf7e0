"""``vitals gateway | ingest | analysis | alerts | dashboard | simulate``: one part, in the foreground."""

import argparse
import importlib
from collections.abc import Callable, Coroutine
from typing import Any, Final, NamedTuple

from cli import collector
from cli.command_gateway import add_gateway_verbs
from cli.configuration import printed_config, settings_of
from cli.running import run_until_told
from vitals.errors import SetupError, SetupReason
from vitals.settings import Settings, add_common_flags


class _PartCommand(NamedTuple):
    """A subcommand that runs one part. ``extra``: what to install when its packages are missing."""

    name: str
    module: str
    extra: str
    help: str
    description: str


_PARTS: Final = (
    _PartCommand(
        "gateway",
        "gateway.service",
        "gateway",
        "hear straps and oximeters over Bluetooth",
        "Connects the sensors that the class assigns to this gateway and publishes what they say. "
        "Keeps readings on disk until the record has them.",
    ),
    _PartCommand(
        "ingest",
        "ingest.service",
        "ingest",
        "keep the record",
        "Stores every reading, alarm and command once, and tells the gateways how far it has come.",
    ),
    _PartCommand(
        "analysis",
        "analysis.service",
        "analysis",
        "decide about alarms",
        "Watches heart rate and oxygen saturation against each person's limits.",
    ),
    _PartCommand(
        "alerts",
        "alerts.service",
        "alerts",
        "call people's phones",
        "Calls who is on duty when an alarm is on, and others when nobody accepts: by pushes to browsers, ntfy, mail "
        "and what else apprise knows. `vitals push-test --to NAME` tries it.",
    ),
    _PartCommand(
        "dashboard",
        "dashboard.service",
        "dashboard",
        "serve the wall",
        "Serves the pages to whoever is logged in (`vitals user`). It listens on this machine alone, unless there are "
        "certificate files for https.",
    ),
    _PartCommand(
        "simulate",
        "simulators.service",
        "simulators",
        "simulated people with virtual sensors",
        "Puts virtual straps and oximeters into a virtual air; a gateway hears them through "
        "the radio bumble:tcp-client:127.0.0.1:9001. Scenarios: demo (all kinds of trouble), quiet (none), "
        "crisis (everybody at once).",
    ),
)


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add one subcommand for each part."""
    for part in _PARTS:
        parser = subcommands.add_parser(part.name, help=part.help, description=part.description)
        add_common_flags(parser)
        _ADD_FLAGS[part.name](parser)
        if part.name == "gateway":
            add_gateway_verbs(parser)
        parser.set_defaults(run=_runner(part), command_name=part.name)


def _runner(part: _PartCommand) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        overrides = {"mode": "simulated"} if part.name == "simulate" else {}
        settings = settings_of(arguments, quiet=False, **overrides)
        if printed_config(arguments, settings):
            return 0
        return _run_service(_import_service(part), settings)

    return run


def run_part(arguments: argparse.Namespace, service: Callable[[Settings], Coroutine[Any, Any, object]]) -> int:
    """Run a part that is imported already; return its exit code."""
    return _run_service(service, settings_of(arguments))


def _run_service(service: Callable[[Settings], Coroutine[Any, Any, object]], settings: Settings) -> int:
    collector.settle()
    return run_until_told(service(settings))


def _import_service(part: _PartCommand) -> Callable[[Settings], Coroutine[Any, Any, object]]:
    try:
        module = importlib.import_module(part.module)
    except ModuleNotFoundError as error:
        msg = f"{part.name} needs the package {error.name}: install session-vitals[{part.extra}]"
        raise SetupError(msg, SetupReason.MISSING_PACKAGE) from error
    service: Callable[[Settings], Coroutine[Any, Any, object]] = module.run
    return service


def _add_gateway_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--id", dest="gateway.id", metavar="NAME", help="name of this gateway (default g1)")
    parser.add_argument(
        "--radio",
        dest="gateway.radios",
        action="append",
        metavar="SPEC",
        help="radio to hear with, may be given several times: bluez:hci0, bumble:usb:0, bumble:tcp-client:HOST:PORT",
    )
    parser.add_argument(
        "--capture",
        dest="gateway.capture",
        metavar="FILE",
        help="write what the radios of ours (bumble:...) say into a btsnoop file for support, two times 64 MiB at "
        "most; it holds addresses and measurements. For bluez:... radios use btmon -w FILE instead",
    )
    _add_mode_flags(parser)


def _add_dashboard_flags(parser: argparse.ArgumentParser) -> None:
    add_web_flags(parser)
    _add_mode_flags(parser)


def add_web_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--host`` and ``--port`` of the dashboard."""
    parser.add_argument("--host", dest="dashboard.host", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", dest="dashboard.port", type=int, metavar="PORT", help="port of the wall (8080)")


def _add_simulate_flags(parser: argparse.ArgumentParser) -> None:
    add_people_flags(parser)
    parser.add_argument("--air-port", dest="simulators.port", type=int, metavar="PORT", help="port of the air (9001)")
    parser.add_argument("--scenario", dest="simulators.scenario", metavar="NAME", help="demo, quiet or crisis")
    _add_mode_flags(parser)


def add_people_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--participants`` and ``--seed`` of the simulated class."""
    parser.add_argument(
        "--participants", dest="simulators.participants", type=int, metavar="N", help="how many people (12)"
    )
    parser.add_argument("--seed", dest="simulators.seed", type=int, metavar="N", help="the same seed, the same class")


def _add_mode_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mode", metavar="MODE", help="where numbers come from: real, replayed, simulated or test")
    parser.add_argument("--clock-rate", dest="clock_rate", type=float, metavar="N", help="N times faster than life")


_ADD_FLAGS: Final[dict[str, Callable[[argparse.ArgumentParser], None]]] = {
    "gateway": _add_gateway_flags,
    "ingest": _add_mode_flags,
    "analysis": _add_mode_flags,
    "alerts": _add_mode_flags,
    "dashboard": _add_dashboard_flags,
    "simulate": _add_simulate_flags,
}
