"""Sends an outbox: what is new at once, what the store did not confirm again and again, never the new behind the old.

When the broker comes back, everything unconfirmed is sent from the cursor on; likewise when the store begins a new run,
or when the cursor of a stream stands still for `STANDSTILL_S` although there is something for it. What is younger than
`YOUNG_MS` still counts as evidence, so after an outage it goes before the older backlog.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason
from vitals.outbox import OutboxRow, OutboxStore
from vitals.readings import RunId, StreamKey
from vitals.store import StoreCursor
from vitals.topics import CursorTopic, topic_filter
from vitals.units import MonotonicMs
from vitals.wire import decode, stamp

logger: Final = logging.getLogger(__name__)

STANDSTILL_S: Final = 3.0
"""The store commits each second; three without a sign of a stream means that something of it was lost."""
PATIENCE_S_MAX: Final = 30.0
"""A store that takes nothing is asked ever more rarely, but at least this often."""
YOUNG_MS: Final = 10_000
"""Younger readings are ordinary evidence for alarms: age alone makes one late."""
RESENT_PER_S_MAX: Final = 1000.0
"""Nine times the readings of a class of 30: an hour's outage is caught up in seven minutes."""
RESENT_IN_FLIGHT_MAX: Final = 50
RESENT_AHEAD_MAX: Final = 2000
"""Rows sent again that the store has not confirmed; then it is waited for. More would stand in the broker's queue to a
slow consumer, and every live reading behind them. At full pace the store confirms 1000 each second."""
_SETTLE_S: Final = 0.2
"""After connecting, retained cursors come first; real seconds."""
_LOOK_S: Final = 0.5
_STORES_MAX: Final = 256


