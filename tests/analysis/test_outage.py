"""Analysis is away while somebody's alarm begins and ends; the broker kept the readings for it."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from analysis.core.events import AlarmEventRaised
from analysis.replay import Replay
from tests.analysis.peer import PATIENCE_S, SESSION, Analysis, Peer, beating
from tests.peers import Mosquitto, Wire
from vitals.alarms import AlarmEvent, Change, RuleId
from vitals.deadline import deadline
from vitals.journal import Consumed, JournalStream

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]

OVER = RuleId.HR_OVER
RATE = 8.0
CALM_BPM, HARD_BPM = 90, 150


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    yield mosquitto
    mosquitto.kill()


@pytest.fixture
def analysis(broker: Mosquitto, tmp_path: Path) -> Iterator[Analysis]:
    process = Analysis(url=broker.url, folder=tmp_path, rate=RATE)
    process.start()
    yield process
    process.kill()


@pytest.fixture
async def peer(broker: Mosquitto, analysis: Analysis) -> AsyncIterator[Peer]:
    """A class of three, heard for 12 s by an analysis that is killed then."""
    async with beating(Peer(url=broker.url, rate=RATE, people=3, watch="strap")) as one:
        await one.until(lambda: one.bus.connected, "the broker")
        await one.until_up()
        one.tell_roster()
        await one.until_journal(lambda entry: entry.rosters.get(SESSION) == 1)
        await exercise(one, 12)
        await one.until_journal(lambda _: True)
        analysis.kill()
        yield one


async def exercise(peer: Peer, seconds: int, *, hard: tuple[str, ...] = ()) -> None:
    for _ in range(seconds):
        for name in peer.names:
            await peer.read(name, HARD_BPM if name in hard else CALM_BPM)
        await peer.clock.sleep(1)


async def until_heard(peer: Peer, seconds: int, *, hard: tuple[str, ...] = ()) -> None:
    """Go on until analysis is back, and for so long after that; return when it has noted the last of it."""
    before = peer.statuses
    async with deadline(PATIENCE_S):
        while peer.statuses == before:
            await exercise(peer, 1, hard=hard)
    await exercise(peer, seconds, hard=hard)
    await peer.until_journal(lambda _: True)


def told(peer: Peer) -> list[AlarmEvent]:
    return sorted(
        (event for event in peer.events if event.alarm.rule is OVER), key=lambda event: event.alarm.breach_mono_ms
    )


def of_rule(peer: Peer, rule: RuleId) -> list[tuple[str, Change]]:
    return [(event.alarm.subject, event.change) for event in peer.events if event.alarm.rule is rule]


async def test_what_began_and_ended_while_analysis_was_dead_is_found_and_what_stands_is_announced(
    peer: Peer, analysis: Analysis
) -> None:
    began_ms = peer.clock.mono_ms()
    await exercise(peer, 16, hard=("p00",))
    stands_ms = peer.clock.mono_ms()
    await exercise(peer, 24, hard=("p01",))
    analysis.start()
    await until_heard(peer, 24, hard=("p01",))
    await peer.until(lambda: len(of_rule(peer, OVER)) >= 2, "both are told")
    assert sorted(of_rule(peer, OVER)) == [("p00", Change.FOUND_AFTERWARDS), ("p01", Change.RAISED)]
    found, raised = told(peer)
    # Clocks of two processes of one machine are one clock; a loaded machine sends late, never early.
    assert began_ms <= found.alarm.breach_mono_ms < began_ms + 4_000
    assert stands_ms <= raised.alarm.breach_mono_ms < stands_ms + 4_000
    assert 10_000 <= raised.alarm.onset_mono_ms - raised.alarm.breach_mono_ms < 14_000
    assert list(peer.alarms) == ["p01/HR_OVER"]
    assert not [event for event in peer.events if event.alarm.rule is not OVER], "nobody was silent"
    check_heard_once(peer)
    check_replay(peer)


async def test_a_gateway_that_began_anew_meanwhile_is_dated_by_what_it_says_now(peer: Peer, analysis: Analysis) -> None:
    peer.begin_anew()
    began_ms = peer.clock.mono_ms()
    await exercise(peer, 16, hard=("p00",))
    await exercise(peer, 24)
    analysis.start()
    await until_heard(peer, 12)
    await peer.until(lambda: of_rule(peer, OVER) == [("p00", Change.FOUND_AFTERWARDS)], "it is found, and only that")
    assert began_ms <= told(peer)[0].alarm.breach_mono_ms < began_ms + 4_000
    assert peer.status is not None
    assert peer.status.counters["undated"] == 0
    check_heard_once(peer)


async def test_readings_of_a_run_that_ended_meanwhile_are_not_taken_for_new_ones(
    peer: Peer, analysis: Analysis
) -> None:
    peer.begin_anew()
    await exercise(peer, 16, hard=("p00",))
    peer.begin_anew()
    await exercise(peer, 12)
    analysis.start()
    await until_heard(peer, 24)
    assert peer.status is not None
    assert peer.status.counters["undated"] == 48
    assert of_rule(peer, OVER) == []
    assert not peer.alarms


async def test_a_moment_of_absence_changes_nothing(peer: Peer, analysis: Analysis) -> None:
    began_ms = peer.clock.mono_ms()
    await exercise(peer, 6, hard=("p00",))
    analysis.start()
    await until_heard(peer, 24, hard=("p00",))
    await peer.until(lambda: of_rule(peer, OVER) == [("p00", Change.RAISED)], "one alarm")
    assert began_ms <= told(peer)[0].alarm.breach_mono_ms < began_ms + 4_000
    check_heard_once(peer)
    check_replay(peer)


async def test_a_broker_that_forgot_us_is_said_and_nothing_else_changes(
    peer: Peer, analysis: Analysis, broker: Mosquitto
) -> None:
    await exercise(peer, 16, hard=("p00",))
    broker.kill()
    await peer.until(lambda: not peer.bus.connected, "the loss")
    broker.start()
    await peer.until(lambda: peer.bus.connected, "the return")
    analysis.start()
    await until_heard(peer, 24, hard=("p01",))
    await peer.until(lambda: of_rule(peer, OVER) == [("p01", Change.RAISED)], "what is so now")
    assert "broker kept no readings" in analysis.said()


async def test_a_connection_that_was_lost_is_no_hole(peer: Peer, broker: Mosquitto, tmp_path: Path) -> None:
    async with Wire(broker.port) as wire:
        behind = Analysis(url=wire.url, folder=tmp_path, rate=RATE)
        behind.start()
        try:
            await until_heard(peer, 12)
            wire.cut()
            await exercise(peer, 16, hard=("p00",))
            await exercise(peer, 16)
            wire.mend()
            await until_heard(peer, 12)
            found = [("p00", Change.FOUND_AFTERWARDS)]
            await peer.until(lambda: of_rule(peer, OVER) == found, "it is found, and only that")
            check_heard_once(peer)
            check_replay(peer)
        finally:
            behind.kill()


@pytest.mark.parametrize("kills", [1, 2])
async def test_another_kill_before_the_backlog_is_judged_loses_none_of_it(
    peer: Peer, analysis: Analysis, tmp_path: Path, kills: int
) -> None:
    """What the broker handed over to a run that died is nowhere but in analysis' own file."""
    peer.beating = False
    peer.begin_anew()
    began_ms = peer.clock.mono_ms()
    await peer.clock.sleep(40)
    for second in range(40):
        for name in peer.names:
            hr_bpm = HARD_BPM if name == "p00" and second < 16 else CALM_BPM
            await peer.read(name, hr_bpm, ago_ms=peer.clock.mono_ms() - began_ms - second * 1_000)
    # A run that nobody can date yet: analysis holds what it has heard, until the gateway lives again.
    analysis.be_patient()
    held = tmp_path / "analysis.held"
    for kill in range(1, kills + 1):
        lines = 3 * 40 + kill
        analysis.start()
        await peer.until(partial(holds_lines, held, lines), "it is held")
        # What is handed over is confirmed before a heartbeat that begins later; the broker must not hand it over again.
        said = peer.statuses
        await peer.until(lambda said=said: peer.statuses >= said + 2, "it is confirmed")  # type: ignore[misc]
        analysis.kill()
    analysis.start()
    peer.beating = True
    await until_heard(peer, 12)
    await peer.until(lambda: of_rule(peer, OVER) == [("p00", Change.FOUND_AFTERWARDS)], "it is found, and only that")
    # By the clock that waited least on its way: later than it was, by what it waited.
    assert 0 <= told(peer)[0].alarm.breach_mono_ms - began_ms < 4_000
    assert peer.status is not None
    assert peer.status.counters["undated"] == 0
    check_heard_once(peer)
    check_replay(peer)
    await peer.until(lambda: not held.stat().st_size, "what is judged is forgotten")


