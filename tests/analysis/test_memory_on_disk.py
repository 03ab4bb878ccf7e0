"""Analysis' file: what it gives back, and what happens when the disk gives or takes nothing."""

from pathlib import Path

import apsw
import pytest

from analysis.core.state import EngineState
from analysis.rule_set import DEFAULT
from analysis.snapshot import SnapshotFile
from tests.analysis.scenario import Scenario
from vitals.clock import Clock
from vitals.errors import StorageError, StorageReason
from vitals.outbox import OutboxStore
from vitals.readings import RunId
from vitals.streamclock import StreamClock
from vitals.units import MonotonicMs

CLOCK = Clock()
CLOCKS = {RunId("r1"): StreamClock(offset_ms=5)}


def open_file(folder: Path) -> SnapshotFile:
    return SnapshotFile(folder / "analysis.db", clock=CLOCK, rules=DEFAULT)


def open_outbox(file: SnapshotFile, run: str = "r1") -> OutboxStore:
    return OutboxStore(
        file.connection, source="analysis", run=RunId(run), bytes_max=10**7, age_ms_max=10**8, clock=CLOCK
    )


def put(outbox: OutboxStore) -> None:
    seq = outbox.reserve("analysis", "alarm")
    outbox.put(topic="t", subject="analysis", kind="alarm", seq=seq, body=b"{}", mono_ms=CLOCK.mono_ms())


def test_state_clocks_and_events_come_back_together(tmp_path: Path) -> None:
    state = Scenario().play(0, 12, 130).engine.state
    file = open_file(tmp_path)
    outbox = open_outbox(file)
    put(outbox)
    file.commit(state, CLOCKS, outbox)
    file.close()
    again = open_file(tmp_path)
    remembered = again.load()
    assert (remembered.state, remembered.clocks, remembered.loss) == (state, CLOCKS, "")
    assert open_outbox(again, "r2").unconfirmed == 1
    again.close()


def test_an_event_is_not_sent_before_it_is_on_disk(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    outbox = open_outbox(file)
    put(outbox)
    assert not outbox.live
    file.commit(EngineState(), {}, outbox)
    assert len(outbox.live) == 1
    file.close()


def test_a_full_disk_changes_nothing_on_it_and_loses_no_event(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    outbox = open_outbox(file)
    file.commit(EngineState(), {}, outbox)
    pages = int(str(file.connection.execute("PRAGMA page_count").fetchall()[0][0]))
    file.connection.execute(f"PRAGMA max_page_count={pages}").fetchall()
    large = Scenario().play(0, 12, 130).engine.state
    large.rosters = {f"c{number}": number for number in range(5_000)}  # type: ignore[misc]
    put(outbox)
    with pytest.raises(StorageError) as full:
        file.commit(large, {}, outbox, whole=True)
    assert full.value.reason is StorageReason.DISK_FULL
    assert not outbox.live
    assert file.load().state == EngineState()
    file.connection.execute("PRAGMA max_page_count=100000").fetchall()
    file.commit(large, {}, outbox, whole=True)
    assert len(outbox.live) == 1
    assert file.load().state == large
    file.close()


def test_after_a_reboot_times_are_on_the_new_clock(tmp_path: Path) -> None:
    state = Scenario().play(0, 12, 130).engine.state
    file = open_file(tmp_path)
    file.commit(state, CLOCKS, open_outbox(file))
    now_ms = CLOCK.mono_ms()
    file.connection.execute(
        "UPDATE snapshot SET epoch = 'another boot', mono_ms = ?, utc_ms = ?", (1_012_000, CLOCK.utc_ms() - 60_000)
    ).fetchall()
    remembered = file.load()
    onset_ms = remembered.state.alarms["p01/HR_OVER"].onset_mono_ms
    # The snapshot was taken 2 s after the onset, and 60 s ago.
    assert onset_ms == pytest.approx(now_ms - 62_000, abs=10_000)
    assert remembered.state.alarms["p01/HR_OVER"].onset_utc_ms == state.alarms["p01/HR_OVER"].onset_utc_ms
    assert remembered.clocks == {}
    file.close()


def test_memory_that_cannot_be_read_is_told_and_does_not_keep_analysis_from_watching(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = open_file(tmp_path)
    file.commit(Scenario().play(0, 12, 130).engine.state, {}, open_outbox(file))
    file.connection.execute("UPDATE snapshot SET state = x'8101'").fetchall()
    remembered = file.load()
    assert remembered.state == EngineState()
    assert "forgotten" in remembered.loss
    (told,) = [record for record in caplog.records if "memory lost" in record.getMessage()]
    assert told.exc_info is None
    assert "\n" not in told.getMessage()
    file.close()


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "analysis.db"
    path.write_bytes(b"nothing of the sort" * 100)
    with pytest.raises(StorageError, match=r"analysis\.db"):
        SnapshotFile(path, clock=CLOCK, rules=DEFAULT)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "analysis.db"
    SnapshotFile(path, clock=CLOCK, rules=DEFAULT).close()
    with apsw.Connection(str(path)) as connection:
        connection.execute("PRAGMA user_version=99").fetchall()
    connection.close()
    with pytest.raises(StorageError) as refused:
        SnapshotFile(path, clock=CLOCK, rules=DEFAULT)
    assert refused.value.reason is StorageReason.NEWER_SCHEMA


def test_an_empty_file_remembers_nothing(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    assert file.load().state == EngineState()
    assert MonotonicMs(0) == file.load().state.refreshed_ms
    file.close()