class OutboxSender:
    """Sends one outbox over the bus; hears the store's cursors by itself.

    ``counters``: ``sent`` (new rows), ``resent``, ``refused`` (by the broker), ``confirmed`` (by the store).
    """

    def __init__(self, *, store: OutboxStore, bus: Bus, site: str, source: str, clock: Clock) -> None:
        """Subscribe to the cursors of ``source``; `run` does the rest."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._wake = asyncio.Event()
        self._again = asyncio.Event()
        self._progress = asyncio.Event()
        self._in_flight: dict[int, OutboxRow] = {}
        self._store_runs: dict[RunId, RunId] = {}
        self._standing: dict[StreamKey, tuple[int, MonotonicMs]] = {}
        self._patience_s = STANDSTILL_S
        self._ahead: list[OutboxRow] = []
        """What was sent again and is not confirmed."""
        self._end = 0
        """The newest row that the next pass over everything shall send; what is newer goes as live."""
        self.counters = dict.fromkeys(("sent", "resent", "refused", "confirmed"), 0)
        self.on_sent: Callable[[OutboxRow], None] = _nobody
        """Called with each new row that the broker was just given for the first time."""
        store.wake = self._wake.set
        bus.subscribe(topic_filter(CursorTopic, site=site, source=source), self._hear_cursor)
        bus.on_connected(self._begin_again)

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send_live(), name="outbox.live")
            tasks.create_task(self._send_backlog(), name="outbox.backlog")

    async def _send_live(self) -> None:
        live = self._store.live
        while True:
            await self._wake.wait()
            self._wake.clear()
            while live and self._bus.connected:
                row = live.popleft()
                self._in_flight[row.id] = row
                try:
                    ack = await self._send(row)
                except PeerError:
                    break  # stays in flight and goes again after the reconnect
                self.counters["sent"] += 1
                self.on_sent(row)
                ack.add_done_callback(lambda done, row=row: self._hear_ack(row, done))  # type: ignore[misc]

    async def _send_backlog(self) -> None:
        while True:
            try:
                async with deadline(self._clock.real_s(_LOOK_S)):
                    await self._again.wait()
            except TimeoutError:
                pass
            if not self._bus.connected:
                self._again.clear()  # the reconnect sets it anew
                continue
            if self._again.is_set():
                await asyncio.sleep(_SETTLE_S)
                self._again.clear()
                await self._send_again(None, end=self._end)
            elif standing := self._find_standing():
                await self._send_again(standing, end=self._store.newest_id)

    async def _send_again(self, wanted: frozenset[StreamKey] | None, *, end: int) -> None:
        """Send everything unconfirmed of some streams, or of all, up to a place in the order of arrival."""
        place = 0
        window = asyncio.Semaphore(RESENT_IN_FLIGHT_MAX)
        confirmed_before = self.counters["confirmed"]
        self._ahead.clear()
        count = 0
        while place < end:
            rows, place = self._store.page(after_id=place, up_to_id=end)
            for row in rows:
                if (wanted is not None and row.key not in wanted) or not self._store.is_unconfirmed(row):
                    continue
                if row.id in self._in_flight:
                    continue  # under way for the first time
                if not await self._hear_room():
                    place = end
                    break
                await window.acquire()
                try:
                    ack = await self._send(row)
                except PeerError:
                    return  # the reconnect begins anew
                ack.add_done_callback(lambda _: window.release())
                count += 1
                self._ahead.append(row)
                self.counters["resent"] += 1
                await self._clock.sleep(1 / RESENT_PER_S_MAX)
            if self._again.is_set():
                return
        if count:
            logger.info(f"outbox sent again rows={count} streams={'all' if wanted is None else len(wanted)}")
        if self.counters["confirmed"] == confirmed_before:
            self._patience_s = min(PATIENCE_S_MAX, self._patience_s * 2)
        self._standing.clear()

    async def _hear_room(self) -> bool:
        """Return whether the store is near enough for one more row, waiting for it if need be; if not, it stands."""
        try:
            async with deadline(self._clock.real_s(STANDSTILL_S)):
                while len(self._ahead) >= RESENT_AHEAD_MAX:
                    self._progress.clear()
                    await self._progress.wait()
        except TimeoutError:
            return False
        return True

    def _find_standing(self) -> frozenset[StreamKey]:
        """Return the streams whose cursor has not moved for too long although there is something for it."""
        now_ms = self._clock.mono_ms()
        before, self._standing = self._standing, {}
        for key, stored in self._store.standing().items():
            seen = before.get(key)
            self._standing[key] = seen if seen is not None and seen[0] == stored else (stored, now_ms)
        patience_ms = self._patience_s * 1000
        return frozenset(key for key, (_, since_ms) in self._standing.items() if now_ms - since_ms >= patience_ms)

    async def _send(self, row: OutboxRow) -> asyncio.Future[None]:
        age_ms = self._store.age_ms(row, now_mono_ms=self._clock.mono_ms(), now_utc_ms=self._clock.utc_ms())
        return await self._bus.send(row.topic, stamp(row.body, sent_mono_ms=row.mono_ms + age_ms))

    def _hear_ack(self, row: OutboxRow, ack: asyncio.Future[None]) -> None:
        error = None if ack.cancelled() else ack.exception()
        if isinstance(error, PeerError) and error.reason is not PeerReason.REFUSED:
            return  # stays in flight and goes again after the reconnect
        if error is not None:
            self.counters["refused"] += 1
        self._in_flight.pop(row.id, None)

    def _hear_cursor(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return  # a cursor of a run that nobody needs any more was cleared
        cursor: StoreCursor = decode(incoming.payload, StoreCursor, place=incoming.topic)
        known = self._store_runs.get(cursor.run)
        if known is not None and known != cursor.store_run:
            self._end = self._store.newest_id
            self._again.set()
            self._patience_s = STANDSTILL_S
        if len(self._store_runs) >= _STORES_MAX and known is None:
            del self._store_runs[next(iter(self._store_runs))]
        self._store_runs[cursor.run] = cursor.store_run
        confirmed = self._store.apply_cursor(cursor)
        if confirmed:
            self.counters["confirmed"] += confirmed
            self._patience_s = STANDSTILL_S
            self._ahead = [row for row in self._ahead if self._store.is_unconfirmed(row)]
            self._progress.set()

    def _begin_again(self) -> None:
        """After a connection: what may be lost and is still evidence goes first, in order; the rest is backlog."""
        rows = sorted({row.id: row for row in (*self._in_flight.values(), *self._store.live)}.values())
        self._in_flight.clear()
        self._store.live.clear()
        self._store.live.extend(row for row in rows if self._store.is_unconfirmed(row) and self._is_young(row))
        self._end = self._store.live[0].id - 1 if self._store.live else self._store.newest_id
        self._wake.set()
        self._again.set()

    def _is_young(self, row: OutboxRow) -> bool:
        now_mono_ms, now_utc_ms = self._clock.mono_ms(), self._clock.utc_ms()
        return self._store.age_ms(row, now_mono_ms=now_mono_ms, now_utc_ms=now_utc_ms) <= YOUNG_MS


def _nobody(_row: OutboxRow) -> None:
    """Nobody wants to know."""
