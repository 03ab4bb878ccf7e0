"""The clinic's own classes go by age with those of the record; its register of people does not."""

from contextlib import closing
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import apsw
from msgspec.structs import replace

from dashboard.clinic import DELETED_MAX, Clinic
from dashboard.review.review_desk import ReviewDesk
from dashboard.review.warmer import DAY_MS, Warmer
from tests.dashboard.review.past_class import PastClass, person_id, write_past_class
from vitals.sessions import SessionId
from vitals.units import UtcMs

PAST: Final = PastClass(minutes=1, people=2)
ENDED: Final = UtcMs(PAST.ended_utc_ms)
REGISTER: Final = {"gateway", "person", "prescription", "sensor", "plan", "staff", "duty_version", "erasure"}


def rows_of(path: Path) -> dict[str, int]:
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        tables = [str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: len(connection.execute(f"SELECT 1 FROM {name}").fetchall()) for name in tables}  # noqa: S608 - names


def write_classes(folder: Path, count: int) -> None:
    for number in range(count):
        write_past_class(folder, replace(PAST, session=SessionId(f"past-{number}"), run=f"run-{number}"))


def test_a_class_that_is_deleted_leaves_no_row_but_those_of_the_register(tmp_path: Path) -> None:
    write_classes(tmp_path, 1)
    path = tmp_path / "clinic.db"
    with closing(Clinic(path)) as clinic:
        session = SessionId("past-0")
        clinic.shelf.run("INSERT INTO person VALUES (?, NULL, 'Ann', 'Ann', 1, 0)", (person_id(1),))
        clinic.shelf.run("INSERT INTO duty VALUES (?, 'tom', 'lead', 0, x'5b5d')", (session,))
        clinic.shelf.run("INSERT INTO plan VALUES ('p', x'7b7d', 0, 0)")
        clinic.shelf.run("INSERT INTO plan_run VALUES (?, 'p', 0)", (session,))
        clinic.shelf.run("INSERT INTO override VALUES (?, 9, ?, 'HR_OVER', 1, 's', 'w', 0)", (session, person_id(1)))
        clinic.shelf.run("INSERT INTO correction VALUES (?, 9, 's', 'w', 0, x'5b5d')", (session,))
        before = rows_of(path)
        assert all(before[table] for table in before.keys() - REGISTER), "a table of classes without a row here"
        assert clinic.delete_ended(before_utc_ms=ENDED) == 0, "not yet so old"
        assert clinic.delete_ended(before_utc_ms=UtcMs(ENDED + 1)) == 1
        after = rows_of(path)
        assert {table for table, rows in after.items() if rows} <= REGISTER
        assert {table: after[table] for table in REGISTER} == {table: before[table] for table in REGISTER}


def test_a_class_that_the_record_never_had_whole_stays(tmp_path: Path) -> None:
    write_classes(tmp_path, 1)
    with closing(Clinic(tmp_path / "clinic.db")) as clinic:
        clinic.shelf.run("UPDATE session SET is_recorded = 0")
        assert clinic.delete_ended(before_utc_ms=UtcMs(ENDED + 1)) == 0


async def test_the_dashboard_deletes_old_classes_piece_by_piece_and_only_where_the_site_says_so(tmp_path: Path) -> None:
    count = DELETED_MAX + 2
    write_classes(tmp_path, count)
    now = UtcMs(ENDED + 30 * DAY_MS + 1)
    desk = ReviewDesk(
        record_file=tmp_path / "record.db", clinic_file=tmp_path / "clinic.db", rules_file=None, zone=ZoneInfo("UTC")
    )
    with closing(desk), closing(Clinic(tmp_path / "clinic.db")) as clinic:
        left = []
        for days in (None, 31, 30, 30):
            warmer = Warmer(
                desk,
                now_utc_ms=lambda: now,
                keep_days=days,
                delete_classes=lambda before_utc_ms: clinic.delete_ended(before_utc_ms=before_utc_ms),
            )
            await warmer.look()
            left.append(len(clinic.recent_sessions()))
        assert left == [count, count, 2, 0]
