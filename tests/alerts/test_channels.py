"""The channels, each against a service at its far end that knows nothing of our code."""

import asyncio
import base64
import json
import stat
from collections.abc import AsyncIterator
from email import message_from_string
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from alerts.channels.apprise_hop import AppriseChannel, apprise_url
from alerts.channels.ntfy import NtfyChannel
from alerts.channels.outcome import Surroundings, Verdict
from alerts.channels.page import PageChannel
from alerts.channels.registry import CHANNELS, open_channel
from alerts.channels.retry_after import retry_after_s
from alerts.channels.web_push import WebPushChannel, topic_of
from alerts.keys import prepare_vapid
from tests.alerts.push_service import PushService
from tests.alerts.services import MailService, NtfyService
from vitals.delivery import ChannelName
from vitals.errors import InputError, SetupError
from vitals.push_message import PUSH_BYTES_MAX, PushMessage
from vitals.sessions import GenerationMode
from vitals.wire import decode

FIXTURES: Final[dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "data" / "push-payloads.json").read_text(encoding="utf-8")
)["payloads"]


def message(name: str) -> PushMessage:
    found: PushMessage = decode(json.dumps(FIXTURES[name]).encode(), PushMessage, place=name)
    return found


def surroundings(folder: Path, **changes: Any) -> Surroundings:
    file = folder / "vapid.pem"
    prepare_vapid(file, folder / "vapid.pub")
    plain = Surroundings(
        dashboard_url="https://gym.test", contact="mailto:it@gym.test", vapid_file=file, mode=GenerationMode.TEST
    )
    return replace(plain, **changes)


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with PushService() as service:
        yield service


@pytest.fixture
async def channel(tmp_path: Path) -> AsyncIterator[WebPushChannel]:
    channel = WebPushChannel(surroundings(tmp_path))
    yield channel
    await channel.close()


@pytest.mark.parametrize("name", FIXTURES)
async def test_what_is_pushed_is_what_the_browser_decrypts(
    service: PushService, channel: WebPushChannel, name: str
) -> None:
    sent = message(name)
    outcome = await channel.send(service.subscribe("phone"), sent, is_urgent=True)
    assert outcome.verdict is Verdict.SENT
    (push,) = service.of("phone")
    assert push.payload == FIXTURES[name], "the same fixtures as the service worker's tests"
    assert push.headers["Urgency"] == "high"
    assert int(push.headers["Ttl"]) in {60, 300}
    assert push.headers["Topic"] == topic_of(sent.tag)
    assert push.wire_bytes <= 4096


async def test_the_signature_is_the_sites_and_new_for_each_service(
    service: PushService, channel: WebPushChannel, tmp_path: Path
) -> None:
    async with PushService() as other:
        for one in (service, other, service):
            assert (await channel.send(one.subscribe("a"), message("high"), is_urgent=True)).verdict is Verdict.SENT
        public = (tmp_path / "vapid.pub").read_text().strip()
        assert {push.key for push in (*service.pushes, *other.pushes)} == {public}
        assert {push.claims["sub"] for push in service.pushes} == {"mailto:it@gym.test"}


async def test_the_largest_push_fits_what_every_service_takes(service: PushService, channel: WebPushChannel) -> None:
    sent = replace(message("high"), title="t" * 120, body="ä" * 400, token="t" * 600)
    assert (await channel.send(service.subscribe("phone"), sent, is_urgent=True)).verdict is Verdict.SENT
    assert len(service.of("phone")[0].clear) <= PUSH_BYTES_MAX


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (404, Verdict.GONE),
        (410, Verdict.GONE),
        (429, Verdict.LATER),
        (500, Verdict.LATER),
        (503, Verdict.LATER),
        (400, Verdict.REFUSED),
        (403, Verdict.REFUSED),
        (413, Verdict.REFUSED),
    ],
)
async def test_what_a_push_service_answers_decides_what_is_next(
    service: PushService, channel: WebPushChannel, status: int, verdict: Verdict
) -> None:
    address = service.subscribe("phone")
    service.browsers["phone"].answers = [status]
    service.browsers["phone"].retry_after = "7"
    outcome = await channel.send(address, message("high"), is_urgent=True)
    assert outcome.verdict is verdict
    assert outcome.problem == f"push service says {status}"
    assert outcome.again_s == (7 if verdict is Verdict.LATER else None)


async def test_a_push_service_that_is_away_is_tried_later(channel: WebPushChannel) -> None:
    async with PushService() as service:
        address = service.subscribe("phone")
    assert (await channel.send(address, message("high"), is_urgent=True)).verdict is Verdict.LATER


@pytest.mark.parametrize(
    "address",
    [
        "{}",
        "no json",
        '{"endpoint": "ftp://x", "keys": {"p256dh": "%s", "auth": "aaaaaaaaaaaaaaaaaaaaaa"}}' % ("a" * 87),
        '{"endpoint": "http://10.0.0.1/x", "keys": {"p256dh": "%s", "auth": "aaaaaaaaaaaaaaaaaaaaaa"}}' % ("a" * 87),
    ],
)
async def test_what_is_no_subscription_is_refused_without_quoting_it(channel: WebPushChannel, address: str) -> None:
    with pytest.raises(InputError) as refused:
        channel.check(address)
    assert "10.0.0.1" not in str(refused.value)
    assert "aaaa" not in str(refused.value)


