"""The max-min form of a piecewise affine function, and the exact tests of it.

For pieces p_i on closed polyhedra Omega_i let S_i = {k : p_k >= p_i on Omega_i}.  The formula is
f = max_i min_{k in S_i} p_k.  It never lies below f.  The *pairwise property* (for all i, j some k with p_i >= p_k on
Omega_i and p_k >= p_j on Omega_j) is sufficient for equality; exact is the test, for all i, j, that no point of
Omega_i has p_k > p_i for all k in S_j.

`refine_by_order` cuts the polyhedra by all hyperplanes p_i = p_j, so that the order of the pieces is constant on each;
then the formula holds.  Cost: a linear program for each pair, and for each polyhedron and hyperplane.

Source: Preto, Finger 2025 (regional format and lattice property); the exact test is own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible, Optimal
from exactrelu.lp.optimise import minimise
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of

__all__ = ["LatticePieces", "Mismatch", "lattice_pieces", "refine_by_order"]

Vector = tuple[Fraction, ...]
# Coefficients of a piece, then its offset.
Form = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A point of a polyhedron where the index set of another one gives more than the function."""

    piece: int
    index_set: int
    point: Vector
    value: Fraction
    formula: Fraction


@dataclass(frozen=True)
class LatticePieces:
    """Affine pieces on closed polyhedra that cover the domain.

    Fields:
        names: shown to people, one for each polyhedron.
        domains: weak linear systems.
        forms: the piece of each polyhedron.
    """

    names: tuple[str, ...]
    domains: tuple[LinearSystem, ...]
    forms: tuple[Form, ...]

    @cached_property
    def index_sets(self) -> tuple[tuple[int, ...], ...]:
        """S_i for every polyhedron; each contains i."""
        return tuple(self._indices(i, is_above=True) for i in range(len(self.forms)))

    def _indices(self, i: int, *, is_above: bool) -> tuple[int, ...]:
        """The pieces that are at least, or at most, p_i on Omega_i; equal pieces are compared once."""
        own, domain = self.forms[i], self.domains[i]
        chosen = {form for form in set(self.forms) if _is_at_least(domain, *((form, own) if is_above else (own, form)))}
        return tuple(k for k, form in enumerate(self.forms) if form in chosen)

    @cached_property
    def pairwise_failures(self) -> tuple[tuple[int, int], ...]:
        """The ordered pairs (i, j), i != j, without a k such that p_i >= p_k on Omega_i and p_k >= p_j on Omega_j."""
        n = len(self.forms)
        below = [set(self._indices(i, is_above=False)) for i in range(n)]
        above = [set(s) for s in self.index_sets]
        return tuple((i, j) for i in range(n) for j in range(n) if i != j and not below[i] & above[j])

    def formula(self, point: Sequence[Fraction]) -> Fraction:
        """Return max_i min_{k in S_i} p_k at a point."""
        values = [_value(form, point) for form in self.forms]
        return max(min(values[k] for k in indices) for indices in self.index_sets)

    def find_mismatch(self) -> Mismatch | None:
        """Return a point where the formula is not the function; None if it is valid everywhere on the domain."""
        distinct = dict.fromkeys(frozenset(self.forms[k] for k in indices) for indices in self.index_sets)
        first = {s: j for j, s in reversed([*enumerate(map(self._forms_of, self.index_sets))])}
        for i, (domain, own) in enumerate(zip(self.domains, self.forms, strict=True)):
            for higher in distinct:
                if own in higher:
                    continue
                above = [_strictly_above(form, own) for form in higher]
                answer = decide(domain + LinearSystem.from_rows(above, dimension=domain.dimension))
                if isinstance(answer, Feasible):
                    point = answer.witness.point
                    return Mismatch(i, first[higher], point, _value(own, point), self.formula(point))
        return None

    def _forms_of(self, indices: Iterable[int]) -> frozenset[Form]:
        return frozenset(self.forms[k] for k in indices)


def lattice_pieces(network: Network) -> LatticePieces:
    """Return the pieces of a network with one output on its full cells."""
    cells = tuple(cells_of(network))
    return LatticePieces(
        tuple(cell.configuration.bits for cell in cells),
        tuple(cell.polyhedron.system for cell in cells),
        tuple((*cell.affine_map.linear[0], cell.affine_map.offset[0]) for cell in cells),
    )


def refine_by_order(pieces: LatticePieces) -> LatticePieces:
    """Cut every polyhedron by the hyperplanes on which two of the pieces agree; full-dimensional parts only."""
    names, domains, forms = [], [], []
    differences = []
    for one, two in combinations(dict.fromkeys(pieces.forms), 2):
        row = tuple(a - b for a, b in zip(one, two, strict=True))
        if any(row[:-1]):
            differences.append(row)
    for name, domain, form in zip(pieces.names, pieces.domains, pieces.forms, strict=True):
        inside = _interior_point(domain)
        parts = [] if inside is None else [(domain, inside)]
        for row in differences:
            parts = [side for part, point in parts for side in _cut(part, point, row)]
        for part, _ in parts:
            names.append(name)
            domains.append(part)
            forms.append(form)
    return LatticePieces(tuple(names), tuple(domains), tuple(forms))


def _cut(part: LinearSystem, inside: Vector, row: Form) -> list[tuple[LinearSystem, Vector]]:
    """The full-dimensional sides of a cut, each with an interior point; the part itself if it is not cut."""
    *normal, offset = row
    sides = [part + LinearSystem.from_rows([([s * a for a in normal], "<=", -s * offset)]) for s in (1, -1)]
    value = _value(row, inside)
    points = [inside if value * s < 0 else _interior_point(side) for s, side in zip((1, -1), sides, strict=True)]
    full = [(side, point) for side, point in zip(sides, points, strict=True) if point is not None]
    return full if len(full) == 2 else [(part, inside)]


def _interior_point(system: LinearSystem) -> Vector | None:
    strict = [(normal, "<", offset) for normal, _, offset in system.rows]
    answer = decide(LinearSystem.from_rows(strict, dimension=system.dimension))
    return answer.witness.point if isinstance(answer, Feasible) else None


def _value(form: Form, point: Sequence[Fraction]) -> Fraction:
    return sum((a * x for a, x in zip(form, point, strict=False)), form[-1])


def _is_at_least(domain: LinearSystem, upper: Form, lower: Form) -> bool:
    """Whether upper >= lower on a non-empty polyhedron."""
    *rise, offset = (a - b for a, b in zip(upper, lower, strict=True))
    if not any(rise):
        return offset >= 0
    best = minimise(domain, rise)
    return isinstance(best, Optimal) and best.value + offset >= 0


def _strictly_above(form: Form, own: Form) -> tuple[list[Fraction], str, Fraction]:
    return [b - a for a, b in zip(form[:-1], own[:-1], strict=True)], "<", form[-1] - own[-1]
