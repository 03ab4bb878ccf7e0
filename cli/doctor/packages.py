"""Which Python, which of our packages' extras are complete, and whether the SQLite in use is one that loses nothing."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from typing import Final

from cli.doctor.finding import Finding, bad, ok, warn
from vitals.errors import SetupError
from vitals.settings import Settings

DISTRIBUTION: Final = "session-vitals"
PYTHON_MIN: Final = (3, 11)

_REQUIREMENT: Final = re.compile(r"^\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA: Final = re.compile(r"""extra\s*==\s*['"](?P<extra>[A-Za-z0-9_-]+)['"]""")
_NOT_PARTS: Final = frozenset({"all", "dev"})
"""Extras that stand for no part: everything together, and what only developers need."""


def check_packages(_settings: Settings) -> Sequence[Finding]:
    """Look at Python, at what each part needs, and at SQLite."""
    return (judge_python(sys.version_info[:3]), *_check_extras(), _check_sqlite())


def judge_python(version: tuple[int, int, int]) -> Finding:
    """Return whether this Python is new enough."""
    text = ".".join(str(number) for number in version)
    if version[:2] < PYTHON_MIN:
        return bad("python", f"{text}; {PYTHON_MIN[0]}.{PYTHON_MIN[1]} or newer is needed")
    return ok("python", f"{text}, {sys.executable}")


def group_requirements(requirements: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the packages by extra (``""``: what every part needs) from a distribution's requirements.

    >>> group_requirements(["apsw>=3.50", 'bleak>=3.1; extra == "gateway"'])
    {'': ('apsw',), 'gateway': ('bleak',)}
    """
    groups: dict[str, list[str]] = {}
    for line in requirements:
        requirement, _, marker = line.partition(";")
        named = _REQUIREMENT.match(requirement)
        found = _EXTRA.search(marker)
        extra = found["extra"] if found else ""
        if named is not None and extra not in _NOT_PARTS and named["name"] != DISTRIBUTION:
            groups.setdefault(extra, []).append(named["name"])
    return {extra: tuple(names) for extra, names in groups.items()}


def judge_extras(groups: Mapping[str, Sequence[str]], version_of: Callable[[str], str | None]) -> list[Finding]:
    """Return a finding for each group; what a part needs is missing only for those who run that part here."""
    findings = []
    for extra, names in groups.items():
        versions = {name: version_of(name) for name in names}
        missing = [name for name, version in versions.items() if version is None]
        what = f"packages: {extra}" if extra else "packages"
        if not missing:
            findings.append(ok(what, ", ".join(f"{name} {version}" for name, version in versions.items())))
        elif extra:
            hint = f"pip install '{DISTRIBUTION}[{extra}]'"
            findings.append(warn(what, f"{', '.join(missing)} not installed; to use it on this machine: {hint}"))
        else:
            findings.append(bad(what, f"{', '.join(missing)} not installed: pip install {DISTRIBUTION}"))
    return findings


def installed_version(name: str) -> str | None:
    """Return the version of an installed package, None if it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _check_extras() -> list[Finding]:
    try:
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return [warn("packages", f"{DISTRIBUTION} runs from its folder and is not installed; what it needs is unknown")]
    return judge_extras(group_requirements(requirements), installed_version)


def _check_sqlite() -> Finding:
    try:
        import apsw  # noqa: PLC0415 - doctor must speak also where it is missing

        from vitals.database import require_sqlite  # noqa: PLC0415 - it imports apsw

        require_sqlite()
    except (ImportError, SetupError) as error:
        return bad("sqlite", str(error))
    return ok("sqlite", f"{apsw.sqlite_lib_version()} in apsw")
