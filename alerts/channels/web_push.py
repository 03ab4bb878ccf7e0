"""Web Push (RFC 8030, 8291, 8292): to the browser of a phone, encrypted for it, over its maker's push service."""

import hashlib
from typing import Annotated, Final
from urllib.parse import urlsplit

import aiohttp
from msgspec import Meta, Struct
from py_vapid import Vapid02  # type: ignore[import-untyped]
from pywebpush import WebPushException, webpush_async  # type: ignore[import-untyped]

from alerts.channels.outcome import SENT, Outcome, Surroundings, Verdict
from alerts.channels.retry_after import retry_after_s
from vitals.errors import InputError, InputReason
from vitals.push_message import PushKind, PushMessage, encode_push
from vitals.sessions import GenerationMode
from vitals.wire import decode

TTL_S: Final = 60
"""A high alarm is repeated each 30 s: what lay at the service for a minute is old news."""

TTL_LONG_S: Final = 300
"""What is said once may reach a phone that was out of reach for some minutes."""

TOPIC_CHARS: Final = 32
"""RFC 8030, section 5.4: at most 32 of the base64url alphabet."""

_TIME_OUT: Final = aiohttp.ClientTimeout(total=10, connect=5)
_GONE: Final = (404, 410)
_LATER: Final = (408, 425, 429)
_SERVER: Final = 500
_LOCAL: Final = ("127.0.0.1", "localhost")


class _Keys(Struct, frozen=True, kw_only=True):
    p256dh: Annotated[str, Meta(min_length=80, max_length=100)]
    auth: Annotated[str, Meta(min_length=16, max_length=40)]


class _Subscription(Struct, frozen=True, kw_only=True):
    endpoint: Annotated[str, Meta(max_length=2_000)]
    keys: _Keys


class WebPushChannel:
    """Pushes to browsers; all of them over one pool of connections."""

    def __init__(self, surroundings: Surroundings) -> None:
        """Read the site's key, made before."""
        self._vapid: Final = Vapid02.from_pem(surroundings.vapid_file.read_bytes())
        self._contact: Final = surroundings.contact
        self._mode: Final = surroundings.mode
        self._session: Final = aiohttp.ClientSession(timeout=_TIME_OUT)

    def check(self, address: str) -> None:
        """Refuse what is no subscription of a browser, or leads into the house."""
        self._read(address)

    async def send(self, address: str, message: PushMessage, *, is_urgent: bool) -> Outcome:
        """Encrypt and push one message."""
        subscription = self._read(address)
        keys = {"p256dh": subscription.keys.p256dh, "auth": subscription.keys.auth}
        is_repeated = is_urgent and message.kind is not PushKind.CLEAR
        try:
            await webpush_async(
                {"endpoint": subscription.endpoint, "keys": keys},
                encode_push(message).decode(),
                vapid_private_key=self._vapid,
                # Filled in by the call: a new one each time, or a push service would be shown another one's audience.
                vapid_claims={"sub": self._contact},
                ttl=TTL_S if is_repeated else TTL_LONG_S,
                headers={"Urgency": "high" if is_urgent else "normal", "Topic": topic_of(message.tag)},
                timeout=_TIME_OUT,
                aiohttp_session=self._session,
            )
        except WebPushException as error:
            return _judge(error)
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(verdict=Verdict.LATER, problem=f"push service not reached: {type(error).__name__}")
        except ValueError:
            # The keys are of the right length and yet no point of the curve.
            return Outcome(verdict=Verdict.GONE, problem="the browser's keys are none")
        return SENT

    async def close(self) -> None:
        """Close the pool."""
        await self._session.close()

    def _read(self, address: str) -> _Subscription:
        try:
            subscription: _Subscription = decode(address.encode(), _Subscription, place="address")
        except InputError as error:
            raise InputError("address", "is no subscription of a browser", InputReason.WRONG_SHAPE) from error
        url = urlsplit(subscription.endpoint)
        is_local = url.scheme == "http" and url.hostname in _LOCAL and self._mode is not GenerationMode.REAL
        if url.scheme != "https" and not is_local:
            raise InputError("address", "its push service is not reached by https", InputReason.NOT_ALLOWED)
        return subscription


def topic_of(tag: str) -> str:
    """Return the topic by which the service replaces what it has not delivered yet."""
    return tag if len(tag) <= TOPIC_CHARS else hashlib.sha256(tag.encode()).hexdigest()[:TOPIC_CHARS]


def _judge(error: WebPushException) -> Outcome:
    status = getattr(error.response, "status", None)
    if not isinstance(status, int):
        return Outcome(verdict=Verdict.REFUSED, problem="not encrypted: the browser's keys are none")
    problem = f"push service says {status}"
    if status in _GONE:
        return Outcome(verdict=Verdict.GONE, problem=problem)
    if status in _LATER or status >= _SERVER:
        headers = getattr(error.response, "headers", {})
        return Outcome(verdict=Verdict.LATER, problem=problem, again_s=retry_after_s(headers.get("Retry-After")))
    return Outcome(verdict=Verdict.REFUSED, problem=problem)
