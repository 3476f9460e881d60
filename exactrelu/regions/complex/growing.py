"""Arrays that grow at one end: amortised appends without copying what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Growing"]


class Growing:
    """An array with spare room along its last axis; `data` is the used part (a view, writable).

    Example:
        >>> ends = Growing(np.array([[0, 1], [1, 2]]))
        >>> ends.append(np.array([[3], [4]]))
        >>> ends.data.tolist()
        [[0, 1, 3], [1, 2, 4]]
    """

    __slots__ = ("_buffer", "_size")

    def __init__(self, data: NDArray[Any]) -> None:
        self._buffer = data
        self._size = data.shape[-1]

    def __len__(self) -> int:
        return int(self._size)

    @property
    def data(self) -> NDArray[Any]:
        """The used part."""
        return self._buffer[..., : self._size]

    def append(self, more: NDArray[Any]) -> None:
        """Add entries at the end of the last axis."""
        self.extend(more.shape[-1])[...] = more

    def extend(self, count: int) -> NDArray[Any]:
        """Add `count` uninitialised entries and return the view of them."""
        needed = self._size + count
        if needed > self._buffer.shape[-1]:
            capacity = max(needed, 2 * self._buffer.shape[-1], 64)
            larger = np.empty((*self._buffer.shape[:-1], capacity), dtype=self._buffer.dtype)
            larger[..., : self._size] = self.data
            self._buffer = larger
        fresh = self._buffer[..., self._size : needed]
        self._size = needed
        return fresh
