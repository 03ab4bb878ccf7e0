"""``vitals doctor``: says line by line whether this machine can watch a class, and what to do where it cannot."""

import argparse

from cli.configuration import printed_config, settings_of
from vitals.settings import add_common_flags


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``doctor``."""
    parser = subcommands.add_parser(
        "doctor",
        help="say what works on this machine and what does not",
        description="Looks at Python and its packages, Bluetooth radios, the MQTT broker, ports, disk, clock, "
        "databases and the running system; prints one line for each: ok, warn or bad, what, and what was found. "
        "It changes nothing. Ends with code 0 when nothing is bad, else 1.",
    )
    add_common_flags(parser)
    parser.add_argument("--port", dest="dashboard.port", type=int, metavar="PORT", help="port of the wall (8080)")
    parser.add_argument(
        "--radio",
        dest="gateway.radios",
        action="append",
        metavar="SPEC",
        help="radio to look for, may be given several times: bluez:hci0, bumble:usb:0",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON array instead of lines")
    parser.set_defaults(run=_run, command_name="doctor")


def _run(arguments: argparse.Namespace) -> int:
    from cli.doctor.examination import examine  # noqa: PLC0415 - no part that starts should wait for it
    from cli.doctor.finding import is_well, render_json, render_lines  # noqa: PLC0415 - same

    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    findings = examine(settings)
    print(render_json(findings) if arguments.json else render_lines(findings))
    return 0 if is_well(findings) else 1
