"""What the tests of the dashboard share: passwords that cost nothing, and where pictures go."""

import os
from pathlib import Path

import pytest

from tests.dashboard.access.clinic_house import cheap


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash in a millisecond instead of 300."""
    monkeypatch.setattr("dashboard.access.reception.Passwords", cheap)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("VITALS_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
