"""The rule set of a site: the one that is delivered, and what the site's own file changes of it."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from analysis.core.rule_file import read_rules
from analysis.core.rules import RuleSet
from vitals.errors import InputError, SetupError, SetupReason

DEFAULT: Final[RuleSet] = read_rules(
    files("analysis").joinpath("rules/default.toml").read_text(encoding="utf-8"), place="analysis/rules/default.toml"
)
"""`analysis/rules/default.toml`, which is part of the package: the one place where its numbers stand."""


def load_rules(path: Path | None) -> RuleSet:
    """Return the rules to judge by.

    Args:
        path: the site's file, laid over the delivered set; None: the delivered set alone.

    Raises:
        SetupError: the file cannot be read, or holds nonsense; one line names file, key and value.
    """
    if path is None:
        return DEFAULT
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"analysis.rules: {path} cannot be read: {error}", SetupReason.SETTINGS) from error
    try:
        return read_rules(text, place=str(path), base=DEFAULT)
    except InputError as error:
        raise SetupError(str(error), SetupReason.SETTINGS) from error
