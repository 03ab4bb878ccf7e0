"""The engine's memory as bytes, and moved to another monotonic clock after a reboot."""

import types
import zlib
from collections.abc import Sequence
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec
from msgspec import Struct, structs

from analysis.core.events import Event
from analysis.core.state import STATE_VERSION, EngineState
from vitals.errors import StorageError, StorageReason
from vitals.units import MonotonicMs

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(EngineState)
_events_decoder: Final = msgspec.msgpack.Decoder(list[Event])


class _Head(Struct):
    """What every version of a state begins with; the first one did not say it."""

    version: int = 1


_head_decoder: Final = msgspec.msgpack.Decoder(_Head)


def encode_state(state: EngineState) -> bytes:
    """Return the state as MessagePack."""
    return _encoder.encode(state)


def decode_state(data: bytes) -> EngineState:
    """Return the state as it was.

    Raises:
        StorageError: the bytes are damaged, or were written by a program with another shape of state.
    """
    try:
        version = _head_decoder.decode(data).version
        if version == STATE_VERSION:
            return _decoder.decode(data)
    except msgspec.MsgspecError as error:
        msg = f"snapshot of {len(data)} bytes cannot be read: {error}"
        raise StorageError(msg, StorageReason.DAMAGED) from error
    msg = f"snapshot of version {version} cannot be read: this program writes and reads version {STATE_VERSION}"
    raise StorageError(msg, StorageReason.NEWER_SCHEMA if version > STATE_VERSION else StorageReason.DAMAGED)


def encode_events(events: Sequence[Event]) -> bytes:
    """Return what the engine was given as MessagePack."""
    return _encoder.encode(events)


def decode_events(data: bytes) -> list[Event]:
    """Return the events as they were.

    Raises:
        StorageError: the bytes are damaged, or were written by a program with other events.
    """
    try:
        return _events_decoder.decode(data)
    except msgspec.MsgspecError as error:
        msg = f"events of {len(data)} bytes cannot be read: {error}"
        raise StorageError(msg, StorageReason.DAMAGED) from error


def pack_state(state: EngineState) -> bytes:
    """Return the state as compressed MessagePack, for the journal."""
    return zlib.compress(encode_state(state))


def unpack_state(data: bytes) -> EngineState:
    """Return what was packed.

    Raises:
        StorageError: as `decode_state`.
    """
    try:
        plain = zlib.decompress(data)
    except zlib.error as error:
        msg = f"checkpoint of {len(data)} bytes cannot be read: {error}"
        raise StorageError(msg, StorageReason.DAMAGED) from error
    return decode_state(plain)


def rebase(state: EngineState, *, by_ms: int) -> EngineState:
    """Return the state with every time of our clock moved by ``by_ms``.

    After a reboot the monotonic clock starts anew; the shell computes the shift from the wall clock. Everything typed
    `MonotonicMs` is moved, so a new field cannot be forgotten.
    """
    moved: EngineState = _moved(state, EngineState, by_ms)
    moved.utc_offset_ms = state.utc_offset_ms - by_ms
    return moved


def _moved(value: Any, kind: Any, by_ms: int) -> Any:
    """Return a value of a type with its monotonic times moved."""
    if value is None:
        return value
    if kind is MonotonicMs:
        return value + by_ms
    if isinstance(value, Struct):
        fields = structs.fields(type(value))
        changes = {field.name: _moved(getattr(value, field.name), field.type, by_ms) for field in fields}
        return structs.replace(value, **changes)
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _moved(value, args[0], by_ms)
    if origin in {Union, types.UnionType}:
        return _moved(value, next((arm for arm in args if arm is MonotonicMs), args[0]), by_ms)
    if isinstance(value, dict):
        return {name: _moved(item, args[1], by_ms) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, args[0], by_ms) for item in value]
    if isinstance(value, tuple):
        kinds = [args[0]] * len(value) if len(args) == 2 and args[1] is ... else args  # noqa: PLR2004
        return tuple(_moved(item, arm, by_ms) for item, arm in zip(value, kinds, strict=True))
    return value
