"""Minimal generators of the ideal of a variety, degree by degree, every one verified over Q.

Degree 1 is linear algebra (`type_paths`).  From degree 2 on the coordinates of `coordinates` are used, where no
linear form vanishes.  In degree d and one weight per orbit, the equations are found by interpolation modulo a
prime; those that are sums of products of known generators with monomials are set aside, and the others are lifted
to Q and verified by substituting the parametrisation.  The rest of an orbit follows by permuting rows and columns,
which maps the variety to itself.

What is proved: every listed polynomial is an equation; and through the last degree there are no others, since the
kernel modulo p bounds the number of equations from above and the verified ones reach it.  That a generator is not
superfluous is proved where the products are independent or few enough for a rank over Q; `is_minimal_proved` says so.

Cost: dominated by the largest weight space.  A `BudgetExceeded` carries the result through the last complete degree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import flint

from exactrelu.errors import BudgetExceeded, InputError
from exactrelu.varieties.constraints import variable_names
from exactrelu.varieties.coordinates import Coordinates
from exactrelu.varieties.interpolation import MAX_PRIMES, Interpolator, Kernel, Monomial, Weight
from exactrelu.varieties.modular import SMALL_PRIME, nmod_matrix
from exactrelu.varieties.substitution import Polynomial, Substitution
from exactrelu.varieties.type_paths import TypeStructure

__all__ = ["Generator", "GeneratorSet", "Progress", "find_generators", "require_degree", "shift_progress"]

Progress = Callable[[float, int], None]
"""Called as progress(share, weight spaces done) before each weight space; the share counts every degree alike."""

MAX_EXACT_RANK = 40_000
"""Entries of the largest table whose rank over Q is computed to prove minimality."""


@dataclass(frozen=True, slots=True)
class Generator:
    """One generator and its images under symmetries.

    terms: in coordinates; orbit: the weights of the images (itself included), each with the permutations that lead
    there.
    """

    degree: int
    weight: Weight
    terms: dict[Monomial, int] = field(hash=False)
    orbit: dict[Weight, Any] = field(hash=False, repr=False)

    @property
    def n_images(self) -> int:
        """Number of generators that it stands for."""
        return len(self.orbit)


@dataclass(frozen=True)
class GeneratorSet:
    """The ideal of a variety through a degree.

    n_linear: independent linear forms; generators: of degree 2 and more, one per orbit; through_degree: nothing is
    missing up to it;
    dimensions: {degree: dimension of the equations of that degree in the coordinates}; is_minimal_proved: see the
    module.
    """

    coordinates: Coordinates
    n_linear: int
    generators: tuple[Generator, ...]
    through_degree: int
    dimensions: dict[int, int] = field(hash=False)
    is_minimal_proved: bool

    @property
    def counts(self) -> dict[int, int]:
        """Number of minimal generators by degree, zero left out."""
        counts = {1: self.n_linear} if self.n_linear else {}
        for generator in self.generators:
            counts[generator.degree] = counts.get(generator.degree, 0) + generator.n_images
        return counts

    @cached_property
    def _context(self) -> Any:
        names = variable_names(self.coordinates.structure.blocks)
        return flint.fmpz_mpoly_ctx.get(names, flint.Ordering.degrevlex)

    @cached_property
    def _coordinate_forms(self) -> list[Any]:
        """The coordinates as linear polynomials in the entries of the outputs."""
        return self._forms_in_outputs(self.coordinates.forms)

    def _forms_in_outputs(self, combinations: Iterable[Sequence[int]]) -> list[Any]:
        """Return combinations of a row's entries as polynomials in the outputs, for every row; denominators cleared."""
        combinations = list(combinations)
        structure = self.coordinates.structure
        scales = [x.denominator for x in structure.blocks.extended_inputs()]
        factors = [scale for scale, size in zip(scales, structure.blocks.sizes, strict=True) for _ in range(size)]
        variables = self._context.gens()
        forms = []
        for r in range(self.coordinates.n_rows):
            row = variables[r * len(factors) : (r + 1) * len(factors)]
            for form in combinations:
                terms = (y * (a * s) for y, a, s in zip(row, form, factors, strict=True) if a)
                forms.append(sum(terms, self._context.constant(0)))
        return forms

    def iter_polynomials(self) -> Iterator[Any]:
        """Yield the generators of degree >= 2 as `flint.fmpz_mpoly` in the entries of the outputs, orbits expanded."""
        interpolator = Interpolator(self.coordinates)
        for generator in self.generators:
            for rows, columns in generator.orbit.values():
                yield self.polynomial(_permuted(interpolator, generator.terms, rows, columns))

    def linear_polynomials(self) -> list[Any]:
        """The linear generators, as polynomials in the entries of the outputs."""
        return self._forms_in_outputs(self.coordinates.structure.linear_relations.numerators)

    def polynomial(self, terms: Polynomial) -> Any:
        """Return a polynomial in coordinates as one in the entries of the outputs, divided by its content."""
        total = self._context.constant(0)
        for monomial, coefficient in terms.items():
            product = self._context.constant(coefficient)
            for variable in monomial:
                product = product * self._coordinate_forms[variable]
            total = total + product
        return total.primitive()[1]


