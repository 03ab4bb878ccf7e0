"""What clinic.db forgets of a person, and what it keeps about the forgetting: a row for each owner of a file."""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct, structs

from dashboard.classes import ClassBody, ParticipantBody
from dashboard.register.shelf import Shelf
from vitals.commands import CommandId
from vitals.participants import ParticipantId
from vitals.sessions import Roster
from vitals.units import UtcMs

NOBODY: Final = ParticipantBody(id="erased", seat=1)
"""Stands in the description of a class of which nobody is left: without anybody it would be none."""


class ErasureStep(Struct, frozen=True, kw_only=True):
    """What one owner was asked. ``refused``: why it will not; empty: it has not said so."""

    participant: ParticipantId
    owner: str
    command: CommandId
    asked_utc_ms: UtcMs
    by: str
    why: str
    done_utc_ms: UtcMs | None
    refused: str


class Erasures:
    """Reads and writes clinic.db through its shelf."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the file."""
        self._shelf: Final = shelf

    def begin(self, steps: Iterable[ErasureStep]) -> None:
        """Keep what is asked of whom, and forget the person here, all at once or not at all.

        Raises:
            StorageError: the disk did not take it; nothing is changed.
        """
        steps = tuple(steps)
        self._shelf.run("PRAGMA secure_delete=ON")
        with self._shelf.change():
            for step in steps:
                self._shelf.run(
                    "INSERT OR REPLACE INTO erasure VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    tuple(structs.asdict(step).values()),
                )
            for participant in {step.participant for step in steps}:
                self._forget(participant)

    def answered(self, command: CommandId, *, at_utc_ms: UtcMs, refused: str) -> None:
        """Keep an owner's answer."""
        done = None if refused else at_utc_ms
        with self._shelf.change():
            self._shelf.run(
                "UPDATE erasure SET done_utc_ms = ?, refused = ? WHERE command = ?", (done, refused, command)
            )

    def steps(self, participant: ParticipantId | None = None) -> tuple[ErasureStep, ...]:
        """Return what was asked about one person, or about all."""
        rows = self._shelf.rows(
            "SELECT participant, owner, command, asked_utc_ms, staff, why, done_utc_ms, refused FROM erasure"
            " WHERE ?1 IS NULL OR participant = ?1 ORDER BY asked_utc_ms, participant, owner",
            (participant,),
        )
        names = [field.name for field in structs.fields(ErasureStep)]
        return tuple(ErasureStep(**dict(zip(names, row, strict=True))) for row in rows)

    def _forget(self, participant: ParticipantId) -> None:
        """Delete a person's rows, and take the person out of what names several."""
        run = self._shelf.run
        for session, body in self._shelf.rows(
            "SELECT id, class FROM session WHERE id IN (SELECT session FROM participant WHERE id = ?1)"
            " OR instr(class, CAST(?2 AS BLOB))",
            (participant, _quoted(participant)),
        ):
            run("UPDATE session SET class = ? WHERE id = ?", (_without(body, participant), session))
        for session, version, body in self._shelf.rows(
            "SELECT session, version, body FROM roster WHERE instr(body, CAST(? AS BLOB))", (_quoted(participant),)
        ):
            roster = msgspec.json.decode(body, type=Roster)
            others = tuple(entry for entry in roster.entries if entry.participant != participant)
            rest = msgspec.json.encode(structs.replace(roster, entries=others))
            run("UPDATE roster SET body = ? WHERE session = ? AND version = ?", (rest, session, version))
        for number, body in self._shelf.rows(
            "SELECT id, body FROM plan WHERE instr(body, CAST(? AS BLOB))", (_quoted(participant),)
        ):
            run("UPDATE plan SET body = ? WHERE id = ?", (_without_seat(body, participant), number))
        for session, staff, people in self._shelf.rows(
            "SELECT session, staff, participants FROM duty WHERE instr(participants, CAST(? AS BLOB))",
            (_quoted(participant),),
        ):
            left = [one for one in msgspec.json.decode(people, type=list[str]) if one != participant]
            run(
                "UPDATE duty SET participants = ? WHERE session = ? AND staff = ?",
                (msgspec.json.encode(left), session, staff),
            )
        for table in _tables_with(self._shelf, "participant"):
            if table != "erasure":
                run(f"DELETE FROM {table} WHERE participant = ?", (participant,))  # noqa: S608 - a name of our schema
        run("DELETE FROM participant WHERE id = ?", (participant,))
        run("UPDATE sensor SET owner = NULL WHERE owner = ?", (participant,))
        run("DELETE FROM prescription WHERE person = ?", (participant,))
        run("DELETE FROM person WHERE id = ?", (participant,))


def _tables_with(shelf: Shelf, column: str) -> list[str]:
    """Return the tables that have a column: one that is added later is forgotten from, too."""
    rows = shelf.rows(
        "SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND c.name = ?",
        (column,),
    )
    return [name for (name,) in rows]


def _quoted(participant: str) -> str:
    return msgspec.json.encode(participant).decode()


def _without(body: bytes, participant: str) -> bytes:
    """Return the description of a class without a person."""
    given = ClassBody.model_validate_json(body)
    left = tuple(person for person in given.participants if person.id != participant) or (NOBODY,)
    return given.model_copy(update={"participants": left}).model_dump_json(exclude_none=True).encode()


def _without_seat(body: bytes, participant: str) -> bytes:
    """Return a plan without a person: their seat, and that their alarms are somebody's first."""
    plan = msgspec.json.decode(body)
    plan["seats"] = [seat for seat in plan.get("seats", ()) if seat["person"] != participant]
    for member in plan.get("staff", ()):
        member["own"] = [one for one in member.get("own", ()) if one != participant]
    return msgspec.json.encode(plan)
