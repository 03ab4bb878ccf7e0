"""A store as small as it can be: keeps what comes on disk, says how far it is without a gap. Run to be killed.

``python small_store.py URL FILE SOURCE``; it commits five times a second and publishes its cursors after that.
"""

import asyncio
import sqlite3
import sys

from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.readings import Reading, ReadingMessage, RunId, StreamKey, stream_of
from vitals.runs import new_run_id
from vitals.store import StoreCursor, StreamCursor
from vitals.topics import CursorTopic, ReadingTopic, topic_filter
from vitals.wire import decode, encode

COMMIT_S = 0.2


class SmallStore:
    """What came, in a table; the order in which each seq came first is the table's order."""

    def __init__(self, path: str, source: str, bus: Bus, *, confirms: bool = True) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS heard "
            "(run, subject, kind, seq, age_ms, store, UNIQUE (run, subject, kind, seq))"
        )
        self.source = source
        self.bus = bus
        self.run_id = new_run_id()
        self.confirms = confirms
        self.fresh: list[tuple[Reading, int]] = []
        self.seen = 0
        self.swallows_seq: int | None = None
        self.swallowed: list[str] = []
        """Topic of the one message that was lost on its way, if one shall be."""
        bus.subscribe(topic_filter(ReadingTopic, site="gym", gateway=source), self.take)

    def take(self, incoming: Incoming) -> None:
        message: ReadingMessage = decode(incoming.payload, ReadingMessage, place=incoming.topic)
        if message.body.seq == self.swallows_seq and not self.swallowed:
            self.swallowed.append(incoming.topic)
            return
        self.seen += 1
        self.fresh.append((message.body, message.sent_mono_ms - message.body.mono_ms))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_S)
            fresh, self.fresh = self.fresh, []
            with self.connection:
                self.connection.executemany(
                    "INSERT OR IGNORE INTO heard VALUES (?, ?, ?, ?, ?, ?)",
                    [(*stream_of(reading), reading.seq, age_ms, self.run_id) for reading, age_ms in fresh],
                )
            if self.confirms:
                self.say_cursors()

    def say_cursors(self) -> None:
        cursors: dict[RunId, list[StreamCursor]] = {}
        for key, seqs in self.stored().items():
            wanted = 0
            while wanted in seqs:
                wanted += 1
            cursors.setdefault(key.run, []).append(StreamCursor(subject=key.subject, kind=key.kind, seq=wanted - 1))
        for run, streams in cursors.items():
            cursor = StoreCursor(store_run=self.run_id, source=self.source, run=run, streams=tuple(streams))
            self.bus.set_retained(str(CursorTopic(site="gym", source=self.source, run=run)), encode(cursor))

    def stored(self) -> dict[StreamKey, set[int]]:
        found: dict[StreamKey, set[int]] = {}
        for run, subject, kind, seq in self.connection.execute("SELECT run, subject, kind, seq FROM heard"):
            found.setdefault(StreamKey(run, subject, kind), set()).add(seq)
        return found


async def main(url: str, path: str, source: str) -> None:
    async with Bus(url=url, client_id=f"store-{new_run_id()}", clock=Clock()) as bus:
        await SmallStore(path, source, bus).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
