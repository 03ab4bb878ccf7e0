"""Analysis dies with thirty alarms on: they never leave the wall, none is raised again, and what has ended is ended."""

import asyncio
import csv
import time
from pathlib import Path

import pytest

from tests.system.record_check import events_n
from tests.system.running import Json, RunningSystem, Wall, running, until, watched

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300), pytest.mark.xdist_group("system")]

PEOPLE = 30
TAKEN = 3
BACK_WITHIN_S = 3.0
"""The promise: the same alarms stand again so soon, counted from the first heartbeat of the new process."""

HIGH_S = 30
RECORDING_S = 240
SPEED = 4


class SteadyWall(Wall):
    """A wall that notes which of some alarms were missing in which frame."""

    def __init__(self, system: RunningSystem) -> None:
        super().__init__(system)
        self.wanted: set[str] = set()
        self.missing: list[tuple[int, set[str]]] = []
        self.looks = 0

    def _take(self, frame: Json) -> None:
        super()._take(frame)
        if self.wanted:
            self.looks += 1
            if gone := self.wanted - self.alarms.keys():
                self.missing.append((frame["seq"], gone))


def over(wall: Wall) -> dict[str, Json]:
    return {alarm["id"]: alarm for alarm in wall.of_rule("HR_OVER").values()}


def onsets(alarms: dict[str, Json]) -> dict[str, int]:
    return {alarm_id: alarm["onset_utc_ms"] for alarm_id, alarm in alarms.items()}


async def acknowledge(system: RunningSystem, wall: Wall, alarm_ids: list[str]) -> None:
    for alarm_id in alarm_ids:
        await system.post(f"/api/v1/alarms/{alarm_id}/acknowledge", {"by": "MK"})
    await until(
        lambda: all(wall.alarms[alarm_id]["signal"] == "acknowledged" for alarm_id in alarm_ids),
        "the acknowledgements are in the state",
    )


async def test_thirty_alarms_stay_on_the_wall_when_analysis_dies_and_none_is_raised_again(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE), "--scenario", "crisis")
    async with running(tmp_path, "demo", *arguments) as system:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=60)
        wall = SteadyWall(system)
        async with watched(system, wall):
            await until(lambda: len(over(wall)) == PEOPLE, "thirty alarms", within_s=150)
            before = over(wall)
            taken = sorted(before)[:TAKEN]
            await acknowledge(system, wall, taken)
            wall.wanted = set(before)
            wall.texts_seen.clear()
            was = system.kill("analysis")
            await until(lambda: any("Analysis lost" in text for text in wall.texts_seen), "the wall names the loss")
            await check_first_frame(system, before)
            await system.until_back("analysis", was=was)
            await until(lambda: wall.parts["analysis/1"]["state"] == "up", "analysis is back", within_s=60)
            back_at = time.monotonic()
            await until(lambda: over(wall).keys() == before.keys(), "the same alarms", within_s=BACK_WITHIN_S)
            assert time.monotonic() - back_at <= BACK_WITHIN_S
            # A hold begun anew would be complete after 10 s: none may come.
            await asyncio.sleep(12)
            assert wall.looks > 12
            assert wall.missing == []
            after = over(wall)
            assert onsets(after) == onsets(before)
            assert [alarm_id for alarm_id in sorted(after) if after[alarm_id]["signal"] == "acknowledged"] == taken
            assert {after[alarm_id]["acknowledged"]["by"] for alarm_id in taken} == {"MK"}
            assert {alarm["condition"] for alarm in after.values()} == {"active"}
            # No second "on": the record knows each alarm once, and nothing else has happened to them.
            assert events_n(system, "raised", "HR_OVER") == dict.fromkeys(before, 1)
            assert events_n(system, "retriggered", "HR_OVER") == {}
            assert events_n(system, "acknowledged", "HR_OVER") == dict.fromkeys(taken, 1)


