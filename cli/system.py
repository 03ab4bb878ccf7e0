"""A whole system under one supervisor: which parts, which broker, which ports; shared by serve, demo and replay."""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from cli.broker import BrokerPlan, plan_broker
from cli.children import ChildSpec, part_spec
from cli.configuration import environment_of
from cli.dashboard_client import DashboardClient
from cli.holdings import refuse_half_restored
from cli.supervisor import Supervisor
from vitals.clock import new_anchor
from vitals.database import sole_owner
from vitals.errors import PeerError, SetupError, SetupReason
from vitals.settings import Settings

logger = logging.getLogger(__name__)

DASHBOARD_READY_S: Final = 30.0
PIDS_FILE: Final = "pids.json"
"""In the data folder while a system runs: process ids by part."""


def with_settings(settings: Settings, **changes: object) -> Settings:
    """Return the settings with some changed, by ``section__key`` or ``key``; checked like all settings."""
    # What nobody set stays unset, so that it can still be told apart (a broker that was named is not started).
    tree = settings.model_dump(exclude_unset=True)
    for key, value in changes.items():
        section, _, name = key.rpartition("__")
        (tree.setdefault(section, {}) if section else tree)[name] = value
    return Settings.model_validate(tree)


def prepare_data(settings: Settings) -> None:
    """Make the data folder, for the owner alone.

    Raises:
        SetupError: it cannot be made.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        msg = f"data folder {settings.data} cannot be made: {error.strerror}"
        raise SetupError(msg, SetupReason.SETTINGS) from error


def require_free_port(settings: Settings) -> None:
    """Refuse an address or port that cannot be ours before anything starts: whoever answers there is given our class.

    Raises:
        SetupError: somebody listens on the dashboard's port, or its address needs https and there is none.
    """
    _require_allowed_address(settings)
    host, port = settings.dashboard.host, settings.dashboard.port
    try:
        with socket.create_connection((host, port), timeout=1):
            pass
    except OSError:
        return
    msg = f"dashboard.port = {port}: in use on {host} by another program; choose another with --port"
    raise SetupError(msg, SetupReason.PORT_IN_USE)


def _require_allowed_address(settings: Settings) -> None:
    try:
        from dashboard.guard import require_allowed  # noqa: PLC0415 - only what starts a dashboard needs its packages
        from dashboard.server import read_tls  # noqa: PLC0415
    except ModuleNotFoundError:
        return  # the part itself says what to install
    tls = read_tls(settings.dashboard.certificate_file, settings.dashboard.key_file)
    require_allowed(settings.dashboard.host, is_tls=tls is not None)


def plan_children(settings: Settings, broker: BrokerPlan, *, with_simulator: bool) -> tuple[ChildSpec, ...]:
    """Return the children of a system in the order in which they start: broker first, gateway last.

    A system with a simulator is a demonstration: its dashboard needs no login.
    """
    environment = environment_of(settings, os.environ)
    children = [broker.child] if broker.child is not None else []
    if with_simulator:
        children.append(part_spec("simulate", environment, is_once=bool(settings.simulators.recordings)))
    parts = ("dashboard", "gateway", "analysis", "ingest", "alerts")
    children += [part_spec(name, environment, is_open=with_simulator) for name in parts]
    return tuple(children)


async def run_system(
    settings: Settings,
    broker: BrokerPlan,
    *,
    with_simulator: bool,
    host: Callable[[Supervisor], Awaitable[None]] | None = None,
) -> None:
    """Run all parts until cancelled, or until ``host`` returns (it opens a class, waits for an end).

    Raises:
        SetupError: a part refused to start, or another system runs in this data folder.
    """
    prepare_data(settings)
    refuse_half_restored(settings)
    with sole_owner(settings.data / PIDS_FILE, what="system"):
        broker.write_files()
        broker.tell()
        specs = plan_children(settings, broker, with_simulator=with_simulator)
        supervisor = Supervisor(specs, pids_file=settings.data / PIDS_FILE)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(supervisor.run(), name="supervisor.run")
            if host is not None:
                try:
                    await host(supervisor)
                finally:
                    running.cancel()


async def wait_for_dashboard(settings: Settings) -> None:
    """Return when the dashboard answers.

    Raises:
        PeerError: it does not within `DASHBOARD_READY_S`.
    """
    client = DashboardClient(settings)
    deadline = asyncio.get_running_loop().time() + DASHBOARD_READY_S
    while True:
        try:
            await asyncio.to_thread(client.get, "/healthz")
        except PeerError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            return


def plan_own_broker(settings: Settings, *, port: int) -> tuple[Settings, BrokerPlan]:
    """Return the settings with the address of a broker of our own on ``port``, and the plan for it.

    Raises:
        SetupError: no broker is installed.
    """
    broker = plan_broker(port=port, settings=settings)
    return with_settings(settings, broker=broker.url), broker


def anchored(settings: Settings) -> Settings:
    """Return the settings with a clock anchor of now, so that all parts tell the same time."""
    return with_settings(settings, clock_anchor=new_anchor())
