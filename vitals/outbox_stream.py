"""One stream of an outbox: which seqs can still be delivered, which the store has, and which are gone; pure."""

from typing import Final

HOLES_MAX: Final = 64
"""Each hole is one time that the disk took nothing for minutes; beyond it the newest two become one."""


class OutboxStream:
    """A stream, numbered from 0 without a gap.

    ``last``: the highest seq that was ever here, -1: none. ``stored``: the store's cursor. ``first``: the lowest seq
    that can still be delivered; above ``last``: none can.
    """

    __slots__ = ("_holes", "first", "last", "number", "stored")

    def __init__(self, *, number: int, last: int = -1, stored: int = -1, first: int = 0) -> None:
        """Begin a stream, or take it up as the tables have it."""
        self.number = number
        self.last = last
        self.stored = stored
        self.first = first
        self._holes: list[tuple[int, int]] = []

    def copy(self) -> "OutboxStream":
        """Return the stream as it is now, without its holes: what the tables keep of it."""
        return OutboxStream(number=self.number, last=self.last, stored=self.stored, first=self.first)

    @property
    def is_done(self) -> bool:
        """Whether the store has everything that was ever here."""
        return self.stored >= self.last

    @property
    def is_whole(self) -> bool:
        """Whether the next seq that the store needs can be delivered, if it exists."""
        return self.first <= self.stored + 1

    @property
    def unconfirmed(self) -> int:
        """How many seqs can be delivered that the store does not have."""
        begin = max(self.first, self.stored + 1)
        missing = sum(high - max(low, begin) + 1 for low, high in self._holes if high >= begin)
        return max(0, self.last - begin + 1 - missing)

    def append(self, seq: int) -> None:
        """Take the next seq.

        Raises:
            ValueError: another one.
        """
        if seq != self.last + 1:
            message = f"seq {seq} follows {self.last}: a stream has no gaps"
            raise ValueError(message)
        self.last = seq

    def confirm(self, seq: int) -> int:
        """Hear the store's cursor, which may also go back; return how many deliverable seqs it newly covers."""
        before = self.unconfirmed
        self.stored = seq
        self._begin_at(seq + 1)
        return max(0, before - self.unconfirmed)

    def drop(self, seq: int) -> None:
        """Lose one seq."""
        if seq < self.first:
            return
        self.add_hole(seq, seq)
        self._begin_at(self.first)

    def drop_up_to(self, seq: int) -> None:
        """Lose everything up to and with a seq."""
        self._begin_at(seq + 1)

    def add_hole(self, low: int, high: int) -> None:
        """Lose a range that lies behind all holes so far, or right at the end of the last one."""
        if self._holes and low <= self._holes[-1][1] + 1:
            self._holes[-1] = (self._holes[-1][0], max(high, self._holes[-1][1]))
        elif len(self._holes) >= HOLES_MAX:
            self._holes[-1] = (self._holes[-1][0], high)
        else:
            self._holes.append((low, high))

    def _begin_at(self, seq: int) -> None:
        self.first = max(self.first, seq)
        while self._holes and self._holes[0][0] <= self.first:
            self.first = max(self.first, self._holes.pop(0)[1] + 1)
