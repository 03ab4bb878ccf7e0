"""Who may do what: roles, deeds, and the one table that joins them. What is not in it is nobody's."""

from enum import StrEnum
from typing import Final

from vitals.units import UtcMs


class Role(StrEnum):
    """What somebody is here."""

    DISPLAY = "display"
    THERAPIST = "therapist"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Deed(StrEnum):
    """A kind of thing to do; every route and every message of the websocket is one."""

    ANYBODY = "anybody"
    """Needs no login and tells nothing about people: the login itself, health, the files of the pages."""
    WATCH = "watch"
    """The wall: also a paired display, also a login that has run out."""
    SEE_CLASS = "see_class"
    """The class of now as data, and what the record has of it."""
    RESPOND = "respond"
    """Take an alarm, pause the sound."""
    RUN_CLASS = "run_class"
    """Begin, change and end a class; enter what was said and measured; set a limit in class."""
    REVIEW = "review"
    """The class that runs, and for some hours after its end: summary, report, signature; after that it is SEE_PAST."""
    SEE_PAST = "see_past"
    """Classes that are over."""
    EDIT_CLINIC = "edit_clinic"
    """The register: people, prescriptions, sensors, class plans, what is known of staff."""
    PAIR = "pair"
    """Let walls and tablets in, and shut them out."""
    ADMINISTER = "administer"
    """Users, tokens, the audit log."""


_STAFF: Final = frozenset({Deed.ANYBODY, Deed.WATCH, Deed.SEE_CLASS, Deed.RESPOND, Deed.RUN_CLASS, Deed.REVIEW})

MAY: Final[dict[Role, frozenset[Deed]]] = {
    Role.DISPLAY: frozenset({Deed.ANYBODY, Deed.WATCH}),
    Role.THERAPIST: _STAFF,
    Role.SUPERVISOR: _STAFF | {Deed.SEE_PAST, Deed.EDIT_CLINIC, Deed.PAIR},
    Role.ADMIN: _STAFF | {Deed.SEE_PAST, Deed.EDIT_CLINIC, Deed.PAIR, Deed.ADMINISTER},
}

EMERGENCY: Final = frozenset({Deed.SEE_PAST})
"""What emergency access adds for its time: what was before, of the person in front of one; no power over others."""

RUN_OUT: Final = frozenset({Deed.ANYBODY, Deed.WATCH})
"""What a login that has run out may still do: nobody may lose sight of an alarm because a clock ran down."""

REVIEW_MS: Final = 12 * 3_600_000
"""So long after its end a class may be reviewed by everybody of the staff: the day on which they were there."""


def is_recent(ended_utc_ms: UtcMs | None, *, now_utc_ms: UtcMs) -> bool:
    """Return whether a class runs, or ended so recently that staff review it."""
    return ended_utc_ms is None or now_utc_ms - ended_utc_ms < REVIEW_MS
