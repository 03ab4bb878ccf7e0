"""Duty: which staff look after a class now, in which role, and whose alarms are theirs first."""

from enum import StrEnum
from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct

from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

StaffId = NewType("StaffId", str)
"""The login of a member of staff, 1 to 32 of ``a-z 0-9 . _ -``; what a person is called stays with the clinic."""


class DutyRole(StrEnum):
    """As what somebody is on duty."""

    THERAPIST = "therapist"
    SUPERVISOR = "supervisor"


class OnDuty(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One member of staff on duty. ``participants``: whose alarms are theirs first; of nobody in particular: empty."""

    staff: Annotated[StaffId, Meta(min_length=1, max_length=32)]
    role: DutyRole
    since_utc_ms: UtcMs
    participants: Annotated[tuple[ParticipantId, ...], Meta(max_length=1000)] = ()


class SessionDuty(Struct, frozen=True, kw_only=True):
    """Who is on duty in one class."""

    session: SessionId
    room: str
    members: Annotated[tuple[OnDuty, ...], Meta(max_length=64)]


class Duty(Struct, frozen=True, kw_only=True):
    """All duty of a site (retained, from the dashboard, a higher version with each change)."""

    v: Literal[1] = 1
    version: Annotated[int, Meta(ge=0)]
    sessions: Annotated[tuple[SessionDuty, ...], Meta(max_length=64)] = ()
