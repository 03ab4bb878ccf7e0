"""What was entered about one person of a class, by time, and in which phases that person was. Pure."""

from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct

from vitals.entries import Entry, EntryBody, Joined, Released
from vitals.participants import ParticipantId
from vitals.sensors import SensorKind
from vitals.sessions import Phase, Roster, RosterEntry
from vitals.units import UtcMs

Kind = TypeVar("Kind")


class Story(Struct, frozen=True, kw_only=True):
    """The entries of one person, oldest first."""

    entries: tuple[Entry, ...] = ()

    def last(self, kind: type[EntryBody], *, since_utc_ms: int = 0) -> Entry | None:
        """Return the newest entry of a kind that is not older than a time."""
        for entry in reversed(self.entries):
            if entry.at_utc_ms < since_utc_ms:
                return None
            if isinstance(entry.body, kind):
                return entry
        return None

    @property
    def joined(self) -> Entry | None:
        """The arrival of somebody who is here: the first since the last time the person left."""
        gone = self.last(Released)
        since = -1 if gone is None else gone.at_utc_ms
        came = (entry for entry in self.entries if isinstance(entry.body, Joined) and entry.at_utc_ms > since)
        return next(came, None)

    @property
    def released(self) -> Entry | None:
        """The newest leave, unless the person has come back since."""
        return None if self.joined is not None else self.last(Released)

    def since_utc_ms(self, started_utc_ms: UtcMs) -> UtcMs:
        """Return from when on this visit counts: the start of the class, or the leave before it."""
        gone = self.last(Released)
        return started_utc_ms if gone is None else UtcMs(gone.at_utc_ms + 1)


def tell_stories(entries: Iterable[Entry]) -> dict[ParticipantId, Story]:
    """Return the stories of all people of whom anything was entered."""
    told: dict[ParticipantId, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.at_utc_ms):
        if entry.participant is not None:
            told.setdefault(entry.participant, []).append(entry)
    return {participant: Story(entries=tuple(found)) for participant, found in told.items()}


class Span(Struct, frozen=True, kw_only=True):
    """A phase of one person, from a time on. ``station_utc_ms``: since when at the present machine in it."""

    phase: Phase
    from_utc_ms: UtcMs
    station_utc_ms: UtcMs
    machine: str = ""


Spans = dict[ParticipantId, tuple[Span, ...]]


def follow_phases(before: Spans, versions: Iterable[tuple[UtcMs, Roster]]) -> Spans:
    """Return the phases of everybody after some more versions of a roster, each with when it began."""
    spans = dict(before)
    for utc_ms, roster in versions:
        for entry in roster.entries:
            spans[entry.participant] = _follow(spans.get(entry.participant, ()), roster, entry, utc_ms)
    return spans


def _follow(spans: tuple[Span, ...], roster: Roster, entry: RosterEntry, utc_ms: UtcMs) -> tuple[Span, ...]:
    phase, machine = entry.phase or roster.phase, _machine_of(entry)
    newest = spans[-1] if spans else None
    if newest is None or newest.phase is not phase:
        return (*spans, Span(phase=phase, from_utc_ms=utc_ms, station_utc_ms=utc_ms, machine=machine))
    if newest.machine != machine:
        moved = Span(phase=phase, from_utc_ms=newest.from_utc_ms, station_utc_ms=utc_ms, machine=machine)
        return (*spans[:-1], moved)
    return spans


def _machine_of(entry: RosterEntry) -> str:
    worn = (one.sensor for one in entry.sensors if one.kind is SensorKind.MACHINE and one.to_utc_ms is None)
    return next(worn, "")
