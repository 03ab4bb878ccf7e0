"""What the pages for people name is there: files, commands and their flags, settings, targets of make, routes, links.

Decision records are left out of all but the links: a record is not rewritten when what it decided about moves.
"""

import argparse
import configparser
import re
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from cli.main import EXIT_REFUSED, build_parser
from dashboard.access.routes import WAYS
from vitals.settings import setting_keys, variable_of

ROOT: Final = Path(__file__).resolve().parents[2]
TOP: Final = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
PAGES: Final = sorted([*(ROOT / name for name in TOP), *(ROOT / "docs").glob("*.md")])
LINKED: Final = [*PAGES, *sorted((ROOT / "docs" / "decisions").glob("*.md"))]

SUFFIXES: Final = ("py", "md", "toml", "js", "css", "html", "sh", "txt", "csv", "png")
PARTS: Final = ("vitals", "gateway", "ingest", "analysis", "alerts", "dashboard", "simulators", "cli")
FOLDERS: Final = (*PARTS, "tests", "tools", "deploy")
LINK: Final = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
ROW: Final = re.compile(r"^\| `([^|]+)` \|[^|]*\| ([^|]*) \|$", re.MULTILINE)
CODE: Final = re.compile(r"`([^`\n]+)`")
FENCE: Final = re.compile(r"^( *)(```|~~~)[^\n]*\n(.*?)^\1\2", re.DOTALL | re.MULTILINE)
INDENTED: Final = re.compile(r"^ {4}(vitals .*)$", re.MULTILINE)
NUMBER: Final = re.compile(r"\b(?:[Dd]ecision |decisions/)(\d+)")
DOCS_PATH: Final = re.compile(r"\bdocs/[\w-]+(?:/[\w.-]+)*\.(?:md|png)")
ROUTE: Final = re.compile(r"^(?:(GET|POST|PUT|DELETE) )?(/(?:api/v1/)?[a-z][\w/{}.-]*)(?:\?.*)?$")

NOT_OURS: Final = {
    "README.txt",
    "vitals.toml",
    "rules.toml",
    "settings.toml",
    "ID.csv",
    "ID.rr.csv",
    "gateway/drivers/acme.py",
}
"""What an incident bundle holds, and what a reader of a page writes."""
UNITS: Final = {"/min"}


