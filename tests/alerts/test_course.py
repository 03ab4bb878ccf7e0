"""From the end of an alarm to the record: alerts as a process, the real ingest, and what may go wrong between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ingest.service import run as run_ingest
from ingest.store.reader import RecordReader
from tests.alerts.peer import RATE, SITE, Alerts, Peer
from tests.alerts.push_service import PushService
from tests.alerts.script import SESSION
from tests.peers import Mosquitto
from vitals.commands import EraseParticipant, SendTest
from vitals.delivery import AttemptState, ChannelName, Course, Response
from vitals.duty import StaffId
from vitals.errors import StorageError
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.settings import load_settings

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]


@contextlib.asynccontextmanager
async def recording(broker: Mosquitto, folder: Path) -> AsyncIterator[None]:
    """The real ingest, for the time of a block."""
    flags = {"broker": broker.url, "data": str(folder), "site": SITE, "mode": "test", "clock_rate": RATE}
    settings = load_settings(file=None, environment={}, flags=flags)
    async with asyncio.TaskGroup() as tasks:
        record = tasks.create_task(run_ingest(settings), name="peer.ingest")
        try:
            yield
        finally:
            record.cancel()


def courses(folder: Path) -> tuple[Course, ...]:
    """What the record tells; nothing while there is none."""
    reader = RecordReader(folder / "record.db")
    try:
        return reader.courses(SessionId(SESSION))
    except StorageError:
        return ()
    finally:
        reader.close()


async def test_the_course_of_an_alarm_reaches_the_record_over_a_dead_ingest_and_a_killed_alerts(
    peer: Peer, service: PushService, alerts: Alerts, broker: Mosquitto, tmp_path: Path
) -> None:
    await peer.subscribe("tom-phone", "tom", ChannelName.WEB_PUSH, service.subscribe("tom-phone"))
    assert (await peer.ask(SendTest(staff=StaffId("tom")))).accepted
    peer.alarm("a1")
    await peer.until(lambda: {one.payload["alarm_id"] for one in service.of("tom-phone")} > {"a1"}, "both pushes")
    assert (await peer.respond("a1", "tom")).accepted
    peer.end("a1")
    await peer.until(lambda: "a1" in peer.calls_ended, "it is over")
    alerts.kill()
    assert alerts.query("SELECT alarm_id, participant FROM course") == [("a1", "p1")]
    alerts.start()
    async with recording(broker, tmp_path):
        await peer.until(lambda: courses(tmp_path), "the record has it")
        await peer.until(lambda: not alerts.query("SELECT 1 FROM course"), "alerts need keep it no more")
    [course] = courses(tmp_path)
    assert (course.alarm_id, course.session, course.participant) == ("a1", SESSION, "p1")
    assert course.attempts[0].staff == "tom"
    assert course.attempts[0].state is AttemptState.SENT
    assert [(one.staff, one.response) for one in course.answers] == [("tom", Response.ACCEPT)]
    assert course.onset_utc_ms <= course.attempts[0].at_utc_ms <= course.answers[0].at_utc_ms <= course.ended_utc_ms
    assert set(course.unreachable) == {"ann", "sue"}


async def test_what_waits_of_an_erased_person_is_not_sent_any_more(
    peer: Peer, service: PushService, alerts: Alerts
) -> None:
    await peer.subscribe("tom-phone", "tom", ChannelName.WEB_PUSH, service.subscribe("tom-phone"))
    for number in (1, 2):
        peer.alarm(f"a{number}", participant=f"p{number}")
    await peer.until(lambda: len(service.of("tom-phone")) >= 2, "both")
    for number in (1, 2):
        peer.end(f"a{number}")
    await peer.until(lambda: peer.calls_ended >= {"a1", "a2"}, "both are over")
    assert (await peer.ask(EraseParticipant(participant=ParticipantId("p1")))).accepted
    assert alerts.query("SELECT alarm_id FROM course") == [("a2",)]
