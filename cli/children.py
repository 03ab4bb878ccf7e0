"""A child process: its specification, and how it is started."""

import asyncio
import ctypes
import os
import pwd
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

_PR_SET_PDEATHSIG: Final = 1


class ChildSpec(Struct, frozen=True, kw_only=True):
    """One process. ``is_once``: it may end by itself with code 0, which is its success and not a fault.

    ``ready_port``: the next child starts when something listens there; None: at once. ``stdin``: a file that it reads.
    ``user``: who it runs as, when not as we do.
    """

    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    is_once: bool = False
    ready_port: int | None = None
    stdin: Path | None = None
    user: str | None = None


async def spawn_child(spec: ChildSpec, *, with_parent: bool = False) -> Process:
    """Start the process of a specification, in a group of its own: Ctrl-C reaches the supervisor alone.

    Args:
        spec: what to start.
        with_parent: the kernel ends it when we die, however that happens (Linux only).

    Raises:
        OSError: the program or its input cannot be opened.
    """
    with (spec.stdin or Path(os.devnull)).open("rb") as stdin:
        return await asyncio.create_subprocess_exec(
            *spec.argv,
            env=spec.environment,
            stdin=stdin,
            user=spec.user,
            group=None if spec.user is None else pwd.getpwnam(spec.user).pw_gid,
            extra_groups=None if spec.user is None else (),
            start_new_session=True,
            # Runs after the change of user, which would undo it (prctl(2)).
            preexec_fn=_die_with_parent if with_parent and sys.platform == "linux" else None,
        )


OPEN_DASHBOARD: Final = ("-m", "cli.open_dashboard")
"""The dashboard that needs no login, for simulated and recorded people alone."""


def part_spec(name: str, environment: Mapping[str, str], *, is_once: bool = False, is_open: bool = False) -> ChildSpec:
    """Return the specification of one of our parts; its settings are in the environment, not in the arguments.

    ``is_open``: the dashboard, if this is it, needs no login; a demonstration says so.
    """
    module = OPEN_DASHBOARD if is_open and name == "dashboard" else ("-m", "cli", name)
    return ChildSpec(
        name=name,
        argv=(sys.executable, "-P", *module),
        environment=dict(environment),
        is_once=is_once,
    )


def _die_with_parent() -> None:
    """Ask the kernel to end this child when the supervisor dies, however that happens (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
