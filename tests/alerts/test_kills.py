"""Alerts killed at random moments of a running escalation: nobody is forgotten, nothing begins anew, repeats are few.

`ALERTS_KILLS` and `ALERTS_SEED` for the long run (`make soak-alerts`).
"""

import asyncio
import os
import random
import sys
import time
from collections import defaultdict
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from tests.alerts.peer import RATE, Alerts, Peer, beating, running
from tests.alerts.push_service import PushService
from tests.alerts.script import PLAN
from tests.peers import Mosquitto
from vitals.alarms import Priority
from vitals.delivery import ChannelName

pytestmark = [pytest.mark.peer]

KILLS_SHORT = 8
STANDING = 4
"""So many alarms stand at a time; before one ends every phone has heard of it."""
EARLY_MS = 1_500
"""A step may look so much early: the onset is put on our clock by whole messages, at a rate of 6."""


@pytest.mark.timeout(150)
async def test_kills_at_random_points_forget_nobody_and_repeat_once_at_most(broker: Mosquitto, tmp_path: Path) -> None:
    await play(broker, tmp_path, kills=KILLS_SHORT, seed=7)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_two_hundred_kills(broker: Mosquitto, tmp_path: Path) -> None:
    kills = int(os.environ.get("ALERTS_KILLS", "200"))
    seed = int(os.environ.get("ALERTS_SEED", str(random.randrange(10_000))))
    sys.stdout.write(f"ALERTS_SEED={seed} ALERTS_KILLS={kills}\n")
    await play(broker, tmp_path, kills=kills, seed=seed)


async def play(broker: Mosquitto, folder: Path, *, kills: int, seed: int) -> None:
    """Kill alerts again and again while alarms begin, stand and end; then hold everything against the ledger."""
    chance = random.Random(seed)
    async with PushService() as service:
        with running(broker, folder, rate=RATE) as alerts:
            async with beating(broker, rate=RATE) as peer:
                phones = ("tom-phone", "ann-phone")
                for phone in phones:
                    address = service.subscribe(phone)
                    await peer.subscribe(phone, phone.partition("-")[0], ChannelName.WEB_PUSH, address)
                onsets: dict[str, int] = {}
                killed_s: list[float] = []
                for number in range(kills):
                    onsets[f"a{number}"] = peer.alarm(f"a{number}", participant=f"p{number}").onset_mono_ms
                    await kill_once(peer, alerts, service, chance=chance, killed_s=killed_s)
                    if number >= STANDING:
                        await end(peer, service, f"a{number - STANDING}", phones)
                for name in list(peer.alarms):
                    await peer.until(partial(has_heard, service, name, phones), f"{name} at every phone")
                await peer.until(
                    lambda: not alerts.query("SELECT 1 FROM attempt WHERE letter IS NOT NULL LIMIT 1"), "all is settled"
                )
                check(service, alerts, peer, killed_s=killed_s, onsets=onsets, phones=phones, seed=seed)


async def kill_once(
    peer: Peer, alerts: Alerts, service: PushService, *, chance: random.Random, killed_s: list[float]
) -> None:
    await asyncio.sleep(chance.random() * 1.2)
    alerts.kill()
    killed_s.append(time.monotonic())
    before = len(service.pushes)
    alerts.start()
    if chance.random() < 0.5:
        # Let it come up and go on: some kills hit the start, others an escalation that is under way.
        await peer.until(lambda: len(service.pushes) > before, "it calls again")
    await asyncio.sleep(chance.random() * 0.5)


async def end(peer: Peer, service: PushService, name: str, phones: tuple[str, ...]) -> None:
    await peer.until(partial(has_heard, service, name, phones), f"{name} at every phone")
    peer.end(name)


def has_heard(service: PushService, name: str, phones: tuple[str, ...]) -> bool:
    return all(any(push.payload["alarm_id"] == name for push in service.of(phone)) for phone in phones)


def check(
    service: PushService,
    alerts: Alerts,
    peer: Peer,
    *,
    killed_s: list[float],
    onsets: dict[str, int],
    phones: tuple[str, ...],
    seed: int,
) -> None:
    ledger: dict[tuple[str, str], str] = {
        (row[0], row[1]): row[2] for row in alerts.query("SELECT message_id, subscription, state FROM attempt")
    }
    assert {push.payload["kind"] for push in service.pushes} <= {"alarm", "clear", "technical"}, seed
    heard: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for push in service.pushes:
        if push.payload["kind"] != "clear":
            heard[push.phone, push.payload["alarm_id"], push.payload["step"]].append(push.at_s)
    for (phone, alarm, step), times in heard.items():
        assert (f"{alarm}.0.{step}.{phone}", phone) in ledger, (
            f"called and not in the ledger: {phone} {alarm} step {step}, seed {seed}"
        )
        for before, after in pairwise(times):
            between = [at_s for at_s in killed_s if before - 0.5 <= at_s <= after]
            assert between, f"repeated without a kill: {phone} {alarm} step {step}, seed {seed}"
    for (message, phone), state in ledger.items():
        alarm, _, number, _ = message.rsplit(".", 3)
        if state == "sent":
            assert (phone, alarm, int(number)) in heard, f"sent and never heard: {message}, seed {seed}"
    for name, onset_ms in onsets.items():
        for phone in phones:
            check_rhythm(service, peer, name, phone, onset_ms=onset_ms, seed=seed)


def check_rhythm(service: PushService, peer: Peer, name: str, phone: str, *, onset_ms: int, seed: int) -> None:
    """Hold every step against the onset: none comes before its time, and they go on, never back."""
    ladder = PLAN.ladder(Priority.HIGH)
    steps = [push for push in service.of(phone) if push.payload["alarm_id"] == name and push.payload["kind"] == "alarm"]
    numbers = [push.payload["step"] for push in steps]
    assert numbers == sorted(numbers), f"an escalation went back: {name} {numbers}, seed {seed}"
    for push in steps:
        due_ms = ladder.due_ms(push.payload["step"])
        assert due_ms is not None
        passed_ms = push.at_s * 1000 * peer.clock.rate - onset_ms
        assert passed_ms >= due_ms - EARLY_MS, f"early: {name} step {push.payload['step']}, seed {seed}"
