"""The phone's routes: whose browser is called, what an answer does, what a token may, and what is refused."""

import base64
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.access.attempts import PER_USER_AND_ADDRESS
from dashboard.access.roles import Role
from dashboard.push.addresses import read_address
from tests.dashboard.access.clinic_house import Clinic, open_clinic
from tests.dashboard.house import Voice, open_voice, person, until
from tests.dashboard.phone.pocket import AlertsVoice
from tests.peers import Mosquitto
from vitals.action_token import ACTION_MS
from vitals.alarms import AlarmId, Signal
from vitals.commands import Acknowledge, Command, Receipt, Respond, SendTest, Subscribe, Unsubscribe
from vitals.delivery import AttemptState, ChannelName, Response
from vitals.errors import InputError
from vitals.sessions import GenerationMode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def browser(number: int = 1, **changes: Any) -> dict[str, Any]:
    keys = {"p256dh": text(b"\x04" + bytes([number]) * 64), "auth": text(bytes([number]) * 16)}
    return {"endpoint": f"https://push.example.com/send/{number}", "keys": keys, "label": "Android"} | changes


def bodies(voice: Voice, kind: type) -> list[Any]:
    """Each command of a kind once, in the order in which they came."""
    found: dict[str, Command] = {one.id: one for one in voice.commands if isinstance(one.body, kind)}
    return [one.body for one in found.values()]


@asynccontextmanager
async def logged_in(clinic: Clinic, name: str) -> AsyncIterator[httpx.AsyncClient]:
    async with clinic.browser() as asking:
        assert (await clinic.log_in(asking, name)).is_success
        yield asking


async def start(clinic: Clinic) -> str:
    async with clinic.script(Role.SUPERVISOR) as desk:
        answer = await desk.post("/api/v1/sessions", json={"name": "Tuesday", "participants": [person(7)]})
    return str(answer.json()["id"])


async def test_a_browser_is_handed_to_alerts_and_only_its_owner_or_a_supervisor_ends_it(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with open_voice(broker) as voice, open_clinic(tmp_path, broker.url) as clinic:
        alerts = AlertsVoice(voice, clinic)
        async with logged_in(clinic, "tom") as tom, logged_in(clinic, "tim") as tim:
            assert (await tom.get("/api/v1/push/key")).status_code == 404
            key = text(b"\x04" + os.urandom(64))
            clinic.settings.vapid_public_file.write_text(key + "\n", encoding="ascii")
            assert (await tom.get("/api/v1/push/key")).json() == {"key": key}

            made = (await tom.post("/api/v1/push/subscriptions", json=browser())).json()
            assert (made["state"], made["label"], made["channel"]) == ("sending", "Android", "web_push")
            await until(lambda: bool(bodies(voice, Subscribe)), "alerts was not told")
            (asked,) = bodies(voice, Subscribe)
            assert (asked.staff, asked.channel, asked.subscription) == (
                "tom",
                ChannelName.WEB_PUSH,
                made["subscription"],
            )
            assert json.loads(asked.address) == {key: browser()[key] for key in ("endpoint", "keys")}
            # The same browser again is the same way; nobody else sees or ends it.
            assert (await tom.post("/api/v1/push/subscriptions", json=browser())).json()["subscription"] == (
                made["subscription"]
            )
            alerts.say_reach((made["subscription"], "tom"))
            await until_kept(tom)
            assert (await tim.get("/api/v1/push/subscriptions")).json() == []
            path = f"/api/v1/push/subscriptions/{made['subscription']}"
            assert (await tim.delete(path)).status_code == 403
            assert (await tim.delete("/api/v1/push/subscriptions/nobody")).status_code == 404
            async with logged_in(clinic, "sue") as sue:
                assert (await sue.delete(path)).status_code == 202
            await until(lambda: bool(bodies(voice, Unsubscribe)), "alerts was not told")
            assert (await tom.get("/api/v1/push/subscriptions")).json() == []

            assert (await tim.post("/api/v1/push/test", json={"staff": "tom"})).status_code == 202
            await until(lambda: bodies(voice, SendTest) == [SendTest(staff=asked.staff)], "no test was asked for")
        async with clinic.script(Role.THERAPIST) as script:
            assert (await script.post("/api/v1/push/subscriptions", json=browser(2))).status_code == 403
        secret = browser()["keys"]["auth"]
        assert not [entry for entry in clinic.audited() if secret in entry or "push.example.com" in entry]


async def until_kept(asking: httpx.AsyncClient) -> None:
    while [way["state"] for way in (await asking.get("/api/v1/push/subscriptions")).json()] != ["kept"]:
        pass


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/send",
        "https://192.168.1.1/send",
        "https://[::1]/send",
        "https://2130706433/send",
        "https://localhost/send",
        "https://router/send",
        "https://user@push.example.com/send",
        "https://push.example.com/send#x",
        "ftp://push.example.com/send",
        "file:///etc/passwd",
        "https://push.example.com:99999/send",
        "https://push example.com/",
        "",
    ],
)
def test_an_address_that_is_no_push_service_is_refused_in_one_line(endpoint: str) -> None:
    keys = browser()["keys"]
    with pytest.raises(InputError) as refused:
        read_address(endpoint, **keys, mode=GenerationMode.REAL)
    assert "\n" not in str(refused.value)


