"""Alerts as a process behind a real Mosquitto, with phones at a push service that decrypts as browsers do."""

import asyncio
import json
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashboard.access.accounts import Accounts
from dashboard.access.book import open_book
from dashboard.access.roles import Role
from tests.alerts.peer import RATE, Alerts, Peer
from tests.alerts.push_service import Push, PushService
from tests.alerts.services import MailService, NtfyService
from tests.peers import Mosquitto
from vitals.action_token import read_action
from vitals.alarms import Family, Priority, RuleId
from vitals.commands import AlarmOff, EraseParticipant, SendTest, Subscribe, Unsubscribe
from vitals.delivery import AttemptState, ChannelName, Response, SubscriptionId
from vitals.duty import StaffId
from vitals.participants import ParticipantId
from vitals.parts import Part, PartState
from vitals.site_key import open_site_key
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]


async def phone(peer: Peer, service: PushService, staff: str, name: str = "") -> str:
    """Give somebody a phone; return its name."""
    name = name or f"{staff}-phone"
    await peer.subscribe(name, staff, ChannelName.WEB_PUSH, service.subscribe(name))
    return name


def alarms_of(pushes: list[Push]) -> list[tuple[str, int]]:
    return [(push.payload["alarm_id"], push.payload["step"]) for push in pushes if push.payload["kind"] != "clear"]


async def test_an_alarm_reaches_the_phone_and_its_answer_stops_the_steps(
    alerts: Alerts, peer: Peer, service: PushService
) -> None:
    tom = await phone(peer, service, "tom")
    peer.alarm("a1")
    await peer.until(lambda: service.of(tom), "the push")
    payload = service.of(tom)[0].payload
    assert (payload["kind"], payload["title"], payload["tag"]) == ("alarm", "HIGH  seat 1", "a1")
    assert payload["body"].startswith("SpO2 78 < 80, ")
    key = open_site_key(alerts.folder / "action.key")
    action = read_action(key, payload["token"], now_utc_ms=peer.clock.utc_ms())
    assert (action.alarm_id, action.staff) == ("a1", "tom")
    await peer.until(
        lambda: "a1" in peer.calls and peer.calls["a1"].attempts[0].state is AttemptState.SENT, "the state"
    )
    assert set(peer.calls["a1"].unreachable) == {"ann", "sue"}
    assert peer.calls["a1"].next_utc_ms is not None
    answer = await peer.respond("a1", "tom")
    assert answer.accepted
    await peer.until(lambda: service.of(tom)[-1].payload["kind"] == "clear", "the message is taken back")
    assert service.of(tom)[-1].payload["title"] == "Seat 1: taken"
    assert [(one.staff, one.response) for one in peer.calls["a1"].answers] == [("tom", Response.ACCEPT)]
    peer.end("a1")
    await peer.until(lambda: "a1" in peer.calls_ended, "its state is cleared")
    rows = alerts.query("SELECT state, delay_ms, letter FROM attempt WHERE alarm_id = 'a1'")
    assert [row[0] for row in rows] == ["sent"]
    assert rows[0][1] is not None
    assert rows[0][2] is None
    assert alerts.query("SELECT staff, response FROM answer") == [("tom", "accept")]


async def test_steps_follow_the_clock_and_reach_the_second_channel(
    alerts: Alerts, peer: Peer, service: PushService
) -> None:
    tom = await phone(peer, service, "tom")
    async with NtfyService() as ntfy:
        await peer.subscribe("sue-ntfy", "sue", ChannelName.NTFY, ntfy.address("sue"))
        peer.alarm("a1")
        await peer.until(lambda: len(alarms_of(service.of(tom))) >= 4, "four steps")
        await peer.until(lambda: len(ntfy.posts) >= 4, "and at ntfy")
    steps = [step for _, step in alarms_of(service.of(tom))]
    assert steps == sorted(set(steps))
    assert ntfy.posts[0]["actions"][0]["label"] == "Accept"
    assert "alarm a1" not in alerts.said() or "p256dh" not in alerts.said()


async def test_a_hanging_channel_delays_no_other(peer: Peer, service: PushService, alerts: Alerts) -> None:
    tom = await phone(peer, service, "tom")
    ann = await phone(peer, service, "ann")
    service.browsers[ann].hang_s = 600
    async with NtfyService() as ntfy:
        ntfy.hang_s = 600
        await peer.subscribe("sue-ntfy", "sue", ChannelName.NTFY, ntfy.address("sue"))
        for number in range(1, 4):
            peer.alarm(f"a{number}", participant=f"p{number}")
        await peer.until(lambda: len({name for name, _ in alarms_of(service.of(tom))}) == 3, "all three at once")
        rows = alerts.query("SELECT max(delay_ms) FROM attempt WHERE subscription = ? AND step = 0", tom)
    await peer.until(
        lambda: not alerts.query("SELECT 1 FROM attempt WHERE subscription = ? AND letter IS NOT NULL", tom),
        "all are settled",
    )
    assert service.of(ann) == []
    assert rows[0][0] is None or rows[0][0] < 9_000 * RATE, "nobody waited for the time-out of another"


