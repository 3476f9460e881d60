"""A time limit that holds inside computations."""

from __future__ import annotations

import itertools
import math
import time

import pytest

from exactrelu.cli.alarm import TimeIsOver, alarm


def endless() -> None:
    """Compute for ever."""
    for number in itertools.count():
        math.sqrt(number)


def test_a_long_computation_is_broken_off() -> None:
    """The exception comes within the block, and nothing rings afterwards."""
    started = time.monotonic()
    with pytest.raises(TimeIsOver), alarm(0.05):
        endless()
    assert time.monotonic() - started < 20
    with alarm(0.05):
        pass
    time.sleep(0.1)
