"""What the tests of running alerts share: alerts as a process of its own, its peers, and a push service."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.alerts.peer import RATE, Alerts, Peer, beating, running
from tests.alerts.push_service import PushService
from tests.peers import Mosquitto


@pytest.fixture
def alerts(broker: Mosquitto, tmp_path: Path) -> Iterator[Alerts]:
    with running(broker, tmp_path, rate=RATE) as process:
        yield process


@pytest.fixture
async def peer(broker: Mosquitto, alerts: Alerts) -> AsyncIterator[Peer]:  # noqa: ARG001 - alerts runs with it
    async with beating(broker, rate=RATE) as peer:
        yield peer


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with PushService() as service:
        yield service
