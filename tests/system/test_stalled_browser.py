"""A browser in front of a running class is stopped for 30 s: when it wakes, no old number is ever painted as live.

The heart rates rise all the while, so that an old number differs from a new one; a second wall hears what is true.
"""

import asyncio
import signal
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.system.looking import Eye, Look, looking
from tests.system.running import Json, RunningSystem, Wall, running, until, watched

pytestmark = [
    pytest.mark.peer,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("system"),
]

PEOPLE = 12
STALL_S = 30
LIVE_S_MAX = 3.0
"""`stale_ms` of a heart rate: older ones are grey."""

MARGIN_S = 2.0
"""For the way to the page and a slow machine that paints late. The stall is six times as long as both together."""


class Truth(Wall):
    """A wall that keeps when each number was said for each person, on this process's clock."""

    def __init__(self, system: RunningSystem) -> None:
        super().__init__(system)
        self.said: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)

    def _take(self, frame: Json) -> None:
        super()._take(frame)
        for tile in frame.get("tiles", ()):
            view = tile["hr"]
            if view["value"] is not None:
                at_s = time.monotonic() - (frame["server_mono_ms"] - view["at_ms"]) / 1000
                self.said[tile["id"]].append((at_s, str(round(view["value"]))))

    def was_said(self, who: str, text: str, *, since_s: float, until_s: float) -> bool:
        return any(said == text and since_s <= at_s <= until_s for at_s, said in self.said[who])


async def clock_of(eye: Eye) -> float:
    """What must be added to the page's clock (s) to have this process's; at most as wrong as one call takes."""
    offsets = []
    for _ in range(5):
        before = time.monotonic()
        page_s = float(await eye.page.evaluate("performance.now()")) / 1000
        offsets.append((time.monotonic() - before, (before + time.monotonic()) / 2 - page_s))
    return min(offsets)[1]


async def test_a_browser_that_slept_never_shows_an_old_number_as_live(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE), "--scenario", "crisis")
    async with running(tmp_path, "demo", *arguments) as system, looking() as eye:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=60)
        truth = Truth(system)
        async with watched(system, truth):
            await eye.open(system)
            await eye.page.wait_for_function(
                f"() => document.querySelectorAll('.tile[data-hr=\"live\"]').length === {PEOPLE}", timeout=60_000
            )
            offset_s = await clock_of(eye)

            eye.signal(signal.SIGSTOP)
            stopped_s = time.monotonic()
            await asyncio.sleep(STALL_S)
            woken_s = time.monotonic()
            eye.signal(signal.SIGCONT)

            await eye.page.wait_for_function(
                "([woken, people]) => new Set(globalThis.looks.filter((look) => look.at > woken && look.link === 'live'"
                " && look.hr === 'live').map((look) => look.id)).size === people",
                arg=[(woken_s - offset_s) * 1000, PEOPLE],
                timeout=60_000,
            )
            looks = [look | {"at_s": look["at"] / 1000 + offset_s} for look in await eye.looks()]
            check_looks(truth, [look for look in looks if look["at_s"] >= woken_s - 0.5], woken_s=woken_s)
            check_witness(truth, looks, stopped_s=stopped_s, woken_s=woken_s)
        assert "Traceback" not in system.said()


def check_looks(truth: Truth, after: list[Look], *, woken_s: float) -> None:
    """Whatever looked alive, or grey, after the waking was said shortly before; the first pictures show nothing."""
    dead = [look for look in after if look["hr"] == "lost"]
    assert {look["id"] for look in dead} == truth.tiles.keys(), "every tile is dead before it lives again"
    assert {look["hrText"] for look in dead} == {"--"}
    for who in truth.tiles:
        first = next(look for look in after if look["id"] == who)
        assert (first["hr"], first["link"]) == ("lost", "lost"), first
    for look in after:
        if look["hrText"].isdecimal():
            age_s = LIVE_S_MAX if look["hr"] == "live" else 10.0
            since_s = look["at_s"] - age_s - MARGIN_S
            assert truth.was_said(look["id"], look["hrText"], since_s=since_s, until_s=look["at_s"] + MARGIN_S), look
    assert min(look["at_s"] for look in after if look["hr"] == "live") >= woken_s


def check_witness(truth: Truth, looks: list[Look], *, stopped_s: float, woken_s: float) -> None:
    """The test could have failed: before the stall there were numbers that were not true any more after it."""
    before = {look["id"]: look["hrText"] for look in looks if look["at_s"] < stopped_s and look["hr"] == "live"}
    assert before.keys() == truth.tiles.keys()
    outdated = [
        who
        for who, text in before.items()
        if not truth.was_said(who, text, since_s=woken_s - LIVE_S_MAX - MARGIN_S, until_s=woken_s + 60)
    ]
    assert len(outdated) >= PEOPLE / 2
