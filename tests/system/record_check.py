"""What must be true of the record after anything: every reading that reached the outbox once, no hole unexplained."""

from tests.system.running import RunningSystem, until


def unsent_n(system: RunningSystem) -> int:
    """How many readings wait in the gateway's outbox for the record."""
    return int(system.query("outbox.db", "SELECT count(*) FROM outbox_message")[0][0])


def stored_n(system: RunningSystem) -> int:
    return int(system.query("record.db", "SELECT count(*) FROM reading")[0][0])


def events_n(system: RunningSystem, change: str, rule: str) -> dict[str, int]:
    """How often the record says of each alarm of a rule that something happened to it."""
    rows = system.query(
        "record.db",
        "SELECT alarm_id, count(*) FROM alarm_event "
        "WHERE change = ? AND json_extract(body, '$.alarm.rule') = ? GROUP BY 1",
        change,
        rule,
    )
    return {str(alarm_id): int(count) for alarm_id, count in rows}


async def until_all_is_stored(system: RunningSystem) -> None:
    """Wait until the record has caught up: what the outbox held a moment ago is gone from it."""
    newest = system.query("outbox.db", "SELECT coalesce(max(id), 0) FROM outbox_message")[0][0]
    await until(
        lambda: not system.query("outbox.db", "SELECT 1 FROM outbox_message WHERE id <= ? LIMIT 1", newest),
        "the record has what the outbox held",
        within_s=60,
    )


def holes(system: RunningSystem) -> list[tuple[object, ...]]:
    """Streams in which the number of readings up to the cursor is not the number of seqs, or that have a gap."""
    return system.query(
        "record.db",
        """
        SELECT stream.id, stream.kind, stream.cursor, count(reading.seq)
        FROM stream LEFT JOIN reading ON reading.stream = stream.id AND reading.seq <= stream.cursor
        WHERE stream.kind IN ('hr', 'oximeter', 'battery')
        GROUP BY stream.id HAVING count(reading.seq) != stream.cursor + 1
        UNION ALL SELECT stream, cause, first, last FROM gap
        """,
    )
