"""A class plan as staff describe it: who sits where with what, the phases, and on which days it takes place; pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dashboard.classes import PARTICIPANTS_MAX, Name, PlannedPhaseBody
from vitals.duty import DutyRole
from vitals.errors import InputError, InputReason

StaffName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")]
Weekday = Annotated[int, Field(strict=True, ge=1, le=7)]

YEARS_MAX: Final = 10
"""A series that is longer was mistyped."""


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeatBody(_Body):
    """A seat of a plan. A sensor that is null is the person's own of the register, if there is one.

    ``gateway`` null: the one that hears the person's sensors best when the class begins.
    """

    seat: Annotated[int, Field(strict=True, ge=1, le=999)]
    person: Name
    strap: Name | None = None
    oximeter: Name | None = None
    machine: Name | None = None
    gateway: Name | None = None


class StaffBody(_Body):
    """Who is on duty when the class begins. ``own``: whose alarms are theirs first."""

    staff: StaffName
    role: DutyRole = DutyRole.THERAPIST
    own: Annotated[tuple[Name, ...], Field(max_length=PARTICIPANTS_MAX)] = ()


class SeriesBody(_Body):
    """On which days a class takes place. ``weekdays``: 1 Monday to 7 Sunday; ``time`` of the site; no end: null."""

    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    time: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    first_date: date
    last_date: date | None = None


class PlanBody(_Body):
    """A plan of a class, or of a series of classes."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
    room: Name | None = None
    phases: Annotated[tuple[PlannedPhaseBody, ...], Field(max_length=64)] = ()
    seats: Annotated[tuple[SeatBody, ...], Field(max_length=PARTICIPANTS_MAX)] = ()
    staff: Annotated[tuple[StaffBody, ...], Field(max_length=64)] = ()
    series: SeriesBody | None = None


def require_plan(body: PlanBody) -> PlanBody:
    """Return a plan that contradicts itself nowhere.

    Raises:
        InputError: a seat, person, sensor or member of staff twice, phases out of order, or a series that never is.
    """
    _refuse_twice(((one.seat, f"seats[{at}].seat") for at, one in enumerate(body.seats)))
    _refuse_twice(((one.person, f"seats[{at}].person") for at, one in enumerate(body.seats)))
    worn = (
        (sensor, f"seats[{at}].{kind}")
        for at, one in enumerate(body.seats)
        for kind, sensor in (("strap", one.strap), ("oximeter", one.oximeter), ("machine", one.machine))
        if sensor is not None
    )
    _refuse_twice(worn)
    _refuse_twice(((one.staff, f"staff[{at}].staff") for at, one in enumerate(body.staff)))
    seated = {one.person for one in body.seats}
    for at, one in enumerate(body.staff):
        stranger = next((person for person in one.own if person not in seated), None)
        if stranger is not None:
            raise InputError(f"body.staff[{at}].own", f"{stranger!r} has no seat here", InputReason.WRONG_SHAPE)
    for at, (before, after) in enumerate(zip(body.phases, body.phases[1:], strict=False), start=1):
        if after.at_s <= before.at_s:
            problem = f"{after.at_s:g} is not after {before.at_s:g}"
            raise InputError(f"body.phases[{at}].at_s", problem, InputReason.OUT_OF_RANGE)
    if body.series is not None:
        _require_series(body.series)
    return body


def begins_on(body: PlanBody, day: date, *, zone: tzinfo) -> datetime | None:
    """Return when a class of the plan begins on a day of the site; None: there is none on that day."""
    series = body.series
    if series is None or day.isoweekday() not in series.weekdays:
        return None
    if day < series.first_date or (series.last_date is not None and day > series.last_date):
        return None
    return datetime.combine(day, time.fromisoformat(series.time), tzinfo=zone)


def _require_series(series: SeriesBody) -> None:
    if len(set(series.weekdays)) < len(series.weekdays):
        raise InputError("body.series.weekdays", f"{list(series.weekdays)} names a day twice", InputReason.WRONG_SHAPE)
    if series.last_date is None:
        return
    if series.last_date < series.first_date:
        problem = f"{series.last_date} is before first_date {series.first_date}"
        raise InputError("body.series.last_date", problem, InputReason.OUT_OF_RANGE)
    if series.last_date - series.first_date > timedelta(days=366 * YEARS_MAX):
        problem = f"{series.last_date} is more than {YEARS_MAX} years after first_date"
        raise InputError("body.series.last_date", problem, InputReason.OUT_OF_RANGE)
    days = {
        (series.first_date + timedelta(days=ahead)).isoweekday()
        for ahead in range(min(7, (series.last_date - series.first_date).days + 1))
    }
    if not days & set(series.weekdays):
        problem = f"{list(series.weekdays)} are on no day from {series.first_date} to {series.last_date}"
        raise InputError("body.series.weekdays", problem, InputReason.CONFLICT)


def _refuse_twice(values: Iterable[tuple[object, str]]) -> None:
    seen: dict[object, str] = {}
    for value, place in values:
        if value in seen:
            raise InputError(f"body.{place}", f"{value!r} is taken by {seen[value]}", InputReason.CONFLICT)
        seen[value] = place
