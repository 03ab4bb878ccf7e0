"""Parts: the processes of the system, their heartbeats, and a pure watch that says which of them are lost."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from vitals.commands import CommandAnswer
from vitals.readings import RunId
from vitals.sensors import RadioStatus, SensorStatus
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs, UtcMs

HEARTBEAT_S: Final = 1.0
"""A part says that it lives each second, on the topic that its connection's will is for."""

HEARTBEAT_LOST_MS: Final = 3_000
"""Three heartbeats missing: shown as lost. With a will it is shown at once. The alarm waits for its rule's hold: a
restart of 1 s is not worth a walk."""


class Part(StrEnum):
    """The parts of the system, as in topics and on screens."""

    GATEWAY = "gateway"
    INGEST = "ingest"
    ANALYSIS = "analysis"
    ALERTS = "alerts"
    DASHBOARD = "dashboard"
    BROKER = "broker"


class PartState(StrEnum):
    """What a part says of itself; LOST comes from its will."""

    UP = "up"
    STOPPED = "stopped"
    LOST = "lost"


class StreamExtent(Struct, frozen=True, kw_only=True):
    """What an outbox can still deliver of one stream: seq ``first`` to ``last``.

    ``first > last`` means: nothing is left, the last seq ever written is ``last``. The store records what lies between
    its cursor and ``first`` as a gap. ``ended``: the run is over, no higher seq will come.
    """

    run: RunId
    subject: str
    kind: str
    first: int
    last: int
    ended: bool = False


class PartStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part's heartbeat (retained, each second and at once on a change) and, with ``state`` lost, its will.

    ``oldest_unhandled_ms`` is the age of the oldest thing that the part has taken but not handled.
    ``handled`` names the last commands it has acted on, newest last; their senders stop repeating when they read it.
    """

    v: Literal[1] = 1
    part: Part
    instance: str
    run: RunId
    state: PartState
    generation_mode: GenerationMode
    clock_rate: float
    mono_ms: MonotonicMs
    utc_ms: UtcMs
    oldest_unhandled_ms: int = 0
    counters: dict[str, int] = {}
    problems: Annotated[tuple[str, ...], Meta(max_length=16)] = ()
    handled: Annotated[tuple[CommandAnswer, ...], Meta(max_length=64)] = ()
    radios: tuple[RadioStatus, ...] = ()
    sensors: tuple[SensorStatus, ...] = ()
    extents: tuple[StreamExtent, ...] = ()


class Watched(Struct, frozen=True, kw_only=True):
    """What a watcher knows of one part: its last status, when it was heard, and since when it is lost."""

    status: PartStatus
    heard_ms: MonotonicMs
    lost_since_ms: MonotonicMs | None = None


def hear_status(before: Watched | None, status: PartStatus, *, retained: bool, now_ms: MonotonicMs) -> Watched:
    """Return what is known after one status message.

    A retained copy says what was true once: it starts the watch but is no sign of life, so a part that is dead when
    the watcher starts is lost `HEARTBEAT_LOST_MS` later even without a will.
    """
    if status.state is PartState.UP:
        if retained and before is not None:
            return before
        return Watched(status=status, heard_ms=now_ms)
    since = before.lost_since_ms if before is not None and before.lost_since_ms is not None else now_ms
    return Watched(status=status, heard_ms=now_ms, lost_since_ms=since)


def check_silence(watched: Watched, *, now_ms: MonotonicMs) -> Watched:
    """Return the watch after a look at the clock: silent for `HEARTBEAT_LOST_MS` is lost, since the last heartbeat."""
    if watched.lost_since_ms is None and now_ms - watched.heard_ms >= HEARTBEAT_LOST_MS:
        return Watched(status=watched.status, heard_ms=watched.heard_ms, lost_since_ms=watched.heard_ms)
    return watched
