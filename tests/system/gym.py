"""A room of virtual people in a process of its own, who do what a test tells them: exercise, rest, have trouble.

Each line of its input is one word of the test: ``phase training`` for everybody; ``over_exertion 0 on`` and
``over_exertion 0 off`` for one person (index from 0) and each other trouble of a scenario.
"""

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from cli.broker import free_port
from simulators.cast import Actor, cast_people, draw_people
from simulators.kit import Kit, OximeterModel
from simulators.moments import simulated_moments
from simulators.radio_server import RadioServer
from simulators.scenario import Event, PhaseChange, Scenario, Trouble
from simulators.stage import Stage
from vitals.clock import open_clock
from vitals.sessions import GenerationMode, Phase

PEOPLE: Final = 4
SEED: Final = 11
WITHOUT_OXIMETER: Final = 3
FOR_EVER_S: Final = 1e9


def cast() -> tuple[Actor, ...]:
    """Return who is in the room: each with a strap, all but the last with an oximeter."""
    kit = [Kit(oximeter=None if index == WITHOUT_OXIMETER else OximeterModel.STANDARD) for index in range(PEOPLE)]
    return cast_people(draw_people(people=PEOPLE, seed=SEED), kit)


def told(scenario: Scenario, line: str, *, at_s: float) -> Scenario:
    """Return the scenario after a word of the test."""
    what, *more = line.split()
    if what == "phase":
        change = PhaseChange(phase=Phase(more[0]), at_s=at_s)
        return msgspec.structs.replace(scenario, phases=(*scenario.phases, change))
    trouble, person = Trouble(what), int(more[0])
    events = tuple(event for event in scenario.events if (event.trouble, event.person) != (trouble, person))
    if more[1] == "on":
        events += (Event(trouble=trouble, person=person, from_s=at_s, to_s=FOR_EVER_S),)
    return msgspec.structs.replace(scenario, events=events)


async def play(port: int, *, rate: float) -> None:
    """Play until killed."""
    clock = open_clock(rate=rate, mode=GenerationMode.SIMULATED)
    stage = Stage(rng=random.Random(SEED), clock=clock)
    scenario = Scenario(people=PEOPLE, events=(), phases=(PhaseChange(phase=Phase.REST, at_s=0),))
    for index, (actor, person) in enumerate(zip(cast(), draw_people(people=PEOPLE, seed=SEED), strict=True)):
        rng = random.Random(f"{SEED}-{index}")
        stage.add(actor, simulated_moments(person, scenario, index, rng, with_oximeter=actor.oximeter is not None))
    async with RadioServer(stage.air, slots=50) as door:
        await door.listen_tcp(port)
        await stage.power_on()
        start_ms = clock.mono_ms()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stage.play(), name="gym.play")
            sys.stdout.write("open\n")
            sys.stdout.flush()
            while line := await asyncio.to_thread(sys.stdin.readline):
                after = told(scenario, line, at_s=(clock.mono_ms() - start_ms) / 1000)
                # What the people are asked is looked up each second in this one, which they hold.
                msgspec.structs.force_setattr(scenario, "events", after.events)
                msgspec.structs.force_setattr(scenario, "phases", after.phases)


class Gym:
    """The room as a test has it."""

    def __init__(self, port: int, process: asyncio.subprocess.Process) -> None:
        self.port = port
        self._process = process

    async def tell(self, line: str) -> None:
        """Say one word to the room."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()


@asynccontextmanager
async def open_gym(*, rate: float) -> AsyncIterator[Gym]:
    """Run the room, its radio on a free port, until the block is left."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.system.gym", str(port), str(rate)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"open\n"
        yield Gym(port, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


if __name__ == "__main__":
    asyncio.run(play(int(sys.argv[1]), rate=float(sys.argv[2])))