def codes(page: Path) -> Iterator[str]:
    """What stands between backticks in the running text."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    yield from (match[1].strip() for match in CODE.finditer(text))


def commands(page: Path) -> Iterator[str]:
    """Every line that a reader would type after `vitals`, in the text and in blocks."""
    text = page.read_text(encoding="utf-8").replace("\\|", "|")
    blocks = [match[3] for match in FENCE.finditer(text)]
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    for line in [*lines, *codes(page), *INDENTED.findall(text)]:
        found = re.match(r"^(?:sudo (?:-u [\w-]+ )?)?(?:[\w./]*/)?vitals ([a-z].*)$", line.rpartition(" | ")[2])
        if found:
            yield found[1].partition("#")[0].partition("   ")[0].strip()


@cache
def files() -> frozenset[str]:
    """Every file at the root and in the folders of the repository."""
    inner = (path for folder in (*FOLDERS, "docs") for path in (ROOT / folder).rglob("*"))
    return frozenset(str(path.relative_to(ROOT)) for path in [*ROOT.iterdir(), *inner])


def missing_paths(page: Path) -> Iterator[str]:
    for code in codes(page):
        if re.fullmatch(r"[\w.-]+\.(?:" + "|".join(SUFFIXES) + ")", code):
            is_there = any(path == code or path.endswith("/" + code) for path in files())
            if not is_there and code not in NOT_OURS:
                yield code
        elif re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*/?", code) and "/" in code:
            first = code.partition("/")[0]
            if first in {*FOLDERS, "docs"}:
                if not (ROOT / code).exists() and code not in NOT_OURS:
                    yield code
            elif code.endswith((".py", ".js", ".md")) and not any(path.endswith("/" + code) for path in files()):
                yield code


def missing_links(page: Path) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    for match in LINK.finditer(FENCE.sub("", text)):
        target = match[1]
        if not target.startswith(("http://", "https://", "mailto:")) and not (page.parent / target).exists():
            yield target
    yield from (path for path in DOCS_PATH.findall(text) if not (ROOT / path).exists())
    for number in NUMBER.findall(text):
        if not list((ROOT / "docs" / "decisions").glob(f"{int(number):04d}-*.md")):
            yield f"decision {number}"


@cache
def whole_parser() -> argparse.ArgumentParser:
    return build_parser()


def parser_of(parser: argparse.ArgumentParser, word: str) -> argparse.ArgumentParser | None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) and word in action.choices:
            found: argparse.ArgumentParser = action.choices[word]
            return found
    return None


def unknown_words(line: str) -> Iterator[str]:
    """What of a command line the parser does not know: the command, its verb, its flags."""
    parser, words = whole_parser(), shlex.split(line.replace("'", ""), comments=False)
    while words and (inner := parser_of(parser, words[0])) is not None:
        parser = inner
        words = words[1:]
    if parser.prog == "vitals":
        yield words[0]
    flags = {flag for action in parser._actions for flag in action.option_strings}
    yield from (word for word in words if word.strip("[]").startswith("--") and word.strip("[]") not in flags)


def unknown_commands(page: Path) -> Iterator[str]:
    for line in commands(page):
        for word in unknown_words(line):
            yield f"vitals {line}: {word}"


def unknown_settings(page: Path) -> Iterator[str]:
    variables = {variable_of(key) for key in setting_keys()} | {"VITALS_CONFIG"}
    sections = {key.partition(".")[0] for key in setting_keys() if "." in key}
    for code in codes(page):
        if code.startswith("VITALS_") and code.partition("=")[0] not in variables:
            yield code
        name = code.partition(" ")[0]
        section, dot, rest = name.partition(".")
        is_key = (
            dot
            and section in sections
            and re.fullmatch(r"[a-z_]+", rest)
            and rest not in {*SUFFIXES, "db", "log", "crt", "key", "held"}
        )
        if is_key and name not in setting_keys() and not is_module(name):
            yield code


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists()


def unknown_targets(page: Path) -> Iterator[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    lines = [*codes(page), *(line for match in FENCE.finditer(text) for line in match[3].splitlines())]
    for line in lines:
        found = re.match(r"^(?:INSTALL=1 )?make ([a-z-]+)", line.strip())
        if found and found[1] not in targets:
            yield line


def unknown_routes(page: Path) -> Iterator[str]:
    shapes = {(way.method, re.sub(r"\{[\w:]+\}|(?<=/)[A-Z]+\b", "*", way.path)) for way in WAYS}
    pages = {path for _, path in shapes}
    for code in codes(page):
        match = ROUTE.match(code)
        if match is None or "..." in code or code in UNITS or code.startswith(("/etc/", "/opt/", "/var/", "/mnt/")):
            continue
        method, path = match[1], re.sub(r"\{\w+\}|(?<=/)[A-Z]+\b", "*", match[2])
        if (method, path) not in shapes if method else path not in pages:
            yield code


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(missing_links(page)) == []


def test_the_code_leads_to_pages_that_are_there() -> None:
    """A message that sends somebody to a page must not send them nowhere."""
    sources = [path for part in PARTS for path in (ROOT / part).rglob("*") if path.suffix in {".py", ".js", ".toml"}]
    named = {path for source in sources for path in DOCS_PATH.findall(source.read_text(encoding="utf-8"))}
    assert "docs/stores.md" in named
    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize(
    "unknown",
    [missing_paths, unknown_commands, unknown_settings, unknown_targets, unknown_routes],
    ids=lambda unknown: unknown.__name__,
)
def test_what_a_page_names_is_there(unknown: Callable[[Path], Iterator[str]]) -> None:
    wrong = {str(page.relative_to(ROOT)): list(unknown(page)) for page in PAGES}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_map_begins_where_it_says() -> None:
    """ARCHITECTURE.md: the files of the last column are in the folders of the first."""
    rows = ROW.findall((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    folders = {folder for cell, _ in rows for folder in re.split("`, `", cell)}
    assert {f"{part}/" for part in PARTS} <= folders
    for cell, begin in rows:
        for name in CODE.findall(begin):
            assert any((ROOT / folder / name).exists() for folder in re.split("`, `", cell)), (cell, name)


@pytest.mark.parametrize(
    ("unknown", "text"),
    [
        (missing_links, "[a page](gone.md)"),
        (missing_links, "see docs/gone.md"),
        (missing_links, "(decision 9999)"),
        (missing_paths, "`vitals/gone.py` tells"),
        (missing_paths, "`gone.py` tells"),
        (unknown_commands, "```\nvitals fly\n```\n"),
        (unknown_commands, "`vitals serve --fast` is quick"),
        (unknown_commands, "```\necho x | sudo -u vitals .venv/bin/vitals way remove --all\n```\n"),
        (unknown_settings, "`dashboard.colour` is red"),
        (unknown_settings, "`VITALS_DASHBOARD__COLOUR`"),
        (unknown_targets, "`make coffee`"),
        (unknown_routes, "`/gone`"),
        (unknown_routes, "`DELETE /api/v1/people/ID`"),
    ],
)
def test_what_is_not_there_is_found(tmp_path: Path, unknown: Callable[[Path], Iterator[str]], text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    assert len(list(unknown(page))) == 1


def test_the_service_starts_a_command_that_is_there_and_gives_up_what_a_person_must_change() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((ROOT / "deploy" / "session-vitals.service").read_text(encoding="utf-8"))
    program, _, line = unit["Service"]["ExecStart"].partition(" ")
    assert program.endswith("/.venv/bin/vitals")
    assert list(unknown_words(line)) == []
    assert unit["Service"]["RestartPreventExitStatus"] == str(EXIT_REFUSED)
    assert unit["Service"]["Environment"].startswith("VITALS_CONFIG=")
