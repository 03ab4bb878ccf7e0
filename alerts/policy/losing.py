"""What alerts misses itself: without analysis or the broker no alarm comes from anywhere, so it calls people."""

from typing import Final

from msgspec.structs import replace

from alerts.policy.case import Case
from alerts.policy.events import PartHeard
from alerts.policy.state import Loss
from alerts.policy.turn import Turn
from vitals.alarms import AlarmId, Family, SubjectKind
from vitals.parts import Part, PartState, Watched, check_silence, hear_status
from vitals.units import MonotonicMs

START_GRACE_MS: Final = 5_000
"""Parts that start together come up one after the other: for so long after we began to listen none is missed."""

STALL_MS: Final = 3_000
"""Ticks come several times a second. A longer pause means that we stood still (a paused process, a machine asleep)
while heartbeats for us were waiting."""

ANALYSIS: Final = "analysis"
BROKER: Final = "broker"
_TEXTS: Final = {
    ANALYSIS: "Analysis lost: no alarms. Watch people directly.",
    BROKER: "Broker lost: no values, no alarms. Watch people directly.",
}
_WATCHED: Final = (Part.ANALYSIS, Part.DASHBOARD)


def hear_part(turn: Turn, event: PartHeard) -> None:
    """Take a heartbeat or will of analysis or of a dashboard."""
    status = event.status
    if status.part not in _WATCHED:
        return
    slim = replace(status, counters={}, problems=(), handled=(), radios=(), sensors=(), extents=())
    key = f"{status.part.value}/{status.instance}"
    known = dict(turn.state.watched)
    known[key] = hear_status(known.get(key), slim, retained=event.retained, now_ms=turn.now_ms)
    turn.state = replace(turn.state, watched=known)
    is_live = status.state is PartState.UP and not event.retained
    if status.part is Part.ANALYSIS and is_live and turn.state.analysis_since_ms is None:
        turn.state = replace(turn.state, analysis_since_ms=turn.now_ms)


def hear_broker(turn: Turn, *, up: bool) -> None:
    """Hear that the broker was reached or lost: silence before counts for nothing, what was confirmed may have gone."""
    state = turn.state
    watched = {key: _anew(one, now_ms=turn.now_ms) for key, one in state.watched.items()}
    turn.state = replace(
        state,
        watched=watched,
        listening_since_ms=turn.now_ms if up else None,
        confirmed=frozenset(),
        analysis_since_ms=None,
    )
    if up:
        _find(turn, BROKER)
    else:
        _miss(turn, BROKER, since_ms=turn.now_ms)


def look_for_losses(turn: Turn) -> None:
    """Judge silences, and call people about what has been gone for long enough while a class is open."""
    seen_ms = turn.state.seen_ms
    turn.state = replace(turn.state, seen_ms=turn.now_ms)
    if seen_ms is not None and turn.now_ms - seen_ms >= STALL_MS:
        watched = {key: _anew(one, now_ms=turn.now_ms) for key, one in turn.state.watched.items()}
        turn.state = replace(turn.state, watched=watched)
    _look_at_parts(turn)
    for name, loss in turn.state.losses.items():
        is_long = turn.now_ms - loss.since_ms >= turn.plan.loss_ms
        if loss.case is None and is_long and turn.state.sessions:
            _raise(turn, name, loss)
        elif loss.case is not None and not turn.state.sessions:
            _lower(turn, name, loss)


def _look_at_parts(turn: Turn) -> None:
    since_ms = turn.state.listening_since_ms
    if since_ms is None:
        return
    before = turn.state.watched
    watched = {key: check_silence(one, now_ms=turn.now_ms) for key, one in before.items()}
    if any(watched[key] is not before[key] for key in watched):
        turn.state = replace(turn.state, watched=watched)
    known = [one for key, one in watched.items() if key.startswith(f"{ANALYSIS}/")]
    grace_ms = MonotonicMs(since_ms + START_GRACE_MS)
    if any(one.lost_since_ms is None for one in known):
        _find(turn, ANALYSIS)
    elif known:
        _miss(turn, ANALYSIS, since_ms=max(one.lost_since_ms or grace_ms for one in known))
    elif turn.now_ms >= grace_ms:
        _miss(turn, ANALYSIS, since_ms=grace_ms)


def _miss(turn: Turn, name: str, *, since_ms: MonotonicMs) -> None:
    if name in turn.state.losses:
        return
    since_utc_ms = turn.now_utc_ms - (turn.now_ms - since_ms)
    loss = Loss(since_ms=since_ms, since_utc_ms=type(turn.now_utc_ms)(since_utc_ms))
    turn.state = replace(turn.state, losses={**turn.state.losses, name: loss})


def _find(turn: Turn, name: str) -> None:
    loss = turn.state.losses.get(name)
    if loss is None:
        return
    _lower(turn, name, loss)
    turn.state = replace(turn.state, losses={key: one for key, one in turn.state.losses.items() if key != name})


def _raise(turn: Turn, name: str, loss: Loss) -> None:
    alarm_id = AlarmId(f"{name}-lost-{loss.since_utc_ms}")
    turn.put(
        Case(
            alarm_id=alarm_id,
            subject=name,
            subject_kind=SubjectKind.PART,
            rule=f"{name.upper()}_LOST",
            family=Family.TECHNICAL,
            priority=turn.plan.loss_priorities[name],
            text=_TEXTS[name],
            onset_utc_ms=turn.now_utc_ms,
            breach_ms=loss.since_ms,
            base_ms=turn.now_ms,
        )
    )
    turn.state = replace(turn.state, losses={**turn.state.losses, name: replace(loss, case=alarm_id)})


def _lower(turn: Turn, name: str, loss: Loss) -> None:
    case = turn.cases.get(loss.case) if loss.case is not None else None
    if case is not None:
        turn.end(case)
        turn.state = replace(turn.state, losses={**turn.state.losses, name: replace(loss, case=None)})


def _anew(watched: Watched, *, now_ms: MonotonicMs) -> Watched:
    return watched if watched.lost_since_ms is not None else replace(watched, heard_ms=now_ms)
