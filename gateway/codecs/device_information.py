"""Device Information (0x180A): the strings by which a sensor says who made it. For matching drivers and for support.

The serial number is a hint for pairing, nothing more: it stays off the wire.
"""

import re
from typing import Final

TEXT_CHARACTERS_MAX: Final = 80
"""What a screen and a log line can take; real names are shorter than 30."""


def decode_device_text(raw: bytes) -> str:
    """Return a device information string as one clean line; total: bad bytes become replacement characters.

    Devices end strings with NULs or pad them with spaces; control characters could forge a log line.
    """
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace")
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:TEXT_CHARACTERS_MAX].rstrip()


def encode_device_text(text: str) -> bytes:
    """Return the bytes of a device information string."""
    return text.encode("utf-8")


DEVICE_CHARACTERS_MAX: Final = 48
"""As long as a reading's ``device`` may be."""

_SERIAL_DIGITS_MIN: Final = 5
"""Five digits in one word are a number of one piece; models have up to four (Nonin 3230, PC-60FW, CMS50D-BT)."""
_HEX_CHARACTERS_MIN: Final = 6
_HEX_DIGITS_MIN: Final = 2
_WORD: Final = re.compile(r"[^\s_,;()\[\]]+")
_HEX_WORD: Final = re.compile(r"[0-9A-Fa-f]+")
_OF_SOMEBODY: Final = ("'s", "\u2019s", "s'", "s\u2019")
_LABELS: Final = frozenset({"sn", "s/n", "serial", "no", "no.", "id", "mac", "user", "owner", "name", "patient"})


def describe_device(manufacturer: str, model: str) -> str:
    """Return make and model as a reading carries them: one line of at most 48 characters, perhaps empty.

    Whatever looks like the number of one piece or like somebody's is left out: long numbers ("Polar H10 A1B2C3D4"),
    addresses, what a label announces ("SN: ..."), e-mail addresses, and all of a text in which something is somebody's
    ("Anna's strap"). A maker whose name the model begins with is not said twice.

    Args:
        manufacturer: as `decode_device_text` gave it (0x2A29), or the driver's own word.
        model: likewise (0x2A24); never the advertised name, which people change.
    """
    make_words = _impersonal_words(manufacturer)
    model_words = _impersonal_words(model)
    if make_words and model_words and model_words[0].casefold().startswith(make_words[0].casefold()):
        make_words = []
    words = " ".join((*make_words, *model_words))
    return words[:DEVICE_CHARACTERS_MAX].rstrip()


def _impersonal_words(text: str) -> list[str]:
    """Return the words of a text that say nothing about one piece or one person."""
    words: list[str] = _WORD.findall(text)
    if any(word.casefold().endswith(_OF_SOMEBODY) for word in words):
        return []
    kept: list[str] = []
    is_labelled = False
    for word in words:
        plain = word.strip(":=-.'\"")
        if plain.casefold() in _LABELS or word.casefold().rstrip(":=") in _LABELS:
            is_labelled = True
        elif is_labelled:
            is_labelled = False
        elif plain and not _is_personal(plain):
            kept.append(plain)
    return kept


def _is_personal(word: str) -> bool:
    """Return whether a word is a number of one piece, an address, or holds one behind a label."""
    digits = sum(character.isdigit() for character in word)
    is_address = "@" in word or ":" in word or "=" in word or "#" in word
    is_hex = (
        len(word) >= _HEX_CHARACTERS_MIN and digits >= _HEX_DIGITS_MIN and _HEX_WORD.fullmatch(word.replace("-", ""))
    )
    return is_address or digits >= _SERIAL_DIGITS_MIN or bool(is_hex)
