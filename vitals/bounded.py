"""A queue with a bound for each stream; a full one drops its oldest, counted, and never touches the other streams."""

from collections import deque
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


class StreamQueue(Generic[K, T]):
    """Items in order of arrival, at most ``per_stream`` of each stream and ``streams`` of these.

    A handler of the bus pushes, whoever works takes. One strap that floods cannot push out another one's reading.
    """

    def __init__(self, *, per_stream: int, streams: int) -> None:
        """Begin empty; both bounds are at least 1."""
        self._per_stream = per_stream
        self._streams_max = streams
        self._items: dict[int, tuple[K, T]] = {}
        self._places: dict[K, deque[int]] = {}
        self._next = 0
        self.dropped: dict[K, int] = {}
        """How many of each stream were dropped; of a stream that found no place, all."""

    def __len__(self) -> int:
        """Return how many items wait."""
        return len(self._items)

    def push(self, stream: K, item: T) -> bool:
        """Take an item; return False when something was dropped for it, or it itself for want of a stream's place."""
        places = self._places.get(stream)
        if places is None:
            if len(self._places) >= self._streams_max:
                self._count(stream)
                return False
            places = self._places[stream] = deque()
        is_full = len(places) >= self._per_stream
        if is_full:
            del self._items[places.popleft()]
            self._count(stream)
        self._items[self._next] = (stream, item)
        places.append(self._next)
        self._next += 1
        return not is_full

    def take(self, count_max: int) -> list[tuple[K, T]]:
        """Return and remove the oldest items, in order of arrival."""
        taken: list[tuple[K, T]] = []
        while self._items and len(taken) < count_max:
            place = next(iter(self._items))
            stream, item = self._items.pop(place)
            places = self._places[stream]
            places.popleft()
            if not places:
                del self._places[stream]
            taken.append((stream, item))
        return taken

    def _count(self, stream: K) -> None:
        if stream in self.dropped or len(self.dropped) < self._streams_max:
            self.dropped[stream] = self.dropped.get(stream, 0) + 1
