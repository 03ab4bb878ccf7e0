"""Analysis as a process behind a real Mosquitto: killed, cut off, fed nonsense."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analysis.peer import SESSION, SITE, Analysis, Peer, beating
from tests.peers import Mosquitto
from vitals.alarms import AlarmState, Change, Condition, RuleId, Signal
from vitals.parts import Part, PartState
from vitals.topics import AlarmStateTopic, ReadingTopic, RosterTopic

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]

CRITICAL = RuleId.SPO2_CRIT
AGES_S = tuple(9.0 - step for step in range(10))
"""Ten readings, one a second, the newest of now: 9 s is more than the 8 s of the deep leg, and young enough."""


@pytest.fixture
def analysis(broker: Mosquitto, tmp_path: Path) -> Iterator[Analysis]:
    process = Analysis(url=broker.url, folder=tmp_path, rate=1.0)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def quick(broker: Mosquitto, tmp_path: Path) -> Iterator[Analysis]:
    """Analysis with a clock that runs eight times faster than life."""
    process = Analysis(url=broker.url, folder=tmp_path, rate=8.0)
    process.start()
    yield process
    process.kill()


async def begin_class(peer: Peer) -> None:
    """Tell a roster and wait until readings count; those of an age would be older than the assignment otherwise."""
    await peer.until(lambda: peer.bus.connected, "the broker")
    await peer.until_up()
    peer.tell_roster()
    await peer.until_journal(lambda entry: entry.rosters.get(SESSION) == 1)


async def worry_all(peer: Peer) -> None:
    """Bring every participant a critical alarm."""
    await begin_class(peer)
    await peer.clock.sleep(9.5)
    await peer.read_all(78, seconds=AGES_S)
    await peer.until(lambda: len(critical(peer)) == len(peer.names), "an alarm for everybody")


def critical(peer: Peer) -> dict[str, str]:
    return {name: alarm.alarm_id for name, alarm in peer.alarms.items() if alarm.rule is CRITICAL}


async def test_thirty_alarms_survive_a_kill_with_their_ids_and_acknowledgements(
    broker: Mosquitto, analysis: Analysis
) -> None:
    async with beating(Peer(url=broker.url, rate=1.0, people=30)) as peer:
        await worry_all(peer)
        before = critical(peer)
        taken = peer.alarms["p07/SPO2_CRIT"]
        peer.acknowledge(taken.alarm_id)
        await peer.until(lambda: peer.alarms["p07/SPO2_CRIT"].signal is Signal.ACKNOWLEDGED, "the acknowledgement")
        analysis.kill()
        peer.alarms.clear()
        analysis.start()
        await peer.until(lambda: len(critical(peer)) == 30, "all alarms again")
        await peer.read_all(78, seconds=(1.0, 0.0))
        await peer.until_journal(lambda entry: len(entry.consumed) > 0)
        assert critical(peer) == before
        assert peer.alarms["p07/SPO2_CRIT"].acknowledged is not None
        assert peer.alarms["p07/SPO2_CRIT"].signal is Signal.ACKNOWLEDGED
        assert len(peer.changes(Change.RAISED, CRITICAL)) == 30
        assert {event.alarm.rule for event in peer.events} <= {CRITICAL}


@pytest.mark.usefixtures("quick")
async def test_an_alarm_that_somebody_clears_from_the_broker_is_said_again(broker: Mosquitto) -> None:
    async with beating(Peer(url=broker.url, rate=8.0, people=2)) as peer:
        await worry_all(peer)
        # After that nothing changes by itself any more, so that nothing else says it again.
        await peer.until(
            lambda: all(peer.alarms[f"{name}/{CRITICAL}"].source_lost for name in peer.names), "silence of all sources"
        )
        await peer.until_journal(lambda _: True)
        before = critical(peer)
        await peer.bus.publish(str(AlarmStateTopic(site=SITE, subject="p01", rule=CRITICAL)), b"", retain=True)
        await peer.until_journal(lambda _: True)
        await peer.until(lambda: critical(peer) == before, "both again")
        fresh = Peer(url=broker.url, rate=8.0, people=2)
        async with fresh.bus:
            await fresh.until(lambda: critical(fresh) == before, "a screen that opens now sees both")
        assert len(peer.changes(Change.RAISED, CRITICAL)) == 2


async def test_a_cause_that_ended_while_analysis_was_down_is_cleared_and_told(
    broker: Mosquitto, quick: Analysis
) -> None:
    async with beating(Peer(url=broker.url, rate=8.0, people=2)) as peer:
        await worry_all(peer)
        first = peer.alarms["p00/SPO2_CRIT"]
        peer.acknowledge(first.alarm_id)
        await peer.until(lambda: peer.alarms["p00/SPO2_CRIT"].signal is Signal.ACKNOWLEDGED, "the acknowledgement")
        quick.kill()
        await asyncio.sleep(1)
        quick.start()
        await peer.until_up()
        while "p00/SPO2_CRIT" in peer.alarms or peer.alarms["p01/SPO2_CRIT"].signal is not Signal.LATCHED:
            await peer.read_all(97, seconds=(0.0,))
            await peer.clock.sleep(1)
        await peer.until(lambda: len(peer.changes(Change.CLEARED, CRITICAL)) == 1, "its event")
        assert peer.changes(Change.CLEARED, CRITICAL)[0].alarm.alarm_id == first.alarm_id


async def test_a_hold_goes_on_over_a_restart_when_the_hole_is_short(broker: Mosquitto, analysis: Analysis) -> None:
    async with beating(Peer(url=broker.url, rate=1.0, people=1, watch="strap")) as peer:
        await begin_class(peer)
        await peer.clock.sleep(9.5)
        await peer.read_all(150, seconds=tuple(8.0 - step for step in range(9)))
        stopped_ms = peer.clock.mono_ms()
        await peer.until(lambda: any(one.seq == 8 for entry in peer.journal for one in entry.consumed), "the ninth")
        analysis.kill()
        assert not peer.alarms
        analysis.start()
        await peer.until_up()
        await peer.until(lambda: peer.clock.mono_ms() >= stopped_ms + 3_000, "three seconds")
        # What the strap said meanwhile: a hole of 3 s, however long the process took to start.
        await peer.read("p00", 150, ago_ms=peer.clock.mono_ms() - stopped_ms - 3_000)
        await peer.until(lambda: "p00/HR_OVER" in peer.alarms, "the alarm")
        alarm = peer.alarms["p00/HR_OVER"]
        assert alarm.onset_mono_ms - alarm.breach_mono_ms < 13_000
        assert alarm.breach_mono_ms < stopped_ms


async def test_alarms_of_silent_sources_stay_and_say_so(broker: Mosquitto, quick: Analysis) -> None:
    async with beating(Peer(url=broker.url, rate=8.0, people=5)) as peer:
        await worry_all(peer)
        await peer.until(lambda: all(alarm.source_lost for alarm in standing(peer)), "lost sources")
        await peer.until(lambda: len(peer.changes(Change.RAISED, RuleId.NO_DATA)) == 5, "no data for five")
        quick.kill()
        peer.alarms.clear()
        quick.start()
        await peer.until(lambda: len(standing(peer)) == 5, "the alarms again")
        await peer.clock.sleep(40)
        assert all(alarm.source_lost and alarm.condition is Condition.ACTIVE for alarm in standing(peer))
        assert len(peer.changes(Change.RAISED, CRITICAL)) == 5
        assert len(peer.changes(Change.RAISED, RuleId.NO_DATA)) == 5


def standing(peer: Peer) -> list[AlarmState]:
    return [alarm for alarm in peer.alarms.values() if alarm.rule is CRITICAL]


@pytest.mark.usefixtures("quick")
async def test_a_lost_gateway_is_one_alarm(broker: Mosquitto) -> None:
    async with beating(Peer(url=broker.url, rate=8.0, people=30)) as peer:
        await begin_class(peer)
        await peer.read_all(97, seconds=(0.0,))
        peer.beating = False
        peer.say_part(Part.GATEWAY, "g1", PartState.LOST)
        await peer.until(lambda: "g1/GATEWAY_LOST" in peer.alarms, "the loss")
        await peer.clock.sleep(30)
        assert list(peer.alarms) == ["g1/GATEWAY_LOST"]
        peer.beating = True
        await peer.until(lambda: not peer.alarms, "the return")


async def test_a_process_that_was_paused_does_not_take_its_own_sleep_for_silence(
    broker: Mosquitto, quick: Analysis
) -> None:
    async with beating(Peer(url=broker.url, rate=8.0, people=3)) as peer:
        await begin_class(peer)
        await peer.read_all(97, seconds=(0.0,))
        quick.pause()
        for _ in range(24):
            if peer.bus.connected:
                await peer.read_all(97, seconds=(0.0,))
            await peer.clock.sleep(1)
        quick.resume()
        before = peer.statuses
        while peer.statuses < before + 10:
            await peer.read_all(97, seconds=(0.0,))
            await peer.clock.sleep(1)
        assert not [event for event in peer.events if event.alarm.rule is RuleId.NO_DATA]


async def test_alarm_states_of_nobody_are_cleared(broker: Mosquitto, tmp_path: Path) -> None:
    async with beating(Peer(url=broker.url, rate=1.0, people=1)) as peer:
        await peer.until(lambda: peer.bus.connected, "the broker")
        topic = str(AlarmStateTopic(site=SITE, subject="ghost", rule="HR_OVER"))
        heard: list[bytes] = []
        peer.bus.subscribe(topic, lambda incoming: heard.append(incoming.payload))
        await peer.bus.publish(topic, b'{"v":1}', retain=True)
        process = Analysis(url=broker.url, folder=tmp_path, rate=1.0)
        process.start()
        try:
            await peer.until(lambda: bool(heard) and heard[-1] == b"", "the end of the ghost")
        finally:
            process.kill()


async def test_a_broker_that_forgot_everything_is_told_the_alarms_anew(broker: Mosquitto, analysis: Analysis) -> None:
    async with beating(Peer(url=broker.url, rate=1.0, people=3)) as peer:
        await worry_all(peer)
        before = critical(peer)
        broker.kill()
        await peer.until(lambda: not peer.bus.connected, "the loss")
        peer.alarms.clear()
        broker.start()
        await peer.until(lambda: critical(peer) == before, "the same alarms")
        assert len(peer.changes(Change.RAISED, CRITICAL)) == 3
        assert "analysis begins" in analysis.said()


async def test_a_session_that_ended_while_analysis_was_down_is_over(broker: Mosquitto, quick: Analysis) -> None:
    async with beating(Peer(url=broker.url, rate=8.0, people=2)) as peer:
        await worry_all(peer)
        quick.kill()
        peer.forget_roster()
        quick.start()
        await peer.until_up()
        # Without a dashboard no session ends.
        await peer.clock.sleep(15)
        assert len(critical(peer)) == 2
        for _ in range(13):
            peer.say_part(Part.DASHBOARD, "room-1", PartState.UP)
            await peer.clock.sleep(1)
        await peer.until(lambda: not critical(peer), "the end of the session")
        await peer.until(lambda: len(peer.changes(Change.SESSION_ENDED, CRITICAL)) == 2, "its events")


async def test_nonsense_is_counted_and_stops_nothing(broker: Mosquitto, analysis: Analysis) -> None:
    async with beating(Peer(url=broker.url, rate=1.0, people=1)) as peer:
        await begin_class(peer)
        reading = str(ReadingTopic(site=SITE, gateway="g1", sensor="s-p00", kind="oximeter"))
        for payload in (b"", b"{", b"[]", b'{"v":2}', b"\xff\xfe", b"[" * 100_000):
            await peer.bus.publish(reading, payload)
        await peer.bus.publish(str(RosterTopic(site=SITE, session="c2")), b'{"v":1,"session":"other"}')
        await peer.bus.publish(f"vitals/v1/{SITE}/command/analysis/acknowledge", b'{"v":1}')
        await peer.until(
            lambda: peer.status is not None and peer.status.counters["refused"] >= 8, "eight refused messages"
        )
        await peer.read("p00", 97)
        await peer.until(
            lambda: peer.status is not None and peer.status.counters["readings"] >= 1, "the reading after them"
        )
        assert "refused" in analysis.said()
