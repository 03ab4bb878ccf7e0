"""The gateway's disk: a commit that hangs holds up nothing, and nothing counts as saved before it is."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import apsw
import pytest

from gateway.disk import Disk
from tests.gateway.stage import open_stage, until
from vitals.clock import Clock
from vitals.database import open_database, open_reader
from vitals.outbox import OUTBOX_SCHEMA, OutboxStore
from vitals.readings import RunId

BOUND_S = 60.0


class SlowDisk:
    """SQLite's own commit hook, which waits for as long as a test likes."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.waiting = threading.Event()
        connection.set_commit_hook(self._hold)

    def _hold(self) -> bool:
        if not self.goes_on.is_set():
            self.waiting.set()
            assert self.goes_on.wait(BOUND_S)
        return False


def rows_on_disk(path: Path) -> int:
    reader = open_reader(path)
    try:
        return int(str(reader.execute("SELECT count(*) FROM outbox_message").fetchall()[0][0]))
    finally:
        reader.close()


class Outbox:
    """An outbox on a slow disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = open_database(path, migrations=[OUTBOX_SCHEMA])
        self.slow = SlowDisk(self.connection)
        self.reader = open_reader(path)
        self.store = OutboxStore(
            self.connection,
            source="g1",
            run=RunId("r1"),
            bytes_max=10**9,
            age_ms_max=10**9,
            clock=Clock(),
            sends_before_commit=True,
            reader=self.reader,
        )
        self.told: list[str] = []
        self.disk = Disk(self.connection, path, (self.store,), tell=self.told.append)

    def put(self) -> None:
        seq = self.store.reserve("s-1", "hr")
        self.store.put(topic="t", subject="s-1", kind="hr", seq=seq, body=b"{}", mono_ms=Clock().mono_ms())

    def page(self) -> list[int]:
        return [row.seq for row in self.store.page(after_id=0, up_to_id=self.store.newest_id)[0]]

    def close(self) -> None:
        self.reader.close()
        self.connection.close()


async def test_what_comes_while_a_commit_hangs_is_taken_and_what_hangs_is_not_believed_saved(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.put()
    outbox.slow.goes_on.clear()
    async with asyncio.TaskGroup() as group:
        saving = group.create_task(outbox.disk.save(), name="test.save")
        await until(outbox.slow.waiting.is_set, "the commit hangs")
        for _ in range(3):
            outbox.put()
        assert outbox.page() == [0, 1, 2, 3]
        assert (outbox.store.needs_write, rows_on_disk(outbox.path), saving.done()) == (True, 0, False)
        outbox.slow.goes_on.set()
    assert (outbox.page(), rows_on_disk(outbox.path), outbox.told[-1]) == ([0, 1, 2, 3], 1, "")
    assert outbox.store.needs_write
    await outbox.disk.finish()
    assert (outbox.page(), rows_on_disk(outbox.path), outbox.store.needs_write) == ([0, 1, 2, 3], 4, False)
    outbox.close()


async def test_a_commit_whose_waiter_was_cancelled_is_settled_before_the_next(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.put()
    outbox.slow.goes_on.clear()
    async with asyncio.TaskGroup() as group:
        saving = group.create_task(outbox.disk.save(), name="test.save")
        await until(outbox.slow.waiting.is_set, "the commit hangs")
        saving.cancel()
    outbox.put()
    outbox.slow.goes_on.set()
    await outbox.disk.finish()
    # Nothing was written twice: the table would have refused it.
    assert (outbox.page(), rows_on_disk(outbox.path), outbox.store.needs_write) == ([0, 1], 2, False)
    outbox.close()


async def test_a_disk_that_refuses_loses_nothing_and_says_why(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    outbox.connection.execute("PRAGMA query_only=ON").fetchall()
    outbox.put()
    await outbox.disk.save()
    assert outbox.told[-1].startswith("outbox not saved")
    assert (outbox.disk.errors, outbox.page(), outbox.store.needs_write) == (1, [0], True)
    outbox.connection.execute("PRAGMA query_only=OFF").fetchall()
    outbox.put()
    await outbox.disk.finish()
    assert (outbox.told[-1], rows_on_disk(outbox.path)) == ("", 2)
    outbox.close()


@pytest.mark.peer
@pytest.mark.timeout(90)
async def test_readings_flow_while_the_gateways_disk_hangs_for_five_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: list[SlowDisk] = []

    def open_slow(path: Path, **options: Any) -> apsw.Connection:
        connection = open_database(path, **options)
        slow.append(SlowDisk(connection))
        return connection

    monkeypatch.setattr("gateway.outbox_file.open_database", open_slow)
    async with open_stage(tmp_path, straps=2) as stage, stage.gateway(), stage.beating() as sent:
        sensors = stage.assign_straps()
        await stage.streaming(*sensors)
        (disk,) = slow
        disk.goes_on.clear()
        await until(disk.waiting.is_set, "the commit hangs")
        on_disk = rows_on_disk(stage.settings.outbox_file)
        before = {sensor: len(stage.heard.readings(sensor)) for sensor in sensors}
        begin_s = asyncio.get_running_loop().time()
        await until(
            lambda: (
                stage.heard.status is not None and any("disk is slow" in one for one in stage.heard.status.problems)
            ),
            "staff are told",
        )
        await until(lambda: asyncio.get_running_loop().time() - begin_s > 5.0, "five seconds")
        for sensor in sensors:
            assert len(stage.heard.readings(sensor)) > before[sensor] + 20
        assert rows_on_disk(stage.settings.outbox_file) == on_disk
        disk.goes_on.set()
        await until(lambda: stage.heard.status is not None and not stage.heard.status.problems, "the problem is over")
        counts = {sensor: len(raws) for sensor, raws in sent.items()}
        await until(lambda: rows_on_disk(stage.settings.outbox_file) >= sum(counts.values()), "all on disk")
        for sensor in sensors:
            seqs = [reading.seq for reading in stage.heard.readings(sensor)]
            assert seqs == list(range(len(seqs)))