async def test_a_phone_that_is_gone_is_forgotten_and_told_of(peer: Peer, service: PushService, alerts: Alerts) -> None:
    tom = await phone(peer, service, "tom")
    ann = await phone(peer, service, "ann")
    service.browsers[tom].answers = [410]
    peer.alarm("a1")
    await peer.until(lambda: service.of(ann), "the other phone is called")
    await peer.until(lambda: peer.reach and {one.subscription for one in peer.reach.ways} == {ann}, "it is forgotten")
    assert alerts.query("SELECT subscription FROM way") == [(ann,)]


async def test_a_service_that_asks_for_patience_gets_it(peer: Peer, service: PushService, alerts: Alerts) -> None:
    tom = await phone(peer, service, "tom")
    browser = service.browsers[tom]
    browser.answers, browser.retry_after = [429], "2"
    peer.alarm("m1", priority=Priority.MEDIUM, rule=RuleId.HR_OVER)
    await peer.until(lambda: service.of(tom), "the second try")
    assert browser.tries[1] - browser.tries[0] >= 1.9
    await peer.until(lambda: alerts.query("SELECT 1 FROM attempt WHERE state = 'sent'"), "the ledger knows")


async def test_a_storm_is_one_technical_message_and_all_real_ones(peer: Peer, service: PushService) -> None:
    tom = await phone(peer, service, "tom")
    straps = [
        peer.alarm(
            f"s{number}",
            priority=Priority.MEDIUM,
            participant=f"q{number}",
            rule=RuleId.NO_DATA,
            family=Family.TECHNICAL,
        )
        for number in range(30)
    ]
    for number in range(10):
        peer.alarm(f"real{number}", participant=f"r{number}")
    peer.alarm("g", priority=Priority.MEDIUM, participant=None, rule=RuleId.GATEWAY_LOST, family=Family.TECHNICAL)
    for strap in straps:
        peer.say(replace(strap, revision=2, inhibited_by=RuleId.GATEWAY_LOST))
    await peer.until(lambda: any(name == "g" for name, _ in alarms_of(service.of(tom))), "the lost gateway")
    told = [name for name, step in alarms_of(service.of(tom)) if step == 0]
    assert sorted(told) == sorted([*(f"real{number}" for number in range(10)), "g"])
    assert told[-1] == "g", "the real ones did not wait for it"
    assert service.of(tom)[-1].payload["kind"] == "technical"


async def test_with_the_dashboard_dead_the_message_says_go_to_the_room(peer: Peer, service: PushService) -> None:
    tom = await phone(peer, service, "tom")
    peer.beating.discard(Part.DASHBOARD)
    peer.say_part(Part.DASHBOARD, PartState.LOST)
    await asyncio.sleep(0.5)
    peer.alarm("a1")
    await peer.until(lambda: len(service.of(tom)) >= 2, "it repeats")
    payload = service.of(tom)[0].payload
    assert payload["title"] == "Go to the room"
    assert "SpO2 78 < 80" in payload["body"]
    assert payload["token"] == "", "nobody to answer to"


async def test_a_lost_analysis_and_a_lost_broker_call_people(
    peer: Peer, service: PushService, broker: Mosquitto
) -> None:
    tom = await phone(peer, service, "tom")
    peer.beating.discard(Part.ANALYSIS)
    peer.say_part(Part.ANALYSIS, PartState.LOST)
    await peer.until(lambda: any("Analysis lost" in push.payload["body"] for push in service.of(tom)), "analysis")
    assert service.of(tom)[0].payload["title"] == "Go to the room"
    peer.beating.add(Part.ANALYSIS)
    await peer.until(lambda: service.of(tom)[-1].payload["kind"] == "clear", "it is back")
    broker.kill()
    await peer.until(lambda: any("Broker lost" in push.payload["body"] for push in service.of(tom)), "the broker")
    broker.start()
    await peer.until(lambda: service.of(tom)[-1].payload["kind"] == "clear", "it is back")


