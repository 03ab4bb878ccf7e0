"""Doctor says what is deleted by age, and names by number who has been away for longer; it deletes nobody."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from cli.doctor.finding import Level
from cli.doctor.keeping import NAMED_MAX, check_keeping, judge_away
from dashboard.clinic import Clinic
from tests.dashboard.review.past_class import PastClass, person_id, write_past_class
from vitals.part_settings import IngestSettings
from vitals.settings import Settings
from vitals.units import UtcMs

DAY_MS = 86_400_000


def settings_of(folder: Path, *, readings: int | None = None, classes: int | None = None) -> Settings:
    return Settings(data=folder, ingest=IngestSettings(keep_readings_days=readings, keep_sessions_days=classes))


def register(folder: Path, **days_ago: int) -> None:
    now = time.time_ns() // 1_000_000
    with closing(Clinic(folder / "clinic.db")) as clinic:
        for person, days in days_ago.items():
            clinic.shelf.run(
                "INSERT INTO person VALUES (?, NULL, 'A', 'Ann Smith', 1, ?)", (person, now - days * DAY_MS)
            )


def test_without_a_rule_everything_is_kept_and_nobody_is_named(tmp_path: Path) -> None:
    register(tmp_path, old=4000)
    (found,) = check_keeping(settings_of(tmp_path))
    assert (found.level, found.what) == (Level.OK, "kept")
    (found,) = check_keeping(settings_of(tmp_path, readings=90))
    assert found.detail == "readings 90 days"


def test_who_has_been_away_for_longer_than_classes_are_kept_is_named_by_number_only(tmp_path: Path) -> None:
    register(tmp_path, old=500, lately=20, treated=500)
    with closing(Clinic(tmp_path / "clinic.db")) as clinic:
        now = time.time_ns() // 1_000_000
        clinic.shelf.run("INSERT INTO prescription VALUES ('treated', 1, ?, 's', 'w', x'7b7d')", (now - DAY_MS,))
    _, found = check_keeping(settings_of(tmp_path, classes=400))
    assert found.level is Level.WARN
    assert "1 people" in found.detail
    assert " old;" in found.detail
    assert "vitals erase" in found.detail
    assert "Ann" not in found.detail
    with closing(Clinic(tmp_path / "clinic.db")) as clinic:
        assert clinic.shelf.rows("SELECT count(*) FROM person")[0][0] == 3


@pytest.mark.parametrize("is_in_clinic", [True, False])
def test_of_whom_a_class_is_kept_nobody_speaks(tmp_path: Path, is_in_clinic: bool) -> None:  # noqa: FBT001 - a table
    now = time.time_ns() // 1_000_000
    write_past_class(tmp_path, PastClass(minutes=1, people=1, started_utc_ms=now - 3 * DAY_MS))
    register(tmp_path, **{person_id(1): 500})
    if not is_in_clinic:
        with closing(Clinic(tmp_path / "clinic.db")) as clinic:
            clinic.delete_ended(before_utc_ms=UtcMs(now))
    _, found = check_keeping(settings_of(tmp_path, classes=400))
    assert found.level is Level.OK


def test_many_are_counted_and_some_named() -> None:
    found = judge_away([f"p{number}" for number in range(NAMED_MAX + 3)], days=30)
    assert f"{NAMED_MAX + 3} people" in found.detail
    assert f"p{NAMED_MAX}" not in found.detail
