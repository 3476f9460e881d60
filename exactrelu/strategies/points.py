"""Points of a network's cells, faces and facets, and of its configurations.

Each of these sets is the solution set of a `LinearSystem` with strict rows, weak rows and equalities.  From one
solution that satisfies every row strictly that can be so satisfied, drawn steps lead on: along a drawn direction
inside the equalities, a drawn share of the way to the first row that stops it (or of a bounded way, if none does).  A
share is less than 1, so every point drawn is in the relative interior of the set.  No steps: the start, moved to small
denominators where the set has room, is what a point shrinks to.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix, dot
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Infeasible
from exactrelu.lp.system import LinearSystem, Row
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.polyhedra.affine_hull import AffineHull, find_affine_hull
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion
from exactrelu.regions.problem import Problem
from exactrelu.strategies.validation import require_instance

__all__ = ["data_with_patterns", "points_of_cell", "points_of_covector", "points_of_polyhedron"]

Vector = tuple[Fraction, ...]

_REACH = 8
"""How far a step goes, in multiples of its direction, where no row stops it."""

_DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 64, 128, 256, 1024)


def points_of_polyhedron(polyhedron: HPolyhedron) -> SearchStrategy[Vector]:
    """Return a strategy for points of the relative interior of a polyhedron.

    Raises:
        InputError: the polyhedron is empty.

    Example:
        >>> from hypothesis import find
        >>> find(points_of_polyhedron(HPolyhedron.cube(2)), lambda point: True)
        (Fraction(0, 1), Fraction(0, 1))
    """
    require_instance(polyhedron, HPolyhedron, name="polyhedron")
    hull = polyhedron.affine_hull()
    if isinstance(hull, Infeasible):
        raise InputError("polyhedron is empty, so it has no points")
    return _walk(polyhedron.system, hull)


def points_of_cell(
    network: Network, configuration: Configuration | str, *, domain: HPolyhedron | None = None
) -> SearchStrategy[Vector]:
    """Return a strategy for points of the interior of the full-dimensional cell with a configuration.

    At such a point every unit that is not zero on the whole cell has the sign that its bit says.

    Args:
        domain: a closed polyhedron; all of space when left out.

    Raises:
        InputError: no full-dimensional cell in the domain has the configuration.
        ShapeError: the configuration has not one bit for every unit.

    Example:
        >>> from hypothesis import find
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> find(points_of_cell(absolute, "01"), lambda point: True)
        (Fraction(-1, 1),)
    """
    return _points_of_configuration(network, configuration, domain, Notion.FULL, "configuration")


def points_of_covector(
    network: Network, covector: Sequence[int], *, domain: HPolyhedron | None = None
) -> SearchStrategy[Vector]:
    """Return a strategy for points of the face with a covector: one sign -1, 0 or 1 for every unit.

    The points of a facet are those of its covector: `points_of_covector(network, covector_at(network, facet.point))`.

    Raises:
        InputError: an entry that is no sign, or no point of the domain has the covector.
        ShapeError: the covector has not one sign for every unit.

    Example:
        >>> from hypothesis import find
        >>> corner = Network.from_weights([[[1, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
        >>> find(points_of_covector(corner, [0, 1]), lambda point: True)
        (Fraction(0, 1), Fraction(1, 1))
    """
    require_instance(network, Network, name="network")
    signs = tuple(covector)
    if len(signs) != network.n_units:
        raise ShapeError(f"covector has {len(signs)} signs; the network has {network.n_units} units")
    if any(sign not in (-1, 0, 1) for sign in signs):
        raise InputError(f"covector is {signs}; its entries are -1, 0 and 1")
    problem = Problem.of(network, domain, Notion.HALF_OPEN)
    bits = "".join("1" if sign > 0 else "0" for sign in signs)
    rows: list[Row] = list(problem.domain_rows)
    for unit, sign in enumerate(signs):
        integers, _ = problem.linearisation.unit_row(bits, unit)
        normal = tuple(-a if sign > 0 else a for a in integers[:-1])
        offset = integers[-1] if sign > 0 else -integers[-1]
        rows.append((normal, "<" if sign else "==", offset))
    return _strict_walk(LinearSystem.from_integer_rows(rows, dimension=network.n_inputs), f"covector {signs}")


@st.composite
def _tuple_of(draw: st.DrawFn, parts: tuple[SearchStrategy[Vector], ...]) -> tuple[Vector, ...]:
    return tuple(draw(part) for part in parts)


def data_with_patterns(
    network: Network, patterns: Sequence[Configuration | str], *, domain: HPolyhedron | None = None
) -> SearchStrategy[tuple[Vector, ...]]:
    """Return a strategy for data sets: one input for every pattern, and that is the input's configuration.

    A pattern's bit is 1 iff the preactivation is positive, as in `configuration_at`.

    Raises:
        InputError: no input in the domain has a pattern; the message names it.
        ShapeError: a pattern has not one bit for every unit.

    Example:
        >>> from hypothesis import find
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> find(data_with_patterns(absolute, ["10", "00", "10"]), lambda data: True)
        ((Fraction(1, 1),), (Fraction(0, 1),), (Fraction(1, 1),))
    """
    if isinstance(patterns, str | Configuration):
        raise InputError(f"patterns is {patterns!r}; pass a sequence of them")
    return _tuple_of(
        tuple(
            _points_of_configuration(network, pattern, domain, Notion.HALF_OPEN, f"patterns[{k}]")
            for k, pattern in enumerate(patterns)
        )
    )


def _points_of_configuration(
    network: Network, configuration: Configuration | str, domain: HPolyhedron | None, notion: Notion, name: str
) -> SearchStrategy[Vector]:
    require_instance(network, Network, name="network")
    bits = configuration if isinstance(configuration, Configuration) else Configuration(configuration)
    bits.require_fit(network)
    system = Problem.of(network, domain, notion).system(bits.bits)
    return _strict_walk(system, f"{name} {bits.bits}")


def _strict_walk(system: LinearSystem, what: str) -> SearchStrategy[Vector]:
    """Points in the relative interior of a system with strict rows; InputError if it has none."""
    if isinstance(decide(system), Infeasible):
        raise InputError(f"{what} does not occur: no input in the domain has it")
    hull = find_affine_hull(system.closure())
    assert isinstance(hull, AffineHull)
    return _walk(system.closure(), hull)


def _walk(closed: LinearSystem, hull: AffineHull) -> SearchStrategy[Vector]:
    """Points reached from the hull's interior point; a non-empty set with strict rows has its closure's interior."""
    equal = set(hull.equalities)
    rows = tuple((row[0], row[2]) for k, row in enumerate(closed.rows) if k not in equal and any(row[0]))
    flat = RationalMatrix.from_integers([closed.normals[k] for k in sorted(equal)], n_columns=closed.dimension)
    basis = flat.kernel().to_fractions()
    return _steps(_readable(hull.interior.point, rows, basis), rows, basis)


@st.composite
def _steps(draw: st.DrawFn, start: Vector, rows: tuple[tuple[Any, int], ...], basis: tuple[Vector, ...]) -> Vector:
    """Take some steps inside the rows and inside start + span(basis)."""
    if not basis:
        return start
    point = start
    coefficients = st.lists(st.integers(-3, 3), min_size=len(basis), max_size=len(basis))
    for coordinates, share in draw(st.lists(st.tuples(coefficients, st.integers(1, 15)), max_size=3)):
        direction = tuple(
            sum((c * vector[k] for c, vector in zip(coordinates, basis, strict=True)), Fraction(0))
            for k in range(len(start))
        )
        limits = [Fraction(_REACH)]
        for normal, offset in rows:
            rise = dot(normal, direction)
            if rise > 0:
                limits.append((offset - dot(normal, point)) / rise)
        length = min(limits) * Fraction(share, 16)
        point = tuple(x + length * d for x, d in zip(point, direction, strict=True))
    return point


def _readable(point: Vector, rows: tuple[tuple[Any, int], ...], basis: tuple[Vector, ...]) -> Vector:
    """A point near by with small denominators that also satisfies every row strictly, or the point itself."""
    if len(basis) < len(point):
        return point
    for denominator in _DENOMINATORS:
        rounded = tuple(Fraction(round(x * denominator), denominator) for x in point)
        if all(dot(normal, rounded) < offset for normal, offset in rows):
            return rounded
    return point
