"""Every part is killed while alarms are on: the wall names the loss, it comes back, nothing is lost or doubled."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.system.record_check import holes, stored_n, unsent_n, until_all_is_stored
from tests.system.running import RunningSystem, Wall, running, until, watched

pytestmark = [pytest.mark.peer, pytest.mark.timeout(400), pytest.mark.xdist_group("system")]

PEOPLE = 8
SETTLE_S = 3.0
"""Between two kills every part meets the broker again and leaves its will there: one fault at a time here, several at
once in test_chaos.py."""

NAMED_WITHIN_S = 5.0
"""The promise to the room. The machine that tests is slower than the one that serves; the bound holds all the same."""


async def until_everybody_alarms(wall: Wall, people: int) -> set[str]:
    await until(lambda: len(wall.of_rule("HR_OVER")) == people, f"{people} people over their limit", within_s=120)
    return {alarm["id"] for alarm in wall.of_rule("HR_OVER").values()}


async def acknowledge_one(system: RunningSystem, wall: Wall) -> str:
    alarm_id = min(wall.of_rule("HR_OVER").values(), key=lambda alarm: alarm["seat"])["id"]
    await system.post(f"/api/v1/alarms/{alarm_id}/acknowledge", {"by": "MK"})
    await until(lambda: wall.alarms[alarm_id]["signal"] == "acknowledged", "the acknowledgement is in the state")
    return str(alarm_id)


def raised_n(system: RunningSystem, rule: str) -> dict[str, int]:
    """How often each subject's rule was raised, by the record."""
    rows = system.query(
        "record.db",
        "SELECT json_extract(body, '$.alarm.subject'), count(*) FROM alarm_event "
        "WHERE change = 'raised' AND json_extract(body, '$.alarm.rule') = ? GROUP BY 1",
        rule,
    )
    return {str(subject): int(count) for subject, count in rows}


async def named_after_kill(system: RunningSystem, wall: Wall, part: str, *, words: str) -> None:
    """Kill a part, see the wall name it in time, and wait until it is back and no longer named."""
    wall.texts_seen.clear()
    lost_before = wall.disconnections
    killed_at = time.monotonic()
    was = system.kill(part)
    if part == "dashboard":
        await until(lambda: wall.disconnections > lost_before, "the wall loses its server", within_s=NAMED_WITHIN_S)
    else:
        await until(
            lambda: any(words in text for text in wall.texts_seen), f"the wall says {words!r}", within_s=NAMED_WITHIN_S
        )
    assert time.monotonic() - killed_at <= NAMED_WITHIN_S
    await system.until_back(part, was=was)
    await until(
        lambda: (
            wall.is_connected and all(view["state"] == "up" and not view.get("text") for view in wall.parts.values())
        ),
        f"all parts are up again after {part}",
        within_s=60,
    )


async def test_each_part_is_killed_and_no_alarm_or_reading_is_lost_doubled_or_forgotten(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE), "--scenario", "crisis")
    async with running(tmp_path, "demo", *arguments) as system, watched(system) as wall:
        ids = await until_everybody_alarms(wall, PEOPLE)
        acknowledged = await acknowledge_one(system, wall)
        for part, words in (
            ("broker", "Broker lost"),
            ("gateway", "Gateway g1 lost"),
            ("ingest", "Record lost"),
            ("analysis", "Analysis lost"),
            ("dashboard", ""),
            ("simulate", "Radio lost"),
        ):
            await named_after_kill(system, wall, part, words=words)
            await until(lambda: wall.live_n() == PEOPLE, f"everybody is live after {part}", within_s=90)
            # The simulator starts its people afresh: their hearts need a while to pass the limit again.
            await until(lambda: len(wall.of_rule("HR_OVER")) == PEOPLE, f"alarms stand after {part}", within_s=60)
            assert {alarm["id"] for alarm in wall.of_rule("HR_OVER").values()} == ids, part
            assert wall.alarms[acknowledged]["signal"] == "acknowledged", part
            await asyncio.sleep(SETTLE_S)
        await until_all_is_stored(system)
        await asyncio.sleep(1)
        assert holes(system) == []
        assert stored_n(system) > 0
        assert unsent_n(system) < PEOPLE * 20
        assert set(raised_n(system, "HR_OVER").values()) == {1}
