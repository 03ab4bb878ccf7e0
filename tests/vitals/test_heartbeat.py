import asyncio
from itertools import pairwise

import pytest

from tests.peers import Mosquitto, until
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import CommandAnswer, CommandId
from vitals.deadline import deadline
from vitals.heartbeat import ANSWERS_MAX, PROBLEMS_MAX, Heartbeat
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import RunId
from vitals.sessions import GenerationMode
from vitals.topics import StatusTopic, topic_filter
from vitals.trouble import Trouble
from vitals.wire import decode


def heartbeat(*, rate: float = 1.0, run: str = "r1") -> Heartbeat:
    clock = Clock(rate=rate, anchor_mono_ms=0, anchor_utc_ms=0)
    return Heartbeat(
        part=Part.ANALYSIS, instance="1", run=RunId(run), site="gym", mode=GenerationMode.TEST, clock=clock
    )


class Statuses(list[PartStatus]):
    def take(self, incoming: Incoming) -> None:
        self.append(decode(incoming.payload, PartStatus, place=incoming.topic))


def test_the_will_is_the_same_part_run_and_topic_but_lost() -> None:
    one = heartbeat()
    status: PartStatus = decode(one.will().payload, PartStatus, place="will")
    assert one.will().topic == "vitals/v1/gym/part/analysis/1/status"
    assert (status.part, status.run, status.state) == (Part.ANALYSIS, "r1", PartState.LOST)


def test_the_last_answers_are_told_newest_last() -> None:
    one = heartbeat()
    for number in range(ANSWERS_MAX + 10):
        one.answer(CommandAnswer(id=CommandId(str(number))))
    one.answer(CommandAnswer(id=CommandId("20"), accepted=False, reason="too late"))
    handled = one.status().handled
    assert len(handled) == ANSWERS_MAX
    assert handled[-1] == one.answer_to(CommandId("20"))
    assert handled[-1].reason == "too late"
    assert one.answer_to(CommandId("9")) is None


def test_problems_come_and_go_and_are_bounded() -> None:
    one = heartbeat()
    for number in range(PROBLEMS_MAX + 5):
        one.set_problem(f"problem {number}", present=True)
        one.set_problem(f"problem {number}", present=True)
    assert one.status().problems == tuple(f"problem {number}" for number in range(PROBLEMS_MAX))
    for number in range(PROBLEMS_MAX + 5):
        one.set_problem(f"problem {number}", present=False)
        one.set_problem(f"problem {number}", present=False)
    assert one.status().problems == ()


def test_a_trouble_is_one_line_of_the_status_whatever_its_words_and_is_news_once_a_change() -> None:
    one = heartbeat()
    trouble = Trouble(one)
    told = [(why, trouble.tell(why), one.status().problems) for why in ("", "full", "full", "gone", "", "")]
    assert told == [
        ("", False, ()),
        ("full", True, ("full",)),
        ("full", False, ("full",)),
        ("gone", True, ("gone",)),
        ("", True, ()),
        ("", False, ()),
    ]


@pytest.mark.peer
async def test_a_part_beats_each_second_of_its_clock_tells_changes_at_once_and_says_when_it_stops(
    broker: Mosquitto,
) -> None:
    one = heartbeat(rate=20.0)
    statuses = Statuses()
    beats: list[int] = []
    one.before_beat(lambda: beats.append(len(beats)))
    async with Bus(url=broker.url, client_id="watcher", clock=Clock()) as watcher:
        watcher.subscribe(topic_filter(StatusTopic, site="gym"), statuses.take)
        await until(lambda: watcher.connected)
        async with Bus(url=broker.url, client_id="part", clock=Clock(), will=one.will()) as bus:
            async with asyncio.TaskGroup() as tasks:
                beating = tasks.create_task(one.run(bus))
                await until(lambda: len(statuses) >= 20)
                one.counters["things"] = 7
                one.set_problem("disk is full", present=True)
                await until(lambda: statuses[-1].problems == ("disk is full",))
                beating.cancel()
            await one.stop(bus)
        await until(lambda: statuses[-1].state is PartState.STOPPED)
    assert statuses[-1].counters == {"things": 7}
    assert {status.state for status in statuses[:-1]} == {PartState.UP}
    gaps_ms = [after.mono_ms - before.mono_ms for before, after in pairwise(statuses)]
    assert min(gaps_ms[:18]) >= 900, "not more often than each second of its clock"
    assert len(beats) >= len(statuses) - 1


@pytest.mark.peer
async def test_two_processes_under_one_name_say_so_as_long_as_there_are_two(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    # Who is not heard for 3 s of the clock is gone: more than a loaded machine stands still.
    one, twin = heartbeat(rate=2.0), heartbeat(rate=2.0, run="r2")
    said = "another process is analysis/1 too: stop one of the two"
    clock = Clock(rate=2.0)
    beats: list[int] = []
    one.before_beat(lambda: beats.append(len(beats)))
    async with (
        Bus(url=broker.url, client_id="one", clock=clock) as bus,
        Bus(url=broker.url, client_id="two", clock=clock) as other,
        asyncio.TaskGroup() as tasks,
    ):
        beating = tasks.create_task(one.run(bus))
        await until(lambda: bus.connected)
        heard = len(beats)
        await until(lambda: len(beats) >= heard + 3)
        assert one.status().problems == (), "it does not take itself for another"
        doubled = tasks.create_task(twin.run(other))
        await until(lambda: one.status().problems == twin.status().problems == (said,))
        doubled.cancel()
        await until(lambda: one.status().problems == ())
        beating.cancel()
    assert sorted(record.message for record in caplog.records if record.levelname == "ERROR") == [
        "another process is analysis/1 too, run=r1: stop one of the two",
        "another process is analysis/1 too, run=r2: stop one of the two",
    ]


@pytest.mark.peer
async def test_a_part_without_a_broker_stops_all_the_same() -> None:
    one = heartbeat()
    async with deadline(10), Bus(url="mqtt://127.0.0.1:1", client_id="part", clock=Clock()) as bus:
        await one.stop(bus)
    assert one.status().state is PartState.UP
