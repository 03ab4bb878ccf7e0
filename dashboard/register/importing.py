"""Takes a list of people into the register: all of it, or nothing and the reasons."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from dashboard.register.csv_table import CellError, read_csv
from dashboard.register.people import Draft, People
from dashboard.register.people_file import FileLine, read_people
from dashboard.register.prescriptions import Prescriptions, year_of
from dashboard.register.shelf import Shelf
from vitals.units import UtcMs

WHY: Final = "from a list of people"
"""Why a version of a prescription came to be, in its history."""


class Outcome(StrEnum):
    """What becomes of one line."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class ImportedLine(Struct, frozen=True, kw_only=True):
    """One line and what becomes of it."""

    line: int
    outcome: Outcome
    number: str | None
    alias: str
    name: str
    has_prescription: bool


class Import(Struct, frozen=True, kw_only=True):
    """A whole list. ``errors``: then nothing was taken, whatever ``lines`` say would become of them."""

    lines: tuple[ImportedLine, ...]
    errors: tuple[CellError, ...]


def import_people(shelf: Shelf, payload: bytes, *, by: str, utc_ms: UtcMs, is_dry_run: bool) -> Import:
    """Take a list of people: those with a known number are changed, the others added.

    Args:
        shelf: the register.
        payload: the file.
        by: who asks.
        utc_ms: now.
        is_dry_run: only say what would be.

    Raises:
        InputError: not readable at all, or a column that nobody knows.
        StorageError: the disk did not take it; nothing was taken.
    """
    found, errors = read_people(read_csv(payload), year=year_of(utc_ms))
    register = People(shelf)
    lines = tuple(_look(register, Prescriptions(shelf), line) for line in found)
    if not errors and not is_dry_run:
        with shelf.change():
            for line in found:
                _take(shelf, line, by=by, utc_ms=utc_ms)
    return Import(lines=lines, errors=errors)


def _look(people: People, prescriptions: Prescriptions, line: FileLine) -> ImportedLine:
    draft = line.draft
    known = None if draft.number is None else people.find_number(draft.number)
    if known is None:
        outcome = Outcome.ADDED
    else:
        before = prescriptions.newest(known.id)
        is_same = (
            not known.is_archived
            and Draft(number=known.number, alias=known.alias, name=known.name) == draft
            and (line.prescription is None or (before is not None and before.body == line.prescription))
        )
        outcome = Outcome.UNCHANGED if is_same else Outcome.CHANGED
    return ImportedLine(
        line=line.line,
        outcome=outcome,
        number=draft.number,
        alias=draft.alias,
        name=draft.name,
        has_prescription=line.prescription is not None,
    )


def _take(shelf: Shelf, line: FileLine, *, by: str, utc_ms: UtcMs) -> None:
    people, prescriptions = People(shelf), Prescriptions(shelf)
    known = None if line.draft.number is None else people.find_number(line.draft.number)
    if known is None:
        known = people.add(line.draft, utc_ms=utc_ms)
    else:
        people.change(known.id, line.draft)
        if known.is_archived:
            people.archive(known.id, is_archived=False)
    before = prescriptions.newest(known.id)
    if line.prescription is not None and (before is None or before.body != line.prescription):
        prescriptions.add(known.id, line.prescription, by=by, why=WHY, utc_ms=utc_ms)
