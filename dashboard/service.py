"""The dashboard's process: the web server, the bus, the heartbeat and the one who draws, in one TaskGroup."""

import asyncio
import logging
import secrets
from contextlib import closing
from pathlib import Path
from socket import gethostname, socket
from typing import Final

from msgspec import Struct
from starlette.types import ASGIApp

from dashboard.access.gate import Gate
from dashboard.access.reception import Reception, open_reception
from dashboard.access.roles import is_recent
from dashboard.api.app import build_app
from dashboard.api.context import Context
from dashboard.classes import decode_class
from dashboard.clinic import Clinic
from dashboard.desk import Desk
from dashboard.emergency.script import find_script
from dashboard.emergency_desk import EmergencyDesk
from dashboard.entry_desk import EntryDesk
from dashboard.erasure.erasure_desk import ErasureDesk
from dashboard.export.office import Office
from dashboard.flow.plan import FlowPlan, decode_plan
from dashboard.flow_desk import FlowDesk
from dashboard.flow_reader import FlowReader
from dashboard.guard import Guard, names_of
from dashboard.health.health_desk import HealthDesk
from dashboard.health.signs import Signs
from dashboard.hearing import Hearing
from dashboard.push.answer_desk import AnswerDesk
from dashboard.push.open_phones import OpenPhones
from dashboard.push.way_desk import WayDesk
from dashboard.register.duty_desk import DutyDesk
from dashboard.register.staff import Staff
from dashboard.review.review_desk import ReviewDesk
from dashboard.review.warmer import Warmer
from dashboard.server import Tls, listen, read_tls, serve
from dashboard.ticker import Ticker
from dashboard.view.alarm_path import PROBLEM
from dashboard.view.parts import Moment
from dashboard.view.picture import Stage
from dashboard.view.room import Room
from dashboard.view.trace import TRACE_MS
from dashboard.wear_desk import WearDesk
from dashboard.zone import find_zone
from ingest.store.reader import RecordReader
from vitals.bus import Bus
from vitals.clock import Clock, open_clock
from vitals.commanding import CommandSender
from vitals.database import sole_owner
from vitals.errors import InputError, SetupError, SetupReason, StorageError
from vitals.heartbeat import Heartbeat
from vitals.parts import Part
from vitals.readings import Quality, ReadingKind
from vitals.runs import new_run_id
from vitals.sensors import SensorKind
from vitals.sessions import SessionId
from vitals.settings import Settings
from vitals.site_key import open_site_key
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)


class _House(Struct, frozen=True, kw_only=True):
    """What is opened before anything runs, and closed after everything."""

    listener: socket
    tls: Tls | None
    clinic: Clinic
    reader: RecordReader
    reception: Reception
    plan: FlowPlan
    review: ReviewDesk
    warmer: Warmer


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
    plan = _read_plan(settings.dashboard.flow_file)
    tls = read_tls(settings.dashboard.certificate_file, settings.dashboard.key_file)
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    with (
        closing(listen(settings.dashboard.host, settings.dashboard.port, is_tls=tls is not None)) as listener,
        sole_owner(settings.clinic_file, what="dashboard"),
        closing(Clinic(settings.clinic_file)) as clinic,
        closing(RecordReader(settings.record_file)) as reader,
        closing(_open_review(settings)) as review,
        open_reception(settings, clock=clock, is_open=is_open) as reception,
    ):
        house = _House(
            plan=plan,
            listener=listener,
            tls=tls,
            clinic=clinic,
            reader=reader,
            review=review,
            warmer=Warmer(
                review,
                now_utc_ms=clock.utc_ms,
                keep_days=settings.ingest.keep_sessions_days,
                delete_classes=lambda before_utc_ms: clinic.delete_ended(before_utc_ms=before_utc_ms),
            ),
            reception=reception,
        )
        await _run(settings, house, clock=clock)


