"""Before class, and the verdict: what must be so that everything is called ready, or well. Pure."""

from typing import Any, Literal

import pytest

from dashboard.frames import DutyView, ScreenView
from dashboard.health.preflight import TESTED_MS, Preflight, check_before_class
from dashboard.health.verdict import Finding, Found, Verdict, in_order, judge
from dashboard.push.way_desk import Way
from vitals.delivery import ChannelName, SubscriptionId, WayState
from vitals.duty import DutyRole, StaffId
from vitals.units import UtcMs

NOW = UtcMs(1_800_000_000_000)
TOM, SUE = StaffId("tom"), StaffId("sue")
DUTY = (DutyView(staff="tom", role=DutyRole.THERAPIST), DutyView(staff="sue", role=DutyRole.SUPERVISOR))


def way(staff: StaffId, *, is_known: bool = True, **changes: Any) -> Way:
    given: dict[str, Any] = {"channel": ChannelName.WEB_PUSH} | changes
    state = WayState(subscription=SubscriptionId(f"w-{staff}"), staff=staff, since_utc_ms=NOW, **given)
    return Way(state=state, is_known=is_known)


def wall(
    sound: Literal["on", "off", "unheard", "silent"] = "on", *, tested_utc_ms: int | None = NOW, name: str = "Gym"
) -> ScreenView:
    return ScreenView(screen=name, name=name, sound=sound, tested_utc_ms=tested_utc_ms)


def check(**changes: Any) -> Preflight:
    given: dict[str, Any] = {
        "screens": (wall(),),
        "duty": DUTY,
        "ways": (way(TOM), way(SUE)),
        "pages": {},
        "tested": {TOM: NOW, SUE: NOW},
        "now_utc_ms": NOW,
    }
    return check_before_class(**(given | changes))


def test_a_heard_wall_and_an_answer_from_each_phone_on_duty_are_ready() -> None:
    found = check()
    assert found.is_ready
    assert [(phone.staff, phone.is_ready) for phone in found.phones] == [("sue", True), ("tom", True)]


@pytest.mark.parametrize(
    "missing",
    [
        {"screens": ()},
        {"screens": (wall(sound="silent"),)},
        {"screens": (wall(), wall(sound="off", name="Door"))},
        {"screens": (wall(tested_utc_ms=None),)},
        {"screens": (wall(tested_utc_ms=NOW - TESTED_MS - 1),)},
        {"screens": (wall(sound="unheard"),)},
        {"tested": {TOM: NOW}},
        {"tested": {TOM: NOW, SUE: UtcMs(NOW - TESTED_MS - 1)}},
        {"ways": (way(TOM),)},
        {"ways": (way(TOM), way(SUE, problem="410 gone"))},
        {"ways": (way(TOM), way(SUE, is_known=False))},
    ],
    ids=str,
)
def test_it_is_not_ready_while_one_thing_is_missing(missing: dict[str, Any]) -> None:
    assert not check(**missing).is_ready


def test_an_open_page_is_a_way_in_the_house() -> None:
    found = check(ways=(way(TOM), way(SUE, channel=ChannelName.PAGE)), pages={SUE: False})
    (sue,) = [phone for phone in found.phones if phone.staff == "sue"]
    assert (sue.ways, sue.page, sue.is_reachable) == (0, "silent", True)


def test_nobody_on_duty_can_be_reached_by_the_phone_of_somebody_who_is_not() -> None:
    found = check(ways=(way(StaffId("ada")),))
    assert not found.is_anybody_reachable
    assert [phone.staff for phone in found.phones] == ["sue", "tom", "ada"]
    # Before anybody is put on duty each phone counts.
    assert check(duty=(), ways=(way(StaffId("ada")),)).is_anybody_reachable


def test_the_verdict_calls_blind_what_is_blind_and_well_what_only_could_be_better() -> None:
    def verdict(*kinds: Finding, has_gateway: bool = True) -> Verdict:
        return judge(tuple(Found(what=kind) for kind in kinds), has_gateway=has_gateway)

    assert verdict() is Verdict.WELL
    assert verdict(Finding.BACKUP, Finding.CLOCK, Finding.PHONE) is Verdict.WELL
    assert verdict(Finding.BACKUP, Finding.SOUND) is Verdict.TROUBLE
    assert verdict(Finding.RECORD) is Verdict.TROUBLE
    assert verdict(Finding.ANALYSIS, Finding.SOUND) is Verdict.NOT_WATCHING
    assert verdict(Finding.BROKER) is Verdict.NOT_WATCHING
    assert verdict(has_gateway=False) is Verdict.NOT_WATCHING


def test_what_leaves_nobody_watched_is_said_first() -> None:
    found = [Found(what=kind) for kind in (Finding.BACKUP, Finding.SOUND, Finding.BROKER, Finding.RECORD)]
    assert [one.what for one in in_order(found)] == [Finding.BROKER, Finding.SOUND, Finding.RECORD, Finding.BACKUP]
