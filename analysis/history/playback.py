"""A history through the live engine: the same code that watches a class, fed as fast as it takes.

Readings come in the order of their own time and are heard at that time, so nothing is late; ticks come once a second.
Nobody is there to see an alarm, so each is acknowledged when its condition ends: every stretch is an alarm of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from analysis.core.engine import Engine
from analysis.core.events import (
    AlarmEventRaised,
    CommandArrived,
    Effect,
    Event,
    Listening,
    ReadingHeard,
    RosterChanged,
    Tick,
)
from analysis.history.history import History
from analysis.history.past_alarm import AlarmBook, PastAlarm
from vitals.alarms import Change
from vitals.commands import Acknowledge, Command, CommandId
from vitals.units import MonotonicMs, UtcMs

TICK_MS: Final = 1_000

ZERO_MS: Final = 1_000_000_000
"""The start of a history on the engine's clock: any time that is not near 0."""

_UTC_MS: Final = 1_800_000_000_000
"""What the wall clock says at the start; it labels and decides nothing."""

NewEngine = Callable[[], Engine]


def play(history: History, *, new_engine: NewEngine) -> tuple[PastAlarm, ...]:
    """Return every alarm of a history under the rules of the engine that ``new_engine`` makes."""
    engine = new_engine()
    book = AlarmBook(history.id, zero_ms=ZERO_MS)
    for event in events_of(history):
        effects = engine.step(event)
        if effects:
            book.note(effects)
            for command in _acknowledge(effects):
                book.note(engine.step(command))
    return book.close()


def events_of(history: History) -> Iterator[Event]:
    """Yield what an engine hears of a history, in order of time; of one time the roster first, then tick, readings."""
    from_ms = MonotonicMs(ZERO_MS + history.from_ms)
    yield Listening(up=True, now_ms=from_ms, now_utc_ms=UtcMs(_UTC_MS + history.from_ms))
    rosters = [*history.rosters]
    tick_ms = history.from_ms
    for said in history.said:
        while tick_ms <= said.at_ms:
            while rosters and rosters[0].at_ms <= tick_ms:
                in_force = rosters.pop(0)
                yield RosterChanged(
                    roster=in_force.roster, now_ms=MonotonicMs(ZERO_MS + max(in_force.at_ms, history.from_ms))
                )
            yield Tick(now_ms=MonotonicMs(ZERO_MS + tick_ms), now_utc_ms=UtcMs(_UTC_MS + tick_ms))
            tick_ms = MonotonicMs(tick_ms + TICK_MS)
        at_ms = MonotonicMs(ZERO_MS + said.at_ms)
        yield ReadingHeard(reading=said.reading, stream_ms=at_ms, received_ms=at_ms)
    while tick_ms <= history.until_ms:
        yield Tick(now_ms=MonotonicMs(ZERO_MS + tick_ms), now_utc_ms=UtcMs(_UTC_MS + tick_ms))
        tick_ms = MonotonicMs(tick_ms + TICK_MS)


def _acknowledge(effects: Sequence[Effect]) -> list[CommandArrived]:
    """Return the acknowledgements of alarms whose condition has just ended and whose signal stays."""
    return [
        CommandArrived(
            command=Command(
                id=CommandId(f"seen-{effect.alarm.alarm_id}-{effect.alarm.revision}"),
                owner="analysis",
                by="backtest",
                at_utc_ms=effect.utc_ms,
                body=Acknowledge(alarm_id=effect.alarm.alarm_id),
            ),
            now_ms=effect.mono_ms,
        )
        for effect in effects
        if isinstance(effect, AlarmEventRaised) and effect.change is Change.LATCHED
    ]
