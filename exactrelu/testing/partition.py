"""Checks of the listed cells: they partition the box, their volumes add up, and those of longer prefixes refine them.

In the full notion cells are full-dimensional, cover the box, and have disjoint interiors; in the half-open notion every
point of the box is in exactly one.  All of it is decided by exact linear programs on the implementation's own rows (or
on the rows of its configurations), so a gap or an overlap of width 2^-40 is found like any other.  With a declared
error a gap counts if no cell reaches it with its rows moved outwards by the error, an overlap if it remains with rows
moved inwards.

Configurations have no error.  Where all cells carry one, besides their rows, the exact cells of these configurations
must form a partition, too: a thin cell that was lost, or one that is listed twice with a tie read either way, is found
whatever error the rows have.
"""

from __future__ import annotations

from itertools import pairwise

from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion
from exactrelu.testing.geometry import find_outside, find_point, find_uncovered
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.reading import ReadCell, Subject, interior

__all__ = ["check_partition", "check_refinement", "check_volumes"]


def check_partition(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that the cells of `regions` are not empty, do not overlap, and leave no point out.

    Raises:
        Violation: an empty (in the full notion: a flat) cell, two cells with a common point that they may not share, or
            a point of the box in no cell; the evidence is the point and the positions.
        Skipped: there is no `regions`, or it declines.

    Example (the cell of negative numbers is missing):
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> try:
        ...     check_partition(Implementation(regions=lambda network, domain: ["10"]), absolute)
        ... except AssertionError as violation:
        ...     print(violation.message, violation.point)
        a point of the domain is in none of the 1 cells (Fraction(-1, 1),)
    """
    subject = Subject.of(implementation, "partition", network, domain)
    subject.require("regions")
    cells = subject.cells()
    _check_list(subject, cells, "")
    if any(cell.raw.rows is not None for cell in cells):
        exact = subject.by_configuration(cells)
        if exact is not None:
            _check_list(subject, exact, "by their configurations ")


def _check_list(subject: Subject, cells: tuple[ReadCell, ...], prefix: str) -> None:
    full = subject.notion is Notion.FULL
    for cell in cells:
        if find_point(interior(cell.grown) if full else cell.grown) is None:
            kind = "has no interior" if full else "is empty"
            subject.fail(f"{prefix}cell {cell.position}{_bits(cell)} {kind}", cells=(cell.position,))
        if cell.raw.point is not None:
            point = subject.point(cell.raw.point, f"the point of cell {cell.position}")
            if not cell.grown.is_satisfied(point):
                subject.fail(
                    f"the point of cell {cell.position}{_bits(cell)} is not in it", point=point, cells=(cell.position,)
                )
    for position, one in enumerate(cells):
        for other in cells[position + 1 :]:
            point_of_both = find_point(one.inner + other.inner)
            if point_of_both is not None:
                subject.fail(
                    f"{prefix}cells {one.position}{_bits(one)} and {other.position}{_bits(other)} overlap",
                    point=point_of_both,
                    cells=(one.position, other.position),
                )
    uncovered = find_uncovered(subject.domain.system, [cell.grown for cell in cells])
    if uncovered is not None:
        subject.fail(f"{prefix}a point of the domain is in none of the {len(cells)} cells", point=uncovered)


def check_volumes(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that the volumes of the cells add up to that of the box: a second, independent test of the partition.

    With a declared error the sum with rows moved inwards may not exceed the box, that with rows moved outwards may not
    fall short of it.

    Raises:
        Violation: the sums, as expected and found.
        Skipped: there is no `regions`, or it declines.
    """
    subject = Subject.of(implementation, "volumes", network, domain)
    subject.require("regions")
    cells = subject.cells()
    whole = subject.domain.volume()
    least = sum(HPolyhedron(cell.closed).volume() for cell in cells)
    most = least if all(c.is_exact for c in cells) else sum(HPolyhedron(c.grown.closure()).volume() for c in cells)
    if not least <= whole <= most:
        found = str(least) if least == most else f"between {least} and {most}"
        subject.fail("the volumes of the cells do not add up to that of the box", expected=str(whole), found=found)


def check_refinement(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that the cells of the first l + 1 hidden layers refine those of the first l [HH19, Prop. 3], for every l.

    `regions` is asked for the truncated networks.  Every finer cell must lie in a coarser one, every coarser one
    contain a finer one; where configurations are listed, the coarser one's must be the prefix.

    Raises:
        Violation: a cell that lies in no single coarser cell, with a point outside of the one that holds its interior
            point; or a coarser cell without finer ones.  The positions are of the finer list, then of the coarser.
        Skipped: there is no `regions`, or it declines.
    """
    subject = Subject.of(implementation, "refinement", network, domain)
    subject.require("regions")
    levels = [
        Network(network.hidden[:k], AffineMap.identity(network.hidden[k - 1].affine.n_outputs))
        for k in range(1, len(network.hidden))
    ]
    for number, (coarse, fine) in enumerate(pairwise([*levels, network]), start=1):
        _check_level(subject, number, subject.cells(coarse), subject.cells(fine))


def _check_level(subject: Subject, layers: int, coarse: tuple[ReadCell, ...], fine: tuple[ReadCell, ...]) -> None:
    met: set[int] = set()
    certain = True
    for cell in fine:
        centre = find_point(cell.inner)
        if centre is None:
            # With a declared error a cell may be too thin to be certain of any of its points.
            certain = False
            continue
        holders = [other for other in coarse if other.grown.is_satisfied(centre)]
        if not holders:
            subject.fail(
                f"a point of cell {cell.position}{_bits(cell)} is in no cell of the first {layers} hidden layers",
                point=centre,
                cells=(cell.position,),
            )
        outside = [find_outside(cell.inner, other.grown) for other in holders]
        parent = next((other for other, point in zip(holders, outside, strict=True) if point is None), None)
        if parent is None:
            subject.fail(
                f"cell {cell.position}{_bits(cell)} is not inside cell {holders[0].position}{_bits(holders[0])} of the "
                f"first {layers} hidden layers",
                point=outside[0],
                cells=(cell.position, holders[0].position),
            )
        met.add(parent.position)
        bits, prefix = cell.configuration, parent.configuration
        if bits is not None and prefix is not None and not bits.startswith(prefix):
            subject.fail(
                f"cell {cell.position}, {bits}, lies in cell {parent.position} of the first {layers} hidden layers, "
                f"whose configuration {prefix} is not its prefix",
                point=centre,
                cells=(cell.position, parent.position),
            )
    for other in coarse:
        if certain and other.position not in met:
            subject.fail(
                f"cell {other.position}{_bits(other)} of the first {layers} hidden layers contains no cell of "
                f"{layers + 1} layers",
                cells=(other.position,),
            )


def _bits(cell: ReadCell) -> str:
    return f" ({cell.configuration})" if cell.configuration else ""
