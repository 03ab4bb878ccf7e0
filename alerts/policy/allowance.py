"""The token bucket of a phone: what it may still get. A first high alarm never asks it."""

from alerts.policy.plan import Plan
from alerts.policy.state import Bucket
from vitals.units import MonotonicMs


def refill(bucket: Bucket | None, plan: Plan, *, now_ms: MonotonicMs) -> Bucket:
    """Return a bucket as of now; a phone without one has a full one."""
    if bucket is None:
        return Bucket(tokens=float(plan.burst), at_ms=now_ms)
    grown = max(0, now_ms - bucket.at_ms) * plan.per_minute / 60_000
    return Bucket(tokens=min(float(plan.burst), bucket.tokens + grown), at_ms=now_ms)


def take(bucket: Bucket) -> Bucket | None:
    """Return a bucket with one token less, None: there is none."""
    return None if bucket.tokens < 1 else Bucket(tokens=bucket.tokens - 1, at_ms=bucket.at_ms)
