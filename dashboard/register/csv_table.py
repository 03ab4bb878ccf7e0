"""CSV as clinics export it: UTF-8 or Windows' Latin-1, commas or semicolons, any spreadsheet's line ends; pure.

What is wrong is named by line and column. Cells that a spreadsheet would run as a formula are refused: what comes in
here goes out again in exports.
"""

import csv
import io
from typing import Final

from msgspec import Struct

from vitals.errors import InputError, InputReason

LINES_MAX: Final = 2_000
"""People in one file; a clinic's whole list of years."""

COLUMNS_MAX: Final = 64
CELL_CHARS_MAX: Final = 200
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in a spreadsheet (OWASP, CSV injection)."""


class CellError(Struct, frozen=True, kw_only=True):
    """What is wrong, and where: ``line`` as an editor counts, ``column`` by its title; empty: the whole line."""

    line: int
    column: str
    value: str
    problem: str


class Line(Struct, frozen=True, kw_only=True):
    """One line of the table: cells by title, without what is empty."""

    number: int
    cells: dict[str, str]


class Table(Struct, frozen=True, kw_only=True):
    """A table with its titles in order, its lines, and what could not be read."""

    titles: tuple[str, ...]
    lines: tuple[Line, ...]
    errors: tuple[CellError, ...]
    has_decimal_comma: bool


def read_csv(payload: bytes) -> Table:
    """Return the table in a file.

    Args:
        payload: the whole file.

    Raises:
        InputError: it is no text, has no titles, or is too long; the line says which.
    """
    text = _decode(payload)
    delimiter = _find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    titles: tuple[str, ...] = ()
    lines: list[Line] = []
    errors: list[CellError] = []
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            errors.append(CellError(line=begins, column="", value="", problem=f"not readable: {error}"))
            break  # behind a broken quote nobody knows where a line begins
        number, begins = begins, reader.line_num + 1
        if not any(cell.strip() for cell in row):
            continue
        if not titles:
            titles = _titles(row)
            continue
        if len(lines) >= LINES_MAX:
            raise InputError("body", f"has more than {LINES_MAX} lines", InputReason.TOO_LARGE)
        cells, wrong = _cells(row, titles, number=number)
        errors.extend(wrong)
        lines.append(Line(number=number, cells=cells))
    if not titles and not errors:
        raise InputError("body", "is empty: the first line names the columns", InputReason.WRONG_SHAPE)
    return Table(titles=titles, lines=tuple(lines), errors=tuple(errors), has_decimal_comma=delimiter == ";")


def _decode(payload: bytes) -> str:
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in payload:
        problem = "is no text in UTF-8 or Latin-1; save it as CSV UTF-8"
        raise InputError("body", problem, InputReason.WRONG_SHAPE)
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return payload.decode("cp1252")  # Latin-1 as Windows writes it: letters where Latin-1 has control signs
    except UnicodeDecodeError as error:
        problem = f"byte {payload[error.start]:#x} is neither UTF-8 nor Latin-1"
        raise InputError("body", problem, InputReason.WRONG_SHAPE) from error


def _find_delimiter(text: str) -> str:
    """Return what stands between the titles; those have no quotes around commas of their own."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return ";" if first.count(";") >= first.count(",") and ";" in first else ","


def _titles(row: list[str]) -> tuple[str, ...]:
    titles = tuple(cell.strip().lower().replace(" ", "_") for cell in row)
    while titles and not titles[-1]:
        titles = titles[:-1]
    if len(titles) > COLUMNS_MAX:
        raise InputError("body", f"has {len(titles)} columns, at most {COLUMNS_MAX}", InputReason.TOO_LARGE)
    twice = next((title for at, title in enumerate(titles) if title in titles[:at]), None)
    if twice is not None:
        raise InputError("body", f"names the column {twice[:40]!r} twice", InputReason.CONFLICT)
    return titles


def _cells(row: list[str], titles: tuple[str, ...], *, number: int) -> tuple[dict[str, str], list[CellError]]:
    cells: dict[str, str] = {}
    errors: list[CellError] = []
    extra = next((cell for cell in row[len(titles) :] if cell.strip()), None)
    if extra is not None:
        problem = f"has {len(row)} cells, the first line has {len(titles)}"
        errors.append(CellError(line=number, column="", value=extra[:40], problem=problem))
    for title, raw in zip(titles, row, strict=False):
        cell = raw.strip()
        problem = _problem_of(raw, cell)
        if problem:
            errors.append(CellError(line=number, column=title, value=cell[:40], problem=problem))
        elif cell:
            cells[title] = cell
    return cells, errors


def _problem_of(raw: str, cell: str) -> str:
    if cell and raw.lstrip(" ").startswith(FORMULA_SIGNS):
        return "begins like a formula of a spreadsheet"
    if len(cell) > CELL_CHARS_MAX:
        return f"has {len(cell)} characters, at most {CELL_CHARS_MAX}"
    return "" if cell.isprintable() else "has signs that are no text"
