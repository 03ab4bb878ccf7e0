"""Who did it is the login: over every route and every message of the websocket that can name somebody."""

import json
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from dashboard.access.callers import EVERYBODY, Caller, Via
from dashboard.access.roles import Role
from dashboard.api.signing import name_of
from tests.dashboard.access.lived_in import ONE, PAST, LivedIn, open_lived_in
from tests.dashboard.house import until
from tests.dashboard.review.past_class import person_id
from tests.peers import Mosquitto
from vitals.commands import Acknowledge, PauseAudio

TYPED: Final = "TYPED-INITIALS"
WHY: Final = "because of the test"
LOGIN: Final = "ada"


def deeds_of(house: LivedIn, *, began_utc_ms: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each operation that takes ``by``: a path that exists, and a body; in an order in which all can be done."""
    now, one, two = f"/api/v1/sessions/{house.now}", str(ONE), str(person_id(2))
    here = "/api/v1/sessions/{session}"
    theirs = here + "/participants/{participant}"
    following = {"name": "Next", "room": "room-2", "participants": [{"id": "next-1", "seat": 1, "strap": "s-spare"}]}
    return {
        "/api/v1/alarms/{alarm_id}/acknowledge": (f"/api/v1/alarms/{house.alarm}/acknowledge", {}),
        "/api/v1/audio-pause": ("/api/v1/audio-pause", {"seconds": 60}),
        f"{here}/entries": (f"{now}/entries", {"participant": one, "body": {"kind": "note", "text": "well"}}),
        f"{theirs}/limits": (f"{now}/participants/{one}/limits", {"rule": "HR_OVER", "value": 120, "why": WHY}),
        f"{here}/participants": (f"{now}/participants", {"id": one}),
        f"{theirs}/sensors": (f"{now}/participants/{one}/sensors", {"kind": "strap", "sensor": "s-other"}),
        f"{here}/exchanges": (f"{now}/exchanges", {"one": one, "other": two, "why": WHY}),
        f"{here}/corrections": (
            f"{now}/corrections",
            {"changes": [{"sensor": "s-other", "participant": one, "from_utc_ms": began_utc_ms}], "why": WHY},
        ),
        f"{theirs}/pre-check": (f"{now}/participants/{one}/pre-check", {"why": WHY}),
        f"{here}/flow/phase": (f"{now}/flow/phase", {"phase": "training", "why": WHY}),
        f"{theirs}/leave": (f"{now}/participants/{one}/leave", {"why": WHY}),
        f"{theirs}/sign": (f"/api/v1/sessions/{PAST}/participants/{one}/sign", {"digest": house.digest}),
        f"{here}/next": (f"/api/v1/sessions/{house.spare}/next", {"next": following, "why": WHY}),
        f"{here}/end": (f"{now}/end", {"why": WHY}),
        "/api/v1/sessions/practice": ("/api/v1/sessions/practice", {"players": 1}),
        "/api/v1/people/{person}/erase": (
            f"/api/v1/people/{house.nobody}/erase",
            {"participant": house.nobody, "why": WHY},
        ),
    }


def taking_by(openapi: dict[str, Any]) -> dict[str, bool]:
    """Each operation that can be told ``by``, and whether it must be."""
    found: dict[str, bool] = {}
    for path, operations in openapi["paths"].items():
        for operation in operations.values():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            for named in (schema, *schema.get("anyOf", ())):
                body = openapi["components"]["schemas"].get(named.get("$ref", "").rpartition("/")[2], {})
                if "by" in body.get("properties", {}):
                    found[path] = "by" in body.get("required", ())
    return found


@pytest.mark.peer
@pytest.mark.timeout(180)
async def test_whoever_is_logged_in_did_it_whatever_was_typed(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_lived_in(tmp_path, broker) as house, await house.clinic.someone("admin") as ada:
        began = (await ada.get(f"/api/v1/sessions/{house.now}")).json()["started_utc_ms"]
        deeds = deeds_of(house, began_utc_ms=began)
        known = taking_by((await ada.get("/api/v1/openapi.json")).json())
        assert set(known) == set(deeds)
        assert not any(known.values())

        async with house.clinic.page(additional_headers={"cookie": ada.headers["cookie"]}) as page:
            await page.take()
            for wish in ({"t": "acknowledge", "alarm_id": house.alarm}, {"t": "pause_audio", "seconds": 30}):
                await page.socket.send(json.dumps(wish | {"by": TYPED}))
            await until(lambda: len(asked(house)) > 1, "the wishes of the page do not arrive")
        for path, body in deeds.values():
            await did(ada, path, body | {"by": TYPED})
        await until(lambda: len(asked(house)) > 3, "the wishes over HTTP do not arrive")

        assert {one.by for one in house.voice.commands if one.by != "A"} == {LOGIN}
        for path in ("overrides", "corrections"):
            assert {one["by"] for one in (await ada.get(f"/api/v1/sessions/{house.now}/{path}")).json()} == {LOGIN}
    assert kept_words(tmp_path, "because") != []
    assert kept_words(tmp_path, TYPED) == []


def kept_words(folder: Path, words: str) -> list[str]:
    """The files of the dashboard in which words stand."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if words.encode() in path.read_bytes()]


async def did(ada: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    answer = await ada.post(path, json=body)
    assert answer.is_success, (path, answer.text)


def asked(house: LivedIn) -> list[str]:
    """The commands to analysis, each once."""
    wanted = (Acknowledge, PauseAudio)
    return sorted({one.id for one in house.voice.commands if isinstance(one.body, wanted)})


def test_what_is_typed_counts_only_where_nobody_has_a_login() -> None:
    tom = Caller(via=Via.LOGIN, who="tom", role=Role.THERAPIST)
    script = Caller(via=Via.TOKEN, who="nightly", role=Role.ADMIN)

    assert [name_of(tom, typed) for typed in ("MK", "", "  ", None)] == ["tom"] * 4
    assert [name_of(script, typed) for typed in ("MK", "  ", None)] == ["MK", "nightly", "nightly"]
    assert [name_of(EVERYBODY, typed) for typed in (" MK ", "", None)] == ["MK", "demo", "demo"]
