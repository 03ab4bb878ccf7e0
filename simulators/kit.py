"""Kit: which make of oximeter each simulated person wears, and who is on which machine. Pure."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from vitals.settings import SimulatorSettings

EVERY_NTH_WITHOUT_OXIMETER: Final = 4
"""Some wear a strap alone; the fourth, eighth, ... here."""


class OximeterModel(StrEnum):
    """The makes of virtual oximeters."""

    STANDARD = "standard"
    NONIN = "nonin"
    O2RING = "o2ring"
    PC60 = "pc60"
    BCI = "bci"
    JUMPER = "jumper"
    CONTEC = "contec"


class MachineModel(StrEnum):
    """The kinds of virtual machines."""

    TREADMILL = "treadmill"
    BIKE = "bike"
    FOOT_POD = "foot_pod"
    CADENCE_SENSOR = "cadence_sensor"


class Kit(Struct, frozen=True, kw_only=True):
    """What one person has besides a strap."""

    oximeter: OximeterModel | None = None
    machine: MachineModel | None = None


# The two that a newcomer may own, on seats where the demo's opening shows other things.
SHOWN_OXIMETERS: Final = {4: OximeterModel.NONIN, 8: OximeterModel.O2RING}
SHOWN_MACHINES: Final = {0: MachineModel.TREADMILL, 5: MachineModel.BIKE}
MACHINES: Final = tuple(MachineModel)
MIXED: Final = tuple(OximeterModel)


def plan_kit(settings: SimulatorSettings) -> tuple[Kit, ...]:
    """Return what each person of a simulated class has, the same for the same settings.

    ``some``: the demo has a Nonin, an O2Ring, a treadmill and a bike among standard oximeters, the other scenarios
    have standard oximeters only. ``mixed``: everybody wears an oximeter, of all makes in turn.
    """
    is_shown = settings.scenario == "demo" and settings.oximeters == "some"
    kit = []
    for index in range(settings.participants):
        oximeter: OximeterModel | None = OximeterModel.STANDARD
        if settings.oximeters == "mixed":
            oximeter = MIXED[index % len(MIXED)]
        elif index % EVERY_NTH_WITHOUT_OXIMETER == EVERY_NTH_WITHOUT_OXIMETER - 1:
            oximeter = None
        elif is_shown:
            oximeter = SHOWN_OXIMETERS.get(index, OximeterModel.STANDARD)
        kit.append(Kit(oximeter=oximeter, machine=_machine(index, settings.machines, is_shown=is_shown)))
    return tuple(kit)


def _machine(index: int, machines: int | None, *, is_shown: bool) -> MachineModel | None:
    if machines is None:
        return SHOWN_MACHINES.get(index) if is_shown else None
    return MACHINES[index % len(MACHINES)] if index < machines else None
