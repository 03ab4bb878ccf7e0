"""The life of one assigned sensor with its gateway: missing, seen, connecting, ready, streaming, stale, lost.

A pure machine: events and times come in, the next state comes out, and `plan_order` says what the shell must do about
it. It holds no link, no clock and no chance; the pause before the next attempt comes in with the failure.
"""

from enum import StrEnum
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from vitals.sensors import SensorState
from vitals.units import MonotonicMs


class Limits(Struct, frozen=True, kw_only=True):
    """How long silence may last, in ms of the gateway's clock.

    Attributes:
        stale_ms: a connected sensor that says nothing of now for longer is called stale.
        drop_ms: one that is silent longer is disconnected and connected anew: at the edge of the range the
            disconnect is often not delivered (polar-ble-sdk issue 190), so silence itself must count.
        fresh_ms: only a sensor whose advertisement was heard so lately is connected; an attempt on an absent one blocks
            its radio for the others.
        unseen_ms: a sensor that is neither connected nor heard for so long is out of range.
    """

    stale_ms: int = 5_000
    drop_ms: int = 10_000
    fresh_ms: int = 2_000
    unseen_ms: int = 10_000


class Advertised(Struct, frozen=True):
    """An advertisement of the sensor was heard: it is in range and not connected to anybody."""


class AttemptBegun(Struct, frozen=True):
    """A radio tries to connect it."""


class Subscribed(Struct, frozen=True):
    """The link is up and the sensor was asked to notify."""


class AttemptFailed(Struct, frozen=True):
    """The attempt came to nothing; the next one may begin after ``retry_ms``."""

    retry_ms: int


class Notified(Struct, frozen=True):
    """A measurement was heard.

    ``is_live`` False: it says nothing of now (bytes that nobody understands, values from storage, demo or test). The
    link is alive then, and the stream is not: a sensor that goes on like that turns stale and is not dropped.
    """

    is_live: bool = True


class LinkLost(Struct, frozen=True):
    """The link is gone, for whatever reason; the next attempt may begin after ``retry_ms``."""

    retry_ms: int


class Ticked(Struct, frozen=True):
    """Time has passed."""


Event = Advertised | AttemptBegun | Subscribed | AttemptFailed | Notified | LinkLost | Ticked

LINKED: Final = frozenset({SensorState.READY, SensorState.STREAMING, SensorState.STALE})
"""The states in which a link is up."""


class Life(Struct, frozen=True, kw_only=True):
    """Where a sensor stands.

    Attributes:
        state: see `SensorState`.
        since_ms: when it came there.
        seen_ms: its last advertisement.
        linked_ms: when the present link was ready; None without a link.
        heard_ms: the last measurement over the present link, whatever it said.
        live_ms: the last one that said something of now.
        retry_at_ms: no attempt before.
        links: how many links were made so far.
        gaps: how many times a stream was interrupted by silence or by the loss of the link.
    """

    state: SensorState
    since_ms: MonotonicMs
    seen_ms: MonotonicMs | None = None
    linked_ms: MonotonicMs | None = None
    heard_ms: MonotonicMs | None = None
    live_ms: MonotonicMs | None = None
    retry_at_ms: MonotonicMs = MonotonicMs(0)
    links: int = 0
    gaps: int = 0

    @property
    def reconnects(self) -> int:
        """How many links were made after the first."""
        return max(0, self.links - 1)


class Order(StrEnum):
    """What the shell must do now."""

    NOTHING = "nothing"
    CONNECT = "connect"
    DROP = "drop"


def begin_life(now_ms: MonotonicMs) -> Life:
    """Return the life of a sensor that was just assigned."""
    return Life(state=SensorState.MISSING, since_ms=now_ms)


