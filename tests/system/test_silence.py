"""All sources fall silent while alarms are on: numbers go in time, the alarms stay, say so, and go on afterwards."""

from pathlib import Path

import pytest

from tests.system.record_check import events_n
from tests.system.running import Json, RunningSystem, Wall, running, until, watched

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300), pytest.mark.xdist_group("system")]

PEOPLE = 6
RATE = 2
TICK_MS = 1_000 * RATE
"""A frame comes at least each real second; a number that went between two frames goes with the second one."""


class AgeWatch(Wall):
    """A wall that checks in each frame that no number is older than it may be."""

    def __init__(self, system: RunningSystem) -> None:
        super().__init__(system)
        self.silences: dict[str, Json] = {}
        self.too_old: list[str] = []
        self.stale_seen: set[str] = set()
        self.signals: dict[str, set[str]] = {}

    def _take(self, frame: Json) -> None:
        super()._take(frame)
        for vital in ("hr", "spo2"):
            self.silences[vital] = frame.get(f"{vital}_silence") or self.silences[vital]
            for tile in self.tiles.values():
                if tile.get(vital):
                    self._judge(tile["id"], vital, tile[vital], self.silences[vital])
        for alarm in self.alarms.values():
            self.signals.setdefault(alarm["id"], set()).add(alarm["signal"])

    def _judge(self, who: str, vital: str, view: Json, silence: Json) -> None:
        if view["value"] is None:
            return
        age_ms = self.server_mono_ms - view["at_ms"]
        if view.get("reason") == "stale":
            self.stale_seen.add(f"{who} {vital}")
        elif age_ms > silence["stale_ms"] + TICK_MS:
            self.too_old.append(f"{who} {vital} looks live at {age_ms} ms")
        if age_ms > silence["lost_ms"] + TICK_MS:
            self.too_old.append(f"{who} {vital} is shown at {age_ms} ms")


def vitals(wall: Wall) -> dict[str, Json]:
    return {
        f"{tile['id']} {vital}": tile[vital]
        for tile in wall.tiles.values()
        for vital in ("hr", "spo2")
        if tile.get(vital) is not None
    }


async def test_alarms_of_silent_sources_stay_and_say_so_and_no_number_outlives_its_time(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE), "--scenario", "crisis")
    async with running(tmp_path, "demo", *arguments, VITALS_CLOCK_RATE=str(RATE)) as system:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=60)
        wall = AgeWatch(system)
        async with watched(system, wall):
            await until(lambda: len(wall.of_rule("HR_OVER")) == PEOPLE, "everybody alarms", within_s=120)
            await until(lambda: all(view["value"] for view in vitals(wall).values()), "everybody is live")
            before = wall.of_rule("HR_OVER")
            ids = {alarm["id"] for alarm in before.values()}
            assert not any(alarm.get("source_lost") for alarm in before.values())

            with system.paused("simulate"):
                await until(lambda: wall.stale_seen >= vitals(wall).keys(), "every number is called stale")
                await until(lambda: not any(view["value"] for view in vitals(wall).values()), "every number goes")
                assert {view["reason"] for view in vitals(wall).values()} == {"lost"}
                await until(
                    lambda: all(alarm.get("source_lost") for alarm in wall.of_rule("HR_OVER").values()),
                    "every alarm says that its source is lost",
                )
                await until(lambda: len(wall.of_rule("NO_DATA")) == PEOPLE, "no data is an alarm of its own")
                live = await system.get("/api/v1/live")
                assert {person["signals"]["hr"]["value"] for person in live["participants"]} == {None}
                assert {person["signals"]["hr"]["reason"] for person in live["participants"]} == {"lost"}
                check_alarms(wall, before)

            await until(lambda: wall.live_n() == PEOPLE, "everybody is live again", within_s=120)
            await until(
                lambda: not any(alarm.get("source_lost") for alarm in wall.of_rule("HR_OVER").values()),
                "the sources are back",
                within_s=60,
            )
            check_alarms(wall, before)
            assert wall.too_old == []
            assert all(wall.signals[alarm_id] == {"on"} for alarm_id in ids)
        await until(lambda: set(events_n(system, "raised", "HR_OVER")) == ids, "the alarms are in the record")
        assert set(events_n(system, "raised", "HR_OVER").values()) == {1}
        assert events_n(system, "cleared", "HR_OVER") == {}


def check_alarms(wall: Wall, before: dict[str, Json]) -> None:
    """The same alarms stand, as old as they are."""
    now = wall.of_rule("HR_OVER")
    assert {alarm["id"] for alarm in now.values()} == {alarm["id"] for alarm in before.values()}
    assert {who: alarm["onset_utc_ms"] for who, alarm in now.items()} == {
        who: alarm["onset_utc_ms"] for who, alarm in before.items()
    }
    assert {alarm["condition"] for alarm in now.values()} == {"active"}
