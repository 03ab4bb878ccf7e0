"""The wire codec: msgspec Structs as JSON, refused with the place and the value when they are nonsense.

Every payload type is frozen, has a field ``v`` and travels with the MQTT content type `CONTENT_TYPE`.
"""

from typing import Final, TypeVar

import msgspec

from vitals.errors import InputError, InputReason

CONTENT_TYPE: Final = "application/vnd.session-vitals.v1+json"
PAYLOAD_BYTES_MAX: Final = 1_048_576
"""No payload of ours comes near it: the largest, a roster of 1000 people, has 400 kB."""

_SHOWN_BYTES: Final = 80

T = TypeVar("T")

_encoder: Final = msgspec.json.Encoder()
_decoders: Final[dict[object, msgspec.json.Decoder[object]]] = {}


def encode(message: object) -> bytes:
    """Return a Struct as JSON bytes."""
    return _encoder.encode(message)


def decode(payload: bytes, shape: type[T] | object, *, place: str) -> T:
    """Return the payload as ``shape``.

    Args:
        payload: what arrived.
        shape: a Struct type, or a union of them.
        place: where it arrived (a topic, a file), for the error's line.

    Raises:
        InputError: not JSON, another shape, or a version that this program does not know; the line quotes the start
            of the payload.
    """
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise InputError(place, f"payload has {len(payload)} bytes, at most {PAYLOAD_BYTES_MAX}", InputReason.TOO_LARGE)
    decoder = _decoders.get(shape)
    if decoder is None:
        decoder = _decoders[shape] = msgspec.json.Decoder(shape)
    try:
        return decoder.decode(payload)  # type: ignore[return-value]
    except msgspec.ValidationError as error:
        reason = InputReason.WRONG_VERSION if str(error).endswith("`$.v`") else InputReason.WRONG_SHAPE
        raise InputError(place, f"{error} in {_shown(payload)}", reason) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(place, f"{error} in {_shown(payload)}", InputReason.NOT_JSON) from error
    except RecursionError as error:
        raise InputError(place, f"nested too deep in {_shown(payload)}", InputReason.NOT_JSON) from error


def stamp(body: bytes, *, sent_mono_ms: int) -> bytes:
    """Return an already encoded body as a stamped message (`ReadingMessage` and its like), without decoding it."""
    return b'{"v":1,"sent_mono_ms":%d,"body":%b}' % (sent_mono_ms, body)


def _shown(payload: bytes) -> str:
    text = payload[:_SHOWN_BYTES].decode("utf-8", "backslashreplace")
    return repr(text + ("..." if len(payload) > _SHOWN_BYTES else ""))
