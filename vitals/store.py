"""The store's cursor: how far each stream is in the record without a gap. An outbox forgets only by it."""

from typing import Literal

from msgspec import Struct

from vitals.readings import RunId


class StreamCursor(Struct, frozen=True, kw_only=True):
    """``seq``: every seq up to and with it is stored, or is a recorded gap; -1: nothing yet."""

    subject: str
    kind: str
    seq: int


class StoreCursor(Struct, frozen=True, kw_only=True):
    """The cursor of one source's run (retained), published after each commit that moved it.

    ``store_run``: the run of the ingest process; a new one makes sources send again from cursor + 1.
    """

    v: Literal[1] = 1
    store_run: RunId
    source: str
    run: RunId
    streams: tuple[StreamCursor, ...]
