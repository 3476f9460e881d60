"""A progress line on a terminal, for anything that takes longer than two seconds; silence in a pipe."""

from __future__ import annotations

import sys
import time
from typing import TextIO

__all__ = ["ProgressLine"]

_DELAY = 2.0
_INTERVAL = 0.2
_WIDTH = 30


class ProgressLine:
    """Callable that a search reports to; redraws one line on standard error when that is a terminal."""

    def __init__(self, noun: str, stream: TextIO | None = None) -> None:
        self._noun = noun
        self._stream = sys.stderr if stream is None else stream
        self._shows = self._stream.isatty()
        self._start = time.monotonic()
        self._last = self._start + _DELAY - _INTERVAL
        self._drawn = False

    def __call__(self, share: float, found: int) -> None:
        """Draw the line if enough time has passed."""
        now = time.monotonic()
        if not self._shows or now - self._last < _INTERVAL:
            return
        self._last = now
        self._drawn = True
        filled = round(_WIDTH * min(share, 1.0))
        bar = "#" * filled + "-" * (_WIDTH - filled)
        self._stream.write(f"\r[{bar}] {100 * share:5.1f} %  {found} {self._noun}  {now - self._start:.0f} s ")
        self._stream.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False
