"""Emergencies as every screen shows them: who, since when, who has which role, what was done."""

from typing import Final

from dashboard.emergency.timeline import Emergency
from dashboard.frames import EmergencyLineView, EmergencyView
from dashboard.view.room import Room

LINES_MAX: Final = 40
"""The newest lines of a timeline on a screen; the record has them all."""


def view_emergencies(room: Room) -> tuple[EmergencyView, ...]:
    """Return those that run in the open class, the longest first."""
    if room.session is None:
        return ()
    found = room.emergencies.get(room.session.roster.session, ())
    return tuple(_view(room, one) for one in found if one.ended_utc_ms is None)


def _view(room: Room, emergency: Emergency) -> EmergencyView:
    seat = None if emergency.participant is None else room.seats.get(emergency.participant)
    return EmergencyView(
        id=emergency.id,
        participant=emergency.participant,
        seat=None if seat is None else seat.seat,
        alias=None if seat is None else seat.alias,
        began_utc_ms=emergency.began_utc_ms,
        began_by=emergency.began_by,
        roles=emergency.roles,
        done=emergency.done,
        lines=tuple(
            EmergencyLineView(at_utc_ms=line.at_utc_ms, by=line.by, step=line.step, role=line.role, text=line.text)
            for line in emergency.lines[-LINES_MAX:]
        ),
    )
