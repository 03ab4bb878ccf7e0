"""What one person's part in a session was, as the record has it: all that a summary is made from.

Times are ms after the start of the session, on the record's own time: a reading that came late stands where it belongs.
"""

from enum import StrEnum

from msgspec import Struct

from analysis.history.history import InForce, Said
from vitals.alarms import AlarmEvent
from vitals.delivery import Course
from vitals.entries import Entry
from vitals.participants import ParticipantId
from vitals.sensors import SensorKind
from vitals.sessions import GenerationMode, SessionId
from vitals.units import MonotonicMs, UtcMs


class Vital(StrEnum):
    """A vital sign that a report judges; the words of an artefact mark."""

    HR = "hr"
    SPO2 = "spo2"


SENSOR_OF = {Vital.HR: SensorKind.STRAP, Vital.SPO2: SensorKind.OXIMETER}


class Hole(Struct, frozen=True, kw_only=True):
    """A time of which readings are missing, and why, in the record's words."""

    vital: Vital
    from_ms: int
    to_ms: int
    cause: str


class Part(Struct, frozen=True, kw_only=True):
    """One person's part in one session.

    Attributes:
        session: which one.
        participant: whose part.
        generation_mode: where the numbers come from.
        started_utc_ms: time 0.
        until_ms: its end, or the newest reading of a session that runs.
        is_over: whether it has ended.
        rosters: every version, with the time from which it held.
        said: every reading of this person's sensors, by time.
        holes: what the record says is missing, by time.
        events: changes of this person's alarms, by time.
        courses: who was called about this person's alarms, by onset.
        entries: what staff entered about this person or about the whole class, by time.
        rules: hashes of the rule sets that judged.
        software: version of the program that makes the summary.
    """

    session: SessionId
    participant: ParticipantId
    generation_mode: GenerationMode
    started_utc_ms: UtcMs
    until_ms: MonotonicMs
    is_over: bool
    rosters: tuple[InForce, ...]
    said: tuple[Said, ...]
    holes: tuple[Hole, ...]
    events: tuple[AlarmEvent, ...]
    entries: tuple[Entry, ...]
    rules: tuple[str, ...]
    software: str
    courses: tuple[Course, ...] = ()