async def test_a_command_is_handled_once_over_a_restart(peer: Peer, service: PushService, alerts: Alerts) -> None:
    tom = await phone(peer, service, "tom")
    answer = await peer.ask(SendTest(staff=StaffId("tom")), command="test-me")
    assert answer.accepted
    await peer.until(lambda: service.of(tom), "the test")
    assert service.of(tom)[0].payload["alarm_id"] == "test-test-me"
    await peer.until(lambda: not alerts.query("SELECT 1 FROM attempt WHERE letter IS NOT NULL"), "it is settled")
    alerts.kill()
    peer.answers.clear()
    alerts.start()
    assert (await peer.ask(SendTest(staff=StaffId("tom")), command="test-me")).accepted
    peer.alarm("a1")
    await peer.until(lambda: "a1" in {name for name, _ in alarms_of(service.of(tom))}, "a later push")
    assert [name for name, _ in alarms_of(service.of(tom))].count("test-test-me") == 1


async def test_commands_that_cannot_be_are_declined_in_one_line(peer: Peer) -> None:
    await peer.until(lambda: peer.status is not None, "alerts")
    wrong = Subscribe(
        subscription=SubscriptionId("x"),
        staff=StaffId("tom"),
        channel=ChannelName.APPRISE,
        address="file:///etc/secret",
    )
    answer = await peer.ask(wrong)
    assert not answer.accepted
    assert answer.reason.startswith("address: 'file' is none of ")
    assert "secret" not in answer.reason
    answer = await peer.ask(SendTest(staff=StaffId("nobody")))
    assert (answer.accepted, answer.reason) == (False, "there is no way to nobody")
    assert (await peer.ask(Unsubscribe(subscription=SubscriptionId("never")))).accepted


async def test_what_is_switched_off_says_by_whom_and_why(peer: Peer, service: PushService) -> None:
    tom = await phone(peer, service, "tom")
    body = AlarmOff(subject="p1", rule=RuleId.SPO2_CRIT, seconds=600)
    assert (await peer.ask(body, by="tom", why="new finger")).accepted
    peer.alarm("a1")
    peer.alarm("a2", participant="p2")
    await peer.until(lambda: service.of(tom), "the other one")
    await peer.until(lambda: "a1" in peer.calls, "its state")
    assert (peer.calls["a1"].off_by, peer.calls["a1"].off_why) == ("tom", "new finger")
    assert {name for name, _ in alarms_of(service.of(tom))} == {"a2"}


async def test_an_erased_person_is_in_the_ledger_no_more(peer: Peer, service: PushService, alerts: Alerts) -> None:
    tom = await phone(peer, service, "tom")
    peer.alarm("a1")
    peer.alarm("a2", participant="p2")
    await peer.until(lambda: len(service.of(tom)) >= 2, "both")
    await peer.respond("a1", "tom")
    assert (await peer.ask(EraseParticipant(participant=ParticipantId("p1")))).accepted
    assert alerts.query("SELECT count(*) FROM attempt WHERE participant = 'p1'") == [(0,)]
    assert alerts.query("SELECT count(*) FROM answer WHERE participant = 'p1'") == [(0,)]
    assert alerts.query("SELECT count(*) FROM policy_case WHERE alarm_id = 'a1'") == [(0,)]
    assert alerts.query("SELECT count(*) FROM attempt WHERE participant = 'p2'")[0][0] > 0


async def test_a_round_of_proof_is_handed_on_and_the_policy_is_told(peer: Peer, alerts: Alerts) -> None:
    await peer.until(lambda: peer.policy is not None, "the policy")
    assert peer.policy is not None
    assert peer.policy.name == "default"
    peer.prove(7)
    await peer.until(lambda: [proof.seq for proof in peer.proofs] == [7], "the round")
    assert alerts.query("SELECT count(*) FROM attempt") == [(0,)], "nobody is called for it"


