"""The chain of the audit log, pure: each row carries the hash of the one before, so that no row changes unnoticed.

It shows that rows were changed, removed, inserted or put in another order. Who can write the file and also computes the
whole chain anew leaves no trace in it: note the newest hash elsewhere from time to time, `find_break` holds against it.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from vitals.units import UtcMs

GENESIS: Final = "0" * 64
"""What the first row follows."""


class Event(Struct, frozen=True, kw_only=True):
    """What happened. ``detail`` holds ids and numbers, no names of participants and no password."""

    utc_ms: UtcMs
    who: str
    role: str
    via: str
    address: str
    what: str
    subject: str = ""
    detail: str = ""


class Row(Struct, frozen=True, kw_only=True):
    """An event in its place."""

    seq: int
    event: Event
    previous: str
    hash: str


class Head(Struct, frozen=True, kw_only=True):
    """How many rows there are, and the hash of the last one; kept beside the rows, so that the last cannot just go."""

    count: int = 0
    hash: str = GENESIS


def hash_row(seq: int, event: Event, previous: str) -> str:
    """Return SHA-256 of the canonical JSON (sorted keys, no space) of a row."""
    return hashlib.sha256(msgspec.json.encode([seq, event, previous], order="sorted")).hexdigest()


def add_row(head: Head, event: Event) -> tuple[Row, Head]:
    """Return the row of an event behind a head, and the head after it."""
    seq = head.count + 1
    row = Row(seq=seq, event=event, previous=head.hash, hash=hash_row(seq, event, head.hash))
    return row, Head(count=seq, hash=row.hash)


def find_break(rows: Iterable[Row], head: Head, *, noted: str | None = None) -> str | None:
    """Return what is wrong with a log, naming the first row; None: nothing.

    Args:
        rows: in the order of the file.
        head: as kept beside them.
        noted: a hash that somebody noted earlier; it must still be in the chain.
    """
    last, seq, is_found = GENESIS, 0, noted in {None, GENESIS}
    for row in rows:
        if row.seq != seq + 1:
            return f"row {seq + 1} is missing" if row.seq > seq else f"row {row.seq} is out of order, after row {seq}"
        if row.hash != hash_row(row.seq, row.event, row.previous):
            return f"row {row.seq} was changed"
        if row.previous != last:
            return f"row {row.seq} does not follow row {seq}: a row was changed, removed, inserted or moved before it"
        last, seq = row.hash, row.seq
        is_found = is_found or row.hash == noted
    if (seq, last) != (head.count, head.hash):
        return f"row {seq + 1} is missing" if seq < head.count else f"row {seq} was added beside the log"
    return None if is_found else "the noted hash is no row of this log"
