"""The words of the handover card, English and German."""

from typing import Final

from dashboard.emergency.script import Language, Role
from vitals.alarms import RuleId
from vitals.entries import (
    AlarmJudged,
    Artefact,
    BloodPressure,
    Dyspnoea,
    EmergencyStep,
    EntryBody,
    Note,
    Outcome,
    OxygenFlow,
    Rpe,
    SessionRpe,
    SixMinuteWalk,
    Symptom,
    SymptomKind,
    SymptomsAsked,
    Weight,
)

CARD: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "title": "Handover card",
        "seat": "Seat",
        "made": "Made",
        "began": "Emergency since",
        "ended": "ended",
        "hr": "Heart rate, bpm",
        "spo2": "SpO2, %",
        "now": "Last values",
        "none": "none",
        "ago": "{age} s old",
        "missing": "The record cannot be read now: trends, alarms and entries may be missing.",
        "limits": "Limits",
        "alarms": "Alarms",
        "actions": "What was done",
        "nothing": "Nothing in this time.",
        "at": "at",
        "until": "until",
        "on": "still on",
        "upper": "upper limit",
        "lower": "lower limit",
        "floor": "lower limit",
        "print": "Print",
        "honest": "From chest strap and finger sensor in exercise; not a medical device. Holds no diagnosis.",
        "gap": "Where a line is broken, nothing was heard.",
        "simulated": "SIMULATED DATA",
        "replayed": "REPLAYED DATA",
        "test": "PRACTICE OR TEST - not a class",
        "real": "",
    },
    "de": {
        "title": "Übergabekarte",
        "seat": "Platz",
        "made": "Erstellt",
        "began": "Notfall seit",
        "ended": "beendet",
        "hr": "Herzfrequenz, 1/min",
        "spo2": "SpO2, %",
        "now": "Letzte Werte",
        "none": "keiner",
        "ago": "{age} s alt",
        "missing": "Die Aufzeichnung ist gerade nicht lesbar: Verlauf, Alarme und Einträge können fehlen.",
        "limits": "Grenzen",
        "alarms": "Alarme",
        "actions": "Was getan wurde",
        "nothing": "Nichts in dieser Zeit.",
        "at": "um",
        "until": "bis",
        "on": "steht noch an",
        "upper": "obere Grenze",
        "lower": "untere Grenze",
        "floor": "untere Grenze",
        "print": "Drucken",
        "honest": "Von Brustgurt und Fingersensor beim Training; kein Medizinprodukt. Enthält keine Diagnose.",
        "gap": "Wo eine Linie unterbrochen ist, wurde nichts gehört.",
        "simulated": "SIMULIERTE DATEN",
        "replayed": "WIEDERGABE",
        "test": "ÜBUNG ODER TEST - keine Stunde",
        "real": "",
    },
}

ROLES: Final[dict[Language, dict[Role, str]]] = {
    "en": {
        Role.LEADER: "Leader",
        Role.COMPRESSIONS: "Compressions and AED",
        Role.PHONE: "Phone",
        Role.CROWD: "Other people",
        Role.TIMEKEEPER: "Timekeeper",
    },
    "de": {
        Role.LEADER: "Leitung",
        Role.COMPRESSIONS: "Herzdruckmassage und AED",
        Role.PHONE: "Notruf",
        Role.CROWD: "Andere Personen",
        Role.TIMEKEEPER: "Zeit und Protokoll",
    },
}

LIMITS: Final[dict[Language, dict[RuleId, str]]] = {
    "en": {
        RuleId.HR_OVER: "HR above",
        RuleId.HR_CRIT: "HR critical above",
        RuleId.HR_LOW: "HR below",
        RuleId.SPO2_LOW: "SpO2 below",
        RuleId.SPO2_CRIT: "SpO2 critical below",
    },
    "de": {
        RuleId.HR_OVER: "HF über",
        RuleId.HR_CRIT: "HF kritisch über",
        RuleId.HR_LOW: "HF unter",
        RuleId.SPO2_LOW: "SpO2 unter",
        RuleId.SPO2_CRIT: "SpO2 kritisch unter",
    },
}

