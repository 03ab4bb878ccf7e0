"""The bus: MQTT 5 for one process, reconnecting for ever, with bounded memory and nothing silently lost.

What must arrive is either state that this process owns (`Bus.set_retained`: the newest value per topic is told to
every broker it meets, also to one that lost its memory) or stands in an outbox (`vitals.outbox`). `Bus.publish` alone
promises no more than that the broker said yes or that the caller hears no.
"""

import asyncio
import logging
import random
import ssl
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import aiomqtt

from vitals.backoff import back_off
from vitals.broker_url import parse_broker_url
from vitals.clock import Clock
from vitals.connection import Connection, Will
from vitals.errors import InputError, PeerError, PeerReason, SetupError, SetupReason
from vitals.units import MonotonicMs

logger: Final = logging.getLogger(__name__)

RETAINED_TOPICS_MAX: Final = 4096
"""State of one process: 300 participants with five rules each have 1500 alarm topics."""
SOON_MAX: Final = 1024
SOON_AT_ONCE: Final = 16
"""Of many messages so many are sent in one turn of the loop, in a millisecond: what comes meanwhile may be urgent."""
RECONNECT_FIRST_S: Final = 0.1
RECONNECT_CAP_S: Final = 2.0
RECONNECT_STABLE_S: Final = 10.0
_ROUTES_MAX: Final = 8192
_REFUSALS_LOGGED: Final = 10


class Incoming(NamedTuple):
    """One message. ``retained``: the broker kept it, so it says what was true once, at an unknown time."""

    topic: str
    payload: bytes
    retained: bool
    received_ms: MonotonicMs


Handler = Callable[[Incoming], None]
"""Runs in the event loop, quickly. An `InputError` is counted and logged; any other error ends the part."""


class _State(NamedTuple):
    payload: bytes
    version: int


