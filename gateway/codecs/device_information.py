"""Device Information (0x180A): the strings by which a sensor says who made it. For matching drivers and for support.

The serial number is a hint for pairing, nothing more: it stays off the wire (design, section 3).
"""

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
