"""People and prescriptions over HTTP: the desk's register, its history, and a list that comes in as CSV."""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from analysis.core.prescribing import peak_of, settle
from dashboard.access.callers import Caller
from dashboard.access.roles import Deed
from dashboard.api.bodies import RefusalBody
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.register_bodies import (
    ArchivedBody,
    CandidateBody,
    ImportBody,
    ImportedLineBody,
    ImportErrorBody,
    NewPrescriptionBody,
    PersonBody,
    PersonDraftBody,
    PrescriptionVersionBody,
    PreviewAskedBody,
    PreviewBody,
    RefusedFieldBody,
    RuleLimitBody,
)
from dashboard.register.candidates import RuleCandidates, list_candidates
from dashboard.register.importing import Import, Outcome, import_people
from dashboard.register.people import People, Person, draft_person
from dashboard.register.people_file import TEMPLATE
from dashboard.register.plans import Plans
from dashboard.register.prescriptions import (
    PLACE,
    KeptPrescriptionBody,
    Prescriptions,
    PrescriptionVersion,
    find_contradictions,
    year_of,
)
from dashboard.register.sensors import Sensors
from vitals.errors import InputError, InputReason
from vitals.participants import LimitReason, ParticipantId
from vitals.units import UtcMs

CSV_TYPE: Final = "text/csv; charset=utf-8"


class ImportRefusedBody(RefusalBody):
    """A list that was not taken: the first thing that is wrong in one line, and all of them."""

    errors: Annotated[list[ImportErrorBody], Field(default_factory=list)]


def people_routes(context: Context) -> APIRouter:
    """Return the routes of people and of the list that comes in."""
    routes = APIRouter(prefix="/api/v1/people", tags=["register"])
    _add_lists(routes, context)  # before what is named by an id
    _add_people(routes, context)
    _add_prescriptions(routes, context)
    return routes


def _add_people(routes: APIRouter, context: Context) -> None:
    """Add the list of people."""
    shelf, reception = context.clinic.shelf, context.reception
    people = People(shelf)

    @routes.get("", responses=refusals(422))
    async def all_people(request: Request, *, with_archived: bool = False) -> list[PersonBody]:
        """Give the register; who may not edit it is given the people of the own classes."""
        found = people.all(with_archived=with_archived)
        visible = visible_people(context, request.state.caller)
        return shown_people(context, [one for one in found if visible is None or one.id in visible])

    @routes.post("", status_code=201, responses=refusals(401, 403, 409, 413, 422, 503))
    async def add(body: PersonDraftBody, request: Request) -> PersonBody:
        """Add a person under a new pseudonym."""
        draft = draft_person(number=body.number, alias=body.alias, name=body.name)
        person = people.add(draft, utc_ms=reception.now_utc_ms())
        reception.note(request.state.caller, "person_added", address=request.state.address, subject=person.id)
        return shown_people(context, [person])[0]

    @routes.get("/{person}", responses=refusals(404))
    async def one(person: str, request: Request) -> PersonBody:
        """Give one person."""
        return shown_people(context, [_visible(context, request.state.caller, person)])[0]

    @routes.put("/{person}", responses=refusals(401, 403, 404, 409, 422, 503))
    async def change(person: str, body: PersonDraftBody) -> PersonBody:
        """Give a person another number, alias or name."""
        draft = draft_person(number=body.number, alias=body.alias, name=body.name)
        return shown_people(context, [people.change(ParticipantId(person), draft)])[0]

    @routes.post("/{person}/archive", responses=refusals(401, 403, 404, 409, 422, 503))
    async def archive(person: str, body: ArchivedBody) -> PersonBody:
        """Put a person away, out of all plans, the own sensors to the pool; or take one back."""
        who, now = ParticipantId(person), reception.now_utc_ms()
        with shelf.change():
            people.require(who)
            if body.is_archived:
                Plans(shelf).unseat(who, utc_ms=now)
            kept = people.archive(who, is_archived=body.is_archived)
        return shown_people(context, [kept])[0]


