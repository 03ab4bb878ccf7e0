"""The dashboard of a demonstration: started by `vitals demo`, `replay` and `bench` as a program of its own.

It needs no login, and for that reason it is no subcommand, setting, flag or variable: nothing that a clinic configures
leads here, and the part itself refuses real people, other addresses than 127.0.0.1 and folders that have users.
"""

import argparse
import sys

from cli.command_parts import run_part
from cli.main import run_command
from dashboard.service import run


def main() -> int:
    """Run it with the settings of the environment; return the exit code."""
    arguments = argparse.Namespace(config=None, print_config=False, command_name="dashboard")
    return run_command(lambda: run_part(arguments, lambda settings: run(settings, is_open=True)), arguments)


if __name__ == "__main__":
    sys.exit(main())
