"""Limits for a backtest: flags for everybody, or a file with a prescription for each recording or participant."""

import csv
import tomllib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, structs

from analysis.core.limits import resolve_limits
from analysis.core.prescribing import settle
from vitals.errors import InputError, InputReason, SetupError, SetupReason
from vitals.participants import ParticipantId, Prescription
from vitals.sessions import ResolvedLimit, RosterEntry

EVERYBODY: Final = "default"
"""The name of the prescription of those who have none of their own."""


_SETTLED: Final = ("rest_hr_bpm", "peak_hr_bpm", "zone_low_bpm", "zone_high_bpm", "spo2_baseline_pct")
"""What a rule or a meter asks a roster besides limits; what is not prescribed stays as it was in class."""


class Prescribed(Struct, frozen=True, kw_only=True):
    """Prescriptions by the id of a recording or participant."""

    default: Prescription
    own: dict[str, Prescription]

    @property
    def says_nothing(self) -> bool:
        """Whether neither a flag nor a file prescribes anything."""
        return not self.own and self.default == Prescription()

    def names(self, who: str) -> bool:
        """Return whether somebody's limits come from here."""
        return who in self.own or self.default != Prescription()

    def limits_of(self, who: str) -> tuple[ResolvedLimit, ...]:
        """Return somebody's limits, resolved as at the desk.

        Raises:
            InputError: the values contradict each other.
        """
        return resolve_limits(self.own.get(who, self.default), place=f"prescription of {who}")

    def entry_of(self, who: str) -> RosterEntry:
        """Return what a roster says of a prescription besides limits, for a person without sensors."""
        mine = settle(self.own.get(who, self.default))
        return RosterEntry(
            participant=ParticipantId(who),
            seat=1,
            sensors=(),
            rest_hr_bpm=mine.rest_hr_bpm,
            peak_hr_bpm=mine.peak_hr_bpm,
            zone_low_bpm=mine.zone_low_bpm,
            zone_high_bpm=mine.zone_high_bpm,
            spo2_baseline_pct=mine.spo2_baseline_pct,
        )

    def lay_over(self, entry: RosterEntry) -> RosterEntry:
        """Return an entry of a stored class with the limits, rates and zone that are prescribed here instead."""
        if not self.names(entry.participant):
            return entry
        mine = self.entry_of(entry.participant)
        told = {name: value for name in _SETTLED if (value := getattr(mine, name)) is not None}
        return structs.replace(entry, limits=self.limits_of(entry.participant), **told)


def read_prescribed(file: Path | None, *, hr_upper_bpm: int | None, spo2_floor_pct: float | None) -> Prescribed:
    """Return the prescriptions of a file, with the flags laid over all of them.

    TOML has a table for each id and one named ``default``; CSV a column ``id`` and one for each field.

    Raises:
        SetupError: the file cannot be read.
        InputError: names file, id, field and value of what is wrong.
    """
    flags = {"hr_upper_bpm": hr_upper_bpm, "spo2_floor_pct": spo2_floor_pct}
    given = {name: value for name, value in flags.items() if value is not None}
    for name, value in given.items():
        # `structs.replace` checks nothing: a flag has the bounds of the same field in a file.
        _prescription({name: value}, place=f"--{name.rpartition('_')[0].replace('_', '-')}")
    own = {} if file is None else _read(file)
    default = structs.replace(own.pop(EVERYBODY, Prescription()), **given)
    prescribed = Prescribed(default=default, own={who: structs.replace(one, **given) for who, one in own.items()})
    for who in (EVERYBODY, *prescribed.own):
        prescribed.limits_of(who)
    return prescribed


def _read(file: Path) -> dict[str, Prescription]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"prescriptions file {file} cannot be read: {why}"
        raise SetupError(msg, SetupReason.SETTINGS) from error
    tables = _from_csv(text, place=str(file)) if file.suffix == ".csv" else _from_toml(text, place=str(file))
    return {who: _prescription(table, place=f"{file}: {who}") for who, table in tables.items()}


def _from_toml(text: str, *, place: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(place, f"is no TOML: {error}", InputReason.WRONG_SHAPE) from error


def _from_csv(text: str, *, place: str) -> dict[str, object]:
    rows = csv.DictReader(text.splitlines())
    if rows.fieldnames is None or "id" not in rows.fieldnames:
        raise InputError(f"{place}:1", "the header has no column id", InputReason.WRONG_SHAPE)
    tables: dict[str, object] = {}
    for row in rows:
        who = row.pop("id")
        tables[who] = {
            name: _cell(text) for name, text in row.items() if name is not None and text is not None and text.strip()
        }
    return tables


def _cell(text: str) -> object:
    """Return what a cell holds: a number, true or false, or the text, which is refused with its name."""
    words = {"true": True, "false": False}
    if text.strip().lower() in words:
        return words[text.strip().lower()]
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _prescription(table: object, *, place: str) -> Prescription:
    try:
        return msgspec.convert(table, Prescription)
    except msgspec.ValidationError as error:
        raise InputError(place, f"{error} (given: {table!r})", InputReason.WRONG_SHAPE) from error
