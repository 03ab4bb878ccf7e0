"""ntfy: to its app on a phone, over a server of the house or ntfy.sh; with buttons that answer."""

from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
from msgspec import Meta, Struct

from alerts.channels.outcome import SENT, Outcome, Surroundings, Verdict
from alerts.channels.retry_after import retry_after_s
from vitals.alarms import Priority
from vitals.delivery import Response
from vitals.errors import InputError, InputReason
from vitals.push_message import PushKind, PushMessage
from vitals.wire import decode

RESPOND_PATH: Final = "/api/v1/push/respond"

_TIME_OUT: Final = aiohttp.ClientTimeout(total=10, connect=5)
_PRIORITIES: Final = {Priority.HIGH: 5, Priority.MEDIUM: 4, Priority.LOW: 3, Priority.INFO: 2}
"""5 is what ntfy lets through "do not disturb" on Android."""
_SIGNS: Final = {Priority.HIGH: "rotating_light", Priority.MEDIUM: "warning"}
_ANSWERS: Final = ((Response.ACCEPT, "Accept"), (Response.CANNOT, "Can't"))
_TOO_MANY: Final = 429
_BAD: Final = 400
_SERVER: Final = 500


class NtfyAddress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a subscription to ntfy needs; ``token``: of an account that may write to the topic."""

    server: Annotated[str, Meta(max_length=200)]
    topic: Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
    token: Annotated[str, Meta(max_length=100)] = ""


class NtfyChannel:
    """Posts to ntfy servers."""

    def __init__(self, surroundings: Surroundings) -> None:
        """Keep where answers go."""
        self._dashboard_url: Final = surroundings.dashboard_url
        self._session: Final = aiohttp.ClientSession(timeout=_TIME_OUT)

    def check(self, address: str) -> None:
        """Refuse what is no topic of a server."""
        _read(address)

    async def send(self, address: str, message: PushMessage, *, is_urgent: bool) -> Outcome:  # noqa: ARG002 - the
        # priority says it
        """Post one message. ntfy has no tags: one that is over is not taken back."""
        if message.kind is PushKind.CLEAR:
            return SENT
        to = _read(address)
        headers = {"Authorization": f"Bearer {to.token}"} if to.token else {}
        body = encode_ntfy(message, topic=to.topic, dashboard_url=self._dashboard_url)
        try:
            async with self._session.post(to.server, data=body, headers=headers) as answer:
                return _judge(answer)
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(verdict=Verdict.LATER, problem=f"ntfy not reached: {type(error).__name__}")

    async def close(self) -> None:
        """Close the pool of connections."""
        await self._session.close()


def encode_ntfy(message: PushMessage, *, topic: str, dashboard_url: str) -> bytes:
    """Return what is posted: JSON of ntfy's "publish as JSON"."""
    body: dict[str, Any] = {
        "topic": topic,
        "title": message.title,
        "message": message.body,
        "priority": _PRIORITIES[message.priority],
    }
    sign = _SIGNS.get(message.priority)
    if sign is not None:
        body["tags"] = [sign]
    if dashboard_url:
        body["click"] = f"{dashboard_url}{message.url}"
        if message.token:
            body["actions"] = [_button(response, label, message, dashboard_url) for response, label in _ANSWERS]
    return msgspec.json.encode(body)


def _button(response: Response, label: str, message: PushMessage, dashboard_url: str) -> dict[str, Any]:
    return {
        "action": "http",
        "label": label,
        "url": f"{dashboard_url}{RESPOND_PATH}",
        "method": "POST",
        "headers": {"Content-Type": "application/json"},
        "body": msgspec.json.encode({"token": message.token, "response": response.value}).decode(),
        "clear": True,
    }


def _read(address: str) -> NtfyAddress:
    try:
        to: NtfyAddress = decode(address.encode(), NtfyAddress, place="address")
    except InputError as error:
        raise InputError("address", "is no topic of an ntfy server", InputReason.WRONG_SHAPE) from error
    url = urlsplit(to.server)
    if url.scheme not in {"http", "https"} or not url.hostname or url.username is not None:
        raise InputError("address", "its ntfy server has no http address", InputReason.NOT_ALLOWED)
    return to


def _judge(answer: aiohttp.ClientResponse) -> Outcome:
    problem = f"ntfy says {answer.status}"
    if answer.status == _TOO_MANY or answer.status >= _SERVER:
        again_s = retry_after_s(answer.headers.get("Retry-After"))
        return Outcome(verdict=Verdict.LATER, problem=problem, again_s=again_s)
    return SENT if answer.status < _BAD else Outcome(verdict=Verdict.REFUSED, problem=problem)
