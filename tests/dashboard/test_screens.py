"""What screens say of their sound reaches every other screen, for as long as they are there."""

from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.json import encode

from dashboard.frames import SoundReport
from dashboard.view.screens import Screens
from dashboard.view.troubles import name_troubles, trouble_text
from tests.dashboard.house import House, Page, open_voice, settings_for
from tests.peers import Mosquitto
from vitals.parts import Part


def report(screen: str, sound: Literal["on", "off", "unheard", "silent"] = "on", **changes: Any) -> SoundReport:
    return SoundReport(**{"screen": screen, "name": screen.upper(), "sound": sound, **changes})


def test_the_newest_word_of_a_screen_holds_on_whichever_connection_it_came() -> None:
    screens, old, new = Screens(), object(), object()
    screens.report(old, report("a", "on"))
    screens.report(new, report("a", "off"))
    assert [(view.screen, view.sound) for view in screens.view()] == [("a", "off")]
    screens.leave(old)
    assert len(screens.view()) == 1
    screens.leave(new)
    assert screens.view() == ()


def test_screens_are_told_by_name() -> None:
    screens = Screens()
    for name in ("c", "a", "b"):
        screens.report(object(), report(name))
    assert [view.name for view in screens.view()] == ["A", "B", "C"]


def test_troubles_are_named_in_the_order_in_which_they_are_told() -> None:
    problems = ("disk is slow (2 s)", "outbox not saved: full", "something new")
    assert name_troubles(Part.GATEWAY, problems) == ("cannot_save", "slow_disk", "other")
    assert trouble_text(Part.GATEWAY, "g1", problems).endswith("+2 more")
    assert name_troubles(Part.INGEST, ()) == ()


def sounds(page: Page) -> dict[str, str]:
    return {screen["name"]: screen["sound"] for screen in page.known.get("screens", [])}


@pytest.mark.peer
@pytest.mark.timeout(90)
async def test_a_wall_whose_sound_is_off_is_known_to_all_walls_until_it_leaves(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker), house.page() as other:
        async with house.page() as page:
            await page.socket.send(encode(report("w1", "off")).decode())
            await other.take_until(lambda page: sounds(page) == {"W1": "off"}, "nobody is told of it")
            await page.socket.send(encode(report("w1", "on", tested_utc_ms=1_763_803_260_000)).decode())
            await other.take_until(lambda page: sounds(page) == {"W1": "on"}, "nobody is told that it is back")
            assert other.known["screens"][0]["tested_utc_ms"] == 1_763_803_260_000
        await other.take_until(lambda page: sounds(page) == {}, "it is still there")
