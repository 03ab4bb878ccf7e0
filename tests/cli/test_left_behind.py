"""A demo begins in a folder where another was killed in mid-class, and ends no class but its own."""

import signal
from pathlib import Path

import pytest

from cli.left_behind import is_own
from cli.main import EXIT_REFUSED
from tests.system.running import RunningSystem, running, until
from vitals.deadline import deadline
from vitals.sessions import GenerationMode

PEOPLE = ("--participants", "2")


@pytest.mark.parametrize(
    ("mode", "row_mode", "name", "own"),
    [
        ("simulated", "simulated", "Demo class", True),
        ("simulated", "real", "Demo class", False),
        ("simulated", "test", "Demo class", False),
        ("simulated", "simulated", "Monday", False),
        ("replayed", "replayed", "Demo class", True),
        ("replayed", "real", "Demo class", False),
        ("real", "real", "Demo class", False),
    ],
)
def test_only_a_class_of_the_same_kind_and_name_is_its_own_and_never_a_real_one(
    mode: str, row_mode: str, name: str, *, own: bool
) -> None:
    row = {"generation_mode": row_mode, "name": name}
    assert is_own(row, mode=GenerationMode(mode), name="Demo class") is own


@pytest.mark.peer
@pytest.mark.timeout(300)
@pytest.mark.xdist_group("system")
async def test_a_demo_ends_what_a_killed_one_left_open_and_no_other_class(tmp_path: Path) -> None:
    async with running(tmp_path, "demo", *PEOPLE) as system:
        first = await begun(system, nth=1)
        await killed(system)

        await system.start("demo", *PEOPLE)
        second = await begun(system, nth=2)
        assert f"class {first} (simulated) was left open in {system.data}; it is ended" in system.said()
        assert {row["id"]: row["ended_utc_ms"] is None for row in await system.get("/api/v1/sessions")} == {
            first: False,
            second: True,
        }

        await system.post(f"/api/v1/sessions/{second}/end", {"why": "for a class of another kind"})
        people = [{"id": "a", "seat": 1, "strap": "s"}]
        body = {"name": "Demo class", "generation_mode": "test", "participants": people}
        other = (await system.post("/api/v1/sessions", body))["id"]
        assert await system.stop() == 0

        await system.start("demo", *PEOPLE)
        assert system.process is not None
        async with deadline(60):
            assert await system.process.wait() == EXIT_REFUSED
        assert f"vitals: data folder {system.data}: class {other} (test) is open there" in system.said()
        assert system.query("clinic.db", "SELECT ended_utc_ms FROM session WHERE id = ?", other) == [(None,)]


async def begun(system: RunningSystem, *, nth: int) -> str:
    """The class that the nth demo of this test has begun."""
    await until(lambda: system.said().count("wall: ") == nth, "the class begins", within_s=60)
    return str((await system.get("/api/v1/sessions"))[0]["id"])


async def killed(system: RunningSystem) -> None:
    """Kill the demo; the kernel ends its parts, and they let go of the folder."""
    assert system.process is not None
    pids = system.pids()
    system.process.send_signal(signal.SIGKILL)
    await system.process.wait()
    await until(lambda: not any(map(is_running, pids.values())), "its parts end")


def is_running(pid: int) -> bool:
    """Also of one that has ended and that nobody has waited for yet, False."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