def require_degree(max_degree: object) -> None:
    """Raise InputError unless the last degree of a search is an integer of at least 1."""
    if type(max_degree) is not int or max_degree < 1:
        raise InputError(f"max_degree is {max_degree!r}; it must be an integer of at least 1")


def find_generators(
    structure: TypeStructure,
    *,
    max_degree: int,
    known: GeneratorSet | None = None,
    seed: int = 0,
    max_monomials: int = 3000,
    progress: Progress | None = None,
) -> GeneratorSet:
    """Return the minimal generators through a degree.

    Args:
        structure: of the blocks.
        max_degree: the last degree, at least 1.
        known: what an earlier call for the same structure found through a lower degree; the search goes on from there.
        seed: of the random points; the answer is verified whatever it is.
        max_monomials: a degree in which a weight has more monomials ends the search before anything of it is computed.
        progress: called before each weight space.

    Raises:
        InputError: `max_degree` is no integer of at least 1.
        BudgetExceeded: a weight space is too large; `progress` of the error is the GeneratorSet through the degree
        before.
        InvariantError: equations modulo several primes did not lift; not known to happen.

    >>> from exactrelu.varieties.blocks import Blocks
    >>> found = find_generators(TypeStructure(Blocks.of((3, 3, 3), "110|011")), max_degree=4)
    >>> found.counts, found.dimensions, found.is_minimal_proved
    ({3: 3}, {2: 0, 3: 3, 4: 54}, True)
    """
    require_degree(max_degree)
    coordinates = known.coordinates if known is not None else Coordinates(structure)
    search = _Search(coordinates, Interpolator(coordinates, seed, max_monomials), Substitution(coordinates))
    result = known or GeneratorSet(coordinates, structure.n_linear_relations, (), 1, {}, True)
    first = result.through_degree + 1
    for degree in range(first, max_degree + 1):
        report = shift_progress(progress, degree - first, max_degree + 1 - first)
        try:
            found, dimension, minimal = search.degree(degree, result.generators, report)
        except BudgetExceeded as error:
            raise BudgetExceeded(f"degree {degree}: {error}", progress=result) from None
        result = replace(
            result,
            generators=(*result.generators, *found),
            through_degree=degree,
            dimensions={**result.dimensions, degree: dimension},
            is_minimal_proved=result.is_minimal_proved and minimal,
        )
    return result


