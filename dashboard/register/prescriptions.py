"""What was prescribed for each person: every version stays, with who wrote it, when and why."""

from datetime import UTC, datetime
from typing import Annotated, Final

from msgspec import Struct
from pydantic import Field, ValidationError

from analysis.core.limits import find_refusals, resolve_limits
from analysis.core.prescribing import Refusal
from dashboard.classes import PrescriptionBody, describe_error
from dashboard.register.shelf import Shelf
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.units import UtcMs

PLACE: Final = "body.prescription"
VERSIONS_MAX: Final = 1_000
"""One a day for four years; what is beyond is a script gone wrong."""


class KeptPrescriptionBody(PrescriptionBody):
    """A prescription in the register: an age would be wrong next year, so the year of birth is kept."""

    age_years: Annotated[None, Field(description="always null: give birth_year")] = None


class PrescriptionVersion(Struct, frozen=True, kw_only=True):
    """One version; the newest holds."""

    version: int
    utc_ms: UtcMs
    by: str
    why: str
    body: KeptPrescriptionBody


def year_of(utc_ms: UtcMs) -> int:
    """Return the year in which an age is reckoned."""
    return datetime.fromtimestamp(utc_ms / 1000, UTC).year


def find_contradictions(body: PrescriptionBody, *, now_utc_ms: UtcMs) -> tuple[Refusal, ...]:
    """Return everything that contradicts itself, by field, so that a form can mark all of it."""
    try:
        prescription = body.at(year=year_of(now_utc_ms), place=PLACE)
    except InputError as error:
        return (Refusal(field=error.place.rpartition(".")[2], problem=error.problem),)
    return find_refusals(prescription)


class Prescriptions:
    """All versions of all prescriptions."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the file."""
        self._shelf: Final = shelf

    def versions(self, person: ParticipantId) -> tuple[PrescriptionVersion, ...]:
        """Return all versions of one person, the newest first.

        Raises:
            InputError: what is kept is no prescription of this program.
        """
        rows = self._shelf.rows(
            "SELECT version, utc_ms, staff, why, body FROM prescription WHERE person = ? ORDER BY version DESC",
            (person,),
        )
        return tuple(
            PrescriptionVersion(version=version, utc_ms=utc_ms, by=by, why=why, body=_read_body(body))
            for version, utc_ms, by, why, body in rows
        )

    def newest(self, person: ParticipantId) -> PrescriptionVersion | None:
        """Return what holds now; None: nothing was prescribed."""
        rows = self._shelf.rows(
            "SELECT version, utc_ms, staff, why, body FROM prescription WHERE person = ? ORDER BY version DESC LIMIT 1",
            (person,),
        )
        for version, utc_ms, by, why, body in rows:
            return PrescriptionVersion(version=version, utc_ms=utc_ms, by=by, why=why, body=_read_body(body))
        return None

    def counts(self) -> dict[ParticipantId, tuple[int, UtcMs]]:
        """Return of everybody with a prescription the newest version and when it was written."""
        rows = self._shelf.rows("SELECT person, max(version), max(utc_ms) FROM prescription GROUP BY person")
        return {person: (version, utc_ms) for person, version, utc_ms in rows}

    def add(
        self, person: ParticipantId, body: KeptPrescriptionBody, *, by: str, why: str, utc_ms: UtcMs
    ) -> PrescriptionVersion:
        """Keep a new version.

        Raises:
            InputError: it contradicts itself (place and value are in the line), or nothing was changed.
        """
        resolve_limits(body.at(year=year_of(utc_ms), place=PLACE), place=PLACE)
        with self._shelf.change():
            before = self.newest(person)
            if before is not None and before.body == body:
                problem = f"is the same as version {before.version}"
                raise InputError("prescription", problem, InputReason.CONFLICT)
            version = 1 if before is None else before.version + 1
            if version > VERSIONS_MAX:
                raise InputError("prescription", f"has {VERSIONS_MAX} versions: enough", InputReason.TOO_LARGE)
            self._shelf.run(
                "INSERT INTO prescription VALUES (?, ?, ?, ?, ?, ?)",
                (person, version, utc_ms, by, why, body.model_dump_json(exclude_defaults=True).encode()),
            )
        return PrescriptionVersion(version=version, utc_ms=utc_ms, by=by, why=why, body=body)


def _read_body(kept: bytes) -> KeptPrescriptionBody:
    try:
        return KeptPrescriptionBody.model_validate_json(kept)
    except ValidationError as error:
        raise InputError(*describe_error(error, place="clinic.db prescription"), InputReason.WRONG_SHAPE) from error
