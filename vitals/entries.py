"""Entries: what staff see, ask and measure during a class, one at a time, each with who and when.

They are not readings: no sensor tells them, and no rule judges them. What a person says in free words stays short.
"""

from enum import StrEnum
from typing import Annotated, NewType

from msgspec import Meta, Struct

from vitals.alarms import AlarmId
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

EntryId = NewType("EntryId", str)


class SymptomKind(StrEnum):
    """What is seen or said; the first ones are stop signs (ACSM)."""

    ANGINA = "angina"
    DIZZINESS = "dizziness"
    NEAR_SYNCOPE = "near_syncope"
    ATAXIA = "ataxia"
    PALLOR = "pallor"
    CYANOSIS = "cyanosis"
    ARRHYTHMIA = "arrhythmia"
    ASKS_TO_STOP = "asks_to_stop"
    DYSPNOEA = "dyspnoea"
    LEG_PAIN = "leg_pain"
    FATIGUE = "fatigue"
    COUGH = "cough"
    OTHER = "other"


class Rpe(Struct, frozen=True, kw_only=True, tag="rpe", tag_field="kind"):
    """Perceived exertion on Borg's scale, 6 to 20."""

    rpe_borg: Annotated[int, Meta(ge=6, le=20)]


class SessionRpe(Struct, frozen=True, kw_only=True, tag="session_rpe", tag_field="kind"):
    """How hard the whole session was, on Borg's CR10 scale; asked at the end (Foster)."""

    rpe_cr10: Annotated[float, Meta(ge=0, le=10)]


class Dyspnoea(Struct, frozen=True, kw_only=True, tag="dyspnoea", tag_field="kind"):
    """Breathlessness on Borg's CR10 scale."""

    dyspnoea_cr10: Annotated[float, Meta(ge=0, le=10)]


class BloodPressure(Struct, frozen=True, kw_only=True, tag="blood_pressure", tag_field="kind"):
    """Blood pressure, taken by hand or by a cuff and typed in."""

    systolic_mmhg: Annotated[int, Meta(ge=40, le=300)]
    diastolic_mmhg: Annotated[int, Meta(ge=20, le=200)]


class OxygenFlow(Struct, frozen=True, kw_only=True, tag="oxygen_flow", tag_field="kind"):
    """Oxygen that a person is given now, L/min; 0 is none."""

    oxygen_l_min: Annotated[float, Meta(ge=0, le=60)]


class Symptom(Struct, frozen=True, kw_only=True, tag="symptom", tag_field="kind", omit_defaults=True):
    """One thing that was seen or said."""

    symptom: SymptomKind
    text: Annotated[str, Meta(max_length=400)] = ""


class SymptomsAsked(Struct, frozen=True, kw_only=True, tag="symptoms_asked", tag_field="kind"):
    """Somebody was asked for symptoms and has none; what is not asked is not none."""


class Note(Struct, frozen=True, kw_only=True, tag="note", tag_field="kind"):
    """Free words of the staff."""

    text: Annotated[str, Meta(min_length=1, max_length=1000)]


class Weight(Struct, frozen=True, kw_only=True, tag="weight", tag_field="kind"):
    """Body weight before class; a gain of 1 to 2 kg within days may be fluid."""

    mass_kg: Annotated[float, Meta(ge=20, le=400)]


class Outcome(StrEnum):
    """What an alarm turned out to be, by who went and looked."""

    REAL = "real"
    ARTEFACT = "artefact"
    EXPECTED = "expected"


class AlarmJudged(Struct, frozen=True, kw_only=True, tag="alarm_judged", tag_field="kind", omit_defaults=True):
    """What an alarm turned out to be; a later one about the same alarm takes its place."""

    alarm_id: AlarmId
    outcome: Outcome
    text: Annotated[str, Meta(max_length=400)] = ""


class PreCheckItem(StrEnum):
    """What is asked before somebody exercises."""

    BLOOD_PRESSURE = "blood_pressure"
    HEART_RATE = "heart_rate"
    SPO2 = "spo2"
    WEIGHT = "weight"
    SYMPTOMS = "symptoms"
    MEDICATION = "medication"
    OXYGEN = "oxygen"


class PreChecked(Struct, frozen=True, kw_only=True, tag="pre_checked", tag_field="kind", omit_defaults=True):
    """The check before exercise is done.

    ``problems``: what did not pass; ``missing``: what was not checked; with any of either, ``why`` says why it was let
    be. ``hr_bpm``, ``spo2_pct``: at rest, as they were judged.
    """

    problems: tuple[PreCheckItem, ...] = ()
    missing: tuple[PreCheckItem, ...] = ()
    hr_bpm: float | None = None
    spo2_pct: float | None = None
    why: Annotated[str, Meta(max_length=400)] = ""


class Joined(Struct, frozen=True, kw_only=True, tag="joined", tag_field="kind"):
    """Somebody has come, in time or late."""


class Released(Struct, frozen=True, kw_only=True, tag="released", tag_field="kind", omit_defaults=True):
    """Somebody leaves the list. ``missing``: what of the recovery watch was not done; with any, ``why`` says why."""

    missing: tuple[str, ...] = ()
    why: Annotated[str, Meta(max_length=400)] = ""


class EmergencyStep(Struct, frozen=True, kw_only=True, tag="emergency", tag_field="kind", omit_defaults=True):
    """One line of the timeline of an emergency. ``step``: ``began``, a step of the site's script, ``ended``."""

    step: Annotated[str, Meta(min_length=1, max_length=64)]
    role: Annotated[str, Meta(max_length=64)] = ""
    text: Annotated[str, Meta(max_length=400)] = ""


class Artefact(Struct, frozen=True, kw_only=True, tag="artefact", tag_field="kind", omit_defaults=True):
    """Readings that somebody says are none of the person's: the report leaves them out and says so.

    ``signal``: ``hr`` or ``spo2``. ``is_withdrawn``: the mark of the same stretch counts no more.
    """

    signal: Annotated[str, Meta(min_length=1, max_length=16)]
    from_utc_ms: UtcMs
    to_utc_ms: UtcMs
    why: Annotated[str, Meta(min_length=1, max_length=400)]
    is_withdrawn: bool = False


class SixMinuteWalk(Struct, frozen=True, kw_only=True, tag="six_minute_walk", tag_field="kind"):
    """The distance of a 6-minute walk test, m."""

    distance_m: Annotated[float, Meta(ge=0, le=1500)]


class Signed(Struct, frozen=True, kw_only=True, tag="signed", tag_field="kind"):
    """Somebody stands for a report as it was: ``digest`` is the SHA-256 of its summary, in hex."""

    digest: Annotated[str, Meta(min_length=64, max_length=64)]


EntryBody = (
    Rpe
    | SessionRpe
    | Dyspnoea
    | BloodPressure
    | OxygenFlow
    | Symptom
    | SymptomsAsked
    | Note
    | Weight
    | AlarmJudged
    | PreChecked
    | Joined
    | Released
    | EmergencyStep
    | Artefact
    | SixMinuteWalk
    | Signed
)


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry. ``participant`` None: about the class. ``hr_bpm``, ``hrr_pct``: as shown when it was made."""

    id: EntryId
    session: SessionId
    at_utc_ms: UtcMs
    by: Annotated[str, Meta(min_length=1, max_length=64)]
    body: EntryBody
    participant: ParticipantId | None = None
    hr_bpm: float | None = None
    hrr_pct: float | None = None
