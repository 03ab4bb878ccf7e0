""" "Tap your strap": only what begins to call, or to feel skin, since somebody asked is shown."""

from typing import Any

import pytest

from tests.dashboard.page.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

SCRIPT = """(() => {
  const tapping = new m.Tapping(a[0], 0);
  a[1].forEach(([at, nearby]) => tapping.hear(nearby, at));
  return {tapped: [...tapping.tapped], left: tapping.secondsLeft};
})()"""


def heard(sensor: str, *, age_ms: int = 200, contact: bool | None = None) -> dict[str, Any]:
    return {"sensor": sensor, "age_ms": age_ms, "contact": contact, "rssi_dbm": -60, "kind": "strap"}


async def tapped(screen: Screen, before: list[Any], later: list[Any]) -> dict[str, Any]:
    screen.peer.refuses = True
    await screen.page.goto(screen.peer.url)
    found: dict[str, Any] = await screen.call("desk/tapping.js", SCRIPT, before, later)
    return found


async def test_what_begins_to_call_or_to_feel_skin_is_tapped_and_nothing_else(screen: Screen) -> None:
    before = [heard("calls"), heard("dry", contact=False), heard("silent", age_ms=9_000), heard("worn", contact=True)]
    later = [
        [2_000, [*before, heard("new")]],
        [4_000, [heard("calls"), heard("dry", contact=True), heard("silent"), heard("worn", contact=True)]],
    ]
    found = await tapped(screen, before, later)
    assert sorted(found["tapped"]) == ["dry", "new", "silent"]
    assert found["left"] == 56


async def test_after_a_minute_nobody_waits_any_more(screen: Screen) -> None:
    found = await tapped(screen, [], [[61_000, [heard("late")]]])
    assert found == {"tapped": [], "left": 0}
