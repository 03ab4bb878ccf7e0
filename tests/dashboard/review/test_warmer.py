"""Summaries are at hand before anybody opens a class that is over, and nothing is made twice."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from msgspec.structs import replace

from dashboard.review import workshop
from dashboard.review.review_desk import ReviewDesk
from dashboard.review.shelf import Shelf
from dashboard.review.warmer import AGAIN_MS, TRIES_MAX, WINDOW_MS, Warmer
from ingest.store.reader import RecordReader
from ingest.store.writer import RecordWriter
from tests.dashboard.house import House, settings_for
from tests.dashboard.review.past_class import PastClass, _batches, person_id, write_past_class
from vitals.entries import Note
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

PAST = PastClass(minutes=2, people=3)
ENDED = UtcMs(PAST.ended_utc_ms)


class At:
    """The time that the warmer is told."""

    def __init__(self, utc_ms: int = ENDED + 60_000) -> None:
        self.utc_ms = utc_ms

    def __call__(self) -> UtcMs:
        return UtcMs(self.utc_ms)


@asynccontextmanager
async def desk_of(folder: Path) -> AsyncIterator[ReviewDesk]:
    desk = ReviewDesk(
        record_file=folder / "record.db", clinic_file=folder / "clinic.db", rules_file=None, zone=ZoneInfo("UTC")
    )
    with closing(desk):
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(desk.workshop.run(), name="test.workshop")
            yield desk
            working.cancel()


def hear_more(folder: Path, past: PastClass) -> None:
    with closing(RecordWriter(folder / "record.db")) as writer:
        writer.store(next(iter(_batches(past))), now_utc_ms=UtcMs(past.ended_utc_ms + 5_000))


async def test_a_class_that_is_over_is_made_ready_once_and_again_when_the_record_changes(tmp_path: Path) -> None:
    write_past_class(tmp_path, PAST)
    now = At()
    async with desk_of(tmp_path) as desk:
        warmer = Warmer(desk, now_utc_ms=now)
        assert await desk.cold(PAST.session) == 3
        await warmer.look()
        assert await desk.cold(PAST.session) == 0
        await warmer.look()
        assert warmer.counters == {"summaries_made": 3, "summaries_failed": 0}
        # A note about one person, ten minutes after the class: the stamp of everybody counts entries of the class.
        hear_more(tmp_path, replace(PAST, entries=((30, Note(text="late entry")),)))
        changed = await desk.cold(PAST.session)
        assert changed > 0
        await warmer.look()
        assert (await desk.cold(PAST.session), warmer.counters["summaries_made"]) == (0, 3 + changed)
        # The kept one is the one that would be computed.
        found = await desk.summary(PAST.session, person_id(1))
        assert [entry.body for entry in found.summary.entries] == [Note(text="late entry")]


async def test_a_class_that_runs_or_was_over_long_ago_is_left_alone(tmp_path: Path) -> None:
    write_past_class(tmp_path, replace(PAST, is_over=False))
    async with desk_of(tmp_path) as desk:
        warmer = Warmer(desk, now_utc_ms=At())
        await warmer.look()
        assert await desk.cold(PAST.session) == 3
    write_past_class(tmp_path, replace(PAST, session=type(PAST.session)("past-2"), run="other"))
    async with desk_of(tmp_path) as desk:
        await Warmer(desk, now_utc_ms=At(ENDED + WINDOW_MS + 1)).look()
        assert await desk.cold(type(PAST.session)("past-2")) == 3


async def test_what_is_old_is_not_looked_at_again(tmp_path: Path) -> None:
    write_past_class(tmp_path, PAST)
    now = At()
    async with desk_of(tmp_path) as desk:
        warmer = Warmer(desk, now_utc_ms=now)
        await warmer.look()
        hear_more(tmp_path, replace(PAST, entries=((30, Note(text="late entry")),)))
        now.utc_ms = ENDED + AGAIN_MS
        await warmer.look()
        assert warmer.counters["summaries_made"] == 3
        assert await desk.cold(PAST.session) > 0


async def test_a_class_that_fails_is_left_after_a_few_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_past_class(tmp_path, PAST)
    monkeypatch.setattr(workshop, "_CHILD", (workshop._CHILD[0], "-c", "raise SystemExit(3)"))
    async with desk_of(tmp_path) as desk:
        warmer = Warmer(desk, now_utc_ms=At())
        for _ in range(TRIES_MAX + 2):
            await warmer.look()
        assert warmer.counters == {"summaries_made": 0, "summaries_failed": TRIES_MAX}


async def test_without_a_record_there_is_nothing_to_do(tmp_path: Path) -> None:
    async with desk_of(tmp_path) as desk:
        warmer = Warmer(desk, now_utc_ms=At())
        await warmer.look()
    assert warmer.counters == {"summaries_made": 0, "summaries_failed": 0}


async def test_a_dashboard_makes_the_class_of_just_now_ready_by_itself(tmp_path: Path) -> None:
    past = replace(PAST, started_utc_ms=time.time_ns() // 1_000_000 - 180_000)
    write_past_class(tmp_path, past)
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        ready = await until_ready(house.http, tmp_path, past)
        overview = (await house.http.get("/api/v1/sessions/past-1/summary")).json()
    assert ready == past.people
    assert overview["pending"] == 0


async def until_ready(http: httpx.AsyncClient, folder: Path, past: PastClass) -> int:
    """Wait until the file has everybody, without asking the dashboard for any of them."""
    deadline_s = time.monotonic() + 90
    while True:
        assert (await http.get("/healthz")).status_code < 600
        ready = 0
        with (
            closing(RecordReader(folder / "record.db")) as reader,
            closing(Shelf(folder / "review.db", reader)) as shelf,
        ):
            ready = sum(shelf.peek(past.session, person_id(number)) is not None for number in range(1, past.people + 1))
        if ready == past.people or time.monotonic() > deadline_s:
            return ready
        await asyncio.sleep(0.2)
