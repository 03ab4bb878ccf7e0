"""Oxygen uptake and METs from work: ACSM's metabolic equations, with the ranges in which they hold.

They are made for steady work of adults; a hand on the treadmill's rail makes them too high. Shown are walking, running
and leg cycling (`mets_of`). The inverses, work in kgm/min and stepping are here for the published answers: no machine
of ours tells steps.
"""

from typing import Final

from vitals.readings import Machine, WorkloadReading

MET_ML_KG_MIN: Final = 3.5
"""Oxygen uptake at rest, by definition of the MET, mL/kg/min."""

WALK_M_MIN: Final = (50.0, 100.0)
"""Walking holds from 50 to 100 m/min (3.0 to 6.0 km/h)."""

RUN_M_MIN: Final = 134.0
"""Running holds from 134 m/min (8.0 km/h); jogging from 80 m/min."""

CYCLE_W: Final = (50.0, 200.0)
"""Leg cycling holds from 50 to 200 W."""

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_BIKE: Final = Machine.BIKE
_BY_SPEED: Final = (Machine.TREADMILL, Machine.FOOT_POD)


def walk_ml_kg_min(speed_m_min: float, grade: float) -> float:
    """Return oxygen uptake of walking, mL/kg/min: 3.5 + 0.1 S + 1.8 S G; speed in m/min, grade as a fraction."""
    return MET_ML_KG_MIN + 0.1 * speed_m_min + 1.8 * speed_m_min * grade


def walk_speed_m_min(vo2_ml_kg_min: float, grade: float) -> float:
    """Return the walking speed in m/min that takes this uptake at this grade."""
    return (vo2_ml_kg_min - MET_ML_KG_MIN) / (0.1 + 1.8 * grade)


def run_ml_kg_min(speed_m_min: float, grade: float) -> float:
    """Return oxygen uptake of running, mL/kg/min: 3.5 + 0.2 S + 0.9 S G."""
    return MET_ML_KG_MIN + 0.2 * speed_m_min + 0.9 * speed_m_min * grade


def run_grade(vo2_ml_kg_min: float, speed_m_min: float) -> float:
    """Return the grade (fraction) at which running at this speed takes this uptake."""
    return (vo2_ml_kg_min - MET_ML_KG_MIN - 0.2 * speed_m_min) / (0.9 * speed_m_min)


def cycle_ml_kg_min(power_w: float, mass_kg: float) -> float:
    """Return oxygen uptake of leg cycling, mL/kg/min: 7 + 10.8 W / M."""
    return 7.0 + 10.8 * power_w / _checked_mass(mass_kg)


def cycle_kgm_ml_kg_min(work_kgm_min: float, mass_kg: float) -> float:
    """Return the same from the work rate in kgm/min: 7 + 1.8 R / M."""
    return 7.0 + 1.8 * work_kgm_min / _checked_mass(mass_kg)


def cycle_kgm_min(vo2_ml_kg_min: float, mass_kg: float) -> float:
    """Return the work rate in kgm/min that takes this uptake."""
    return (vo2_ml_kg_min - 7.0) / 1.8 * _checked_mass(mass_kg)


def step_ml_kg_min(height_m: float, steps_min: float) -> float:
    """Return oxygen uptake of stepping, mL/kg/min: 3.5 + 0.2 f + 1.33 x 1.8 x H x f."""
    return MET_ML_KG_MIN + 0.2 * steps_min + 1.33 * 1.8 * height_m * steps_min


def mets(vo2_ml_kg_min: float) -> float:
    """Return an uptake in METs."""
    return vo2_ml_kg_min / MET_ML_KG_MIN


def energy_kcal_min(met: float, mass_kg: float) -> float:
    """Return the energy of an activity, kcal/min: METs x 3.5 x kg / 200."""
    return met * MET_ML_KG_MIN * _checked_mass(mass_kg) / 200


def mets_of(work: WorkloadReading, *, mass_kg: float | None) -> float | None:
    """Return METs of what a machine tells, None where no equation holds and the machine has none of its own.

    Where an equation holds it is used, so that machines of two makers can be compared; else the machine's own number.
    Between walking and running (100 to 134 m/min) nobody knows which of the two it is.

    Args:
        work: speed and incline, or power.
        mass_kg: of the person; cycling needs it.
    """
    machine = work.machine
    if machine is _BIKE:
        if work.power_w is not None and mass_kg is not None and CYCLE_W[0] <= work.power_w <= CYCLE_W[1]:
            return mets(cycle_ml_kg_min(work.power_w, mass_kg))
    elif machine in _BY_SPEED and work.speed_kmh is not None:
        speed, grade = work.speed_kmh * 1000 / 60, (work.incline_pct or 0.0) / 100
        if WALK_M_MIN[0] <= speed <= WALK_M_MIN[1]:
            return mets(walk_ml_kg_min(speed, grade))
        if speed >= RUN_M_MIN:
            return mets(run_ml_kg_min(speed, grade))
    return work.met


def _checked_mass(mass_kg: float) -> float:
    if mass_kg <= 0:
        msg = f"mass {mass_kg:g} kg"
        raise ValueError(msg)
    return mass_kg
