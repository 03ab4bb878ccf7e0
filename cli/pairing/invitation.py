"""An invitation: for ten minutes a port is open where one gateway that knows the code is let in; then it is shut.

Nothing listens before or after. Wrong codes are counted; the third ends the invitation.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

import msgspec

from cli.pairing.conversation import (
    ANSWER_S,
    ATTEMPTS_MAX,
    LINE_BYTES_MAX,
    OPEN_S,
    Credentials,
    Speaker,
    decode_credentials,
    decode_line,
    encode_line,
    read_code,
)
from vitals.admitting import admit_no_more
from vitals.deadline import deadline
from vitals.errors import InputError, InputReason, PeerError, PeerReason, SetupError, SetupReason, VitalsError

logger: Final = logging.getLogger(__name__)


class Invitation:
    """One invitation of one gateway; `hold` it open until somebody has come, or nobody."""

    def __init__(self, *, code: str, grant: Callable[[], Credentials], open_s: float = OPEN_S) -> None:
        """Prepare it.

        Args:
            code: as it was printed.
            grant: admits the gateway and returns what it needs; called once, for the one who knew the code.
            open_s: how long to wait for it.
        """
        self._code = read_code(code)
        self._grant = grant
        self._open_s = open_s
        self._attempts = 0
        self._one_at_a_time = asyncio.Lock()
        self._outcome: asyncio.Future[None] | None = None

    async def hold(self, *, host: str, port: int, on_open: Callable[[int], None]) -> None:
        """Wait for the gateway.

        Args:
            host: address to listen on.
            port: to listen on; 0 takes a free one.
            on_open: called with the port when somebody listens there.

        Raises:
            SetupError: the port cannot be had.
            PeerError: nobody came in time, or somebody guessed.
        """
        self._outcome = asyncio.get_running_loop().create_future()
        try:
            server = await asyncio.start_server(self._meet, host, port, limit=LINE_BYTES_MAX)
        except OSError as error:
            msg = f"pairing on {host} port {port}: {error.strerror}"
            raise SetupError(msg, SetupReason.PORT_IN_USE) from error
        async with server:
            on_open(int(server.sockets[0].getsockname()[1]))
            try:
                async with deadline(self._open_s):
                    await self._outcome
            except TimeoutError as error:
                msg = f"no gateway came within {self._open_s:g} s; the code is void"
                raise PeerError(msg, PeerReason.TIMED_OUT) from error
            finally:
                await admit_no_more(server.sockets)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self._one_at_a_time, deadline(ANSWER_S):
                if self._outcome is not None and not self._outcome.done():
                    await self._talk(reader, writer)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
            logger.info(f"pairing.conversation_broken why={type(error).__name__}")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._outcome is not None  # noqa: S101 - `hold` is running
        try:
            speaker = Speaker(self._code, is_gateway=False)
            speaker.hear(decode_line(await reader.readline()))
            # From here on the other side can test one guess of the code, whether it goes on or not.
            self._attempts += 1
            writer.write(encode_line(speaker.word()))
            await writer.drain()
            speaker.open(decode_line(await reader.readline()))
            credentials = self._grant()
            writer.write(encode_line(speaker.seal(msgspec.json.encode(credentials))))
            await writer.drain()
        except VitalsError as error:
            logger.warning(f"pairing.refused attempts={self._attempts} why={error}")
            writer.write(encode_line({"v": 1, "refused": str(error)}))
            await writer.drain()
            if not isinstance(error, InputError):
                self._outcome.set_exception(error)
        else:
            self._outcome.set_result(None)
        finally:
            if self._attempts >= ATTEMPTS_MAX and not self._outcome.done():
                msg = f"{self._attempts} wrong codes; the invitation is void, make another"
                self._outcome.set_exception(PeerError(msg, PeerReason.REFUSED))


async def join_site(*, host: str, port: int, code: str) -> Credentials:
    """Return what a gateway is given by the site whose invitation is open at ``host``.

    Raises:
        InputError: the code is not the one, or the other side says something else.
        PeerError: nobody is there, or it went away.
    """
    secret = read_code(code)
    place = f"pairing with {host} port {port}"
    try:
        async with deadline(ANSWER_S):
            reader, writer = await asyncio.open_connection(host, port, limit=LINE_BYTES_MAX)
    except (OSError, TimeoutError) as error:
        raise PeerError(f"{place}: nobody answers ({error})", PeerReason.UNREACHABLE) from error
    try:
        async with deadline(ANSWER_S):
            return await _join(Speaker(secret, is_gateway=True), reader, writer, place=place)
    except (OSError, TimeoutError, ValueError) as error:
        # ValueError: a line without an end (asyncio.StreamReader.readline).
        raise PeerError(f"{place}: broken off ({error})", PeerReason.GONE) from error
    finally:
        writer.close()


async def _join(
    speaker: Speaker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, place: str
) -> Credentials:
    async def hear() -> dict[str, object]:
        line = await reader.readline()
        if not line:
            raise InputError(place, "the other side hung up; the invitation is over", InputReason.CONFLICT)
        return decode_line(line)

    writer.write(encode_line(speaker.word()))
    await writer.drain()
    speaker.hear(await hear())
    writer.write(encode_line(speaker.seal(b"here")))
    await writer.drain()
    return decode_credentials(speaker.open(await hear()))
