"""The cursor of a stream: laws of contiguous ranges, against plain sets of seqs."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ingest.store.cursor import Progress, SeqRange, account, holes, is_accounted, subtract, to_ranges

seqs = st.integers(min_value=0, max_value=40)
ranges = st.tuples(seqs, seqs).map(lambda pair: SeqRange(min(pair), max(pair)))


def members(parts: tuple[SeqRange, ...]) -> set[int]:
    return {seq for part in parts for seq in range(part.first, part.last + 1)}


def accounted(progress: Progress) -> set[int]:
    return set(range(progress.cursor + 1)) | members(progress.ahead)


@given(st.lists(st.lists(ranges)))
def test_what_is_accounted_for_is_what_was_given_in_any_order(batches: list[list[SeqRange]]) -> None:
    progress = Progress()
    for batch in batches:
        before = progress
        progress = account(progress, batch)
        assert progress.cursor >= before.cursor
        assert accounted(progress) == accounted(before) | members(tuple(batch))


@given(st.lists(ranges))
def test_the_cursor_stands_before_the_first_hole_and_ahead_ranges_never_touch(given_ranges: list[SeqRange]) -> None:
    progress = account(Progress(), given_ranges)
    assert progress.cursor + 1 not in members(tuple(given_ranges))
    edges = [progress.cursor, *(edge for part in progress.ahead for edge in part)]
    assert edges == sorted(edges)
    assert all(
        later.first > earlier.last + 1 for earlier, later in zip(progress.ahead, progress.ahead[1:], strict=False)
    )
    assert all(part.first > progress.cursor + 1 for part in progress.ahead)


@given(st.lists(ranges), st.integers(min_value=-1, max_value=60))
def test_holes_are_exactly_what_is_missing(given_ranges: list[SeqRange], upto: int) -> None:
    progress = account(Progress(), given_ranges)
    missing = set(range(upto + 1)) - accounted(progress)
    assert members(holes(progress, upto=upto)) == missing
    filled = account(progress, holes(progress, upto=upto))
    assert filled.cursor >= upto
    assert is_accounted(progress, upto) is (upto not in missing)


@given(st.lists(seqs))
def test_ranges_of_seqs_hold_the_same_seqs_and_no_fewer_ranges_would_do(given_seqs: list[int]) -> None:
    found = to_ranges(given_seqs)
    assert members(found) == set(given_seqs)
    assert all(later.first > earlier.last + 1 for earlier, later in itertools.pairwise(found))


@given(ranges, ranges)
def test_subtraction_leaves_what_was_not_taken(whole: SeqRange, taken: SeqRange) -> None:
    assert members(subtract(whole, taken)) == members((whole,)) - members((taken,))


def test_live_rows_ahead_of_a_backlog_do_not_move_the_cursor_until_the_backlog_is_in() -> None:
    progress = account(Progress(cursor=9), [SeqRange(20, 25)])
    assert progress == Progress(cursor=9, ahead=(SeqRange(20, 25),))
    progress = account(progress, [SeqRange(10, 14), SeqRange(16, 19)])
    assert progress == Progress(cursor=14, ahead=(SeqRange(16, 25),))
    assert account(progress, [SeqRange(15, 15)]) == Progress(cursor=25)
