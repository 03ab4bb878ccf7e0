"""The room of the soak, in a process of its own: people with mixed sensors, two radios, and what goes wrong with them.

People walk off and come back, straps fall silent while their link stands, and the second radio is pulled out for a
while, so that there are fewer slots than sensors. Everything is drawn from a seed. Two files tell what happened, as
JSON lines with times of the scaled monotonic clock: what was heard by a listener, and the faults.
"""

import asyncio
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import msgspec

from simulators.cast import Actor, cast_people, draw_people
from simulators.kit import plan_kit
from simulators.moments import Moment, simulated_moments
from simulators.radio_server import RadioServer
from simulators.scenario import DEMO_PHASES, Event, Scenario, Trouble
from simulators.stage import Stage
from vitals.clock import open_clock
from vitals.sessions import GenerationMode
from vitals.settings import SimulatorSettings

PEOPLE = 12
SLOTS = (14, 12)
"""Of the two radios: enough for 24 sensors together, not without the second."""
ADVERTISING_LOSS = 0.1

WARM_UP_S = 120.0
CALM_S = 240.0
"""Nothing goes wrong in the first and the last stretch: everybody is connected before, and shall be afterwards."""
WALKED_OFF_S = (2.0, 90.0)
BETWEEN_WALKS_S = (240.0, 900.0)
MUTE_S = (6.0, 45.0)
BETWEEN_MUTES_S = (600.0, 1500.0)
PULLED_S = (40.0, 150.0)
PULLS = 3
LOOK_REAL_S = 0.05
STARVED_REAL_MS = 400
"""A machine that does other things as well lets a process wait; on the fast clock of a soak that is seconds."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, in seconds from the start: by person, and with the second radio."""

    walks: tuple[tuple[int, float, float], ...]
    mutes: tuple[tuple[int, float, float], ...]
    pulls: tuple[tuple[float, float], ...]


def draw_plan(rng: random.Random, *, seconds: float) -> Plan:
    """Draw the faults of a class."""
    first_s, last_s = WARM_UP_S, seconds - CALM_S

    def spells(between: tuple[float, float], lasting: tuple[float, float]) -> Iterator[tuple[int, float, float]]:
        for person in range(PEOPLE):
            at_s = first_s + rng.uniform(0, between[1])
            while (for_s := rng.uniform(*lasting)) and at_s + for_s < last_s:
                yield person, at_s, at_s + for_s
                at_s += for_s + rng.uniform(*between)

    span_s = (last_s - first_s) / PULLS
    pulls = []
    for number in range(PULLS):
        for_s = min(rng.uniform(*PULLED_S), span_s / 2)
        at_s = first_s + number * span_s + rng.uniform(0, span_s - for_s)
        pulls.append((at_s, at_s + for_s))
    return Plan(
        walks=tuple(spells(BETWEEN_WALKS_S, WALKED_OFF_S)),
        mutes=tuple(spells(BETWEEN_MUTES_S, MUTE_S)),
        pulls=tuple(pulls),
    )


def people_of(seed: int) -> tuple[Actor, ...]:
    """Return who is in the room: each with a strap and an oximeter, of all makes in turn."""
    kit = plan_kit(SimulatorSettings(participants=PEOPLE, oximeters="mixed"))
    return cast_people(draw_people(people=PEOPLE, seed=seed), kit)


def muted(moments: Iterator[Moment], spells: list[tuple[float, float]]) -> Iterator[Moment]:
    """Yield the moments without what the strap would say in some spells."""
    for moment in moments:
        is_mute = any(from_s <= moment.at_s < to_s for from_s, to_s in spells)
        yield msgspec.structs.replace(moment, strap=None) if is_mute else moment


async def play(
    ports: tuple[int, int], *, rate: float, seconds: float, seed: int, heard: TextIO, faults: TextIO
) -> None:
    """Play until killed."""
    rng = random.Random(f"soak-{seed}")
    plan = draw_plan(rng, seconds=seconds)
    clock = open_clock(rate=rate, mode=GenerationMode.SIMULATED)
    stage = Stage(rng=rng, clock=clock, sent_log=heard)
    stage.air.advertising_loss = ADVERTISING_LOSS
    scenario = Scenario(
        people=PEOPLE,
        phases=DEMO_PHASES,
        events=tuple(
            Event(trouble=Trouble.OUT_OF_RANGE, person=person, from_s=from_s, to_s=to_s)
            for person, from_s, to_s in plan.walks
        ),
    )
    for index, (actor, person) in enumerate(zip(people_of(seed), draw_people(people=PEOPLE, seed=seed), strict=True)):
        moments = simulated_moments(
            person, scenario, index, random.Random(f"{seed}-{index}"), with_oximeter=actor.oximeter is not None
        )
        stage.add(actor, muted(moments, [(from_s, to_s) for who, from_s, to_s in plan.mutes if who == index]))
    await stage.power_on()
    start_ms = clock.mono_ms()

    def note(what: str, *, from_s: float, to_s: float, who: str = "") -> None:
        line = {"what": what, "who": who, "from_ms": start_ms + from_s * 1000, "to_ms": start_ms + to_s * 1000}
        faults.write(json.dumps(line) + "\n")

    note("class", from_s=0, to_s=seconds)
    for what, spells in (("walked_off", plan.walks), ("mute", plan.mutes)):
        for index, from_s, to_s in spells:
            note(what, from_s=from_s, to_s=to_s, who=f"p{index + 1:02d}")

    async def watch_ourselves() -> None:
        """Note when this process was not given a processor: everybody was silent then."""
        awake_ms = clock.mono_ms()
        while True:
            await asyncio.sleep(LOOK_REAL_S)
            slept_from_ms, awake_ms = awake_ms, clock.mono_ms()
            if awake_ms - slept_from_ms > STARVED_REAL_MS * rate:
                note("room_starved", from_s=(slept_from_ms - start_ms) / 1000, to_s=(awake_ms - start_ms) / 1000)

    async def second_radio() -> None:
        for from_s, to_s in (*plan.pulls, (float("inf"), float("inf"))):
            async with RadioServer(stage.air, slots=SLOTS[1]) as door:
                await door.listen_tcp(ports[1])
                if from_s == float("inf"):
                    await asyncio.Event().wait()
                await clock.sleep((start_ms - clock.mono_ms()) / 1000 + from_s)
            pulled_s = (clock.mono_ms() - start_ms) / 1000
            await clock.sleep((start_ms - clock.mono_ms()) / 1000 + to_s)
            note("radio_pulled", from_s=pulled_s, to_s=(clock.mono_ms() - start_ms) / 1000)

    async with RadioServer(stage.air, slots=SLOTS[0]) as door, asyncio.TaskGroup() as tasks:
        await door.listen_tcp(ports[0])
        tasks.create_task(second_radio(), name="soak.second_radio")
        tasks.create_task(watch_ourselves(), name="soak.watch")
        tasks.create_task(stage.play(), name="soak.play")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    port, second_port, seed = map(int, sys.argv[2:5])
    rate, seconds = map(float, sys.argv[5:7])
    with (
        (folder / "heard.jsonl").open("w", encoding="utf-8", buffering=1) as heard,
        (folder / "faults.jsonl").open("w", encoding="utf-8", buffering=1) as faults,
    ):
        asyncio.run(play((port, second_port), rate=rate, seconds=seconds, seed=seed, heard=heard, faults=faults))
