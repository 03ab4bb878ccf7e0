"""The store's cursor of one stream: which seqs are accounted for, contiguous from 0 and ahead of the first hole.

Pure arithmetic on closed ranges of seqs. "Accounted for" means stored, or recorded as a gap. The cursor only ever
moves over what is contiguous, because an outbox forgets everything up to it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct


class SeqRange(NamedTuple):
    """The seqs ``first`` to ``last``, both included."""

    first: int
    last: int


class Progress(Struct, frozen=True, kw_only=True):
    """``cursor``: every seq up to and with it is accounted for; -1: none.

    ``ahead``: what is accounted for beyond the first hole; sorted, disjoint, not adjacent, all above ``cursor + 1``.
    """

    cursor: int = -1
    ahead: tuple[SeqRange, ...] = ()


def account(before: Progress, ranges: Iterable[SeqRange]) -> Progress:
    """Return the progress with ``ranges`` accounted for, in any order; what was already is no harm."""
    cursor = before.cursor
    ahead: list[SeqRange] = []
    for first, last in sorted((*before.ahead, *ranges)):
        if first <= cursor + 1:
            cursor = max(cursor, last)
        elif ahead and first <= ahead[-1].last + 1:
            ahead[-1] = SeqRange(ahead[-1].first, max(ahead[-1].last, last))
        else:
            ahead.append(SeqRange(first, last))
    return Progress(cursor=cursor, ahead=tuple(ahead))


def is_accounted(progress: Progress, seq: int) -> bool:
    """Return whether a seq is stored or a recorded gap."""
    missing = holes(progress, upto=seq)
    return not missing or missing[-1].last < seq


def holes(progress: Progress, *, upto: int) -> tuple[SeqRange, ...]:
    """Return the ranges above the cursor, up to and with ``upto``, that are not accounted for; lowest first."""
    found: list[SeqRange] = []
    start = progress.cursor + 1
    for stored in progress.ahead:
        if start > upto:
            break
        if stored.first > start:
            found.append(SeqRange(start, min(stored.first - 1, upto)))
        start = stored.last + 1
    if start <= upto:
        found.append(SeqRange(start, upto))
    return tuple(found)


def to_ranges(seqs: Iterable[int]) -> tuple[SeqRange, ...]:
    """Return seqs, in any order and with repeats, as the fewest ranges, lowest first."""
    ranges: list[SeqRange] = []
    first: int | None = None
    last = -1
    for seq in sorted(seqs):
        if first is None:
            first = seq
        elif seq > last + 1:
            ranges.append(SeqRange(first, last))
            first = seq
        last = seq
    if first is not None:
        ranges.append(SeqRange(first, last))
    return tuple(ranges)


def subtract(whole: SeqRange, taken: SeqRange) -> tuple[SeqRange, ...]:
    """Return what is left of ``whole`` without ``taken``: none, one or two ranges."""
    left = SeqRange(whole.first, min(whole.last, taken.first - 1))
    right = SeqRange(max(whole.first, taken.last + 1), whole.last)
    if taken.last < whole.first or taken.first > whole.last:
        return (whole,)
    return tuple(part for part in (left, right) if part.first <= part.last)
