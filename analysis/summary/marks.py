"""Artefact marks: stretches that somebody took out of a report, with who and why; a withdrawn one counts no more."""

from collections.abc import Iterable

from msgspec import Struct

from analysis.summary.part import Part, Vital
from vitals.entries import Artefact, EntryId
from vitals.units import UtcMs


class Mark(Struct, frozen=True, kw_only=True):
    """One mark, ms after the start. ``withdrawn_by``: it was taken back, and the readings count again."""

    id: EntryId
    vital: Vital
    from_ms: int
    to_ms: int
    by: str
    at_utc_ms: UtcMs
    why: str
    withdrawn_by: str = ""
    withdrawn_why: str = ""


def marks_of(part: Part) -> tuple[Mark, ...]:
    """Return all marks of a part in the order in which they were made; one of a signal that nobody knows is none."""
    marks: dict[tuple[str, int, int], Mark] = {}
    for entry in part.entries:
        body = entry.body
        if not isinstance(body, Artefact) or body.signal not in set(Vital) or entry.participant != part.participant:
            continue
        key = (body.signal, body.from_utc_ms, body.to_utc_ms)
        known = marks.get(key)
        if body.is_withdrawn:
            if known is not None:
                marks[key] = _copy(known, withdrawn_by=entry.by, withdrawn_why=body.why)
        else:
            marks[key] = Mark(
                id=entry.id,
                vital=Vital(body.signal),
                from_ms=max(0, body.from_utc_ms - part.started_utc_ms),
                to_ms=min(part.until_ms, body.to_utc_ms - part.started_utc_ms),
                by=entry.by,
                at_utc_ms=entry.at_utc_ms,
                why=body.why,
            )
    return tuple(marks.values())


def stretches_of(marks: Iterable[Mark], vital: Vital) -> tuple[tuple[int, int], ...]:
    """Return from when to when readings of a vital sign are left out."""
    return tuple(
        (mark.from_ms, mark.to_ms)
        for mark in marks
        if mark.vital is vital and not mark.withdrawn_by and mark.from_ms < mark.to_ms
    )


def _copy(mark: Mark, *, withdrawn_by: str, withdrawn_why: str) -> Mark:
    return Mark(
        id=mark.id,
        vital=mark.vital,
        from_ms=mark.from_ms,
        to_ms=mark.to_ms,
        by=mark.by,
        at_utc_ms=mark.at_utc_ms,
        why=mark.why,
        withdrawn_by=withdrawn_by,
        withdrawn_why=withdrawn_why,
    )
