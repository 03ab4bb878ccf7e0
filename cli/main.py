"""The ``vitals`` command: one subcommand a part, and those that run, start or look at the whole system."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from cli import (
    command_audit,
    command_backtest,
    command_backup,
    command_bench,
    command_class,
    command_decode,
    command_demo,
    command_doctor,
    command_erase,
    command_export,
    command_parts,
    command_push_test,
    command_replay,
    command_report,
    command_serve,
    command_site,
    command_user,
    command_way,
)
from vitals.errors import InputError, SetupError, VitalsError

logger: Final = logging.getLogger(__name__)

EXIT_FAILED: Final = 1
EXIT_REFUSED: Final = 2
"""What a part ends with when a person must change something: starting it again will not help."""

_COMMANDS: Final = (
    command_demo,
    command_serve,
    command_replay,
    command_class,
    command_parts,
    command_doctor,
    command_user,
    command_push_test,
    command_way,
    command_audit,
    command_backup,
    command_site,
    command_report,
    command_export,
    command_erase,
    command_backtest,
    command_decode,
    command_bench,
)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with all subcommands."""
    parser = argparse.ArgumentParser(
        prog="vitals",
        description="Watches heart rate, oxygen saturation and exertion of everybody in an exercise class.",
        epilog="Not a medical device. It adds to direct supervision and replaces none of it.",
    )
    subcommands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_commands(subcommands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code (0 well, 1 failed, 2 refused: one line on stderr says why)."""
    arguments = build_parser().parse_args(argv)
    return run_command(lambda: int(arguments.run(arguments)), arguments)


def run_command(command: Callable[[], int], arguments: argparse.Namespace) -> int:
    """Run a command with the log started; return its exit code, as `main` does."""
    # Whatever we write is for the owner alone, also in a folder that others can read.
    os.umask(0o077)
    _start_log(arguments)
    try:
        return command()
    except (SetupError, InputError) as error:
        print(f"vitals: {error}", file=sys.stderr)
        return EXIT_REFUSED
    except VitalsError as error:
        print(f"vitals: {error}", file=sys.stderr)
        return EXIT_FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except OSError as error:
        if error.filename is None:
            raise
        # A file or folder that this user may not use, or that is not what it is taken for: no fault of the program.
        logger.debug("command.failed", exc_info=True)
        print(f"vitals: {error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return 0


def _start_log(arguments: argparse.Namespace) -> None:
    name = getattr(arguments, "command_name", "vitals")
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {name} %(levelname)s %(name)s %(message)s")
    # Libraries speak when somebody must look; our own modules speak as the settings say.
    for library in ("aiomqtt", "mqtt", "bleak", "bumble", "uvicorn", "asyncio", "httpx", "httpcore"):
        logging.getLogger(library).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
