"""Makes reports: what the record has of a person or a class, put into a page in a language. Blocks."""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from analysis.summary.summary import digest_of
from dashboard.review.parts import people_of, require_session
from dashboard.review.report.page import WORDS, Heading, PersonReport, render_class, render_person
from dashboard.review.report.sections import SignatureShown
from dashboard.review.report.words import Language
from dashboard.review.shelf import Shelf
from dashboard.review.timeline import read_timeline
from ingest.store.reader import RecordReader
from vitals.entries import Entry, Signed
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

CHART_POINTS: Final = 360
"""Buckets of a chart on paper: two to a millimetre would be grey."""


class Reports:
    """Reports out of one record. ``shelf``: where summaries come from."""

    def __init__(self, reader: RecordReader, shelf: Shelf, *, zone: ZoneInfo) -> None:
        """Keep where to read, and the zone of the times on paper."""
        self._reader: Final = reader
        self._shelf: Final = shelf
        self._zone: Final = zone

    def person(
        self,
        session: SessionId,
        participant: ParticipantId,
        *,
        class_name: str,
        alias: str,
        language: Language,
        is_linked: bool = False,
    ) -> str:
        """Return the page of one person.

        Raises:
            InputError: no such session, or nobody of this id in it.
            StorageError: the record cannot be read.
        """
        heading = self._heading(session, class_name)
        report = self.read(session, participant, alias=alias)
        return render_person(report, heading, WORDS[language], is_linked=is_linked)

    def whole_class(
        self,
        session: SessionId,
        *,
        class_name: str,
        aliases: dict[ParticipantId, str],
        language: Language,
        is_linked: bool = False,
    ) -> str:
        """Return the page of a class.

        Raises:
            InputError: no such session.
            StorageError: the record cannot be read.
        """
        heading = self._heading(session, class_name)
        reports = [
            self.read(session, person, alias=aliases.get(person, "")) for person in people_of(self._reader, session)
        ]
        return render_class(reports, heading, WORDS[language], is_linked=is_linked)

    def read(self, session: SessionId, participant: ParticipantId, *, alias: str) -> PersonReport:
        """Return what a report says of one person."""
        summary = self._shelf.summary(session, participant)
        return PersonReport(
            alias=alias,
            summary=summary,
            timeline=read_timeline(
                self._reader,
                session,
                participant,
                from_utc_ms=summary.started_utc_ms,
                to_utc_ms=UtcMs(summary.started_utc_ms + summary.until_ms + 1),
                points=CHART_POINTS,
            ),
            signatures=self.signatures(session, participant, digest=digest_of(summary)),
        )

    def signatures(self, session: SessionId, participant: ParticipantId, *, digest: str) -> tuple[SignatureShown, ...]:
        """Return who signed one person's report, by time."""
        return find_signatures(self._reader.entries(session, participant), participant, digest=digest)

    def _heading(self, session: SessionId, class_name: str) -> Heading:
        stored = require_session(self._reader, session)
        return Heading(class_name=class_name, room=stored.room, zone=self._zone)


def find_signatures(entries: Iterable[Entry], participant: ParticipantId, *, digest: str) -> tuple[SignatureShown, ...]:
    """Return who signed one person's report, out of a session's entries; ``digest``: of the summary as it is now."""
    return tuple(
        SignatureShown(by=entry.by, at_utc_ms=entry.at_utc_ms, is_same=entry.body.digest == digest)
        for entry in entries
        if entry.participant == participant and isinstance(entry.body, Signed)
    )