def test_a_service_on_this_machine_is_for_tests_alone() -> None:
    keys, endpoint = browser()["keys"], "http://127.0.0.1:4711/push/1"
    assert read_address(endpoint, **keys, mode=GenerationMode.SIMULATED).endpoint == endpoint
    with pytest.raises(InputError, match="no push service"):
        read_address(endpoint, **keys, mode=GenerationMode.REAL)


async def test_keys_that_are_none_and_an_eleventh_way_are_refused(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, logged_in(clinic, "tom") as tom:
        for keys in ({"p256dh": "x", "auth": "y"}, browser()["keys"] | {"auth": text(bytes(15))}):
            assert (await tom.post("/api/v1/push/subscriptions", json=browser(keys=keys))).status_code == 422
        for number in range(10):
            assert (await tom.post("/api/v1/push/subscriptions", json=browser(number))).status_code == 202
        assert (await tom.post("/api/v1/push/subscriptions", json=browser(10))).status_code == 409
        assert (await tom.post("/api/v1/push/subscriptions", json=browser(3))).status_code == 202


async def test_accepting_takes_the_alarm_and_cannot_does_not(broker: Mosquitto, tmp_path: Path) -> None:
    async with (
        open_voice(broker) as voice,
        open_clinic(tmp_path, broker.url) as clinic,
        logged_in(clinic, "tom") as tom,
    ):
        session = await start(clinic)
        alarm = voice.say_alarm(session, participant="p07", subject="p07")
        await until_known(tom, "a1")
        assert (await tom.post("/api/v1/alarms/a1/respond", json={"response": "cannot"})).status_code == 202
        await until(lambda: bool(bodies(voice, Respond)), "alerts was not told")
        assert bodies(voice, Acknowledge) == []
        answer = await tom.post("/api/v1/alarms/a1/respond", json={"response": "accept"})
        assert answer.json() == {"alarm": "a1", "staff": "tom", "response": "accept", "state": "sending"}
        await until(lambda: bodies(voice, Acknowledge) == [Acknowledge(alarm_id=AlarmId("a1"))], "not acknowledged")
        # Taken already: who is on the way is still told, and nobody acknowledges twice.
        voice.say_alarm_again(alarm, signal=Signal.ACKNOWLEDGED, revision=2)
        await until_signal(tom, "acknowledged")
        assert (await tom.post("/api/v1/alarms/a1/respond", json={"response": "on_my_way"})).status_code == 202
        await until(
            lambda: [body.response for body in bodies(voice, Respond)][-1] is Response.ON_MY_WAY, "alerts was not told"
        )
        assert len(bodies(voice, Acknowledge)) == 1
        # Before, nobody can say that there is no such alarm.
        await until_analysis_is_heard(tom)
        assert (await tom.post("/api/v1/alarms/other/respond", json={"response": "accept"})).status_code == 404
        assert (await tom.post("/api/v1/alarms/a1/respond", json={"response": "later"})).status_code == 422


async def until_known(asking: httpx.AsyncClient, alarm: str) -> None:
    while (await asking.get(f"/api/v1/alarms/{alarm}")).status_code != 200:
        pass


async def until_analysis_is_heard(asking: httpx.AsyncClient) -> None:
    while (await asking.get("/api/v1/health")).json()["alarm_path"]["analysis_heard_ago_ms"] is None:
        pass


async def until_signal(asking: httpx.AsyncClient, signal: str) -> None:
    while (await asking.get("/api/v1/alarms/a1")).json()["alarm"]["signal"] != signal:
        pass


async def test_a_token_answers_once_for_its_person_and_its_alarm(broker: Mosquitto, tmp_path: Path) -> None:
    async with (
        open_voice(broker) as voice,
        open_clinic(tmp_path, broker.url) as clinic,
        clinic.browser() as stranger,
        logged_in(clinic, "sue") as sue,
    ):
        alerts = AlertsVoice(voice, clinic)
        voice.say_alarm(await start(clinic), participant="p07", subject="p07")
        await until_known(sue, "a1")

        async def answer(token: str, response: str = "accept") -> httpx.Response:
            return await stranger.post("/api/v1/push/respond", json={"token": token, "response": response})

        token = alerts.token("a1", "tom")
        looked = (await stranger.post("/api/v1/push/look", json={"token": token})).json()
        assert (looked["staff"], looked["may_answer"], looked["alarm"]["seat"]) == ("tom", True, 7)
        assert "alias" not in looked["alarm"]
        assert (await answer(token)).json()["staff"] == "tom"
        assert (await answer(token)).status_code == 409
        assert (await stranger.post("/api/v1/push/look", json={"token": token})).json()["may_answer"] is False
        # Also after a restart, which forgets what is in memory.
        await clinic.stop()
        await clinic.start()
        assert (await answer(token)).status_code == 409
        # A repeat carries its own token: who could not may still come.
        await until_known(sue, "a1")
        assert (await answer(alerts.token("a1", "tom"), "cannot")).status_code == 202

        assert (await answer(alerts.token("a1", "tom", age_ms=ACTION_MS))).status_code == 403
        assert (await answer(token[:-4] + "AAAA")).status_code == 403
        # Until analysis is heard nobody knows which alarms there are, and an answer is better taken than lost.
        await until_analysis_is_heard(sue)
        assert (await answer(alerts.token("other", "tom"))).status_code == 404
        assert (await answer(alerts.token("a1", "nobody"))).status_code == 403
        with clinic.book() as shelves:
            shelves.accounts.set_disabled("tim", is_disabled=True)
        assert (await answer(alerts.token("a1", "tim"))).status_code == 403
        assert {body.staff for body in bodies(voice, Respond)} == {"tom"}
        # It opens nothing else.
        assert (await stranger.get("/api/v1/live", headers={"authorization": f"Bearer {token}"})).status_code == 401

        def answers() -> list[str]:
            return [entry for entry in clinic.audited() if ":respond:" in entry]

        await until(lambda: len(answers()) >= 2, "both answers are written down")
        assert answers() == ["tom:respond:a1", "tom:respond:a1"]


async def test_what_a_phone_says_of_a_message_is_told_to_alerts_once_and_answers_nothing(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with (
        open_voice(broker) as voice,
        open_clinic(tmp_path, broker.url) as clinic,
        clinic.browser() as stranger,
        logged_in(clinic, "sue") as sue,
    ):
        alerts = AlertsVoice(voice, clinic)
        voice.say_alarm(await start(clinic), participant="p07", subject="p07")
        alerts.say_call("a1", called=("tom",))
        await until_known(sue, "a1")
        token = alerts.token("a1", "tom")

        async def say(token: str, *, seen: bool) -> int:
            return (await stranger.post("/api/v1/push/receipt", json={"token": token, "seen": seen})).status_code

        async def called(call: str) -> Any:
            return (await sue.get("/api/v1/alarms/a1")).json()["call"].get(call)

        while await called("called") != ["tom"]:
            pass
        assert [await say(token, seen=seen) for seen in (False, False, True, True)] == [204] * 4
        await until(lambda: len(bodies(voice, Receipt)) == 2, "alerts was not told")
        assert [(one.alarm_id, one.is_seen) for one in bodies(voice, Receipt)] == [("a1", False), ("a1", True)]
        assert bodies(voice, Respond) == []
        assert bodies(voice, Acknowledge) == []
        # The token can answer still; without a token, or about what nobody is called about, nothing is said.
        looked = (await stranger.post("/api/v1/push/look", json={"token": token})).json()
        assert looked["may_answer"] is True
        assert await say(alerts.token("other", "tom"), seen=True) == 204
        assert await say(token[:-4] + "AAAA", seen=True) == 403
        # What alerts makes of it is told to all screens.
        alerts.say_call("a1", called=("tom",), as_state=AttemptState.DELIVERED)
        while await called("shown") != ["tom"]:
            pass
        alerts.say_call("a1", called=("tom",), as_state=AttemptState.SEEN)
        while await called("seen") != ["tom"]:
            pass
        assert [body.is_seen for body in bodies(voice, Receipt)] == [False, True]


async def test_guessing_tokens_is_slowed_down_and_does_not_keep_real_ones_out(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with (
        open_voice(broker) as voice,
        open_clinic(tmp_path, broker.url) as clinic,
        clinic.browser() as stranger,
        logged_in(clinic, "sue") as sue,
    ):
        alerts = AlertsVoice(voice, clinic)
        voice.say_alarm(await start(clinic), participant="p07", subject="p07")
        await until_known(sue, "a1")
        statuses = [
            (
                await stranger.post("/api/v1/push/respond", json={"token": secrets.token_hex(40), "response": "accept"})
            ).status_code
            for _ in range(PER_USER_AND_ADDRESS.amount + 3)
        ]
        assert statuses[0] == 403
        assert statuses[-1] == 429
        real = {"token": alerts.token("a1", "tom"), "response": "accept"}
        assert (await stranger.post("/api/v1/push/respond", json=real)).status_code == 202


async def test_an_answer_is_taken_though_neither_broker_nor_alarm_is_known(broker: Mosquitto, tmp_path: Path) -> None:
    # The voice has a broker, the dashboard has none.
    async with open_voice(broker) as voice, open_clinic(tmp_path) as clinic, clinic.browser() as stranger:
        real = {"token": AlertsVoice(voice, clinic).token("a1", "tom"), "response": "accept"}
        assert (await stranger.post("/api/v1/push/respond", json=real)).status_code == 202
        assert (await stranger.post("/api/v1/push/respond", json=real)).status_code == 409
