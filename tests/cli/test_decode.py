"""`vitals decode`: bytes in, words or JSON out, for a technician; nonsense is refused with its place and its value."""

import csv
import json
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.command_decode import KIND_NAMES, parse_hex, render_text
from cli.decoding import KINDS, decode_all, describe_kinds, fields_of_kind
from cli.main import main
from tests.gateway.codec_families import FAMILIES
from vitals.errors import InputError

CAPTURES: Final = Path(__file__).parents[1] / "data" / "ble-payloads.csv"
KIND_OF: Final = {
    "2a37": "hr",
    "2a5f": "plx",
    "2a5e": "plx-spot",
    "2ad2": "bike",
    "cdeacb81": "jumper",
    "6e400003": "pc60",
    "ff02": "contec",
}
HEAD: Final = ["kind", "notification", "result", "hex"]

by_kind = pytest.mark.parametrize("kind", KIND_NAMES)


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["decode", "--json", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_kind_of_the_command_has_a_codec_and_every_codec_a_kind() -> None:
    assert tuple(KINDS) == KIND_NAMES
    assert {family.name for family in FAMILIES} - {"device-text"} == set(KIND_NAMES)


def test_a_strap_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", "164e1b031203", "--as", "hr"]) == 0
    told = capsys.readouterr().out
    assert "notification 1, hr frame: 164e1b031203" in told
    assert "78 bpm" in told
    assert "776.367, 767.578 ms" in told


def test_json_has_one_object_for_each_notification(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = run_json(capsys, "--as", "hr", "103eb103de", "0400")
    assert first == {
        "kind": "hr",
        "notification": 1,
        "result": "frame",
        "hex": "103eb103de",
        "hr_bpm": 62,
        "quality": "good",
        "reason": None,
        "contact": None,
        "rr_1024": [945],
        "rr_dropped_1024": [],
        "odd_bytes": "de",
        "rr_ms": [922.8515625],
    }
    assert (second["notification"], second["hr_bpm"], second["reason"]) == (2, None, "off_skin")


@pytest.mark.parametrize(
    "row", list(csv.DictReader(CAPTURES.read_text(encoding="utf-8").splitlines())), ids=lambda row: row["hex"]
)
def test_every_captured_payload_is_told(row: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    told = run_json(capsys, "--as", KIND_OF[row["char_uuid"]], row["hex"])
    assert told
    assert "undecodable" not in {one["result"] for one in told}


def test_a_frame_over_two_notifications_is_put_together_and_its_rest_is_pending(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = run_json(capsys, "--as", "pc60", "aa550f08016239004400c0e3aa55f003", "0303f6aa")
    assert [(one["notification"], one["result"]) for one in told] == [(1, "frame"), (2, "other"), (2, "pending")]
    assert (told[0]["spo2_pct"], told[1]["bars"], told[2]["hex"]) == (98, 3, "aa")


def test_a_record_in_two_parts_is_told_in_parts_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    part, end, record = run_json(capsys, "--as", "treadmill", "0500 900100", "0000 f401")
    assert (part["is_part"], part["distance_m"], part["speed_kmh"]) == (True, 400, None)
    assert (end["is_part"], end["distance_m"], end["speed_kmh"]) == (False, None, 5.0)
    assert (record["result"], record["distance_m"], record["speed_kmh"]) == ("record", 400, 5.0)


def test_status_bits_have_names(capsys: pytest.CaptureFixture[str]) -> None:
    [plx] = run_json(capsys, "--as", "plx", "0c62004e002004201000")
    assert plx["measurement_status_bits"] == ["ongoing", "demo"]
    assert plx["sensor_status_bits"] == ["low_perfusion", "unknown_sensor"]
    assert (plx["spo2_pct"], plx["reason"]) == (None, "not_live")


def test_bytes_that_mean_nothing_are_the_answer_and_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    [told] = run_json(capsys, "--as", "battery", "ff")
    assert told["result"] == "undecodable"
    assert "0xff" in told["problem"]
    assert main(["decode", "--as", "battery", "ff"]) == 0
    assert "problem" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0x16zz"], "HEX 1: 'z' at character 5"),
        (["16", "1g"], "HEX 2: 'g' at character 2"),
        (["123"], "HEX 1: '123' has 3 digits"),
        ([""], "HEX 1: '' has 0 digits"),
        (["0x"], "HEX 1: '0x' has 0 digits"),
        (["\uff11\uff12"], "at character 1"),
    ],
)
def test_bad_hexadecimal_is_refused_in_one_line_with_its_place(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decode", "--as", "hr", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err


@pytest.mark.parametrize("text", ["164d1603", "0x164D1603", "16 4d 16 03", "16:4d:16:03", "16-4D-16-03"])
def test_hexadecimal_is_taken_as_people_write_it(text: str) -> None:
    assert parse_hex(text, 1) == bytes.fromhex("164d1603")


@given(st.text(max_size=40))
def test_any_text_is_bytes_or_refused(text: str) -> None:
    try:
        raw = parse_hex(text, 3)
    except InputError as error:
        assert str(error).startswith("HEX 3: ")  # noqa: PT017 - both outcomes are lawful
    else:
        assert raw


def test_an_unknown_kind_is_refused_with_the_kinds_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["decode", "00", "--as", "toaster"])
    assert refused.value.code == 2
    assert "toaster" in capsys.readouterr().err


@by_kind
@given(notifications=st.lists(st.binary(min_size=1, max_size=600), max_size=4))
def test_any_bytes_are_told_in_both_ways(kind: str, notifications: list[bytes]) -> None:
    for fields in decode_all(kind, notifications):
        assert list(fields)[:4] == HEAD
        assert json.loads(json.dumps(fields, allow_nan=False)) == fields
        assert render_text(fields)


@by_kind
def test_the_help_names_every_field_that_json_has(kind: str) -> None:
    frame = KINDS[kind].frame
    [family] = [family for family in FAMILIES if family.name == kind]
    described = "\n".join(describe_kinds())
    for fields in decode_all(kind, list(family.seeds)):
        if fields["result"] == "frame":
            names = [name for name in fields if name not in HEAD]
            assert all(name in described for name in names)
            assert frame is None or names == list(fields_of_kind(frame))


def test_the_help_is_printed_with_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["decode", "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "rr_dropped_1024" in told
    assert "pending" in told
