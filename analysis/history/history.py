"""Histories: what sensors said and rosters held, at times of their own, ready to be judged again."""

from msgspec import Struct

from vitals.participants import ParticipantId
from vitals.readings import Reading
from vitals.sessions import Roster
from vitals.units import MonotonicMs


class Said(Struct, frozen=True):
    """A reading, ``at_ms`` after the start of its history."""

    at_ms: MonotonicMs
    reading: Reading


class InForce(Struct, frozen=True):
    """A roster that holds from ``at_ms`` on."""

    at_ms: MonotonicMs
    roster: Roster


class History(Struct, frozen=True, kw_only=True):
    """A recording with its one person, or a whole stored class.

    ``rosters`` and ``said`` are in the order of time. ``from_ms`` is when somebody begins to listen: no silence before
    it counts. ``until_ms`` is the end; nothing is judged after it.
    """

    id: str
    rosters: tuple[InForce, ...]
    said: tuple[Said, ...]
    from_ms: MonotonicMs
    until_ms: MonotonicMs

    @property
    def duration_s(self) -> float:
        """How long somebody listens, in s."""
        return (self.until_ms - self.from_ms) / 1000

    @property
    def participants(self) -> tuple[ParticipantId, ...]:
        """Everybody who is in one of the rosters, in the order of the first."""
        found = [entry.participant for one in self.rosters for entry in one.roster.entries]
        return tuple(dict.fromkeys(found))
