"""Phones for the benchmark: a push service on this machine that takes everything, and what the ledger says of it."""

import asyncio
import base64
import json
import secrets
from contextlib import closing
from typing import Final, Self

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from vitals.bus import Bus, Incoming
from vitals.clock import open_clock
from vitals.commands import Command, CommandId, Subscribe, verb_of
from vitals.database import open_reader
from vitals.deadline import deadline
from vitals.delivery import ChannelName, Reach, SubscriptionId
from vitals.duty import StaffId
from vitals.parts import Part
from vitals.runs import new_run_id
from vitals.settings import Settings
from vitals.topics import CommandTopic, ReachTopic
from vitals.units import UtcMs
from vitals.wire import decode, encode

PHONES: Final = 10
READY_S: Final = 30.0
SETTLE_S: Final = 20.0
_POLL_S: Final = 0.2


class Phones:
    """`PHONES` phones of as many staff. Enter it, `subscribe`, let alarms come, ask for ``delays_ms``."""

    def __init__(self, settings: Settings) -> None:
        """Keep where the system is."""
        self._settings = settings
        self.taken = 0
        """Pushes that came."""

    async def __aenter__(self) -> Self:
        """Begin to take pushes."""
        app = web.Application()
        app.router.add_post("/{phone}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take no more."""
        await self._runner.cleanup()

    async def subscribe(self) -> None:
        """Have alerts call all phones.

        Raises:
            TimeoutError: alerts does not take them.
        """
        settings = self._settings
        clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
        kept: set[SubscriptionId] = set()

        def hear(incoming: Incoming) -> None:
            reach: Reach = decode(incoming.payload, Reach, place=incoming.topic)
            kept.update(way.subscription for way in reach.ways)

        async with Bus(url=settings.broker, client_id=f"bench-{new_run_id()}", clock=clock) as bus:
            bus.subscribe(str(ReachTopic(site=settings.site)), hear)
            async with deadline(READY_S):
                while len(kept) < PHONES:
                    for number in range(PHONES):
                        if SubscriptionId(f"phone-{number}") not in kept:
                            command = self._order(number, at_utc_ms=clock.utc_ms())
                            topic = CommandTopic(site=settings.site, owner=Part.ALERTS, verb=verb_of(command))
                            bus.send_soon(str(topic), encode(command), qos=1)
                    await asyncio.sleep(1.0)

    async def settled(self, *, at_least: int) -> None:
        """Return when so many calls of a first step were made and none is under way, or after `SETTLE_S`."""
        end_s = asyncio.get_running_loop().time() + SETTLE_S
        while asyncio.get_running_loop().time() < end_s:
            if len(self.delays_ms()) >= at_least and not self._count("letter IS NOT NULL"):
                return
            await asyncio.sleep(_POLL_S)

    def delays_ms(self, *, among: str = "step = 0") -> list[float]:
        """Return how long each call took from when it was due (the onset, for a first step) to the service's yes.

        Args:
            among: which attempts, as a condition of SQL.
        """
        sql = f"SELECT delay_ms FROM attempt WHERE state = 'sent' AND {among}"  # noqa: S608 - our own words
        with closing(open_reader(self._settings.ledger_file)) as ledger:
            return [float(row[0]) for row in ledger.execute(sql)]

    def _count(self, among: str) -> int:
        with closing(open_reader(self._settings.ledger_file)) as ledger:
            rows = ledger.execute(f"SELECT count(*) FROM attempt WHERE {among}").fetchall()  # noqa: S608 - our own
            return int(str(rows[0][0]))

    def _order(self, number: int, *, at_utc_ms: UtcMs) -> Command:
        point = (
            ec.generate_private_key(ec.SECP256R1())
            .public_key()
            .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        )
        keys = {"p256dh": _text(point), "auth": _text(secrets.token_bytes(16))}
        endpoint = f"http://127.0.0.1:{self._runner.addresses[0][1]}/{number}"
        body = Subscribe(
            subscription=SubscriptionId(f"phone-{number}"),
            staff=StaffId(f"staff-{number}"),
            channel=ChannelName.WEB_PUSH,
            address=json.dumps({"endpoint": endpoint, "keys": keys}),
        )
        return Command(
            id=CommandId(f"bench-{new_run_id()}"), owner=Part.ALERTS, by="bench", at_utc_ms=at_utc_ms, body=body
        )

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        self.taken += 1
        return web.Response(status=201)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
