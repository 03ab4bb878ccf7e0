"""Runs a whole class: every part a process of its own, people in the virtual air, and a screen that measures."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from cli.bench.drill import Drill, run_drill
from cli.bench.hush import Hush, measure_hush
from cli.bench.phones import Phones
from cli.bench.processes import Load, load_between, read_all
from cli.bench.screen import Screen
from cli.bench.sent import SentLog
from cli.bench.taking import Taking, take_alarms
from cli.bench.wall import WallCost, measure_wall
from cli.broker import free_port
from cli.command_serve import choose_broker
from cli.dashboard_client import DashboardClient, dashboard_url
from cli.doctor.running import read_pids
from cli.supervisor import Supervisor
from cli.system import PIDS_FILE, anchored, run_system, wait_for_dashboard, with_settings
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.settings import Settings
from vitals.site_key import open_site_key

WARM_UP_S: Final = 20.0
WARM_UP_S_PER_PERSON: Final = 0.5
"""Sensors connect one after the other. What is not connected by then is left out, and the figure says so."""

SETTLE_S: Final = 3.0
"""After the last sensor the first alarms about missing data end and caches fill."""

RADIO_SLOTS: Final = 1000
TWO_RADIOS_FROM: Final = 100
"""A radio connects one sensor after the other, four or five a second: 525 sensors want two radios."""


class Wish(Struct, frozen=True, kw_only=True):
    """Which class to run, and what to do in it once its sensors are live; ``seconds``: for how long each."""

    participants: int
    seconds: float
    observes: bool = False
    with_wall: bool = False
    with_alarms: bool = False
    with_calls: bool = False


class Observed(Struct, frozen=True, kw_only=True):
    """A class in its course. ``loads`` by part; ``frames``: bytes of each in ``seconds``.

    ``unmatched``: values on the screen for which no notification was found; their latency is unknown.
    """

    seconds: float
    latencies_ms: list[float]
    unmatched: int
    loads: dict[str, Load]
    frames: list[int]


class Outcome(Struct, frozen=True, kw_only=True):
    """What a class gave; None: not wished for. ``live`` of ``sensors`` gave data when the warm-up was over."""

    live: int
    sensors: int
    warm_up_s: float
    observed: Observed | None
    wall: WallCost | str | None
    drill: Drill | None
    calls_ms: list[float] | None
    taking: Taking | None
    hush: Hush | str | None = None


def run_class(wish: Wish) -> Outcome:
    """Run a class from its start to the last thing that was wished for.

    Raises:
        VitalsError: a part refused to start, or nobody answered.
    """
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="vitals-bench-") as folder:
        settings, broker = choose_broker(_settings(Path(folder), wish.participants), port=free_port())

        async def host(_supervisor: Supervisor) -> None:
            body = await asyncio.to_thread(_plan, settings)
            await wait_for_dashboard(settings)
            async with _watching(settings) as screen:
                await asyncio.to_thread(DashboardClient(settings).post, "/api/v1/sessions", body)
                outcomes.append(await _attend(settings, screen, wish))

        asyncio.run(run_system(settings, broker, with_simulator=True, host=host))
    return outcomes[0]


async def _attend(settings: Settings, screen: Screen, wish: Wish) -> Outcome:
    begun_s = time.monotonic()
    await screen.wait(_is_live, limit_s=WARM_UP_S + WARM_UP_S_PER_PERSON * wish.participants)
    warm_up_s, counts = time.monotonic() - begun_s, screen.counts
    await asyncio.sleep(SETTLE_S)
    url = f"{dashboard_url(settings)}/wall"
    observed = await _observe(settings, screen, wish.seconds) if wish.observes else None
    wall = await measure_wall(url, seconds=wish.seconds / 2) if wish.with_wall else None
    drill, calls_ms = await _drill(settings, screen, wish)
    hush = await measure_hush(settings) if drill is not None and wish.with_wall else None
    hushed = hush.alarms if isinstance(hush, Hush) else frozenset()
    return Outcome(
        live=0 if counts is None else counts.straps_live + counts.oximeters_live,
        sensors=0 if counts is None else counts.straps + counts.oximeters,
        warm_up_s=warm_up_s,
        observed=observed,
        wall=wall,
        drill=drill,
        calls_ms=calls_ms,
        taking=None if drill is None else await take_alarms(settings, sorted(screen.alarms_on & drill.alarms - hushed)),
        hush=hush,
    )


async def _drill(settings: Settings, screen: Screen, wish: Wish) -> tuple[Drill | None, list[float] | None]:
    """Raise alarms, with phones to be called or without."""
    if not wish.with_calls:
        return (await run_drill(settings, screen) if wish.with_alarms else None), None
    async with Phones(settings) as phones:
        await phones.subscribe()
        drill = await run_drill(settings, screen)
        await phones.settled(at_least=1)
        return (drill if wish.with_alarms else None), phones.delays_ms()


async def _observe(settings: Settings, screen: Screen, seconds: float) -> Observed:
    pids = read_pids(settings.data / PIDS_FILE) or {}
    screen.forget()
    before, from_s = read_all(pids), time.monotonic()
    await asyncio.sleep(seconds)
    after, took_s = read_all(pids), time.monotonic() - from_s
    arrivals, frames = list(screen.arrivals), list(screen.frames)
    log = settings.simulators.sent_log
    lines = log.read_text(encoding="utf-8").splitlines() if log is not None else []
    latencies_ms = SentLog(lines).latencies_ms(arrivals)
    return Observed(
        seconds=took_s,
        latencies_ms=latencies_ms,
        unmatched=len(arrivals) - len(latencies_ms),
        loads=load_between(before, after, seconds=took_s),
        frames=frames,
    )


def _settings(folder: Path, participants: int) -> Settings:
    """Return settings of their own: what the environment says is not measured."""
    port = free_port()
    return anchored(
        with_settings(
            Settings(),
            mode=GenerationMode.SIMULATED,
            data=folder,
            log_level="ERROR",
            dashboard__port=free_port(),
            simulators__port=port,
            simulators__participants=participants,
            simulators__scenario="quiet",
            simulators__sent_log=folder / "sent.jsonl",
            gateway__radios=tuple(
                f"bumble:tcp-client:{host}:{port}?slots={RADIO_SLOTS}" for host in _radio_hosts(participants)
            ),
        )
    )


def _radio_hosts(participants: int) -> tuple[str, ...]:
    """Return the names under which the gateway finds the virtual air; each connection is a radio of its own."""
    return ("127.0.0.1", "localhost") if participants >= TWO_RADIOS_FROM else ("127.0.0.1",)


@asynccontextmanager
async def _watching(settings: Settings) -> AsyncIterator[Screen]:
    screen = Screen(dashboard_url(settings))
    async with asyncio.TaskGroup() as tasks:
        watcher = tasks.create_task(screen.watch(), name="bench[screen].watch")
        try:
            yield screen
        finally:
            watcher.cancel()


def _plan(settings: Settings) -> dict[str, object]:
    """Return the body of the class. Imports here: bumble takes a while, and the parts are starting meanwhile."""
    from simulators.cast import cast_people, draw_people, plan_class  # noqa: PLC0415
    from simulators.kit import plan_kit  # noqa: PLC0415

    people = draw_people(people=settings.simulators.participants, seed=settings.simulators.seed)
    return plan_class(
        cast_people(people, plan_kit(settings.simulators)),
        name="Benchmark",
        mode=settings.mode,
        room=settings.dashboard.room,
        gateway=GatewayId(settings.gateway.id),
        site_key=open_site_key(settings.site_key_file),
    )


def _is_live(screen: Screen) -> bool:
    counts = screen.counts
    return (
        counts is not None
        and counts.straps > 0
        and counts.straps_live == counts.straps
        and counts.oximeters_live == counts.oximeters
    )
