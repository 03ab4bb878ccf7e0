"""Sessions over HTTP and on the bus: begun once, told to everybody, kept over a restart, ended whole."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.house import House, Voice, open_voice, person, settings_for, until
from tests.peers import Mosquitto
from vitals.bus import Incoming
from vitals.clock import Clock
from vitals.commands import CommandAnswer, RecordSession
from vitals.database import open_reader
from vitals.parts import Part
from vitals.sessions import Assignments, Phase, Roster
from vitals.topics import AssignmentsTopic, RosterTopic, topic_filter
from vitals.units import UtcMs
from vitals.wire import decode, encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]

TOML = b"""
name = "Phase III cardiac"
phase = "warm_up"
[[participants]]
id = "p07"
seat = 7
alias = "Heron"
strap = "s-strap7"
[participants.prescription]
zone_high_bpm = 118
[[phases]]
phase = "training"
at_s = 0.5
"""


class Told:
    """What the bus says of rosters and assignments."""

    def __init__(self, voice: Voice) -> None:
        self.rosters: dict[str, Roster | None] = {}
        self.versions: list[int] = []
        self.assignments: dict[str, Assignments] = {}
        voice.bus.subscribe(topic_filter(RosterTopic, site="gym"), self._hear_roster)
        voice.bus.subscribe(topic_filter(AssignmentsTopic, site="gym"), self._hear_assignments)

    def _hear_roster(self, incoming: Incoming) -> None:
        name = incoming.topic.split("/")[-2]
        if not incoming.payload:
            self.rosters[name] = None
            return
        roster: Roster = decode(incoming.payload, Roster, place=incoming.topic)
        self.rosters[name] = roster
        self.versions.append(roster.version)

    def _hear_assignments(self, incoming: Incoming) -> None:
        said: Assignments = decode(incoming.payload, Assignments, place=incoming.topic)
        self.assignments[said.gateway] = said

    def sensors(self, gateway: str = "g1") -> list[str] | None:
        said = self.assignments.get(gateway)
        return None if said is None else [sensor.sensor for sensor in said.sensors]


async def test_a_session_begins_changes_and_ends_on_the_bus_and_for_the_record(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        told = Told(voice)
        started = await house.start_class(person(2, oximeter="s-oxi2"), person(1))
        name = started["id"]
        await until(lambda: told.sensors() == ["s-strap1", "s-strap2", "s-oxi2"], "no assignments")
        await until(lambda: told.rosters.get(name) is not None, "no roster")

        changed = await house.http.post(f"/api/v1/sessions/{name}/phase", json={"phase": "training"})
        assert (changed.json()["phase"], changed.json()["version"]) == ("training", 2)
        await until(lambda: told.versions[-1:] == [2], "no new version")
        again = await house.http.post(f"/api/v1/sessions/{name}/phase", json={"phase": "training"})
        assert again.json()["version"] == 2

        ended = await house.http.post(f"/api/v1/sessions/{name}/end", json={"by": "KB"})
        assert ended.json()["ended_utc_ms"] >= started["started_utc_ms"]
        await until(lambda: told.rosters[name] is None, "the roster is not cleared")
        await until(lambda: told.sensors() == [], "the sensors are not free")
        assert told.versions[-1] == 3
        await until(lambda: bool(voice.commands), "the record is not told")
        body = voice.commands[0].body
        assert isinstance(body, RecordSession)
        assert body.roster.version == 3
        assert all(
            sensor.to_utc_ms == body.roster.ended_utc_ms for entry in body.roster.entries for sensor in entry.sensors
        )
        live = (await house.http.get("/api/v1/live")).json()
        assert (live["session"], live["participants"]) == (None, [])

        twice = await house.http.post(f"/api/v1/sessions/{name}/end")
        assert (twice.status_code, twice.json()["detail"]) == (409, f"session: '{name}' has ended")
        await house.start_class(person(1))


async def test_a_limit_is_set_in_class_by_somebody_for_a_reason_and_ends_with_it(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        told = Told(voice)
        wish = person(1, prescription={"hr_upper_bpm": 120, "birth_year": 1960, "sex": "female", "mass_kg": 71.5})
        started = await house.start_class(wish)
        shown = started["participants"][0]
        assert (shown["peak_formula"], shown["limit_reasons"]["HR_OVER"]) == ("gulati", "prescribed")
        name, path = started["id"], f"/api/v1/sessions/{started['id']}/participants/{shown['id']}"

        without = await house.http.post(f"{path}/limits", json={"rule": "HR_OVER", "value": 126.0, "by": "KB"})
        assert without.status_code == 422
        changed = await house.http.post(
            f"{path}/limits", json={"rule": "HR_OVER", "value": 126.0, "by": "KB", "why": "feels fine, RPE 11"}
        )
        after = changed.json()["participants"][0]
        assert (after["limits"]["HR_OVER"], after["limit_reasons"]["HR_OVER"]) == (126, "overridden")
        await until(lambda: told.versions[-1:] == [2], "no new version")
        roster = told.rosters[name]
        assert roster is not None
        assert b"1960" not in encode(roster)
        assert b"gulati" not in encode(roster)
        assert (roster.entries[0].peak_is_estimate, roster.entries[0].mass_kg) == (True, 71.5)

        refused = await house.http.post(
            f"{path}/limits", json={"rule": "HR_OVER", "value": 30.0, "by": "KB", "why": "typing"}
        )
        assert (refused.status_code, refused.json()["detail"]) == (422, "value: 30 is not 40 to 250")
        phase = await house.http.post(f"{path}/phase", json={"phase": "recovery"})
        assert phase.json()["participants"][0]["phase"] == "recovery"
        back = await house.http.post(
            f"{path}/limits", json={"rule": "HR_OVER", "value": None, "by": "KB", "why": "as prescribed"}
        )
        assert back.json()["participants"][0]["limits"]["HR_OVER"] == 120
        told_of = (await house.http.get(f"/api/v1/sessions/{name}/overrides")).json()
        assert [(one["value"], one["by"], one["why"]) for one in told_of] == [
            (126, "KB", "feels fine, RPE 11"),
            (None, "KB", "as prescribed"),
        ]
        await house.http.post(f"/api/v1/sessions/{name}/end")
        again = await house.start_class(wish)
        assert again["participants"][0]["limits"]["HR_OVER"] == 120


async def test_a_class_as_toml_follows_its_plan(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        told = Told(voice)
        answer = await house.http.post("/api/v1/sessions", content=TOML, headers={"content-type": "application/toml"})
        assert answer.status_code == 201
        (somebody,) = answer.json()["participants"]
        assert (somebody["alias"], somebody["limits"]["HR_OVER"]) == ("Heron", 118)

        await until(lambda: told.versions[-1:] == [2], "the planned phase does not begin")
        roster = told.rosters[answer.json()["id"]]
        assert roster is not None
        assert roster.phase is Phase.TRAINING
        assert b"Heron" not in str(roster).encode()


async def test_a_step_of_the_wall_clock_begins_no_phase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step_ms = 0
    monkeypatch.setattr(Clock, "utc_ms", lambda _: UtcMs(time.time_ns() // 1_000_000 + step_ms))
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        started = await house.start_class(phase="rest", phases=[{"phase": "training", "at_s": 1800}])
        async with house.page() as page:
            for step_ms in (3_600_000, -3_600_000):  # noqa: B007 - the clock above reads it
                for _ in range(4):
                    await page.take()
                assert page.known["session"]["phase"] == "rest"
        answer = await house.http.post(f"/api/v1/sessions/{started['id']}/end")
        assert answer.status_code == 200


async def test_a_restart_keeps_the_session_and_says_it_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house:
        started = await house.start_class()
        await house.http.post(f"/api/v1/sessions/{started['id']}/phase", json={"phase": "training"})
        await house.stop()
        broker.kill()
        broker.start()  # it has lost its memory
        async with open_voice(broker) as voice:
            told = Told(voice)
            await house.start()
            await until(lambda: told.versions == [2], "the roster is not said again")
            await until(lambda: told.sensors() == ["s-strap1", "s-strap2"], "the assignments are not said again")
            state = voice.say_alarm(started["id"])
            async with house.page() as page:
                await page.take_until(lambda page: bool(page.known["alarms"]), "the alarm is not learnt again")
            assert page.known["alarms"][0]["id"] == state.alarm_id
            assert page.known["session"]["phase"] == "training"
            assert [tile["alias"] for tile in page.tiles.values()] == ["1", "2"]


async def test_the_end_of_a_session_reaches_the_record_over_restarts(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house:
        started = await house.start_class()
        broker.kill()
        assert (await house.http.post(f"/api/v1/sessions/{started['id']}/end")).status_code == 200
        await house.stop()
        broker.start()
        async with open_voice(broker) as voice:
            await house.start()
            await until(lambda: bool(voice.commands), "the record is not told")
            command = voice.commands[0]
            voice.alive[Part.INGEST, "1"] = (CommandAnswer(id=command.id),)
            told = Told(voice)
            await until(lambda: told.sensors() == [], "the sensors are not free")
            assert told.rosters == {}
            with closing(open_reader(tmp_path / "commands.db")) as kept:
                await until(lambda: not kept.execute("SELECT id FROM command").fetchall(), "the answer is not heard")
            await house.stop()
            voice.commands.clear()
            await house.start()
            async with house.page() as page:
                for _ in range(4):
                    await page.take()
            assert voice.commands == []


@pytest.mark.parametrize(
    ("more", "status", "line"),
    [
        ({}, 409, "room: 'room-1' has the open session "),
        ({"room": "room-2"}, 409, "participants[0].strap: 's-strap1' is in the open session "),
        ({"name": ""}, 422, "body.name: '' - String should have at least 1 character"),
        ({"participants": 5}, 422, "body.participants: 5 - Input should be a valid tuple"),
        (
            {"room": "room-2", "participants": [person(9, prescription={"rest_hr_bpm": 90, "peak_hr_bpm": 80})]},
            422,
            "participants[0].prescription.peak_hr_bpm: 80 is not above rest_hr_bpm 90",
        ),
    ],
)
async def test_what_cannot_be_is_refused_in_one_line(
    more: dict[str, Any], status: int, line: str, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        await house.start_class()
        answer = await house.http.post("/api/v1/sessions", json={"name": "T", "participants": [person(1)]} | more)

    assert answer.status_code == status
    assert answer.json()["detail"].startswith(line)
    assert "\n" not in answer.json()["detail"]


async def test_requests_that_make_no_sense_are_answered_with_one_line(tmp_path: Path) -> None:
    cases: list[tuple[str, str, bytes | None, int]] = [
        ("POST", "/api/v1/sessions", b"{", 400),
        ("POST", "/api/v1/sessions", b"\xff", 400),
        ("POST", "/api/v1/sessions", b"[" * 500_000, 400),
        ("POST", "/api/v1/audio-pause", b"{", 400),
        ("POST", "/api/v1/audio-pause", b"[" * 500_000, 400),
        ("POST", "/api/v1/audio-pause", b'{"seconds": 5, "by": " "}', 422),
        ("POST", "/api/v1/audio-pause", b'{"seconds": 999, "by": "KB"}', 422),
        ("POST", "/api/v1/alarms/nobody/acknowledge", b'{"by": "KB"}', 404),
        ("POST", "/api/v1/sessions/none/end", None, 404),
        ("POST", "/api/v1/sessions/none/phase", b'{"phase": "party"}', 422),
        ("GET", "/api/v1/sessions/none", None, 404),
        ("GET", "/api/v1/sessions/none/readings?participant=p01&kind=hr", None, 404),
        ("GET", "/api/v1/sessions?limit=x", None, 422),
        ("GET", "/api/v1/nothing", None, 404),
        ("GET", "/static/../clinic.py", None, 404),
        ("DELETE", "/api/v1/sessions", None, 405),
    ]
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        for method, path, body, status in cases:
            answer = await house.http.request(method, path, content=body, headers={"content-type": "application/json"})
            assert (method, path, body, answer.status_code) == (method, path, body, status)
            assert list(answer.json()) == ["detail"]
            assert 0 < len(answer.json()["detail"]) < 500
            assert "\n" not in answer.json()["detail"]
