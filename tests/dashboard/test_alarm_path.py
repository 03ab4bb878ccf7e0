"""The age of the alarm path: what comes all the way counts, and a known loss is told by itself."""

from dashboard.view.alarm_path import AlarmPath
from dashboard.view.parts import Moment, PartsWatch
from vitals.parts import Part, PartState, PartStatus
from vitals.proof import ROUND_LOST_MS, Stage
from vitals.readings import RunId
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs, UtcMs

G1, G2 = GatewayId("g1"), GatewayId("g2")


def moment(ms: int) -> Moment:
    return Moment(ms=MonotonicMs(ms), utc_ms=UtcMs(ms))


def watch(*parts: tuple[Part, str]) -> PartsWatch:
    found = PartsWatch(now=moment(0))
    found.hear_broker(is_up=True, now=moment(0))
    for part, name in parts:
        hear(found, part, name, PartState.UP, at_ms=0)
    return found


def hear(found: PartsWatch, part: Part, name: str, state: PartState, *, at_ms: int) -> None:
    status = PartStatus(
        part=part,
        instance=name,
        run=RunId("r"),
        state=state,
        generation_mode=GenerationMode.TEST,
        clock_rate=1.0,
        mono_ms=MonotonicMs(at_ms),
        utc_ms=UtcMs(at_ms),
    )
    found.hear(status, retained=False, now=moment(at_ms))


WHOLE = ((Part.GATEWAY, "g1"), (Part.GATEWAY, "g2"), (Part.ANALYSIS, "1"), (Part.ALERTS, "1"))


def test_the_oldest_gateway_counts_and_only_what_came_all_the_way() -> None:
    path, parts = AlarmPath(), watch(*WHOLE)
    path.hear(G1, Stage.ALERTS, now_ms=MonotonicMs(1_000))
    path.hear(G2, Stage.ANALYSIS, now_ms=MonotonicMs(2_000))
    assert path.proven_ms(parts, [G1]) == 1_000
    assert path.proven_ms(parts, [G1, G2]) is None
    path.hear(G2, Stage.ALERTS, now_ms=MonotonicMs(3_000))
    assert path.proven_ms(parts, [G1, G2]) == 1_000
    assert path.proven_ms(parts, []) == 3_000


def test_without_alerts_the_path_ends_at_the_screens() -> None:
    path, parts = AlarmPath(), watch((Part.GATEWAY, "g1"), (Part.ANALYSIS, "1"))
    path.hear(G1, Stage.ANALYSIS, now_ms=MonotonicMs(1_000))
    assert path.proven_ms(parts, [G1]) == 1_000


def test_a_path_is_lost_after_three_missing_rounds_while_everything_says_it_lives() -> None:
    path, parts = AlarmPath(), watch(*WHOLE)
    path.hear(G1, Stage.ALERTS, now_ms=MonotonicMs(5_000))
    due_ms = 5_000 + ROUND_LOST_MS
    assert not path.is_lost(parts, [G1], now_ms=MonotonicMs(due_ms - 1))
    assert path.is_lost(parts, [G1], now_ms=MonotonicMs(due_ms))
    assert not path.is_lost(parts, [], now_ms=MonotonicMs(due_ms)), "no class, no path"


def test_a_part_that_is_lost_is_told_by_itself_and_gets_its_time_after_it_is_back() -> None:
    path, parts = AlarmPath(), watch(*WHOLE)
    hear(parts, Part.ALERTS, "1", PartState.LOST, at_ms=10_000)
    assert not path.is_lost(parts, [G1], now_ms=MonotonicMs(90_000))
    hear(parts, Part.ALERTS, "1", PartState.UP, at_ms=90_000)
    assert not path.is_lost(parts, [G1], now_ms=MonotonicMs(90_000 + ROUND_LOST_MS - 1))
    assert path.is_lost(parts, [G1], now_ms=MonotonicMs(90_000 + ROUND_LOST_MS))


def test_without_a_broker_the_broker_is_what_is_told() -> None:
    path, parts = AlarmPath(), watch(*WHOLE)
    parts.hear_broker(is_up=False, now=moment(1_000))
    assert not path.is_lost(parts, [G1], now_ms=MonotonicMs(90_000))
