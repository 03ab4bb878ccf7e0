"""``vitals bench``: measures this machine and prints the figures, as a table or as one JSON object a line."""

import argparse
import logging
import signal
import sys
from typing import Final

from cli.bench.figure import Figure, render_circumstances, render_table, to_json
from cli.bench.plan import NAMES, SECONDS_USUAL, Plan

PARTICIPANTS_DEFAULT: Final = (30, 300)


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``bench``."""
    parser = subcommands.add_parser(
        "bench",
        help="measure latency, load and speed on this machine",
        description="Measures and judges nothing. Whole classes run as processes of their own through the virtual air; "
        f"in about ten minutes. Names for --only: {', '.join(NAMES)}.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    parser.add_argument(
        "--participants",
        type=_people,
        nargs="+",
        default=PARTICIPANTS_DEFAULT,
        metavar="N",
        help="sizes of the class (30 300)",
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=SECONDS_USUAL, metavar="N", help="length of a measurement (15)"
    )
    parser.add_argument("--only", type=_names, default=NAMES, metavar="NAME,...", help="only these figures")
    parser.set_defaults(run=_run, command_name="bench")


def _run(arguments: argparse.Namespace) -> int:
    from cli.bench.programme import measure  # noqa: PLC0415 - it imports half of the system, which no part needs

    plan = Plan(names=arguments.only, participants=tuple(arguments.participants), seconds=arguments.seconds)
    logging.getLogger().setLevel(logging.ERROR)
    # What was started is stopped before this ends: asyncio.run does so for Ctrl-C, and only for Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    figures: list[Figure] = []
    for figure in measure(plan):
        figures.append(figure)
        # Without --json the table comes at the end; meanwhile somebody wants to see that it goes on.
        print(to_json(figure), file=sys.stdout if arguments.json else sys.stderr, flush=True)
    if not arguments.json:
        print(render_table(figures))
        print()
        print(render_circumstances(figures))
    return 0


def _people(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 300:  # noqa: PLR2004 - as many as the simulator has
        msg = f"{text} is not between 1 and 300"
        raise argparse.ArgumentTypeError(msg)
    return count


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 600:  # noqa: PLR2004 - a measurement, not a soak
        msg = f"{text} is not between 0 and 600"
        raise argparse.ArgumentTypeError(msg)
    return seconds


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in NAMES]
    if unknown or not names:
        msg = f"{', '.join(unknown) or 'nothing'} is none of {', '.join(NAMES)}"
        raise argparse.ArgumentTypeError(msg)
    return names
