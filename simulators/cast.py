"""The cast of a simulated or replayed class: who sits where with which virtual sensors, and the class file for it."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec
from msgspec import Struct

from simulators.kit import Kit, MachineModel, OximeterModel
from simulators.moments import Recording
from simulators.person import Person, new_person
from simulators.scenario import Scenario
from simulators.sensors.machines import BIKE_FAMILY, CADENCE_SENSOR_FAMILY, FOOT_POD_FAMILY, TREADMILL_FAMILY
from simulators.sensors.oximeter import OXIMETER_FAMILY
from simulators.sensors.peripheral import address_of
from simulators.sensors.strap import STRAP_FAMILY
from simulators.sensors.vendor_oximeters import (
    BCI_FAMILY,
    CONTEC_FAMILY,
    JUMPER_FAMILY,
    NONIN_FAMILY,
    O2RING_FAMILY,
    PC60_FAMILY,
)
from vitals.participants import Prescription
from vitals.sensors import GatewayId, SensorId, mint_sensor_id
from vitals.sessions import GenerationMode

ZONE_LOW: Final = 0.30
ZONE_TOP: Final = 0.68
"""The simulated people's target zone, as shares of their heart-rate reserve."""

OXIMETER_FAMILIES: Final = {
    OximeterModel.STANDARD: OXIMETER_FAMILY,
    OximeterModel.NONIN: NONIN_FAMILY,
    OximeterModel.O2RING: O2RING_FAMILY,
    OximeterModel.PC60: PC60_FAMILY,
    OximeterModel.BCI: BCI_FAMILY,
    OximeterModel.JUMPER: JUMPER_FAMILY,
    OximeterModel.CONTEC: CONTEC_FAMILY,
}
MACHINE_FAMILIES: Final = {
    MachineModel.TREADMILL: TREADMILL_FAMILY,
    MachineModel.BIKE: BIKE_FAMILY,
    MachineModel.FOOT_POD: FOOT_POD_FAMILY,
    MachineModel.CADENCE_SENSOR: CADENCE_SENSOR_FAMILY,
}


class Actor(Struct, frozen=True, kw_only=True):
    """One person of the class. ``seat`` counts from 1; the virtual sensors have the number ``seat - 1``."""

    participant: str
    seat: int
    alias: str
    with_strap: bool
    oximeter: OximeterModel | None
    machine: MachineModel | None = None
    prescription: Prescription

    @property
    def strap_address(self) -> str:
        """The address of this person's strap."""
        return self._address(STRAP_FAMILY)

    @property
    def oximeter_address(self) -> str | None:
        """The address of this person's oximeter, if there is one."""
        return None if self.oximeter is None else self._address(OXIMETER_FAMILIES[self.oximeter])

    @property
    def machine_address(self) -> str | None:
        """The address of the machine that this person is on, if there is one."""
        return None if self.machine is None else self._address(MACHINE_FAMILIES[self.machine])

    def _address(self, family: int) -> str:
        return address_of(family=family, index=self.seat - 1)


def draw_people(*, people: int, seed: int) -> tuple[Person, ...]:
    """Return the simulated persons of a class, the same for the same seed."""
    random = Random(f"people-{seed}")
    return tuple(new_person(random) for _ in range(people))


def cast_people(people: Sequence[Person], kit: Sequence[Kit]) -> tuple[Actor, ...]:
    """Return the cast for simulated people, each with a strap, a kit and a prescription that fits."""
    return tuple(
        Actor(
            participant=f"p{index + 1:02d}",
            seat=index + 1,
            alias=str(index + 1),
            with_strap=True,
            oximeter=one.oximeter,
            machine=one.machine,
            prescription=_prescribe(person),
        )
        for index, (person, one) in enumerate(zip(people, kit, strict=True))
    )


def cast_recordings(recordings: Sequence[Recording], *, prescription: Prescription) -> tuple[Actor, ...]:
    """Return the cast for recordings: one participant each, with the sensors that it was recorded with."""
    return tuple(
        Actor(
            participant=recording.id,
            seat=index + 1,
            alias=recording.id,
            with_strap=bool(recording.strap),
            oximeter=OximeterModel.STANDARD if recording.oximeter else None,
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
        if actor.oximeter_address is not None:
            entry["oximeter"] = _sensor(site_key, actor.oximeter_address)
        if actor.machine_address is not None:
            entry["machine"] = _sensor(site_key, actor.machine_address)
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
