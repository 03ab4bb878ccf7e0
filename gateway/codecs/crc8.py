"""Checksums of one byte, as two families of oximeters use them."""

from typing import Final

_BITS: Final = 8
_TOP_BIT: Final = 0x80


def _table_07() -> bytes:
    """Return the table of the polynomial 0x07, highest bit first."""
    table = bytearray()
    for value in range(256):
        crc = value
        for _ in range(_BITS):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & _TOP_BIT else crc << 1
        table.append(crc)
    return bytes(table)


def _table_maxim() -> bytes:
    """Return the table of the polynomial 0x31, lowest bit first (0x8C)."""
    table = bytearray()
    for value in range(256):
        crc = value
        for _ in range(_BITS):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
        table.append(crc)
    return bytes(table)


_TABLE_07: Final = _table_07()
_TABLE_MAXIM: Final = _table_maxim()


def crc8_07(raw: bytes) -> int:
    """Return CRC-8 with the polynomial 0x07, begun at 0 (Viatom's ring); of "123456789" it is 0xF4."""
    crc = 0
    for byte in raw:
        crc = _TABLE_07[crc ^ byte]
    return crc


def crc8_maxim(raw: bytes) -> int:
    """Return CRC-8/MAXIM (the PC-60 family); of "123456789" it is 0xA1."""
    crc = 0
    for byte in raw:
        crc = _TABLE_MAXIM[crc ^ byte]
    return crc
