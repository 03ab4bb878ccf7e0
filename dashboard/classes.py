"""A class as staff or a script describes it: a TOML file or a JSON body of the same shape, refused in one line.

Turns it into the first roster. What tells who somebody is (alias, prescription) stays behind in clinic.db.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from analysis.core.exertion.peak_rate import AGE_MAX, AGE_MIN
from analysis.core.limits import resolve_limits
from analysis.core.prescribing import peak_of, settle
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId, PeakFormula, Prescription, Sex
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import UtcMs

PARTICIPANTS_MAX: Final = 400
"""Ten times the largest class; the bench runs 300."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Bpm = Annotated[int, Field(strict=True, ge=20, le=250)]
Percent = Annotated[float, Field(strict=True, ge=50, le=100)]
Share = Annotated[float, Field(strict=True, ge=0, le=100)]
Rpe = Annotated[int, Field(strict=True, ge=6, le=20)]
Flag = Annotated[bool, Field(strict=True)]


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
    peak_formula: PeakFormula | None = None
    birth_year: Annotated[int, Field(strict=True, ge=1900, le=2100)] | None = None
    age_years: Annotated[int, Field(strict=True, ge=10, le=110)] | None = None
    sex: Sex | None = None
    mass_kg: Annotated[float, Field(strict=True, ge=20, le=400)] | None = None
    beta_blocker: Flag = False
    exercise_test: Flag = False
    after_surgery: Flag = False
    zone_low_hrr_pct: Share | None = None
    zone_high_hrr_pct: Share | None = None
    zone_low_hrmax_pct: Share | None = None
    zone_high_hrmax_pct: Share | None = None
    zone_low_rpe: Rpe | None = None
    zone_high_rpe: Rpe | None = None
    device_margin_bpm: Annotated[int, Field(strict=True, ge=10, le=20)] | None = None
    oxygen_l_min: Annotated[float, Field(strict=True, ge=0, le=60)] | None = None
    spo2_floor_pct: Percent | None = None
    spo2_critical_pct: Percent | None = None
    spo2_baseline_pct: Percent | None = None

    def at(self, *, year: int, place: str) -> Prescription:
        """Return the prescription as of a year; the year of birth becomes an age and goes no further.

        Raises:
            InputError: both a year of birth and an age, or a birth that makes no sense.
        """
        inputs = self.model_dump(exclude={"birth_year"})
        if self.birth_year is None:
            return Prescription(**inputs)
        age = year - self.birth_year
        if self.age_years is not None:
            raise InputError(f"{place}.age_years", f"{self.age_years} beside a birth_year", InputReason.CONFLICT)
        if not AGE_MIN <= age <= AGE_MAX:
            raise InputError(f"{place}.birth_year", f"{self.birth_year} makes {age} years", InputReason.OUT_OF_RANGE)
        return Prescription(**inputs | {"age_years": age})


class ParticipantBody(_Body):
    """One person: a pseudonymous id, a seat, what the wall calls them, and what they wear."""

    id: Name
    seat: Annotated[int, Field(strict=True, ge=1, le=999)]
    alias: Annotated[str, StringConstraints(min_length=1, max_length=32, strip_whitespace=True)] | None = None
    strap: Name | None = None
    oximeter: Name | None = None
    machine: Name | None = None
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
        plan_entry(person, place=f"participants[{index}]", now_utc_ms=now_utc_ms)
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


def find_peak_formulas(
    prescribed: Mapping[ParticipantId, PrescriptionBody], *, began_utc_ms: UtcMs
) -> dict[ParticipantId, PeakFormula]:
    """Return where each person's peak heart rate came from, of those who have one."""
    year = _year_of(began_utc_ms)
    found = {
        participant: peak_of(prescription.at(year=year, place=f"{participant}.prescription"))
        for participant, prescription in prescribed.items()
    }
    return {participant: peak.formula for participant, peak in found.items() if peak is not None}


def _year_of(utc_ms: UtcMs) -> int:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).year


def describe_error(error: ValidationError, *, place: str) -> tuple[str, str]:
    """Return the place and the problem, with its value, of the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    path = ""
    for step in first["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    value = "" if first["type"] == "missing" else f"{_shown(first['input'])} - "
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}.{path}" if path else place, f"{value}{first['msg']}{more}"


def plan_entry(person: ParticipantBody, *, place: str, now_utc_ms: UtcMs) -> RosterEntry:
    """Return one person of a roster, wearing everything from now on.

    Raises:
        InputError: a prescription that no rule could use.
    """
    where = f"{place}.prescription"
    prescription = person.prescription.at(year=_year_of(now_utc_ms), place=where)
    limits, settled = resolve_limits(prescription, place=where), settle(prescription)
    worn = (
        (person.strap, SensorKind.STRAP),
        (person.oximeter, SensorKind.OXIMETER),
        (person.machine, SensorKind.MACHINE),
    )
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
        limits=limits,
        rest_hr_bpm=prescription.rest_hr_bpm,
        peak_hr_bpm=settled.peak_hr_bpm,
        peak_is_estimate=prescription.peak_hr_bpm is None and settled.peak_hr_bpm is not None,
        zone_low_bpm=settled.zone_low_bpm,
        zone_high_bpm=settled.zone_high_bpm,
        spo2_baseline_pct=prescription.spo2_baseline_pct,
        sex=prescription.sex,
        mass_kg=prescription.mass_kg,
    )


def _check_unique(body: ClassBody, *, place: str) -> None:
    people = body.participants
    _refuse_twice(((person.id, f"participants[{index}].id") for index, person in enumerate(people)), place=place)
    _refuse_twice(((person.seat, f"participants[{index}].seat") for index, person in enumerate(people)), place=place)
    sensors = (
        (sensor, f"participants[{index}].{kind}")
        for index, person in enumerate(people)
        for kind, sensor in (("strap", person.strap), ("oximeter", person.oximeter), ("machine", person.machine))
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
