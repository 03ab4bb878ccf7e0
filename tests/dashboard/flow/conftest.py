"""A broker of their own for the tests of the flow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers import Mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()
