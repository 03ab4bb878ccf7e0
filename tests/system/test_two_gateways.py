"""Two gateways in one air: a sensor is given from one to the other, the gap is shown and recorded, nobody alarms."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.system.running import Json, RunningSystem, running, until, watched
from vitals.deadline import deadline

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240), pytest.mark.xdist_group("system")]

PEOPLE = 3

T = TypeVar("T")


def environment_of(pid: int) -> dict[str, str]:
    """What a part of the running system was started with."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return dict(pair.decode().split("=", 1) for pair in pairs if b"=" in pair)


@asynccontextmanager
async def second_gateway(system: RunningSystem, folder: Path) -> AsyncIterator[None]:
    """One more gateway, on its own disk, with the site's key and a radio of its own in the same air."""
    environment = environment_of(system.pids()["gateway"]) | {
        "VITALS_GATEWAY__ID": "g2",
        "VITALS_GATEWAY__SITE_KEY_FILE": str(system.data / "site.key"),
        "VITALS_GATEWAY__OUTBOX": str(folder / "outbox-g2.db"),
    }
    with (folder / "gateway-2.txt").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "cli", "gateway"), env=environment, stdout=output, stderr=output
        )
    try:
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            async with deadline(30):
                await process.wait()


async def vitals(system: RunningSystem, *words: str) -> tuple[int, str]:
    """Return how a command of ours ended, and what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli", *words, "--data", str(system.data), "--port", str(system.port)),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def ask_until(ask: Callable[[], Awaitable[list[T]]], *, count: int, what: str) -> list[T]:
    """Ask again and again until there are so many answers."""
    try:
        async with deadline(60):
            while len(found := await ask()) < count:  # noqa: ASYNC110 - an answer over HTTP has no event
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"never: {what}") from None
    return found


async def runs_of(system: RunningSystem, session: str) -> list[str]:
    """The runs whose heart rates of the first person are in the record, in order."""
    rows = await system.get(f"/api/v1/sessions/{session}/readings?participant=p01&kind=hr")
    return list(dict.fromkeys(row["run"] for row in rows))


async def test_a_sensor_that_is_moved_is_heard_by_the_other_gateway_and_the_gap_is_recorded(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE), "--scenario", "quiet")
    async with running(tmp_path, "demo", *arguments) as system, watched(system) as wall:
        await until(lambda: wall.session is not None and wall.live_n() == PEOPLE, "everybody is live", within_s=90)
        assert wall.session is not None
        session = wall.session["id"]
        people = (await system.get(f"/api/v1/sessions/{session}"))["participants"]
        strap = next(one["strap"] for one in people if one["id"] == "p01")

        status, said = await vitals(system, "session", "move", strap, "--to", "g2")
        assert (status != 0, "'g2' is not running" in said) == (True, True)
        async with second_gateway(system, tmp_path):
            await until(lambda: wall.parts.get("gateway/g2", {}).get("state") == "up", "the second gateway lives")
            before = await runs_of(system, session)
            status, said = await vitals(system, "session", "move", strap, "--to", "g2")
            assert (status, said.strip()) == (0, f"sensor {strap} moves to gateway g2")

            async def new_runs() -> list[str]:
                return [run for run in await runs_of(system, session) if run not in before]

            async def gaps() -> list[Json]:
                return await hand_overs(system, session, strap)

            assert len(await ask_until(new_runs, count=1, what="readings by the second gateway")) == 1
            await until(lambda: wall.hr("p01") is not None, "live again")
            (gap,) = await ask_until(gaps, count=1, what="a gap")
            assert 0 < gap["to_utc_ms"] - gap["from_utc_ms"] < 60_000
            # One sensor was away for a moment, the others never: no alarm, or on a busy machine one.
            assert sum(alarm["family"] == "technical" for alarm in wall.alarms_seen.values()) <= 1

            async def carried() -> list[str]:
                _, listed = await vitals(system, "session", "sensors", "--gateway", "g2")
                mine = [line for line in listed.splitlines() if line.startswith(f"{strap}  strap")]
                return [line for line in mine if "carried by g2" in line]

            # Its readings come first, who carries it with the next word of the gateway.
            assert len(await ask_until(carried, count=1, what="the list of sensors says who carries it")) == 1

            status, said = await vitals(system, "session", "sensors", "--nearest", "--kind", "strap")
            assert status == 1
            assert said.startswith(("No free sensor is heard", "No sensor is near enough"))

            # And back, after a time that is a silence of the first gateway's (5 s): it has not forgotten how.
            await until(lambda: is_late(gap["to_utc_ms"], 8_000), "eight seconds with the second gateway")
            status, _ = await vitals(system, "session", "move", strap, "--to", "g1")
            assert status == 0
            await ask_until(gaps, count=2, what="a second gap")
            await until(lambda: wall.hr("p01") is not None, "live again")


def is_late(since_utc_ms: int, by_ms: int) -> bool:
    return time.time() * 1000 - since_utc_ms > by_ms


async def hand_overs(system: RunningSystem, session: str, sensor: str) -> list[Json]:
    gaps: list[Json] = await system.get(f"/api/v1/sessions/{session}/gaps?participant=p01")
    return [gap for gap in gaps if (gap["sensor"], gap["kind"], gap["cause"]) == (sensor, "hr", "hand_over")]
