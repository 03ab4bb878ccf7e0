"""The dashboard's process: the web server, the bus, the heartbeat and the one who draws, in one TaskGroup."""

import asyncio
import logging
from collections.abc import Coroutine
from socket import gethostname
from typing import Final

from starlette.types import ASGIApp

from dashboard.access.gate import Gate
from dashboard.access.roles import is_recent
from dashboard.api.app import build_app
from dashboard.api.context import Context
from dashboard.furnishing import furnish
from dashboard.guard import Guard, names_of
from dashboard.hearing import Hearing
from dashboard.house import House, open_house
from dashboard.server import serve
from dashboard.ticker import Ticker
from dashboard.view.room import Room
from dashboard.view.trace import TRACE_MS
from dashboard.wires import Wires, wire
from ingest.store.reader import RecordReader
from vitals.clock import open_clock
from vitals.commanding import CommandSender
from vitals.errors import StorageError
from vitals.readings import Quality, ReadingKind
from vitals.sensors import SensorKind
from vitals.sessions import SessionId
from vitals.settings import Settings
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)


async def run(settings: Settings, *, is_open: bool = False) -> None:
    """Serve until cancelled.

    Args:
        settings: of this part.
        is_open: nobody needs a login. Only `vitals demo`, `vitals replay` and tests say so, in code: no file, variable
            or flag can (docs/decisions/0050).

    Raises:
        SetupError: the address is not this machine's and there is no TLS, its files are unreadable, the port is in use,
            another dashboard has the files, the class to start with is unreadable, or what is open must not be.
        StorageError: clinic.db or access.db cannot be opened.
    """
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    with open_house(settings, clock=clock, is_open=is_open) as house:
        wires = wire(settings, house, clock=clock)
        context = furnish(settings, house, wires)
        port: int = house.listener.getsockname()[1]
        app = _wrap(build_app(context), settings, house, port=port)
        scheme = "http" if house.tls is None else "https"
        logger.info(f"dashboard listening url={scheme}://{settings.dashboard.host}:{port}/wall")
        async with wires.bus:
            try:
                async with asyncio.TaskGroup() as tasks:
                    _begin(tasks, app, house, wires, context)
            finally:
                await wires.heartbeat.stop(wires.bus)


def _begin(tasks: asyncio.TaskGroup, app: ASGIApp, house: House, wires: Wires, context: Context) -> None:
    """Begin everything that runs."""
    room, reception, ticker = wires.room, house.reception, wires.ticker
    name = room.name
    works: dict[str, Coroutine[None, None, None]] = {
        "heartbeat": wires.heartbeat.run(wires.bus),
        "commands": _repeat_commands(wires.commands, wires.hearing),
        "ticker": ticker.run(),
        "server": serve(app, house.listener, tls=house.tls),
        "reception": reception.run(),
        "audit": reception.clerk.run(),
        "review": house.review.workshop.run(),
        "summaries": house.warmer.run(),
        "duty": context.duty.run(lambda: (room.batteries, ticker.now().utc_ms)),
        "flow": context.flow_desk.run(),
        "expelled": context.expelled.run(),
        "emergencies": context.emergency_desk.run(),
        "erasures": context.erasure.begin(),
        "traces": _seed_traces(room, ticker, house.reader),
    }
    for what, work in works.items():
        tasks.create_task(work, name=f"dashboard[{name}].{what}")


def _wrap(app: ASGIApp, settings: Settings, house: House, *, port: int) -> Guard:
    """Return the application behind the gate, behind the guard."""

    def is_over(session: str) -> bool:
        found = house.clinic.find(SessionId(session))
        return found is not None and found.roster.ended_utc_ms is not None

    names = names_of(settings.dashboard.host, settings.dashboard.names, own_name=gethostname())

    def is_past(session: str) -> bool:
        found = house.clinic.find(SessionId(session))
        now_utc_ms = house.reception.now_utc_ms()
        return found is not None and not is_recent(found.roster.ended_utc_ms, now_utc_ms=now_utc_ms)

    gate = Gate(app, reception=house.reception, is_over=is_over, is_past=is_past)
    return Guard(gate, port=port, names=names, is_tls=house.tls is not None)


async def _repeat_commands(commands: CommandSender, hearing: Hearing) -> None:
    try:
        await commands.run()
    finally:
        hearing.end()


async def _seed_traces(room: Room, ticker: Ticker, reader: RecordReader) -> None:
    """Fill the sparklines from the record once, so that a restart does not empty them."""
    now = ticker.now()
    straps = [sensor for sensor, worn in room.worn.items() if worn.kind is SensorKind.STRAP]
    if not straps:
        return
    try:
        since = UtcMs(now.utc_ms - TRACE_MS)
        histories = await asyncio.to_thread(reader.live_history, straps, since_utc_ms=since)
    except StorageError as error:
        logger.info(f"sparklines begin empty {error}")
        return
    for history in histories:
        if history.kind is ReadingKind.HR:
            for point in history.points:
                value = None if point.quality is Quality.UNUSABLE else point.value
                room.remember(history.sensor, utc_ms=point.utc_ms, value=value, now=now)
    ticker.hub.publish_anew()