async def test_with_real_people_no_push_goes_to_this_machine(tmp_path: Path, service: PushService) -> None:
    real = WebPushChannel(surroundings(tmp_path, mode=GenerationMode.REAL))
    with pytest.raises(InputError, match="https"):
        real.check(service.subscribe("phone"))
    await real.close()


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    private, public = tmp_path / "vapid.pem", tmp_path / "vapid.pub"
    prepare_vapid(private, public)
    before = private.read_bytes(), public.read_bytes()
    public.unlink()
    prepare_vapid(private, public)
    assert (private.read_bytes(), public.read_bytes()) == before
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    point = base64.urlsafe_b64decode(public.read_text().strip() + "=")
    assert len(point) == 65
    assert point[0] == 4
    private.write_text("nonsense")
    with pytest.raises(SetupError, match="no private key"):
        prepare_vapid(private, public)


async def test_ntfy_gets_priority_click_and_buttons_that_answer(tmp_path: Path) -> None:
    async with NtfyService() as service:
        channel = NtfyChannel(surroundings(tmp_path))
        address = service.address("staff-tom", token="tk_secret")
        assert (await channel.send(address, message("high"), is_urgent=True)).verdict is Verdict.SENT
        assert (await channel.send(address, message("clear"), is_urgent=True)).verdict is Verdict.SENT
        await channel.close()
    (post,) = service.posts
    assert (post["topic"], post["priority"], post["title"]) == ("staff-tom", 5, "HIGH  seat 7")
    assert post["click"] == "https://gym.test/alarm/5f1c0a9be2d34c67"
    assert [action["label"] for action in post["actions"]] == ["Accept", "Can't"]
    accept = post["actions"][0]
    assert (accept["action"], accept["method"]) == ("http", "POST")
    assert accept["url"] == "https://gym.test/api/v1/push/respond"
    assert json.loads(accept["body"]) == {"token": FIXTURES["high"]["token"], "response": "accept"}
    assert service.headers[0]["Authorization"] == "Bearer tk_secret"


@pytest.mark.parametrize(("status", "verdict"), [(429, Verdict.LATER), (502, Verdict.LATER), (403, Verdict.REFUSED)])
async def test_what_ntfy_answers_decides_what_is_next(tmp_path: Path, status: int, verdict: Verdict) -> None:
    async with NtfyService() as service:
        channel = NtfyChannel(surroundings(tmp_path))
        service.answers = [status]
        assert (await channel.send(service.address("t"), message("high"), is_urgent=True)).verdict is verdict
        await channel.close()


@pytest.mark.parametrize("address", ["", '{"server": "file:///etc", "topic": "t"}', '{"server": "http://x"}'])
async def test_what_is_no_topic_of_ntfy_is_refused(tmp_path: Path, address: str) -> None:
    channel = NtfyChannel(surroundings(tmp_path))
    with pytest.raises(InputError):
        channel.check(address)
    await channel.close()


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise itself
async def test_apprise_brings_a_mail_and_leaves_the_loop_alone(tmp_path: Path) -> None:
    async with MailService() as service:
        channel = AppriseChannel(surroundings(tmp_path))
        address = service.address("sue@gym.test")
        channel.check(address)
        outcome = await channel.send(address, message("high"), is_urgent=True)
        await channel.close()
    assert outcome.verdict is Verdict.SENT
    assert service.recipients == ["sue@gym.test"]
    mail = message_from_string(service.mails[0])
    text = "".join(str(part.get_payload(decode=True)) for part in mail.walk() if not part.is_multipart())
    assert "SpO2 84" in text
    assert "https://gym.test/alarm/5f1c0a9be2d34c67" in text


@pytest.mark.peer
@pytest.mark.timeout(60)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise itself
async def test_a_mail_server_that_is_away_is_tried_later(tmp_path: Path) -> None:
    async with MailService() as service:
        address = service.address("sue@gym.test")
    channel = AppriseChannel(surroundings(tmp_path))
    assert (await channel.send(address, message("high"), is_urgent=True)).verdict is Verdict.LATER
    await channel.close()


@pytest.mark.parametrize("address", ["file:///tmp/x", "dbus://", "syslog://", "exec://rm", "mailto", "windows://"])
async def test_ways_onto_this_machine_are_no_ways_to_people(tmp_path: Path, address: str) -> None:
    channel = AppriseChannel(surroundings(tmp_path))
    with pytest.raises(InputError):
        channel.check(address)
    await channel.close()


def test_the_button_for_ntfy_over_apprise_is_encoded() -> None:
    url = apprise_url("ntfys://ntfy.test/t", message("high"), dashboard_url="https://gym.test")
    query = url.partition("?")[2]
    assert "image=no" in query
    assert "," not in query
    assert " " not in query
    assert "actions=http%2C%20Accept%2C%20https%3A%2F%2Fgym.test%2Fapi%2Fv1%2Fpush%2Frespond" in query


async def test_the_page_is_told_by_the_state_alone(tmp_path: Path) -> None:
    channel = PageChannel(surroundings(tmp_path))
    assert (await channel.send("", message("high"), is_urgent=True)).verdict is Verdict.SENT
    with pytest.raises(InputError):
        channel.check("somewhere")


async def test_every_name_of_a_channel_has_its_line(tmp_path: Path) -> None:
    assert set(CHANNELS) == set(ChannelName)
    for name in ChannelName:
        await open_channel(name, surroundings(tmp_path)).close()
    with pytest.raises(SetupError):
        open_channel(ChannelName.WEB_PUSH, surroundings(tmp_path, vapid_file=tmp_path / "none.pem"))


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("-3", 0), ("1e9", 60), ("nan", 60), ("soon", 60)])
def test_patience_has_an_end(text: str, seconds: float) -> None:
    assert retry_after_s(text) == seconds


async def test_nothing_of_a_channel_is_left_behind(channel: WebPushChannel) -> None:
    await channel.close()
    assert not [task for task in asyncio.all_tasks() if "send" in task.get_name()]
