"""What of the policy's state is kept over a restart, and what begins anew with each run."""

from msgspec import Struct, field
from msgspec.structs import replace

from alerts.policy.case import Case
from alerts.policy.state import Bucket, Loss, Off, PolicyState
from vitals.delivery import SubscriptionId
from vitals.duty import Duty
from vitals.units import MonotonicMs


class Kept(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is kept besides cases and ways, which have rows of their own."""

    duty: Duty = Duty(version=0)
    offs: dict[str, Off] = field(default_factory=dict)
    buckets: dict[SubscriptionId, Bucket] = field(default_factory=dict)
    sessions: tuple[str, ...] = ()
    losses: dict[str, Loss] = field(default_factory=dict)
    revisions_from: int = 0
    """Where the next run begins to number what it tells, however its clock was set meanwhile."""


def kept_of(state: PolicyState, *, revisions_from: int) -> Kept:
    """Return what is kept. What was heard of parts and of the broker is not: it is heard anew."""
    return Kept(
        duty=state.duty,
        offs=state.offs,
        buckets=state.buckets,
        sessions=tuple(sorted(state.sessions)),
        losses=state.losses,
        revisions_from=revisions_from,
    )


def is_same(before: PolicyState, after: PolicyState) -> bool:
    """Return whether nothing that is kept, besides cases and ways, has changed."""
    return (
        before.duty is after.duty
        and before.offs is after.offs
        and before.buckets is after.buckets
        and before.sessions == after.sessions
        and before.losses is after.losses
    )


def move_case(case: Case, *, by_ms: int) -> Case:
    """Return a case with its times moved to another monotonic clock."""
    return replace(
        case,
        breach_ms=MonotonicMs(case.breach_ms + by_ms),
        base_ms=MonotonicMs(case.base_ms + by_ms),
        accepted_ms=None if case.accepted_ms is None else MonotonicMs(case.accepted_ms + by_ms),
        off_until_ms=None if case.off_until_ms is None else MonotonicMs(case.off_until_ms + by_ms),
    )


def move_kept(kept: Kept, *, by_ms: int) -> Kept:
    """Return what is kept with its times moved to another monotonic clock."""
    return replace(
        kept,
        offs={key: replace(off, until_ms=MonotonicMs(off.until_ms + by_ms)) for key, off in kept.offs.items()},
        buckets={key: replace(bucket, at_ms=MonotonicMs(bucket.at_ms + by_ms)) for key, bucket in kept.buckets.items()},
        losses={key: replace(loss, since_ms=MonotonicMs(loss.since_ms + by_ms)) for key, loss in kept.losses.items()},
    )
