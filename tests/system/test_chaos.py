"""A storm over a whole class: at every moment and afterwards, nothing dead looks alive, nothing is lost or doubled.

`CHAOS_SECONDS` (default 180) says how long each storm lasts, `CHAOS_SEED` which one it is; both are printed.
"""

import asyncio
import os
import re
import sys
import time
from itertools import pairwise
from pathlib import Path
from random import Random

import aiomqtt
import msgspec
import psutil
import pytest

from tests.system.alarm_story import Story, cleared_without_data, read_story, standing, unannounced, wrong_in
from tests.system.record_check import holes, unsent_n, until_all_is_stored
from tests.system.running import RunningSystem, running, until, watched
from tests.system.storm import PARTS, Storm
from tests.system.strict_wall import StrictWall

SECONDS = min(1_800.0, max(5.0, float(os.environ.get("CHAOS_SECONDS", "180"))))
SEED = int(os.environ.get("CHAOS_SEED", str(Random().randrange(10_000))))

pytestmark = [
    pytest.mark.peer,
    pytest.mark.slow,
    pytest.mark.timeout(SECONDS + 500),
    pytest.mark.xdist_group("system"),
]

PEOPLE = 8
SETTLED_WITHIN_S = 60.0
MEMORY_MB_MAX = 300
"""A part of a class of eight has 40 to 110; the storm may not make it grow."""


@pytest.mark.parametrize("scenario", ["crisis", "demo"])
async def test_a_storm_loses_doubles_and_forgets_nothing_and_no_dead_number_looks_alive(
    tmp_path: Path, scenario: str
) -> None:
    sent_log = tmp_path / "sent.jsonl"
    arguments = ("--participants", str(PEOPLE), "--scenario", scenario, "--seed", str(SEED))
    sys.stderr.write(f"\nstorm: scenario={scenario} CHAOS_SEED={SEED} CHAOS_SECONDS={SECONDS:.0f}\n")
    async with running(tmp_path, "demo", *arguments, VITALS_SIMULATORS__SENT_LOG=str(sent_log)) as system:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=60)
        wall = StrictWall(system)
        async with watched(system, wall):
            rule, count = ("HR_OVER", PEOPLE) if scenario == "crisis" else ("SPO2_LOW", 1)
            await until(lambda: len(wall.of_rule(rule)) >= count, f"{count} alarms", within_s=120)
            storm = Storm(system, wall, seed=SEED)
            await storm.run(seconds=SECONDS)
            sys.stderr.write("\n".join(storm.log) + "\n")
            ended_s = time.monotonic()
            try:
                await until_settled(system, wall, people_over=PEOPLE if scenario == "crisis" else 0)
                sys.stderr.write(f"settled after {time.monotonic() - ended_s:.1f} s\n")
                await until_all_is_stored(system)
            finally:
                await judge(system, wall, storm, sent_log)


async def until_settled(system: RunningSystem, wall: StrictWall, *, people_over: int) -> None:
    """Wait until everything is as if nothing had happened."""
    deadline_s = time.monotonic() + SETTLED_WITHIN_S
    while unsettled := await asyncio.to_thread(find_unsettled, system, wall, people_over=people_over):
        assert time.monotonic() < deadline_s, unsettled
        await asyncio.sleep(0.5)


def find_unsettled(system: RunningSystem, wall: StrictWall, *, people_over: int) -> list[str]:
    found = [f"{name} is {view}" for name, view in wall.parts.items() if view["state"] != "up" or view.get("text")]
    found += [] if wall.is_connected else ["the wall is not connected"]
    silent = [who for who in wall.tiles if wall.hr(who) is None or wall.tiles[who]["hr"].get("reason") == "stale"]
    if people_over:
        found += [f"{who} is silent" for who in silent]
    if len(over := wall.of_rule("HR_OVER")) < people_over:
        found.append(f"only {len(over)} of {people_over} alarms stand: {sorted(over)}")
    if (waiting := unsent_n(system)) > PEOPLE * 20:
        found.append(f"{waiting} readings in the outbox")
    if commands := system.query("commands.db", "SELECT payload FROM command"):
        found.append(f"commands on their way: {commands}")
    told = standing(read_story(system))
    if told != wall.alarms.keys():
        found.append(f"the record has {told}, the wall {set(wall.alarms)}")
    return found


