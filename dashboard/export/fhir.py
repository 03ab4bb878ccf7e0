"""A class as a FHIR Bundle: for each person heart rate and SpO2 as SampledData, and the figures of the summary.

Made with the R4B models of fhir.resources, of which only elements are used that R4 has in the same shape, so that the
bundle is valid in both. The person is a logical reference by pseudonym: who it is, the clinic knows. Perceived exertion
and the figures have no LOINC code that we could verify; they carry a code system of ours and words.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any, Final

from analysis.summary.summary import SessionSummary
from dashboard.export.seconds import Second, by_second, good_value
from dashboard.export.table import Value, time_text
from ingest.store.stored import StoredSession
from vitals.errors import SetupError, SetupReason
from vitals.participants import ParticipantId
from vitals.sessions import GenerationMode

LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
OURS: Final = "urn:session-vitals:figure"
PARTICIPANT: Final = "urn:session-vitals:participant"
SESSION: Final = "urn:session-vitals:session"

_CATEGORY: Final = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "vital-signs",
            "display": "Vital Signs",
        }
    ]
}
HEART_RATE: Final = {"coding": [{"system": LOINC, "code": "8867-4", "display": "Heart rate"}], "text": "Heart rate"}
SATURATION: Final = {
    "coding": [
        # The oxygen saturation profile of R4 demands the first; the second says how it was measured.
        {"system": LOINC, "code": "2708-6", "display": "Oxygen saturation in Arterial blood"},
        {"system": LOINC, "code": "59408-5", "display": "Oxygen saturation in Arterial blood by Pulse oximetry"},
    ],
    "text": "Oxygen saturation by pulse oximetry",
}
_SAMPLED: Final = (("hr_bpm", HEART_RATE, "/min"), ("spo2_pct", SATURATION, "%"))
_NOT_REAL: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}


def make_bundle(
    session: StoredSession, people: Sequence[tuple[ParticipantId, list[Value], SessionSummary]]
) -> dict[str, Any]:
    """Return the bundle as JSON objects; it has been validated.

    Raises:
        SetupError: fhir.resources is not installed.
    """
    try:
        from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415 - 27 MB that only this export needs
    except ImportError as error:
        msg = "fhir.resources is not installed: pip install 'session-vitals[export]'"
        raise SetupError(msg, SetupReason.MISSING_PACKAGE) from error
    entries = [
        {"fullUrl": f"urn:session-vitals:{session.session}:{person}:{number}", "resource": resource}
        for person, values, summary in people
        for number, resource in enumerate(_observations(session, person, values, summary))
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": SESSION, "value": session.session},
        "entry": entries,
    }
    if not entries:
        del bundle["entry"]
    Bundle.model_validate(bundle)
    return bundle


def _observations(
    session: StoredSession, person: ParticipantId, values: list[Value], summary: SessionSummary
) -> Iterator[dict[str, Any]]:
    seconds = by_second(values, started_utc_ms=session.started_utc_ms)
    for measure, code, unit in _SAMPLED:
        if any(measure in second for second in seconds.values()):
            yield _head(session, person, code) | {"valueSampledData": _sampled(seconds, measure, unit)}
    components = list(_figures(summary))
    if components:
        code = {"coding": [{"system": OURS, "code": "session-summary"}], "text": "Summary of an exercise session"}
        yield _head(session, person, code) | {"component": components}


def _head(session: StoredSession, person: ParticipantId, code: dict[str, Any]) -> dict[str, Any]:
    """Return what all observations of a person share."""
    ended = session.ended_utc_ms
    period = {"start": time_text(session.started_utc_ms, UTC)}
    head: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "preliminary" if ended is None else "final",
        "category": [_CATEGORY],
        "code": code,
        "subject": {"identifier": {"system": PARTICIPANT, "value": person}},
        "effectivePeriod": period if ended is None else period | {"end": time_text(ended, UTC)},
        "note": [{"text": "From an exercise class; not from a medical device."}],
    }
    if session.generation_mode is not GenerationMode.REAL:
        head["meta"] = {"tag": [_NOT_REAL]}
        played = "A class for practice: staff played everybody in it."
        made = f"The numbers are {session.generation_mode.value}, of no real person."
        head["note"].append({"text": played if session.is_practice else made})
    return head


def _sampled(seconds: dict[int, Second], measure: str, unit: str) -> dict[str, Any]:
    """Return one value a second; ``E``: none that its sensor stands for."""
    told = (good_value(seconds.get(at), measure) for at in range(max(seconds) + 1))
    return {
        "origin": {"value": 0, "unit": unit, "system": UCUM, "code": unit},
        "period": 1000,
        "dimensions": 1,
        "data": " ".join("E" if value is None else f"{value:g}" for value in told),
    }


def _figures(summary: SessionSummary) -> Iterator[dict[str, Any]]:
    for code, text, value, unit in _told(summary):
        if value is not None:
            yield {
                "code": {"coding": [{"system": OURS, "code": code}], "text": text},
                "valueQuantity": {"value": round(value, 2), "unit": unit, "system": UCUM, "code": unit},
            }


def _told(summary: SessionSummary) -> Iterator[tuple[str, str, float | None, str]]:
    """Yield code, words, value and UCUM unit of each figure."""
    heart = summary.heart
    yield "hr-rest", "Heart rate at rest", heart.rest_bpm, "/min"
    yield "hr-mean", "Mean heart rate", heart.mean_bpm, "/min"
    yield "hr-peak", "Peak heart rate", heart.peak_bpm, "/min"
    yield "hr-valid", "Time with a valid heart rate", heart.valid_s, "s"
    yield "zone-below", "Time below the training zone", heart.below_s, "s"
    yield "zone-in", "Time in the training zone", heart.in_s, "s"
    yield "zone-above", "Time above the training zone", heart.above_s, "s"
    if summary.saturation is not None:
        yield "spo2-rest", "SpO2 at rest", summary.saturation.rest_pct, "%"
        yield "spo2-mean", "Mean SpO2", summary.saturation.mean_pct, "%"
        yield "spo2-nadir", "Lowest SpO2", summary.saturation.nadir_pct, "%"
        yield "spo2-below-limit", "Time below the SpO2 limit", summary.saturation.below_limit_s, "s"
    if summary.work is not None:
        yield "power-mean", "Mean power", summary.work.power_mean_w, "W"
        yield "met-mean", "Mean metabolic equivalents", summary.work.met_mean, "[MET]"
    yield "load-banister", "Training impulse (Banister)", summary.load.banister, "1"
