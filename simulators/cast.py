"""The cast of a simulated or replayed class: who sits where with which virtual sensors, and the class file for it."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec
from msgspec import Struct

from simulators.moments import Recording
from simulators.person import Person, new_person
from simulators.scenario import Scenario
from simulators.sensors.oximeter import OXIMETER_FAMILY
from simulators.sensors.peripheral import address_of
from simulators.sensors.strap import STRAP_FAMILY
from vitals.participants import Prescription
from vitals.sensors import GatewayId, SensorId, mint_sensor_id
from vitals.sessions import GenerationMode

ZONE_LOW: Final = 0.30
ZONE_TOP: Final = 0.68
"""The simulated people's target zone, as shares of their heart-rate reserve."""

EVERY_NTH_WITHOUT_OXIMETER: Final = 4
"""Some wear a strap alone; the fourth, eighth, ... here."""


class Actor(Struct, frozen=True, kw_only=True):
    """One person of the class. ``seat`` counts from 1; the virtual sensors have the number ``seat - 1``."""

    participant: str
    seat: int
    alias: str
    with_strap: bool
    with_oximeter: bool
    prescription: Prescription

    @property
    def strap_address(self) -> str:
        """The address of this person's strap."""
        return address_of(family=STRAP_FAMILY, index=self.seat - 1)

    @property
    def oximeter_address(self) -> str:
        """The address of this person's oximeter."""
        return address_of(family=OXIMETER_FAMILY, index=self.seat - 1)


def draw_people(*, people: int, seed: int) -> tuple[Person, ...]:
    """Return the simulated persons of a class, the same for the same seed."""
    random = Random(f"people-{seed}")
    return tuple(new_person(random) for _ in range(people))


def cast_people(people: Sequence[Person]) -> tuple[Actor, ...]:
    """Return the cast for simulated people, each with a prescription that fits."""
    return tuple(
        Actor(
            participant=f"p{index + 1:02d}",
            seat=index + 1,
            alias=str(index + 1),
            with_strap=True,
            with_oximeter=index % EVERY_NTH_WITHOUT_OXIMETER != EVERY_NTH_WITHOUT_OXIMETER - 1,
            prescription=_prescribe(person),
        )
        for index, person in enumerate(people)
    )


def cast_recordings(recordings: Sequence[Recording], *, prescription: Prescription) -> tuple[Actor, ...]:
    """Return the cast for recordings: one participant each, with the sensors that it was recorded with."""
    return tuple(
        Actor(
            participant=recording.id,
            seat=index + 1,
            alias=recording.id,
            with_strap=bool(recording.strap),
            with_oximeter=bool(recording.oximeter),
            prescription=prescription,
        )
        for index, recording in enumerate(recordings)
    )


def plan_class(
    cast: Sequence[Actor],
    *,
    name: str,
    mode: GenerationMode,
    room: str,
    gateway: GatewayId,
    site_key: bytes,
    scenario: Scenario | None = None,
) -> dict[str, object]:
    """Return the class as the body of ``POST /api/v1/sessions`` (and the shape of a class file)."""
    participants = []
    for actor in cast:
        entry: dict[str, object] = {
            "id": actor.participant,
            "seat": actor.seat,
            "alias": actor.alias,
            "gateway": gateway,
            "prescription": msgspec.to_builtins(actor.prescription),
        }
        if actor.with_strap:
            entry["strap"] = _sensor(site_key, actor.strap_address)
        if actor.with_oximeter:
            entry["oximeter"] = _sensor(site_key, actor.oximeter_address)
        participants.append(entry)
    plan: dict[str, object] = {
        "name": name,
        "generation_mode": mode.value,
        "room": room,
        "participants": participants,
    }
    if scenario is not None:
        plan["phase"] = scenario.phases[0].phase.value
        plan["phases"] = [{"phase": change.phase.value, "at_s": change.at_s} for change in scenario.phases[1:]]
    return plan


def _sensor(site_key: bytes, address: str) -> SensorId:
    return mint_sensor_id(site_key, address)


def _prescribe(person: Person) -> Prescription:
    rest, peak = round(person.rest_bpm), round(person.peak_bpm)
    return Prescription(
        rest_hr_bpm=rest,
        peak_hr_bpm=peak,
        exercise_test=True,
        zone_low_bpm=round(rest + ZONE_LOW * (peak - rest)),
        zone_high_bpm=round(rest + ZONE_TOP * (peak - rest)),
        spo2_floor_pct=88,
        spo2_critical_pct=85,
        spo2_baseline_pct=round(person.spo2_pct),
    )
