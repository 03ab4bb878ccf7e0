"""What a phone says of a message: shown, opened. It is written down and told, and it changes no timer."""

import pytest

from tests.alerts.peer import SITE, Alerts, Peer
from tests.alerts.push_service import PushService
from vitals.action_token import ActionToken, nonce_of, read_action
from vitals.alarms import AlarmId
from vitals.commands import Command, CommandId, Receipt, verb_of
from vitals.delivery import AttemptState, ChannelName
from vitals.site_key import open_site_key
from vitals.topics import CommandTopic
from vitals.wire import encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]

WAY = "tom-phone"


def say(peer: Peer, action: ActionToken, *, is_seen: bool, alarm: str = "a1") -> None:
    """Say a receipt as the dashboard does: once."""
    body = Receipt(alarm_id=AlarmId(alarm), nonce=action.nonce, is_seen=is_seen)
    command = Command(id=CommandId("r1"), owner="alerts", by="tom", at_utc_ms=peer.clock.utc_ms(), body=body)
    peer.bus.send_soon(str(CommandTopic(site=SITE, owner="alerts", verb=verb_of(command))), encode(command))


def state(peer: Peer) -> AttemptState | None:
    """How the first attempt stands, as alerts tells it."""
    return peer.calls["a1"].attempts[0].state if "a1" in peer.calls and peer.calls["a1"].attempts else None


async def test_what_a_phone_says_is_written_down_told_and_no_answer(
    peer: Peer, service: PushService, alerts: Alerts
) -> None:
    await peer.subscribe(WAY, "tom", ChannelName.WEB_PUSH, service.subscribe(WAY))
    peer.alarm("a1")
    await peer.until(lambda: service.of(WAY), "the push")
    key = open_site_key(alerts.folder / "action.key")
    action = read_action(key, service.of(WAY)[0].payload["token"], now_utc_ms=peer.clock.utc_ms())
    say(peer, action, is_seen=False)
    await peer.until(lambda: state(peer) is AttemptState.DELIVERED, "shown")
    assert peer.calls["a1"].answers == ()
    assert peer.calls["a1"].next_utc_ms is not None, "the next step is still due"
    say(peer, action, is_seen=True)
    await peer.until(lambda: state(peer) is AttemptState.SEEN, "opened")
    # The next step comes all the same, and says of its own message only that the service took it.
    await peer.until(lambda: len(peer.calls["a1"].attempts) > 1, "the next step")
    await peer.until(lambda: peer.calls["a1"].attempts[1].state is AttemptState.SENT, "it is sent")
    # Shown after it was opened, another alarm's, and one that nobody sent: nothing new.
    say(peer, action, is_seen=False)
    say(peer, action, is_seen=True, alarm="a2")
    say(
        peer,
        ActionToken(alarm_id=AlarmId("a1"), staff=action.staff, expires_utc_ms=action.expires_utc_ms, nonce="0" * 16),
        is_seen=True,
    )
    assert (await peer.respond("a1", "tom")).accepted
    assert [one.state for one in peer.calls["a1"].attempts[:2]] == [AttemptState.SEEN, AttemptState.SENT]
    rows = alerts.query("SELECT state, delay_ms, letter FROM attempt WHERE alarm_id = 'a1' ORDER BY step")
    assert [row[0] for row in rows[:2]] == ["seen", "sent"]
    assert rows[0][1] is not None, "how long it took is kept"
    alerts.kill()
    alerts.start()
    await peer.until(lambda: "a1" in peer.calls and peer.calls["a1"].answers != (), "told anew")
    assert state(peer) is AttemptState.SEEN


async def test_a_phone_knows_better_than_the_way_to_it(peer: Peer, service: PushService, alerts: Alerts) -> None:
    await peer.subscribe(WAY, "tom", ChannelName.WEB_PUSH, service.subscribe(WAY))
    service.browsers[WAY].hang_s = 600
    peer.alarm("a1")
    # The service sits on its answer, though the phone shows the message.
    await peer.until(lambda: state(peer) is AttemptState.WAITING, "under way")
    (message,) = alerts.query("SELECT message_id FROM attempt WHERE alarm_id = 'a1' AND step = 0")[0]
    nonce = nonce_of(open_site_key(alerts.folder / "action.key"), message)
    action = ActionToken(
        alarm_id=AlarmId("a1"),
        staff=peer.calls["a1"].attempts[0].staff,
        expires_utc_ms=peer.clock.utc_ms(),
        nonce=nonce,
    )
    say(peer, action, is_seen=False)
    await peer.until(lambda: state(peer) is AttemptState.DELIVERED, "shown")
    # A later step takes its place, and the service's silence is no failure any more.
    await peer.until(lambda: any(one.state is AttemptState.FAILED for one in peer.calls["a1"].attempts), "given up")
    assert state(peer) is AttemptState.DELIVERED
    assert peer.calls["a1"].attempts[0].problem == ""
