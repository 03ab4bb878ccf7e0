"""A push service of our own: decrypts as a browser would and checks the site's signature, without any code of ours."""

import asyncio
import base64
import json
import os
import time
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import http_ece  # type: ignore[import-untyped]
from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


@dataclass
class Push:
    """One push as the browser has it, and what the service was told about it."""

    phone: str
    at_s: float
    headers: dict[str, str]
    claims: dict[str, Any]
    key: str
    wire_bytes: int
    clear: bytes

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.clear)
        return payload


@dataclass
class Browser:
    """A browser's half of a subscription. ``answers``: statuses for the next pushes; ``hang_s``: sits on each."""

    name: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    answers: list[int] = field(default_factory=list)
    retry_after: str = ""
    hang_s: float = 0
    tries: list[float] = field(default_factory=list)


class PushService:
    """Pushes by phone, in the order in which they came."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.browsers: dict[str, Browser] = {}
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/push/{phone}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def subscribe(self, phone: str) -> str:
        """Return what a browser gives for a new subscription: its address, as JSON."""
        browser = self.browsers[phone] = Browser(phone)
        point = browser.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": _text(point), "auth": _text(browser.auth)}
        return json.dumps({"endpoint": f"{self.url}/push/{phone}", "keys": keys})

    def of(self, phone: str) -> list[Push]:
        return [push for push in self.pushes if push.phone == phone]

    async def _take(self, request: web.Request) -> web.Response:
        browser = self.browsers[request.match_info["phone"]]
        browser.tries.append(time.monotonic())
        body = await request.read()
        if browser.hang_s:
            await asyncio.sleep(browser.hang_s)
        if browser.answers:
            status = browser.answers.pop(0)
            if status != 201:
                headers = {"Retry-After": browser.retry_after} if browser.retry_after else {}
                return web.Response(status=status, headers=headers, text="no")
        claims, key = _verify(request.headers["Authorization"], audience=self.url)
        clear = http_ece.decrypt(body, private_key=browser.private, auth_secret=browser.auth, version="aes128gcm")
        assert request.headers["Content-Encoding"] == "aes128gcm"
        self.pushes.append(
            Push(
                browser.name,
                time.monotonic(),
                {name.title(): value for name, value in request.headers.items()},
                claims,
                key,
                len(body),
                clear,
            )
        )
        return web.Response(status=201, headers={"Location": "/message/1"})


def _verify(authorization: str, *, audience: str) -> tuple[dict[str, Any], str]:
    """Check a VAPID header (RFC 8292): signature, audience, expiry; return its claims and the site's public key."""
    assert authorization.startswith("vapid ")
    parts = dict(one.strip().split("=", 1) for one in authorization.removeprefix("vapid ").split(","))
    head, said, seal = parts["t"].split(".")
    signature = _bytes(seal)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(parts["k"]))
    key.verify(utils.encode_dss_signature(r, s), f"{head}.{said}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(_bytes(head))["alg"] == "ES256"
    claims: dict[str, Any] = json.loads(_bytes(said))
    assert claims["aud"] == audience
    assert urlsplit(claims["aud"]).path == ""
    assert time.time() < claims["exp"] <= time.time() + 86_400
    return claims, parts["k"]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
