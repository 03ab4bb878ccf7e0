"""One turn of the policy: the state under way from one event to the next, and what is to be done about it."""

from msgspec.structs import replace

from alerts.policy.case import Case
from alerts.policy.events import CaseChanged, CaseEnded, Cleared, Effect
from alerts.policy.plan import Plan
from alerts.policy.state import Bucket, PolicyState
from vitals.alarms import AlarmId
from vitals.delivery import SubscriptionId
from vitals.parts import Part
from vitals.units import MonotonicMs, UtcMs


class Turn:
    """What happens while one event is handled. ``state`` has everything but cases and buckets, which change most."""

    def __init__(self, state: PolicyState, plan: Plan, *, now_ms: MonotonicMs, now_utc_ms: UtcMs) -> None:
        """Begin with the state before the event."""
        self.state = state
        self.plan = plan
        self.now_ms = now_ms
        self.now_utc_ms = now_utc_ms
        self.cases = dict(state.cases)
        self.buckets = dict(state.buckets)
        self.effects: list[Effect] = []
        self._changed: dict[AlarmId, None] = {}
        self._has_buckets = False

    def put(self, case: Case) -> None:
        """Keep a case as it is now."""
        if self.cases.get(case.alarm_id) != case:
            self.cases[case.alarm_id] = case
            self._changed[case.alarm_id] = None

    def end(self, case: Case) -> None:
        """A case is over; phones that were told hear that."""
        self.clear(case, taken=False)
        self.cases.pop(case.alarm_id, None)
        self._changed.pop(case.alarm_id, None)
        self.effects.append(CaseEnded(case=case))

    def clear(self, case: Case, *, taken: bool) -> None:
        """Tell the phones that were told of a case that it calls them no more."""
        for subscription in case.told:
            if subscription in self.state.ways:
                self.effects.append(Cleared(subscription=subscription, case=case, taken=taken))

    def set_bucket(self, subscription: SubscriptionId, bucket: Bucket) -> None:
        """Keep a bucket as it is now."""
        self.buckets[subscription] = bucket
        self._has_buckets = True

    @property
    def is_dashboard_up(self) -> bool:
        """Whether somebody could answer over a dashboard; one that was never heard is taken for alive."""
        dashboards = [one for key, one in self.state.watched.items() if key.startswith(f"{Part.DASHBOARD.value}/")]
        return not dashboards or any(one.lost_since_ms is None for one in dashboards)

    def finish(self, before: PolicyState) -> tuple[PolicyState, list[Effect]]:
        """Return the state after the event, the very same object if nothing has changed, and what is to be done."""
        state = self.state
        if self.cases.keys() != before.cases.keys() or self._changed:
            state = replace(state, cases=self.cases)
        if self._has_buckets:
            state = replace(state, buckets=self.buckets)
        self.effects += [CaseChanged(case=self.cases[one]) for one in self._changed]
        return state, self.effects
