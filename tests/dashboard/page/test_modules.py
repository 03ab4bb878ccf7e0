"""The pure modules of the page, called in a browser as they are: time, order, places, words for durations."""

from itertools import pairwise
from typing import Any

import pytest

from tests.dashboard.page.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]


async def run(screen: Screen, module: str, expression: str, *arguments: Any) -> Any:
    if screen.page.url == "about:blank":
        screen.peer.refuses = True
        await screen.page.goto(screen.peer.url)
    return await screen.call(module, expression, *arguments)


HEARD = """(() => {
  const clock = new m.ServerClock();
  const ages = a[0].map(([at, server, rate = 1, epoch = 'e']) =>
    clock.hear({epoch, rate, server_mono_ms: server, utc_ms: server + 7}, at));
  return {ages, now: a[1].map((at) => clock.now(at)), utc: clock.utcOf(100)};
})()"""


async def test_the_offset_is_the_smallest_so_that_delay_never_makes_things_younger(screen: Screen) -> None:
    # Offset 1000 with delays of 40, 5 and 300 ms.
    frames = [[1_040, 0], [2_005, 1_000], [3_300, 2_000]]
    heard = await run(screen, "server-clock.js", HEARD, frames, [3_300, 4_005])
    assert heard["ages"] == [0, 0, 295]
    assert heard["now"] == [2_295, 3_000]
    assert heard["utc"] == 107


async def test_a_frame_that_waited_is_as_old_as_it_waited(screen: Screen) -> None:
    heard = await run(screen, "server-clock.js", HEARD, [[1_000, 0], [31_000, 100]], [])
    assert heard["ages"] == [0, 29_900]


async def test_ages_are_on_the_servers_clock_and_frames_are_judged_in_real_time(screen: Screen) -> None:
    # Five server seconds pass in one of ours; the second frame is 600 ms late.
    heard = await run(screen, "server-clock.js", HEARD, [[1_000, 0, 5], [2_600, 5_000, 5]], [3_000])
    assert heard["ages"] == [0, 600]
    assert heard["now"] == [10_000]


async def test_two_quartz_clocks_that_drift_apart_make_nothing_look_old(screen: Screen) -> None:
    # 100 ppm over a day is 8.6 s; the page hears one frame a minute.
    frames = [[minute * 60_000 * 1.0001, minute * 60_000] for minute in range(24 * 60)]
    heard = await run(screen, "server-clock.js", HEARD, frames, [])
    assert max(heard["ages"]) < 100


async def test_a_server_that_starts_anew_is_a_new_clock(screen: Screen) -> None:
    heard = await run(screen, "server-clock.js", HEARD, [[1_000, 900_000], [2_000, 50, 1, "f"]], [2_500])
    assert heard["ages"] == [0, 0]
    assert heard["now"] == [550]


BEATS = """(() => {
  const pulse = new m.Pulse();
  return a[0].map(([what, at, other]) => what === 'beat' ? pulse.beat(at, other)
    : what === 'hear' ? (pulse.hear(at, other), null) : pulse.isFresh(at));
})()"""


async def test_a_pause_of_the_page_or_of_the_machine_ends_all_freshness(screen: Screen) -> None:
    script = [
        ["beat", 0, 0],
        ["hear", 100, 20],
        ["fresh", 100],
        ["beat", 2_000, 2_000],
        ["fresh", 3_079],
        ["fresh", 3_081],
        ["beat", 4_001, 4_001],
        ["hear", 4_001, 0],
        ["beat", 4_200, 600_000],
        ["fresh", 4_200],
        ["hear", 4_300, 2_001],
        ["fresh", 4_300],
        ["hear", 4_400, 2_000],
        ["fresh", 4_400],
    ]
    told = await run(screen, "pulse.js", BEATS, script)
    assert told == ["", None, True, "", True, False, "paused", None, "slept", False, None, False, None, True]


async def test_the_back_off_doubles_under_a_cap_and_never_waits_for_nothing(screen: Screen) -> None:
    waits = await run(screen, "stream.js", "[0, 1, 2, 3, 4, 9, 99].map((n) => [m.backOffMs(n, 0), m.backOffMs(n, 1)])")
    assert waits == [
        [125, 250],
        [250, 500],
        [500, 1_000],
        [1_000, 2_000],
        [1_500, 3_000],
        [1_500, 3_000],
        [1_500, 3_000],
    ]


async def test_a_class_gets_the_grid_of_its_size(screen: Screen) -> None:
    grids = await run(screen, "wall-layout.js", "[1, 4, 5, 6, 7, 12, 13, 20, 21, 30, 31].map((n) => m.gridFor(n))")
    assert [(grid["columns"], grid["rows"]) for grid in grids] == [
        *((2, 2), (2, 2), (3, 2), (3, 2), (4, 3), (4, 3), (5, 4), (5, 4), (6, 5), (6, 5), (6, 6)),
    ]


