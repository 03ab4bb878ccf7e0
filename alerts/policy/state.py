"""What the policy remembers: cases, duty, ways to people, what is switched off, what of the system lives."""

from msgspec import Struct, field

from alerts.policy.case import Case
from vitals.alarms import AlarmId
from vitals.delivery import ChannelName, SubscriptionId
from vitals.duty import Duty, StaffId
from vitals.parts import Watched
from vitals.units import MonotonicMs, UtcMs


class Way(Struct, frozen=True, kw_only=True):
    """A way to a person, without its address."""

    subscription: SubscriptionId
    staff: StaffId
    channel: ChannelName


class Off(Struct, frozen=True, kw_only=True):
    """Nobody is called for one rule of one subject until then."""

    until_ms: MonotonicMs
    until_utc_ms: UtcMs
    by: str
    why: str


class Bucket(Struct, frozen=True, kw_only=True):
    """What a phone may still get: ``tokens`` as of ``at_ms``."""

    tokens: float
    at_ms: MonotonicMs


class Loss(Struct, frozen=True, kw_only=True):
    """Something without which alerts is deaf: since when it is gone, and the case that says so, if it does."""

    since_ms: MonotonicMs
    since_utc_ms: UtcMs
    case: AlarmId | None = None


class PolicyState(Struct, frozen=True, kw_only=True):
    """All of it; frozen, so that what has changed is what is another object.

    Attributes:
        cases: by alarm id.
        duty: the newest heard.
        ways: by subscription.
        offs: by ``subject/rule``.
        buckets: of phones that are not full.
        sessions: open classes.
        watched: parts whose loss alerts tells or words: analysis, and dashboards by instance.
        losses: ``analysis`` and ``broker``, while they are gone.
        listening_since_ms: when the broker was reached; None: it is not.
        seen_ms: the newest event.
        confirmed: alarms that were heard on this connection.
        analysis_since_ms: first live heartbeat of analysis on this connection.
    """

    cases: dict[AlarmId, Case] = field(default_factory=dict)
    duty: Duty = Duty(version=0)
    ways: dict[SubscriptionId, Way] = field(default_factory=dict)
    offs: dict[str, Off] = field(default_factory=dict)
    buckets: dict[SubscriptionId, Bucket] = field(default_factory=dict)
    sessions: frozenset[str] = frozenset()
    watched: dict[str, Watched] = field(default_factory=dict)
    losses: dict[str, Loss] = field(default_factory=dict)
    listening_since_ms: MonotonicMs | None = None
    seen_ms: MonotonicMs | None = None
    confirmed: frozenset[AlarmId] = frozenset()
    analysis_since_ms: MonotonicMs | None = None
