"""The wheel holds the system and nothing else, and works in an environment that holds nothing else."""

import asyncio
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.system.running import RunningSystem, until, watched

ROOT: Final = Path(__file__).resolve().parents[2]
BIN: Final = Path(sys.executable).parent
PARTS: Final = ("vitals", "gateway", "ingest", "analysis", "alerts", "dashboard", "simulators", "cli")

# One environment for all of them, and no system beside the one that is started here.
pytestmark = [pytest.mark.peer, pytest.mark.timeout(300), pytest.mark.xdist_group("system")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tree that has a stray package and a stray folder in it."""
    tree = tmp_path_factory.mktemp("tree")
    for part in (*PARTS, "tests"):
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, tree)
    for stray in ("scratch/__init__.py", "vitals/scratch/notes.py"):
        (tree / stray).parent.mkdir()
        (tree / stray).touch()
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    (built,) = (tree / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def vitals(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The command of an environment in which the pinned releases and the wheel are all there is."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True, capture_output=True)
    python = str(environment / "bin/python")
    uv = BIN / "uv"
    pip = [str(uv), "pip", "install", "--python", python] if uv.exists() else [python, "-m", "pip", "install"]
    for what in (["--require-hashes", "--requirement", str(ROOT / "constraints.txt")], ["--no-deps", str(wheel)]):
        subprocess.run(
            [*pip, "--quiet", *what], env=os.environ | {"UV_SYSTEM_CERTS": "1"}, check=True, capture_output=True
        )
    yield environment / "bin/vitals"
    shutil.rmtree(environment)


RULES = ("analysis/rules", "alerts/policies")


def test_the_wheel_holds_every_file_of_the_parts_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    folders = [path for part in PARTS for path in (ROOT / part).rglob("*") if path.is_file()]
    expected = {
        str(path.relative_to(ROOT))
        for path in folders
        if path.suffix == ".py"
        or path.is_relative_to(ROOT / "dashboard/static")
        or (path.suffix == ".toml" and any(path.is_relative_to(ROOT / rules) for rules in RULES))
    }

    assert packed == expected


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        licences = {Path(name).name for name in archive.namelist() if "/licenses/" in name}

    assert licences == {"LICENSE", "NOTICE"}


def test_the_command_runs_where_only_the_wheel_is_installed(vitals: Path, tmp_path: Path) -> None:
    done = subprocess.run([vitals, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


WITHOUT_MOSQUITTO: Final = """
import sys
import cli.broker
from cli.main import main
cli.broker.find_mosquitto = lambda: None
sys.exit(main())
"""
"""The command on a machine that has no Mosquitto: `find_mosquitto` also looks where no PATH leads."""


async def test_the_wall_is_served_live_where_only_the_wheel_is_installed_and_no_mosquitto(
    vitals: Path, tmp_path: Path
) -> None:
    system = RunningSystem(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    python = vitals.parent / "python"
    arguments = ("demo", "--participants", "3", "--port", str(system.port), "--data", str(system.data))
    with system.output.open("ab") as output:
        system.process = await asyncio.create_subprocess_exec(
            *(str(python), "-P", "-c", WITHOUT_MOSQUITTO, *arguments),
            cwd=tmp_path / "elsewhere",
            env={"PATH": str(vitals.parent), "HOME": str(tmp_path)},
            stdout=output,
            stderr=output,
        )
    try:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=90)
        async with watched(system) as wall:
            await until(lambda: wall.live_n() == 3, "everybody is live on the websocket", within_s=60)
        assert "kind=iotcore" in system.said()
        assert "<title>Wall</title>" in await asyncio.to_thread(fetch, f"{system.url}/wall")
        assert "customElements.define" in await asyncio.to_thread(fetch, f"{system.url}/static/tile.js")
        assert list((tmp_path / "elsewhere").iterdir()) == []
    except BaseException:
        sys.stderr.write(system.said())
        raise
    finally:
        code = await system.stop()
    assert code == 0


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())
