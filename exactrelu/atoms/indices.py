"""Positions that a caller names: checked, because Python would read a negative one from the end.

Layers and units count from 0 everywhere in this package.  `matrix[-1]` is Python's last row, but unit -1 of a layer is
a mistake, and unit 9 of 3 deserves a better answer than `tuple index out of range`.  Cost: one comparison.  Not here:
pairs and slices.
"""

from __future__ import annotations

import operator
from typing import Any

from exactrelu.errors import InputError

__all__ = ["require_index"]


def require_index(value: Any, count: int, *, name: str) -> int:
    """Return a position if it is an integer from 0 to count - 1.

    Raises:
        InputError: it is not; the message starts with `name` and gives the range.

    Example:
        >>> require_index(2, 3, name="layer")
        2
        >>> require_index(-1, 3, name="layer")
        Traceback (most recent call last):
            ...
        exactrelu.errors.InputError: layer is -1; an integer from 0 to 2 is needed
    """
    try:
        index = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        index = None
    if index is None or not 0 <= index < count:
        allowed = f"an integer from 0 to {count - 1} is needed" if count else "there is none to choose"
        raise InputError(f"{name} is {value!r}; {allowed}")
    return index
