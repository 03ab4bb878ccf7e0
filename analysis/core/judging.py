"""Values that the rules may judge, and what follows: alarms begin, end, or are found afterwards."""

from typing import Final

from msgspec.structs import replace

from analysis.core import condition, onset, pace, proposal, shape, trend
from analysis.core import track as tracks
from analysis.core.condition import IDLE, ConditionState
from analysis.core.deriving import passport
from analysis.core.exertion import meter
from analysis.core.exertion.response import drift_of
from analysis.core.register import Register
from analysis.core.rules import Rule, Watch
from analysis.core.state import Person, key_of
from analysis.core.track import Judgement, Track, Turn
from analysis.core.trend import Trend
from analysis.core.worn import Worn
from vitals.alarms import Signal
from vitals.readings import Reading
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_TREND_STEP_MS: Final = trend.STEP_MS
_PACE_STEP_MS: Final = pace.STEP_MS
_SHAPE_HOLE_MS: Final = shape.HOLE_MS
_SHAPE_RATES_MAX: Final = shape.RATES_MAX - 1


def judge_rate(
    register: Register, worn: Worn, reading: Reading, value: float, at_ms: MonotonicMs, *, is_proven: bool = True
) -> None:
    """Judge a good heart rate, and what is derived from it; ``is_proven``: beats or contact came with it."""
    if at_ms >= worn.trend_ms:
        _head(worn, value, at_ms)
    if not tracks.hear_calm(worn.track, value, at_ms):
        _judge(register, worn.person, worn.track, reading, value, at_ms)
    shapes, falls = worn.shape, worn.falls
    times_ms = shapes.times_ms
    if (
        is_proven
        and times_ms
        and falls.is_idle
        and 0 <= at_ms - times_ms[-1] <= _SHAPE_HOLE_MS
        and shapes.top_bpm - value < worn.fall_bpm_min
        and len(times_ms) < _SHAPE_RATES_MAX
    ):
        # No fall that any rule asks for: nearly always. `shape.fall_bpm` would come to the same.
        times_ms.append(at_ms)
        shapes.rates.append(value)
        if value > shapes.top_bpm:  # noqa: PLR1730 - for each reading, and a call takes longer
            shapes.top_bpm = value
    elif is_proven and falls.judgements and not (times_ms and at_ms < times_ms[-1]):
        # While nothing has begun only a breach matters; from then on every fall does.
        least_bpm = falls.calm[1] if falls.is_idle else 0.0
        fall_bpm = shape.fall_bpm(shapes, hr_bpm=value, at_ms=at_ms, rule=register.book.fall, least_bpm=least_bpm)
        low, high = falls.calm
        if not falls.is_idle or not low < fall_bpm < high:
            _judge_shape(register, worn.person, falls, reading, value=fall_bpm, at_ms=at_ms)
    meter.hear_rate(worn.meter, worn.terms, value, at_ms)
    steps = shapes.pace
    began_ms = steps.began_ms
    if began_ms is not None and at_ms < began_ms:
        return
    if began_ms is not None and at_ms - began_ms < _PACE_STEP_MS:
        steps.hr_sum += value
        steps.hr_n += 1
    elif pace.hear_rate(steps, hr_bpm=value, at_ms=at_ms):
        shapes.proposed = proposal.propose(steps, worn.person.entry, now_ms=at_ms)
        if steps.work_met is not None:
            shapes.drift_pct = drift_of(steps.rates_bpm, steps.works_met)
            shape.find_deficit(shapes, at_ms=at_ms, window_s=register.book.deficit_s)
    if shapes.deficit_bpm is not None:
        lags, deficit_bpm = worn.lags, shape.deficit_bpm(shapes, at_ms=at_ms)
        if deficit_bpm is not None and lags.judgements and (deficit_bpm or worn.minds_zero or not lags.is_idle):
            _judge_shape(register, worn.person, lags, reading, value=deficit_bpm, at_ms=at_ms)
    if shapes.reference_bpm is not None and at_ms - worn.person.phase_since_ms >= register.book.recovery_ms:
        recovers = worn.recovers
        down_bpm = shape.recovered_bpm(shapes, hr_bpm=value, rest_bpm=worn.person.entry.rest_hr_bpm)
        if recovers.judgements and down_bpm is not None:
            _judge_shape(register, worn.person, recovers, reading, value=down_bpm, at_ms=at_ms)


def judge_value(register: Register, worn: Worn, reading: Reading, value: float, at_ms: MonotonicMs) -> None:
    """Judge one good value by every rule of its vital sign."""
    if at_ms >= worn.trend_ms:
        _head(worn, value, at_ms)
    if not tracks.hear_calm(worn.track, value, at_ms):
        _judge(register, worn.person, worn.track, reading, value, at_ms)