def _add_lists(routes: APIRouter, context: Context) -> None:
    """Add taking in a list from a file."""
    shelf, reception = context.clinic.shelf, context.reception

    @routes.get("/template.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def template() -> Response:
        """Give an empty list to fill in."""
        headers = {"content-disposition": 'attachment; filename="people.csv"'}
        return Response("\ufeff" + TEMPLATE, media_type=CSV_TYPE, headers=headers)

    @routes.post(
        "/import",
        responses=refusals(401, 403, 409, 413, 503) | {422: {"model": ImportRefusedBody}},
        openapi_extra={"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}, "required": True}},
    )
    async def take(request: Request, *, dry_run: bool = False) -> Any:
        """Take a list of people, all of it or nothing; ``dry_run``: only say what would become of it."""
        caller: Caller = request.state.caller
        payload = await request.body()
        done = import_people(shelf, payload, by=caller.who, utc_ms=reception.now_utc_ms(), is_dry_run=dry_run)
        shown = _shown_import(done, is_dry_run=dry_run)
        if not done.errors or dry_run:
            return shown
        first = done.errors[0]
        more = f" (and {len(done.errors) - 1} more)" if len(done.errors) > 1 else ""
        line = f"line {first.line}, {first.column or 'line'}: {first.value!r} {first.problem}{more}"
        errors = [error.model_dump() for error in shown.errors]
        return JSONResponse({"detail": line, "errors": errors}, 422)


def _add_prescriptions(routes: APIRouter, context: Context) -> None:
    """Add what is prescribed for a person."""
    shelf, reception = context.clinic.shelf, context.reception
    people, prescriptions = People(shelf), Prescriptions(shelf)

    @routes.get("/{person}/prescriptions", responses=refusals(404))
    async def versions(person: str, request: Request) -> list[PrescriptionVersionBody]:
        """Give all versions of a prescription, the newest first: who, when, why."""
        _visible(context, request.state.caller, person)
        return [_shown_version(version) for version in prescriptions.versions(ParticipantId(person))]

    @routes.post("/{person}/prescriptions", status_code=201, responses=refusals(401, 403, 404, 409, 413, 422, 503))
    async def prescribe(person: str, body: NewPrescriptionBody, request: Request) -> PrescriptionVersionBody:
        """Keep a new version; it holds from the next class on."""
        caller: Caller = request.state.caller
        known = people.require(ParticipantId(person))
        version = prescriptions.add(
            known.id, body.prescription, by=caller.who, why=body.why, utc_ms=reception.now_utc_ms()
        )
        return _shown_version(version)


def preview_routes(context: Context) -> APIRouter:
    """Return the route that says what would follow from a prescription."""
    routes = APIRouter(prefix="/api/v1/prescriptions", tags=["register"])

    @routes.post("/preview", responses=refusals(401, 403, 422))
    async def preview(body: PreviewAskedBody) -> PreviewBody:
        """Say which limits follow, from which candidates, and what contradicts itself; keeps nothing."""
        return preview_of(body.prescription, now_utc_ms=context.reception.now_utc_ms())

    return routes


def preview_of(body: KeptPrescriptionBody, *, now_utc_ms: UtcMs) -> PreviewBody:
    """Return what follows from a prescription."""
    refused = find_contradictions(body, now_utc_ms=now_utc_ms)
    if refused:
        return PreviewBody(
            refusals=[RefusedFieldBody(field=one.field, problem=one.problem) for one in refused],
            limits=[],
            age_years=None,
            peak_hr_bpm=None,
            peak_formula=None,
            zone_low_bpm=None,
            zone_high_bpm=None,
        )
    prescription = body.at(year=year_of(now_utc_ms), place=PLACE)
    settled, peak = settle(prescription), peak_of(prescription)
    return PreviewBody(
        refusals=[],
        limits=[_shown_limit(one) for one in list_candidates(prescription)],
        age_years=prescription.age_years,
        peak_hr_bpm=settled.peak_hr_bpm,
        peak_formula=None if peak is None else peak.formula,
        zone_low_bpm=settled.zone_low_bpm,
        zone_high_bpm=settled.zone_high_bpm,
    )


def visible_people(context: Context, caller: Caller) -> frozenset[str] | None:
    """Return whom somebody may look up: None is everybody; else those of the own plans and of the classes of now."""
    if Deed.EDIT_CLINIC in caller.deeds(now_utc_ms=context.reception.now_utc_ms()):
        return None
    planned = (
        seat.person
        for plan in Plans(context.clinic.shelf).all()
        if any(one.staff == caller.who for one in plan.body.staff)
        for seat in plan.body.seats
    )
    there = (person for session in context.clinic.open_sessions() for person in session.aliases)
    return frozenset(planned) | frozenset(there)


def shown_people(context: Context, found: list[Person]) -> list[PersonBody]:
    """Return people as the desk shows them."""
    shelf = context.clinic.shelf
    versions, owned = Prescriptions(shelf).counts(), Sensors(shelf).owned()
    bodies = []
    for person in found:
        version, prescribed = versions.get(person.id, (0, None))
        bodies.append(
            PersonBody(
                **msgspec.structs.asdict(person),
                prescription_version=version,
                prescribed_utc_ms=prescribed,
                sensors={kind: str(sensor) for kind, sensor in owned.get(person.id, {}).items()},
            )
        )
    return bodies


def _visible(context: Context, caller: Caller, person: str) -> Person:
    """Return a person whom the caller may look up; of another one not even that there is one is told."""
    visible = visible_people(context, caller)
    if visible is not None and person not in visible:
        raise InputError("person", f"{person[:80]!r} is not known", InputReason.UNKNOWN_NAME)
    return People(context.clinic.shelf).require(ParticipantId(person))


def _shown_version(version: PrescriptionVersion) -> PrescriptionVersionBody:
    return PrescriptionVersionBody(
        version=version.version, utc_ms=version.utc_ms, by=version.by, why=version.why, prescription=version.body
    )


def _shown_limit(found: RuleCandidates) -> RuleLimitBody:
    limit = found.limit
    return RuleLimitBody(
        rule=found.rule,
        value=None if limit is None else limit.value,
        reason=None if limit is None else limit.reason,
        is_default=limit is not None and limit.reason is LimitReason.DEFAULT,
        candidates=[CandidateBody(**msgspec.structs.asdict(one)) for one in found.candidates],
    )


def _shown_import(done: Import, *, is_dry_run: bool) -> ImportBody:
    outcomes = [line.outcome for line in done.lines]
    return ImportBody(
        is_dry_run=is_dry_run,
        added=outcomes.count(Outcome.ADDED),
        changed=outcomes.count(Outcome.CHANGED),
        unchanged=outcomes.count(Outcome.UNCHANGED),
        lines=[ImportedLineBody(**msgspec.structs.asdict(line)) for line in done.lines],
        errors=[ImportErrorBody(**msgspec.structs.asdict(error)) for error in done.errors],
    )
