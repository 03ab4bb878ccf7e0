"""The plan of the flow: what is due when, what is checked before exercise, what the recovery watch wants. Pure.

Every number is a default, not prescribed: a site lays a file of its own over it with the setting `dashboard.flow_file`.
What a person was prescribed wins where there is something.
"""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from vitals.entries import PreCheckItem, SymptomKind
from vitals.errors import InputError, InputReason
from vitals.sessions import Phase

STOP_SIGNS: Final = frozenset(
    {
        SymptomKind.ANGINA,
        SymptomKind.DIZZINESS,
        SymptomKind.NEAR_SYNCOPE,
        SymptomKind.ATAXIA,
        SymptomKind.PALLOR,
        SymptomKind.CYANOSIS,
        SymptomKind.ARRHYTHMIA,
        SymptomKind.ASKS_TO_STOP,
    }
)
"""Signs at which exercise ends at once: those of the table of the ACSM that somebody can see or say."""

EFFORT: Final = frozenset({Phase.WARM_UP, Phase.TRAINING})
"""Who is in one of these exercises; before it the pre-check is done, after it the recovery watch begins."""

Seconds = Annotated[float, Meta(ge=10, le=14_400)]


class DueKind(StrEnum):
    """What is asked or measured again and again; the words are those of entries."""

    RPE = "rpe"
    DYSPNOEA = "dyspnoea"
    BLOOD_PRESSURE = "blood_pressure"
    SESSION_RPE = "session_rpe"


class DueRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When one thing is due: ``first_s`` after somebody began the phase or the station, then each ``every_s``.

    ``every_s`` None: once a station. ``with_oximeter``: asked only of who wears an oximeter or is given oxygen.
    """

    kind: DueKind
    phases: tuple[Phase, ...]
    first_s: Seconds
    every_s: Seconds | None = None
    with_oximeter: bool = False


class PreCheckPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is checked before exercise, and what does not pass.

    Systolic over 200 or diastolic over 110 mmHg and a rate over 120 at rest: no start (sheets that follow the ACSM;
    published limits differ: 100 to 110, 100 to 120). Saturation: the person's own floor, else below 88 % (the least
    that ACSM and AACVPR aim at, from memory; many programmes take 90). Weight: 2 kg more than at the class before, if
    that was at most ``gain_days`` ago, may be fluid (advice to people with heart failure, from memory: a clinician
    shall confirm it). docs/class.md lists the sources.
    """

    items: tuple[PreCheckItem, ...] = tuple(PreCheckItem)
    systolic_max_mmhg: Annotated[int, Meta(ge=100, le=300)] = 200
    diastolic_max_mmhg: Annotated[int, Meta(ge=60, le=200)] = 110
    hr_max_bpm: Annotated[int, Meta(ge=60, le=200)] = 120
    spo2_min_pct: Annotated[float, Meta(ge=50, le=100)] = 88
    gain_max_kg: Annotated[float, Meta(gt=0, le=20)] = 2
    gain_days: Annotated[int, Meta(ge=1, le=90)] = 7


class RecoveryItem(StrEnum):
    """What is seen to before somebody leaves the list."""

    HEART = "heart"
    BLOOD_PRESSURE = "blood_pressure"
    SYMPTOMS = "symptoms"


_TRAINING: Final = (Phase.TRAINING,)
_RECOVERY: Final = (Phase.RECOVERY,)


class FlowPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole plan. ``grace_s``: what is due for longer is called overdue; neither is ever an alarm."""

    pre_check: PreCheckPlan = PreCheckPlan()
    recovery: tuple[RecoveryItem, ...] = tuple(RecoveryItem)
    grace_s: Seconds = 120
    due: Annotated[tuple[DueRule, ...], Meta(max_length=32)] = (
        DueRule(kind=DueKind.RPE, phases=_TRAINING, first_s=300, every_s=600),
        DueRule(kind=DueKind.DYSPNOEA, phases=_TRAINING, first_s=300, every_s=600, with_oximeter=True),
        DueRule(kind=DueKind.BLOOD_PRESSURE, phases=_TRAINING, first_s=600),
        DueRule(kind=DueKind.BLOOD_PRESSURE, phases=_RECOVERY, first_s=180),
        DueRule(kind=DueKind.SESSION_RPE, phases=_RECOVERY, first_s=300),
    )
    """A rating after five minutes at a station and each ten after that, blood pressure once a station: engineering
    choices, for two staff and twelve people. The rating of the whole session some minutes after its end (Foster)."""


def decode_plan(payload: bytes, *, place: str) -> FlowPlan:
    """Return the plan of a site; what it does not name is as delivered.

    Args:
        payload: TOML.
        place: where it came from, for the error's line.

    Raises:
        InputError: no TOML, an unknown word, or a number outside its range.
    """
    try:
        return msgspec.toml.decode(payload, type=FlowPlan)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(place, str(error), InputReason.WRONG_SHAPE) from error
