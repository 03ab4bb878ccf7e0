"""Services at the far end of the other channels: an ntfy that writes down what is posted, and a real mail server."""

import asyncio
import json
from typing import Any, Self

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from vitals.admitting import admit_no_more


class NtfyService:
    """Takes what is published as JSON. ``answers``: statuses for the next posts; ``hang_s``: sits on each."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        self.hang_s = 0.0
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def address(self, topic: str, *, token: str = "") -> str:
        return json.dumps({"server": self.url, "topic": topic} | ({"token": token} if token else {}))

    async def _take(self, request: web.Request) -> web.Response:
        if self.hang_s:
            await asyncio.sleep(self.hang_s)
        if self.answers:
            status = self.answers.pop(0)
            if status != 200:
                return web.Response(status=status)
        self.posts.append(await request.json())
        self.headers.append(dict(request.headers))
        return web.json_response({"id": "x", "event": "message"})


class MailService:
    """A real SMTP server in this loop; ``mails`` holds whole messages."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.recipients: list[str] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="mail.test"), "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await admit_no_more(self._server.sockets)
        self._server.close()
        await self._server.wait_closed()

    def address(self, to: str) -> str:
        return f"mailto://127.0.0.1:{self.port}/?from=vitals@gym.test&to={to}&mode=insecure"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content.decode())
        self.recipients += envelope.rcpt_tos
        return "250 OK"
