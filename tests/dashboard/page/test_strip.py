"""The alarm strip: who, what, since when, who is on it, most urgent first, nothing urgent hidden."""

import re

import msgspec
import pytest
from playwright.async_api import expect

from dashboard.frames import AlarmView, PartView
from tests.dashboard.page.peer import mono_ms, utc_ms
from tests.dashboard.page.people import acknowledged, change, hr, hr_high, no_data, room, spo2_critical
from tests.dashboard.page.screen import Screen
from vitals.alarms import Family, Priority, RuleId, Signal, SubjectKind
from vitals.readings import Reason

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]


async def seats(screen: Screen) -> list[str]:
    return await screen.page.locator("#strip .alarm .seats").all_inner_texts()


def seconds_since(at_ms: int) -> int:
    return (mono_ms() - at_ms) // 1000


async def test_without_an_alarm_the_strip_says_so(screen: Screen) -> None:
    screen.peer.scene = room(6)
    await screen.open()
    await expect(screen.page.locator("#strip")).to_have_text("No alarms")


async def test_a_line_says_who_what_since_when_and_that_nobody_is_on_it(screen: Screen) -> None:
    alarm = spo2_critical(7)
    screen.peer.scene = room(12, alarms=(alarm,))
    await screen.open()
    line = screen.lines().first
    await expect(line.locator(".mark")).to_have_text("▲▲▲")
    await expect(line.locator(".seats")).to_have_text("7")
    await expect(line.locator(".text")).to_have_text("SpO2 84 < 88")
    # The first frame already counts from the breach and from the onset, whenever the page was opened.
    age, who = await line.locator(".age").inner_text(), (await line.locator(".who").inner_text()).replace("\n", " ")
    assert age in {f"{second} s" for second in range(23, seconds_since(alarm.breach_at_ms) + 1)}
    assert who in {f"unaccepted {second} s" for second in range(8, seconds_since(alarm.onset_at_ms) + 1)}


async def test_the_first_thing_ever_painted_has_the_right_age(screen: Screen) -> None:
    await screen.page.add_init_script(
        """globalThis.seen = [];
        new MutationObserver(() => {
          const age = document.querySelector('#strip .alarm .age')?.textContent;
          if (age) globalThis.seen.push(age);
        }).observe(document, {subtree: true, childList: true, characterData: true});"""
    )
    screen.peer.scene = room(12, alarms=(hr_high(3, breach_at_ms=mono_ms() - 600_500),))
    await screen.open()
    await expect(screen.lines().first.locator(".age")).to_have_text("10 min")
    assert set(await screen.page.evaluate("globalThis.seen")) == {"10 min"}


async def test_ages_count_up_by_themselves(screen: Screen) -> None:
    alarm = hr_high(3)
    screen.peer.scene = room(6, alarms=(alarm,))
    await screen.open()
    age = screen.lines().first.locator(".age")
    before = int((await age.inner_text()).split()[0])
    # Whoever looks once a second may look past one of them.
    await screen.page.wait_for_function(
        "(least) => parseInt(document.querySelector('#strip .alarm .age').textContent, 10) >= least", arg=before + 2
    )
    assert before + 2 <= int((await age.inner_text()).split()[0]) <= seconds_since(alarm.breach_at_ms)


async def test_lines_stand_by_priority_then_by_onset(screen: Screen) -> None:
    now = mono_ms()
    screen.peer.scene = room(
        12,
        alarms=(
            hr_high(1, onset_at_ms=now - 5_000),
            no_data(2, onset_at_ms=now - 90_000),
            hr_high(3, onset_at_ms=now - 60_000),
            spo2_critical(4),
            acknowledged(hr_high(5, id="h5", priority=Priority.HIGH, onset_at_ms=now - 70_000)),
            hr_high(6, signal=Signal.LATCHED, onset_at_ms=now - 80_000),
        ),
    )
    await screen.open()
    await expect(screen.lines()).to_have_count(6)
    assert await seats(screen) == ["5", "4", "3", "1", "6", "2"]


