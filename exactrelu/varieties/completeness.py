"""How much of the ideal of a variety is known, with the argument; never more than was proved.

Four answers:

* PROVED: the equations at hand generate the ideal J.  Arguments: the variety is linear; it is a hypersurface whose
equation was
  found as the first one; rank constraints on independent generic matrices already have the right codimension, and
  such sums of determinantal ideals are prime; an elimination basis has no higher degree than was searched; an
  external system found the ideal prime and of the right dimension.
* LOCALLY_COMPLETE: at a point of the variety the differentials have the rank of the codimension, so the variety is
a component of
  their zero set, reduced there.  There may be other components and embedded ones.
* THROUGH_DEGREE: all equations up to some degree are known, nothing more is proved.
* INCOMPLETE: there are more, for instance since there are fewer generators than the codimension (Krull).

All but THROUGH_DEGREE need a certified dimension.
Source: own; [AM25] uses equal dimension, which is not enough unless the ideal found is known to be prime.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.conormal import RandomPoint
from exactrelu.varieties.constraints import RankConstraint
from exactrelu.varieties.dimension import Dimension, DimensionStatus
from exactrelu.varieties.generators import GeneratorSet
from exactrelu.varieties.interpolation import Interpolator
from exactrelu.varieties.modular import PRIME, rank_mod
from exactrelu.varieties.type_paths import TypeStructure

__all__ = ["Completeness", "CompletenessStatus", "assess", "determinantal_proof", "generator_codimension", "settle"]


class CompletenessStatus(Enum):
    """PROVED, LOCALLY_COMPLETE, THROUGH_DEGREE or INCOMPLETE."""

    PROVED = "proved"
    LOCALLY_COMPLETE = "locally complete"
    THROUGH_DEGREE = "complete through degree"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Completeness:
    """A status, the last degree searched, and the reason."""

    status: CompletenessStatus
    through_degree: int
    reason: str

    def __str__(self) -> str:
        if self.status is CompletenessStatus.THROUGH_DEGREE:
            return f"{self.status.value} {self.through_degree}"
        return str(self.status.value)


def assess(
    structure: TypeStructure,
    dimension: Dimension,
    generators: GeneratorSet,
    constraints: Sequence[RankConstraint],
) -> Completeness:
    """Return the strongest status that inexpensive arguments prove for the generators found.

    >>> from exactrelu.varieties.variety import PatternVariety
    >>> str(PatternVariety.of((3, 4, 3), "1110|0011").completeness(3))
    'proved'
    """
    degree = generators.through_degree
    if dimension.status is not DimensionStatus.CERTIFIED:
        return Completeness(CompletenessStatus.THROUGH_DEGREE, degree, "the dimension is not certified")
    settled = settle(structure, dimension, generators, constraints)
    if settled is not None:
        return settled
    codimension = _codimension(structure, dimension, generators)
    rank = generator_codimension(generators)
    if rank == codimension:
        reason = f"the differentials have rank {rank} = codimension at a point of the variety"
        return Completeness(CompletenessStatus.LOCALLY_COMPLETE, degree, reason)
    reason = f"the differentials have rank {rank} < codimension {codimension} at a random point, so more are expected"
    return Completeness(CompletenessStatus.THROUGH_DEGREE, degree, reason)


def settle(
    structure: TypeStructure,
    dimension: Dimension,
    generators: GeneratorSet,
    constraints: Sequence[RankConstraint],
) -> Completeness | None:
    """Return PROVED or INCOMPLETE if counting decides it, else None; no differentials are computed.

    >>> from exactrelu.varieties.variety import PatternVariety
    >>> variety = PatternVariety.of((2, 1, 2), "1")
    >>> [
    ...     str(settle(variety.structure, variety.dimension, variety.generators(degree), variety.constraints))
    ...     for degree in (1, 2)
    ... ]
    ['incomplete', 'proved']
    """
    if dimension.status is not DimensionStatus.CERTIFIED:
        return None
    degree = generators.through_degree
    codimension = _codimension(structure, dimension, generators)
    images = sum(g.n_images for g in generators.generators)
    if codimension == 0:
        return Completeness(
            CompletenessStatus.PROVED, degree, "the linear forms cut out a space of the right dimension"
        )
    if codimension == 1 and images == 1:
        reason = "a hypersurface, and its only equation of least degree was found"
        return Completeness(CompletenessStatus.PROVED, degree, reason)
    proof = determinantal_proof(structure, constraints, codimension)
    if proof is not None:
        largest = max(constraint.degree for constraint in proof)
        forms = "; ".join(f"rank({c.form}) <= {c.bound}" for c in proof)
        if largest <= degree:
            reason = f"prime determinantal ideals in independent variables have the right codimension: {forms}"
            return Completeness(CompletenessStatus.PROVED, degree, reason)
        reason = f"the ideal is generated by minors of degree up to {largest}: {forms}"
        return Completeness(CompletenessStatus.INCOMPLETE, degree, reason)
    if images < codimension:
        reason = f"{images} equations cannot cut out codimension {codimension} (Krull)"
        return Completeness(CompletenessStatus.INCOMPLETE, degree, reason)
    return None


def _codimension(structure: TypeStructure, dimension: Dimension, generators: GeneratorSet) -> int:
    """The codimension inside the linear span."""
    blocks = structure.blocks
    ambient = blocks.architecture.n_outputs * sum(blocks.sizes)
    return ambient - dimension.value - generators.n_linear


def generator_codimension(generators: GeneratorSet, *, seed: int = 0) -> int:
    """Return the rank of the differentials of the generators of degree 2 and more at a random point of the variety.

    A lower bound of the codimension inside the linear span, at every point and modulo every prime.
    """
    coordinates = generators.coordinates
    interpolator = Interpolator(coordinates)
    joined = RandomPoint(coordinates.structure.blocks, seed).joined
    values = [
        sum(a * b for a, b in zip(row, form, strict=True)) % PRIME for row in joined for form in coordinates.forms
    ]
    gradients = []
    for generator in generators.generators:
        for rows, columns in generator.orbit.values():
            gradient = [0] * len(values)
            for monomial, coefficient in generator.terms.items():
                image = interpolator.permute(monomial, rows, columns)
                for position, variable in enumerate(image):
                    product = coefficient
                    for other, factor in enumerate(image):
                        if other != position:
                            product = product * values[factor] % PRIME
                    gradient[variable] = (gradient[variable] + product) % PRIME
            gradients.append(gradient)
    return rank_mod(gradients)


def determinantal_proof(
    structure: TypeStructure, constraints: Sequence[RankConstraint], codimension: int
) -> tuple[RankConstraint, ...] | None:
    """Return certified constraints whose matrices have independent entries and whose codimensions add up, or None.

    If the entries of all matrices together are independent linear forms on the span of the variety, the sum of the
    determinantal ideals is a prime ideal of codimension sum (rows - r)(columns - r); being contained in J and of
    the same codimension it is J.
    """
    candidates = []
    for constraint in constraints:
        if constraint.certified and constraint.flattening.columns != "relations":
            columns = [column for piece in constraint.flattening.pieces for column in zip(*piece, strict=True)]
            rows, width = constraint.shape
            drop = (rows - constraint.bound) * (width - constraint.bound)
            if drop <= codimension:
                candidates.append((drop, constraint, columns))
    on_paths = structure.incidence.transpose()

    def is_independent(columns: list[tuple[int, ...]]) -> bool:
        matrix = RationalMatrix.from_integers(zip(*columns, strict=True))
        return (on_paths @ matrix).rank() == len(columns)

    def extend(
        start: int, rest: int, chosen: tuple[RankConstraint, ...], columns: list[tuple[int, ...]]
    ) -> tuple[RankConstraint, ...] | None:
        if rest == 0:
            return chosen
        for index in range(start, len(candidates)):
            drop, constraint, more = candidates[index]
            if drop <= rest and is_independent([*columns, *more]):
                found = extend(index + 1, rest - drop, (*chosen, constraint), [*columns, *more])
                if found is not None:
                    return found
        return None

    return extend(0, codimension, (), [])
