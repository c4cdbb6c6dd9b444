"""Numbers as Terraform holds them: binary floating point of 512 bits.

Fractions are exact, Terraform's numbers are not: `ceil(0.1 * 30)` may come out differently. Every number that
is read or computed is therefore rounded as Terraform rounds it.
"""

from fractions import Fraction
from functools import lru_cache

from budgetcheck.readers.terraform.values import NotKnownError, Unknown, number

Number = int | Fraction

_BITS = 512
_MOST_EXPONENT = 4_096  # of two: repeated squaring must not fill the memory
_MOST_DIGITS = 30
_SHORTEST_EXPONENT = 6


def rounded(value: Number) -> Number:
    """The number nearest to it that Terraform can hold; whole numbers as int.

    Raises NotKnownError where it is too large to be a setting of anything.
    """
    if isinstance(value, int):
        if value.bit_length() > _BITS:
            raise NotKnownError(Unknown(reason="a number is out of all proportion"))
        return value
    top, bottom = value.numerator, value.denominator
    if max(abs(top).bit_length(), bottom.bit_length()) > _MOST_EXPONENT:
        raise NotKnownError(Unknown(reason="a number is out of all proportion"))
    if bottom == 1:
        return rounded(top)
    if bottom & (bottom - 1) == 0 and abs(top).bit_length() <= _BITS:
        return value
    return _nearest(top, bottom)


def _nearest(top: int, bottom: int) -> Number:
    """Rounds to 512 bits, half to even."""
    shift = _BITS - (abs(top).bit_length() - bottom.bit_length())
    for exponent in (shift, shift - 1):
        scaled = abs(top) << exponent if exponent >= 0 else abs(top)
        divisor = bottom if exponent >= 0 else bottom << -exponent
        quotient, rest = divmod(scaled, divisor)
        if quotient.bit_length() <= _BITS:
            break
    if 2 * rest > divisor or (2 * rest == divisor and quotient & 1):
        quotient += 1
    result = Fraction(quotient) / (Fraction(2) ** exponent)
    return number(-result if top < 0 else result)


@lru_cache(maxsize=4_096)
def digits(value: Fraction) -> tuple[int, int]:
    """The shortest decimal that is this number to 512 bits: digits as a whole number, and an exponent of ten.

    Raises NotKnownError for endless ones (`10 / 3`): how many digits Terraform prints depends on where the
    number came from.
    """
    magnitude = abs(value)
    size = _decimal_size(magnitude)
    for count in range(1, _MOST_DIGITS + 1):
        exponent = size - count
        scaled = magnitude / Fraction(10) ** exponent
        whole = round(scaled)  # half to even
        if rounded(Fraction(whole) * Fraction(10) ** exponent) == number(magnitude):
            trailing = len(str(whole)) - len(str(whole).rstrip("0"))
            return whole // 10**trailing, exponent + trailing
    raise NotKnownError(Unknown(reason="a number with endless decimals is not followed as text"))


def _decimal_size(magnitude: Fraction) -> int:
    """How many digits stand in front of the point; 0 or less for numbers below one."""
    size = len(str(magnitude.numerator)) - len(str(magnitude.denominator))
    while Fraction(10) ** size <= magnitude:
        size += 1
    while Fraction(10) ** (size - 1) > magnitude:
        size -= 1
    return size


def show_number(value: Number) -> str:
    """A number as Terraform prints it: without an exponent and without trailing zeros."""
    if isinstance(value, int):
        return str(value)
    whole, exponent = digits(value)
    sign = "-" if value < 0 else ""
    text = str(whole)
    if exponent >= 0:
        return sign + text + "0" * exponent
    text = text.rjust(1 - exponent, "0")
    return f"{sign}{text[:exponent]}.{text[exponent:]}"


def show_short(value: Number) -> str:
    """A number as `%v` of `format` prints it: with an exponent from seven digits on (`1e+06`)."""
    whole, exponent = (abs(value), 0) if isinstance(value, int) else digits(value)
    stripped = str(whole).rstrip("0") or "0"
    exponent += len(str(whole)) - len(stripped)
    point = len(stripped) + exponent - 1
    if value == 0 or -4 <= point < _SHORTEST_EXPONENT:
        return show_number(value)
    mantissa = stripped[0] + (f".{stripped[1:]}" if len(stripped) > 1 else "")
    return f"{'-' if value < 0 else ''}{mantissa}e{'-' if point < 0 else '+'}{abs(point):02d}"
