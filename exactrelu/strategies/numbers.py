"""Rationals of bounded height, and vectors of them.

The height of p/q in lowest terms is max(|p|, q): the size of what a reader must copy.  Shrinking goes to small
numerators, then to small denominators.  Cost: two choices an entry.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.strategies.validation import require_integer, require_strategy

__all__ = ["rationals", "vectors"]


def rationals(*, max_height: int = 8) -> SearchStrategy[Fraction]:
    """Return a strategy for the rationals p/q with |p| <= max_height and 1 <= q <= max_height.

    Raises:
        InputError: max_height is no integer of at least 1.

    Example:
        >>> from hypothesis import find
        >>> find(rationals(), lambda value: value > 1), find(rationals(), lambda value: 0 < value < 1)
        (Fraction(2, 1), Fraction(1, 2))
    """
    height = require_integer(max_height, name="max_height", minimum=1)
    return st.builds(Fraction, st.integers(-height, height), st.integers(1, height))


def vectors(
    dimension: int, *, entries: SearchStrategy[Fraction] | None = None, max_height: int = 8
) -> SearchStrategy[tuple[Fraction, ...]]:
    """Return a strategy for vectors of `dimension` rationals.

    Args:
        dimension: number of entries, at least 0.
        entries: a strategy for each entry; `rationals(max_height=max_height)` when left out.
        max_height: bound on the height of every entry; not used with `entries`.

    Raises:
        InputError: a dimension below 0, a height below 1, or `entries` that is no strategy.

    Example:
        >>> from hypothesis import find
        >>> find(vectors(3), lambda vector: sum(vector) > 0)
        (Fraction(0, 1), Fraction(0, 1), Fraction(1, 1))
    """
    n = require_integer(dimension, name="dimension", minimum=0)
    if entries is None:
        entries = rationals(max_height=max_height)
    require_strategy(entries, name="entries")
    return st.tuples(*[entries] * n)
