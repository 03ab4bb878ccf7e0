"""Cells of a CSV file: RFC 4180, and no cell that a spreadsheet would take for a formula. Pure."""

import re
from typing import Final

_QUOTED: Final = re.compile(r'[",\r\n]')
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def text_cell(text: str) -> str:
    """Return words as a cell; what would begin a formula is led by an apostrophe (OWASP, "CSV Injection").

    >>> text_cell("=1+1"), text_cell('say "a", b'), text_cell("s-17")
    ("'=1+1", '"say ""a"", b"', 's-17')
    """
    safe = f"'{text}" if text.startswith(_FORMULA) else text
    return '"' + safe.replace('"', '""') + '"' if _QUOTED.search(safe) else safe


def number_cell(value: float | None) -> str:
    """Return a number so that it is read back exactly, whole ones without a point; nothing for none.

    >>> number_cell(97.0), number_cell(0.1), number_cell(-2), number_cell(None), number_cell(True)
    ('97', '0.1', '-2', '', '1')
    """
    if value is None:
        return ""
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def line(cells: list[str]) -> str:
    """Return a row."""
    return ",".join(cells) + "\r\n"