_SYMPTOMS: Final[dict[Language, dict[SymptomKind, str]]] = {
    "en": {kind: kind.value.replace("_", " ").capitalize() for kind in SymptomKind},
    "de": {
        SymptomKind.ANGINA: "Brustenge",
        SymptomKind.DIZZINESS: "Schwindel",
        SymptomKind.NEAR_SYNCOPE: "Beinahe ohnmächtig",
        SymptomKind.ATAXIA: "Unsicherer Gang",
        SymptomKind.PALLOR: "Blässe",
        SymptomKind.CYANOSIS: "Bläuliche Haut",
        SymptomKind.ARRHYTHMIA: "Herzstolpern",
        SymptomKind.ASKS_TO_STOP: "Will aufhören",
        SymptomKind.DYSPNOEA: "Atemnot",
        SymptomKind.LEG_PAIN: "Beinschmerz",
        SymptomKind.FATIGUE: "Erschöpfung",
        SymptomKind.COUGH: "Husten",
        SymptomKind.OTHER: "Anderes",
    },
}
_OUTCOMES: Final[dict[Language, dict[Outcome, str]]] = {
    "en": {Outcome.REAL: "real", Outcome.ARTEFACT: "artefact", Outcome.EXPECTED: "expected"},
    "de": {Outcome.REAL: "echt", Outcome.ARTEFACT: "Artefakt", Outcome.EXPECTED: "erwartet"},
}
_STEPS: Final[dict[Language, dict[str, str]]] = {
    "en": {"began": "Emergency began", "ended": "Emergency ended", "undone": "Taken back"},
    "de": {"began": "Notfall begonnen", "ended": "Notfall beendet", "undone": "Zurückgenommen"},
}


_ALARMS: Final = (
    ("HR fell by", "HF gefallen um"),
    ("HR only", "HF nur um"),
    ("down in recovery", "gesunken in der Erholung"),
    ("short of rising work", "trotz steigender Belastung"),
    ("SpO2 fall", "SpO2-Abfall"),
    ("No strap signal", "Kein Gurtsignal"),
    ("No oximeter signal", "Kein Oximetersignal"),
    ("Oximeter off finger", "Oximeter nicht am Finger"),
    ("Strap: no skin contact", "Gurt: kein Hautkontakt"),
    ("Oximeter values in doubt", "Oximeterwerte zweifelhaft"),
    ("Strap values in doubt", "Gurtwerte zweifelhaft"),
    ("Strap and oximeter disagree", "Gurt und Oximeter widersprechen sich"),
    ("Strap repeats another signal", "Gurt wiederholt ein fremdes Signal"),
    ("Sensors swapped?", "Sensoren vertauscht?"),
    ("Oximeter battery", "Batterie des Oximeters"),
    ("Strap battery", "Batterie des Gurts"),
    ("highest", "Höchstwert"),
    ("lowest", "Tiefstwert"),
    ("HR", "HF"),
)
"""Pieces of `vitals.alarms.alarm_text`, in the order in which they are replaced."""


def tell_alarm(text: str, *, language: Language) -> str:
    """Return what an alarm says in the language of the card."""
    if language == "en":
        return text
    for english, german in _ALARMS:
        text = text.replace(english, german)
    return text


def tell_entry(body: EntryBody, *, language: Language, script: dict[str, str]) -> str | None:
    """Return an entry in words; None for those that are of no use to who takes over (who joined, who signed).

    Args:
        body: what was entered.
        language: of the card.
        script: the lines of the checklist by id, in that language.
    """
    is_english = language == "en"
    match body:
        case EmergencyStep():
            return _tell_step(body, language=language, script=script)
        case Note(text=text):
            return text
        case Symptom(symptom=symptom, text=text):
            words = _SYMPTOMS[language][symptom]
            return f"{words}: {text}" if text else words
        case SymptomsAsked():
            return "Asked for symptoms: none" if is_english else "Gefragt: keine Beschwerden"
        case BloodPressure(systolic_mmhg=upper, diastolic_mmhg=lower):
            return f"{'Blood pressure' if is_english else 'Blutdruck'} {upper}/{lower} mmHg"
        case OxygenFlow(oxygen_l_min=flow):
            return f"{'Oxygen' if is_english else 'Sauerstoff'} {flow:g} L/min"
        case Rpe(rpe_borg=rpe):
            return f"Borg {rpe}"
        case Dyspnoea(dyspnoea_cr10=grade):
            return f"{'Breathlessness' if is_english else 'Atemnot'} {grade:g}/10"
        case AlarmJudged(outcome=outcome):
            return f"{'Alarm was' if is_english else 'Alarm war'} {_OUTCOMES[language][outcome]}"
        case Weight(mass_kg=mass):
            return f"{'Weight' if is_english else 'Gewicht'} {mass:g} kg"
        case SessionRpe() | SixMinuteWalk() | Artefact() | _:
            return None


def _tell_step(step: EmergencyStep, *, language: Language, script: dict[str, str]) -> str:
    if step.step == "role" and step.role in set(Role):
        return f"{ROLES[language][Role(step.role)]}: {step.text}"
    if step.step == "note":
        return step.text
    if step.step == "undone":
        return f"{_STEPS[language]['undone']}: {script.get(step.text, step.text)}"
    words = _STEPS[language].get(step.step) or script.get(step.step) or step.text or step.step
    return f"{words}: {step.text}" if step.step == "ended" and step.text else words
