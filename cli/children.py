"""What the supervisor keeps running: one specification for each child process, in order of their start. Pure."""

import sys
from collections.abc import Mapping

from msgspec import Struct


class ChildSpec(Struct, frozen=True, kw_only=True):
    """One process. ``is_once``: it may end by itself with code 0, which is its success and not a fault.

    ``ready_port``: the next child starts when something listens there; None: at once.
    """

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    is_once: bool = False
    ready_port: int | None = None


def part_spec(name: str, environment: Mapping[str, str], *, is_once: bool = False) -> ChildSpec:
    """Return the specification of one of our parts; its settings are in the environment, not in the arguments."""
    return ChildSpec(
        name=name,
        argv=(sys.executable, "-P", "-m", "cli", name),
        environment=dict(environment),
        is_once=is_once,
    )
