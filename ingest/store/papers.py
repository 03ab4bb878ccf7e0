"""Writes what is no stream: rosters with the sessions they describe, commands, courses, refused messages, counts.

All inside the writer's transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import apsw

from ingest.store.assignments import rows_of
from ingest.store.batch import HeardCommand, HeardRoster, Refusal
from ingest.store.query import query
from vitals.commands import RecordCourse, RecordEntry, verb_of
from vitals.sessions import Roster
from vitals.wire import encode

REFUSED_ROWS_MAX: Final = 10_000
"""Refused messages in the record, 5 MB at most; the oldest make room."""


def store_rosters(
    connection: apsw.Connection, rosters: Iterable[HeardRoster], *, blot: Callable[[Roster], Roster]
) -> None:
    """Keep every version of every roster once, and derive the session from its newest; ``blot``: whom to leave out.

    The newest is the highest version; of two that differ under one number the one that came last.
    """
    for heard in rosters:
        roster = blot(heard.roster)
        before = connection.total_changes()
        connection.execute(
            "INSERT INTO roster (session, version, received_utc_ms, final, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (session, version, body) DO UPDATE SET final = 1 WHERE excluded.final > final",
            (roster.session, roster.version, heard.received_utc_ms, heard.final, encode(roster)),
        )
        if connection.total_changes() == before:
            continue
        known = query(connection, "SELECT version FROM session WHERE id = ?", (roster.session,))
        if not known or known[0][0] <= roster.version:
            _derive_session(connection, roster)


def _derive_session(connection: apsw.Connection, roster: Roster) -> None:
    connection.execute(
        "INSERT INTO session (id, version, room, generation_mode, started_utc_ms, ended_utc_ms, final)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT max(final) FROM roster WHERE session = ?1))"
        " ON CONFLICT (id) DO UPDATE SET version = excluded.version, room = excluded.room,"
        " generation_mode = excluded.generation_mode, started_utc_ms = excluded.started_utc_ms,"
        " ended_utc_ms = excluded.ended_utc_ms, final = excluded.final",
        (
            roster.session,
            roster.version,
            roster.room,
            roster.generation_mode.value,
            roster.started_utc_ms,
            roster.ended_utc_ms,
        ),
    )
    connection.execute("DELETE FROM assignment WHERE session = ?", (roster.session,))
    connection.executemany(
        "INSERT INTO assignment (session, participant, sensor, sensor_kind, gateway, from_utc_ms, to_utc_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(roster.session, *row) for row in rows_of(roster)],
    )


def store_commands(connection: apsw.Connection, commands: Iterable[HeardCommand]) -> None:
    """Keep every command once, whoever it was for and however often it was repeated; entries and courses by session.

    A course is kept in its own table alone: it is no word of a person.
    """
    commands = tuple(commands)
    connection.executemany(
        "INSERT INTO entry (id, session, participant, at_utc_ms, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (entry.id, entry.session, entry.participant, entry.at_utc_ms, encode(entry))
            for heard in commands
            if isinstance(heard.command.body, RecordEntry)
            for entry in (heard.command.body.entry,)
        ],
    )
    connection.executemany(
        "INSERT INTO command (id, received_utc_ms, owner, verb, by, at_utc_ms, why, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        [
            (
                heard.command.id,
                heard.received_utc_ms,
                heard.command.owner,
                verb_of(heard.command),
                heard.command.by,
                heard.command.at_utc_ms,
                heard.command.why,
                encode(heard.command.body),
            )
            for heard in commands
            if not isinstance(heard.command.body, RecordCourse)
        ],
    )
    connection.executemany(
        "INSERT INTO course (alarm_id, ended_utc_ms, onset_utc_ms, session, participant, body)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (
                course.alarm_id,
                course.ended_utc_ms,
                course.onset_utc_ms,
                course.session,
                course.participant,
                encode(course),
            )
            for heard in commands
            if isinstance(heard.command.body, RecordCourse)
            for course in (heard.command.body.course,)
        ],
    )


def store_refusals(connection: apsw.Connection, refusals: list[Refusal]) -> None:
    """Keep refused messages, at most `REFUSED_ROWS_MAX`."""
    if not refusals:
        return
    connection.executemany(
        "INSERT INTO refused (received_utc_ms, topic, reason, problem, payload_bytes, payload_start)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        refusals,
    )
    connection.execute(
        "DELETE FROM refused WHERE id <= (SELECT max(id) FROM refused) - ?",
        (REFUSED_ROWS_MAX,),
    )


def store_counts(connection: apsw.Connection, counts: Mapping[str, int]) -> None:
    """Add to the counts since the record was made."""
    connection.executemany(
        "INSERT INTO counter (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        [(name, value) for name, value in counts.items() if value],
    )
