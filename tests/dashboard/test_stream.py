"""The websocket over real sockets: what a page is told, when, and what it can ask for."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from dashboard.frames import ACK_WINDOW
from dashboard.hub import LAG_S
from dashboard.stream import REFUSALS_MAX
from tests.dashboard.house import House, open_voice, settings_for, until
from tests.peers import Mosquitto
from vitals.alarms import Acknowledgement, AlarmId, RuleId, Signal
from vitals.commands import Acknowledge, CommandAnswer, PauseAudio
from vitals.deadline import deadline
from vitals.parts import Part

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


async def test_a_page_opened_in_the_middle_of_an_alarm_shows_it_with_its_age_in_the_first_frame(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = await house.start_class()
        voice.say_alarm(session["id"], age_ms=25_000)
        await voice.say_hr(1, 134)
        async with house.page() as waiting:
            await waiting.take_until(
                lambda page: bool(page.known["alarms"]) and "value" in str(page.tiles["p01"]), "no alarm comes"
            )
            async with house.page() as page:
                frame = await page.take()

    assert frame["t"] == "s"
    (alarm,) = frame["alarms"]
    assert (alarm["text"], alarm["alias"]) == ("HR 134 > 120", "1")
    assert frame["server_mono_ms"] - alarm["onset_at_ms"] >= 24_900
    assert frame["server_mono_ms"] - alarm["breach_at_ms"] >= 34_900
    assert (frame["mode"], frame["session"]["name"]) == ("simulated", "Tuesday")
    (tile, _) = frame["tiles"]
    assert tile["hr"]["value"] == 134
    assert tile["trace"] == [[tile["hr"]["at_ms"], 134]]


async def test_a_delta_tells_only_of_whom_something_is_new(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        await house.start_class()
        async with house.page() as page:
            await page.take_until(lambda page: page.known["counts"]["gateways_live"] == 1, "no gateway")
            await voice.say_hr(2, 101)
            frame = await page.take_until(lambda page: page.tiles["p02"]["hr"]["value"] == 101, "no value")

    assert frame["t"] == "d"
    assert [tile["id"] for tile in frame["tiles"]] == ["p02"]
    assert "alarms" not in frame
    assert "trace" not in frame["tiles"][0]
    seqs = [one["seq"] for one in page.frames]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_without_any_news_a_page_hears_a_heartbeat(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker), house.page() as page:
        await page.take_until(
            lambda page: (
                set(page.frames[-1]) - {"analysis_heard_ms"}
                == {"t", "v", "epoch", "seq", "server_mono_ms", "utc_ms", "rate"}
            ),
            "no frame without news",
        )


async def test_a_page_that_comes_back_goes_on_where_it_was_but_not_after_a_restart(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker):
        while True:
            async with house.page() as page:
                last = await page.take_until(lambda page: len(page.frames) == 3, "no frames")
            query = f"?seq={last['seq']}&epoch={last['epoch']}"
            async with house.page(query) as page:
                frame = await page.take()
            # Who was away for longer is told everything: then it is another try.
            if frame["server_mono_ms"] - last["server_mono_ms"] <= LAG_S * 1000:
                break
        assert (frame["t"], frame["seq"]) == ("d", last["seq"] + 1)

        await house.stop()
        await house.start()
        async with house.page(query) as page:
            frame = await page.take()
        assert frame["t"] == "s"
        assert frame["epoch"] != last["epoch"]


async def test_after_a_stall_only_the_frames_of_the_window_are_old(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        await house.start_class()
        async with house.page() as page:
            await page.take_until(lambda page: len(page.frames) == 3, "no frames")
            page.socket.transport.pause_reading()
            for bpm in range(60, 120):
                await voice.say_hr(1, bpm)
                await asyncio.sleep(0.1)
            woken_ms = voice.clock.mono_ms()
            page.socket.transport.resume_reading()
            frames = [await page.take() for _ in range(ACK_WINDOW + 1)]

    old = [frame for frame in frames if frame["server_mono_ms"] < woken_ms - 2_000]
    assert len(old) <= ACK_WINDOW
    fresh = frames[len(old)]
    assert fresh["t"] == "s"
    assert fresh["tiles"][0]["hr"]["value"] >= 100


async def test_a_page_that_never_acknowledges_gets_a_window_of_frames_and_is_dropped(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        async with house.page() as mute:
            got = [json.loads(await mute.socket.recv()) for _ in range(ACK_WINDOW)]
            with pytest.raises(ConnectionClosed) as closed:
                await mute.socket.recv()
        async with house.page(f"?seq={got[-1]['seq']}&epoch={got[-1]['epoch']}") as page:
            frame = await page.take()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008
    assert frame["t"] == "s"  # what it missed is old


async def test_an_alarm_does_not_wait_for_the_tick(
    broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.ticker.TICK_S", 3_600)
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = await house.start_class()
        async with house.page() as page:
            await page.take_until(lambda page: len(page.tiles) == 2, "no class")
            voice.say_alarm(session["id"])
            await page.take_until(lambda page: len(page.known["alarms"]) == 1, "no alarm")


async def test_thirty_alarms_at_once_are_all_in_one_snapshot(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = await house.start_class()
        states = [
            voice.say_alarm(session["id"], subject=f"x{number:02}", alarm_id=AlarmId(f"a{number:02}"))
            for number in range(30)
        ]
        async with house.page() as page:
            await page.take_until(lambda page: len(page.known["alarms"]) == 30, "not all alarms")
            voice.say_alarm_is_over(states[0])
            await page.take_until(lambda page: len(page.known["alarms"]) == 29, "an alarm that is over stays")


async def test_sending_is_shown_to_everybody_until_analysis_says_acknowledged(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = await house.start_class()
        state = voice.say_alarm(session["id"])
        async with house.page() as page, house.page() as other:
            await page.take_until(lambda page: bool(page.known["alarms"]), "no alarm")
            await page.socket.send(json.dumps({"t": "acknowledge", "alarm_id": state.alarm_id, "by": "KB"}))
            for screen in (page, other):
                await screen.take_until(
                    lambda screen: [one.get("sending") for one in screen.known["alarms"]] == ["KB"], "no 'sending'"
                )
            await until(lambda: len(voice.commands) > 1, "the command is not repeated")
            command = voice.commands[0]
            assert command.body == Acknowledge(alarm_id=state.alarm_id)
            assert {one.id for one in voice.commands} == {command.id}

            voice.say_alarm_again(
                state,
                signal=Signal.ACKNOWLEDGED,
                revision=2,
                acknowledged=Acknowledgement(by="KB", at_utc_ms=command.at_utc_ms, command=command.id),
            )
            voice.alive[Part.ANALYSIS, "1"] = (CommandAnswer(id=command.id),)
            await other.take_until(
                lambda screen: [one["signal"] for one in screen.known["alarms"]] == ["acknowledged"], "no state"
            )
            assert "sending" not in other.known["alarms"][0]

            answer = await house.http.post(f"/api/v1/alarms/{state.alarm_id}/acknowledge", json={"by": "LM"})
            assert (answer.status_code, answer.json()["detail"]) == (409, "alarm: 'a1' is acknowledged by KB")


async def test_a_page_can_ask_for_silence(broker: Mosquitto, tmp_path: Path) -> None:
    async with (
        House(settings_for(tmp_path, broker.url)) as house,
        open_voice(broker) as voice,
        house.page() as page,
    ):
        await page.take()
        await page.socket.send(json.dumps({"t": "pause_audio", "seconds": 60, "by": "KB"}))
        await until(lambda: bool(voice.commands), "no command")

    assert (voice.commands[0].owner, voice.commands[0].body) == ("analysis", PauseAudio(seconds=60))


async def test_nonsense_from_a_page_is_refused_and_the_frames_go_on(tmp_path: Path) -> None:
    bad_pause = '{"t":"pause_audio","seconds":1e9,"by":"KB"}'
    unknown_alarm = '{"t":"acknowledge","alarm_id":"nobody","by":"KB"}'
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house, house.page() as page:
        await page.take()
        for nonsense in ("", "{", "[]", '{"t":"ack"}', bad_pause, unknown_alarm, "[" * 4_000):
            await page.socket.send(nonsense)
        for _ in range(ACK_WINDOW + 1):
            await page.take()


async def test_a_page_that_talks_only_nonsense_is_dropped(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house, house.page() as page:
        for _ in range(REFUSALS_MAX):
            await page.socket.send("{")
        with pytest.raises(ConnectionClosed):
            await page.take_until(lambda _: False, "it is not dropped")


async def test_bytes_and_novels_from_a_page_end_its_connection_only(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house, house.page() as page:
        for message in (b"\x00", "x" * 100_000):
            async with house.page() as rude:
                await rude.socket.send(message)
                with pytest.raises(ConnectionClosed):
                    await rude.take_until(lambda _: False, "it is not dropped")
        await page.take()


async def test_the_screens_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.stream.CLIENTS_MAX", 1)
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        async with house.page() as page, house.page() as second:
            await page.take()
            with pytest.raises(ConnectionClosed) as closed:
                await second.take()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013
        async with house.page() as third:
            await third.take()


async def test_an_alarm_that_ended_while_the_broker_was_away_leaves_the_wall(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = await house.start_class()
        over = voice.say_alarm(session["id"])
        voice.say_alarm(session["id"], rule=RuleId.SPO2_LOW, alarm_id=AlarmId("a2"))
        async with house.page() as page:
            await page.take_until(lambda page: len(page.known["alarms"]) == 2, "no alarms")
            broker.kill()
            await page.take_until(lambda page: any("Broker lost" in text for text in page.part_texts()), "not named")
            assert len(page.known["alarms"]) == 2
            voice.say_alarm_is_over(over)
            broker.start()
            await page.take_until(lambda page: [one["id"] for one in page.known["alarms"]] == ["a2"], "it stays")
            await page.take_until(lambda page: not page.part_texts(), "a part does not come back")


async def test_a_page_that_answers_no_goodbye_is_cut_off_when_the_server_ends(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house:
        host, port = house.authority.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"GET /api/v1/stream HTTP/1.1\r\nHost: {house.authority}\r\nOrigin: http://{house.authority}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 101")
    # The server is gone and so must be its end of the connection; what it had said before may still be read.
    with contextlib.suppress(ConnectionResetError):
        async with deadline(10):
            while await reader.read(65_536):
                pass
    writer.close()
