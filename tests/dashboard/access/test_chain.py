"""No row of the audit log is changed, removed, inserted or moved without the log saying which."""

from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dashboard.access.chain import GENESIS, Event, Head, Row, add_row, find_break, hash_row
from vitals.units import UtcMs

WORDS: Final = st.text(max_size=12)
EVENTS: Final = st.builds(
    Event,
    utc_ms=st.integers(0, 2**50).map(UtcMs),
    who=WORDS,
    role=WORDS,
    via=WORDS,
    address=WORDS,
    what=WORDS,
    subject=WORDS,
    detail=WORDS,
)
LOGS: Final = st.lists(EVENTS, min_size=1, max_size=12)


def chained(events: list[Event]) -> tuple[list[Row], Head]:
    rows, head = [], Head()
    for event in events:
        row, head = add_row(head, event)
        rows.append(row)
    return rows, head


@given(LOGS)
def test_a_log_that_nobody_touched_is_whole(events: list[Event]) -> None:
    rows, head = chained(events)

    assert find_break(rows, head) is None
    assert all(find_break(rows, head, noted=row.hash) is None for row in rows)


@given(LOGS, st.data())
def test_any_changed_word_is_found_and_named(events: list[Event], data: st.DataObject) -> None:
    rows, head = chained(events)
    place = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(msgspec.structs.fields(Event))).name
    old = getattr(rows[place].event, name)
    new = data.draw((st.integers(0, 2**50) if name == "utc_ms" else WORDS).filter(lambda value: value != old))
    rows[place] = msgspec.structs.replace(rows[place], event=msgspec.structs.replace(rows[place].event, **{name: new}))

    assert find_break(rows, head) == f"row {place + 1} was changed"


@given(LOGS, st.data())
def test_a_change_with_a_hash_that_fits_it_is_found_at_the_next_row(events: list[Event], data: st.DataObject) -> None:
    rows, head = chained(events)
    place = data.draw(st.integers(0, len(rows) - 1))
    event = msgspec.structs.replace(rows[place].event, who=rows[place].event.who + "!")
    forged = hash_row(place + 1, event, rows[place].previous)
    rows[place] = msgspec.structs.replace(rows[place], event=event, hash=forged)

    assert find_break(rows, head) is not None


@given(LOGS, st.data())
def test_any_removed_row_is_found_and_named(events: list[Event], data: st.DataObject) -> None:
    rows, head = chained(events)
    place = data.draw(st.integers(0, len(rows) - 1))
    del rows[place]

    assert find_break(rows, head) == f"row {place + 1} is missing"


@given(LOGS, EVENTS, st.data())
def test_any_inserted_row_is_found(events: list[Event], event: Event, data: st.DataObject) -> None:
    rows, head = chained(events)
    place = data.draw(st.integers(0, len(rows)))
    previous = rows[place - 1].hash if place else GENESIS
    inserted = Row(seq=place + 1, event=event, previous=previous, hash=hash_row(place + 1, event, previous))
    later = [msgspec.structs.replace(row, seq=row.seq + 1) for row in rows[place:]]

    assert find_break([*rows[:place], inserted, *later], head) is not None


@given(st.lists(EVENTS, min_size=2, max_size=12, unique=True), st.data())
def test_any_two_rows_that_changed_places_are_found(events: list[Event], data: st.DataObject) -> None:
    rows, head = chained(events)
    one, other = sorted(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=2, max_size=2, unique=True)))
    rows[one], rows[other] = (
        msgspec.structs.replace(rows[other], seq=one + 1),
        msgspec.structs.replace(rows[one], seq=other + 1),
    )

    assert find_break(rows, head) == f"row {one + 1} was changed"


@given(LOGS, LOGS)
def test_a_log_that_was_computed_anew_lacks_the_hash_that_was_noted(events: list[Event], others: list[Event]) -> None:
    rows, head = chained(events)
    noted = "f" * 64

    assert find_break(rows, head, noted=noted) == "the noted hash is no row of this log"
    assert find_break(chained(others)[0], head) is not None or chained(others)[1] == head


def test_an_empty_log_is_whole() -> None:
    assert find_break([], Head()) is None
    assert find_break([], Head(count=1, hash="0")) == "row 1 is missing"
