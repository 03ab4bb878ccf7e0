"""What the tests of health share: a broker, passwords that cost nothing, and where pictures go."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.access.clinic_house import cheap
from tests.peers import Mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.access.reception.Passwords", cheap)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("VITALS_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
