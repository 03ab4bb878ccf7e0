"""Runs: one start of a process that numbers what it says."""

import secrets
from typing import Final

from vitals.readings import RunId

RUN_BITS: Final = 64
"""Enough that two runs of a site never meet: 1e6 starts collide with probability 3e-8."""


def new_run_id() -> RunId:
    """Return the id of a new run: `RUN_BITS` random bits in lower-case hex."""
    return RunId(secrets.token_hex(RUN_BITS // 8))
