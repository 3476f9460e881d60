"""What a unit does to its preactivation: two rational slopes, one on each side of zero.

t -> negative·t for t < 0 and t -> positive·t for t >= 0.  ReLU is (0, 1), the identity (1, 1), leaky ReLU (a, 1),
absolute value (-1, 1).  A unit whose slopes agree is *linear*: it has no breakpoint, carries no bit in a
configuration, and is how values pass by a layer (residual connections, max-pooling).  At zero both slopes give zero,
so an activation is continuous.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.errors import ShapeError
from exactrelu.exact.rationals import as_rational

__all__ = ["ABSOLUTE", "IDENTITY", "RELU", "Activation"]


@dataclass(frozen=True, slots=True)
class Activation:
    """Slopes for negative and for positive preactivations.

    Example:
        >>> leaky = Activation.of(["1/10", 1])
        >>> leaky(Fraction(-5)), leaky(Fraction(3))
        (Fraction(-1, 2), Fraction(3, 1))
    """

    negative: Fraction
    positive: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "negative", as_rational(self.negative, name="negative slope"))
        object.__setattr__(self, "positive", as_rational(self.positive, name="positive slope"))

    @classmethod
    def of(cls, slopes: Sequence[Any]) -> Activation:
        """Read a pair of numbers or text as (negative, positive)."""
        if len(slopes) != 2:
            raise ShapeError(f"an activation has two slopes, for negative and positive values; got {len(slopes)}")
        return cls(*slopes)

    @property
    def is_linear(self) -> bool:
        """Whether both slopes agree, so that the unit has no breakpoint."""
        return self.negative == self.positive

    def slope(self, bit: bool | int) -> Fraction:
        """Return the slope of a side: `positive` for bit 1, `negative` for bit 0."""
        return self.positive if bit else self.negative

    def __call__(self, preactivation: Fraction) -> Fraction:
        """Return the activation; at zero it is zero."""
        return preactivation * (self.positive if preactivation > 0 else self.negative)


RELU = Activation(Fraction(0), Fraction(1))
IDENTITY = Activation(Fraction(1), Fraction(1))
ABSOLUTE = Activation(Fraction(-1), Fraction(1))
