"""What is installed is pinned by content and not by place; what is pure is checked by both gates."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
LISTS: Final = ("constraints.txt", "constraints-dev.txt", "constraints-uv.txt")

# In pieces, so that this file does not find itself.
ADDRESSES: Final = re.compile(
    "|".join(
        (
            "pypi" + r"\.org",
            "pythonhosted" + r"\.org",
            "registry" + r"\.(npmjs|yarnpkg)",
            "index-" + r"url[ =]+\S*://",
            '"resolved' + '": "',
        )
    ),
)


def pins(name: str) -> dict[str, int]:
    """The pinned releases of a list, each with the number of its hashes."""
    found: dict[str, int] = {}
    release = ""
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("    --hash=sha256:"):
            found[release] += 1
        else:
            release = line.removesuffix("\\").strip()
            found[release] = 0
    return found


def tracked() -> list[Path]:
    """The files of the repository; without git, those of the folders that are in it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", LISTS)
def test_every_release_is_pinned_with_its_hashes(name: str) -> None:
    found = pins(name)

    assert [release for release, hashes in found.items() if "==" not in release or not hashes] == []
    assert "://" not in (ROOT / name).read_text()


def test_the_tests_run_with_the_releases_that_are_installed_at_a_clinic() -> None:
    assert set(pins("constraints.txt")) - set(pins("constraints-dev.txt")) == set()


def test_what_builds_the_package_is_pinned_too() -> None:
    names = {release.partition("==")[0] for release in pins("constraints.txt")}

    assert {"setuptools", "wheel"} <= names


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        re.split(r"[>\[]", line)[0].strip()
        for lines in (project["dependencies"], *project["optional-dependencies"].values())
        for line in lines
    }
    names = {release.partition("==")[0] for release in pins("constraints-dev.txt")}

    assert declared - names == {"session-vitals"}


def test_the_type_checker_of_the_pages_is_pinned_by_content() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert {name for name, entry in packages.items() if name and "integrity" not in entry} == set()


def test_no_file_names_a_package_registry() -> None:
    named = []
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if ADDRESSES.search(text):
            named.append(str(path.relative_to(ROOT)))

    assert named == []


def test_every_pure_folder_is_in_the_contract_of_the_imports() -> None:
    lines = (ROOT / "tools/pure.txt").read_text().splitlines()
    folders = [line for line in lines if line and line[0] not in "#!" and line != "vitals" and (ROOT / line).is_dir()]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (pure,) = (contract for contract in contracts if contract["name"].startswith("Pure code"))

    assert sorted(pure["source_modules"]) == sorted(folder.replace("/", ".") for folder in folders)


def test_pure_code_may_not_import_a_shell_that_stands_beside_it() -> None:
    lines = (ROOT / "tools/pure.txt").read_text().splitlines()
    shells = {line[1:].removesuffix(".py").replace("/", ".") for line in lines if line.startswith("!")}
    lint = tomllib.loads((ROOT / "tools/ruff-pure.toml").read_text())["lint"]

    assert shells - set(lint["flake8-tidy-imports"]["banned-api"]) == set()
