"""Passwords of the tests are hashed in a millisecond."""

import pytest

from tests.dashboard.access.clinic_house import cheap


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.access.reception.Passwords", cheap)
