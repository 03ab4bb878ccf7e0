"""The rule set of a site: the built-in one, and what the site's own file changes of it."""

from pathlib import Path

from analysis.core.default_rules import DEFAULT
from analysis.core.rule_file import read_rules
from analysis.core.rules import RuleSet
from vitals.errors import InputError, SetupError, SetupReason


def load_rules(path: Path | None) -> RuleSet:
    """Return the rules to judge by.

    Args:
        path: the site's file, laid over the built-in set; None: the built-in set alone.

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
