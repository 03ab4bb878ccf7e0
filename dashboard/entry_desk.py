"""What staff enter in class: sent to the record until it has it, and held against the heart of that moment."""

import secrets
from typing import Final

from msgspec import Struct

from analysis.core.exertion.response import Mismatch, compare_breath, compare_effort, rate_pressure
from analysis.core.exertion.training_load import session_rpe_load
from dashboard.desk import Desk
from dashboard.flow.plan import STOP_SIGNS
from dashboard.overrides import find_entry
from dashboard.ticker import Ticker
from dashboard.view.room import Room
from vitals.commanding import CommandSender
from vitals.commands import RecordEntry
from vitals.entries import (
    AlarmJudged,
    Artefact,
    BloodPressure,
    Dyspnoea,
    Entry,
    EntryBody,
    EntryId,
    Note,
    Rpe,
    SessionRpe,
    Signed,
    SixMinuteWalk,
    Symptom,
)
from vitals.participants import ParticipantId
from vitals.parts import Part
from vitals.sessions import SessionId
from vitals.units import MonotonicMs

AFTERWARDS: Final = (Note, AlarmJudged, Artefact, SixMinuteWalk, Signed)
"""What is also entered when the class is over."""


class EntryTaken(Struct, frozen=True, kw_only=True):
    """An entry on its way, and what follows from it now; None: nothing does."""

    entry: Entry
    mismatch: Mismatch | None = None
    rate_pressure: float | None = None
    session_load: float | None = None
    is_stop_sign: bool = False


class EntryDesk:
    """Takes entries; what became of them the record tells."""

    def __init__(self, *, desk: Desk, commands: CommandSender, room: Room, ticker: Ticker) -> None:
        """Keep the tools."""
        self._desk: Final = desk
        self._commands: Final = commands
        self._room: Final = room
        self._ticker: Final = ticker

    def add(self, session_id: SessionId, participant: ParticipantId | None, body: EntryBody, *, by: str) -> EntryTaken:
        """Have the record keep what somebody saw, asked or measured, with the heart rate of that moment.

        Of a class that has ended, what is found afterwards (`AFTERWARDS`) is kept, without a heart rate.

        Raises:
            InputError: no such session or person, or it has ended and this belongs into the class itself.
        """
        session = self._desk.classes.require_known(session_id)
        is_over = session.roster.ended_utc_ms is not None
        if is_over and not isinstance(body, AFTERWARDS):
            self._desk.require_open(session_id)
        hr_bpm = hrr_pct = None
        now = self._ticker.now()
        if participant is not None:
            find_entry(session.roster, participant)
            hr_bpm, hrr_pct = (None, None) if is_over else self._room.exertion_of(participant, now=now)
        entry = Entry(
            id=EntryId(secrets.token_hex(8)),
            session=session_id,
            participant=participant,
            at_utc_ms=now.utc_ms,
            by=by,
            body=body,
            hr_bpm=hr_bpm,
            hrr_pct=hrr_pct,
        )
        self._desk.send(Part.INGEST, RecordEntry(entry=entry), by=by, now=now)
        minutes = max(0, now.utc_ms - session.roster.started_utc_ms) / 60_000
        return _conclude(entry, minutes=minutes, now_ms=now.ms)

    def waiting(self, session_id: SessionId, participant: ParticipantId | None) -> tuple[Entry, ...]:
        """Return the entries that the record has not confirmed yet, of one person or of all."""
        entries = (command.body.entry for command in self._commands.pending if isinstance(command.body, RecordEntry))
        return tuple(
            entry for entry in entries if entry.session == session_id and participant in {None, entry.participant}
        )


def _conclude(entry: Entry, *, minutes: float, now_ms: MonotonicMs) -> EntryTaken:
    match entry.body:
        case Rpe(rpe_borg=rpe) if entry.hrr_pct is not None:
            return EntryTaken(entry=entry, mismatch=compare_effort(rpe_borg=rpe, hrr_pct=entry.hrr_pct, at_ms=now_ms))
        case Dyspnoea(dyspnoea_cr10=breath) if entry.hrr_pct is not None:
            found = compare_breath(dyspnoea_cr10=breath, hrr_pct=entry.hrr_pct, at_ms=now_ms)
            return EntryTaken(entry=entry, mismatch=found)
        case BloodPressure(systolic_mmhg=systolic) if entry.hr_bpm is not None:
            product = rate_pressure(hr_bpm=round(entry.hr_bpm), systolic_mmhg=systolic)
            return EntryTaken(entry=entry, rate_pressure=product)
        case SessionRpe(rpe_cr10=rpe):
            return EntryTaken(entry=entry, session_load=round(session_rpe_load(rpe_cr10=rpe, minutes=minutes), 1))
        case Symptom(symptom=symptom):
            return EntryTaken(entry=entry, is_stop_sign=symptom in STOP_SIGNS)
        case _:
            return EntryTaken(entry=entry)
