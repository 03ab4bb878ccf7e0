"""A wall hangs there for a whole class and longer: neither the browser nor any part of the system grows by that."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from playwright.async_api import CDPSession

from tests.system.looking import looking
from tests.system.running import RunningSystem, running, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.peer,
    pytest.mark.browser,
    pytest.mark.timeout(7_500),
    pytest.mark.xdist_group("system"),
]

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
PEOPLE = 30
LOOK_S = 30.0
WARM_UP_SHARE = 0.25
"""Caches, traces of two minutes and compiled code fill in the beginning; after it nothing has a reason to grow."""

HEAP_GROWTH_MAX = 0.25
HEAP_SLACK_BYTES = 2_000_000
RSS_GROWTH_MAX = 0.15
RSS_SLACK_BYTES = 12_000_000
"""An allocator gives little back; what leaks for each frame or reading is ten times as much within an hour."""


class Weight(NamedTuple):
    """What is held after a collection of garbage."""

    heap_bytes: int
    nodes: int
    rss_bytes: dict[str, int]


async def weigh(debugger: CDPSession, system: RunningSystem) -> Weight:
    await debugger.send("HeapProfiler.collectGarbage")
    heap = await debugger.send("Runtime.getHeapUsage")
    counters = await debugger.send("Memory.getDOMCounters")
    rss = {part: psutil.Process(pid).memory_info().rss for part, pid in system.pids().items()}
    return Weight(int(heap["usedSize"]), int(counters["nodes"]), rss)


def middle(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]


async def test_nothing_grows_while_a_wall_hangs_there(tmp_path: Path) -> None:
    weights: list[Weight] = []
    arguments = ("--participants", str(PEOPLE))
    async with running(tmp_path, "demo", *arguments) as system, looking() as eye:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=60)
        await eye.page.goto(f"{system.url}/wall")
        await eye.page.wait_for_selector(".tile[data-hr='live']", timeout=60_000)
        debugger = await eye.page.context.new_cdp_session(eye.page)
        end_s = time.monotonic() + MINUTES * 60
        while time.monotonic() < end_s:
            weights.append(await weigh(debugger, system))
            await asyncio.sleep(min(LOOK_S, MINUTES * 60 / 20))
        assert eye.errors == []
        assert "Traceback" not in system.said()
    after = weights[round(len(weights) * WARM_UP_SHARE) :]
    third = len(after) // 3
    early, late = after[:third], after[-third:]
    heaps = [middle([weight.heap_bytes for weight in part]) for part in (early, late)]
    nodes = [middle([weight.nodes for weight in part]) for part in (early, late)]
    sys.stderr.write(f"screen soak: {MINUTES:g} min, {len(weights)} looks, heap {heaps} bytes, nodes {nodes}\n")
    assert heaps[1] <= heaps[0] * (1 + HEAP_GROWTH_MAX) + HEAP_SLACK_BYTES
    assert nodes[1] <= nodes[0] * (1 + HEAP_GROWTH_MAX) + 500
    for part in early[0].rss_bytes:
        was, now = (middle([weight.rss_bytes[part] for weight in group]) for group in (early, late))
        sys.stderr.write(f"screen soak: {part} {was / 1e6:.1f} -> {now / 1e6:.1f} MB\n")
        assert now <= was * (1 + RSS_GROWTH_MAX) + RSS_SLACK_BYTES, part
