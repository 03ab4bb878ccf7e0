"""Forgetting a person at the clinic: no trace but the pseudonym in the list of the forgotten, over any restart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.main import main
from dashboard.classes import decode_class
from dashboard.clinic import Clinic, ClinicSession
from dashboard.erasure.erasures import Erasures, ErasureStep
from tests.dashboard.export.conftest import make_roster
from tests.dashboard.house import House, Voice, open_voice, person, settings_for, until
from tests.peers import Mosquitto
from vitals.commands import CommandAnswer, CommandId, EraseParticipant
from vitals.database import open_reader
from vitals.participants import ParticipantId
from vitals.parts import Part
from vitals.sessions import SessionId
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

SECRET = "Ottilie"


@pytest.fixture
async def voice(broker: Mosquitto) -> AsyncIterator[Voice]:
    async with open_voice(broker) as voice:
        yield voice


def traces(folder: Path, *words: str) -> dict[str, int]:
    """Return the tables of clinic.db in which one of the words stands, with how many rows have it."""
    connection = open_reader(folder / "clinic.db")
    found: dict[str, int] = {}
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - names of tables
        count = sum(any(word in str(row) for word in words) for row in rows)
        if count:
            found[str(table)] = count
    connection.close()
    return found


def answer(voice: Voice, part: Part, instance: str, *, accepted: bool = True, reason: str = "") -> None:
    for command in voice.commands:
        if isinstance(command.body, EraseParticipant) and command.owner == part.value:
            voice.alive[part, instance] = (CommandAnswer(id=command.id, accepted=accepted, reason=reason),)


async def keep_answering(voice: Voice) -> None:
    """As the owners do: a command that comes to a wish that is done already asks anew, and is answered, too."""
    while True:
        answer(voice, Part.INGEST, "1")
        answer(voice, Part.ALERTS, "1")
        await asyncio.sleep(0.05)


def asked(voice: Voice) -> set[str]:
    return {command.owner for command in voice.commands if isinstance(command.body, EraseParticipant)}


async def test_a_person_is_forgotten_by_every_owner_over_a_restart(
    broker: Mosquitto, voice: Voice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house:
        session = (await house.start_class(person(1, alias=SECRET), person(2)))["id"]
        wish = {"participant": "p01", "why": "asked by letter"}
        refused = await house.http.post("/api/v1/people/p01/erase", json=wish)
        assert (refused.status_code, session in refused.json()["detail"]) == (409, True)
        other = await house.http.post("/api/v1/people/p02/erase", json=wish)
        assert other.status_code == 409
        await house.http.post(f"/api/v1/sessions/{session}/end", json={})
        before = traces(tmp_path, SECRET, "p01")
        assert len(before) >= 3
        told = (await house.http.post("/api/v1/people/p01/erase", json=wish)).json()
        assert not told["is_done"]
        assert traces(tmp_path, SECRET, "p01").keys() == {"erasure"}
        await until(lambda: asked(voice) == {"ingest", "alerts"}, "both are asked")
        await house.stop()
        voice.commands.clear()
        await house.start()
        await until(lambda: asked(voice) == {"ingest", "alerts"}, "asked again after a restart")
        data = ["--data", str(tmp_path), "--participant", "p01", "--why", "asked by letter", "--wait", "30"]
        port = ["--config", str(write_config(tmp_path, house.settings.dashboard.port))]
        async with asyncio.TaskGroup() as tasks:
            owners = tasks.create_task(keep_answering(voice), name="voice[erase].answer")
            code = await asyncio.to_thread(main, ["erase", *data, *port])
            owners.cancel()
        assert code == 0
        out, _ = capsys.readouterr()
        assert [line.split() for line in out.splitlines()] == [
            [owner, "done"] for owner in ("alerts", "dashboard", "ingest", "review")
        ]
        left = (await house.http.get(f"/api/v1/sessions/{session}")).json()
        assert [one["id"] for one in left["participants"]] == ["p02"]
        assert (await house.http.get("/api/v1/people/p02/erasure")).status_code == 404


def write_config(folder: Path, port: int) -> Path:
    file = folder / "settings.toml"
    file.write_text(f"[dashboard]\nport = {port}\n")
    return file


async def test_an_owner_that_will_not_is_told_with_its_reason(
    broker: Mosquitto, voice: Voice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house:
        wish = {"participant": "p07", "why": "asked by letter"}
        assert (await house.http.post("/api/v1/people/p07/erase", json=wish)).status_code == 202
        await until(lambda: asked(voice) == {"ingest", "alerts"}, "both are asked")
        answer(voice, Part.INGEST, "1", accepted=False, reason="p07 is in class c9, which has not ended")

        async def told() -> list[str]:
            steps = (await house.http.get("/api/v1/people/p07/erasure")).json()["steps"]
            return [step["refused"] for step in steps if step["refused"]]

        while not (refused := await told()):  # noqa: ASYNC110 - another process answers
            await asyncio.sleep(0.05)
        assert refused == ["p07 is in class c9, which has not ended"]
        capsys.readouterr()


def test_of_a_class_of_one_nobody_is_left_and_the_class_can_still_be_read(tmp_path: Path) -> None:
    body = decode_class(
        b'{"name":"Alone","participants":[{"id":"p1","seat":1,"strap":"s-1","alias":"Ottilie"}]}',
        is_toml=False,
        place="test",
    )
    clinic = Clinic(tmp_path / "clinic.db")
    roster = make_roster()
    session = ClinicSession(
        name="Alone", roster=roster, aliases={ParticipantId("p1"): SECRET}, phase_since_utc_ms=UtcMs(0)
    )
    clinic.add(session, body)
    step = ErasureStep(
        participant=ParticipantId("p1"),
        owner="dashboard",
        command=CommandId("x"),
        asked_utc_ms=UtcMs(1),
        by="ann",
        why="asked",
        done_utc_ms=None,
        refused="",
    )
    Erasures(clinic.shelf).begin([step])
    found = clinic.find(SessionId("c1"))
    assert found is not None
    assert [entry.participant for entry in found.roster.entries] == ["p2"]
    assert found.aliases == {}
    clinic.close()
    assert SECRET.encode() not in (tmp_path / "clinic.db").read_bytes(), "overwritten, not only left out"
