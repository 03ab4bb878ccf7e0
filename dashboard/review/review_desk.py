"""What the pages of review ask of the record: summaries, charts, programmes, reports; and what a child works out.

Each question blocks for some ten ms, so it runs in a thread, one at a time: the wall comes first.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from analysis.summary.summary import SessionSummary, digest_of
from dashboard.review.parts import people_of
from dashboard.review.programme import ProgrammeSession, read_programme
from dashboard.review.replay import Replay, read_replay
from dashboard.review.report.sections import SignatureShown
from dashboard.review.reports import Reports, find_signatures
from dashboard.review.shelf import REVIEW_FILE, Shelf
from dashboard.review.timeline import Timeline, read_timeline
from dashboard.review.workshop import Workshop
from ingest.store.reader import RecordReader
from vitals.entries import Entry
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

AT_ONCE: Final = 3
"""Summaries that one request computes anew; a page asks again for the rest. One hour of a person takes 100 ms."""

ENDED_MAX: Final = 16
"""Classes of one half day, and more."""

Answer = TypeVar("Answer")


class Signed(Struct, frozen=True, kw_only=True):
    """A summary as it is now, with its digest and who signed it."""

    summary: SessionSummary
    digest: str
    signatures: tuple[SignatureShown, ...]


class Ended(Struct, frozen=True, kw_only=True):
    """A class that is over, as the record has it."""

    session: SessionId
    ended_utc_ms: UtcMs


class ReviewDesk:
    """Answers questions about the record; opens its cache with the first."""

    def __init__(self, *, record_file: Path, clinic_file: Path, rules_file: Path | None, zone: ZoneInfo) -> None:
        """Keep where everything is."""
        self.record_file: Final = record_file
        self.review_file: Final = clinic_file.with_name(REVIEW_FILE)
        self.rules_file: Final = rules_file
        self.workshop: Final = Workshop()
        # A connection of its own: a long question here keeps no tile of the wall waiting.
        self._reader: Final = RecordReader(record_file)
        self._zone: Final = zone
        self._shelf: Shelf | None = None
        self._slot: Final = asyncio.Semaphore(1)

    def close(self) -> None:
        """Close what is open."""
        if self._shelf is not None:
            self._shelf.close()
        self._reader.close()

    async def summaries(self, session: SessionId) -> dict[ParticipantId, Signed | None]:
        """Return everybody's summary of a session, by seat; None: ask again, it is not yet computed.

        Raises:
            StorageError: the record cannot be read.
        """

        def look() -> dict[ParticipantId, Signed | None]:
            entries = self._reader.entries(session)
            return {person: self._peek(session, person, entries) for person in people_of(self._reader, session)}

        found = await self._ask(look)
        missing = [person for person, known in found.items() if known is None]
        for person in missing[:AT_ONCE]:
            found[person] = await self.summary(session, person)
        return found

    async def summary(self, session: SessionId, person: ParticipantId) -> Signed:
        """Return one summary as the record stands now.

        Raises:
            InputError: no such session, or nobody of this id in it.
            StorageError: the record cannot be read.
        """
        return await self._ask(
            lambda: _signed(self._open().summary(session, person), self._reader.entries(session, person))
        )

    async def ended_since(self, since_utc_ms: UtcMs) -> tuple[Ended, ...]:
        """Return the classes whose end the record has, of those that ended since a time; newest first.

        Raises:
            StorageError: the record cannot be read.
        """
        if not self.record_file.exists():
            return ()
        sessions = await self._ask(lambda: self._reader.sessions(limit=ENDED_MAX))
        return tuple(
            Ended(session=one.session, ended_utc_ms=one.ended_utc_ms)
            for one in sessions
            if one.ended_utc_ms is not None and one.ended_utc_ms >= since_utc_ms
        )

    async def cold(self, session: SessionId) -> int:
        """Return of how many people of a class a summary would have to be computed.

        Raises:
            StorageError: the record cannot be read.
        """
        return await self._ask(
            lambda: sum(self._open().peek(session, person) is None for person in people_of(self._reader, session))
        )

    async def timeline(
        self, session: SessionId, person: ParticipantId, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs, points: int
    ) -> Timeline:
        """Return a stretch of one person's chart."""
        return await self._ask(
            lambda: read_timeline(
                self._reader, session, person, from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms, points=points
            )
        )

    async def replay(self, session: SessionId, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs) -> Replay:
        """Return what the wall was told in a stretch of a session."""
        return await self._ask(lambda: read_replay(self._reader, session, from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms))

    async def programme(self, person: ParticipantId) -> tuple[ProgrammeSession, ...]:
        """Return a person's sessions, oldest first; none before there is a record."""
        if not self.record_file.exists():
            return ()
        return await self._ask(lambda: read_programme(self._reader, self._open(), person))

    async def report(self, make: Callable[[Reports], str]) -> str:
        """Return a report that ``make`` makes."""
        return await self._ask(lambda: make(Reports(self._reader, self._open(), zone=self._zone)))

    async def forget(self, person: ParticipantId) -> None:
        """Delete what the cache has of a person."""
        await self._ask(lambda: self._open().forget(person))

    async def prune(self) -> int:
        """Delete what the cache has of classes that are deleted from the record; return of how many.

        Raises:
            StorageError: the record cannot be read, or the cache not be written.
        """
        if not self.record_file.exists():
            return 0
        return await self._ask(lambda: self._open().prune())

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        async with self._slot:
            return await asyncio.to_thread(question)

    def _open(self) -> Shelf:
        if self._shelf is None:
            self._shelf = Shelf(self.review_file, self._reader)
        return self._shelf

    def _peek(self, session: SessionId, person: ParticipantId, entries: tuple[Entry, ...]) -> Signed | None:
        summary = self._open().peek(session, person)
        return None if summary is None else _signed(summary, entries)


def _signed(summary: SessionSummary, entries: tuple[Entry, ...]) -> Signed:
    digest = digest_of(summary)
    signatures = find_signatures(entries, summary.participant, digest=digest)
    return Signed(summary=summary, digest=digest, signatures=signatures)
