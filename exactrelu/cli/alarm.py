"""A time limit that holds inside long computations: an exception in the main thread when the time is over.

Searches look at the clock themselves; this is for what lies between two looks.  It needs the signal SIGALRM (not on
Windows, not outside the main thread); without it the block simply runs.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["TimeIsOver", "alarm", "positive_seconds"]

LONGEST = 1e8
"""Seconds that a timer takes everywhere, three years."""


class TimeIsOver(TimeoutError):  # noqa: N818 - it ends a computation, nothing is wrong
    """The time of an `alarm` is over."""


@contextmanager
def alarm(seconds: float | None) -> Iterator[None]:
    """Raise `TimeIsOver` in the block after some seconds; None: never.

    Example:
        >>> with alarm(None):
        ...     print("done")
        done
    """
    is_main = threading.current_thread() is threading.main_thread()
    if seconds is None or seconds > LONGEST or not is_main or not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeIsOver(f"{seconds} s are over")

    earlier = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)


def positive_seconds(text: str) -> float:
    """Read the argument of an option `--timeout`."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return value
