"""Rationals of bounded height from bytes: how a whole row of weights is one choice of Hypothesis.

The *height* of p/q in lowest terms is max(|p|, q).  A draw for every weight costs Hypothesis more than the network is
worth, so a row is drawn as one block of bytes, and an `Alphabet` reads it: `size` bytes an entry, as an integer over
one denominator for all.  The order is that of reading ease: 0, 1, -1, then by height, so Hypothesis's way of shrinking
bytes, each towards 0, shrinks a row to zeros and small integers.  Every block of bytes is a valid row: nothing is
rejected.

Invariant: `denominator` divides every use of the alphabet, so that sums and comparisons of entries are those of
integers.  Heights above `LARGEST_TABLE` have no table; the entries of one network then share a denominator.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import gcd, lcm

__all__ = ["LARGEST_TABLE", "Alphabet", "dyadic_alphabet", "integer_alphabet", "rational_alphabet", "rational_table"]

LARGEST_TABLE = 14
"""There are 231 rationals of height at most 14, so a byte is enough to name one."""

_DYADIC_BITS = 30


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How bytes are read as integers over `denominator`.

    Fields:
        size: bytes an entry.
        denominator: positive; the entry is the integer that was read, divided by it.
        table: for size 1 the integer of every byte; empty otherwise.
        bound: without a table, |integer| <= bound, and 0 says that the entries are dyadic floats.
    """

    size: int
    denominator: int
    table: tuple[int, ...] = ()
    bound: int = 0

    def read(self, block: bytes) -> list[int]:
        """Return the integers of a block whose length is a multiple of `size`."""
        if self.table:
            return [self.table[byte] for byte in block]
        chunks = [block[start : start + self.size] for start in range(0, len(block), self.size)]
        if self.bound:
            return [_zigzag(int.from_bytes(chunk, "big") % (2 * self.bound + 1)) for chunk in chunks]
        return [_dyadic(chunk) for chunk in chunks]


@cache
def rational_table(max_height: int) -> tuple[Fraction, ...]:
    """Return all rationals of height at most `max_height`, by height, then denominator; p before -p.

    >>> [str(value) for value in rational_table(2)]
    ['0', '1', '-1', '2', '-2', '1/2', '-1/2']
    """
    found = [Fraction(0)]
    for height in range(1, max_height + 1):
        pairs = [(height, q) for q in range(1, height)] if height > 1 else [(1, 1)]
        pairs += [(p, height) for p in range(1, height)]
        for p, q in pairs:
            if gcd(p, q) == 1:
                found += [Fraction(p, q), Fraction(-p, q)]
    return tuple(found)


@cache
def rational_alphabet(max_height: int) -> Alphabet:
    """Return the alphabet of the rationals of height at most `max_height`, which is at most `LARGEST_TABLE`."""
    values = rational_table(max_height)
    denominator = lcm(*range(1, max_height + 1))
    return Alphabet(1, denominator, _fill([int(value * denominator) for value in values]))


@cache
def integer_alphabet(max_height: int, denominator: int = 1) -> Alphabet:
    """Return the alphabet of p/denominator with |p| <= max_height.

    >>> integer_alphabet(2).read(bytes([0, 1, 2, 3, 4, 5]))
    [0, 1, -1, 2, -2, 0]
    """
    if 2 * max_height + 1 <= 256:
        return Alphabet(1, denominator, _fill([_zigzag(index) for index in range(2 * max_height + 1)]))
    return Alphabet((2 * max_height).bit_length() // 8 + 1, denominator, bound=max_height)


@cache
def dyadic_alphabet() -> Alphabet:
    """Return the alphabet of the binary floats m·2^-e with |m| < 2^24 and 0 <= e <= 30, all exact in single precision.

    Four bytes an entry: 2e + (1 if negative), then |m|.

    >>> alphabet = dyadic_alphabet()
    >>> [Fraction(n, alphabet.denominator) for n in alphabet.read(bytes([0, 0, 0, 1, 3, 0, 0, 3]))]
    [Fraction(1, 1), Fraction(-3, 2)]
    """
    return Alphabet(4, 2**_DYADIC_BITS)


def _fill(values: list[int]) -> tuple[int, ...]:
    """A value for each of the 256 bytes: all values, again and again, so that each is about as likely."""
    return tuple(values[byte % len(values)] for byte in range(256))


def _zigzag(index: int) -> int:
    """0, 1, -1, 2, -2, ..."""
    return (index + 1) // 2 if index % 2 else -(index // 2)


def _dyadic(chunk: bytes) -> int:
    exponent = (chunk[0] >> 1) % (_DYADIC_BITS + 1)
    magnitude = int.from_bytes(chunk[1:], "big") << (_DYADIC_BITS - exponent)
    return -magnitude if chunk[0] & 1 else magnitude
