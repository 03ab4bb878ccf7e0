"""A list of people as CSV: which columns it may have, and what each line says; pure."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from pydantic import ValidationError

from analysis.core.limits import find_refusals
from dashboard.register.csv_table import CellError, Line, Table
from dashboard.register.people import Draft, draft_person
from dashboard.register.prescriptions import PLACE, KeptPrescriptionBody
from vitals.errors import InputError, InputReason

PERSON_COLUMNS: Final = ("number", "alias", "name")
FLAGS: Final = frozenset({"beta_blocker", "exercise_test", "after_surgery"})
WORDS: Final = frozenset({"sex", "peak_formula"})
FRACTIONS: Final = frozenset(
    {
        "mass_kg",
        "zone_low_hrr_pct",
        "zone_high_hrr_pct",
        "zone_low_hrmax_pct",
        "zone_high_hrmax_pct",
        "oxygen_l_min",
        "spo2_floor_pct",
        "spo2_critical_pct",
        "spo2_baseline_pct",
    }
)
PRESCRIPTION_COLUMNS: Final = tuple(name for name in KeptPrescriptionBody.model_fields if name != "age_years")

OTHER_TITLES: Final[Mapping[str, str]] = {
    "nummer": "number",
    "nr": "number",
    "kürzel": "alias",
    "anzeigename": "alias",
    "geburtsjahr": "birth_year",
    "geschlecht": "sex",
    "ruhepuls": "rest_hr_bpm",
    "maximalpuls": "peak_hr_bpm",
    "obergrenze": "hr_upper_bpm",
    "untergrenze": "hr_lower_bpm",
    "betablocker": "beta_blocker",
    "gewicht": "mass_kg",
}
"""As German spreadsheets name the columns that most lists have."""

_YES: Final = frozenset({"1", "yes", "y", "true", "ja", "j", "x"})
_NO: Final = frozenset({"0", "no", "n", "false", "nein"})
_SEX: Final[Mapping[str, str]] = {
    "f": "female",
    "w": "female",
    "female": "female",
    "weiblich": "female",
    "m": "male",
    "male": "male",
    "männlich": "male",
}

TEMPLATE: Final = (
    "number;alias;name;birth_year;sex;rest_hr_bpm;peak_hr_bpm;hr_upper_bpm;hr_lower_bpm;zone_low_bpm;zone_high_bpm;"
    "beta_blocker;exercise_test;spo2_floor_pct\r\n"
)
"""The first line of a file to fill in; a spreadsheet in any language opens it with semicolons."""


class FileLine(Struct, frozen=True, kw_only=True):
    """What one line says of one person; ``prescription`` None: it says nothing of limits."""

    line: int
    draft: Draft
    prescription: KeptPrescriptionBody | None


def read_people(table: Table, *, year: int) -> tuple[tuple[FileLine, ...], tuple[CellError, ...]]:
    """Return what the lines of a table say, and everything that is wrong with them.

    Args:
        table: as read.
        year: in which an age is reckoned.

    Raises:
        InputError: a column that nobody knows, or none with the alias.
    """
    titles = [OTHER_TITLES.get(title, title) for title in table.titles]
    known = (*PERSON_COLUMNS, *PRESCRIPTION_COLUMNS)
    strange = next((title for title in titles if title not in known), None)
    if strange is not None:
        problem = f"{strange[:40]!r} is no column; there are {', '.join(known)}"
        raise InputError("body line 1", problem, InputReason.WRONG_SHAPE)
    if "alias" not in titles:
        raise InputError("body line 1", "has no column alias: what the screens call a person", InputReason.WRONG_SHAPE)
    twice = next((title for at, title in enumerate(titles) if title in titles[:at]), None)
    if twice is not None:
        raise InputError("body line 1", f"names the column {twice!r} twice", InputReason.CONFLICT)
    found: list[FileLine] = []
    errors = list(table.errors)
    broken = {error.line for error in errors}
    numbers: dict[str, int] = {}
    for line in table.lines:
        cells = {OTHER_TITLES.get(title, title): cell for title, cell in line.cells.items()}
        read = _read_line(Line(number=line.number, cells=cells), has_comma=table.has_decimal_comma, year=year)
        if isinstance(read, CellError):
            if line.number not in broken:
                errors.append(read)
            continue
        number = read.draft.number
        if number is not None and number in numbers:
            problem = f"is in line {numbers[number]} already"
            errors.append(CellError(line=line.number, column="number", value=number, problem=problem))
        elif number is not None:
            numbers[number] = line.number
        found.append(read)
    return tuple(found), tuple(sorted(errors, key=lambda error: (error.line, error.column)))


def _read_line(line: Line, *, has_comma: bool, year: int) -> FileLine | CellError:
    cells = line.cells
    try:
        draft = draft_person(
            number=cells.get("number"), alias=cells.get("alias", ""), name=cells.get("name", ""), place="line"
        )
    except InputError as error:
        column = error.place.rpartition(".")[2]
        return CellError(line=line.number, column=column, value=cells.get(column, "")[:40], problem=error.problem)
    inputs: dict[str, Any] = {}
    for column in PRESCRIPTION_COLUMNS:
        if column in cells:
            value = _value(column, cells[column], has_comma=has_comma)
            if value is None:
                problem = "is no yes or no" if column in FLAGS else "is no number"
                return CellError(line=line.number, column=column, value=cells[column][:40], problem=problem)
            inputs[column] = value
    if not inputs:
        return FileLine(line=line.number, draft=draft, prescription=None)
    try:
        body = KeptPrescriptionBody.model_validate(inputs)
        refusals = find_refusals(body.at(year=year, place=PLACE))
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        column = str(first["loc"][0]) if first["loc"] else ""
        return CellError(line=line.number, column=column, value=cells.get(column, "")[:40], problem=first["msg"])
    except InputError as error:
        column = error.place.rpartition(".")[2]
        return CellError(line=line.number, column=column, value=cells.get(column, "")[:40], problem=error.problem)
    if refusals:
        field, problem = refusals[0].field, refusals[0].problem
        column = "birth_year" if field == "age_years" else field
        return CellError(line=line.number, column=column, value=cells.get(column, "")[:40], problem=problem)
    return FileLine(line=line.number, draft=draft, prescription=body)


def _value(column: str, cell: str, *, has_comma: bool) -> object | None:
    """Return what a cell says, None: nothing that its column can hold."""
    word = cell.casefold()
    if column in FLAGS:
        return True if word in _YES else False if word in _NO else None
    if column in WORDS:
        return _SEX.get(word, word) if column == "sex" else word
    text = cell.replace(",", ".") if has_comma and "." not in cell else cell
    if not text.isascii() or len(text) > 12 or not text.replace(".", "", 1).isdigit():  # noqa: PLR2004 - no such number
        return None
    return float(text) if column in FRACTIONS else int(text) if text.isdigit() else None
