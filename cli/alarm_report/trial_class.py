"""A trial as classes: its people by twelve, in rooms of their own, as rosters and readings for the live code."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from analysis.core.limits import resolve_limits
from analysis.history.history import History, InForce, Said
from simulators.trial.oximeter import VERDICTS, OximeterStatus
from simulators.trial.trial import Trial
from simulators.trial.truth import PHASES
from vitals.participants import ParticipantId, Prescription
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reason, RunId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import (
    AssignedSensor,
    GenerationMode,
    Phase,
    Roster,
    RosterEntry,
    SessionId,
)
from vitals.units import MonotonicMs, UtcMs

CLASS_SIZE: Final = 12
SPO2_FLOOR_PCT: Final = 88
SPO2_CRITICAL_PCT: Final = 85
_RUN: Final = RunId("trial")
_GATEWAY: Final = GatewayId("trial")
_SPREAD_MS: Final = 70
"""Sensors do not speak at the same instant."""


def classes_of(trial: Trial) -> Iterator[History]:
    """Yield the classes of a trial; participants are named by their number in it."""
    for first in range(0, trial.parameters.people, CLASS_SIZE):
        people = range(first, min(first + CLASS_SIZE, trial.parameters.people))
        until_ms = MonotonicMs(trial.parameters.duration_s * 1000)
        said = [one for person in people for one in (*_strap(trial, person), *_oximeter(trial, person))]
        said.sort(key=lambda one: one.at_ms)
        yield History(
            id=f"{trial.seed}-{first}",
            rosters=tuple(
                InForce(MonotonicMs(begins_s * 1000), _roster(trial, people, phase, version))
                for version, (begins_s, phase) in enumerate(PHASES, start=1)
            ),
            said=tuple(said),
            from_ms=MonotonicMs(0),
            until_ms=until_ms,
        )


def prescription_of(trial: Trial, person: int) -> Prescription:
    """Return what a clinic would have prescribed: the limits by which the events are labelled."""
    truth = trial.truth
    baseline = float(truth.baseline_pct[person])
    return Prescription(
        rest_hr_bpm=int(truth.rest_bpm[person]),
        peak_hr_bpm=int(truth.peak_bpm[person]),
        hr_upper_bpm=int(truth.upper_bpm[person]),
        exercise_test=True,
        spo2_floor_pct=SPO2_FLOOR_PCT,
        spo2_critical_pct=SPO2_CRITICAL_PCT,
        spo2_baseline_pct=baseline if baseline > SPO2_FLOOR_PCT else None,
    )


def _roster(trial: Trial, people: range, phase: Phase, version: int) -> Roster:
    return Roster(
        session=SessionId(f"trial-{trial.seed}-{people.start}"),
        version=version,
        room="trial",
        generation_mode=GenerationMode.SIMULATED,
        phase=phase,
        started_utc_ms=UtcMs(0),
        entries=tuple(_entry(trial, person, phase) for person in people),
    )


def _entry(trial: Trial, person: int, phase: Phase) -> RosterEntry:
    mine = prescription_of(trial, person)
    worn = ((_strap_id(person), SensorKind.STRAP), (_oximeter_id(person), SensorKind.OXIMETER))
    return RosterEntry(
        participant=ParticipantId(str(person)),
        seat=person + 1,
        sensors=tuple(
            AssignedSensor(sensor=sensor, kind=kind, gateway=_GATEWAY, from_utc_ms=UtcMs(0)) for sensor, kind in worn
        ),
        limits=resolve_limits(mine),
        rest_hr_bpm=mine.rest_hr_bpm,
        peak_hr_bpm=mine.peak_hr_bpm,
        spo2_baseline_pct=mine.spo2_baseline_pct,
        phase=phase,
    )


def _strap(trial: Trial, person: int) -> Iterator[Said]:
    """Yield what a strap said, as the codec of a real one would have put it."""
    record = trial.strap
    tells = bool(record.tells_contact[person])
    edges = np.searchsorted(record.rr_s[person], np.arange(trial.parameters.duration_s + 1)).tolist()
    intervals, heard = record.rr_ms[person].tolist(), record.heard[person].tolist()
    off, sensor = record.off_skin[person].tolist(), _strap_id(person)
    for second, rate in enumerate(record.hr_bpm[person].tolist()):
        if not heard[second]:
            continue
        at_ms = MonotonicMs(second * 1000 + person % CLASS_SIZE * _SPREAD_MS)
        reason = None if not off[second] else Reason.OFF_SKIN if tells else Reason.NO_VALUE
        reading = HeartRateReading(
            run=_RUN,
            sensor=sensor,
            seq=second,
            mono_ms=at_ms,
            quality=Quality.UNUSABLE if off[second] else Quality.GOOD,
            reason=reason,
            hr_bpm=None if off[second] else int(rate),
            rr_ms=tuple(intervals[edges[second] : edges[second + 1]]),
            contact=not off[second] if tells else None,
        )
        yield Said(at_ms, reading)


def _oximeter(trial: Trial, person: int) -> Iterator[Said]:
    record = trial.oximeter
    pulses, perfusion = record.pulse_bpm[person].tolist(), record.perfusion_pct[person].tolist()
    status, heard = record.status[person].tolist(), record.heard[person].tolist()
    sensor = _oximeter_id(person)
    verdicts = [VERDICTS[one] for one in OximeterStatus]
    for second, value in enumerate(record.spo2_pct[person].tolist()):
        if not heard[second]:
            continue
        at_ms = MonotonicMs(second * 1000 + person % CLASS_SIZE * _SPREAD_MS)
        quality, reason = verdicts[status[second]]
        has_value = quality is not Quality.UNUSABLE
        reading = OximeterReading(
            run=_RUN,
            sensor=sensor,
            seq=second,
            mono_ms=at_ms,
            quality=quality,
            reason=reason,
            spo2_pct=value if has_value else None,
            pulse_bpm=pulses[second] if has_value else None,
            perfusion_pct=perfusion[second] if has_value else None,
        )
        yield Said(at_ms, reading)


def _strap_id(person: int) -> SensorId:
    return SensorId(f"strap-{person}")


def _oximeter_id(person: int) -> SensorId:
    return SensorId(f"oximeter-{person}")
