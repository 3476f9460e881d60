"""Checks where cells meet: the pieces are continuous, and the listed facets are those that exist.

A network is continuous, so two affine pieces agree wherever their closed cells meet; across a facet the jump (A - A' |
c - c') is then a product u ⊗ (n | t), of rank at most one.  Finitely many closed pieces are one continuous function iff
any two agree on the vertices of their intersection, which is what `check_continuity` decides; it needs no network.

With a declared error the common points of two cells are not known from their rows.  Then each cell is matched with the
exact cells that its certain part meets, and the vertices where those meet are used; a cell without a certain part, or
across several exact cells, is left out here (partition and affine maps speak about it).

Cost: one vertex enumeration for every pair of cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion
from exactrelu.testing.geometry import affine_dimension, find_point, polytope_vertices
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.reading import AbsentCallable, Approximation, ReadCell, ReadMap, Subject, interior
from exactrelu.testing.values import evaluate

__all__ = ["check_continuity", "check_facets"]

Vector = tuple[Fraction, ...]
Facets = list[tuple[int, int, tuple[Approximation, ...], Approximation]]


def check_continuity(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that the affine maps of any two cells agree where the closed cells meet, and with `evaluate` if given.

    Raises:
        Violation: a common point with two values; the message has the rank of the jump, at most one for cells that
            share a facet of a continuous function.
        Skipped: there is no `regions`, or the cells have no affine maps; or the implementation declines.

    Example (the pieces of a step):
        >>> from exactrelu.testing import Cell
        >>> step = Implementation(
        ...     regions=lambda network, domain: [
        ...         Cell(rows=[([1], "<=", 0)], affine_map=([[0]], [0])),
        ...         Cell(rows=[([-1], "<=", 0)], affine_map=([[0]], [1])),
        ...     ]
        ... )
        >>> try:
        ...     check_continuity(step, Network.from_weights([[[1]], [[1]]], [[0], [0]]))
        ... except AssertionError as violation:
        ...     print(violation.message, violation.point)
        cells 0 and 1 meet, but output 0 has two values (the jump has rank 1) (Fraction(0, 1),)
    """
    subject = Subject.of(implementation, "continuity", network, domain)
    subject.require("regions")
    cells = subject.cells()
    maps = subject.maps(cells)
    for (i, j), points in _meetings(subject, cells):
        for point in points:
            for index, (a, b) in enumerate(zip(maps[i].at(point), maps[j].at(point), strict=True)):
                if abs(a.value - b.value) > a.error + b.error:
                    rank = _jump_rank(maps[i], maps[j])
                    subject.fail(
                        f"cells {i} and {j} meet, but output {index} has two values (the jump has rank {rank})",
                        point=point,
                        cells=(i, j),
                        found=f"{a} and {b}",
                    )
            if implementation.offers("evaluate"):
                _compare_with_evaluate(subject, maps[i], i, point)


def _compare_with_evaluate(subject: Subject, piece: ReadMap, cell: int, point: Vector) -> None:
    for index, (a, b) in enumerate(zip(piece.at(point), evaluate(subject, point), strict=True)):
        if abs(a.value - b.value) > a.error + b.error:
            subject.fail(
                f"evaluate and the affine map of cell {cell} differ in output {index} on the boundary of the cell",
                point=point,
                cells=(cell,),
                found=f"{b} by evaluate, {a} by the map",
            )


def _jump_rank(one: ReadMap, other: ReadMap) -> int:
    rows = [
        [a.value - b.value for a, b in zip(mine, its, strict=True)]
        for mine, its in zip(one.rows, other.rows, strict=True)
    ]
    return RationalMatrix.from_rows(rows).rank()


def _meetings(subject: Subject, cells: Sequence[ReadCell]) -> Iterator[tuple[tuple[int, int], tuple[Vector, ...]]]:
    """Yield pairs of cells, with the vertices of what they certainly have in common."""
    if all(cell.is_exact for cell in cells):
        for i, one in enumerate(cells):
            for j in range(i + 1, len(cells)):
                both = one.closed + cells[j].closed
                # A cheap decision first: most pairs do not meet.
                if find_point(both) is not None:
                    yield (i, j), polytope_vertices(both)
        return
    matches = _matches(subject, cells)
    facts = subject.reference
    for i, bits in matches.items():
        for j, others in matches.items():
            if i < j and bits != others:
                yield (i, j), polytope_vertices(facts.closed_cell(bits) + facts.closed_cell(others))


