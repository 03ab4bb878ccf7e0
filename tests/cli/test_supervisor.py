"""Laws of the supervisor, with real child processes: what dies comes back, what refuses stops all, the end is clean."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.children import ChildSpec
from cli.supervisor import Supervisor
from vitals.deadline import deadline
from vitals.errors import SetupError

pytestmark = pytest.mark.peer

SLEEPER = "import time\nwhile True: time.sleep(60)"


def child(name: str, code: str, *, is_once: bool = False) -> ChildSpec:
    return ChildSpec(name=name, argv=(sys.executable, "-c", code), environment=dict(os.environ), is_once=is_once)


def pids(file: Path) -> dict[str, int]:
    try:
        known: dict[str, int] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return known


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.02)


async def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    supervisor = Supervisor([child("a", SLEEPER), child("b", SLEEPER)], pids_file=file)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run())
        await until(lambda: set(pids(file)) == {"a", "b"}, "both start")
        before = pids(file)
        os.kill(before["a"], signal.SIGKILL)
        await until(lambda: pids(file).get("a", before["a"]) != before["a"], "a comes back")
        after = pids(file)
        assert after["b"] == before["b"]
        running.cancel()
    assert not any(lives(pid) for pid in after.values())
    assert not file.exists()


async def test_children_that_do_not_listen_to_sigterm_are_ended_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    stubborn = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('ready', flush=True)\n{SLEEPER}"
    supervisor = Supervisor([child("stubborn", stubborn)], pids_file=file)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run())
        await until(lambda: bool(pids(file)), "it starts")
        pid = pids(file)["stubborn"]
        await asyncio.sleep(0.3)
        running.cancel()
    assert not lives(pid)


async def test_a_part_that_refuses_to_start_stops_all_others(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    supervisor = Supervisor([child("well", SLEEPER), child("refuses", "raise SystemExit(2)")], pids_file=file)
    with pytest.raises(ExceptionGroup) as caught:
        await supervisor.run()
    (error,) = caught.value.exceptions
    assert isinstance(error, SetupError)
    assert "refuses refused to start" in str(error)
    assert not file.exists()


async def test_a_part_that_keeps_dying_is_given_up_with_one_line_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cli.supervisor.RESTART_FIRST_S", 0.01)
    monkeypatch.setattr("cli.supervisor.RESTART_MAX_S", 0.02)
    file = tmp_path / "pids.json"
    supervisor = Supervisor([child("well", SLEEPER), child("dies", "raise SystemExit(1)")], pids_file=file)
    said = ""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run())
        deadline = time.monotonic() + 15
        while "gave up" not in said:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
            said += capfd.readouterr().err
        assert lives(pids(file)["well"])
        running.cancel()
    assert "vitals: gave up dies after 9 starts; the rest goes on" in said.splitlines()


async def test_a_child_that_runs_once_may_end_and_tells_so(tmp_path: Path) -> None:
    supervisor = Supervisor([child("once", "", is_once=True), child("well", SLEEPER)], pids_file=tmp_path / "p.json")
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run())
        async with deadline(15):
            await supervisor.wait_done("once")
        running.cancel()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
async def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "pids.json"
    program = (
        "import asyncio, os, sys, pathlib\n"
        "from cli.children import ChildSpec\n"
        "from cli.supervisor import Supervisor\n"
        f"spec = ChildSpec(name='a', argv=(sys.executable, '-c', {SLEEPER!r}), environment=dict(os.environ))\n"
        f"asyncio.run(Supervisor([spec], pids_file=pathlib.Path({str(file)!r})).run())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    await until(lambda: bool(pids(file)), "the child starts")
    pid = pids(file)["a"]
    process.kill()
    await process.wait()
    await until(lambda: not lives(pid), "the child follows")