def holds_lines(file: Path, count: int) -> bool:
    return file.exists() and file.read_bytes().count(b"\n") == count


def check_heard_once(peer: Peer) -> None:
    """Every reading up to the newest was given to the engine, and the engine took none of them twice."""
    given = [
        (entry.streams[one.stream], one.seq)
        for entry in peer.journal
        for one in entry.events
        if isinstance(one, Consumed)
    ]
    newest: dict[JournalStream, int] = {}
    for stream, seq in given:
        newest[stream] = max(seq, newest.get(stream, -1))
    assert set(given) == {(stream, seq) for stream, seq in peer.sent if seq <= newest[stream]}
    status = peer.status
    assert status is not None
    # What was under way at the kill comes twice; it counts once.
    assert status.counters["duplicates"] == len(given) - len(set(given))


def check_replay(peer: Peer) -> None:
    """The journal, given to another engine, tells the same."""
    replay = Replay(lambda stream, seq: peer.sent.get((stream, seq)))
    told = [
        (effect.change, effect.alarm.alarm_id)
        for entry in peer.journal
        for _, effects in replay.feed(entry)
        for effect in effects
        if isinstance(effect, AlarmEventRaised)
    ]
    assert told == [(event.change, event.alarm.alarm_id) for event in peer.events]
    assert (replay.missing, replay.skipped) == (0, 0)
