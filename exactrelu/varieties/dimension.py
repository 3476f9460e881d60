"""The dimension of a variety: the rank of the Jacobian of its parametrisation, between proved bounds.

The rank at any one point, over Q or modulo any prime, is at most the generic rank, which is the dimension of the
closure of the image (characteristic zero).  So one evaluation is a *certified lower bound*, with the point as
evidence.  Upper bounds are the expected dimensions and the linear relations; where both meet the dimension is
*certified*, otherwise *probabilistic*: wrong only if the point was unlucky, and then too small (probability at most
degree / number of values, by Schwartz and Zippel).

Dimensions are those of affine cones: that of P^n is n + 1.  Cost: one Jacobian and its rank modulo a prime,
milliseconds for the sizes in use; the rank over Q, which is slower, only where that does not reach an upper bound.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.modular import rank_mod
from exactrelu.varieties.parametrisation import Parametrisation, Point

__all__ = ["Dimension", "DimensionStatus", "JacobianRank", "jacobian_rank"]


class DimensionStatus(Enum):
    """CERTIFIED: lower and upper bound agree.  PROBABILISTIC: only the lower bound is proved."""

    CERTIFIED = "certified"
    PROBABILISTIC = "probabilistic"


@dataclass(frozen=True, slots=True)
class JacobianRank:
    """The rank of the Jacobian at `point`, over Q (modulus 0) or modulo a prime: a lower bound of the dimension."""

    value: int
    point: Point
    modulus: int

    def defect(self, blocks: Blocks) -> str | None:
        """Return why the point does not prove dimension >= value, or None; recomputes one rank."""
        found = _rank_at(blocks, self.point, self.modulus)
        return None if found == self.value else f"the rank at the point is {found}, not {self.value}"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension with its bounds: lower by evaluation at a point, upper by counting or by rank constraints."""

    lower: JacobianRank
    upper: int
    upper_reason: str

    @property
    def value(self) -> int:
        """The rank found, which is the dimension if the status is CERTIFIED."""
        return self.lower.value

    @property
    def status(self) -> DimensionStatus:
        """Whether the bounds meet."""
        return DimensionStatus.CERTIFIED if self.lower.value == self.upper else DimensionStatus.PROBABILISTIC


def jacobian_rank(blocks: Blocks, *, modulus: int = 0, seed: int = 0) -> JacobianRank:
    """Return the rank of the Jacobian at a random integer point.

    Args:
        blocks: the variety.
        modulus: 0 for the rank over Q (entries up to 99), else a prime (entries up to half of it).
        seed: the same seed gives the same point.

    >>> blocks = Blocks.of((3, 4, 3), "1100|1010|1001")
    >>> jacobian_rank(blocks).value, jacobian_rank(blocks, modulus=(1 << 61) - 1).value
    (20, 20)
    """
    phi = Parametrisation(blocks)
    point = phi.random_point(random.Random(seed), modulus // 2 if modulus else 99)
    return JacobianRank(_rank_at(blocks, point, modulus), point, modulus)


def _rank_at(blocks: Blocks, point: Point, modulus: int) -> int:
    rows = Parametrisation(blocks).jacobian(point, modulus)
    if modulus:
        return rank_mod(rows, modulus)
    return RationalMatrix.from_integers(rows).rank()