async def _run(settings: Settings, house: _House, *, clock: Clock) -> None:
    clinic, reader, reception = house.clinic, house.reader, house.reception
    name = settings.dashboard.room
    heartbeat = Heartbeat(
        part=Part.DASHBOARD, instance=name, run=new_run_id(), site=settings.site, mode=settings.mode, clock=clock
    )
    bus = Bus(
        url=settings.broker,
        client_id=f"dashboard-{heartbeat.run_id}",
        clock=clock,
        will=heartbeat.will(),
        ca_file=settings.broker_ca_file,
    )
    room = Room(name=name, now=Moment(ms=clock.mono_ms(), utc_ms=clock.utc_ms()))
    stage = _set_stage(settings)
    ticker = Ticker(room=room, stage=stage, clock=clock)
    commands = CommandSender(
        path=settings.clinic_file.with_name("commands.db"),
        bus=bus,
        site=settings.site,
        clock=clock,
        hears_statuses=False,
    )
    desk = Desk(
        clinic=clinic, bus=bus, commands=commands, room=room, ticker=ticker, site=settings.site, mode=settings.mode
    )
    hearing = Hearing(room=room, clock=clock, site=settings.site, on_alarm=ticker.hurry, on_status=desk.hear_status)
    hearing.subscribe(bus)
    desk.resume()
    _begin_with(desk, settings)
    heartbeat.before_beat(lambda: _count(heartbeat, bus, ticker, desk, house))
    heartbeat.before_beat(lambda: heartbeat.set_problem(PROBLEM, present=room.is_alarm_path_lost(clock.mono_ms())))
    port: int = house.listener.getsockname()[1]
    entry_desk = EntryDesk(desk=desk, commands=commands, room=room, ticker=ticker)
    wear_desk = WearDesk(
        classes=desk.classes, orders=desk.orders, clinic=clinic, room=room, ticker=ticker, mode=settings.mode
    )
    flow_desk = FlowDesk(
        desk=desk,
        wear_desk=wear_desk,
        entry_desk=entry_desk,
        clinic=clinic,
        reader=FlowReader(reader=reader, clinic=clinic),
        room=room,
        ticker=ticker,
        plan=house.plan,
    )
    duty = DutyDesk(shelf=clinic.shelf, bus=bus, site=settings.site)
    emergency_desk = EmergencyDesk(
        entry_desk=entry_desk,
        desk=desk,
        room=room,
        ticker=ticker,
        reader=reader,
        script=find_script(settings.dashboard.emergency_steps),
    )
    ways = WayDesk(desk=desk, commands=commands, room=room, ticker=ticker, key_file=settings.vapid_public_file)
    open_phones = OpenPhones(desk=desk, ways=ways, room=room, ticker=ticker)
    heartbeat.before_beat(open_phones.look)
    signs = Signs(site=settings.site, watch=room.parts)
    signs.subscribe(bus)
    health = HealthDesk(
        room=room,
        stage=stage,
        ticker=ticker,
        signs=signs,
        ways=ways,
        reception=reception,
        folder=settings.data,
        backup_mark=settings.backup_mark_file,
    )
    heartbeat.before_beat(health.look)
    erasure = ErasureDesk(clinic=clinic, review=house.review, commands=commands, room=room, ticker=ticker)
    context = Context(
        room=room,
        stage=stage,
        ticker=ticker,
        desk=desk,
        entry_desk=entry_desk,
        emergency_desk=emergency_desk,
        wear_desk=wear_desk,
        flow_desk=flow_desk,
        clinic=clinic,
        reader=reader,
        review=house.review,
        reception=reception,
        answers=AnswerDesk(
            desk=desk, room=room, ticker=ticker, reception=reception, key=open_site_key(settings.action_key_file)
        ),
        ways=ways,
        open_phones=open_phones,
        health=health,
        duty=duty,
        staff=Staff(clinic.shelf),
        erasure=erasure,
        office=Office(settings, zone=stage.zone_name),
        is_tls=house.tls is not None,
    )
    app = _wrap(build_app(context), settings, house, port=port)
    logger.info(
        f"dashboard listening url={'http' if house.tls is None else 'https'}://{settings.dashboard.host}:{port}/wall"
    )
    async with bus:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(heartbeat.run(bus), name=f"dashboard[{name}].heartbeat")
                tasks.create_task(_repeat_commands(commands, hearing), name=f"dashboard[{name}].commands")
                tasks.create_task(ticker.run(), name=f"dashboard[{name}].ticker")
                tasks.create_task(serve(app, house.listener, tls=house.tls), name=f"dashboard[{name}].server")
                tasks.create_task(reception.run(), name=f"dashboard[{name}].reception")
                tasks.create_task(reception.clerk.run(), name=f"dashboard[{name}].audit")
                _begin_review(tasks, house, name)
                tasks.create_task(duty.run(lambda: (room.batteries, clock.utc_ms())), name=f"dashboard[{name}].duty")
                tasks.create_task(flow_desk.run(), name=f"dashboard[{name}].flow")
                tasks.create_task(emergency_desk.run(), name=f"dashboard[{name}].emergencies")
                tasks.create_task(erasure.begin(), name=f"dashboard[{name}].erasures")
                tasks.create_task(_seed_traces(room, ticker, reader), name=f"dashboard[{name}].traces")
        finally:
            await heartbeat.stop(bus)


