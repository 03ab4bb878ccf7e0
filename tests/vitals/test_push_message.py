"""Payloads of pushes: the fixtures that alerts and the phone share are of the shape, small, and name nobody."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from vitals.alarms import Priority
from vitals.errors import InputError, InputReason
from vitals.push_message import PUSH_BYTES_MAX, PushKind, PushMessage, encode_push
from vitals.wire import decode

FIXTURES: Final[dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "push-payloads.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", FIXTURES["payloads"])
def test_a_fixture_is_what_alerts_would_send(name: str) -> None:
    payload = FIXTURES["payloads"][name]
    message: PushMessage = decode(json.dumps(payload).encode(), PushMessage, place=name)

    assert json.loads(encode_push(message)) == payload
    assert len(encode_push(message)) <= PUSH_BYTES_MAX


def test_the_fixtures_show_every_kind() -> None:
    assert {payload["kind"] for payload in FIXTURES["payloads"].values()} == set(PushKind)


@pytest.mark.parametrize("name", FIXTURES["refused"])
def test_what_must_be_refused_is(name: str) -> None:
    with pytest.raises(InputError):
        decode(json.dumps(FIXTURES["refused"][name]).encode(), PushMessage, place=name)


def test_a_push_that_no_service_would_take_is_refused_here() -> None:
    message = PushMessage(
        kind=PushKind.ALARM,
        alarm_id="a1",
        priority=Priority.HIGH,
        title="HIGH  seat 7",
        body="\x01" * 400,  # each is six bytes in JSON
        tag="a1",
        step=0,
        token="t" * 600,
        url="/alarm/a1",
    )
    with pytest.raises(InputError) as refused:
        encode_push(message)
    assert refused.value.reason is InputReason.TOO_LARGE