async def test_no_phone_is_a_problem_where_there_were_phones(peer: Peer, service: PushService) -> None:
    await peer.until(lambda: peer.status is not None, "alerts")
    assert peer.status is not None
    assert peer.status.problems == (), "a house without phones misses none"
    tom = await phone(peer, service, "tom")
    assert (await peer.ask(Unsubscribe(subscription=SubscriptionId(tom)))).accepted
    await peer.until(lambda: peer.status and peer.status.problems == ("no phone reachable",), "the problem")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_nothing_that_is_sent_or_logged_names_anybody(peer: Peer, service: PushService, alerts: Alerts) -> None:
    names = ("Erika Mustermann", "erika.mustermann@example.test", "Toms Telefon", "Mustermann")
    async with MailService() as mail, NtfyService() as ntfy:
        tom = "d41d8cd98f00b204"
        address = service.subscribe(tom)
        await peer.subscribe(tom, "t1", ChannelName.WEB_PUSH, address, label="Toms Telefon")
        await peer.subscribe("m1", "t2", ChannelName.APPRISE, mail.address(names[1]), label=names[0])
        await peer.subscribe("n1", "t3", ChannelName.NTFY, ntfy.address("Mustermann", token="tk_1"))
        peer.alarm("a1", participant="p2")
        peer.alarm("g", priority=Priority.MEDIUM, participant=None, rule=RuleId.GATEWAY_LOST, family=Family.TECHNICAL)
        await peer.until(lambda: len(service.of(tom)) >= 4 and ntfy.posts and mail.mails, "everything once")
        await peer.respond("a1", "t1")
        # The other alarm may be told once more after it.
        await peer.until(lambda: any(one.payload["kind"] == "clear" for one in service.of(tom)), "the clearing")
    keys = json.loads(address)["keys"]
    pushes = [push.clear.decode() for push in service.of(tom)]
    posts = [json.dumps({key: value for key, value in post.items() if key != "topic"}) for post in ntfy.posts]
    bodies = [text.partition("\n\n")[2] for text in mail.mails]
    states = [str(state) for state in peer.calls.values()] + [str(peer.status), str(peer.policy)]
    for name in names:
        for said in (*pushes, *posts, *bodies, *states, alerts.said()):
            assert name not in said
    for secret in (keys["p256dh"], keys["auth"], f"/push/{tom}", "tk_1", "mailto:"):
        assert secret not in alerts.said()
        assert all(secret not in state for state in (*states, str(peer.reach)))
    participants = ("p1", "p2", "p3")
    assert not any(f'"{one}"' in said for one in participants for said in (*pushes, *posts, *bodies))


async def test_ways_besides_browsers_are_added_listed_and_removed_from_the_command_line(
    peer: Peer, broker: Mosquitto, tmp_path: Path
) -> None:
    await peer.until(lambda: peer.status is not None, "alerts")
    async with NtfyService() as ntfy:
        file = tmp_path / "address"
        file.write_text(ntfy.address("secret-topic"))
        options = ("--to", "tom", "--channel", "ntfy", "--label", "cellar", "--address-file", str(file))
        code, way, _ = await vitals_way(broker, "add", *options)
        assert (code, way.startswith("ntfy-")) == (0, True)
        code, listed, _ = await vitals_way(broker, "list")
        assert listed == f"{way.strip()}  tom  ntfy  cellar  never used\n"
        peer.alarm("a1")
        await peer.until(lambda: ntfy.posts, "it is called")
        file.write_text("file:///etc/secret-topic")
        code, _, problem = await vitals_way(broker, "add", *options)
        assert (code, "secret-topic" in problem) == (2, False)
        assert (await vitals_way(broker, "remove", way.strip()))[0] == 0
        await peer.until(lambda: peer.reach is not None and not peer.reach.ways, "it is forgotten")
        assert (await vitals_way(broker, "remove", "never"))[0] == 2


async def test_a_way_leads_to_somebody_who_may_log_in(peer: Peer, broker: Mosquitto, tmp_path: Path) -> None:
    await peer.until(lambda: peer.status is not None, "alerts")
    with closing(open_book(tmp_path / "access.db")) as book:
        for name in ("tom", "gone"):
            Accounts(book).add(name, Role.THERAPIST, password="x" * 12, utc_ms=UtcMs(1))
        Accounts(book).set_disabled("gone", is_disabled=True)
    file = tmp_path / "address"
    file.write_text('{"server": "http://127.0.0.1:9", "topic": "t"}')
    options = ("--channel", "ntfy", "--address-file", str(file), "--data", str(tmp_path))
    code, _, problem = await vitals_way(broker, "add", "--to", "tmo", *options)
    assert (code, "'tmo' is no user: `vitals user list` tells them all" in problem) == (2, True)
    code, _, problem = await vitals_way(broker, "add", "--to", "gone", *options)
    assert (code, "'gone' is shut out" in problem) == (2, True)
    assert (await vitals_way(broker, "add", "--to", "tom", *options))[0] == 0


async def test_where_nobody_answers_a_way_is_refused_in_one_line(broker: Mosquitto) -> None:
    code, _, problem = await vitals_way(broker, "list", site="deserted")
    assert (code, problem.splitlines()) == (1, ["vitals: the part `alerts` tells no ways: does the system run?"])


async def vitals_way(broker: Mosquitto, *arguments: str, site: str = "test") -> tuple[int | None, str, str]:
    """Run `vitals way`; return its code and what it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli", "way", *arguments, "--broker", broker.url),
        env=environment | {"VITALS_SITE": site, "VITALS_DATA": "nowhere"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, problem = await process.communicate()
    return process.returncode, printed.decode(), problem.decode()
