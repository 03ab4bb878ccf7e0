"""What an entry says, in the words of a report."""

from typing import assert_never

from dashboard.review.report.words import Words
from vitals.entries import (
    AlarmJudged,
    Artefact,
    BloodPressure,
    Dyspnoea,
    EmergencyStep,
    EntryBody,
    Joined,
    Note,
    OxygenFlow,
    PreChecked,
    Released,
    Rpe,
    SessionRpe,
    Signed,
    SixMinuteWalk,
    Symptom,
    SymptomsAsked,
    Weight,
)


def entry_text(body: EntryBody, words: Words) -> str:
    """Return one line; words of the staff stand as they were written."""
    number = words.number
    match body:
        case Rpe():
            return words.rpe.format(value=body.rpe_borg)
        case SessionRpe():
            return words.session_rpe_said.format(value=number(body.rpe_cr10, 1))
        case Dyspnoea():
            return words.dyspnoea.format(value=number(body.dyspnoea_cr10, 1))
        case BloodPressure():
            return words.blood_pressure.format(systolic=body.systolic_mmhg, diastolic=body.diastolic_mmhg)
        case OxygenFlow():
            return words.oxygen.format(value=number(body.oxygen_l_min, 1))
        case Symptom():
            return _with(words.symptoms[body.symptom], body.text)
        case SymptomsAsked():
            return words.symptoms_asked
        case Note():
            return body.text
        case Weight():
            return words.weight.format(value=number(body.mass_kg, 1))
        case AlarmJudged():
            return _with(words.judged.format(outcome=words.outcomes[body.outcome]), body.text)
        case PreChecked():
            if not body.problems:
                return words.pre_checked
            problems = ", ".join(words.checks[item] for item in body.problems)
            return _with(words.pre_checked_with.format(problems=problems), body.why)
        case Joined():
            return words.joined
        case Released():
            if not body.missing:
                return words.released
            missing = ", ".join(words.unseen.get(item, item) for item in body.missing)
            return _with(words.released_without.format(missing=missing), body.why)
        case EmergencyStep():
            return _with(words.emergency.format(step=body.step), body.text)
        case SixMinuteWalk():
            return words.six_minute_walk.format(value=number(body.distance_m))
        case Artefact() | Signed():
            return ""
        case _:
            assert_never(body)


def _with(text: str, more: str) -> str:
    return f"{text}: {more}" if more else text