async def judge(system: RunningSystem, wall: StrictWall, storm: Storm, sent_log: Path) -> None:
    """Collect everything that is wrong, so that one storm shows all of it."""
    story = read_story(system)
    said = system.said()
    wrong = wall.wrong[:10] + wall.untrue(sent_log)[:10] + wall.unnamed(storm.losses)
    wrong += wrong_in(story) + cleared_without_data(system, story) + unannounced(system, story, storm.losses)
    wrong += [f"hole {row}" for row in holes(system)] + [f"hole {row}" for row in paper_holes(system)]
    wrong += [f"not in the record as it was on the wall: {line}" for line in told_otherwise(wall, story)]
    wrong += [f"taken and not told: {alarm_id}" for alarm_id in storm.taken - acknowledged(story)]
    wrong += [
        f"a part ended by itself: {line}" for line in re.findall(r"supervisor\.restart.*", said) if "=-9" not in line
    ]
    wrong += [line for line in said.splitlines() if "gave up" in line or "Traceback" in line]
    wrong += await strangers_on_the_broker(said, standing(story))
    pids = system.pids()
    wrong += [f"{part} has no process" for part in PARTS if part not in pids]
    sizes = {part: psutil.Process(pid).memory_info().rss // 2**20 for part, pid in pids.items()}
    wrong += [f"{part} has {size} MB" for part, size in sizes.items() if size > MEMORY_MB_MAX]
    told = f"losses={len(storm.losses)} named={wall.named} frames={wall.frames} numbers={len(wall.shown)}"
    sys.stderr.write(f"{told} alarms={sum(map(len, wall.ids.values()))} MB={sizes}\n")
    assert not wrong, "\n".join(wrong)


def paper_holes(system: RunningSystem) -> list[tuple[object, ...]]:
    """Return streams of alarm events and of the journal that have not exactly one row for each number."""
    return system.query(
        "record.db",
        """
        SELECT stream.id, stream.kind, stream.cursor, count(paper.seq), max(paper.seq)
        FROM stream
        LEFT JOIN (SELECT stream, seq FROM alarm_event UNION ALL SELECT stream, seq FROM journal) AS paper
        ON paper.stream = stream.id
        WHERE stream.kind IN ('alarm', 'journal') GROUP BY stream.id
        HAVING count(paper.seq) != stream.cursor + 1 OR max(paper.seq) != stream.cursor
        """,
    )


def told_otherwise(wall: StrictWall, story: Story) -> list[str]:
    """Return the alarms whose ids on the wall are not those of the record, in its order."""
    found = []
    for key, met in wall.ids.items():
        ids = [event.alarm["alarm_id"] for event in story.get(key, []) if event.change == "raised"]
        if [alarm_id for alarm_id in ids if alarm_id in met] != met:
            found.append(f"{key}: wall {met}, record {ids}")
    taken_again = {
        event.alarm["alarm_id"]
        for events in story.values()
        for event in events
        if event.change in {"retriggered", "priority_raised"}
    }
    for alarm_id, signals in wall.signals.items():
        names = [signal for _, signal in signals]
        if ("acknowledged", "on") in pairwise(names) and alarm_id not in taken_again:
            found.append(f"{alarm_id} lost its acknowledgement: {signals}")
    return found


def acknowledged(story: Story) -> set[str]:
    """Return the alarms that somebody has taken, or that were over before the command came."""
    return {
        event.alarm["alarm_id"]
        for events in story.values()
        for event in events
        if event.change == "acknowledged" or event.alarm["signal"] == "off"
    }


async def strangers_on_the_broker(said: str, owned: set[str]) -> list[str]:
    """Return the alarm states that the broker keeps for nobody."""
    port = int(re.findall(r"url=mqtt://127\.0\.0\.1:(\d+)", said)[0])
    kept: set[str] = set()
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe("vitals/v1/gym/alarm/state/#")
        await client.subscribe("vitals/v1/gym/part/+/+/status")
        async for message in client.messages:
            if message.topic.matches("vitals/v1/gym/alarm/state/#"):
                if message.payload:
                    kept.add(msgspec.json.decode(message.payload)["alarm_id"])
            elif not message.retain:
                break  # a heartbeat: what was retained has come before it
    return [f"the broker keeps {sorted(kept)}, the record tells of {sorted(owned)}"] if kept != owned else []
