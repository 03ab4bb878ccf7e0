import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.peers import Mosquitto, until
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commanding import PENDING_MAX, CommandSender
from vitals.commands import Command, CommandAnswer, CommandId, PauseAudio
from vitals.errors import InputError, StorageError
from vitals.heartbeat import Heartbeat
from vitals.parts import Part
from vitals.runs import new_run_id
from vitals.sessions import GenerationMode
from vitals.topics import CommandTopic, topic_filter
from vitals.units import UtcMs
from vitals.wire import decode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]

CLOCK = Clock(rate=5.0, anchor_mono_ms=0, anchor_utc_ms=0)


def command(name: str, *, owner: str = "analysis") -> Command:
    return Command(id=CommandId(name), owner=owner, by="ab", at_utc_ms=UtcMs(0), body=PauseAudio(seconds=60))


class Owner:
    """Handles each id once and answers every repetition, as owners must."""

    def __init__(self, bus: Bus, *, deaf_for: int = 0) -> None:
        self.heartbeat = Heartbeat(
            part=Part.ANALYSIS, instance="1", run=new_run_id(), site="gym", mode=GenerationMode.TEST, clock=CLOCK
        )
        self.bus = bus
        self.heard: list[str] = []
        self.handled: list[str] = []
        self.deaf_for = deaf_for
        bus.subscribe(topic_filter(CommandTopic, site="gym", owner="analysis"), self.take)

    def take(self, incoming: Incoming) -> None:
        one: Command = decode(incoming.payload, Command, place=incoming.topic)
        self.heard.append(one.id)
        if len(self.heard) <= self.deaf_for:
            return
        if self.heartbeat.answer_to(one.id) is None:
            self.handled.append(one.id)
        self.heartbeat.answer(CommandAnswer(id=one.id, accepted=one.id != "refused", reason=""))

    async def run(self) -> None:
        await self.heartbeat.run(self.bus)


@contextlib.asynccontextmanager
async def running(*jobs: CommandSender | Owner) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(job.run()) for job in jobs]
        yield
        for task in started:
            task.cancel()


def bus(broker: Mosquitto, name: str) -> Bus:
    return Bus(url=broker.url, client_id=name, clock=CLOCK)


async def test_a_command_is_repeated_until_the_owner_names_it_and_handled_once(
    broker: Mosquitto, tmp_path: Path
) -> None:
    answers: list[tuple[str, bool]] = []
    async with bus(broker, "d") as ours, bus(broker, "a") as theirs:
        sender = CommandSender(path=tmp_path / "c.db", bus=ours, site="gym", clock=CLOCK)
        sender.on_answer(lambda one, answer: answers.append((one.id, answer.accepted)))
        owner = Owner(theirs, deaf_for=3)
        async with running(sender, owner):
            sender.send(command("one"))
            sender.send(command("one"))
            await until(lambda: not sender.pending)
            sender.send(command("refused"))
            await until(lambda: len(answers) == 2)
            count = len(owner.heard)
            await asyncio.sleep(0.5)
            assert len(owner.heard) == count, "an answered command is not repeated"
    assert answers == [("one", True), ("refused", False)]
    assert owner.handled == ["one", "refused"]
    assert owner.heard.count("one") >= 4


async def test_a_command_survives_its_sender_the_broker_and_the_owner(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with bus(broker, "d1") as ours:
        await until(lambda: ours.connected)
        sender = CommandSender(path=path, bus=ours, site="gym", clock=CLOCK)
        async with running(sender):
            sender.send(command("one"))
            sender.send(command("two"))
    broker.kill()
    async with bus(broker, "d2") as ours:
        again = CommandSender(path=path, bus=ours, site="gym", clock=CLOCK)
        assert [one.id for one in again.pending] == ["one", "two"]
        async with running(again):
            broker.start()
            async with bus(broker, "a") as theirs:
                owner = Owner(theirs)
                async with running(owner):
                    await until(lambda: not again.pending)
    assert sorted(owner.handled) == ["one", "two"], "each once; the order is theirs to whom it matters"
    async with bus(broker, "d3") as ours:
        last = CommandSender(path=path, bus=ours, site="gym", clock=CLOCK)
        assert last.pending == ()
        async with running(last):
            await until(lambda: ours.connected)


async def test_an_answer_of_another_part_is_no_answer(broker: Mosquitto, tmp_path: Path) -> None:
    async with bus(broker, "d") as ours:
        sender = CommandSender(path=tmp_path / "c.db", bus=ours, site="gym", clock=CLOCK, hears_statuses=False)
        sender.send(command("one", owner="ingest"))
        heartbeat = Owner(ours).heartbeat
        heartbeat.answer(CommandAnswer(id=CommandId("one")))
        sender.hear_status(heartbeat.status())
        assert [one.id for one in sender.pending] == ["one"]
        async with running(sender):
            await until(lambda: ours.counters["published"] >= 1)


async def test_too_many_unanswered_commands_are_refused(broker: Mosquitto, tmp_path: Path) -> None:
    async with bus(broker, "d") as ours:
        sender = CommandSender(path=tmp_path / "c.db", bus=ours, site="gym", clock=CLOCK)
        for number in range(PENDING_MAX):
            sender.send(command(str(number)))
        with pytest.raises(InputError, match="256 others wait for an answer of analysis"):
            sender.send(command("more"))
        sender.send(command("of another", owner="alerts"))
        assert len(sender.pending) == PENDING_MAX + 1, "who hangs takes no room of the others"
        async with running(sender):
            await until(lambda: ours.counters["published"] >= PENDING_MAX)


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow: what a full disk is to who writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_on_a_full_disk_an_acknowledgement_goes_out_and_an_entry_is_refused(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with bus(broker, "owner") as theirs, bus(broker, "sender") as ours:
        owner = Owner(theirs)
        sender = CommandSender(path=tmp_path / "commands.db", bus=ours, site="gym", clock=CLOCK)
        answered: list[str] = []
        sender.on_answer(lambda one, _: answered.append(one.id))
        async with running(owner, sender):
            with full_disk():
                with pytest.raises(StorageError):
                    sender.send(command("entry"))
                sender.send(command("taken"), must_be_kept=False)
            assert [one.id for one in sender.pending] == ["taken"]
            await until(lambda: answered == ["taken"])
            assert owner.handled == ["taken"]
            assert sender.pending == ()
            # The next one is kept again.
            sender.send(command("later"))
            await until(lambda: answered == ["taken", "later"])
