"""The conormal test: do rank constraints cut out the variety locally, without any Gröbner basis?

At a point y of the variety where a constraint "rank N <= r" is met with equality, the differentials of the
(r+1)-minors span the functionals u^T dN v with u in the left and v in the right kernel of N(y).  All of them
together lie in the conormal space of the variety at y, so their rank c satisfies c <= codimension for *certified*
constraints, at every point and modulo every prime.  Hence

    dimension <= ambient dimension - c     (proved by one point),

and if c equals the codimension then the variety is a component of the zero set of the minors, which is smooth and
reduced near y. A constraint whose rank at y is below its bound contributes nothing there.
Cost: a few kernels of small matrices modulo 2^61 - 1.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from exactrelu.errors import InvariantError
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.constraints import RankConstraint
from exactrelu.varieties.flattenings import Flattening
from exactrelu.varieties.modular import PRIME, left_kernel, nmod_matrix, rank_mod, right_kernel
from exactrelu.varieties.parametrisation import Parametrisation

__all__ = ["RandomPoint", "conormal_codimension"]


@dataclass(frozen=True)
class RandomPoint:
    """A point of a variety modulo 2^61 - 1, from random parameters.

    >>> from exactrelu.varieties.flattenings import flatten
    >>> blocks = Blocks.of((3, 2, 3), "11")
    >>> RandomPoint(blocks).rank(flatten(blocks, (((1,),),)))
    2
    """

    blocks: Blocks
    seed: int = 0

    @cached_property
    def joined(self) -> list[list[int]]:
        """[Y_1 | ... | Y_k] at numerator scale, residues."""
        phi = Parametrisation(self.blocks)
        return phi.joined_values(phi.random_point(random.Random(self.seed), PRIME // 2), PRIME)

    def rank(self, flattening: Flattening) -> int:
        """Rank of a flattening at the point: a lower bound for its generic rank on the variety."""
        return rank_mod(flattening.matrix(self.joined, PRIME))

    def differentials(self, constraint: RankConstraint) -> list[list[int]]:
        """The functionals u^T dN v on the ambient space, entries of the joined matrix row by row."""
        flattening = constraint.flattening
        n_outputs = self.blocks.architecture.n_outputs
        matrix = flattening.matrix(self.joined, PRIME)
        rank = rank_mod(matrix)
        if rank > constraint.bound:
            if constraint.certified:
                raise InvariantError(f"rank {rank} at a point of the variety exceeds the bound of {constraint.form}")
            return []
        if rank < constraint.bound:
            return []
        right = right_kernel(matrix, flattening.n_columns)
        images = [
            [[sum(a * b for a, b in zip(row, v, strict=True)) % PRIME for row in piece] for v in right]
            for piece in flattening.pieces
        ]
        functionals = []
        for u in left_kernel(matrix):
            for index in range(len(right)):
                total = [0] * (n_outputs * self.blocks_width)
                for p, image in enumerate(images):
                    direction = image[index]
                    for r in range(n_outputs):
                        factor = u[p * n_outputs + r]
                        if factor:
                            base = r * self.blocks_width
                            for c, entry in enumerate(direction):
                                if entry:
                                    total[base + c] = (total[base + c] + factor * entry) % PRIME
                functionals.append(total)
        return functionals

    @property
    def blocks_width(self) -> int:
        """Number of columns of the joined matrix."""
        return sum(self.blocks.sizes)


def conormal_codimension(blocks: Blocks, constraints: Sequence[RankConstraint], *, seed: int = 0) -> int:
    """Return the rank c of the differentials of the minors at a random point of the variety.

    For certified constraints the codimension is proved to be at least c; observed ones may be passed for a hint.

    >>> from exactrelu.varieties.families import constraints_of
    >>> blocks = Blocks.of((3, 4, 3), "1100|1010|1001")
    >>> conormal_codimension(blocks, constraints_of(blocks, conics=False))
    6
    >>> conormal_codimension(blocks, constraints_of(blocks))
    7
    """
    point = RandomPoint(blocks, seed)
    rows: list[list[int]] = []
    for constraint in constraints:
        rows.extend(point.differentials(constraint))
        width = len(rows[0]) if rows else 0
        if len(rows) > 4 * width:
            rows = _reduced(rows)
    return rank_mod(rows)


def _reduced(rows: list[list[int]]) -> list[list[int]]:
    """A basis of the span, so that the list stays short."""
    reduced, rank = nmod_matrix(rows, len(rows[0])).rref()
    return [[int(a) for a in row] for row in reduced.tolist()[: int(rank)]]