async def test_seats_never_move_whatever_is_urgent(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    order = "nodes => nodes.map(node => [node.dataset.id, node.offsetLeft, node.offsetTop])"
    before = await screen.page.locator(".tile").evaluate_all(order)
    screen.peer.scene.alarms = (spo2_critical(12), hr_high(11))
    screen.peer.tell()
    await expect(screen.lines()).to_have_count(2)
    assert await screen.page.locator(".tile").evaluate_all(order) == before


async def test_technical_alarms_of_a_kind_share_a_line_and_explained_ones_have_none(screen: Screen) -> None:
    gateway = no_data(
        1,
        id="g",
        subject="g1",
        subject_kind=SubjectKind.GATEWAY,
        rule=RuleId.GATEWAY_LOST,
        text="Gateway g1 lost",
        priority=Priority.MEDIUM,
        participant=None,
        seat=None,
        alias=None,
        affects=6,
    )
    screen.peer.scene = room(
        12,
        alarms=(no_data(9), no_data(4), no_data(10), gateway, no_data(6, inhibited_by=RuleId.GATEWAY_LOST)),
    )
    await screen.open()
    await expect(screen.lines()).to_have_count(2)
    await expect(screen.lines().nth(0)).to_contain_text("Gateway g1 lost")
    await expect(screen.lines().nth(0)).to_contain_text("6 people affected")
    await expect(screen.lines().nth(1).locator(".seats")).to_have_text("4, 9, 10")
    await expect(screen.lines().nth(1)).to_have_attribute("data-family", Family.TECHNICAL.value)
    assert await screen.style(screen.lines().nth(1), "color") == "rgb(0, 213, 255)"


async def test_what_does_not_fit_is_counted(screen: Screen) -> None:
    screen.peer.scene = room(30, alarms=tuple(hr_high(seat) for seat in range(1, 11)))
    await screen.open()
    await expect(screen.page.locator("#strip .more")).to_have_text("+3 more")
    await expect(screen.lines()).to_have_count(7)


@pytest.mark.parametrize("count", [9, 16, 30])
async def test_a_high_alarm_is_never_hidden(screen: Screen, count: int) -> None:
    alarms = [spo2_critical(seat) for seat in range(1, count + 1)] + [hr_high(seat) for seat in range(1, 31)]
    screen.peer.scene = room(30, alarms=tuple(alarms))
    await screen.open()
    await expect(screen.page.locator('#strip .alarm[data-priority="high"]')).to_have_count(count)
    await expect(screen.page.locator("#strip .more")).to_have_text("+30 more")
    boxes = await screen.lines().evaluate_all(
        """nodes => {
          const strip = document.getElementById('strip').getBoundingClientRect();
          return nodes.filter(node => {
            const box = node.getBoundingClientRect();
            return box.bottom > strip.bottom + 0.5 || box.right > strip.right + 0.5 || box.height < 20;
          }).length;
        }"""
    )
    assert boxes == 0
    cut = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.textContent)"
    assert await screen.page.locator("#strip :is(.text, .seats)").evaluate_all(cut) == []
    await screen.picture(f"strip-{count}-high")


async def test_the_strip_never_changes_its_height(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    strip = screen.page.locator("#strip")
    before = await strip.bounding_box()
    for count in (1, 4, 8, 12):
        screen.peer.scene.alarms = tuple(spo2_critical(seat) for seat in range(1, count + 1))
        screen.peer.tell()
        await expect(screen.lines()).to_have_count(count)
        assert await strip.bounding_box() == before


async def test_everything_that_flashes_is_in_phase(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7), hr_high(3)))
    await screen.open()
    screen.peer.scene.alarms += (spo2_critical(8), hr_high(4))
    screen.peer.tell()
    await expect(screen.lines()).to_have_count(4)
    await screen.page.wait_for_function(
        """() => {
          const flashes = document.getAnimations().filter((one) => one.animationName.startsWith('flash'));
          return flashes.length === 8 && new Set(flashes.map((one) => one.startTime)).size === 1;
        }"""
    )


