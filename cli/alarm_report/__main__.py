"""``make alarm-report``: judges the trial and the recordings, and prints the page to standard output."""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from analysis.rule_set import DEFAULT
from cli.alarm_report.page import render
from cli.alarm_report.recorded import judge_recorded
from cli.alarm_report.simulated import judge_simulated
from simulators.trial.parameters import SEEDS

OWN: Final = Path("tests/data/recordings")
"""The recordings that may be passed on with the program."""


def main() -> int:
    """Print the page; a minute for each seed and processor, about."""
    parser = argparse.ArgumentParser(prog="alarm-report", description=__doc__)
    parser.add_argument("--recordings", type=Path, default=OWN, metavar="FOLDER", help="recordings of people")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), metavar="N", help="so many of the 20 seeds")
    arguments = parser.parse_args()
    is_own = arguments.recordings == OWN
    folder = "`tests/data/recordings`" if is_own else "a folder of the public recordings that the tables name"
    simulated = judge_simulated(SEEDS[: arguments.seeds], processes=os.cpu_count() or 1)
    sys.stdout.write(render(simulated, judge_recorded(arguments.recordings), DEFAULT, folder=folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
