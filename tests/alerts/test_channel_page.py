"""docs/pushes.md: its channel for a pager runs as it stands, against a service at its far end."""

import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from aiohttp import web

from alerts.channels.outcome import Channel, Surroundings, Verdict
from alerts.channels.registry import CHANNELS, Registered
from vitals.alarms import Priority
from vitals.delivery import ChannelName
from vitals.errors import InputError
from vitals.push_message import PushKind, PushMessage
from vitals.sessions import GenerationMode

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "pushes.md").read_text(encoding="utf-8")
NOWHERE: Final = "http://pager.example"


@dataclass
class PagerGateway:
    """What was sent to which pager. ``status``: of the next answers."""

    url: str = ""
    status: int = 200
    lines: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
async def gateway() -> AsyncIterator[PagerGateway]:
    async def take(request: web.Request) -> web.Response:
        service.lines.append((request.match_info["pager"], await request.text()))
        return web.Response(status=service.status)

    service = PagerGateway()
    app = web.Application()
    app.router.add_post("/send/{pager}", take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


def pager(url: str) -> Channel:
    """Return the channel that the page shows, with the address of a service that is there."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert NOWHERE in block
    module: Any = ModuleType("pager")
    exec(compile(block.replace(NOWHERE, url), "docs/pushes.md", "exec"), module.__dict__)  # noqa: S102 - our own page
    channel: Channel = module.PagerChannel(
        Surroundings(dashboard_url="", contact="", vapid_file=Path("none"), mode=GenerationMode.TEST)
    )
    return channel


def message(kind: PushKind = PushKind.ALARM) -> PushMessage:
    return PushMessage(
        kind=kind,
        alarm_id="a1",
        priority=Priority.HIGH,
        title="HIGH  seat 7",
        body="SpO2 84 < 88",
        tag="a1",
        step=0,
        url="/alarm/a1",
    )


async def test_the_example_hands_an_alarm_over_and_takes_nothing_back(gateway: PagerGateway) -> None:
    channel = pager(gateway.url)
    assert (await channel.send("42", message(), is_urgent=True)).verdict is Verdict.SENT
    assert (await channel.send("42", message(PushKind.CLEAR), is_urgent=False)).verdict is Verdict.SENT
    await channel.close()
    assert gateway.lines == [("42", "HIGH  seat 7: SpO2 84 < 88")]


@pytest.mark.parametrize(("status", "verdict"), [(503, Verdict.LATER), (404, Verdict.REFUSED)])
async def test_the_example_tells_what_to_do_next(gateway: PagerGateway, status: int, verdict: Verdict) -> None:
    gateway.status = status
    channel = pager(gateway.url)
    outcome = await channel.send("42", message(), is_urgent=True)
    await channel.close()
    assert (outcome.verdict, outcome.problem) == (verdict, f"the pager gateway says {status}")


async def test_the_example_tries_later_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets this port
        channel = pager(f"http://127.0.0.1:{taken.getsockname()[1]}")
        outcome = await channel.send("42", message(), is_urgent=True)
        await channel.close()
    assert outcome.verdict is Verdict.LATER
    assert "42" not in outcome.problem


async def test_the_example_refuses_what_is_no_pager() -> None:
    channel = pager(NOWHERE)
    channel.check("42")
    with pytest.raises(InputError, match="no number of a pager"):
        channel.check("sue")
    await channel.close()


def test_the_line_for_the_registry_is_one_and_the_page_lists_every_channel() -> None:
    (line,) = re.findall(r"`ChannelName\.PAGER: (Registered\(.*?\)),`", PAGE)
    made: Registered = eval(line, {"Registered": Registered})  # noqa: S307 - our own page
    assert made.kind == "PagerChannel"
    rows = {"Web Push": ChannelName.WEB_PUSH} | {name.value: name for name in ChannelName}
    listed = {rows[name] for name in re.findall(r"^\| ([\w ]+) \|", PAGE, re.MULTILINE) if name in rows}
    assert listed == set(CHANNELS)