async def test_an_acknowledged_line_is_steady(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    assert await screen.style(screen.lines().first, "animationName") == "flash-strip-high"
    screen.peer.scene.alarms = (acknowledged(spo2_critical(7)),)
    screen.peer.tell()
    await expect(screen.lines().first.locator(".who")).to_contain_text("✓ MK ")
    assert await screen.style(screen.lines().first, "animationName") == "none"


async def test_who_wants_no_motion_gets_a_broader_frame(screen: Screen) -> None:
    await screen.page.emulate_media(reduced_motion="reduce")
    screen.peer.scene = room(12, alarms=(spo2_critical(7), hr_high(3)))
    change(screen.peer.scene, 3, hr=hr(134))
    await screen.open()
    assert await screen.page.evaluate("document.getAnimations().length") == 0
    assert "inset" in await screen.style(screen.tile(7), "boxShadow")
    assert "inset" in await screen.style(screen.tile(3), "boxShadow")
    await expect(screen.tile(7).locator(".mark")).to_have_text("▲▲▲")
    await screen.picture("reduced-motion")


async def test_a_latched_line_says_when_it_was_and_has_no_running_age(screen: Screen) -> None:
    screen.peer.scene = room(6, alarms=(hr_high(2, signal=Signal.LATCHED, text="HR 128 > 121", onset_utc_ms=utc_ms()),))
    await screen.open()
    line = screen.lines().first
    await expect(line.locator(".text")).to_contain_text("was HR 128 > 121 at ")
    await expect(line.locator(".age")).to_have_text("")
    await expect(line.locator(".who")).to_have_text("not seen yet")
    assert await screen.style(line, "borderTopStyle") == "dashed"


LOST_RECORD = no_data(
    1,
    id="store",
    subject="1",
    subject_kind=SubjectKind.PART,
    rule=RuleId.STORE_LOST,
    priority=Priority.HIGH,
    text="Record lost: values are live, nothing is stored",
    participant=None,
    seat=None,
    alias=None,
)
LOST_GATEWAY = no_data(
    1,
    id="gateway",
    subject="gym-left",
    subject_kind=SubjectKind.GATEWAY,
    rule=RuleId.GATEWAY_LOST,
    priority=Priority.MEDIUM,
    text="Gateway gym-left lost",
    participant=None,
    seat=None,
    alias=None,
    affects=12,
)


def longest(count: int) -> tuple[AlarmView, ...]:
    """Alarms with the longest texts and durations, each of another kind, in as many lines."""
    aged = {"breach_at_ms": mono_ms() - 119_000, "onset_at_ms": mono_ms() - 108_000}
    alarms = (
        spo2_critical(10, text="SpO2 84.5 < 88.5", **aged),
        msgspec.structs.replace(LOST_RECORD, **aged),
        spo2_critical(11, text="SpO2 84.5 < 88.5", source_lost=True, **aged),
        acknowledged(hr_high(12, text="HR 188 > 150", **aged), by="Wilhelmina Weber"),
        spo2_critical(9, signal=Signal.LATCHED, text="SpO2 81.5 < 85.5"),
        msgspec.structs.replace(LOST_GATEWAY, **aged),
        hr_high(8, text="HR 188 > 150", sending="Wilhelmina Weber", **aged),
        no_data(1, rule=RuleId.CONTACT, text="Strap: no skin contact", **aged),
    )
    alike = tuple(no_data(seat, rule=RuleId.CONTACT, text="Strap: no skin contact", **aged) for seat in (2, 5, 6, 7))
    return (*alarms[:count], *(alike if count == len(alarms) else ()))


@pytest.mark.parametrize("count", range(1, 9))
async def test_nothing_in_a_line_is_cut_and_up_to_six_can_be_read_from_afar(screen: Screen, count: int) -> None:
    screen.peer.scene = room(12, alarms=longest(count))
    await screen.open()
    await expect(screen.lines()).to_have_count(count)
    await screen.page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    await screen.picture(f"strip-longest-{count}")
    assert await screen.page.evaluate(CUT) == []
    assert await screen.page.locator('#strip [data-fit="cut"]').count() == 0
    ages = await screen.page.locator("#strip .alarm:not([data-signal=latched]) .age").all_inner_texts()
    assert set(ages) <= {"119 s", "2 min"}
    told = await screen.page.locator("#strip .text").all_inner_texts()
    assert told[0].replace("\n", "") == "SpO2 84.5 < 88.5"
    sizes = await screen.page.locator("#strip .alarm :is(.text, .age, .who, .seats):not(:empty)").evaluate_all(
        "nodes => nodes.map(node => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= (26 if count <= 6 else 20)


@pytest.mark.parametrize("count", [1, 4, 8])
@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844), (1280, 720)])
async def test_nothing_in_a_line_is_cut_on_a_small_screen(screen: Screen, count: int, width: int, height: int) -> None:
    await screen.page.set_viewport_size({"width": width, "height": height})
    screen.peer.scene = room(6, alarms=longest(count))
    await screen.open()
    await expect(screen.lines()).not_to_have_count(0)
    await screen.page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    await screen.picture(f"strip-longest-{count}-{width}")
    assert await screen.page.evaluate(CUT) == []


async def test_who_is_on_it_is_said_in_full_where_there_is_room(screen: Screen) -> None:
    alarms = [hr_high(seat) for seat in range(1, 7)]
    screen.peer.scene = room(12, alarms=tuple(alarms[:3]))
    await screen.open()
    await expect(screen.lines()).to_have_count(3)
    assert all(
        (who or "").startswith("unaccepted ") for who in await screen.page.locator("#strip .who").all_text_contents()
    )
    screen.peer.scene.alarms = (acknowledged(alarms[0]), *alarms[1:])
    screen.peer.tell()
    await expect(screen.lines()).to_have_count(6)
    said = await screen.page.locator("#strip .who").all_text_contents()
    assert any((one or "").startswith("✓ MK ") for one in said)
    assert all(who.startswith(("✓ MK ", "unaccepted 3", "open 3")) for who in said)


