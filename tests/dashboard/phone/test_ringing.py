"""Whose alarm it is and whether this phone sounds for it, as a table; the module itself, in Chromium."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.dashboard.access.clinic_house import NO_BROKER
from tests.dashboard.house import House, settings_for
from tests.dashboard.phone.pocket import open_pocket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ALARM: Final[dict[str, Any]] = {
    "id": "a1",
    "signal": "on",
    "priority": "medium",
    "family": "physiological",
    "participant": "p1",
    "onset_at_ms": 0,
}
TOM: Final[dict[str, Any]] = {"staff": "tom", "role": "therapist", "participants": ["p1"]}
SUE: Final[dict[str, Any]] = {"staff": "sue", "role": "supervisor"}
TIM: Final[dict[str, Any]] = {"staff": "tim", "role": "therapist", "participants": ["p2"]}
HIGH: Final[dict[str, Any]] = {"priority": "high"}
ANSWERED: Final[dict[str, Any]] = {"answers": [{"staff": "tom", "response": "cannot", "at_utc_ms": 1}]}

LAWS: Final[tuple[tuple[str, dict[str, Any], dict[str, Any] | None, list[dict[str, Any]], int, bool, bool], ...]] = (
    # what it says, alarm, call, duty, server ms, is mine, rings; all for tom
    ("of my people", {}, {}, [TOM, TIM], 0, True, True),
    ("of another's people", {}, {}, [TIM | {"participants": ["p1"]}, TOM | {"participants": ["p2"]}], 0, False, False),
    ("a high one of anybody", HIGH, {}, [TOM | {"participants": ["p2"]}], 0, True, True),
    ("called to another's", {}, {"called": ["tom"]}, [TIM, TOM | {"participants": ["p2"]}], 0, True, True),
    ("who is not on duty is not called", HIGH, {}, [SUE], 0, False, False),
    ("who is not on duty was called by a step", {}, {"called": ["tom"]}, [SUE], 0, True, True),
    ("nobody is on duty: rather than not", {}, {}, [], 0, True, True),
    ("no people of one's own: all", {}, {}, [TOM | {"participants": []}], 0, True, True),
    ("a gateway is nobody's person", {"family": "technical", "participant": None}, {}, [TOM], 0, True, True),
    ("low is for screens", {"priority": "low"}, {}, [TOM], 0, True, False),
    ("somebody has it", {"signal": "acknowledged"}, {}, [TOM], 0, True, False),
    ("I can't", {}, ANSWERED, [TOM], 0, True, False),
    ("switched off for a while", {}, {"off_until_utc_ms": 9}, [TOM], 0, True, False),
    ("alerts is silent: not at once", {}, None, [TOM | {"participants": ["p2"]}], 29_999, False, False),
    ("alerts is silent: after 30 s", {}, None, [TOM | {"participants": ["p2"]}], 30_000, False, True),
)
SCRIPT: Final = """async ([alarm, call, duty, serverMs]) => {
  const {isMine, ownerOf, rings} = await import('/static/phone/ringing.js');
  const owner = ownerOf('tom', duty);
  return [isMine(alarm, call ?? undefined, owner), rings(alarm, call ?? undefined, owner, serverMs)];
}"""


async def test_a_phone_rings_for_its_owner_and_rather_than_not(tmp_path: Path, pictures: Path) -> None:
    settings = settings_for(tmp_path, NO_BROKER)
    async with House(settings) as house, open_pocket(house, tmp_path, pictures) as pocket:
        await pocket.open("/static/phone/offline.html")
        for says, alarm, call, duty, server_ms, is_mine, is_ringing in LAWS:
            told = None if call is None else {"alarm": "a1"} | call
            found = await pocket.page.evaluate(SCRIPT, [ALARM | alarm, told, duty, server_ms])
            assert found == [is_mine, is_ringing], says
