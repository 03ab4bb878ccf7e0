"""Escalation: who is called when about an alarm, as alerts tells it from the site's policy. Words only."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from vitals.alarms import Priority


class Called(StrEnum):
    """Whom a step of the policy calls."""

    ASSIGNED = "assigned"
    """Whose participant it is; if nobody's, all on duty."""
    ON_DUTY = "on_duty"
    """All on duty in the session; for an alarm without a session, in any."""
    SUPERVISOR = "supervisor"
    EVERYBODY = "everybody"
    """Who is on duty, and everybody else who has a phone."""


class Ways(StrEnum):
    """By which ways a step calls somebody."""

    FIRST = "first"
    """Those that are quick and can be answered; who has none of them is called by the others at once."""
    ALL = "all"


class TimelineRow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step: ``after_s`` from the onset (or from the accept, where ``again``) if nobody has accepted.

    ``every_s``: the step is repeated so often, until somebody accepts. No ``called``: the screens alone show it.
    """

    priority: Priority
    after_s: float
    called: tuple[Called, ...] = ()
    ways: Ways = Ways.FIRST
    every_s: float | None = None
    again: bool = False


class PolicyTimeline(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The policy in force as a timeline (retained, from alerts): rows by priority, then by time."""

    v: Literal[1] = 1
    name: str
    version: int
    rows: Annotated[tuple[TimelineRow, ...], Meta(max_length=128)]
