"""People who take part: the one place that knows which name a pseudonym has.

The id is random and stays the same over all sessions, so that a programme can be followed; it tells nothing about its
person and is all that the other parts are told.
"""

import re
import secrets
from typing import Any, Final

from msgspec import Struct

from dashboard.register.shelf import Shelf
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.units import UtcMs

PEOPLE_MAX: Final = 20_000
"""Thirty years of a busy clinic; what is beyond is refused, not kept."""

ALIAS_CHARS_MAX: Final = 32
NAME_CHARS_MAX: Final = 80
NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._-]{0,15}")
"""As clinics count: 1042, A-17, 2026/031."""

_COLUMNS: Final = "id, number, alias, name, is_archived, created_utc_ms"


class Person(Struct, frozen=True, kw_only=True):
    """One person of the register. ``number``: the clinic's own; None: it has none. ``name`` may be empty."""

    id: ParticipantId
    number: str | None
    alias: str
    name: str
    is_archived: bool
    created_utc_ms: UtcMs


class Draft(Struct, frozen=True, kw_only=True):
    """What somebody types about a person, looked through by `draft_person`."""

    number: str | None
    alias: str
    name: str


def draft_person(*, number: str | None, alias: str, name: str, place: str = "body") -> Draft:
    """Return what may be kept of a person.

    Raises:
        InputError: too long, empty, with signs that are no text, or a number that is none.
    """
    kept = (number or "").strip()
    if kept and not NUMBER.fullmatch(kept):
        problem = f"{kept[:40]!r} is not 1 to 16 letters, digits, / . _ or -"
        raise InputError(f"{place}.number", problem, InputReason.WRONG_SHAPE)
    alias, name = alias.strip(), name.strip()
    if not alias:
        raise InputError(f"{place}.alias", "is missing: what the screens call this person", InputReason.WRONG_SHAPE)
    for field, text, chars_max in (("alias", alias, ALIAS_CHARS_MAX), ("name", name, NAME_CHARS_MAX)):
        if len(text) > chars_max:
            problem = f"{text[:40]!r} has {len(text)} characters, at most {chars_max}"
            raise InputError(f"{place}.{field}", problem, InputReason.OUT_OF_RANGE)
        if not text.isprintable():
            raise InputError(f"{place}.{field}", f"{text[:40]!r} has signs that are no text", InputReason.WRONG_SHAPE)
    return Draft(number=kept or None, alias=alias, name=name)


def new_participant_id() -> ParticipantId:
    """Return an id for a person: 60 random bits."""
    return ParticipantId(f"p-{secrets.token_hex(8)[:15]}")


class People:
    """The people of the register."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the file."""
        self._shelf: Final = shelf

    def all(self, *, with_archived: bool = True) -> tuple[Person, ...]:
        """Return the people, by alias."""
        where = "" if with_archived else " WHERE NOT is_archived"
        return self._read(f"SELECT {_COLUMNS} FROM person{where} ORDER BY alias COLLATE NOCASE, id")  # noqa: S608 - constant

    def find(self, person: ParticipantId) -> Person | None:
        """Return a person by id."""
        return next(iter(self._read(f"SELECT {_COLUMNS} FROM person WHERE id = ?", (person,))), None)  # noqa: S608

    def find_number(self, number: str) -> Person | None:
        """Return a person by the clinic's own number."""
        return next(iter(self._read(f"SELECT {_COLUMNS} FROM person WHERE number = ?", (number,))), None)  # noqa: S608

    def require(self, person: ParticipantId) -> Person:
        """Return a person by id.

        Raises:
            InputError: nobody has it.
        """
        found = self.find(person)
        if found is None:
            raise InputError("person", f"{person[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        return found

    def add(self, draft: Draft, *, utc_ms: UtcMs) -> Person:
        """Add a person under a new pseudonym.

        Raises:
            InputError: somebody has that number, or the register is full.
        """
        with self._shelf.change():
            self._refuse_number(draft.number, unless=None)
            if self._shelf.rows("SELECT count(*) FROM person")[0][0] >= PEOPLE_MAX:
                raise InputError("person", f"the register has {PEOPLE_MAX} people: enough", InputReason.TOO_LARGE)
            person = Person(
                id=new_participant_id(),
                number=draft.number,
                alias=draft.alias,
                name=draft.name,
                is_archived=False,
                created_utc_ms=utc_ms,
            )
            self._shelf.run(
                "INSERT INTO person VALUES (?, ?, ?, ?, 0, ?)",
                (person.id, person.number, person.alias, person.name, utc_ms),
            )
        return person

    def change(self, person: ParticipantId, draft: Draft) -> Person:
        """Give a person another number, alias or name.

        Raises:
            InputError: nobody has this id, or somebody else has that number.
        """
        with self._shelf.change():
            self.require(person)
            self._refuse_number(draft.number, unless=person)
            self._shelf.run(
                "UPDATE person SET number = ?, alias = ?, name = ? WHERE id = ?",
                (draft.number, draft.alias, draft.name, person),
            )
            return self.require(person)

    def archive(self, person: ParticipantId, *, is_archived: bool) -> Person:
        """Put a person away, or take it back; the own sensors of one who is put away go to the pool.

        Raises:
            InputError: nobody has this id.
        """
        with self._shelf.change():
            self.require(person)
            self._shelf.run("UPDATE person SET is_archived = ? WHERE id = ?", (int(is_archived), person))
            if is_archived:
                self._shelf.run("UPDATE sensor SET owner = NULL WHERE owner = ?", (person,))
            return self.require(person)

    def _refuse_number(self, number: str | None, *, unless: ParticipantId | None) -> None:
        found = None if number is None else self.find_number(number)
        if found is not None and found.id != unless:
            raise InputError("body.number", f"{number!r} is {found.alias!r} already", InputReason.CONFLICT)

    def _read(self, sql: str, bindings: tuple[Any, ...] = ()) -> tuple[Person, ...]:
        return tuple(
            Person(
                id=person,
                number=number,
                alias=alias,
                name=name,
                is_archived=bool(is_archived),
                created_utc_ms=created,
            )
            for person, number, alias, name, is_archived, created in self._shelf.rows(sql, bindings)
        )
