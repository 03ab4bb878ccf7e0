"""How long the wall still sounds after somebody has taken an alarm: a real page in Chromium, and the click of a person.

The page notes on this machine's clock when its sound for an alarm begins and ends; the click is timed on the same one.
"""

import asyncio
import contextlib
import time
from typing import Any, Final

from msgspec import Struct

from cli.bench.chromium import START_S, Tab, find_chromium, open_tab
from cli.dashboard_client import DashboardClient, dashboard_url
from vitals.alarms import AlarmId
from vitals.deadline import deadline
from vitals.settings import Settings

HUSHED_MAX: Final = 5
SOUND_S: Final = 30.0
"""A medium alarm sounds again after 15 s, and one sounds at a time."""

_LOOK_S: Final = 0.05
_WATCH: Final = """
globalThis.sounds = [];
new MutationObserver(() => {
  const key = document.body?.dataset.sounding ?? '';
  if (key !== (globalThis.sounds.at(-1)?.key ?? '')) globalThis.sounds.push({atMs: Date.now(), key});
}).observe(document, {subtree: true, childList: true, attributeFilter: ['data-sounding']});
"""


class Hush(Struct, frozen=True, kw_only=True):
    """``latencies_ms``: from the click to the end of the sound, for each of ``alarms``, taken while it sounded."""

    latencies_ms: list[float]
    alarms: frozenset[AlarmId]


async def measure_hush(settings: Settings) -> Hush | str:
    """Take up to `HUSHED_MAX` alarms of the class while the wall sounds for them, or say why that was not measured."""
    chromium = find_chromium()
    if chromium is None:
        return "Chromium is not installed"
    try:
        async with deadline(START_S + HUSHED_MAX * SOUND_S), open_tab(chromium) as tab:
            await tab.call("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
            await tab.call("Page.navigate", url=f"{dashboard_url(settings)}/wall")
            return await _take_while_it_sounds(tab, DashboardClient(settings))
    except (TimeoutError, OSError) as error:
        return f"no alarm that sounds: {str(error) or type(error).__name__}"


async def _take_while_it_sounds(tab: Tab, client: DashboardClient) -> Hush:
    latencies_ms: list[float] = []
    taken: set[AlarmId] = set()
    with contextlib.suppress(TimeoutError):
        while len(taken) < HUSHED_MAX:
            async with deadline(SOUND_S):
                key = await _sounding(tab, taken)
            alarm = AlarmId(key.split(" ")[0])
            taken.add(alarm)
            clicked_ms = time.time() * 1000
            await asyncio.to_thread(client.post, f"/api/v1/alarms/{alarm}/acknowledge", {"by": "bench"})
            async with deadline(SOUND_S):
                latencies_ms.append(await _ended_ms(tab, key) - clicked_ms)
    return Hush(latencies_ms=latencies_ms, alarms=frozenset(taken))


async def _sounding(tab: Tab, taken: set[AlarmId]) -> str:
    """Wait until the wall begins to sound for an alarm that nobody has taken; return the key of the sound."""
    while True:
        sounds = await _sounds(tab)
        key = str(sounds[-1]["key"]) if sounds else ""
        if " on " in key and AlarmId(key.split(" ")[0]) not in taken:
            return key
        await asyncio.sleep(_LOOK_S)


async def _ended_ms(tab: Tab, key: str) -> float:
    """Wait until the wall sounds for something else or for nothing; return when that began, Unix time in ms."""
    while True:
        sounds = await _sounds(tab)
        if sounds[-1]["key"] != key:
            last = max(place for place, sound in enumerate(sounds) if sound["key"] == key)
            return float(sounds[last + 1]["atMs"])
        await asyncio.sleep(_LOOK_S)


async def _sounds(tab: Tab) -> list[dict[str, Any]]:
    answer = await tab.call("Runtime.evaluate", expression="globalThis.sounds ?? []", returnByValue=True)
    found: list[dict[str, Any]] = answer["result"]["value"]
    return found
