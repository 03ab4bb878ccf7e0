"""The summary of one person's session: the same bytes from the same record at any time, and a digest to sign.

Nothing in it is kept apart from the record (docs/decisions/0074). What somebody signs is the digest of what was shown;
whoever opens it later sees at once whether the record has changed since.
"""

from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from analysis.summary.alarms import AlarmFigure, alarms_of
from analysis.summary.coverage import Coverage, cover
from analysis.summary.deviations import Deviation, deviations_of
from analysis.summary.efforts import Effort, efforts_of
from analysis.summary.evidence import Signal, weigh_rates, weigh_saturations, without
from analysis.summary.exertion import HeartFigures, LoadFigures, SaturationFigures, WorkFigures, measure
from analysis.summary.marks import Mark, marks_of, stretches_of
from analysis.summary.part import SENSOR_OF, Hole, Part, Vital
from analysis.summary.timetable import (
    LimitSpan,
    PhaseSpan,
    SensorUsed,
    entries_in_force,
    limits_of,
    phases_of,
    sensors_of,
)
from analysis.summary.variability import BeatFigures, measure_beats
from vitals.entries import Artefact, Entry, Signed
from vitals.participants import ParticipantId
from vitals.sessions import GenerationMode, SessionId
from vitals.units import UtcMs


class SessionSummary(Struct, frozen=True, kw_only=True):
    """One person's session. Times that end in ``_ms`` alone are ms after ``started_utc_ms``.

    ``saturation`` None: no value that counts; ``work`` None: no machine; ``beats`` None: no strap told any.
    ``efforts``: what was said of them, with the work.
    ``entries``: what staff entered about this person or the class, without marks (``marks``) and signatures.
    ``rules``: hashes of the rule sets that judged. ``software``: version of the program that made this summary.
    """

    v: Literal[2] = 2
    session: SessionId
    participant: ParticipantId
    seat: int | None
    generation_mode: GenerationMode
    started_utc_ms: UtcMs
    until_ms: int
    is_over: bool
    phases: tuple[PhaseSpan, ...]
    limits: tuple[LimitSpan, ...]
    heart: HeartFigures
    saturation: SaturationFigures | None
    work: WorkFigures | None
    load: LoadFigures
    beats: BeatFigures | None
    efforts: tuple[Effort, ...]
    alarms: tuple[AlarmFigure, ...]
    entries: tuple[Entry, ...]
    deviations: tuple[Deviation, ...]
    coverage: tuple[Coverage, ...]
    gaps: tuple[Hole, ...]
    marks: tuple[Mark, ...]
    sensors: tuple[SensorUsed, ...]
    rules: tuple[str, ...]
    software: str


class Weighed(Struct, frozen=True, kw_only=True):
    """A part's vital signs, judged; before anything is left out."""

    rates: Signal
    saturations: Signal


def weigh(part: Part) -> Weighed:
    """Return the vital signs of a part: the costly half of a summary, and what a what-if judges."""
    return Weighed(rates=weigh_rates(part.said), saturations=weigh_saturations(part.said))


def summarise(part: Part, weighed: Weighed | None = None) -> SessionSummary:
    """Return the summary of a part; ``weighed``: its vital signs, when they are at hand."""
    weighed = weighed or weigh(part)
    phases, limits, marks, sensors = phases_of(part), limits_of(part), marks_of(part), sensors_of(part)
    signals = {Vital.HR: weighed.rates, Vital.SPO2: weighed.saturations}
    clean = {vital: without(signal, stretches_of(marks, vital)) for vital, signal in signals.items()}
    did = measure(part, clean[Vital.HR], clean[Vital.SPO2], phases=phases, limits=limits)
    coverage = tuple(
        cover(
            vital,
            signal,
            phases=phases,
            worn=[(one.from_ms, one.to_ms) for one in sensors if one.kind is SENSOR_OF[vital]],
            marks=stretches_of(marks, vital),
            holes=[hole for hole in part.holes if hole.vital is vital],
        )
        for vital, signal in signals.items()
        if len(signal.heard_ms) or any(one.kind is SENSOR_OF[vital] for one in sensors)
    )
    alarms = alarms_of(part)
    held = entries_in_force(part)
    return SessionSummary(
        session=part.session,
        participant=part.participant,
        seat=held[-1][2].seat if held else None,
        generation_mode=part.generation_mode,
        started_utc_ms=part.started_utc_ms,
        until_ms=part.until_ms,
        is_over=part.is_over,
        phases=phases,
        limits=limits,
        heart=did.heart,
        saturation=did.saturation,
        work=did.work,
        load=did.load,
        beats=measure_beats(part.said, marks=stretches_of(marks, Vital.HR), phases=phases),
        efforts=efforts_of(part, clean[Vital.HR]),
        alarms=alarms,
        entries=tuple(entry for entry in part.entries if not isinstance(entry.body, Signed | Artefact)),
        deviations=deviations_of(part, did.heart, did.saturation, limits=limits),
        coverage=coverage,
        gaps=part.holes,
        marks=marks,
        sensors=sensors,
        rules=part.rules,
        software=part.software,
    )


def digest_of(summary: SessionSummary) -> str:
    """Return the SHA-256 of a summary, in hex; a mere update of the program changes it only with a number."""
    # Through JSON once: 124 and 124.0 are one number, and what was read back must be what was signed.
    plain = msgspec.json.decode(msgspec.json.encode(replace(summary, software="")), type=SessionSummary)
    return sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()