def _wrap(app: ASGIApp, settings: Settings, house: _House, *, port: int) -> Guard:
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


def _open_review(settings: Settings) -> ReviewDesk:
    return ReviewDesk(
        record_file=settings.record_file,
        clinic_file=settings.clinic_file,
        rules_file=settings.analysis.rules,
        zone=find_zone(),
    )


def _set_stage(settings: Settings) -> Stage:
    zone = find_zone()
    return Stage(
        epoch=secrets.token_hex(8),
        instance=settings.dashboard.room,
        mode=settings.mode,
        rate=settings.clock_rate,
        zone_name=zone.key,
        zone=zone,
        language=settings.dashboard.language,
    )


def _begin_review(tasks: asyncio.TaskGroup, house: _House, name: str) -> None:
    tasks.create_task(house.review.workshop.run(), name=f"dashboard[{name}].review")
    tasks.create_task(house.warmer.run(), name=f"dashboard[{name}].summaries")


def _count(heartbeat: Heartbeat, bus: Bus, ticker: Ticker, desk: Desk, house: _House) -> None:
    heard, shown = bus.counters, ticker.hub.counters
    refused = heard["refused"] + shown["refused"]
    heartbeat.counters = {
        **heard,
        **shown,
        **house.warmer.counters,
        "refused": refused,
        "screens": ticker.hub.clients,
    }
    heartbeat.set_problem("clinic.db does not take a change", present=bool(desk.problem))
    heartbeat.set_problem("audit log does not take entries", present=bool(house.reception.clerk.problem))


def _begin_with(desk: Desk, settings: Settings) -> None:
    """Start the class that the settings name, unless one is open."""
    path = settings.dashboard.class_file
    if path is None or desk.open_session(settings.dashboard.room) is not None:
        return
    try:
        desk.start_session(decode_class(path.read_bytes(), is_toml=_is_toml(path), place=str(path)))
    except InputError as error:
        raise SetupError(str(error), SetupReason.SETTINGS) from error
    except OSError as error:
        raise SetupError(f"dashboard.class_file {path}: {error.strerror}", SetupReason.SETTINGS) from error


def _read_plan(path: Path | None) -> FlowPlan:
    """Return the plan of the flow that the settings name."""
    if path is None:
        return FlowPlan()
    try:
        return decode_plan(path.read_bytes(), place=f"dashboard.flow_file {path}")
    except InputError as error:
        raise SetupError(str(error), SetupReason.SETTINGS) from error
    except OSError as error:
        raise SetupError(f"dashboard.flow_file {path}: {error.strerror}", SetupReason.SETTINGS) from error


def _is_toml(path: Path) -> bool:
    return path.suffix != ".json"


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
