"""The desks of a dashboard: everything that the routes work with, made once and handed to one another."""

from dashboard.api.context import Context
from dashboard.emergency.script import find_script
from dashboard.emergency_desk import EmergencyDesk
from dashboard.entry_desk import EntryDesk
from dashboard.erasure_desk import ErasureDesk
from dashboard.export.office import Office
from dashboard.flow_desk import FlowDesk
from dashboard.flow_reader import FlowReader
from dashboard.health.expelled import ExpelledWatch
from dashboard.health.health_desk import HealthDesk
from dashboard.health.signs import Signs
from dashboard.house import House
from dashboard.push.answer_desk import AnswerDesk
from dashboard.push.open_phones import OpenPhones
from dashboard.push.way_desk import WayDesk
from dashboard.register.duty_desk import DutyDesk
from dashboard.register.staff import Staff
from dashboard.wear_desk import WearDesk
from dashboard.wires import Wires
from vitals.settings import Settings
from vitals.site_key import open_site_key


def furnish(settings: Settings, house: House, wires: Wires) -> Context:
    """Return all desks; those that look once a second are connected to the heartbeat."""
    desk, room, ticker, commands = wires.desk, wires.room, wires.ticker, wires.commands
    entry_desk = EntryDesk(desk=desk, commands=commands, room=room, ticker=ticker)
    wear_desk = WearDesk(
        classes=desk.classes, orders=desk.orders, clinic=house.clinic, room=room, ticker=ticker, mode=settings.mode
    )
    ways = WayDesk(desk=desk, commands=commands, room=room, ticker=ticker, key_file=settings.vapid_public_file)
    open_phones = OpenPhones(desk=desk, ways=ways, room=room, ticker=ticker)
    wires.heartbeat.before_beat(open_phones.look)
    return Context(
        room=room,
        stage=wires.stage,
        ticker=ticker,
        desk=desk,
        entry_desk=entry_desk,
        emergency_desk=_emergency_desk(settings, house, wires, entry_desk),
        wear_desk=wear_desk,
        flow_desk=_flow_desk(house, wires, entry_desk, wear_desk),
        clinic=house.clinic,
        reader=house.reader,
        review=house.review,
        reception=house.reception,
        answers=AnswerDesk(
            desk=desk, room=room, ticker=ticker, reception=house.reception, key=open_site_key(settings.action_key_file)
        ),
        ways=ways,
        open_phones=open_phones,
        health=_health_desk(settings, house, wires, ways),
        expelled=ExpelledWatch(file=settings.expelled_file, parts=room.parts, ticker=ticker),
        duty=DutyDesk(shelf=house.clinic.shelf, bus=wires.bus, site=settings.site),
        staff=Staff(house.clinic.shelf),
        erasure=ErasureDesk(clinic=house.clinic, review=house.review, commands=commands, room=room, ticker=ticker),
        office=Office(settings, zone=wires.stage.zone_name),
        is_tls=house.tls is not None,
    )


def _emergency_desk(settings: Settings, house: House, wires: Wires, entry_desk: EntryDesk) -> EmergencyDesk:
    return EmergencyDesk(
        entry_desk=entry_desk,
        desk=wires.desk,
        room=wires.room,
        ticker=wires.ticker,
        reader=house.reader,
        script=find_script(settings.dashboard.emergency_steps),
    )


def _flow_desk(house: House, wires: Wires, entry_desk: EntryDesk, wear_desk: WearDesk) -> FlowDesk:
    return FlowDesk(
        desk=wires.desk,
        wear_desk=wear_desk,
        entry_desk=entry_desk,
        clinic=house.clinic,
        reader=FlowReader(reader=house.reader, clinic=house.clinic),
        room=wires.room,
        ticker=wires.ticker,
        plan=house.plan,
    )


def _health_desk(settings: Settings, house: House, wires: Wires, ways: WayDesk) -> HealthDesk:
    signs = Signs(site=settings.site, watch=wires.room.parts)
    signs.subscribe(wires.bus)
    health = HealthDesk(
        room=wires.room,
        stage=wires.stage,
        ticker=wires.ticker,
        signs=signs,
        ways=ways,
        reception=house.reception,
        folder=settings.data,
        backup_mark=settings.backup_mark_file,
    )
    wires.heartbeat.before_beat(health.look)
    return health
