"""A class is taken whole or refused in one line that names the place and the value."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.classes import ClassBody, PrescriptionBody, decode_class, plan_roster
from vitals.alarms import RuleId
from vitals.errors import InputError
from vitals.participants import Prescription
from vitals.sensors import SensorKind
from vitals.sessions import GenerationMode, Phase, Roster, SessionId
from vitals.units import UtcMs

TOML = b"""
name = "Phase III cardiac, Tue 10:00"
generation_mode = "simulated"
room = "room-1"
phase = "warm_up"
[[participants]]
id = "p02"
seat = 2
alias = "Heron"
strap = "s-a"
oximeter = "s-b"
gateway = "g1"
[participants.prescription]
hr_upper_bpm = 120
[[participants]]
id = "p01"
seat = 1
strap = "s-c"
[[phases]]
phase = "training"
at_s = 300
"""


def person(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": f"p{number:02}", "seat": number, "strap": f"s-{number}"} | more


def given_class(*people: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"name": "T", "participants": list(people or (person(),))} | more).encode()


def read(payload: bytes) -> ClassBody:
    return decode_class(payload, is_toml=False, place="body")


def plan(body: ClassBody) -> Roster:
    return plan_roster(body, session=SessionId("s1"), room="room-1", mode=GenerationMode.SIMULATED, now_utc_ms=UtcMs(5))


def test_the_class_file_of_the_handbook_becomes_a_roster_by_seats() -> None:
    roster = plan(decode_class(TOML, is_toml=True, place="tuesday.toml"))

    assert [(entry.seat, entry.participant) for entry in roster.entries] == [(1, "p01"), (2, "p02")]
    assert roster.phase is Phase.WARM_UP
    assert [sensor.kind for sensor in roster.entries[1].sensors] == [SensorKind.STRAP, SensorKind.OXIMETER]
    assert all(sensor.from_utc_ms == 5 for entry in roster.entries for sensor in entry.sensors)
    limits = {limit.rule: limit.value for limit in roster.entries[1].limits}
    assert limits[RuleId.HR_OVER] == 120


def test_what_travels_tells_nobody_who_it_is() -> None:
    roster = plan(decode_class(TOML, is_toml=True, place="tuesday.toml"))

    assert b"Heron" not in msgspec.json.encode(roster)
    assert b"Tue" not in msgspec.json.encode(roster)


def test_the_body_knows_every_field_of_a_prescription() -> None:
    # A year of birth becomes an age and goes no further.
    assert set(PrescriptionBody.model_fields) - {"birth_year"} == set(Prescription.__struct_fields__)


@pytest.mark.parametrize(
    ("payload", "line"),
    [
        (b"{", "body: not JSON: Input data was truncated"),
        (b"[" * 100_000, "body: not JSON: "),
        (b'{"participants": []}', "body.name: Field required (and 1 more)"),
        (given_class(person(), nmae="x"), "body.nmae: 'x' - Extra inputs are not permitted"),
        (
            given_class(person(prescription={"hr_upper_bpm": 900})),
            "body.participants[0].prescription.hr_upper_bpm: 900 - Input should be less than or equal to 250",
        ),
        (
            given_class(person(prescription={"hr_upper_bpm": "120"})),
            "body.participants[0].prescription.hr_upper_bpm: '120' - Input should be a valid integer",
        ),
        (given_class(person(seat=0)), "body.participants[0].seat: 0 - "),
        (given_class(person(seat=True)), "body.participants[0].seat: True - "),
        (given_class(person(id="a/b")), "body.participants[0].id: 'a/b' - "),
        (given_class(person(1), person(2, seat=1)), "body.participants[1].seat: 1 is taken by participants[0].seat"),
        (given_class(person(1), person(2, id="p01")), "body.participants[1].id: 'p01' is taken by participants[0].id"),
        (
            given_class(person(1), person(2, oximeter="s-1")),
            "body.participants[1].oximeter: 's-1' is taken by participants[0].strap",
        ),
        (given_class(person(strap=None)), "body.participants[0]: 'p01' wears neither strap nor oximeter"),
        (given_class(phase="party"), "body.phase: 'party' - "),
        (
            given_class(phases=[{"phase": "training", "at_s": 9}, {"phase": "recovery", "at_s": 9}]),
            "body.phases[1].at_s: 9 is not after 9",
        ),
        (given_class(*(person(number) for number in range(1, 402))), "body.participants: "),
    ],
)
def test_nonsense_is_refused_in_one_line_that_names_the_place_and_the_value(payload: bytes, line: str) -> None:
    with pytest.raises(InputError) as refused:
        read(payload)

    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_a_prescription_that_contradicts_itself_is_refused_at_its_place() -> None:
    body = read(given_class(person(1), person(2, prescription={"zone_low_bpm": 130, "zone_high_bpm": 110})))

    with pytest.raises(InputError, match=r"^participants\[1\]\.prescription\.zone_high_bpm: 110 is not above"):
        plan(body)


@given(payload=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), is_toml=st.booleans())
def test_no_bytes_do_more_than_be_refused(payload: bytes, *, is_toml: bool) -> None:
    try:
        decode_class(payload, is_toml=is_toml, place="body")
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
