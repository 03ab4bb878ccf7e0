"""What happens by the clock or by an answer must not end the server when the disk is full."""

import json
from pathlib import Path

from dashboard.classes import decode_class
from dashboard.clinic import Clinic
from dashboard.desk import Desk
from dashboard.ticker import Ticker
from dashboard.view.parts import Moment
from dashboard.view.room import Room
from tests.dashboard.house import person
from tests.dashboard.test_picture import STAGE
from tests.dashboard.test_sessions import TOML
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.commanding import CommandSender
from vitals.sessions import GenerationMode, Phase
from vitals.units import MonotonicMs, UtcMs


def open_desk(folder: Path, room: Room) -> tuple[Desk, Clinic]:
    clock = Clock()
    bus = Bus(url="mqtt://127.0.0.1:1", client_id="desk", clock=clock)
    clinic = Clinic(folder / "clinic.db")
    commands = CommandSender(path=folder / "commands.db", bus=bus, site="gym", clock=clock, hears_statuses=False)
    ticker = Ticker(room=room, stage=STAGE, clock=clock)
    desk = Desk(
        clinic=clinic, bus=bus, commands=commands, room=room, ticker=ticker, site="gym", mode=GenerationMode.SIMULATED
    )
    desk.resume()
    return desk, clinic


async def test_a_planned_phase_waits_for_a_full_disk_and_begins_when_there_is_room(tmp_path: Path) -> None:
    clock = Clock()
    room = Room(name="room-1", now=Moment(ms=clock.mono_ms(), utc_ms=clock.utc_ms()))
    desk, clinic = open_desk(tmp_path, room)
    # A roster of 60 needs new pages, whatever is free on the present ones.
    body = {
        "name": "T",
        "participants": [person(number) for number in range(1, 61)],
        "phases": [{"phase": "training", "at_s": 5}],
    }
    session = desk.start_session(decode_class(json.dumps(body).encode(), is_toml=False, place="body"))
    passed_ms = 60_000
    later = Moment(ms=MonotonicMs(clock.mono_ms() + passed_ms), utc_ms=UtcMs(session.roster.started_utc_ms + passed_ms))
    pages = clinic._db.execute("PRAGMA page_count").fetchall()[0][0]
    clinic._db.execute(f"PRAGMA max_page_count={pages}").fetchall()
    desk.follow_plans(later)

    assert "disk is full" in desk.problem
    assert room.session is not None
    assert room.session.roster.phase.value == "rest"

    clinic._db.execute("PRAGMA max_page_count=1000000").fetchall()
    desk.follow_plans(later)

    assert desk.problem == ""
    assert room.session.roster.phase.value == "training"
    assert clinic.open_sessions()[0].roster.version == 2
    clinic.close()


async def test_the_plan_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    room = Room(name="room-1", now=Moment(ms=clock.mono_ms(), utc_ms=clock.utc_ms()))
    desk, clinic = open_desk(tmp_path, room)
    session = desk.start_session(decode_class(TOML, is_toml=True, place="class.toml"))
    later = Moment(ms=MonotonicMs(clock.mono_ms() + 60_000), utc_ms=UtcMs(session.roster.started_utc_ms + 60_000))
    desk.follow_plans(later)
    changed = desk.set_phase(session.roster.session, Phase.COOL_DOWN)
    clinic.close()

    again, clinic = open_desk(tmp_path, room)
    again.follow_plans(later)

    assert again.open_session("room-1") == changed
    assert changed.roster.version == 3
    clinic.close()
