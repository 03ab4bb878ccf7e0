"""One system to a data folder, one writer to a file, nothing left behind and nothing for other users to read."""

import asyncio
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers import Mosquitto
from tests.system.running import RunningSystem, running, until

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120), pytest.mark.xdist_group("system")]

CLI = (sys.executable, "-P", "-m", "cli")
CLASS = ("--participants", "2", "--scenario", "quiet")
DATABASES = {"access.db", "alerts.db", "analysis.db", "clinic.db", "outbox.db", "record.db"}


def plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def refusal(*arguments: str) -> str:
    """Run a command that must refuse at once; return its last line."""

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CLI, *arguments], env=plain_environment(), capture_output=True, text=True, timeout=30, check=False
        )

    done = await asyncio.to_thread(run)
    assert done.returncode == 2, done.stderr
    return done.stderr.splitlines()[-1]


async def test_a_second_system_in_a_data_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async with running(tmp_path, "demo", *CLASS) as system:
        await until(lambda: "wall:" in system.said(), "the wall stands")
        before = system.pids()
        said = await refusal("demo", "--data", str(system.data), "--port", "0", *CLASS)
        assert said == f"vitals: {system.data}/pids.json: another system is running with it"
        assert system.pids() == before
        assert len(await system.get("/api/v1/sessions")) == 1


@pytest.mark.parametrize(
    ("part", "file"),
    [
        ("gateway", "outbox"),
        ("ingest", "record"),
        ("analysis", "analysis"),
        ("dashboard", "clinic"),
        ("alerts", "alerts"),
    ],
)
async def test_a_part_that_is_started_twice_is_refused(tmp_path: Path, broker: Mosquitto, part: str, file: str) -> None:
    data = tmp_path / "data"
    common = ("--data", str(data), "--broker", broker.url)
    options = {"gateway": ("--radio", "bumble:tcp-client:127.0.0.1:9"), "dashboard": ("--port", "0")}.get(part, ())
    first = await asyncio.create_subprocess_exec(*CLI, part, *common, *options, env=plain_environment())
    try:
        await until((data / f"{file}.db").exists, f"{part} opens its file")
        said = await refusal(part, *common, *options)
        assert said == f"vitals: {data}/{file}.db: another {part} is running with it"
        assert first.returncode is None
    finally:
        first.terminate()
        await first.wait()


async def test_a_killed_system_leaves_no_process_behind(tmp_path: Path) -> None:
    system = RunningSystem(tmp_path)
    await system.start("demo", *CLASS)
    assert system.process is not None
    try:
        await until(lambda: "wall:" in system.said(), "the wall stands")
        children = system.pids()
        assert set(children) == {"broker", "simulate", "dashboard", "gateway", "analysis", "ingest", "alerts"}
        system.process.kill()
        await system.process.wait()
        await until(lambda: not any(map(lives, children.values())), "all parts follow, the broker too")
    finally:
        await system.stop()


async def test_no_file_of_a_system_can_be_read_by_others(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    async with running(tmp_path, "demo", *CLASS) as system:
        await until(lambda: "wall:" in system.said(), "the wall stands")
        # The other parts may still be on their way to their files.
        await until(lambda: {path.name for path in system.data.glob("*.db")} >= DATABASES, "all have their files")
        open_to_others = {
            path.relative_to(system.data).as_posix() for path in system.data.rglob("*") if is_open_to_others(path)
        }
    assert open_to_others <= {"broker/mosquitto.conf"}


def is_open_to_others(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False  # one that was only on its way to another name
    return stat.S_ISREG(mode) and bool(stat.S_IMODE(mode) & 0o077)
