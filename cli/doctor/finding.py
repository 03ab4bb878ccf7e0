"""What a check found: how bad it is, what was looked at, and the detail; rendering as lines and as JSON. Pure."""

import json
from collections.abc import Sequence
from enum import StrEnum

import msgspec
from msgspec import Struct


class Level(StrEnum):
    """OK: as it should be. WARN: works, but somebody should look. BAD: does not work until somebody acts."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Finding(Struct, frozen=True, kw_only=True):
    """One line of the report."""

    level: Level
    what: str
    detail: str


def ok(what: str, detail: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(level=Level.OK, what=what, detail=detail)


def warn(what: str, detail: str) -> Finding:
    """Return that something works but deserves a look."""
    return Finding(level=Level.WARN, what=what, detail=detail)


def bad(what: str, detail: str) -> Finding:
    """Return that something does not work."""
    return Finding(level=Level.BAD, what=what, detail=detail)


def is_well(findings: Sequence[Finding]) -> bool:
    """Return whether nothing is bad."""
    return all(finding.level is not Level.BAD for finding in findings)


def render_lines(findings: Sequence[Finding]) -> str:
    """Return one line for each finding in three columns, and a last line that counts."""
    width = max((len(finding.what) for finding in findings), default=0)
    lines = [f"{finding.level:4}  {finding.what:{width}}  {_one_line(finding.detail)}" for finding in findings]
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    lines.append(f"{counts[Level.OK]} ok, {counts[Level.WARN]} to look at, {counts[Level.BAD]} bad")
    return "\n".join(lines)


def render_json(findings: Sequence[Finding]) -> str:
    """Return a JSON array of objects with ``level``, ``what`` and ``detail``."""
    return json.dumps(msgspec.to_builtins(list(findings)), indent=1)


def _one_line(text: str) -> str:
    return " ".join(text.split())