async def test_a_window_of_any_shape_has_a_place_for_everybody_at_a_size_that_can_be_read(screen: Screen) -> None:
    layouts = """a[0].flatMap(([width, height]) => Array.from({length: 36}, (_, before) => {
      const layout = m.layoutFor(before + 1, {width, height});
      const fits = layout.columns * layout.rows >= before + 1;
      return {width, height, cells: before + 1, fits, ...layout};
    }))"""
    windows = [[1884, 820], [1003, 592], [1256, 541], [1342, 580], [3768, 1640], [1040, 1600]]
    told = await run(screen, "wall-layout.js", layouts, windows)
    assert [layout for layout in told if not layout["fits"]] == []
    height = {4: 220, 6: 172, 12: 122, 20: 108, 30: 102}
    small = [one for one in told if one["cells"] <= 30 and height[one["size"]] * one["unitPx"] < 60]
    assert small == []


async def test_a_wall_of_television_size_is_laid_out_as_it_was_drawn(screen: Screen) -> None:
    told = await run(
        screen, "wall-layout.js", "a[0].map((n) => m.layoutFor(n, {width: 1884, height: 820}))", [4, 6, 12, 20, 30]
    )
    assert [(one["size"], one["columns"], one["rows"]) for one in told] == [
        *((4, 2, 2), (6, 3, 2), (12, 4, 3), (20, 5, 4), (30, 6, 5)),
    ]
    assert all(1.0 <= one["unitPx"] < 1.01 for one in told)


async def test_a_seat_is_a_cell_as_long_as_that_makes_the_wall_no_larger(screen: Screen) -> None:
    seat = "Object.fromEntries(m.seatPeople(a[0].map((seat) => ({id: `p${seat}`, seat})), new Map(a[1])))"
    assert await run(screen, "grid.js", seat, [1, 3, 4], []) == {"p1": 0, "p3": 2, "p4": 3}
    assert await run(screen, "grid.js", seat, [5, 17, 40], []) == {"p5": 0, "p17": 1, "p40": 2}
    # Who comes later takes a free cell and moves nobody.
    assert await run(screen, "grid.js", seat, [1, 2, 3, 4], [["p1", 0], ["p2", 1], ["p4", 2]]) == {
        "p1": 0,
        "p2": 1,
        "p4": 2,
        "p3": 3,
    }


async def test_review_tells_practice_from_a_test_and_from_what_is_made_up(screen: Screen) -> None:
    classes = [{"generation_mode": mode} for mode in ("real", "replayed", "simulated", "test")]
    told = await run(
        screen,
        "review/words.js",
        "a[0].map((one) => m.modeOf(one))",
        [*classes, {"generation_mode": "test", "is_practice": True}, {"generation_mode": "test", "is_practice": False}],
    )
    assert told == ["", "Replayed", "Simulated", "Test", "Practice - not a class", "Test"]


async def test_what_stands_beside_a_number_is_its_unit_and_its_age_and_beside_none_nothing(screen: Screen) -> None:
    looks = [{"state": state, "ageMs": 4_200} for state in ("live", "questionable", "stale", "lost", "none")]
    told = await run(screen, "vital.js", "a[0].map((look) => m.besideVital(look, 'bpm'))", looks)
    assert told == ["bpm", "bpm", "bpm · 4 s", "", ""]


async def test_durations_are_never_more_than_they_are(screen: Screen) -> None:
    told = await run(
        screen, "format.js", "a[0].map((ms) => m.duration(ms))", [-5, 999, 41_999, 119_999, 120_000, 3_900_000]
    )
    assert told == ["0 s", "0 s", "41 s", "119 s", "2 min", "1 h 05"]


async def test_a_time_zone_that_the_browser_does_not_know_is_shown_as_utc(screen: Screen) -> None:
    told = await run(
        screen, "format.js", "a.map((zone) => m.timeOfDay(0, zone, true))", "Nowhere/Never", "Europe/Berlin"
    )
    assert told == ["00:00:00", "01:00:00"]


async def test_a_trace_keeps_one_point_a_second_and_forgets_what_it_does_not_draw(screen: Screen) -> None:
    points = await run(
        screen,
        "trace.js",
        """(() => {
          const trace = new m.Trace();
          for (let at = 0; at < 3_600_000; at += 250) trace.add({value: 100, unit: 'bpm', at_ms: at});
          trace.add({value: null, unit: 'bpm', at_ms: 3_700_000});
          return trace.points;
        })()""",
    )
    assert 120 <= len(points) <= 300
    assert points[-1] == [3_700_000, None]
    steps = [two[0] - one[0] for one, two in pairwise(points[:-1])]
    assert set(steps) == {1_000}
