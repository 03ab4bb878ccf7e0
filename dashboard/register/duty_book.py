"""Who is on duty in which class, kept in clinic.db; `dashboard.register.duty_desk` says it to the other parts."""

from typing import Final

import msgspec

from dashboard.register.shelf import Shelf
from vitals.duty import Duty, DutyRole, OnDuty, SessionDuty, StaffId
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

MEMBERS_MAX: Final = 64
"""What travels of one class (`vitals.duty.SessionDuty`)."""


class DutyBook:
    """The duty of all classes."""

    def __init__(self, shelf: Shelf) -> None:
        """Keep the file."""
        self._shelf: Final = shelf

    def members(self, session: SessionId) -> tuple[OnDuty, ...]:
        """Return who is on duty in a class, or was when it ended, by login."""
        rows = self._shelf.rows(
            "SELECT staff, role, since_utc_ms, participants FROM duty WHERE session = ? ORDER BY staff", (session,)
        )
        return tuple(
            OnDuty(
                staff=staff,
                role=DutyRole(role),
                since_utc_ms=since,
                participants=msgspec.json.decode(people, type=tuple[ParticipantId, ...]),
            )
            for staff, role, since, people in rows
        )

    def put(self, session: SessionId, members: tuple[OnDuty, ...]) -> None:
        """Keep who is on duty in a class; who stays in the same role has been there since before."""
        before = {one.staff: one for one in self.members(session)}
        with self._shelf.change():
            self._shelf.run("DELETE FROM duty WHERE session = ?", (session,))
            for one in members:
                known = before.get(one.staff)
                since = known.since_utc_ms if known is not None and known.role is one.role else one.since_utc_ms
                people = msgspec.json.encode(one.participants)
                self._shelf.run(
                    "INSERT INTO duty VALUES (?, ?, ?, ?, ?)", (session, one.staff, one.role.value, since, people)
                )
            self.raise_version()

    def open_classes(self) -> tuple[tuple[SessionId, str], ...]:
        """Return the classes that have not ended, with their rooms, oldest first."""
        rows = self._shelf.rows("SELECT id, room FROM session WHERE ended_utc_ms IS NULL ORDER BY started_utc_ms, id")
        return tuple((session, room) for session, room in rows)

    def duty(self) -> Duty:
        """Return the duty of all classes that run."""
        ((version,),) = self._shelf.rows("SELECT version FROM duty_version")
        found = [
            SessionDuty(session=session, room=room, members=self.members(session))
            for session, room in self.open_classes()
        ]
        return Duty(version=version, sessions=tuple(one for one in found if one.members)[:64])

    def raise_version(self) -> None:
        """Begin a new version: what is said next differs from what was said."""
        self._shelf.run("UPDATE duty_version SET version = version + 1")


def put_member(
    members: tuple[OnDuty, ...],
    staff: StaffId,
    role: DutyRole,
    people: tuple[ParticipantId, ...],
    *,
    utc_ms: UtcMs,
) -> tuple[OnDuty, ...]:
    """Return the members with one of them in a role and with these people; pure."""
    mine = OnDuty(staff=staff, role=role, since_utc_ms=utc_ms, participants=people)
    return (*(one for one in members if one.staff != staff), mine)
