"""Request heads have a time limit: a caller who sends half a head would hold a connection for as long as it likes."""

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 10.0
"""Real seconds from the connection, or from the first byte of a later request, to the end of the head.

uvicorn has a limit between requests (keep-alive) but none within a head; the size of a head is bounded by h11.
"""


class Heads(H11Protocol):
    """uvicorn's protocol with a patience."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """End to wait."""
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; wait as long as they are part of a head."""
        super().data_received(data)
        if self._is_in_head() and self.conn.trailing_data[0]:
            self._begin()
        elif not self._is_in_head():
            self._end()

    def _begin(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_S, self._give_up)

    def _end(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _is_in_head(self) -> bool:
        state: Any = self.conn.their_state
        return bool(state is h11.IDLE)

    def _give_up(self) -> None:
        self._patience = None
        if self._is_in_head() and not self.transport.is_closing():
            self.transport.close()
