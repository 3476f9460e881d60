"""Checks of the arguments of strategies, made when a strategy is asked for and not when it is drawn from.

Every public function of `exactrelu.strategies` validates all its arguments at once, so that a mistake shows at the
line that makes it.  The messages name the argument, the value and what would do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis.strategies import SearchStrategy

from exactrelu.errors import InputError, ShapeError

__all__ = [
    "require_choice",
    "require_instance",
    "require_integer",
    "require_range",
    "require_strategy",
    "require_widths",
]

T = TypeVar("T")


def require_integer(value: object, *, name: str, minimum: int) -> int:
    """Return `value` if it is an integer of at least `minimum`; InputError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise InputError(f"{name} is {value!r}; an integer of at least {minimum} is needed")
    return value


def require_range(low: object, high: object, *, name: str, minimum: int) -> tuple[int, int]:
    """Return the pair (min_<name>, max_<name>) if minimum <= low <= high; InputError otherwise."""
    least = require_integer(low, name=f"min_{name}", minimum=minimum)
    most = require_integer(high, name=f"max_{name}", minimum=minimum)
    if least > most:
        raise InputError(f"min_{name} is {least}, which is more than max_{name}, {most}")
    return least, most


def require_choice(value: object, choices: Sequence[str], *, name: str) -> str:
    """Return `value` if it is one of the texts in `choices`; InputError otherwise."""
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"{name} is {value!r}; choose one of {', '.join(map(repr, choices))}")
    return value


def require_instance(value: object, kind: type[T], *, name: str) -> T:
    """Return `value` if it is a `kind`; InputError otherwise, also for a strategy in its place."""
    if isinstance(value, SearchStrategy):
        raise InputError(f"{name} is a strategy; pass a {kind.__name__}, and combine strategies with flatmap")
    if not isinstance(value, kind):
        raise InputError(f"{name} must be of type {kind.__name__}; got {value!r}")
    return value


def require_strategy(value: object, *, name: str) -> None:
    """InputError unless `value` is a Hypothesis strategy."""
    if not isinstance(value, SearchStrategy):
        raise InputError(f"{name} must be a strategy, such as st.just({value!r}); got {value!r}")


def require_widths(widths: object) -> tuple[int, ...]:
    """Return input dimension, hidden widths and output dimension as a tuple; an error unless all are at least 1."""
    if isinstance(widths, str | bytes) or not isinstance(widths, Sequence):
        raise InputError(f"widths is {widths!r}; pass a sequence such as [2, 3, 1]")
    if len(widths) < 2:
        raise ShapeError(f"widths has {len(widths)} entries; pass at least the input and the output dimension")
    return tuple(require_integer(width, name=f"widths[{k}]", minimum=1) for k, width in enumerate(widths))
