"""A person's programme: one line for each session, so that somebody sees whether it gets better. Blocks."""

from collections.abc import Sequence
from statistics import mean
from typing import Final

from msgspec import Struct

from analysis.summary.efforts import Effort, SameWork, match_same_work
from analysis.summary.summary import SessionSummary
from dashboard.review.shelf import Shelf
from ingest.store.reader import RecordReader
from vitals.entries import Rpe, SixMinuteWalk
from vitals.participants import ParticipantId
from vitals.sessions import GenerationMode, SessionId
from vitals.units import UtcMs

SESSIONS_MAX: Final = 200
"""A programme has 36; a person who comes for years is shown the last ones."""


class ProgrammeSession(Struct, frozen=True, kw_only=True):
    """One session of a programme; None: not known. ``met``, ``rpe_borg``: means; ``efforts``: what was said and when.

    ``entries_n``: what staff entered, so that a page sees when the record has taken something.
    """

    session: SessionId
    started_utc_ms: UtcMs
    generation_mode: GenerationMode
    minutes: float
    hr_valid_pct: float | None
    rest_hr_bpm: float | None
    peak_hr_bpm: float | None
    recovery_1_min_bpm: float | None
    banister: float | None
    session_rpe: float | None
    rpe_borg: float | None
    met: float | None
    power_w: float | None
    spo2_nadir_pct: float | None
    alarms: int
    six_minute_walk_m: float | None
    efforts: tuple[Effort, ...]
    entries_n: int


def read_programme(reader: RecordReader, shelf: Shelf, participant: ParticipantId) -> tuple[ProgrammeSession, ...]:
    """Return the sessions of a person, oldest first.

    Raises:
        StorageError: the record cannot be read.
    """
    sessions = reader.sessions_of(participant)[-SESSIONS_MAX:]
    return tuple(_line(shelf.summary(one.session, participant)) for one in sessions)


def same_work(sessions: Sequence[ProgrammeSession]) -> SameWork | None:
    """Return what was said of the same work in several sessions; None: nothing can be compared."""
    return match_same_work([(one.session, one.efforts) for one in sessions])


def _line(summary: SessionSummary) -> ProgrammeSession:
    bodies = [entry.body for entry in summary.entries if entry.participant == summary.participant]
    said = [body.rpe_borg for body in bodies if isinstance(body, Rpe)]
    walks = [body.distance_m for body in bodies if isinstance(body, SixMinuteWalk)]
    recoveries = [one.after_1_min_bpm for one in summary.heart.recoveries if one.after_1_min_bpm is not None]
    covered = next((one for one in summary.coverage if one.vital.value == "hr"), None)
    work = summary.work
    return ProgrammeSession(
        session=summary.session,
        started_utc_ms=summary.started_utc_ms,
        generation_mode=summary.generation_mode,
        minutes=round(summary.until_ms / 60_000, 1),
        hr_valid_pct=None if covered is None else covered.valid_pct,
        rest_hr_bpm=summary.heart.rest_bpm,
        peak_hr_bpm=summary.heart.peak_bpm,
        recovery_1_min_bpm=recoveries[-1] if recoveries else None,
        banister=summary.load.banister,
        session_rpe=summary.load.session_rpe,
        rpe_borg=round(mean(said), 1) if said else None,
        met=None if work is None else work.met_mean,
        power_w=None if work is None else work.power_mean_w,
        spo2_nadir_pct=None if summary.saturation is None else summary.saturation.nadir_pct,
        alarms=len(summary.alarms),
        six_minute_walk_m=walks[-1] if walks else None,
        efforts=summary.efforts,
        entries_n=len(summary.entries),
    )
