"""From a plan to the class that it begins: people with their newest prescription and their sensors of now."""

from collections.abc import Iterable, Mapping
from typing import Final

from dashboard.classes import ClassBody, ParticipantBody, PlannedPhaseBody, PrescriptionBody
from dashboard.register.people import People, Person
from dashboard.register.plan_body import PlanBody, SeatBody
from dashboard.register.prescriptions import Prescriptions
from dashboard.register.sensors import Sensors
from dashboard.register.shelf import Shelf
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import GenerationMode, Phase

GATEWAY_USUAL: Final = GatewayId("g1")
"""What a gateway is called that was given no name."""


def make_class(
    shelf: Shelf,
    plan: PlanBody,
    *,
    absent: Iterable[str] = (),
    mode: GenerationMode | None = None,
    gateways: Mapping[SensorId, GatewayId] | None = None,
    gateway: GatewayId = GATEWAY_USUAL,
) -> ClassBody:
    """Return the class that a plan begins now.

    Args:
        shelf: the register.
        plan: who sits where.
        absent: people of the plan who are not there today; whoever comes late joins the class.
        mode: where its numbers come from; None: as the server says.
        gateways: which gateway hears each sensor best now.
        gateway: carries what nobody hears yet.

    Raises:
        InputError: nobody is left, or two people have the same sensor.
    """
    away = set(absent)
    stranger = next((person for person in away if all(one.person != person for one in plan.seats)), None)
    if stranger is not None:
        raise InputError("body.absent", f"{stranger!r} has no seat in {plan.name!r}", InputReason.CONFLICT)
    seats = [one for one in plan.seats if one.person not in away]
    if not seats:
        raise InputError("plan", f"{plan.name!r} has nobody in it; give people seats first", InputReason.CONFLICT)
    owned, people, prescriptions = Sensors(shelf).owned(), People(shelf), Prescriptions(shelf)
    given = {sensor for one in seats for sensor in _given(one).values()}  # nobody else's own today
    participants = []
    for one in seats:
        person = people.require(ParticipantId(one.person))
        newest = prescriptions.newest(person.id)
        own = {kind: sensor for kind, sensor in owned.get(person.id, {}).items() if sensor not in given}
        worn = {SensorKind(kind): SensorId(sensor) for kind, sensor in _given(one).items()}
        worn = own | worn
        heard = (gateways or {}).get(worn.get(SensorKind.STRAP) or worn.get(SensorKind.OXIMETER) or SensorId(""))
        carrier = one.gateway or heard or gateway
        participants.append(_participant(one, person, worn, carrier, None if newest is None else newest.body))
    return ClassBody(
        name=plan.name,
        room=plan.room,
        generation_mode=mode,
        participants=tuple(participants),
        phase=_first_phase(plan.phases),
        phases=plan.phases,
    )


def make_participant(shelf: Shelf, person: ParticipantId, *, seat: int) -> ParticipantBody | None:
    """Return somebody of the register as one who comes late into a class; None: nobody has that id.

    Args:
        shelf: the register.
        person: whose newest prescription and own sensors.
        seat: where.
    """
    found = People(shelf).find(person)
    if found is None:
        return None
    own, newest = Sensors(shelf).owned().get(person, {}), Prescriptions(shelf).newest(person)
    body = None if newest is None else newest.body
    return _participant(SeatBody(seat=seat, person=person), found, own, GATEWAY_USUAL, body)


def _given(seat: SeatBody) -> dict[str, str]:
    sensors = {"strap": seat.strap, "oximeter": seat.oximeter, "machine": seat.machine}
    return {kind: sensor for kind, sensor in sensors.items() if sensor is not None}


def _participant(
    seat: SeatBody,
    person: Person,
    worn: Mapping[SensorKind, SensorId],
    gateway: str,
    prescription: PrescriptionBody | None,
) -> ParticipantBody:
    inputs = {} if prescription is None else prescription.model_dump(exclude_defaults=True)
    return ParticipantBody(
        id=person.id,
        seat=seat.seat,
        alias=person.alias,
        strap=worn.get(SensorKind.STRAP),
        oximeter=worn.get(SensorKind.OXIMETER),
        machine=worn.get(SensorKind.MACHINE),
        gateway=gateway,
        prescription=PrescriptionBody(**inputs),
    )


def _first_phase(phases: tuple[PlannedPhaseBody, ...]) -> Phase:
    """Return the phase with which a class begins: the planned one of second 0, else rest."""
    return next((planned.phase for planned in phases if planned.at_s == 0), Phase.REST)
