"""The broker comes back after minutes: how long the catch-up takes, and how much later live readings arrive meanwhile.

Real are the outbox on this disk and its sender, the broker, and ingest, analysis and dashboard as processes of their
own. The outage itself is not waited for: its readings are put into the outbox with the times that they would have, and
the broker is started when they are there.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import apsw
from msgspec import Struct

from cli.bench.outbox_source import OutboxSource
from cli.bench.screen import Screen
from cli.broker import BrokerPlan, free_port
from cli.children import part_spec
from cli.command_serve import choose_broker
from cli.configuration import environment_of
from cli.dashboard_client import DashboardClient, dashboard_url
from cli.supervisor import Supervisor
from cli.system import anchored, prepare_data, wait_for_dashboard, with_settings
from vitals.database import open_reader
from vitals.sessions import GenerationMode
from vitals.settings import Settings

GATEWAY: Final = "bench"
PARTS: Final = ("dashboard", "analysis", "ingest")
CATCH_UP_S_MAX: Final = 600.0
QUIET_S: Final = 10.0
"""Afterwards, to know what a live reading takes when nothing is caught up."""
QUIET_FROM_MS: Final = 2_000
"""Two commits after the last old reading."""
LATE_MS: Final = 10_000
"""As ingest has it: at this age a reading is marked late."""


class CaughtUp(Struct, frozen=True, kw_only=True):
    """What the record says afterwards.

    ``said`` readings in all, ``stored`` of them once; ``mismarked``: those whose mark of lateness does not fit their
    age at arrival. ``live_ms`` and ``quiet_ms``: from being heard to being in ingest's hands, of readings that were
    said while old ones were caught up, and afterwards. ``screen_*``: the same, but to a websocket client.
    """

    backlog: int
    took_s: float
    said: int
    stored: int
    late: int
    mismarked: int
    live_ms: list[float]
    quiet_ms: list[float]
    screen_live_ms: list[float]
    screen_quiet_ms: list[float]


def measure_outage(*, participants: int, minutes: float, quiet_s: float = QUIET_S) -> CaughtUp:
    """Return how a class of so many people gets over an outage of so many minutes.

    Raises:
        VitalsError: there is no broker, a part refused to start, or nobody answered.
    """
    with tempfile.TemporaryDirectory(prefix="vitals-bench-") as folder:
        settings, broker = choose_broker(_settings(Path(folder)), port=free_port())
        prepare_data(settings)
        broker.write_files()
        return asyncio.run(_measure(settings, broker, participants=participants, minutes=minutes, quiet_s=quiet_s))


async def _measure(
    settings: Settings, broker: BrokerPlan, *, participants: int, minutes: float, quiet_s: float
) -> CaughtUp:
    environment = environment_of(settings, os.environ)
    parts = Supervisor(
        [part_spec(name, environment, is_open=True) for name in PARTS], pids_file=settings.data / "pids.json"
    )
    screen = Screen(dashboard_url(settings))
    with closing(OutboxSource(settings, gateway=GATEWAY, participants=participants)) as source:
        async with _running(parts.run()):
            await wait_for_dashboard(settings)
            await asyncio.to_thread(DashboardClient(settings).post, "/api/v1/sessions", source.class_body())
            backlog = source.fill(minutes=minutes)
            async with source.running():
                children = [] if broker.child is None else [broker.child]
                broker_parts = Supervisor(children, pids_file=settings.data / "broker-pids.json")
                async with _running(broker_parts.run()), _running(screen.watch()):
                    loop = asyncio.get_running_loop()
                    begun_s = loop.time()
                    await source.wait(lambda: source.is_heard, limit_s=CATCH_UP_S_MAX)
                    begun_utc_ms = source.clock.utc_ms()
                    screen.forget()
                    await source.wait(lambda: source.is_caught_up, limit_s=CATCH_UP_S_MAX)
                    took_s, ended_utc_ms = loop.time() - begun_s, source.clock.utc_ms()
                    seen = list(screen.arrivals)
                    await asyncio.sleep(QUIET_FROM_MS / 1000)
                    screen.forget()
                    await asyncio.sleep(quiet_s)
                    seen_quiet = list(screen.arrivals)
                    source.fall_silent()
                    await source.wait(lambda: not source.unconfirmed, limit_s=CATCH_UP_S_MAX)
    with closing(open_reader(settings.data / "record.db")) as record:
        rows = list(_arrivals(record, offset_ms=source.offset_ms))
    ages_ms = [(age_ms, late) for _, age_ms, late in rows]
    return CaughtUp(
        backlog=backlog,
        took_s=took_s,
        said=source.said,
        stored=len(rows),
        late=sum(late for _, late in ages_ms),
        mismarked=sum((age_ms >= LATE_MS) is not late for age_ms, late in ages_ms),
        live_ms=[age_ms for heard, age_ms, _ in rows if begun_utc_ms <= heard < ended_utc_ms],
        quiet_ms=[age_ms for heard, age_ms, _ in rows if heard >= ended_utc_ms + QUIET_FROM_MS],
        screen_live_ms=[one.received_ms - one.at_ms for one in seen if one.at_ms + source.offset_ms >= begun_utc_ms],
        screen_quiet_ms=[one.received_ms - one.at_ms for one in seen_quiet],
    )


def _settings(folder: Path) -> Settings:
    """Return settings of their own: what the environment says is not measured."""
    return anchored(
        with_settings(
            Settings(),
            mode=GenerationMode.SIMULATED,
            data=folder,
            log_level="ERROR",
            dashboard__port=free_port(),
        )
    )


def _arrivals(record: apsw.Connection, *, offset_ms: int) -> Iterator[tuple[int, int, bool]]:
    """Yield of each stored reading when it was heard, in UTC ms, its age at arrival, and whether it is marked late."""
    for mono_ms, received_utc_ms, late in record.execute("SELECT mono_ms, received_utc_ms, late FROM reading"):
        heard = mono_ms + offset_ms
        yield heard, received_utc_ms - heard, bool(late)


@asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run something until the end of the block."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(work, name="bench.outage")
        try:
            yield
        finally:
            running.cancel()
