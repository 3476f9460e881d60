"""Multigraded interpolation: the equations of a variety in one multidegree, modulo a prime, from values at random
points.

All monomials of one multidegree are evaluated at more random points of the variety than there are monomials; the
kernel of that table contains the equations modulo p, and has the same dimension unless the points or the prime were
unlucky.  What is *proved*: the kernel is at least as large as the space of equations over Q.  So an empty kernel
proves that there is no equation, and once as many independent equations are verified exactly (`substitution`) as
the kernel is large, the dimension is proved too.

Kernels are in echelon form, so their vectors over Q are the reductions of one rational basis: several primes
combine by the Chinese remainder theorem, and rational reconstruction lifts them.
Cost: one echelon form of a table with as many columns as there are monomials.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement, product
from typing import Any

import flint
import numpy as np

from exactrelu.errors import BudgetExceeded
from exactrelu.varieties.coordinates import Coordinates
from exactrelu.varieties.modular import SMALL_PRIME, rational_reconstruction, smaller_primes

__all__ = ["Interpolator", "Kernel", "Monomial", "Weight", "partitions"]

MAX_PRIMES = 40
"""Primes combined for one lift: enough for coefficients with 600 bits above and below the line."""

Monomial = tuple[int, ...]
Weight = tuple[tuple[int, ...], tuple[int, ...]]
"""Degree in each output row, and degree in the grading of the coordinates."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """Equations modulo a prime in one weight space.

    monomials: sorted tuples of variables; free: columns that are free, one basis vector each; pivots: the other
    columns;
    table: table[i][j] = coefficient of pivot i in basis vector j, which has 1 at its free column.
    """

    monomials: tuple[Monomial, ...]
    free: tuple[int, ...]
    pivots: tuple[int, ...]
    table: tuple[tuple[int, ...], ...]
    modulus: int


@dataclass(frozen=True)
class Interpolator:
    """Monomials by weight, and kernels of their tables of values.

    seed: of the random points; max_monomials: larger weight spaces are refused with BudgetExceeded.
    """

    coordinates: Coordinates
    seed: int = 0
    max_monomials: int = 3000

    @cached_property
    def _memory(self) -> dict[tuple[int, ...], dict[tuple[int, ...], tuple[Monomial, ...]]]:
        return {}

    def weight_spaces(self, rows: tuple[int, ...]) -> dict[tuple[int, ...], tuple[Monomial, ...]]:
        """Return the monomials of the given degree in each row, grouped by their degree in the grading."""
        if rows in self._memory:
            return self._memory[rows]
        k, degrees = self.coordinates.count, self.coordinates.degrees
        choices = [
            [
                (tuple(r * k + q for q in chosen), _add(*(degrees[q] for q in chosen)))
                for chosen in combinations_with_replacement(range(k), power)
            ]
            for r, power in enumerate(rows)
            if power
        ]
        groups: dict[tuple[int, ...], list[Monomial]] = {}
        for parts in product(*choices):
            degree = _add(*(part[1] for part in parts)) if parts else self.zero_degree
            groups.setdefault(degree, []).append(tuple(v for part in parts for v in part[0]))
        result = {degree: tuple(monomials) for degree, monomials in groups.items()}
        self._memory[rows] = result
        return result

    def require_sizes(self, degree: int) -> None:
        """Count the monomials of every weight of a degree without listing them.

        Raises:
            BudgetExceeded: some weight has more than `max_monomials`.
        """
        by_power: list[Counter[tuple[int, ...]]] = [Counter({self.zero_degree: 1})]
        by_power += [Counter() for _ in range(degree)]
        for grade in self.coordinates.degrees:
            # From low to high powers, so that a coordinate may be used again.
            for power in range(1, degree + 1):
                for before, count in by_power[power - 1].items():
                    by_power[power][_add(before, grade)] += count
        for partition in partitions(degree, self.coordinates.n_rows):
            sizes: Counter[tuple[int, ...]] = Counter({self.zero_degree: 1})
            for power in filter(None, partition):
                following: Counter[tuple[int, ...]] = Counter()
                for before, count in sizes.items():
                    for grade, more in by_power[power].items():
                        following[_add(before, grade)] += count * more
                sizes = following
            largest = max(sizes.values(), default=0)
            if largest > self.max_monomials:
                raise BudgetExceeded(f"a weight space has {largest} monomials; the limit is {self.max_monomials}")

    @property
    def zero_degree(self) -> tuple[int, ...]:
        """The degree of a constant."""
        return (0,) * (len(self.coordinates.degrees[0]) if self.coordinates.count else 0)

    def dominant_weights(self, degree: int) -> Iterator[tuple[Weight, tuple[Monomial, ...], dict[Weight, Any]]]:
        """Yield one weight per orbit: (weight, monomials, orbit).

        The orbit is a dictionary {weight: (row permutation, coordinate permutation)}.
        """
        n_rows = self.coordinates.n_rows
        for partition in partitions(degree, n_rows):
            done: set[tuple[int, ...]] = set()
            rows_of = {arrangement: _permutation_to(partition, arrangement) for arrangement in _arrangements(partition)}
            for weight, monomials in self.weight_spaces(partition).items():
                if weight in done:
                    continue
                columns_of = self._column_orbit(weight, monomials[0])
                done.update(columns_of)
                orbit = {(r, c): (rows_of[r], columns_of[c]) for r in rows_of for c in columns_of}
                yield (partition, weight), monomials, orbit

    def _column_orbit(self, weight: tuple[int, ...], monomial: Monomial) -> dict[tuple[int, ...], tuple[int, ...]]:
        """Weights that symmetries reach from that of a monomial, each with one permutation that leads there."""
        found = {weight: tuple(range(self.coordinates.count))}
        frontier = [weight]
        while frontier:
            current = found[frontier.pop()]
            for symmetry in self.coordinates.symmetries:
                image = tuple(symmetry[q] for q in current)
                reached = self.degree_of(monomial, image)
                if reached not in found:
                    found[reached] = image
                    frontier.append(reached)
        return found

    def degree_of(self, monomial: Monomial, symmetry: Sequence[int] | None = None) -> tuple[int, ...]:
        """Return the degree of a monomial after a permutation of the coordinates."""
        k, degrees = self.coordinates.count, self.coordinates.degrees
        return _add(*(degrees[symmetry[v % k] if symmetry else v % k] for v in monomial))

    def permute(self, monomial: Monomial, rows: Sequence[int], symmetry: Sequence[int]) -> Monomial:
        """Return the image of a monomial under permutations of output rows and coordinates."""
        k = self.coordinates.count
        return tuple(sorted(rows[v // k] * k + symmetry[v % k] for v in monomial))

    def kernel(self, monomials: Sequence[Monomial], modulus: int = SMALL_PRIME) -> Kernel:
        """Return the equations modulo a prime among the given monomials.

        Raises:
            BudgetExceeded: more than `max_monomials`.
        """
        size = len(monomials)
        if size > self.max_monomials:
            raise BudgetExceeded(f"a weight space has {size} monomials; the limit is {self.max_monomials}")
        chance = np.random.default_rng([self.seed, size, modulus])
        points = self.coordinates.batch(chance, size + 6, modulus)
        p = np.uint64(modulus)
        indices = np.array(monomials, np.int64)
        values = points[:, indices[:, 0]]
        for position in range(1, indices.shape[1]):
            values = values * points[:, indices[:, position]] % p
        reduced, rank = flint.nmod_mat(size + 6, size, values.ravel().tolist(), modulus).rref()
        return _read_kernel(tuple(monomials), reduced, int(rank), modulus)

    def lift(self, kernel: Kernel, vector: int) -> Iterator[dict[Monomial, int]]:
        """Yield candidates over Z for a basis vector of a kernel: from one prime, from two, and so on.

        The caller verifies and stops at the first that is right.  Numbers of primes that do not allow rational
        reconstruction of all coefficients are passed over; the last candidate uses `MAX_PRIMES`.
        """
        residues = [row[vector] for row in kernel.table]
        modulus = kernel.modulus
        for prime in (*smaller_primes(MAX_PRIMES - 1), 0):
            candidate = _reconstruct(kernel, vector, residues, modulus)
            if candidate is not None:
                yield candidate
            if not prime:
                return
            other = self.kernel(kernel.monomials, prime)
            # Another echelon form means that one of the primes was unlucky; most are not, so this one is left out.
            if other.free == kernel.free:
                inverse = pow(modulus, -1, prime)
                residues = [
                    a + modulus * ((row[vector] - a) * inverse % prime)
                    for a, row in zip(residues, other.table, strict=True)
                ]
                modulus *= prime


def _reconstruct(kernel: Kernel, vector: int, residues: Sequence[int], modulus: int) -> dict[Monomial, int] | None:
    """The integer polynomial of a basis vector, or None if a coefficient is no short fraction."""
    fractions = []
    for residue in residues:
        fraction = rational_reconstruction(residue, modulus)
        if fraction is None:
            return None
        fractions.append(fraction)
    scale = math.lcm(*(b for _, b in fractions))
    terms = {kernel.monomials[kernel.free[vector]]: scale}
    for column, (a, b) in zip(kernel.pivots, fractions, strict=True):
        if a:
            terms[kernel.monomials[column]] = a * (scale // b)
    divisor = math.gcd(*terms.values())
    return {monomial: a // divisor for monomial, a in terms.items()}


def _read_kernel(monomials: tuple[Monomial, ...], reduced: Any, rank: int, modulus: int) -> Kernel:
    """Free and pivot columns of an echelon form, and minus the free part."""
    size = len(monomials)
    if rank == size:
        return Kernel(monomials, (), tuple(range(size)), ((),) * size, modulus)
    pivots: list[int] = []
    column = 0
    for row in range(rank):
        while reduced[row, column] == 0:
            column += 1
        pivots.append(column)
        column += 1
    taken = set(pivots)
    free = tuple(c for c in range(size) if c not in taken)
    table = tuple(tuple(-int(reduced[row, c]) % modulus for c in free) for row in range(rank))
    return Kernel(monomials, free, tuple(pivots), table, modulus)


def _arrangements(partition: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The distinct orders of the parts; without repetitions, since there may be many zeros."""
    if not partition:
        yield ()
    for part in sorted(set(partition), reverse=True):
        index = partition.index(part)
        for rest in _arrangements((*partition[:index], *partition[index + 1 :])):
            yield (part, *rest)


def _permutation_to(partition: tuple[int, ...], arrangement: tuple[int, ...]) -> tuple[int, ...]:
    """A permutation of positions that carries the partition to the arrangement."""
    places: dict[int, list[int]] = {}
    for position, part in enumerate(arrangement):
        places.setdefault(part, []).append(position)
    return tuple(places[part].pop(0) for part in partition)


def partitions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield the partitions of `total` into at most `parts` parts, as decreasing tuples of that length.

    >>> list(partitions(3, 2))
    [(3, 0), (2, 1)]
    """

    def extend(rest: int, slots: int, largest: int) -> Iterator[tuple[int, ...]]:
        if slots == 0:
            if rest == 0:
                yield ()
            return
        for first in range(min(rest, largest), -1, -1):
            for others in extend(rest - first, slots - 1, first):
                yield (first, *others)

    yield from extend(total, parts, total)


def _add(*vectors: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*vectors, strict=True)))
