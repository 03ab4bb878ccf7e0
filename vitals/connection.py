"""One connection to the broker, from CONNACK to its loss; a new one is made for each attempt and never used twice.

aiomqtt does the protocol. What is added here was needed by measurement: a publish ends with the broker's reason code (a
PUBACK can be a refusal), a broker that is paused without closing its socket is noticed, and an attempt that is given up
leaves no socket behind.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, TypeVar

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import ConnectFlags
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from vitals.broker_url import BrokerUrl
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason
from vitals.wire import CONTENT_TYPE

KEEPALIVE_S: Final = 3
"""The broker publishes our will 1.5 times this after we fell silent (MQTT 5, 3.1.2.10); real seconds."""
PROBE_S: Final = 1.0
"""After this long without a confirmation the broker is asked for one; who publishes each second is never asked."""
ANSWER_S: Final = 3.0
"""A broker that confirms nothing for so long is gone: a pause is noticed `PROBE_S` + `ANSWER_S` + `LOOK_S` later."""
LOOK_S: Final = 0.25
IN_FLIGHT_MAX: Final = 100
"""QoS 1 messages without a PUBACK. paho's and the broker's memory both grow with it."""

PROBE_TOPIC: Final = "vitals/probe"
"""Nobody hears it. A publish is confirmed by every broker; an UNSUBACK for nothing is not (rumqttd 0.4)."""
_PROTOCOL_LOGGER: Final = logging.getLogger("vitals.connection.protocol")
_PROTOCOL_LOGGER.setLevel(logging.CRITICAL)  # the Bus tells of every change once; paho would tell of every packet

T = TypeVar("T")


class Will(NamedTuple):
    """What the broker publishes, retained, when this connection dies without a word."""

    topic: str
    payload: bytes


class _Pending(NamedTuple):
    ack: asyncio.Future[None]
    since_s: float


def _content_type() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)
    properties.ContentType = CONTENT_TYPE
    return properties


_PROPERTIES: Final = _content_type()


class Connection(aiomqtt.Client):
    """A client that connects once. ``lost`` is done when it is over; its result says why."""

    def __init__(
        self,
        *,
        url: BrokerUrl,
        client_id: str,
        will: Will | None,
        tls: ssl.SSLContext | None,
        deliver: Callable[[aiomqtt.Message], None],
        session_s: int = 0,
    ) -> None:
        """Keep what `open` needs; nothing is connected yet.

        Args:
            url: where the broker is.
            client_id: the same for each connection of a run, so that the broker closes a half-open one before it.
            will: retained, QoS 1.
            tls: needed when the address says so.
            deliver: gets each message in the event loop; what it raises ends the connection and is in ``lost``.
            session_s: for so long after the connection the broker keeps what comes for us; 0: it forgets us at once.
        """

        class Straight(asyncio.Queue[aiomqtt.Message]):
            """aiomqtt's hook: each message goes straight on, without a queue and a task for each."""

            def put_nowait(self, item: aiomqtt.Message) -> None:
                connection.deliver(item)

        connection = self
        super().__init__(
            url.host,
            url.port,
            username=url.user,
            password=url.password,
            identifier=client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=None if will is None else aiomqtt.Will(will.topic, will.payload, 1, True, _will_properties()),  # noqa: FBT003
            clean_start=not session_s,
            properties=_session(session_s) if session_s else None,
            keepalive=KEEPALIVE_S,
            timeout=ANSWER_S,
            max_inflight_messages=IN_FLIGHT_MAX,
            queue_type=Straight,
            tls_context=tls,
            # Messages are small and urgent: without this each may wait 40 ms for the other side's delayed ACK.
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            logger=_PROTOCOL_LOGGER,
        )
        self._client.connect_timeout = ANSWER_S
        self._deliver = deliver
        self._pending: dict[int, _Pending] = {}
        self._confirmed_s = time.monotonic()
        self._slots = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._gate = threading.Lock()
        self._connecting = False
        self._abandoned = False
        self.has_session = False
        """Whether the broker remembered us, and with that what came for us meanwhile (MQTT 5, 3.2.2.1.1)."""
        self.lost: asyncio.Future[BaseException] = self._loop.create_future()

    async def open(self) -> None:
        """Connect.

        Raises:
            PeerError: nobody there, no answer, or refused; the reason says which.
        """
        self._connecting = True
        try:
            await self.__aenter__()
        except MqttConnectError as error:
            raise PeerError(f"broker refused: {error}", PeerReason.REFUSED) from error
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            raise PeerError(f"broker not reachable: {error}", PeerReason.UNREACHABLE) from error
        self._disconnected.add_done_callback(self._hear_end)

    async def close(self) -> None:
        """Take leave if the broker still listens; in any case close the socket and fail what is in flight."""
        try:
            if self._connected.done() and not self._connected.cancelled() and not self.lost.done():
                async with deadline(1.0):
                    await self.__aexit__(None, None, None)
        except (aiomqtt.MqttError, TimeoutError):
            pass  # a paused broker takes no leave; the socket is closed below
        finally:
            self.fail(PeerError("connection closed", PeerReason.GONE))
            with self._gate:
                self._abandoned = True
                is_connecting = self._connecting
            if not is_connecting:
                # After callbacks that the connecting thread has queued: they add a reader for this socket.
                self._loop.call_soon(self._close_socket)
            await asyncio.sleep(0)

    def fail(self, error: BaseException) -> None:
        """Call the connection lost; everything in flight ends with a `PeerError`."""
        if not self.lost.done():
            self.lost.set_result(error)
        pending, self._pending = self._pending, {}
        for one in pending.values():
            if not one.ack.done():
                one.ack.set_exception(PeerError(f"not published: {error}", PeerReason.LINK_LOST))
                one.ack.exception()  # retrieved, for those that nobody waits for any more

    async def send(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> asyncio.Future[None]:
        """Hand one message to the socket as soon as fewer than `IN_FLIGHT_MAX` are under way.

        Returns:
            Done after the PUBACK (QoS 1) or after the write (QoS 0); fails with a `PeerError`.

        Raises:
            PeerError: the connection is lost.
        """
        await self._slots.acquire()
        if self.lost.done():
            self._slots.release()
            raise PeerError(f"not published: {self.lost.result()}", PeerReason.LINK_LOST)
        info = self._client.publish(topic, payload, qos, retain, _PROPERTIES)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._slots.release()
            raise PeerError(f"not published: {info.rc!s}", PeerReason.LINK_LOST)
        ack: asyncio.Future[None] = self._loop.create_future()
        ack.add_done_callback(self._free_slot)
        self._pending[info.mid] = _Pending(ack, time.monotonic())
        return ack

    async def subscribe_all(self, filters: dict[str, int]) -> None:
        """Subscribe to filters with their QoS, in one packet.

        Raises:
            PeerError: no answer, or one of them is refused.
        """
        if not filters:
            return
        try:
            codes = await self.subscribe(list(filters.items()))
        except (aiomqtt.MqttError, ValueError) as error:
            raise PeerError(f"not subscribed: {error}", PeerReason.LINK_LOST) from error
        for wanted, code in zip(filters, codes, strict=True):
            if isinstance(code, ReasonCode) and code.is_failure:
                raise PeerError(f"subscription {wanted} refused: {code}", PeerReason.REFUSED)

    async def watch(self) -> None:
        """Look whether the broker confirms what it gets, asking it when there is nothing; end with the connection."""
        while not self.lost.done():
            await asyncio.sleep(LOOK_S)
            now_s = time.monotonic()
            oldest = next(iter(self._pending.values()), None)
            if oldest is not None and now_s - oldest.since_s >= ANSWER_S:
                self.fail(PeerError("broker does not answer", PeerReason.TIMED_OUT))
            elif oldest is None and now_s - self._confirmed_s >= PROBE_S:
                with contextlib.suppress(PeerError):  # `lost` says why
                    await self.send(PROBE_TOPIC, b"", qos=1, retain=False)

    def deliver(self, message: aiomqtt.Message) -> None:
        """Hand one message on; a defect in the handler ends the connection with that error in ``lost``."""
        try:
            self._deliver(message)
        except Exception as error:  # noqa: BLE001 - paho would swallow it; the Bus raises what is in `lost`
            self.fail(error)

    def _free_slot(self, _: asyncio.Future[None]) -> None:
        self._slots.release()

    def _hear_end(self, ended: asyncio.Future[None]) -> None:
        error = None if ended.cancelled() else ended.exception()
        self.fail(PeerError(f"connection lost: {error or 'closed by the broker'}", PeerReason.LINK_LOST))

    def _on_connect(
        self,
        client: Any,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.has_session = flags.session_present
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self, client: Any, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        super()._on_publish(client, userdata, mid, reason_code, properties)
        one = self._pending.pop(mid, None)
        if one is None:
            return
        self._confirmed_s = time.monotonic()
        if one.ack.done():
            return
        if reason_code.is_failure:
            one.ack.set_exception(PeerError(f"broker refused a message: {reason_code}", PeerReason.REFUSED))
            one.ack.exception()
        else:
            one.ack.set_result(None)

    async def _wait_for(self, fut: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 - aiomqtt's signature
        # asyncio.wait_for before Python 3.12 can swallow a cancellation that comes together with the answer
        # (CPython issue 86296); a Bus that was told to stop then went on for ever.
        try:
            async with deadline(self.timeout if timeout is None else timeout):
                return await fut
        except TimeoutError:
            raise aiomqtt.MqttError("no answer") from None

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:  # noqa: ARG002 - aiomqtt's
        # aiomqtt asks the loop to watch the number of the socket a moment later. If the broker goes within that moment,
        # the number is free, or somebody else's by then: an error in the log, or a loop that never sleeps again.
        def write() -> None:
            try:
                client.loop_write()
            except Exception as error:  # noqa: BLE001 - a broken pipe: the connection is over
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        def watch() -> None:
            if client.socket() is sock:
                self._loop.add_writer(sock.fileno(), write)

        self._loop.call_soon_threadsafe(watch)

    def _client_connect(self) -> None:
        # Runs in a thread. An attempt that is cancelled meanwhile must not leave its socket in the loop.
        try:
            super()._client_connect()
        finally:
            with self._gate, contextlib.suppress(RuntimeError):  # the loop may be closed by now
                self._connecting = False
                if self._abandoned:
                    self._loop.call_soon_threadsafe(self._close_socket)

    def _close_socket(self) -> None:
        self._client._sock_close()  # noqa: SLF001 - paho's public ways of closing ask the broker first


def _session(session_s: int) -> Properties:
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = session_s
    return properties


def _will_properties() -> Properties:
    properties = Properties(PacketTypes.WILLMESSAGE)
    properties.ContentType = CONTENT_TYPE
    return properties
