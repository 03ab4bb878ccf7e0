"""SFLOAT: the 16-bit decimal number of medical sensors (IEEE 11073-20601): 12 bits of mantissa, 4 of exponent.

Five mantissas are no numbers; they come back as `SfloatSpecial`, never as 0 or as a float NaN that could slip through
a comparison.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

_MANTISSA_MAX: Final = 0x7FD
"""Largest mantissa that is a number: 0x7FE and 0x7FF mean +INFINITY and NaN."""
_EXPONENT_MIN: Final = -8
_EXPONENT_MAX: Final = 7


class SfloatSpecial(StrEnum):
    """The five values that are no number."""

    NAN = "nan"
    NOT_AT_THIS_RESOLUTION = "nres"
    PLUS_INFINITY = "+inf"
    MINUS_INFINITY = "-inf"
    RESERVED = "reserved"


# The special values are defined with exponent 0 (ble.md and bluetooth-sig agree): 0x17FF is the number 20470.
_SPECIALS: Final = {
    0x07FF: SfloatSpecial.NAN,
    0x0800: SfloatSpecial.NOT_AT_THIS_RESOLUTION,
    0x07FE: SfloatSpecial.PLUS_INFINITY,
    0x0802: SfloatSpecial.MINUS_INFINITY,
    0x0801: SfloatSpecial.RESERVED,
}
_RAW_OF_SPECIAL: Final = {special: raw for raw, special in _SPECIALS.items()}


def decode_sfloat(raw: int) -> float | SfloatSpecial:
    """Return the number in 16 bits, or which of the five special values it is.

    Args:
        raw: 0..0xFFFF as it came, little-endian already undone.
    """
    special = _SPECIALS.get(raw)
    if special is not None:
        return special
    mantissa = raw & 0x0FFF
    if mantissa & 0x800:
        mantissa -= 0x1000
    exponent = raw >> 12
    if exponent & 0x8:
        exponent -= 0x10
    # Dividing by a power of ten is exact to the last bit; multiplying by 0.1 is not (98.1 became 98.10000000000001).
    return float(mantissa * 10**exponent) if exponent >= 0 else mantissa / 10**-exponent


def encode_sfloat(value: float | SfloatSpecial) -> int:
    """Return the 16 bits for a value, as exact as 12 bits of mantissa allow, with the exponent nearest to 0.

    Raises:
        ValueError: the number is beyond what 16 bits can say.
    """
    if isinstance(value, SfloatSpecial):
        return _RAW_OF_SPECIAL[value]
    number = Decimal(repr(float(value)))
    if not number.is_finite():
        msg = f"SFLOAT of {value!r}: name the special value instead"
        raise ValueError(msg)
    exponent = _first_exponent(number)
    while exponent <= _EXPONENT_MAX:
        mantissa = int(number.scaleb(-exponent).to_integral_value(ROUND_HALF_EVEN))
        if -_MANTISSA_MAX <= mantissa <= _MANTISSA_MAX:
            return (exponent & 0xF) << 12 | (mantissa & 0xFFF)
        exponent += 1
    msg = f"SFLOAT of {value!r}: beyond 16 bits"
    raise ValueError(msg)


def _first_exponent(number: Decimal) -> int:
    """Return the exponent at which the number's own digits fit, at most 0."""
    digits_exponent = number.normalize().as_tuple().exponent
    if not isinstance(digits_exponent, int):
        return 0
    return max(_EXPONENT_MIN, min(0, digits_exponent))
