"""A gateway on another box: invited, paired, heard, shut out; with the commands that people type."""

import asyncio
import os
import re
import stat
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cli.broker import free_port
from tests.system.running import RunningSystem, running, until

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180), pytest.mark.xdist_group("system")]


async def vitals(*arguments: str, **environment: str) -> Process:
    base = {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli", *arguments),
        env=base | environment,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
    )


async def said(process: Process) -> str:
    out, _ = await process.communicate()
    return out.decode()


@asynccontextmanager
async def second_gateway(config: Path) -> AsyncIterator[Process]:
    process = await vitals("gateway", "--config", str(config), "--mode", "simulated")
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def gateways_up(system: RunningSystem) -> set[str]:
    frame = await system.get("/api/v1/live")
    return {part["instance"] for part in frame["parts"] if part["part"] == "gateway" and part["state"] == "up"}


async def until_forgotten(system: RunningSystem, gateway: str) -> None:
    for _ in range(600):
        frame = await system.get("/api/v1/live")
        if gateway not in {part["instance"] for part in frame["parts"] if part["part"] == "gateway"}:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"{gateway} is still named")


async def until_up(system: RunningSystem, wanted: set[str]) -> None:
    for _ in range(600):
        if await gateways_up(system) == wanted:
            return
        await asyncio.sleep(0.1)
    assert await gateways_up(system) == wanted


async def test_a_gateway_of_another_box_is_invited_paired_heard_and_shut_out(tmp_path: Path) -> None:
    lan = {
        "VITALS_LAN__HOST": "127.0.0.1",
        "VITALS_LAN__PORT": str(free_port()),
        "VITALS_LAN__PAIRING_PORT": str(free_port()),
    }
    box = tmp_path / "box"
    async with running(tmp_path, "demo", "--participants", "2", **lan) as system:
        await until(lambda: "wall:" in system.said(), "the demo is up", within_s=60)
        data = ("--data", str(system.data))
        invitation = await vitals("gateway", "invite", "g2", *data, **lan)
        assert invitation.stdout is not None
        code = re.search(r"code: (\S+)", (await invitation.stdout.readline()).decode())
        assert code is not None
        place = f"127.0.0.1:{lan['VITALS_LAN__PAIRING_PORT']}"

        wrong = await vitals("gateway", "pair", "--server", place, "--code", "00000-00000", "--data", str(box))
        assert "is not the one that was given out" in await said(wrong)
        assert wrong.returncode == 2
        pairing = await vitals("gateway", "pair", "--server", place, "--code", code[1], "--data", str(box))
        assert "this box is gateway g2 of site" in await said(pairing)
        assert "gateway g2 is paired" in await said(invitation)
        assert {stat.S_IMODE(file.stat().st_mode) for file in box.iterdir()} == {0o600}
        assert (box / "site.key").read_text() == (system.data / "site.key").read_text()

        again = await vitals("gateway", "pair", "--server", place, "--code", code[1], "--data", str(box))
        assert "belongs to a site already" in await said(again)

        await until_up(system, {"g1"})
        async with second_gateway(box / "gateway.toml") as gateway:
            await until_up(system, {"g1", "g2"})
            listing = await vitals("gateway", "paired", *data, **lan)
            assert "g2  paired " in await said(listing)
            expulsion = await vitals("gateway", "expel", "g2", *data, **lan)
            assert "gateway g2 is shut out" in await said(expulsion)
            await until_up(system, {"g1"})
            await until_forgotten(system, "g2")
            assert gateway.returncode is None, "a gateway that is shut out waits; it does not end"


async def test_without_a_door_nobody_is_invited(tmp_path: Path) -> None:
    refused = await vitals("gateway", "invite", "g2", "--data", str(tmp_path))
    assert "lan.host is not set" in await said(refused)
    assert refused.returncode == 2
