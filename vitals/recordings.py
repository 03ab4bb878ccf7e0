"""Recordings: CSV files of real people's vitals (columns as in docs/recordings.md), parsed to numbers. Pure: text in.

A recording has an id and one or two files: ``ID.csv`` (a time series) and ``ID.rr.csv`` (beats). Lines that are
nonsense are refused one by one, with the file, the line and the value; the rest is kept.
"""

import csv
import math
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from vitals.errors import InputError, InputReason

REFUSED_MAX: Final = 20
"""More refusals than this are counted, not kept."""

_LINES_MAX: Final = 2_000_000


class Row(Struct, frozen=True):
    """One line of a time series: seconds from the start and the columns that had a value."""

    at_s: float
    values: dict[str, float]


class Series(Struct, frozen=True, kw_only=True):
    """A parsed file. ``columns`` without ``t_s``; text columns (task, lead, rhythm) are left out."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    refused: tuple[str, ...] = ()
    refused_n: int = 0


_TEXT_COLUMNS: Final = frozenset({"task", "lead", "rhythm", "symbol", "event", "note"})
_RANGES: Final = {"hr_bpm": (0, 400), "rr_ms": (0, 600_000)}
_PREFIX_RANGES: Final = {"spo2": (0, 100), "pulse": (0, 400), "pi": (0, 100)}


def parse_series(lines: Iterable[str], *, name: str) -> Series:
    """Return the rows of a CSV text with a header that starts with ``t_s``.

    Args:
        lines: the file's lines.
        name: what to call it in errors.

    Raises:
        InputError: no header, or no column that is known to be a number.
    """
    reader = csv.reader(lines)
    header = [cell.strip() for cell in next(reader, [])]
    if not header or header[0] != "t_s":
        found = ",".join(header)[:80]
        wanted = "is separated by semicolons, not by commas" if found.startswith("t_s;") else "does not start with t_s"
        raise InputError(f"{name}:1", f"header {found!r} {wanted}", InputReason.WRONG_SHAPE)
    numeric = [(index, column) for index, column in enumerate(header) if index and column not in _TEXT_COLUMNS]
    rows: list[Row] = []
    refused: list[str] = []
    refused_n = 0
    for number, cells in enumerate(reader, start=2):
        if number > _LINES_MAX:
            raise InputError(f"{name}:{number}", f"more than {_LINES_MAX} lines", InputReason.TOO_LARGE)
        try:
            rows.append(_parse_row(cells, numeric, width=len(header)))
        except ValueError as error:
            refused_n += 1
            if len(refused) < REFUSED_MAX:
                refused.append(f"{name}:{number}: {error}")
    rows.sort(key=lambda row: row.at_s)
    return Series(
        name=name,
        columns=tuple(column for _, column in numeric),
        rows=tuple(rows),
        refused=tuple(refused),
        refused_n=refused_n,
    )


def _parse_row(cells: list[str], numeric: list[tuple[int, str]], *, width: int) -> Row:
    if len(cells) != width:
        msg = f"{len(cells)} cells instead of {width}"
        raise ValueError(msg)
    at_s = _number(cells[0], "t_s", low=0, high=1e6)
    values = {}
    for index, column in numeric:
        if cells[index].strip():
            low, high = _range(column)
            values[column] = _number(cells[index], column, low=low, high=high)
    return Row(at_s, values)


def _range(column: str) -> tuple[float, float]:
    if column in _RANGES:
        return _RANGES[column]
    return _PREFIX_RANGES.get(column.split("_", maxsplit=1)[0], (-1e9, 1e9))


def _number(text: str, column: str, *, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        msg = f"{column} {text[:40]!r} is not a number"
        raise ValueError(msg) from None
    if not math.isfinite(value) or not low <= value <= high:
        msg = f"{column} {text[:40]!r} is not between {low:g} and {high:g}"
        raise ValueError(msg)
    return value
