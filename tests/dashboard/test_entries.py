"""What staff enter: held against the heart of that moment, sent to the record until it has it, and given back."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest.store.batch import Batch, HeardCommand
from ingest.store.writer import RecordWriter
from tests.dashboard.house import House, Voice, open_voice, person, settings_for, until
from tests.peers import Mosquitto
from vitals.commands import Command, RecordEntry
from vitals.journal import Derived, Exertion
from vitals.topics import DerivedTopic
from vitals.units import UtcMs
from vitals.wire import encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]

RPE = {"kind": "rpe", "rpe_borg": 17}


async def enter(house: House, session: str, body: dict[str, Any], **more: Any) -> Any:
    return await house.http.post(
        f"/api/v1/sessions/{session}/entries", json={"by": "KB", "participant": "p01", "body": body} | more
    )


async def say_exertion(voice: Voice, *, hr_bpm: float, hrr_pct: float) -> None:
    derived = Derived(
        participant="p01",
        mono_ms=voice.clock.mono_ms(),
        hrr_pct=hrr_pct,
        exertion=Exertion(hr_smooth_bpm=hr_bpm),
    )
    await voice.bus.publish(str(DerivedTopic(site="gym", participant="p01")), encode(derived))


def store(path: Path, commands: list[Command]) -> None:
    """Do what the record does with the commands."""
    writer, batch = RecordWriter(path), Batch()
    for command in commands:
        batch.add_command(HeardCommand(command, UtcMs(command.at_utc_ms)), answer=None)
    writer.store(batch, now_utc_ms=UtcMs(1))
    writer.close()


async def test_an_entry_is_held_against_the_heart_and_kept_by_the_record(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = (await house.start_class(person(1)))["id"]
        async with house.page() as page:
            await say_exertion(voice, hr_bpm=101.0, hrr_pct=35.0)
            await page.take()
            hard: dict[str, Any] = {}
            tries = 0
            while not hard.get("hrr_pct"):
                await say_exertion(voice, hr_bpm=101.0, hrr_pct=35.0)
                hard = (await enter(house, session, RPE)).json()
                tries += 1
        assert hard["mismatch"] == {"feels": "harder", "said": "vigorous", "shown": "light"}
        await say_exertion(voice, hr_bpm=101.0, hrr_pct=35.0)
        pressure = {"kind": "blood_pressure", "systolic_mmhg": 150, "diastolic_mmhg": 80}
        product = (await enter(house, session, pressure)).json()
        assert product["rate_pressure"] == 101 * 150
        whole = (await enter(house, session, {"kind": "session_rpe", "rpe_cr10": 4.0})).json()
        assert 0 <= whole["session_load"] < 4

        await until(lambda: len({command.id for command in voice.commands}) == tries + 2, "the record is not told")
        sent = {command.id: command for command in voice.commands if isinstance(command.body, RecordEntry)}
        listed = await house.http.get(f"/api/v1/sessions/{session}/entries")
        assert listed.status_code == 503, "there is no record yet, and that is said"
        store(tmp_path / "record.db", list(sent.values())[:-1])
        listed = (await house.http.get(f"/api/v1/sessions/{session}/entries?participant=p01")).json()
        assert [one["state"] for one in listed] == ["stored"] * (len(sent) - 1) + ["sending"]
        assert listed[0]["body"] == {"kind": "rpe", "rpe_borg": 17}
        assert listed[-1]["body"]["kind"] == "session_rpe"
        bodies = [msgspec.to_builtins(command.body) for command in sent.values()]
        assert all(body["entry"]["by"] == "KB" for body in bodies)


@pytest.mark.parametrize(
    ("breath_cr10", "hrr_pct", "mismatch"),
    [
        (7.0, 35.0, {"feels": "harder", "said": "near-maximal", "shown": "light"}),
        (3.0, 35.0, None),
        (0.5, 80.0, None),
    ],
)
async def test_who_is_short_of_breath_at_an_easy_rate_is_named(
    broker: Mosquitto, tmp_path: Path, breath_cr10: float, hrr_pct: float, mismatch: dict[str, str] | None
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = (await house.start_class(person(1)))["id"]
        taken: dict[str, Any] = {}
        while not taken.get("hrr_pct"):
            await say_exertion(voice, hr_bpm=101.0, hrr_pct=hrr_pct)
            taken = (await enter(house, session, {"kind": "dyspnoea", "dyspnoea_cr10": breath_cr10})).json()
        assert taken["mismatch"] == mismatch


@pytest.mark.parametrize(
    ("body", "more", "status", "line"),
    [
        ({"kind": "rpe", "rpe_borg": 21}, {}, 422, "body.body.rpe.rpe_borg"),
        ({"kind": "mood"}, {}, 422, "mood"),
        (
            {"kind": "blood_pressure", "systolic_mmhg": 80, "diastolic_mmhg": 80},
            {},
            409,
            "80 is not below systolic_mmhg",
        ),
        ({"kind": "note", "text": " "}, {}, 422, "body.body.note.text"),
        (RPE, {"participant": "p99"}, 404, "'p99' is not in"),
        (RPE, {"by": ""}, 422, "body.by"),
    ],
)
async def test_nonsense_is_refused_in_one_line(
    tmp_path: Path, body: dict[str, Any], more: dict[str, Any], status: int, line: str
) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        session = (await house.start_class(person(1)))["id"]
        answer = await enter(house, session, body, **more)
        assert answer.status_code == status
        assert line in answer.json()["detail"]


async def test_an_old_rate_is_not_held_against_anybody(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        session = (await house.start_class(person(1)))["id"]
        taken = (await enter(house, session, RPE)).json()
        assert (taken["hr_bpm"], taken["hrr_pct"], taken["mismatch"]) == (None, None, None)
        listed = await house.http.get("/api/v1/sessions/nobody/entries")
        assert listed.status_code == 404
