"""Each gate of `make check` is seen red: a defect is planted in a small copy of the tree, and the gate names it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
BIN: Final = Path(sys.executable).parent
PACKAGES: Final = (
    *("vitals", "gateway", "ingest", "analysis", "alerts", "dashboard", "simulators", "cli"),
    *("gateway/codecs", "analysis/core", "analysis/history", "analysis/summary", "alerts/policy"),
    *("dashboard/access", "dashboard/api", "dashboard/emergency", "dashboard/erasure", "dashboard/export"),
    *("dashboard/flow", "dashboard/health", "dashboard/push", "dashboard/register", "dashboard/review"),
    "dashboard/view",
)
GATES: Final = {
    "format": [str(BIN / "ruff"), "format", "--check", "--no-cache", "."],
    "lint": [str(BIN / "ruff"), "check", "--no-cache", "--output-format=concise", "."],
    "pure": ["sh", "tools/lint_pure.sh"],
    "imports": [str(BIN / "lint-imports"), "--no-cache"],
    "types": [str(BIN / "mypy"), "--no-incremental", "vitals", "gateway", "tests"],
    "tests": [str(BIN / "pytest"), "-p", "no:cacheprovider", "tests"],
    "pages": [str(ROOT / "node_modules/.bin/tsc"), "--project", "tsconfig.json"],
}

SPAWN: Final = '''"""A part."""

import asyncio


async def work() -> None:
    """Work."""


async def main() -> None:
    """Leave a task behind."""
    await asyncio.gather(work())
'''
NOW: Final = '''"""A rule."""

from datetime import UTC, datetime


def is_late(at: datetime) -> bool:
    """Ask the clock."""
    return at < datetime.now(UTC)
'''
MATCH: Final = '''"""A closed set."""

from enum import StrEnum


class Signal(StrEnum):
    """What we tell."""

    ON = "on"
    OFF = "off"


def text(signal: Signal) -> str:
    """Say one of two."""
    match signal:
        case Signal.ON:
            said = "on"
    return said
'''
WARNS: Final = (
    "import warnings\n\n\ndef test_it_warns() -> None:\n    warnings.warn('old', DeprecationWarning, stacklevel=1)\n"
)
MARKED: Final = "import pytest\n\n\n@pytest.mark.quik\ndef test_it() -> None:\n    pass\n"
HANGS: Final = """import threading

import pytest


@pytest.mark.timeout(1)
def test_it() -> None:
    threading.Event().wait()
"""

# gate, file, what is planted in it, what the gate must say
DEFECTS: Final = [
    ("format", "gateway/link.py", "x = {'a':1}\n", "gateway/link.py"),
    ("lint", "gateway/link.py", SPAWN, "gateway/link.py:12:11: TID251"),
    (
        "lint",
        "gateway/link.py",
        '"""A link."""\n\nfrom . import codecs\n\n__all__ = ["codecs"]\n',
        "gateway/link.py:3:1: TID252",
    ),
    ("lint", "gateway/link.py", "def f(x):\n    return x\n", "gateway/link.py:1:1: D100"),
    ("pure", "analysis/core/rule.py", NOW, "analysis/core/rule.py:8:17"),
    (
        "pure",
        "analysis/core/rule.py",
        "import numpy as np\n\nrng = np.random.default_rng()\n",
        "analysis/core/rule.py:3:7",
    ),
    ("pure", "vitals/units.py", "from vitals.bus import Bus\n", "vitals/units.py:1:1"),
    ("pure", "gateway/codecs/strap.py", 'data = open("x")\n', "gateway/codecs/strap.py:1:8"),
    ("imports", "vitals/units.py", "import analysis\n", "vitals.units -> analysis (l.1)"),
    ("imports", "gateway/link.py", "import analysis.core\n", "gateway.link -> analysis.core (l.1)"),
    ("imports", "dashboard/wall.py", "import alerts\n", "dashboard.wall -> alerts (l.1)"),
    ("imports", "ingest/link.py", "import gateway\n", "ingest.link -> gateway (l.1)"),
    ("imports", "simulators/air.py", "import gateway.service\n", "simulators.air -> gateway.service (l.1)"),
    (
        "imports",
        "dashboard/emergency/card.py",
        "import dashboard.view\n",
        "dashboard.emergency.card -> dashboard.view (l.1)",
    ),
    ("imports", "alerts/desk.py", "import alerts.ledger\n", "No cycles are allowed in alerts."),
    ("imports", "analysis/core/rule.py", "from analysis import disk\n", "analysis.disk -> os (l.3)"),
    ("types", "vitals/units.py", "def f(x):  # noqa\n    return x\n", "vitals/units.py:1: error"),
    ("types", "vitals/units.py", MATCH, "vitals/units.py:15: error: Match statement has unhandled case"),
    ("types", "vitals/units.py", MATCH, 'vitals/units.py:18: error: Name "said" may be undefined'),
    ("tests", "tests/test_law.py", WARNS, "test_law.py:5: DeprecationWarning"),
    ("tests", "tests/test_law.py", MARKED, "'quik' not found in `markers` configuration option"),
    ("tests", "tests/test_law.py", HANGS, "Timeout (>1.0s)"),
    (
        "pages",
        "dashboard/static/wall.js",
        "/** @type {number} */\nexport const rows = '6';\n",
        "wall.js(2,14): error TS2322",
    ),
    (
        "pages",
        "dashboard/static/wall.js",
        "/** @param {Element} tile */\nexport const f = (tile) => tile.txt;\n",
        "wall.js(2,33)",
    ),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The settings of every gate around packages with next to nothing in them."""
    for name in ("pyproject.toml", "tsconfig.json"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for package in PACKAGES:
        (tmp_path / package).mkdir(parents=True, exist_ok=True)
        (tmp_path / package / "__init__.py").touch()
    for path, text in {
        "alerts/ledger.py": '"""A file."""\n\nimport alerts.desk\n\n__all__ = ["alerts"]\n',
        "alerts/desk.py": '"""A shell."""\n',
        "analysis/disk.py": '"""A shell."""\n\nimport os\n\n__all__ = ["os"]\n',
        "gateway/service.py": '"""A part."""\n',
        "vitals/bus.py": '"""A shell."""\n\nBus = object\n',
        "tests/test_first.py": "def test_it_runs() -> None:\n    assert True\n",
        "dashboard/static/first.js": "export const tick_ms = 100;\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def run(gate: str, tree: Path) -> tuple[int, str]:
    """The gate's exit code and what it said."""
    # Addresses without colours and without the line breaks of a narrow terminal.
    environment = os.environ | {"RUFF": str(BIN / "ruff"), "COLUMNS": "300", "NO_COLOR": "1"}
    done = subprocess.run(GATES[gate], cwd=tree, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.peer
@pytest.mark.timeout(120)
@pytest.mark.parametrize("gate", sorted(GATES))
def test_a_gate_is_green_without_a_defect(gate: str, tree: Path) -> None:
    code, said = run(gate, tree)

    assert code == 0, said


@pytest.mark.peer
@pytest.mark.timeout(120)
def test_the_pages_themselves_pass_their_gate() -> None:
    code, said = run("pages", ROOT)

    assert code == 0, said


@pytest.mark.peer
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("gate", "path", "planted", "named"), DEFECTS)
def test_a_gate_is_red_and_names_the_place(gate: str, path: str, planted: str, named: str, tree: Path) -> None:
    (tree / path).write_text(planted)

    code, said = run(gate, tree)

    assert code != 0, said
    assert named in said
