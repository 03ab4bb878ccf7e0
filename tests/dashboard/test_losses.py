"""The wall names each loss, since when, and what still works; one loss is one line."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from dashboard.frames import PartView
from dashboard.view.losses import view_parts
from dashboard.view.parts import PartsWatch
from tests.dashboard.words import moment, status
from vitals.parts import Part, PartState
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs

ALL = ((Part.GATEWAY, "g1"), (Part.INGEST, "1"), (Part.ANALYSIS, "1"), (Part.ALERTS, "1"))
AFFECTED = {"g1": 6}


def watch_all(at_ms: int = 0) -> PartsWatch:
    watch = PartsWatch(now=moment(0))
    watch.hear_broker(is_up=True, now=moment(0))
    hear_all(watch, at_ms)
    return watch


def hear_all(watch: PartsWatch, at_ms: int, *, but: Part | None = None) -> None:
    for part, instance in ALL:
        if part is not but:
            watch.hear(status(part, instance, mono_ms=at_ms), retained=False, now=moment(at_ms))


def parts(
    watch: PartsWatch, *, now_ms: int, is_session_open: bool = True, affected: Mapping[str, int] = AFFECTED
) -> dict[str, PartView]:
    views = view_parts(
        watch,
        instance="room-1",
        affected=affected,
        is_session_open=is_session_open,
        zone=ZoneInfo("UTC"),
        now_ms=MonotonicMs(now_ms),
    )
    return {view.part: view for view in views}


def texts(views: dict[str, PartView]) -> list[str]:
    return [view.text for view in views.values() if view.text]


def test_when_all_is_well_nothing_is_said() -> None:
    views = parts(watch_all(), now_ms=1_000)

    assert texts(views) == []
    assert {view.state for view in views.values()} == {"up"}
    assert set(views) == {"gateway", "ingest", "analysis", "alerts", "broker", "dashboard"}


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Part.ANALYSIS, "Analysis lost 08:00:02 - values are live, alarms are not. Watch people directly."),
        (Part.INGEST, "Record lost 08:00:02 - values and alarms are live, nothing is stored."),
        (Part.ALERTS, "Phone alerts lost 08:00:02 - the wall is live, phones stay silent."),
        (Part.GATEWAY, "Gateway g1 lost 08:00:02, 6 people affected"),
    ],
)
def test_a_will_names_the_loss_at_once(part: Part, said: str) -> None:
    watch = watch_all()
    instance = dict(ALL)[part]
    watch.hear(status(part, instance, state=PartState.LOST), retained=False, now=moment(2_000))

    views = parts(watch, now_ms=2_000)

    assert texts(views) == [said]
    assert (views[part.value].state, views[part.value].since_ms) == ("lost", 2_000)


@pytest.mark.parametrize(
    ("part", "problem", "said"),
    [
        (
            Part.INGEST,
            "nothing is stored: /srv/vitals/record.db: disk is full",
            "Record in trouble - values and alarms are live, nothing is stored.",
        ),
        (
            Part.ANALYSIS,
            "alarms not saved: /srv/vitals/analysis.db: disk is full",
            "Alarms not saved - they are live, a restart would forget them.",
        ),
        (
            Part.ANALYSIS,
            "alarms before the start are forgotten: /srv/vitals/analysis.db: is no database",
            "Analysis forgot all alarms from before its start - look at everybody.",
        ),
        (
            Part.GATEWAY,
            "out of radio slots",
            "Gateway g1 has no room for more sensors - some are not heard.",
        ),
        (
            Part.GATEWAY,
            "outbox not saved: /srv/vitals/outbox.db: disk is full",
            "Gateway g1 cannot save - values are live, a power cut would lose some.",
        ),
        (
            Part.GATEWAY,
            "outbox was damaged and is set aside as outbox.db.damaged",
            "Gateway g1 lost what it had saved before its start - values are live.",
        ),
        (
            Part.ANALYSIS,
            "another process is analysis/1 too: stop one of the two",
            "Analysis runs twice - values and alarms may be wrong until one of the two is stopped.",
        ),
        (Part.ALERTS, "no way out: ntfy", "Phone alerts in trouble - no way out: ntfy"),
    ],
)
def test_a_part_that_lives_and_is_in_trouble_is_named_in_words(part: Part, problem: str, said: str) -> None:
    watch = watch_all()
    instance = dict(ALL)[part]
    watch.hear(status(part, instance, mono_ms=1_000, problems=(problem,)), retained=False, now=moment(1_000))

    view = parts(watch, now_ms=1_000)[part.value]

    assert (view.text, view.state, view.is_loss, view.problems) == (said, "up", False, (problem,))

    watch.hear(status(part, instance, mono_ms=2_000), retained=False, now=moment(2_000))
    assert texts(parts(watch, now_ms=2_000)) == []


def test_the_dashboards_own_trouble_is_named_too() -> None:
    watch = watch_all()
    problems = ("clinic.db does not take a change",)
    watch.hear(status(Part.DASHBOARD, "room-1", problems=problems), retained=False, now=moment(1_000))

    assert texts(parts(watch, now_ms=1_000)) == ["Changes wait for the disk - values and alarms are live."]


def test_of_several_troubles_the_worst_is_told_and_the_others_are_counted() -> None:
    watch = watch_all()
    problems = ("x" * 200, "outbox not saved: disk is full", "out of radio slots")
    watch.hear(status(problems=problems), retained=False, now=moment(1_000))

    assert texts(parts(watch, now_ms=1_000)) == [
        "Gateway g1 has no room for more sensors - some are not heard. +2 more"
    ]

    watch.hear(status(mono_ms=2_000, problems=problems[:1]), retained=False, now=moment(2_000))
    assert texts(parts(watch, now_ms=2_000)) == [f"Gateway g1 in trouble - {'x' * 59}…"]


def test_a_loss_is_told_before_any_trouble_of_the_same_part() -> None:
    watch = watch_all()
    watch.hear(status(is_radio_up=False, problems=("out of radio slots",)), retained=False, now=moment(1_000))

    view = parts(watch, now_ms=1_000)["gateway"]
    assert (view.text, view.is_loss) == ("Radio lost at gateway g1 08:00:01, 6 people affected", True)

    lost = status(Part.ANALYSIS, "1", state=PartState.LOST, problems=("alarms not saved: disk is full",))
    watch.hear(lost, retained=False, now=moment(2_000))
    view = parts(watch, now_ms=2_000)["analysis"]
    assert view.text.startswith("Analysis lost 08:00:02")
    assert view.is_loss


def test_silence_names_the_loss_after_three_seconds_since_the_last_heartbeat() -> None:
    watch = watch_all()
    for at_ms in (1_000, 2_000, 3_000):
        hear_all(watch, at_ms, but=Part.ANALYSIS)
    assert not watch.look(moment(2_999))
    assert parts(watch, now_ms=2_999)["analysis"].state == "up"
    assert watch.look(moment(3_000))

    found = parts(watch, now_ms=3_000)["analysis"]

    assert (found.state, found.since_ms) == ("lost", 0)


def test_a_part_that_comes_back_is_up_since_then() -> None:
    watch = watch_all()
    watch.hear(status(Part.INGEST, "1", state=PartState.LOST), retained=False, now=moment(2_000))
    watch.hear(status(Part.INGEST, "1", mono_ms=4_000), retained=False, now=moment(4_000))

    found = parts(watch, now_ms=4_000)["ingest"]

    assert (found.state, found.since_ms, found.text) == ("up", 4_000, "")


def test_a_part_that_stops_cleanly_is_lost_to_a_class_and_stopped_without_one() -> None:
    watch = watch_all()
    watch.hear(status(Part.ANALYSIS, "1", state=PartState.STOPPED), retained=False, now=moment(2_000))

    assert parts(watch, now_ms=2_000)["analysis"].state == "lost"
    assert parts(watch, now_ms=2_000)["analysis"].text.startswith("Analysis lost")
    assert parts(watch, now_ms=2_000, is_session_open=False)["analysis"].state == "stopped"
    assert texts(parts(watch, now_ms=2_000, is_session_open=False)) == []


def test_a_lost_broker_is_one_line_whoever_falls_silent_behind_it() -> None:
    watch = watch_all()
    watch.hear_broker(is_up=False, now=moment(1_000))
    watch.look(moment(60_000))

    views = parts(watch, now_ms=60_000)

    assert texts(views) == ["Broker lost 08:00:01 - values and alarms are not live. Watch people directly."]
    assert {views[part].state for part in ("gateway", "ingest", "analysis")} == {"lost"}


def test_a_gateway_without_a_radio_says_so() -> None:
    watch = watch_all()
    watch.hear(status(mono_ms=1_000, is_radio_up=False), retained=False, now=moment(1_000))
    watch.hear(status(mono_ms=2_000, is_radio_up=False), retained=False, now=moment(2_000))

    views = parts(watch, now_ms=2_000, affected={"g1": 12})

    assert texts(views) == ["Radio lost at gateway g1 08:00:01, 12 people affected"]
    assert views["gateway"].state == "up"


def test_of_several_losses_none_promises_what_another_has_ended() -> None:
    watch = watch_all()
    for part in (Part.GATEWAY, Part.INGEST, Part.ALERTS):
        watch.hear(
            status(part, "g1" if part is Part.GATEWAY else "1", state=PartState.LOST), retained=False, now=moment(2_000)
        )

    views = parts(watch, now_ms=2_500)

    assert texts(views) == [
        "Gateway g1 lost 08:00:02, 6 people affected",
        "Record lost 08:00:02 - nothing is stored.",
        "Phone alerts lost 08:00:02 - phones stay silent.",
    ]
    assert {view.part for view in views.values() if view.is_one_of_several} == {"gateway", "ingest", "alerts"}
    # The last one that is lost says again what works.
    for part in (Part.GATEWAY, Part.ALERTS):
        watch.hear(
            status(part, "g1" if part is Part.GATEWAY else "1", mono_ms=3_000), retained=False, now=moment(3_000)
        )
    assert texts(parts(watch, now_ms=3_100)) == [
        "Record lost 08:00:02 - values and alarms are live, nothing is stored."
    ]


def test_what_was_never_heard_is_named_when_it_would_have_been() -> None:
    watch = PartsWatch(now=moment(0))
    watch.hear_broker(is_up=True, now=moment(100))

    assert texts(parts(watch, now_ms=3_099)) == []
    said = texts(parts(watch, now_ms=3_100, affected={"g1": 1}))

    assert said == [
        "Gateway g1 not running, 1 person affected",
        "Record not running - nothing is stored.",
        "Analysis not running - alarms are not live. Watch people directly.",
    ]


def test_a_broker_that_remembers_a_dead_part_makes_it_no_sign_of_life() -> None:
    watch = PartsWatch(now=moment(0))
    watch.hear_broker(is_up=True, now=moment(0))
    watch.hear(status(Part.ANALYSIS, "1"), retained=True, now=moment(100))
    watch.look(moment(3_100))

    assert parts(watch, now_ms=3_100)["analysis"].state == "lost"


def test_a_gateway_that_only_the_broker_remembers_and_nobody_needs_is_not_shown() -> None:
    watch = watch_all()
    watch.hear(status(instance="old", state=PartState.LOST), retained=True, now=moment(100))
    views = view_parts(
        watch,
        instance="room-1",
        affected=AFFECTED,
        is_session_open=True,
        zone=ZoneInfo("UTC"),
        now_ms=MonotonicMs(200),
    )

    assert [view.instance for view in views if view.part == "gateway"] == ["g1"]


def test_a_gateway_that_was_shut_out_is_missed_by_those_alone_whom_it_carries() -> None:
    watch, gateway = watch_all(), GatewayId("g1")
    assert not watch.part_with(GatewayId("g2"))
    assert not watch.part_with(gateway), "it still speaks"
    watch.hear(status(Part.GATEWAY, "g1", state=PartState.LOST, mono_ms=1_000), retained=False, now=moment(1_000))
    assert "gateway" in parts(watch, now_ms=1_500, affected={})
    assert watch.part_with(gateway)
    assert not watch.part_with(gateway), "once is enough"
    assert "gateway" not in parts(watch, now_ms=1_600, affected={})
    assert parts(watch, now_ms=1_600)["gateway"].text.startswith("Gateway g1 lost")
    hear_all(watch, 2_000)
    assert "gateway" in parts(watch, now_ms=2_100, affected={}), "paired again, and heard"


def test_one_part_with_numbers_that_are_not_real_makes_the_wall_say_so() -> None:
    watch = watch_all()
    assert watch.least_real(GenerationMode.REAL) is GenerationMode.SIMULATED
    watch.hear(status(instance="g2", generation_mode=GenerationMode.TEST), retained=False, now=moment(0))
    assert watch.least_real(GenerationMode.REAL) is GenerationMode.TEST


def test_the_parts_that_are_watched_are_bounded() -> None:
    watch = PartsWatch(now=moment(0))
    for number in range(2_000):
        watch.hear(status(instance=f"g{number}"), retained=False, now=moment(0))

    assert len(watch.parts) == 256


def test_after_the_return_of_the_broker_nobody_is_called_lost_who_may_only_not_have_been_heard_yet() -> None:
    watch = watch_all()
    watch.look(moment(3_500))
    watch.hear_broker(is_up=False, now=moment(4_000))
    watch.hear_broker(is_up=True, now=moment(9_000))

    assert texts(parts(watch, now_ms=11_999)) == []
    hear_all(watch, 10_000, but=Part.INGEST)
    assert texts(parts(watch, now_ms=12_000)) == [
        "Record lost 08:00:00 - values and alarms are live, nothing is stored."
    ]


def test_a_will_that_is_heard_after_the_return_of_the_broker_is_told_at_once() -> None:
    watch = watch_all()
    watch.hear_broker(is_up=False, now=moment(1_000))
    watch.hear_broker(is_up=True, now=moment(2_000))
    watch.hear(status(Part.ANALYSIS, "1", state=PartState.LOST), retained=False, now=moment(2_500))

    assert texts(parts(watch, now_ms=2_500)) == [
        "Analysis lost 08:00:02 - values are live, alarms are not. Watch people directly."
    ]
