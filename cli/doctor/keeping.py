"""What is deleted by age, and whom the register still knows though nothing of them is left."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cli.doctor.finding import Finding, ok, warn
from vitals.settings import Settings

NAMED_MAX: Final = 5
"""People in one line; the next run names the next ones."""

# The newest sign of somebody: entered, prescribed for, or in a class that the clinic still has.
_AWAY: Final = """
SELECT person.id, max(created_utc_ms, coalesce((SELECT max(utc_ms) FROM prescription WHERE person = person.id), 0),
    coalesce((SELECT max(started_utc_ms) FROM participant JOIN session ON session.id = participant.session
        WHERE participant.id = person.id), 0)) AS seen
FROM person WHERE seen < ? ORDER BY seen, person.id
"""


def check_keeping(settings: Settings) -> Sequence[Finding]:
    """Say what the site deletes by age, and who has been away for longer than that."""
    readings, classes = settings.ingest.keep_readings_days, settings.ingest.keep_sessions_days
    if readings is None and classes is None:
        return (ok("kept", "everything, for ever: no ingest.keep_readings_days, no ingest.keep_sessions_days"),)
    told = ", ".join(
        f"{what} {days} days" for what, days in (("readings", readings), ("classes", classes)) if days is not None
    )
    if classes is None or not settings.clinic_file.exists():
        return (ok("kept", told),)
    before = datetime.now(UTC) - timedelta(days=classes)
    return (ok("kept", told), judge_away(_find_away(settings, round(before.timestamp() * 1000)), days=classes))


def judge_away(people: Sequence[str], *, days: int) -> Finding:
    """Return who is to be looked at; whether to forget them, the clinic decides."""
    if not people:
        return ok("register", f"nobody in it has been away for more than {days} days")
    named = ", ".join(people[:NAMED_MAX]) + (", ..." if len(people) > NAMED_MAX else "")
    return warn(
        "register",
        f"{len(people)} people have been away for more than {days} days and no class is kept of them: {named};"
        " when nothing obliges the clinic to keep them: vitals erase --participant ID --why TEXT",
    )


def _find_away(settings: Settings, before_utc_ms: int) -> list[str]:
    from ingest.store.reader import RecordReader  # noqa: PLC0415 - doctor must speak also where packages are missing
    from vitals.database import open_reader, storage_errors  # noqa: PLC0415
    from vitals.participants import ParticipantId  # noqa: PLC0415

    with closing(open_reader(settings.clinic_file)) as connection, storage_errors(settings.clinic_file):
        rows: list[Any] = connection.execute(_AWAY, (before_utc_ms,)).fetchall()
    people = [str(person) for person, _ in rows]
    if not settings.record_file.exists():
        return people
    with closing(RecordReader(settings.record_file)) as reader:
        return [person for person in people if not reader.sessions_of(ParticipantId(person))]