@dataclass(frozen=True)
class _Search:
    """One degree after the other."""

    coordinates: Coordinates
    interpolator: Interpolator
    substitution: Substitution

    def degree(
        self, degree: int, known: tuple[Generator, ...], progress: Progress | None
    ) -> tuple[list[Generator], int, bool]:
        """New generators of a degree, the dimension of all equations in it, and whether minimality is proved."""
        found: list[Generator] = []
        dimension, minimal = 0, True
        if not self.coordinates.count:
            return found, dimension, minimal
        self.interpolator.require_sizes(degree)
        # A single monomial vanishes on an irreducible variety only if a coordinate does, and none does.
        spaces = [space for space in self.interpolator.dominant_weights(degree) if len(space[1]) > 1]
        for number, (weight, monomials, orbit) in enumerate(spaces):
            if progress is not None:
                progress(number / len(spaces), number)
            kernel = self.interpolator.kernel(monomials)
            if not kernel.free:
                continue
            new, proved = self._new_vectors(kernel, weight, known)
            minimal = minimal and proved
            for vector in new:
                found.append(Generator(degree, weight, self._lifted(kernel, vector), orbit))
            dimension += len(kernel.free) * len(orbit)
        return found, dimension, minimal

    def _lifted(self, kernel: Kernel, vector: int) -> dict[Monomial, int]:
        """A basis vector over Z, verified."""
        for candidate in self.interpolator.lift(kernel, vector):
            if self.substitution.vanishes(candidate):
                return candidate
        raise BudgetExceeded(f"the coefficients of an equation are too long for {MAX_PRIMES} primes of 31 bits")

    def _new_vectors(self, kernel: Kernel, weight: Weight, known: tuple[Generator, ...]) -> tuple[list[int], bool]:
        """Basis vectors that are no sums of products of known generators; whether their number is proved minimal."""
        position = {kernel.monomials[column]: j for j, column in enumerate(kernel.free)}
        size = len(kernel.free)
        rows = list(self._products(weight, known, position))
        if not rows:
            return list(range(size)), True
        reduced, rank = nmod_matrix(rows, size, SMALL_PRIME).rref()
        rank = int(rank)
        pivots: set[int] = set()
        column = 0
        for row in range(rank):
            while reduced[row, column] == 0:
                column += 1
            pivots.add(column)
            column += 1
        new = [j for j in range(size) if j not in pivots]
        if not new or rank == len(rows):
            return new, True
        if len(rows) * size > MAX_EXACT_RANK:
            return new, False
        return new, int(flint.fmpz_mat(rows).rank()) == rank

    def _products(
        self, weight: Weight, known: tuple[Generator, ...], position: dict[Monomial, int]
    ) -> Iterator[list[int]]:
        """Products of generators and monomials of a weight, as their coefficients at the free columns."""
        rows, degree = weight
        for generator in known:
            for (part_rows, part_degree), (row_map, column_map) in generator.orbit.items():
                if any(a < b for a, b in zip(rows, part_rows, strict=True)):
                    continue
                rest = tuple(a - b for a, b in zip(rows, part_rows, strict=True))
                rest_degree = tuple(a - b for a, b in zip(degree, part_degree, strict=True))
                factors = self.interpolator.weight_spaces(rest).get(rest_degree, ())
                if not factors:
                    continue
                terms = _permuted(self.interpolator, generator.terms, row_map, column_map)
                for factor in factors:
                    line = [0] * len(position)
                    for monomial, coefficient in terms.items():
                        index = position.get(tuple(sorted((*monomial, *factor))))
                        if index is not None:
                            line[index] += coefficient
                    yield line


def shift_progress(progress: Progress | None, done: int, total: int) -> Progress | None:
    """Return a progress that reports shares of step `done` of `total` as shares of all."""
    if progress is None:
        return None
    return lambda share, count: progress((done + share) / total, count)


def _permuted(
    interpolator: Interpolator, terms: Polynomial, rows: tuple[int, ...], columns: tuple[int, ...]
) -> dict[Monomial, int]:
    """The image of a polynomial under permutations of output rows and coordinates."""
    return {interpolator.permute(monomial, rows, columns): a for monomial, a in terms.items()}
