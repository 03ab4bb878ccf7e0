"""Emergencies as the entries of a class tell them: when one began, who has which role, what was done, when it ended.

Pure: the same entries give the same state, in whatever order they came from the record and from what is on its way
there. So it survives every restart, and every screen shows the same.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from vitals.entries import EmergencyStep, Entry, EntryId
from vitals.participants import ParticipantId
from vitals.units import UtcMs

BEGAN: Final = "began"
ROLE: Final = "role"
NOTE: Final = "note"
UNDONE: Final = "undone"
ENDED: Final = "ended"

OWN_STEPS: Final = frozenset({BEGAN, ROLE, NOTE, UNDONE, ENDED})
"""Steps that mean something by themselves; all others are lines of the script."""


class TimelineLine(Struct, frozen=True, kw_only=True):
    """One thing that happened: ``step`` as in `EmergencyStep`; ``role`` and ``text`` as far as it has them."""

    at_utc_ms: UtcMs
    by: str
    step: str
    role: str = ""
    text: str = ""


class Emergency(Struct, frozen=True, kw_only=True):
    """One emergency, of a person or (``participant`` None) of the class.

    ``roles``: who has each role now, by the word in `EmergencyStep.role`. ``done``: lines of the script that are done.
    ``ended_utc_ms`` None: it runs.
    """

    id: EntryId
    participant: ParticipantId | None
    began_utc_ms: UtcMs
    began_by: str
    lines: tuple[TimelineLine, ...]
    roles: dict[str, str] = {}
    done: tuple[str, ...] = ()
    ended_utc_ms: UtcMs | None = None


def read_emergencies(entries: Iterable[Entry]) -> tuple[Emergency, ...]:
    """Return the emergencies of a class by time, also those that are over.

    A second beginning while one runs for the same person is a line of that one; what was said before any began, or
    after the end, belongs to none and is left out.

    Args:
        entries: of one session, in any order, some perhaps twice; those of other kinds are passed over.
    """
    known = {entry.id: entry for entry in entries if isinstance(entry.body, EmergencyStep)}
    found: list[Emergency] = []
    running: dict[ParticipantId | None, int] = {}
    for entry in sorted(known.values(), key=_place):
        step = entry.body
        assert isinstance(step, EmergencyStep)  # noqa: S101 - for the type checker: only these were kept
        at = running.get(entry.participant)
        if at is not None:
            found[at] = _add(found[at], entry, step)
            if step.step == ENDED:
                del running[entry.participant]
        elif step.step == BEGAN:
            running[entry.participant] = len(found)
            found.append(
                Emergency(
                    id=entry.id,
                    participant=entry.participant,
                    began_utc_ms=entry.at_utc_ms,
                    began_by=entry.by,
                    lines=(_line(entry, step),),
                )
            )
    return tuple(found)


def find_running(emergencies: Iterable[Emergency], participant: ParticipantId | None) -> Emergency | None:
    """Return the emergency of a person, or of the class, that has not ended."""
    return next((one for one in emergencies if one.participant == participant and one.ended_utc_ms is None), None)


def _place(entry: Entry) -> tuple[int, int, str]:
    """Sort by time; of what was said in the same millisecond a beginning is first and an end last."""
    step = entry.body.step if isinstance(entry.body, EmergencyStep) else ""
    return entry.at_utc_ms, {BEGAN: 0, ENDED: 2}.get(step, 1), entry.id


def _add(emergency: Emergency, entry: Entry, step: EmergencyStep) -> Emergency:
    roles, done = emergency.roles, emergency.done
    if step.step == ROLE and step.role:
        roles = roles | {step.role: step.text}
    elif step.step == UNDONE:
        done = tuple(one for one in done if one != step.text)
    elif step.step not in OWN_STEPS and step.step not in done:
        done = (*done, step.step)
    return msgspec.structs.replace(
        emergency,
        lines=(*emergency.lines, _line(entry, step)),
        roles=roles,
        done=done,
        ended_utc_ms=entry.at_utc_ms if step.step == ENDED else None,
    )


def _line(entry: Entry, step: EmergencyStep) -> TimelineLine:
    return TimelineLine(at_utc_ms=entry.at_utc_ms, by=entry.by, step=step.step, role=step.role, text=step.text)