async def check_first_frame(system: RunningSystem, before: dict[str, Json]) -> None:
    """A page that is opened now shows all alarms with their ages in its first frame."""
    async with watched(system) as page:
        await until(lambda: page.first_frame is not None, "a first frame")
    frame = page.first_frame
    assert frame is not None
    shown = {alarm["id"]: alarm for alarm in frame["alarms"] if alarm["rule"] == "HR_OVER"}
    assert onsets(shown) == onsets(before)
    for alarm in shown.values():
        assert 10_000 <= frame["server_mono_ms"] - alarm["breach_at_ms"] < 200_000
        assert alarm["text"].startswith("HR ")
    assert all(tile["hr"]["at_ms"] <= frame["server_mono_ms"] for tile in frame["tiles"])


def record_effort(folder: Path, name: str, *, begins_s: int = 0, ends_s: int = HIGH_S) -> str:
    """Write a recording: a heart rate of 150 between two times, and one of 80 before and after."""
    file = folder / f"{name}.csv"
    with file.open("w", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(("t_s", "hr_bpm"))
        writer.writerows((second, 150 if begins_s <= second <= ends_s else 80) for second in range(RECORDING_S))
    return str(file)


async def test_an_alarm_whose_cause_ended_while_analysis_was_down_is_cleared_and_the_record_says_so(
    tmp_path: Path,
) -> None:
    files = [record_effort(tmp_path, name) for name in ("heron", "plover")]
    arguments = (*files, "--speed", str(SPEED), "--hr-upper", "120")
    async with running(tmp_path, "replay", *arguments) as system, watched(system) as wall:
        await until(lambda: len(over(wall)) == len(files), "an alarm for both", within_s=90)
        ids = set(over(wall))
        was = system.kill("analysis")
        await system.until_back("analysis", was=was)
        # The new process is held before it can hear anything: to the others analysis is down for so long.
        with system.paused("analysis"):
            await until(lambda: all(wall.hr(name) == 80 for name in wall.tiles), "the cause is over", within_s=60)
            assert set(over(wall)) == ids
            assert wall.parts["analysis/1"]["state"] == "lost"
            assert wall.parts["analysis/1"]["text"].startswith("Analysis lost")
        await until(lambda: not over(wall), "the alarms leave the wall", within_s=60)
        await until(
            lambda: events_n(system, "cleared", "HR_OVER") == dict.fromkeys(ids, 1), "the record says that they ended"
        )
        assert events_n(system, "raised", "HR_OVER") == dict.fromkeys(ids, 1)


async def test_what_began_while_analysis_was_down_is_found_afterwards_or_announced_at_once(tmp_path: Path) -> None:
    files = [
        record_effort(tmp_path, "heron", begins_s=50, ends_s=70),
        record_effort(tmp_path, "plover", begins_s=60, ends_s=RECORDING_S),
    ]
    arguments = (*files, "--speed", str(SPEED), "--hr-upper", "120")
    async with running(tmp_path, "replay", *arguments) as system, watched(system) as wall:
        await until(lambda: len(wall.tiles) == len(files), "both on the wall", within_s=90)
        await until(lambda: all(wall.hr(name) == 80 for name in wall.tiles), "values of both", within_s=60)
        was = system.kill("analysis")
        await system.until_back("analysis", was=was)
        with system.paused("analysis"):
            seen: set[str] = set()

            def one_is_over() -> bool:
                high = {name for name in wall.tiles if wall.hr(name) == 150}
                seen.update(high)
                return len(seen) == len(files) and len(high) == 1

            await until(one_is_over, "one effort is over, the other goes on", within_s=90)
            # The late one is longer than 10 s ago then, and the other has held for its delay.
            await asyncio.sleep(20 / SPEED)
            assert not over(wall)
        await until(lambda: len(over(wall)) == 1, "the one that stands is announced", within_s=60)
        alarm = next(iter(over(wall).values()))
        await until(lambda: len(events_n(system, "found_afterwards", "HR_OVER")) == 1, "the other is found")
        # The wall hears of an alarm from the bus, the record a moment later.
        await until(lambda: events_n(system, "raised", "HR_OVER") == {alarm["id"]: 1}, "the record says that it began")
        assert set(events_n(system, "found_afterwards", "HR_OVER").values()) == {1}
        assert alarm["id"] not in events_n(system, "found_afterwards", "HR_OVER")
