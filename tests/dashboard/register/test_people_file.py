"""Lists of people as clinics have them: any spreadsheet, any encoding, and files that mean harm."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.register.csv_table import LINES_MAX, CellError, Table, read_csv
from dashboard.register.people_file import TEMPLATE, FileLine, read_people
from vitals.errors import InputError

YEAR: Final = 2026
TITLES: Final = "number;alias;name;birth_year;rest_hr_bpm;hr_upper_bpm;beta_blocker;spo2_floor_pct\n"


def read(text: str | bytes) -> tuple[tuple[FileLine, ...], tuple[CellError, ...]]:
    payload = text if isinstance(text, bytes) else text.encode()
    return read_people(read_csv(payload), year=YEAR)


def said(text: str) -> list[tuple[int, str, str, str]]:
    return [(error.line, error.column, error.value, error.problem) for error in read(text)[1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_name_is_the_same_from_every_spreadsheet(encoding: str, delimiter: str, ends: str) -> None:
    text = f"Number;Alias;Name{ends}7;Ännchen;Anna Müßig{ends}".replace(";", delimiter)
    lines, errors = read(text.encode(encoding))

    assert errors == ()
    assert [(one.line, one.draft.number, one.draft.alias, one.draft.name) for one in lines] == [
        (2, "7", "Ännchen", "Anna Müßig")
    ]


def test_a_line_says_a_prescription_and_a_birth_year_stays_one() -> None:
    (line,), errors = read(TITLES + "1042;Anna;;1956;61;121;ja;89,5\n")

    assert errors == ()
    assert line.prescription is not None
    kept = line.prescription
    assert (kept.birth_year, kept.age_years, kept.rest_hr_bpm, kept.hr_upper_bpm) == (1956, None, 61, 121)
    assert (kept.beta_blocker, kept.spo2_floor_pct) == (True, 89.5)


def test_german_titles_are_understood() -> None:
    (line,), errors = read("Nummer;Kürzel;Geburtsjahr;Ruhepuls;Geschlecht\n3;Karl;1950;64;m\n")

    assert errors == ()
    assert line.prescription is not None
    assert (line.draft.number, line.draft.alias, line.prescription.sex) == ("3", "Karl", "male")


def test_each_wrong_cell_is_named_by_line_and_column_with_its_value() -> None:
    text = TITLES + (
        "1;Anna;;1956;61;121;;\n"
        "2;;;;;;;\n"
        "3;Carl;;;;999;;\n"
        "4;Dora;;;;12o;;\n"
        "5;Emil;;;;120;vielleicht;\n"
        "6;Fred;;;90;80;;\n"
        "1;Gina;;;;;;\n"
        "x!;Hans;;;;;;\n"
        "9;Ida;;;;;;;;surplus\n"
    )
    found = said(text)

    assert [(line, column, value) for line, column, value, _ in found] == [
        (3, "alias", ""),
        (4, "hr_upper_bpm", "999"),
        (5, "hr_upper_bpm", "12o"),
        (6, "beta_blocker", "vielleicht"),
        (7, "hr_upper_bpm", "80"),
        (8, "number", "1"),
        (9, "number", "x!"),
        (10, "", "surplus"),
    ]
    assert found[5][3] == "is in line 2 already"


def test_lines_are_counted_as_an_editor_counts_also_behind_a_cell_of_two_lines() -> None:
    found = said('alias;name\n"Anna";"two\nlines"\n\n;nobody\n')

    assert [(line, column) for line, column, _, _ in found] == [(2, "name"), (5, "alias")]


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-2", "@SUM(A1)", " =1", '"\t=1"', "=cmd|' /C calc'!A0"])
@pytest.mark.parametrize("column", ["alias", "name"])
def test_what_a_spreadsheet_would_run_is_refused(cell: str, column: str) -> None:
    text = f"alias;name\n{cell};x\n" if column == "alias" else f"alias;name\nx;{cell}\n"

    assert [(error[0], error[1]) for error in said(text)] == [(2, column)]


def test_markup_is_only_text() -> None:
    (line,), errors = read("alias;name\n<b>Anna</b>;<script>alert(1)</script>\n")

    assert errors == ()
    assert (line.draft.alias, line.draft.name) == ("<b>Anna</b>", "<script>alert(1)</script>")


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"", "is empty"),
        (b"\n\n;;\n", "is empty"),
        ("alias;name\nä;b\n".encode("utf-16"), "is no text"),
        (b"alias\nA\x00na\n", "is no text"),
        (b"alias\nA\x81\n", "neither UTF-8 nor Latin-1"),
        (b"alias;alias\nA;B\n", "twice"),
        (b"kuerzel;Nummer\nA;1\n", "is no column"),
        (b"alias;diagnosis\nA;COPD\n", "is no column"),
        (b"number;name\n1;A\n", "no column alias"),
        (b"alias;nummer;number\nA;1;2\n", "twice"),
        (b"PK\x03\x04\x14\x00\x06\x00", "is no text"),
    ],
)
def test_what_is_no_list_of_people_is_refused_in_one_line(payload: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as refused:
        read(payload)
    assert "\n" not in str(refused.value)


def test_a_broken_quote_ends_the_reading_and_is_named() -> None:
    assert [(line, column) for line, column, _, _ in said('alias;name\nA;"B" C\nD;E\n')] == [(2, "")]


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="more than"):
        read("alias\n" + "A\n" * (LINES_MAX + 1))


def test_the_template_has_no_line_and_no_error() -> None:
    assert read("\ufeff" + TEMPLATE) == ((), ())


@given(st.binary(max_size=400))
def test_no_bytes_crash_it(payload: bytes) -> None:
    try:
        table = read_csv(payload)
        lines, errors = read_people(table, year=YEAR)
    except InputError:
        return
    assert isinstance(table, Table)
    assert len(lines) + len({error.line for error in errors}) >= len(table.lines)


@given(st.lists(st.text(max_size=30), max_size=8))
def test_no_cells_crash_it_and_every_line_is_kept_or_named(cells: list[str]) -> None:
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    try:
        lines, errors = read(("alias;name\n" + "\n".join(f"{cell};x" for cell in quoted)).encode("utf-8", "replace"))
    except InputError:
        return
    assert all(line.draft.alias.isprintable() and line.draft.alias[0] not in "=+-@" for line in lines)
    assert len({error.line for error in errors}) + len(lines) >= len([cell for cell in cells if cell.strip()])
