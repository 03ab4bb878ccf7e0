"""A dashboard with a record beside it: what staff enter is stored as the record stores it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from ingest.store.batch import Batch, HeardCommand, HeardRoster
from ingest.store.writer import RecordWriter
from tests.dashboard.house import PATIENCE_S, House, Voice, open_voice, settings_for
from tests.peers import Mosquitto
from vitals.commands import CommandAnswer, RecordSession
from vitals.parts import Part
from vitals.units import UtcMs

EVERY_S: Final = 0.1


class ClassHouse(House):
    """As `House`, with words of the flow."""

    voice: Voice

    async def ask(self, path: str, body: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        answer = await self.http.post(path, json=body or {})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def flow(self, session: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/v1/sessions/{session}/flow")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def person(self, session: str, who: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in (await self.flow(session))["people"] if one["id"] == who)
        return found

    async def come(self, session: str, who: str, **more: Any) -> Any:
        return await self.ask(f"/api/v1/sessions/{session}/participants", {"id": who} | more, status=201)

    async def enter(self, session: str, who: str, body: dict[str, Any], *, status: int = 202) -> Any:
        return await self.ask(f"/api/v1/sessions/{session}/entries", {"participant": who, "body": body}, status=status)

    async def until_entered(self, session: str, kind: str) -> None:
        """Wait until an entry of a kind is in the record."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            entries = (await self.http.get(f"/api/v1/sessions/{session}/entries")).json()
            if any(one["body"]["kind"] == kind and one["state"] == "stored" for one in entries):
                return
            assert time.monotonic() < deadline_s, f"no {kind} in the record: {entries}"
            await asyncio.sleep(EVERY_S)

    async def phase(self, session: str, phase: str, *, status: int = 200, **more: Any) -> Any:
        return await self.ask(f"/api/v1/sessions/{session}/flow/phase", {"phase": phase} | more, status=status)


async def keep_record(path: Path, voice: Voice) -> None:
    """Do what the record does with commands, and answer them, until cancelled."""
    stored: set[str] = set()
    writer = RecordWriter(path)
    try:
        while True:
            new = [one for one in voice.commands if one.id not in stored and one.owner == Part.INGEST.value]
            if new:
                batch = Batch()
                for command in {one.id: one for one in new}.values():
                    batch.add_command(HeardCommand(command, UtcMs(command.at_utc_ms)), answer=None)
                    if isinstance(command.body, RecordSession):
                        batch.add_roster(HeardRoster(command.body.roster, UtcMs(command.at_utc_ms), final=True))
                    stored.add(command.id)
                writer.store(batch, now_utc_ms=UtcMs(1))
                voice.alive[Part.INGEST, "1"] = tuple(CommandAnswer(id=one) for one in list(stored)[-64:])  # type: ignore[arg-type]
            await asyncio.sleep(EVERY_S)
    finally:
        writer.close()


@asynccontextmanager
async def open_class_house(folder: Path, broker: Mosquitto, **dashboard: Any) -> AsyncIterator[ClassHouse]:
    settings = settings_for(folder, broker.url, **dashboard)
    async with ClassHouse(settings) as house, open_voice(broker) as voice, asyncio.TaskGroup() as tasks:
        house.voice = voice
        record = tasks.create_task(keep_record(settings.record_file, voice), name="test.record")
        try:
            yield house
        finally:
            record.cancel()
