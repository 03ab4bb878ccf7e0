"""The life of one sensor: worked scripts, and laws over any order of events."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.life import (
    LINKED,
    Advertised,
    AttemptBegun,
    AttemptFailed,
    Event,
    Life,
    Limits,
    LinkLost,
    Notified,
    Order,
    Subscribed,
    Ticked,
    begin_life,
    plan_order,
    step,
)
from vitals.sensors import SensorState
from vitals.units import MonotonicMs

LIMITS = Limits()
Script = list[tuple[float, Event]]


def play(script: Script, *, life: Life | None = None) -> Life:
    """Return the life after events at seconds."""
    state = life or begin_life(MonotonicMs(0))
    for at_s, event in script:
        state = step(state, event, now_ms=MonotonicMs(round(at_s * 1000)), limits=LIMITS)
    return state


def order_at(life: Life, at_s: float) -> Order:
    return plan_order(life, now_ms=MonotonicMs(round(at_s * 1000)), limits=LIMITS)


LINK_UP: Script = [(1, Advertised()), (1.1, AttemptBegun()), (1.4, Subscribed())]
STREAM: Script = [*LINK_UP, (2, Notified()), (3, Notified())]


def test_an_assigned_sensor_that_nobody_hears_is_missing_and_is_not_connected() -> None:
    life = play([(1, Ticked()), (60, Ticked())])

    assert life.state is SensorState.MISSING
    assert order_at(life, 60) is Order.NOTHING


def test_a_sensor_that_is_heard_is_connected_at_once() -> None:
    life = play([(1, Advertised())])

    assert life.state is SensorState.SEEN
    assert order_at(life, 1) is Order.CONNECT


def test_a_sensor_is_not_connected_on_an_old_advertisement() -> None:
    life = play([(1, Advertised())])

    assert order_at(life, 3) is Order.CONNECT
    assert order_at(life, 3.001) is Order.NOTHING


def test_the_whole_way_from_seen_to_streaming() -> None:
    states = [play(STREAM[:count]).state.value for count in range(1, 5)]

    assert states == ["seen", "connecting", "ready", "streaming"]


def test_a_failed_attempt_waits_for_its_pause() -> None:
    life = play([(1, Advertised()), (1.1, AttemptBegun()), (2, AttemptFailed(700)), (2.6, Advertised())])

    assert life.state is SensorState.SEEN
    assert order_at(life, 2.699) is Order.NOTHING
    assert order_at(life, 2.7) is Order.CONNECT


def test_silence_of_more_than_five_seconds_is_stale_and_of_more_than_ten_drops_the_link() -> None:
    assert play([*STREAM, (8, Ticked())]).state is SensorState.STREAMING
    stale = play([*STREAM, (8.001, Ticked())])

    assert stale.state is SensorState.STALE
    assert order_at(stale, 13) is Order.NOTHING
    assert order_at(stale, 13.001) is Order.DROP


def test_a_sensor_that_never_speaks_after_the_link_is_dropped_too() -> None:
    life = play([*LINK_UP, (6.5, Ticked())])

    assert life.state is SensorState.STALE
    assert order_at(life, 11.401) is Order.DROP


def test_a_measurement_brings_a_stale_stream_back_and_the_gap_is_counted_once() -> None:
    life = play([*STREAM, (9, Ticked()), (9.5, Notified()), (10, Ticked())])

    assert life.state is SensorState.STREAMING
    assert (life.gaps, life.reconnects) == (1, 0)


def test_a_silence_that_ends_in_a_loss_is_one_gap() -> None:
    assert play([*STREAM, (9, Ticked()), (13.5, LinkLost(500))]).gaps == 1
    assert play([*STREAM, (3.5, LinkLost(500))]).gaps == 1


def test_a_lost_sensor_waits_for_its_pause_and_for_a_new_advertisement() -> None:
    lost = play([*STREAM, (4, LinkLost(500)), (5, Ticked())])

    assert lost.state is SensorState.LOST
    assert order_at(lost, 5) is Order.NOTHING

    back = play([(5.5, Advertised())], life=lost)

    assert back.state is SensorState.SEEN
    assert order_at(back, 5.5) is Order.CONNECT


def test_a_sensor_that_comes_back_is_counted_as_a_reconnect() -> None:
    again: Script = [(9, Advertised()), (9, AttemptBegun()), (9.2, Subscribed()), (10, Notified())]
    life = play([*STREAM, (4, LinkLost(500)), *again])

    assert (life.state, life.reconnects) == (SensorState.STREAMING, 1)


def test_a_sensor_that_was_connected_once_is_lost_and_not_missing_when_it_goes_out_of_range() -> None:
    never_linked = play([(1, Advertised()), (11.001, Ticked())])
    was_linked = play([*STREAM, (4, LinkLost(500)), (5, Advertised()), (15.001, Ticked())])

    assert never_linked.state is SensorState.MISSING
    assert was_linked.state is SensorState.LOST


def test_late_words_of_a_radio_bring_no_dead_link_to_life() -> None:
    lost = play([*STREAM, (4, LinkLost(500))])

    assert play([(4.1, Notified())], life=lost) == lost
    assert play([(4.1, Subscribed())], life=lost) == lost
    assert play([(4.1, LinkLost(9_000))], life=lost) == lost


def test_an_advertisement_while_connected_changes_nothing() -> None:
    life = play(STREAM)

    assert play([(3.5, Advertised())], life=life) == life


EVENTS = st.one_of(
    st.just(Advertised()),
    st.just(AttemptBegun()),
    st.just(Subscribed()),
    st.builds(AttemptFailed, st.integers(500, 30_000)),
    st.builds(Notified, is_live=st.booleans()),
    st.builds(LinkLost, st.integers(500, 30_000)),
    st.just(Ticked()),
)
SCRIPTS = st.lists(st.tuples(st.integers(0, 12_000), EVENTS), max_size=60)


def lives(script: list[tuple[int, Event]]) -> list[tuple[int, Event, Life, Life]]:
    """Return (time, event, before, after) of each step; times are pauses that add up."""
    now_ms, life, steps = 0, begin_life(MonotonicMs(0)), []
    for pause_ms, event in script:
        now_ms += pause_ms
        after = step(life, event, now_ms=MonotonicMs(now_ms), limits=LIMITS)
        steps.append((now_ms, event, life, after))
        life = after
    return steps


@given(SCRIPTS)
def test_a_link_stands_exactly_while_the_state_says_so(script: list[tuple[int, Event]]) -> None:
    for _, _, _, after in lives(script):
        assert (after.linked_ms is not None) is (after.state in LINKED)


@given(SCRIPTS)
def test_only_a_measurement_makes_a_stream(script: list[tuple[int, Event]]) -> None:
    for _, event, before, after in lives(script):
        if after.state is SensorState.STREAMING and before.state is not SensorState.STREAMING:
            assert isinstance(event, Notified)
            assert before.state in LINKED


@given(SCRIPTS)
def test_after_a_tick_no_silent_link_is_called_streaming(script: list[tuple[int, Event]]) -> None:
    for now_ms, event, _, after in lives(script):
        if isinstance(event, Ticked) and after.state is SensorState.STREAMING:
            assert after.heard_ms is not None
            assert now_ms - after.heard_ms <= LIMITS.stale_ms


@given(SCRIPTS)
def test_no_attempt_is_ordered_before_its_pause_nor_on_an_old_sighting(script: list[tuple[int, Event]]) -> None:
    for now_ms, _, _, after in lives(script):
        if plan_order(after, now_ms=MonotonicMs(now_ms), limits=LIMITS) is Order.CONNECT:
            assert after.state is SensorState.SEEN
            assert now_ms >= after.retry_at_ms
            assert after.seen_ms is not None
            assert now_ms - after.seen_ms <= LIMITS.fresh_ms


@given(SCRIPTS)
def test_the_time_of_a_state_is_the_time_of_its_first_moment_and_counts_never_fall(
    script: list[tuple[int, Event]],
) -> None:
    for now_ms, _, before, after in lives(script):
        assert after.since_ms == (before.since_ms if after.state is before.state else now_ms)
        assert (after.links, after.gaps) >= (before.links, 0)
        assert after.gaps >= before.gaps


def test_a_sensor_that_says_nothing_of_now_never_streams_and_turns_stale_but_is_not_dropped() -> None:
    junk: Script = [(1.5 + second, Notified(is_live=False)) for second in range(30)]
    life = play([*LINK_UP, *junk])

    assert life.state is SensorState.STALE
    assert order_at(life, 31) is Order.NOTHING
    assert order_at(life, 41) is Order.DROP


def test_a_stream_of_stored_values_is_stale_after_five_seconds_and_streams_with_the_next_live_one() -> None:
    stored: Script = [(3 + second, Notified(is_live=False)) for second in range(1, 7)]

    assert play([*STREAM, *stored[:5]]).state is SensorState.STREAMING
    assert play([*STREAM, *stored]).state is SensorState.STALE
    assert play([*STREAM, *stored]).gaps == 1
    assert play([*STREAM, *stored, (10, Notified())]).state is SensorState.STREAMING