def step(life: Life, event: Event, *, now_ms: MonotonicMs, limits: Limits) -> Life:
    """Return the life after one event. An event that makes no sense in a state changes nothing.

    Radios report late and twice: a measurement after the link was lost, an advertisement that was on its way while the
    link came up. None of them may bring a dead link to life.
    """
    match event:
        case Advertised():
            return _seen(life, now_ms)
        case AttemptBegun():
            return life if life.state in LINKED else _to(life, SensorState.CONNECTING, now_ms)
        case Subscribed():
            if life.state is not SensorState.CONNECTING:
                return life
            ready = _to(life, SensorState.READY, now_ms)
            return replace(ready, linked_ms=now_ms, heard_ms=None, live_ms=None, links=life.links + 1)
        case AttemptFailed(retry_ms=retry_ms):
            if life.state is not SensorState.CONNECTING:
                return life
            waiting = replace(life, retry_at_ms=MonotonicMs(now_ms + retry_ms))
            return _to(waiting, _unlinked_state(waiting, now_ms, limits), now_ms)
        case Notified(is_live=is_live):
            if life.state not in LINKED:
                return life
            if not is_live:
                return _ticked(replace(life, heard_ms=now_ms), now_ms, limits)
            return replace(_to(life, SensorState.STREAMING, now_ms), heard_ms=now_ms, live_ms=now_ms)
        case LinkLost(retry_ms=retry_ms):
            return _lost(life, retry_ms, now_ms)
        case Ticked():
            return _ticked(life, now_ms, limits)
        case _:
            assert_never(event)


def plan_order(life: Life, *, now_ms: MonotonicMs, limits: Limits) -> Order:
    """Return what the shell must do: connect a fresh sighting after its pause, drop a link that is silent too long."""
    if life.state in LINKED:
        return Order.DROP if _since_ms(life, life.heard_ms, now_ms) > limits.drop_ms else Order.NOTHING
    if life.state is not SensorState.SEEN or life.seen_ms is None:
        return Order.NOTHING
    is_fresh = now_ms - life.seen_ms <= limits.fresh_ms
    return Order.CONNECT if is_fresh and now_ms >= life.retry_at_ms else Order.NOTHING


def _to(life: Life, state: SensorState, now_ms: MonotonicMs) -> Life:
    return life if life.state is state else replace(life, state=state, since_ms=now_ms)


def _seen(life: Life, now_ms: MonotonicMs) -> Life:
    if life.state in LINKED:
        # Some sensors advertise while connected (a Polar H10 takes two links); it says nothing about our link.
        return life
    seen = replace(life, seen_ms=now_ms)
    return seen if life.state is SensorState.CONNECTING else _to(seen, SensorState.SEEN, now_ms)


def _lost(life: Life, retry_ms: int, now_ms: MonotonicMs) -> Life:
    if life.state not in LINKED:
        return life
    # A stale stream was counted when it fell silent.
    gaps = life.gaps + (life.state is SensorState.STREAMING)
    # What was heard before the link stood is old: only a new advertisement may lead to an attempt.
    after = replace(
        life,
        linked_ms=None,
        heard_ms=None,
        live_ms=None,
        seen_ms=None,
        gaps=gaps,
        retry_at_ms=MonotonicMs(now_ms + retry_ms),
    )
    return _to(after, SensorState.LOST, now_ms)


def _ticked(life: Life, now_ms: MonotonicMs, limits: Limits) -> Life:
    match life.state:
        case SensorState.READY | SensorState.STREAMING if _since_ms(life, life.live_ms, now_ms) > limits.stale_ms:
            gaps = life.gaps + (life.state is SensorState.STREAMING)
            return replace(_to(life, SensorState.STALE, now_ms), gaps=gaps)
        case SensorState.SEEN:
            return _to(life, _unlinked_state(life, now_ms, limits), now_ms)
        case _:
            return life


def _unlinked_state(life: Life, now_ms: MonotonicMs, limits: Limits) -> SensorState:
    """Return what a sensor without a link is: in range, lost (it was linked before), or missing."""
    if life.seen_ms is not None and now_ms - life.seen_ms <= limits.unseen_ms:
        return SensorState.SEEN
    return SensorState.LOST if life.links else SensorState.MISSING


def _since_ms(life: Life, last_ms: MonotonicMs | None, now_ms: MonotonicMs) -> int:
    """Return for how long a linked sensor has said nothing; a link that never spoke is silent since it was ready."""
    since_ms = last_ms if last_ms is not None else life.linked_ms
    return 0 if since_ms is None else now_ms - since_ms
