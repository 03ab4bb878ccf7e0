"""The conversation over a real socket: who knows the code gets in, who guesses, listens or babbles does not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.pairing.conversation import ATTEMPTS_MAX, Credentials, Speaker, encode_line, new_code, read_code
from cli.pairing.invitation import Invitation, join_site
from vitals.errors import InputError, PeerError, PeerReason, VitalsError

GIVEN = Credentials(site="gym", gateway="g2", password="p" * 43, port=8883, authority_pem="pem", site_key="0" * 64)


class Granting:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Credentials:
        self.times += 1
        return GIVEN


class Open:
    """An invitation that is held open; ``outcome`` is how it ended."""

    def __init__(self) -> None:
        self.port = 0
        self.grant = Granting()
        self.outcome: VitalsError | None = None
        self.ended = asyncio.Event()


@asynccontextmanager
async def invitation(code: str, *, open_s: float = 30.0) -> AsyncIterator[Open]:
    held, opened = Open(), asyncio.Event()

    def note(port: int) -> None:
        held.port = port
        opened.set()

    async def hold() -> None:
        try:
            await Invitation(code=code, grant=held.grant, open_s=open_s).hold(host="127.0.0.1", port=0, on_open=note)
        except VitalsError as error:
            held.outcome = error
        held.ended.set()

    async with asyncio.TaskGroup() as group:
        holding = group.create_task(hold(), name="invitation")
        await opened.wait()
        yield held
        holding.cancel()


async def test_who_knows_the_code_gets_the_credentials_and_the_door_is_shut_behind_it() -> None:
    code = new_code()
    async with invitation(code) as held:
        given_back = await join_site(host="127.0.0.1", port=held.port, code=code.lower().replace("-", " "))
        assert given_back == GIVEN
        await held.ended.wait()
        assert (held.outcome, held.grant.times) == (None, 1)
        with pytest.raises(PeerError, match="nobody answers"):
            await join_site(host="127.0.0.1", port=held.port, code=code)


async def test_a_wrong_code_gets_nothing_and_the_right_one_still_works() -> None:
    code = new_code()
    async with invitation(code) as held:
        with pytest.raises(InputError, match="is not the one that was given out"):
            await join_site(host="127.0.0.1", port=held.port, code=new_code())
        assert held.grant.times == 0
        assert await join_site(host="127.0.0.1", port=held.port, code=code) == GIVEN


async def test_the_third_wrong_code_ends_the_invitation() -> None:
    code = new_code()
    async with invitation(code) as held:
        for _ in range(ATTEMPTS_MAX):
            with pytest.raises(InputError):
                await join_site(host="127.0.0.1", port=held.port, code=new_code())
        await held.ended.wait()
        assert isinstance(held.outcome, PeerError)
        assert held.outcome.reason is PeerReason.REFUSED
        with pytest.raises(PeerError):
            await join_site(host="127.0.0.1", port=held.port, code=code)
        assert held.grant.times == 0


async def test_who_hangs_up_after_the_first_word_has_used_a_guess() -> None:
    code = new_code()
    async with invitation(code) as held:
        for _ in range(ATTEMPTS_MAX):
            reader, writer = await asyncio.open_connection("127.0.0.1", held.port)
            writer.write(encode_line(Speaker(read_code(new_code()), is_gateway=True).word()))
            await reader.readline()
            writer.close()
        await held.ended.wait()
        assert held.outcome is not None


async def test_nobody_comes_and_the_code_is_void() -> None:
    async with invitation(new_code(), open_s=0.05) as held:
        await held.ended.wait()
        assert held.outcome is not None
        assert "no gateway came" in str(held.outcome)


@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/1.1\r\n",
        b"\n",
        b"[1]\n",
        b"{}\n",
        b'{"word": 7}\n',
        b'{"word": "zz"}\n',
        b'{"word": ""}\n',
        b"x" * 99_999,
    ],
)
async def test_babble_is_refused_and_costs_no_guess(line: bytes) -> None:
    code = new_code()
    async with invitation(code) as held:
        for _ in range(ATTEMPTS_MAX + 1):
            reader, writer = await asyncio.open_connection("127.0.0.1", held.port)
            writer.write(line)
            answer = await reader.readline()
            assert answer == b"" or "refused" in json.loads(answer)
            writer.close()
        assert await join_site(host="127.0.0.1", port=held.port, code=code) == GIVEN


async def test_a_server_that_does_not_know_the_code_is_believed_nothing() -> None:
    """Who sits between cannot hand out a broker and an authority of its own."""

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        speaker = Speaker(read_code(new_code()), is_gateway=False)
        speaker.hear(json.loads(await reader.readline()))
        writer.write(encode_line(speaker.word()))
        await reader.readline()
        writer.write(encode_line(speaker.seal(b'{"v":1}')))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(pretend, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(InputError, match="is not the one"):
            await join_site(host="127.0.0.1", port=port, code=new_code())


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=10, max_size=10))
def test_a_code_is_read_as_people_type_it(signs: str) -> None:
    typed = f" {signs[:5]}-{signs[5:]}".lower().replace("1", "l").replace("0", "o")
    assert read_code(typed) == signs.encode()


@pytest.mark.parametrize("text", ["", "K7QM3", "K7QM3-XRT9U", "K7QM3-XRT9W2", "K7QM3-XRT9\u0661"])
def test_what_cannot_be_a_code_is_named(text: str) -> None:
    with pytest.raises(InputError, match="has not 10 letters and digits"):
        read_code(text)
