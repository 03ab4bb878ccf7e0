"""The FHIR bundle: valid, with the codes of the R4 profiles, and one value a second."""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from dashboard.export.order import ExportFormat
from tests.dashboard.export.conftest import export

R4_ELEMENTS = {
    "resourceType", "meta", "status", "category", "code", "subject", "effectivePeriod", "note", "valueSampledData",
    "component",
}  # fmt: skip
"""Of Observation, in R4 (hl7.org/fhir/R4/observation.html) and R4B alike."""


def resources(record: Path, tmp_path: Path) -> list[dict[str, Any]]:
    bundle = json.loads(export(record, ExportFormat.FHIR, tmp_path / "c1.fhir.json").read_text())
    Bundle.model_validate(bundle)
    return [entry["resource"] for entry in bundle["entry"]]


def codes(resource: dict[str, Any]) -> list[str]:
    return [coding["code"] for coding in resource["code"]["coding"]]


def test_heart_rate_and_saturation_have_their_codes_and_units(record: Path, tmp_path: Path) -> None:
    found = resources(record, tmp_path)
    assert [codes(one) for one in found] == [
        ["8867-4"], ["session-summary"], ["2708-6", "59408-5"], ["session-summary"],
    ]  # fmt: skip
    assert [one["valueSampledData"]["origin"]["code"] for one in found if "valueSampledData" in one] == ["/min", "%"]
    assert {coding["system"] for one in found[::2] for coding in one["code"]["coding"]} == {"http://loinc.org"}
    assert {one["valueSampledData"]["origin"]["system"] for one in found[::2]} == {"http://unitsofmeasure.org"}
    assert all(set(one) <= R4_ELEMENTS for one in found)


def test_the_samples_are_one_a_second_and_nothing_is_filled_in(record: Path, tmp_path: Path) -> None:
    heart = resources(record, tmp_path)[0]["valueSampledData"]
    told = heart["data"].split(" ")
    assert (heart["period"], heart["dimensions"], len(told)) == (1000, 1, 60)
    expected = ["E" if at in {10, 11, 12, 20, 21, 22, 23} else str(90 + at) for at in range(60)]
    assert told == expected


def test_numbers_of_no_real_person_say_so(record: Path, tmp_path: Path) -> None:
    for one in resources(record, tmp_path):
        assert one["meta"]["tag"][0]["code"] == "HTEST"
        assert any("test" in note["text"] for note in one["note"])


def test_nobody_is_named(record: Path, tmp_path: Path) -> None:
    assert {json.dumps(one["subject"]) for one in resources(record, tmp_path)} == {
        json.dumps({"identifier": {"system": "urn:session-vitals:participant", "value": person}})
        for person in ("p1", "p2")
    }


def test_the_validator_is_one_that_refuses(record: Path, tmp_path: Path) -> None:
    [*_, last] = resources(record, tmp_path)
    with pytest.raises(ValidationError):
        Bundle.model_validate(
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": last | {"status": 7, "x": 1}}]}
        )
