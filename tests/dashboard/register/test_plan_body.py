"""A plan contradicts itself nowhere, and a series is on its days, at its time of the site, in summer and in winter."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.classes import PlannedPhaseBody
from dashboard.register.plan_body import PlanBody, SeatBody, SeriesBody, StaffBody, begins_on, require_plan
from vitals.errors import InputError
from vitals.sessions import Phase

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))


def plan(series: SeriesBody | None = None, *, seats: tuple[SeatBody, ...] = (), **more: object) -> PlanBody:
    return PlanBody.model_validate({"name": "Tuesday", "series": series, "seats": seats} | more)


@given(DAYS, st.sets(st.integers(1, 7), min_size=1), DAYS, st.none() | st.integers(0, 400))
def test_a_class_is_on_the_days_of_its_series_and_on_no_other(
    day: date, weekdays: set[int], first: date, length: int | None
) -> None:
    last = None if length is None else first + timedelta(days=length)
    series = SeriesBody(weekdays=tuple(sorted(weekdays)), time="10:30", first_date=first, last_date=last)
    begins = begins_on(plan(series), day, zone=BERLIN)

    is_due = day.isoweekday() in weekdays and first <= day and (last is None or day <= last)
    assert (begins is not None) == is_due
    if begins is not None:
        assert (begins.date(), begins.hour, begins.minute) == (day, 10, 30)


def test_half_past_ten_is_half_past_ten_in_summer_and_in_winter() -> None:
    series = SeriesBody(weekdays=(1, 7), time="10:30", first_date=date(2026, 1, 1))
    saturday_before, sunday = date(2026, 3, 28), date(2026, 3, 29)  # the clocks go forward on the Sunday
    found = begins_on(plan(series), sunday, zone=BERLIN)
    monday = begins_on(plan(series), date(2026, 3, 23), zone=BERLIN)

    assert begins_on(plan(series), saturday_before, zone=BERLIN) is None
    assert found is not None
    assert monday is not None
    assert found.astimezone(UTC) == datetime(2026, 3, 29, 8, 30, tzinfo=UTC)
    assert monday.astimezone(UTC) == datetime(2026, 3, 23, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"seats": (SeatBody(seat=1, person="a"), SeatBody(seat=1, person="b"))}, "seats[1].seat"),
        ({"seats": (SeatBody(seat=1, person="a"), SeatBody(seat=2, person="a"))}, "seats[1].person"),
        (
            {"seats": (SeatBody(seat=1, person="a", strap="s"), SeatBody(seat=2, person="b", oximeter="s"))},
            "seats[1].oximeter",
        ),
        ({"staff": (StaffBody(staff="tom"), StaffBody(staff="tom"))}, "staff[1].staff"),
        ({"staff": (StaffBody(staff="tom", own=("a",)),)}, "staff[0].own"),
        (
            {"phases": (PlannedPhaseBody(phase=Phase.REST, at_s=60), PlannedPhaseBody(phase=Phase.TRAINING, at_s=60))},
            "phases[1].at_s",
        ),
        (
            {"series": SeriesBody(weekdays=(1, 1), time="10:00", first_date=date(2026, 1, 1))},
            "series.weekdays",
        ),
        (
            {
                "series": SeriesBody(
                    weekdays=(1,), time="10:00", first_date=date(2026, 1, 1), last_date=date(2056, 1, 1)
                )
            },
            "series.last_date",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_place(wrong: dict[str, object], place: str) -> None:
    with pytest.raises(InputError) as refused:
        require_plan(plan(**wrong))  # type: ignore[arg-type]
    assert refused.value.place == f"body.{place}"


def test_a_plan_without_people_or_days_may_be_kept_for_later() -> None:
    assert require_plan(plan()) == plan()
