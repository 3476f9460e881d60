"""Weights of bounded height from bytes: how all weights of a network are one choice of Hypothesis.

The *height* of p/q in lowest terms is max(|p|, q).  A choice for every weight costs Hypothesis more than the network
is worth, so all are drawn as one block of bytes, and an `Alphabet` reads it: `size` bytes an entry, as an integer over
one denominator for all.  Each byte that Hypothesis shrinks towards 0 makes its entry easier to read: the numerator
goes by 0, 1, -1, 2, -2, ..., the denominator by 1, 2, 3, ...  Every block is valid: nothing is rejected.

There are more bytes than values.  `_index` brings a byte into range by clearing its highest bits, which is the first
thing that Hypothesis tries with an integer; so before anything else equal entries become equal bytes, and these it can
shrink together.  (With remainders instead, twin units would not stay twins while they shrink.)

Invariant: every entry is an integer divided by the alphabet's `denominator`, so that sums and comparisons of entries
are those of integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from math import lcm

__all__ = ["LARGEST_HEIGHT", "Alphabet", "dyadic_alphabet", "integer_alphabet", "rational_alphabet"]

LARGEST_HEIGHT = 20
"""Up to it every entry has its own denominator; beyond, the least common multiple of all is too long a number."""

_DYADIC_BITS = 30


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How bytes are read: `decode` gives the integer of `size` bytes, and the entry is that over `denominator`.

    For size 1, `table` has the integer of every byte.
    """

    size: int
    denominator: int
    decode: Callable[[bytes], int] = field(repr=False)
    table: tuple[int, ...] = field(default=(), repr=False)

    def read(self, block: bytes) -> list[int]:
        """Return the integers of a block whose length is a multiple of `size`."""
        if self.table:
            table = self.table
            return [table[byte] for byte in block]
        size, decode = self.size, self.decode
        return [decode(block[start : start + size]) for start in range(0, len(block), size)]


@cache
def rational_alphabet(max_height: int) -> Alphabet:
    """Return the alphabet of the rationals of height at most `max_height`.

    Up to height 8 an entry is one byte: the low bits name p, the bits above them q.  Else it is two, q and p.

    >>> alphabet = rational_alphabet(3)
    >>> alphabet.denominator, alphabet.read(bytes([1, 2, 8 + 1, 16 + 3]))
    (6, [6, -6, 3, 4])
    """
    denominator = lcm(*range(1, max_height + 1))
    factors = tuple(denominator // (1 + _index(byte, max_height)) for byte in range(256))
    numerators = tuple(_zigzag(_index(byte, 2 * max_height + 1)) for byte in range(256))

    def decode(chunk: bytes) -> int:
        return factors[chunk[0]] * numerators[chunk[1]]

    bits = (2 * max_height).bit_length()
    if bits + (max_height - 1).bit_length() > 8:
        return Alphabet(2, denominator, decode)
    table = tuple(factors[byte >> bits] * numerators[byte & ((1 << bits) - 1)] for byte in range(256))
    return Alphabet(1, denominator, decode, table)


@cache
def integer_alphabet(max_height: int, denominator: int = 1) -> Alphabet:
    """Return the alphabet of p/denominator with |p| <= max_height.

    >>> integer_alphabet(2).read(bytes([0, 1, 2, 3, 4, 5, 128 + 4]))
    [0, 1, -1, 2, -2, 1, -2]
    """
    return Alphabet((2 * max_height).bit_length() // 8 + 1, denominator, partial(_integer, 2 * max_height + 1))


@cache
def dyadic_alphabet() -> Alphabet:
    """Return the alphabet of the binary floats m·2^-e with |m| < 2^24 and 0 <= e <= 30, all exact in single precision.

    Four bytes an entry: 2e + (1 if negative), then |m|.

    >>> alphabet = dyadic_alphabet()
    >>> [entry / alphabet.denominator for entry in alphabet.read(bytes([0, 0, 0, 1, 3, 0, 0, 3]))]
    [1.0, -1.5]
    """
    return Alphabet(4, 2**_DYADIC_BITS, _dyadic)


def _integer(count: int, chunk: bytes) -> int:
    return _zigzag(_index(int.from_bytes(chunk, "big"), count))


def _index(number: int, count: int) -> int:
    """A number below `count`: the highest bits are cleared until it is one."""
    bits = (count - 1).bit_length()
    index = number & ((1 << bits) - 1)
    return index if index < count else index & ((1 << (bits - 1)) - 1)


def _zigzag(index: int) -> int:
    """0, 1, -1, 2, -2, ..."""
    return (index + 1) // 2 if index % 2 else -(index // 2)


def _dyadic(chunk: bytes) -> int:
    exponent = (chunk[0] >> 1) % (_DYADIC_BITS + 1)
    magnitude = int.from_bytes(chunk[1:], "big") << (_DYADIC_BITS - exponent)
    return -magnitude if chunk[0] & 1 else magnitude
