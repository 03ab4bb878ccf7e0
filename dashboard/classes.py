"""A class as staff or a script describes it: a TOML file or a JSON body of the same shape, refused in one line.

Turns it into the first roster. What tells who somebody is (alias, prescription) stays behind in clinic.db.
"""

import tomllib
from collections.abc import Iterable
from typing import Annotated, Any, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from analysis.core.limits import resolve_limits
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId, Prescription
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import UtcMs

PARTICIPANTS_MAX: Final = 400
"""Ten times the largest class; the bench runs 300."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Bpm = Annotated[int, Field(strict=True, ge=20, le=250)]
Percent = Annotated[float, Field(strict=True, ge=50, le=100)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PrescriptionBody(_Body):
    """What a clinician set for one person; limits follow from it, the lowest upper limit wins."""

    hr_upper_bpm: Bpm | None = None
    hr_lower_bpm: Bpm | None = None
    zone_low_bpm: Bpm | None = None
    zone_high_bpm: Bpm | None = None
    ischaemic_threshold_bpm: Bpm | None = None
    device_detection_bpm: Bpm | None = None
    rest_hr_bpm: Bpm | None = None
    peak_hr_bpm: Bpm | None = None
    exercise_test: Annotated[bool, Field(strict=True)] = False
    spo2_floor_pct: Percent | None = None
    spo2_critical_pct: Percent | None = None
    spo2_baseline_pct: Percent | None = None


class ParticipantBody(_Body):
    """One person: a pseudonymous id, a seat, what the wall calls them, and what they wear."""

    id: Name
    seat: Annotated[int, Field(strict=True, ge=1, le=999)]
    alias: Annotated[str, StringConstraints(min_length=1, max_length=32, strip_whitespace=True)] | None = None
    strap: Name | None = None
    oximeter: Name | None = None
    gateway: Name = "g1"
    prescription: PrescriptionBody = PrescriptionBody()


class PlannedPhaseBody(_Body):
    """A phase that begins by itself, in seconds from the start of the class."""

    phase: Phase
    at_s: Annotated[float, Field(strict=True, ge=0, le=86_400)]


class ClassBody(_Body):
    """A class to start. Without a room it is this server's; without a mode it is the server's."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
    generation_mode: GenerationMode | None = None
    room: Name | None = None
    phase: Phase = Phase.REST
    participants: Annotated[tuple[ParticipantBody, ...], Field(min_length=1, max_length=PARTICIPANTS_MAX)]
    phases: Annotated[tuple[PlannedPhaseBody, ...], Field(max_length=64)] = ()


CLASS_SCHEMA: Final = ClassBody.model_json_schema()
"""For OpenAPI; the body is read by hand because it may be TOML."""


def decode_class(payload: bytes, *, is_toml: bool, place: str) -> ClassBody:
    """Return the class that a file or a request body describes.

    Args:
        payload: TOML or JSON.
        is_toml: which of the two.
        place: where it came from, for the error's line.

    Raises:
        InputError: unreadable, of another shape, or contradicting itself; names the place and the value.
    """
    try:
        data = tomllib.loads(payload.decode()) if is_toml else msgspec.json.decode(payload)
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        kind = "TOML" if is_toml else "JSON"
        raise InputError(place, f"not {kind}: {error}", InputReason.NOT_JSON) from error
    try:
        body = ClassBody.model_validate(data)
    except ValidationError as error:
        raise InputError(*describe_error(error, place=place), InputReason.WRONG_SHAPE) from error
    _check_unique(body, place=place)
    return body


def plan_roster(body: ClassBody, *, session: SessionId, room: str, mode: GenerationMode, now_utc_ms: UtcMs) -> Roster:
    """Return the first version of the roster, by seats.

    Raises:
        InputError: a prescription that no rule could use.
    """
    entries = [
        _plan_entry(person, place=f"participants[{index}]", now_utc_ms=now_utc_ms)
        for index, person in enumerate(body.participants)
    ]
    return Roster(
        session=session,
        version=1,
        room=room,
        generation_mode=mode,
        phase=body.phase,
        started_utc_ms=now_utc_ms,
        entries=tuple(sorted(entries, key=lambda entry: entry.seat)),
    )


def describe_error(error: ValidationError, *, place: str) -> tuple[str, str]:
    """Return the place and the problem, with its value, of the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    path = ""
    for step in first["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    value = "" if first["type"] == "missing" else f"{_shown(first['input'])} - "
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}.{path}" if path else place, f"{value}{first['msg']}{more}"


def _plan_entry(person: ParticipantBody, *, place: str, now_utc_ms: UtcMs) -> RosterEntry:
    prescription = Prescription(**person.prescription.model_dump())
    worn = ((person.strap, SensorKind.STRAP), (person.oximeter, SensorKind.OXIMETER))
    return RosterEntry(
        participant=ParticipantId(person.id),
        seat=person.seat,
        sensors=tuple(
            AssignedSensor(
                sensor=SensorId(sensor), kind=kind, gateway=GatewayId(person.gateway), from_utc_ms=now_utc_ms
            )
            for sensor, kind in worn
            if sensor is not None
        ),
        limits=resolve_limits(prescription, place=f"{place}.prescription"),
        rest_hr_bpm=prescription.rest_hr_bpm,
        peak_hr_bpm=prescription.peak_hr_bpm,
        zone_low_bpm=prescription.zone_low_bpm,
        zone_high_bpm=prescription.zone_high_bpm,
        spo2_baseline_pct=prescription.spo2_baseline_pct,
    )


def _check_unique(body: ClassBody, *, place: str) -> None:
    people = body.participants
    _refuse_twice(((person.id, f"participants[{index}].id") for index, person in enumerate(people)), place=place)
    _refuse_twice(((person.seat, f"participants[{index}].seat") for index, person in enumerate(people)), place=place)
    sensors = (
        (sensor, f"participants[{index}].{kind}")
        for index, person in enumerate(people)
        for kind, sensor in (("strap", person.strap), ("oximeter", person.oximeter))
        if sensor is not None
    )
    _refuse_twice(sensors, place=place)
    for index, person in enumerate(people):
        if person.strap is None and person.oximeter is None:
            problem = f"{person.id!r} wears neither strap nor oximeter"
            raise InputError(f"{place}.participants[{index}]", problem, InputReason.WRONG_SHAPE)
    for index, (one, other) in enumerate(zip(body.phases, body.phases[1:], strict=False), start=1):
        if other.at_s <= one.at_s:
            problem = f"{other.at_s:g} is not after {one.at_s:g}"
            raise InputError(f"{place}.phases[{index}].at_s", problem, InputReason.OUT_OF_RANGE)


def _refuse_twice(values: Iterable[tuple[object, str]], *, place: str) -> None:
    seen: dict[object, str] = {}
    for value, where in values:
        if value in seen:
            raise InputError(f"{place}.{where}", f"{value!r} is taken by {seen[value]}", InputReason.WRONG_SHAPE)
        seen[value] = where


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:80] + "..."  # noqa: PLR2004 - one line of a terminal