def _head(worn: Worn, value: float, at_ms: MonotonicMs) -> None:
    """Take a good value into the trend of its vital sign."""
    heading = worn.person.trends.setdefault(worn.watch, Trend())
    trend.hear(heading, value, at_ms)
    worn.trend_ms = heading.points[-1][0] + _TREND_STEP_MS


def judge_late(register: Register, person: Person, watch: Watch, *, value: float, at_ms: MonotonicMs) -> None:
    """Judge a late value beside the live ones; only what began and ended among late ones is listed."""
    track = person.tracks[watch]
    register.state.has_late = True
    for turn in tracks.hear_late(track, register.book, value=value, at_ms=at_ms, now_ms=register.now_ms):
        _find(register, person, turn, ended_ms=at_ms)


def settle_late(register: Register) -> None:
    """List what late readings left open, once no more of them come."""
    state = register.state
    if not state.has_late:
        return
    state.has_late = False
    for person in state.people.values():
        for track in person.tracks.values():
            if track.late_heard_ms and tracks.has_late(track):
                for turn in tracks.settle_late(track, now_ms=register.now_ms):
                    _find(register, person, turn, ended_ms=turn.before.seen_ms)
                state.has_late = state.has_late or tracks.has_late(track)


def _judge(  # noqa: PLR0917 - as `judge_rate`
    register: Register, person: Person, track: Track, reading: Reading, value: float, at_ms: MonotonicMs
) -> None:
    """Judge one value of a series; ``reading`` names what completes a hold."""
    for turn in tracks.hear(track, register.book, value, at_ms):
        rule = _rule(register, turn.judgement)
        if turn.past:
            _find(register, person, turn, ended_ms=turn.before.seen_ms)
        elif condition.stands(turn.after):
            utc_ms = register.utc_ms(turn.after.onset_ms)
            alarm = onset.vital_alarm(
                person, turn.judgement, rule, turn.after, run=reading.run, seq=reading.seq, onset_utc_ms=utc_ms
            )
            stamp = passport(register.state, person, rule.watch, now_ms=register.now_ms)
            register.announce(replace(alarm, passport=stamp))
            register.state.swept_until_ms = MonotonicMs(0)
        else:
            subject = person.entry.participant
            register.state.ended[key_of(subject, rule.id)] = (turn.before.breach_ms, at_ms)
            register.finish(subject, rule.id, latch=rule.latch, last=turn.before)
    if register.may_lack_source and not track.is_idle:
        _bring_back(register, person, track)


def _judge_shape(
    register: Register, person: Person, track: Track, reading: Reading, *, value: float, at_ms: MonotonicMs
) -> None:
    """Judge a derived value. One that comes out of order would be made of other neighbours: it is passed over.

    While nothing has begun, a value that is in breach of nothing leaves no trace.
    """
    low, high = track.calm
    if track.is_idle and low < value < high:
        return
    newest = tracks.newest(track)
    if newest is None or at_ms >= newest.at_ms:
        _judge(register, person, track, reading, value, at_ms)


def _bring_back(register: Register, person: Person, track: Track) -> None:
    """Take the mark of a lost source from alarms that a good value has just reached."""
    for judgement in track.judgements:
        if judgement.state is not IDLE and condition.stands(judgement.state):
            alarm = register.get(person.entry.participant, judgement.rule)
            if alarm is not None and alarm.source_lost:
                register.mark_source(alarm, lost=False)
                register.state.swept_until_ms = MonotonicMs(0)


def _find(register: Register, person: Person, turn: Turn, *, ended_ms: MonotonicMs) -> None:
    """List a condition that is over, unless it was part of an alarm that people were told of."""
    if not _was_told(register, person, turn.judgement, turn.before, ended_ms=ended_ms):
        utc_ms, rule = register.utc_ms(turn.before.onset_ms), _rule(register, turn.judgement)
        alarm = onset.vital_alarm(
            person, turn.judgement, rule, turn.before, run="found", seq=utc_ms, onset_utc_ms=utc_ms
        )
        register.note_afterwards(onset.past(alarm, ended_ms=ended_ms))


def _was_told(
    register: Register, person: Person, judgement: Judgement, found: ConditionState, *, ended_ms: MonotonicMs
) -> bool:
    subject = person.entry.participant
    alarm = register.get(subject, judgement.rule)
    if alarm is not None and alarm.signal is not Signal.LATCHED and alarm.breach_mono_ms <= ended_ms:
        return True
    told = register.state.ended.get(key_of(subject, judgement.rule))
    return told is not None and told[0] <= ended_ms and found.breach_ms <= told[1]


def _rule(register: Register, judgement: Judgement) -> Rule:
    return register.book.judged(judgement.rule, judgement.phase, judgement.op, judgement.hold_s)