async def test_what_a_graver_alarm_of_the_same_person_explains_has_no_line(screen: Screen) -> None:
    low = hr_high(7, id="low", rule=RuleId.SPO2_LOW, text="SpO2 84 < 88", inhibited_by=RuleId.SPO2_CRIT)
    screen.peer.scene = room(12, alarms=(spo2_critical(7, text="SpO2 84 < 85"), low, hr_high(7)))
    await screen.open()
    await expect(screen.lines()).to_have_count(2)
    await expect(screen.lines().nth(0).locator(".text")).to_have_text("SpO2 84 < 85")
    await expect(screen.lines().nth(1).locator(".text")).to_have_text("HR 134 > 120")
    await expect(screen.tile(7).locator(".label")).to_have_text("SpO2 84 < 85")
    # It is back as soon as the graver one does not stand, whatever the alarm itself still says.
    screen.peer.scene.alarms = (spo2_critical(7, text="SpO2 84 < 85", signal=Signal.LATCHED), low)
    screen.peer.tell()
    await expect(screen.lines()).to_have_count(2)
    await expect(screen.lines().nth(1).locator(".text")).to_have_text("SpO2 84 < 88")
    # Nor does somebody else's alarm explain it.
    screen.peer.scene.alarms = (spo2_critical(8), low)
    screen.peer.tell()
    await expect(screen.lines().nth(1).locator(".text")).to_have_text("SpO2 84 < 88")


async def test_many_seats_in_a_line_are_counted(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=tuple(no_data(seat) for seat in (9, 4, 10, 11, 1)))
    await screen.open()
    await expect(screen.lines().first.locator(".seats")).to_have_text("1, 4 +3")


CUT = """() => [...document.querySelectorAll('#strip .alarm')].flatMap((line) => {
  const outer = line.getBoundingClientRect();
  return [...line.children].filter((node) => {
    const box = node.getBoundingClientRect();
    if (box.width === 0) return false;
    const isOut = box.top < outer.top - 0.5 || box.bottom > outer.bottom + 0.5
      || box.left < outer.left || box.right > outer.right;
    return isOut || node.scrollWidth > node.clientWidth + 1;
  }).map((node) => `${node.className}: ${node.textContent}`);
})"""
"""What of the strip's lines is wider than its box, or sticks out of its line."""


async def test_a_technical_condition_that_nobody_judges_is_not_live_and_counts_no_age(screen: Screen) -> None:
    loss = PartView(
        part="analysis", instance="a", state="lost", since_ms=mono_ms(), since_utc_ms=utc_ms(), text="x", is_loss=True
    )
    disagree = no_data(2, rule=RuleId.DISAGREE, text="Strap and oximeter disagree")
    screen.peer.scene = room(6, alarms=(spo2_critical(7), disagree), parts=(loss,))
    await screen.open()
    for text in ("SpO2 84 < 88", "Strap and oximeter disagree"):
        line = screen.lines().filter(has_text=text)
        await expect(line.locator(".who")).to_contain_text("not live")
        await expect(line.locator(".age")).to_have_text(re.compile(r"^since \d\d:\d\d$"))
    await expect(screen.tile(2).locator(".label")).to_have_text("Strap and oximeter disagree · not live")


async def test_a_broker_that_is_lost_is_the_one_cause_on_the_tiles_and_on_the_alarm_path(screen: Screen) -> None:
    broker = PartView(
        part="broker",
        instance="broker",
        state="lost",
        since_ms=mono_ms(),
        since_utc_ms=utc_ms(),
        text="Broker lost 10:24:07",
        is_loss=True,
        what="lost",
    )
    # Whoever is silent behind it has no line.
    behind = [
        msgspec.structs.replace(broker, part=part, text="", is_loss=False, what="")
        for part in ("gateway", "ingest", "analysis")
    ]
    screen.peer.scene = room(6, parts=(*behind, broker))
    change(screen.peer.scene, 3, hr=hr(None, age_ms=14_000, reason=Reason.BROKER_LOST))
    await screen.open()
    await expect(screen.tile(3).locator(".label")).to_have_text("Broker lost")
    await expect(screen.page.get_by_role("button", name="Alarm path")).to_contain_text(re.compile("Broker lost$"))