class Bus:
    """A process's way to all others; enter it once.

    ``counters``: ``received``, ``published`` (handed to the socket), ``refused`` (incoming that no handler could
    read), ``dropped`` (of `send_soon`, oldest first), ``connects``, ``lost`` (connections).
    """

    def __init__(
        self,
        *,
        url: str,
        client_id: str,
        clock: Clock,
        will: Will | None = None,
        ca_file: Path | None = None,
        session_s: int = 0,
    ) -> None:
        """Keep what connecting needs.

        Args:
            url: ``mqtt://HOST:PORT`` or ``mqtts://...``.
            client_id: unique per run and constant in it, as ``analysis-1f0c...``.
            clock: for `Incoming.received_ms`; time-outs are in real seconds.
            will: what the broker publishes, retained, when this process dies.
            ca_file: certificate authority for ``mqtts``; None: those of the operating system.
            session_s: for so many real seconds without us the broker keeps what comes for us, if it can; the client id
                must be the same over restarts then. It comes before `on_connected` is called, or after.

        Raises:
            InputError: no address of a broker.
            SetupError: the certificate file cannot be read.
        """
        self._url = parse_broker_url(url)
        self._client_id = client_id
        self._clock = clock
        self._will = will
        self._tls = _open_tls(ca_file) if self._url.is_tls else None
        self._session_s = session_s
        self._handlers: dict[str, list[Handler]] = {}
        self._filters: dict[str, int] = {}
        self._routes: dict[str, tuple[Handler, ...]] = {}
        self._connected: list[Callable[[], None]] = []
        self._disconnected: list[Callable[[], None]] = []
        self._connection: Connection | None = None
        self._tasks = asyncio.TaskGroup()
        self._state: dict[str, _State] = {}
        self._dirty: dict[str, None] = {}
        self._waiting: dict[str, list[tuple[int, asyncio.Future[None]]]] = {}
        self._soon: deque[tuple[str, bytes, int]] = deque()
        self._new_filters: dict[str, int] = {}
        self._work = asyncio.Event()
        self._said: str | None = None
        self.counters = dict.fromkeys(("received", "published", "refused", "dropped", "connects", "lost"), 0)
        self.disconnected_since_ms: MonotonicMs | None = clock.mono_ms()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and our subscriptions, and answers."""
        return self._connection is not None and not self._connection.lost.done()

    @property
    def has_session(self) -> bool:
        """Whether the broker has kept what came for us since the connection before."""
        return self._connection is not None and self._connection.has_session

    def subscribe(self, topic_filter: str, handler: Handler, *, qos: int = 1) -> None:
        """Hand messages of a filter to ``handler``, now and after every reconnect.

        A filter may have several handlers. A message that fits two different filters of one process may come twice.
        """
        self._handlers.setdefault(topic_filter, []).append(handler)
        self._routes.clear()
        self._filters[topic_filter] = max(qos, self._filters.get(topic_filter, 0))
        self._new_filters[topic_filter] = self._filters[topic_filter]
        self._work.set()

    def on_connected(self, callback: Callable[[], None]) -> None:
        """Call back after each connection, before anything is published on it."""
        self._connected.append(callback)

    def on_disconnected(self, callback: Callable[[], None]) -> None:
        """Call back after each loss of a connection."""
        self._disconnected.append(callback)

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Publish and wait until the broker has confirmed it.

        Raises:
            PeerError: not connected, lost before the confirmation (it may have arrived all the same), or refused.
        """
        await (await self.send(topic, payload, qos=qos, retain=retain))

    async def send(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> asyncio.Future[None]:
        """Hand a message over in the order of calls, as soon as fewer than a hundred are under way.

        Returns:
            Done when the broker has confirmed it; fails as `publish` does.

        Raises:
            PeerError: not connected, or lost while waiting for a place.
        """
        if self._connection is None:
            raise PeerError("not published: no broker", PeerReason.UNREACHABLE)
        ack = await self._connection.send(topic, payload, qos=qos, retain=retain)
        self.counters["published"] += 1
        return ack

    def set_retained(self, topic: str, payload: bytes) -> None:
        """Say what the state of a topic is; it is told now, after each reconnect, and again when it changes.

        Only the newest value counts. ``b""`` clears the topic; it is forgotten when the broker has confirmed that.

        Raises:
            PeerError: more than `RETAINED_TOPICS_MAX` topics at a time.
        """
        before = self._state.get(topic)
        if before is None and len(self._state) >= RETAINED_TOPICS_MAX:
            raise PeerError(
                f"state of {topic} not taken: {RETAINED_TOPICS_MAX} topics are kept", PeerReason.OUT_OF_SLOTS
            )
        self._state[topic] = _State(payload, 1 if before is None else before.version + 1)
        self._dirty[topic] = None
        self._work.set()

    async def set_retained_now(self, topic: str, payload: bytes) -> None:
        """Do as `set_retained` and wait for the confirmation, over reconnects if need be; the caller sets the time-out.

        Raises:
            PeerError: the broker refuses it, or too many topics.
        """
        self.set_retained(topic, payload)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(topic, []).append((self._state[topic].version, done))
        await done

    def send_soon(self, topic: str, payload: bytes, *, qos: int = 0) -> None:
        """Publish without waiting. Without a broker it is dropped, behind `SOON_MAX` others the oldest is; counted."""
        if not self.connected:
            self.counters["dropped"] += 1
            return
        if len(self._soon) >= SOON_MAX:
            self._soon.popleft()
            self.counters["dropped"] += 1
        self._soon.append((topic, payload, qos))
        self._work.set()

    async def __aenter__(self) -> Self:
        """Start connecting; does not wait for it."""
        await self._tasks.__aenter__()
        self._runner = self._tasks.create_task(self._run(), name=f"bus[{self._client_id}].connection")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take leave of the broker, within two seconds; the will is not published then."""
        self._runner.cancel()
        await self._tasks.__aexit__(kind, error, trace)

    async def _run(self) -> None:
        waits = back_off(
            first_s=RECONNECT_FIRST_S, cap_s=RECONNECT_CAP_S, stable_s=RECONNECT_STABLE_S, chance=random.random
        )
        wait_s = next(waits)
        while True:
            await asyncio.sleep(wait_s)
            began_s = time.monotonic()
            connection = Connection(
                url=self._url,
                client_id=self._client_id,
                will=self._will,
                tls=self._tls,
                deliver=self._take,
                session_s=self._session_s,
            )
            held_s = 0.0
            try:
                await connection.open()
                await connection.subscribe_all(self._filters)
                began_s = time.monotonic()
                why = await self._serve(connection)
                held_s = time.monotonic() - began_s
            except PeerError as error:
                why = error
            finally:
                self._hear_loss(connection)
                await connection.close()
            if not isinstance(why, PeerError):
                raise why
            self._say(str(why))
            wait_s = waits.send(held_s)

    async def _serve(self, connection: Connection) -> BaseException:
        """Use a connection until it is lost and return why."""
        self._connection = connection
        self.disconnected_since_ms = None
        self.counters["connects"] += 1
        self._say("")
        self._new_filters.clear()
        self._dirty = dict.fromkeys(self._state)
        self._work.set()
        for callback in self._connected:
            callback()
        async with asyncio.TaskGroup() as tasks:
            pump = tasks.create_task(self._pump(connection), name=f"bus[{self._client_id}].pump")
            watch = tasks.create_task(connection.watch(), name=f"bus[{self._client_id}].watch")
            # Awaiting the future itself would cancel it with this task, and the broker would publish our will.
            await asyncio.wait([connection.lost])
            pump.cancel()
            watch.cancel()
        return connection.lost.result()

    def _hear_loss(self, connection: Connection) -> None:
        if self._connection is not connection:
            return
        self._connection = None
        self.disconnected_since_ms = self._clock.mono_ms()
        self.counters["lost"] += 1
        self.counters["dropped"] += len(self._soon)
        self._soon.clear()
        for callback in self._disconnected:
            callback()

    async def _pump(self, connection: Connection) -> None:
        """Subscribe to new filters, tell what has changed, send what was to be sent soon; in this order."""
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                while self._new_filters or self._dirty or self._soon:
                    if self._new_filters:
                        wanted, self._new_filters = self._new_filters, {}
                        await connection.subscribe_all(wanted)
                    elif self._dirty:
                        topic = next(iter(self._dirty))
                        del self._dirty[topic]
                        await self._tell(connection, topic)
                    else:
                        topic, payload, qos = self._soon.popleft()
                        await connection.send(topic, payload, qos=qos, retain=False)
                        self.counters["published"] += 1
                        if not self.counters["published"] % SOON_AT_ONCE:
                            await asyncio.sleep(0)
        except PeerError as error:
            connection.fail(error)

    async def _tell(self, connection: Connection, topic: str) -> None:
        state = self._state[topic]
        ack = await connection.send(topic, state.payload, qos=1, retain=True)
        self.counters["published"] += 1
        ack.add_done_callback(lambda done: self._hear_told(topic, state.version, done))

    def _hear_told(self, topic: str, version: int, ack: asyncio.Future[None]) -> None:
        error = None if ack.cancelled() else ack.exception()
        if isinstance(error, PeerError) and error.reason is not PeerReason.REFUSED:
            return  # told again after the reconnect
        if error is not None:
            logger.error(f"state refused topic={topic} why={error}")
        state = self._state.get(topic)
        if state is not None and state.version == version and not state.payload:
            del self._state[topic]
        still = []
        for wanted, done in self._waiting.pop(topic, []):
            if wanted > version:
                still.append((wanted, done))
            elif not done.done() and error is None:
                done.set_result(None)
            elif not done.done():
                done.set_exception(PeerError(str(error), PeerReason.REFUSED))
        if still:
            self._waiting[topic] = still

    def _take(self, message: aiomqtt.Message) -> None:
        topic = message.topic.value
        incoming = Incoming(topic, message.payload, message.retain, self._clock.mono_ms())
        self.counters["received"] += 1
        for handler in self._route(topic):
            try:
                handler(incoming)
            except InputError as error:
                self._refuse(error)

    def _refuse(self, error: InputError) -> None:
        self.counters["refused"] += 1
        count = self.counters["refused"]
        # A flood of nonsense must not fill the disk through the log: the first ones, then each power of ten.
        if count <= _REFUSALS_LOGGED or str(count).strip("0") == "1":
            logger.warning(f"message refused count={count} {error}")

    def _route(self, topic: str) -> tuple[Handler, ...]:
        found = self._routes.get(topic)
        if found is None:
            if len(self._routes) >= _ROUTES_MAX:
                self._routes.clear()
            fitting = [handlers for wanted, handlers in self._handlers.items() if topic_fits(topic, wanted)]
            found = tuple(handler for handlers in fitting for handler in handlers)
            self._routes[topic] = found
        return found

    def _say(self, why: str) -> None:
        if why == self._said:
            return
        if self._session_s:
            # A part's second connection: its first one says the same.
            logger.debug(f"broker of the session url={self._url} client={self._client_id} why={why}")
        elif why:
            logger.warning(f"broker lost url={self._url} client={self._client_id} why={why}")
        else:
            logger.info(f"broker connected url={self._url} client={self._client_id}")
        self._said = why


def topic_fits(topic: str, topic_filter: str) -> bool:
    """Return whether a filter with ``+`` and ``#`` takes a topic (MQTT 5, 4.7)."""
    if topic.startswith("$") and not topic_filter.startswith("$"):
        return False
    levels = topic.split("/")
    wanted = topic_filter.split("/")
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(levels) or level not in {"+", levels[place]}:
            return False
    return len(levels) == len(wanted)


def _open_tls(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SetupError(f"certificate authority {ca_file}: {error}", SetupReason.SETTINGS) from error
