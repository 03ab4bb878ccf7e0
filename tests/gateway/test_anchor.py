"""Clock anchors: when a new one is due, and that every reading can be placed by them."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.anchor_book import RUNS_MAX, SCHEMA, AnchorBook
from gateway.anchors import ANCHORS_MAX, STEP_MS, note_anchor
from gateway.timesync import is_synchronised
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.database import open_database, writing
from vitals.readings import RunId
from vitals.sensors import Anchors, ClockAnchor
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import decode


def look(
    anchors: tuple[ClockAnchor, ...], mono_ms: int, utc_ms: int, *, synchronised: bool | None = True
) -> tuple[ClockAnchor, ...]:
    return note_anchor(anchors, mono_ms=MonotonicMs(mono_ms), utc_ms=UtcMs(utc_ms), synchronised=synchronised)


def test_the_first_look_makes_the_first_anchor() -> None:
    assert look((), 5, 1_000_005) == (ClockAnchor(mono_ms=MonotonicMs(5), utc_ms=UtcMs(1_000_005), synchronised=True),)


def test_a_step_of_a_quarter_of_a_second_is_none_and_more_is_one() -> None:
    first = look((), 0, 1_000_000)

    assert look(first, 60_000, 1_060_000 + STEP_MS) is first
    assert len(look(first, 60_000, 1_060_000 + STEP_MS + 1)) == 2
    assert len(look(first, 60_000, 1_060_000 - STEP_MS - 1)) == 2


def test_slow_drift_adds_up_to_a_step() -> None:
    anchors = look((), 0, 1_000_000)
    for second in range(1, 3601):
        # 500 ppm: the fastest that a time server slews a clock.
        anchors = look(anchors, second * 1000, 1_000_000 + second * 1000 + second // 2)

    assert len(anchors) == 1 + 3600 * 500 // 1000 // (STEP_MS + 1)


def test_a_machine_that_begins_to_follow_a_time_server_says_so() -> None:
    first = look((), 0, 1_000_000, synchronised=False)

    assert [anchor.synchronised for anchor in look(first, 1000, 1_001_000)] == [False, True]


def test_the_kernel_answers_or_does_not_tell() -> None:
    assert is_synchronised() in {True, False, None}


def test_the_book_tells_the_anchors_of_the_last_runs_and_clears_older_ones(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    connection = open_database(path, migrations=(SCHEMA,))
    runs = [RunId(f"run{number}") for number in range(RUNS_MAX + 3)]
    told: dict[str, bytes] = {}
    for run in runs:
        bus = Bus(url="mqtt://127.0.0.1:1", client_id=run, clock=Clock())
        book = AnchorBook(connection, site="gym", gateway="g1", run=run, clock=Clock(), bus=bus)
        assert book.has_news
        with writing(connection, path):
            book.prepare()()
        book.committed()
        assert not book.has_news
        book.look()
        assert not book.has_news
        told |= {topic: state.payload for topic, state in bus._state.items()}

    kept = {topic.rpartition("/")[2] for topic, payload in told.items() if payload}
    assert kept == set(runs[-RUNS_MAX:])
    assert set(told) == {f"vitals/v1/gym/gateway/g1/anchor/{run}" for run in runs}
    newest: Anchors = decode(told[f"vitals/v1/gym/gateway/g1/anchor/{runs[-1]}"], Anchors, place="test")
    assert (newest.run, newest.gateway, len(newest.anchors)) == (runs[-1], "g1", 1)
    connection.close()


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(-2_000, 2_000)), min_size=1, max_size=200))
def test_anchors_stay_few_and_ordered_and_the_first_is_kept(looks: list[tuple[int, int]]) -> None:
    anchors: tuple[ClockAnchor, ...] = ()
    mono_ms, utc_ms = 0, 1_000_000
    for pause_ms, jump_ms in looks:
        mono_ms += pause_ms
        utc_ms += pause_ms + jump_ms
        anchors = look(anchors, mono_ms, utc_ms)
        newest = anchors[-1]
        assert abs(newest.utc_ms + mono_ms - newest.mono_ms - utc_ms) <= STEP_MS

    assert len(anchors) <= ANCHORS_MAX
    assert anchors[0] == look((), looks[0][0], 1_000_000 + sum(looks[0]))[0]
    assert list(anchors) == sorted(anchors, key=lambda anchor: anchor.mono_ms)