def _matches(subject: Subject, cells: Sequence[ReadCell]) -> dict[int, str]:
    """Match positions with the exact cells that contain all of their certain points."""
    facts = subject.reference
    exact = [(bits, interior(facts.closed_cell(bits))) for bits in facts.configurations]
    found: dict[int, str] = {}
    for position, cell in enumerate(cells):
        inner = interior(cell.inner)
        met = [bits for bits, system in exact if find_point(inner + system) is not None]
        if len(met) == 1:
            found[position] = met[0]
    return found


def check_facets(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that `facets` lists exactly the pairs of cells that share a facet, each once, with its hyperplane.

    Cells share a facet if their closures meet in a set of dimension d - 1.

    Raises:
        Violation: a pair that shares no facet, a facet outside of its hyperplane (with a vertex), a pair listed twice,
            a missing pair (with a point of the facet), or a position that no cell has.
        Skipped: there is no `regions` or no `facets`, the notion is not full, or the implementation declines.
    """
    subject = Subject.of(implementation, "facets", network, domain)
    subject.require("regions", "facets")
    if subject.notion is not Notion.FULL:
        raise AbsentCallable("facets are those of full-dimensional cells; the notion is half-open")
    cells = subject.cells()
    listed: Facets = subject.call("facets", network, subject.domain, read=lambda raw: _read_facets(subject, raw))
    shared = {
        pair: points for pair, points in _meetings(subject, cells) if affine_dimension(points) == network.n_inputs - 1
    }
    known = set(range(len(cells))) if all(c.is_exact for c in cells) else set(_matches(subject, cells))
    seen: set[tuple[int, int]] = set()
    for first, second, normal, offset in listed:
        pair = (min(first, second), max(first, second))
        if not 0 <= pair[0] < pair[1] < len(cells):
            subject.fail(f"facet between cells {first} and {second}: there are {len(cells)} cells", cells=pair)
        if pair in seen:
            subject.fail(f"the facet between cells {first} and {second} is listed twice", cells=pair)
        seen.add(pair)
        if pair not in shared:
            if known.issuperset(pair):
                subject.fail(f"cells {first} and {second} share no facet", cells=pair)
            continue
        _check_hyperplane(subject, pair, shared[pair], normal, offset)
    for pair, points in shared.items():
        if pair not in seen:
            centre = tuple(sum(column) / len(points) for column in zip(*points, strict=True))
            subject.fail(f"the facet between cells {pair[0]} and {pair[1]} is missing", point=centre, cells=pair)


def _check_hyperplane(
    subject: Subject,
    pair: tuple[int, int],
    vertices: tuple[Vector, ...],
    normal: tuple[Approximation, ...],
    offset: Approximation,
) -> None:
    if not any(a.value for a in normal):
        subject.fail(f"the hyperplane of the facet between cells {pair[0]} and {pair[1]} has no normal", cells=pair)
    slack = subject.slack(normal, offset)
    for vertex in vertices:
        excess = sum((a.value * x for a, x in zip(normal, vertex, strict=True)), -offset.value)
        if abs(excess) > slack:
            plane = f"({', '.join(str(a) for a in normal)}) · x = {offset}"
            subject.fail(
                f"the facet between cells {pair[0]} and {pair[1]} is not in its hyperplane",
                point=vertex,
                cells=pair,
                found=plane,
            )


def _read_facets(subject: Subject, raw: Any) -> Facets:
    found: Facets = []
    for index, (first, second, (normal, offset)) in enumerate(raw):
        for position in (first, second):
            if isinstance(position, bool) or not hasattr(position, "__index__"):
                raise InputError(f"facets[{index}] names the cell {position!r}; give positions in the list of regions")
        row = subject.numbers(normal, subject.network.n_inputs, f"facets[{index}].normal")
        found.append((int(first), int(second), row, subject.number(offset, f"facets[{index}].offset")))
    return found
