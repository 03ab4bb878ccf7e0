"""House rules that no linter knows, read from the syntax tree; each is also shown one defect."""

import ast
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PARTS: Final = ("vitals", "gateway", "ingest", "analysis", "alerts", "dashboard", "simulators", "cli")
SOURCES: Final = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
LINES_MAX: Final = 400
NAMES_OF_NOTHING: Final = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}

# Names to import whose distribution has another name.
DISTRIBUTIONS: Final = {
    "fhir": "fhir-resources",
    "paho": "paho-mqtt",
    "usb": "pyusb",
    "usb1": "libusb1",
    "starlette": "fastapi",
}
# What a part may count on besides its own extra: the parts below it that it imports.
EXTRAS: Final = {
    "vitals": (),
    "gateway": ("gateway",),
    "ingest": ("ingest",),
    "analysis": ("analysis",),
    "alerts": ("alerts",),
    "dashboard": ("dashboard", "ingest", "analysis", "report", "export"),
    "simulators": ("simulators", "gateway"),
    "cli": ("all",),
}


def stray_tasks(tree: ast.AST) -> Iterator[str]:
    """Tasks of the loop, and tasks without a name: a dump of the tasks must say whose each is."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "create_task":
            continue
        if "loop" in ast.unparse(node.func.value):
            yield f"line {node.lineno}: a task of the loop has no group that waits for it"
        if not any(keyword.arg == "name" for keyword in node.keywords):
            yield f"line {node.lineno}: a task without a name"


def stray_groups(tree: ast.AST) -> Iterator[str]:
    """`except*` outside service.py, where the one TaskGroup of a part lives."""
    for node in ast.walk(tree):
        if isinstance(node, ast.TryStar):
            yield f"line {node.lineno}: except* belongs in service.py"


def imports(tree: ast.AST) -> Iterator[str]:
    """The top-level names that are imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_every_part_is_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(PARTS)


def test_init_files_are_empty() -> None:
    assert [str(path) for path in SOURCES if path.name == "__init__.py" and path.stat().st_size] == []


def test_every_folder_with_code_is_a_package() -> None:
    assert [str(path.parent) for path in SOURCES if not (path.parent / "__init__.py").exists()] == []


def test_no_file_is_longer_than_one_noun_needs() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}

    assert {path: lines for path, lines in lengths.items() if lines > LINES_MAX} == {}


def test_no_file_is_named_after_nothing() -> None:
    assert [str(path) for path in SOURCES if NAMES_OF_NOTHING & set(path.stem.split("_"))] == []


def test_every_task_belongs_to_a_group_and_has_a_name() -> None:
    found = {str(path.relative_to(ROOT)): list(stray_tasks(ast.parse(path.read_text()))) for path in SOURCES}

    assert {path: lines for path, lines in found.items() if lines} == {}


def test_only_a_service_handles_a_group_of_errors() -> None:
    others = [path for path in SOURCES if path.name != "service.py"]
    found = {str(path.relative_to(ROOT)): list(stray_groups(ast.parse(path.read_text()))) for path in others}

    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_imports_only_what_its_extra_installs(part: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    names = EXTRAS[part] if EXTRAS[part] != ("all",) else tuple(name for name in extras if name not in {"all", "dev"})
    lines = [*project["dependencies"], *(line for name in names for line in extras[name])]
    installed = {line.partition(">")[0].partition("[")[0].strip() for line in lines}

    used = {
        name for path in SOURCES if path.is_relative_to(ROOT / part) for name in imports(ast.parse(path.read_text()))
    }
    third_party = used - set(sys.stdlib_module_names) - set(PARTS)

    assert {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in third_party} - installed == set()


@pytest.mark.parametrize(
    ("rule", "planted"),
    [
        (stray_tasks, "loop.create_task(work(), name='a[b].c')"),
        (stray_tasks, "asyncio.get_running_loop().create_task(work(), name='a[b].c')"),
        (stray_tasks, "group.create_task(work())"),
        (stray_groups, "try:\n    work()\nexcept* ValueError:\n    pass"),
    ],
)
def test_a_rule_sees_its_defect(rule: Callable[[ast.AST], Iterator[str]], planted: str) -> None:
    assert len(list(rule(ast.parse(planted)))) == 1


def test_a_named_task_of_a_group_is_no_defect() -> None:
    assert list(stray_tasks(ast.parse("group.create_task(work(), name='gateway[g1].scan')"))) == []
