"""What hears, draws and speaks: bus and heartbeat, the room as it is known, the one who draws, commands underway."""

import secrets

from msgspec import Struct

from dashboard.classes import decode_class
from dashboard.desk import Desk
from dashboard.hearing import Hearing
from dashboard.house import House
from dashboard.ticker import Ticker
from dashboard.view.alarm_path import PROBLEM
from dashboard.view.parts import Moment
from dashboard.view.picture import Stage
from dashboard.view.room import Room
from dashboard.zone import find_zone
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.commanding import CommandSender
from vitals.errors import InputError, SetupError, SetupReason
from vitals.heartbeat import Heartbeat
from vitals.parts import Part
from vitals.presence import open_presence
from vitals.settings import Settings


class Wires(Struct, frozen=True, kw_only=True):
    """The live side of a dashboard; ``hearing`` and ``heartbeat`` are connected to the rest already."""

    heartbeat: Heartbeat
    bus: Bus
    room: Room
    stage: Stage
    ticker: Ticker
    commands: CommandSender
    desk: Desk
    hearing: Hearing


def wire(settings: Settings, house: House, *, clock: Clock) -> Wires:
    """Return the live side, with the classes that were open; nothing runs yet.

    Raises:
        SetupError: the class to start with is unreadable.
    """
    _, heartbeat, bus = open_presence(
        settings, Part.DASHBOARD, instance=settings.dashboard.room, client="dashboard", clock=clock
    )
    room = Room(name=settings.dashboard.room, now=Moment(ms=clock.mono_ms(), utc_ms=clock.utc_ms()))
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
        clinic=house.clinic,
        bus=bus,
        commands=commands,
        room=room,
        ticker=ticker,
        site=settings.site,
        mode=settings.mode,
    )
    hearing = Hearing(room=room, clock=clock, site=settings.site, on_alarm=ticker.hurry, on_status=desk.hear_status)
    hearing.subscribe(bus)
    desk.resume()
    _begin_with(desk, settings)
    heartbeat.before_beat(lambda: _count(heartbeat, bus, ticker, desk, house))
    heartbeat.before_beat(lambda: heartbeat.set_problem(PROBLEM, present=room.is_alarm_path_lost(clock.mono_ms())))
    return Wires(
        heartbeat=heartbeat,
        bus=bus,
        room=room,
        stage=stage,
        ticker=ticker,
        commands=commands,
        desk=desk,
        hearing=hearing,
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


def _count(heartbeat: Heartbeat, bus: Bus, ticker: Ticker, desk: Desk, house: House) -> None:
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
        desk.start_session(decode_class(path.read_bytes(), is_toml=path.suffix != ".json", place=str(path)))
    except InputError as error:
        raise SetupError(str(error), SetupReason.SETTINGS) from error
    except OSError as error:
        raise SetupError(f"dashboard.class_file {path}: {error.strerror}", SetupReason.SETTINGS) from error
