"""Proof that a formula holds nowhere on a polytope: simplices that cover it, with a tree for each.

A `MeshProof` lists points of the domain, simplices on them, and for each simplex a tree of `evidence`.
It is checked from the network's weights, the domain and the formula alone, without a linear program and without the
inequalities of any cell:

1. *Inside.*  Every point satisfies the rows of the domain.
2. *Cover.*  The simplices are not degenerate, and each facet of each simplex either lies in the boundary of the domain
   (an inequality is tight at its vertices, but not at the simplex's other vertex) or is a facet of another simplex on
   its other side.
3. *Affine.*  No unit has preactivations of opposite signs at two vertices of a simplex.
4. *Refuted.*  With the network's outputs at the vertices, each tree refutes the formula on its simplex.

Why 2 suffices.  Suppose that the point q of the domain's interior is not covered; the uncovered set is open, so q may
be moved.  Join it to an interior point p of a simplex by a segment that misses all faces of dimension <= k - 2, where
k is the dimension.  Where the segment leaves a simplex it crosses a facet at an interior point of the domain, so the
facet has a simplex on its other side, which the segment enters.  There are finitely many simplices, so it never
leaves their union; but q is outside.  Interiors may overlap; it does not matter.

Why 3 suffices.  By induction over the layers: a layer's preactivations are affine on the simplex because the
activations before are; so each is a mean of its values at the vertices, is >= 0 throughout or <= 0 throughout, and is
mapped by one linear piece.  So the outputs are affine on the simplex, with the network's values at the vertices.

*Flat domains*: k = d minus the rank of the equations among the rows; orientation is judged in k coordinates in which
the first simplex is not degenerate.  Inequalities that are equations in disguise are listed with multipliers > 0 (of
any sign on equations) for which the rows add up to 0 <= 0 identically: then each of them is tight.

Other schemes that were weighed: products of inequalities of the cell (Handelman) need the cell's rows and the unit
tree with all its refutations; a bisection tree of the box needs new points on artificial lines, whose numbers grow.
Here a proof's numbers are the vertices of the network's own cells, and covering is one pass over the facets.

Cost of checking: one evaluation of the network for each point, and one Bernstein form for each comparison of a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import Any, TypeAlias

import flint
import numpy as np

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.system import Row
from exactrelu.networks.network import Network
from exactrelu.polyhedra.affine_hull import AffineHull
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.verification.polynomials.bernstein_form import Point, as_homogeneous
from exactrelu.verification.polynomials.evidence import Choose, Combine, Direct, Tree, homogeneous_tree_defect
from exactrelu.verification.polynomials.vertex_values import VertexValues
from exactrelu.verification.questions.formulas import Formula

__all__ = ["MeshProof", "RowCombination", "cover_defect", "flatness_of"]

RowCombination: TypeAlias = tuple[tuple[int, int], ...]
"""Pairs (row, multiplier) of a domain's rows."""


@dataclass(frozen=True)
class MeshProof:
    """Evidence that the formula holds nowhere on the domain.

    points: in the input space.  simplices: numbers of points, k + 1 each.  trees: one for each simplex.
    flat: for equations in disguise, combinations of the domain's rows as pairs (row, multiplier).
    """

    points: tuple[tuple[Fraction, ...], ...]
    simplices: tuple[tuple[int, ...], ...]
    trees: tuple[Tree, ...]
    flat: tuple[RowCombination, ...] = ()

    def defect(self, network: Network, domain: HPolyhedron, formula: Formula) -> str | None:
        """Check the proof from the network's weights, the domain's rows and the formula; None or the first reason."""
        points = [as_homogeneous(point) for point in self.points]
        if any(len(point) != network.n_inputs + 1 for point in points):
            return "a point has another dimension than the network's input"
        reason = cover_defect(points, self.simplices, domain, self.flat)
        if reason is not None:
            return reason
        if len(self.trees) != len(self.simplices):
            return f"there are {len(self.trees)} trees for {len(self.simplices)} simplices"
        values = VertexValues.of(network, points)
        corners = values.signs[np.array(self.simplices, dtype=np.int64)]
        mixed = np.any(np.any(corners > 0, axis=1) & np.any(corners < 0, axis=1), axis=1)
        if mixed.any():
            return f"simplex {int(np.argmax(mixed))}: a unit has both signs"
        for number, (simplex, tree) in enumerate(zip(self.simplices, self.trees, strict=True)):
            reason = homogeneous_tree_defect([values.lifted[i] for i in simplex], formula, tree)
            if reason is not None:
                return f"simplex {number}: {reason}"
        return None

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield the proof as JSON objects: equations in disguise, points, simplices with their steps.

        The steps of a tree that is one `Direct` leaf are left out.  `exactrelu/checker/mesh.py` describes the format.

        >>> proof = MeshProof(((Fraction(-1, 2),), (Fraction(17),)), ((0, 1),), (Combine(((0, 1),), (Direct(),)),))
        >>> list(proof.lines())
        [{'w': ['2', '-1']}, {'w': ['1', '11']}, {'s': [0, 1], 't': [['c', [[0, '1']]], ['d']]}]
        """
        for rows in self.flat:
            yield {"e": [[row, format(multiplier, "x")] for row, multiplier in rows]}
        for point in self.points:
            *w, q = as_homogeneous(point)
            yield {"w": [format(x, "x") for x in (q, *w)]}
        for simplex, tree in zip(self.simplices, self.trees, strict=True):
            line: dict[str, Any] = {"s": list(simplex)}
            if tree != Direct():
                line["t"] = list(_steps(tree))
            yield line


def _steps(tree: Tree) -> Iterator[list[Any]]:
    """Yield the nodes of a tree, depth first."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Direct):
            yield ["d"]
            continue
        if isinstance(node, Combine):
            yield ["c", [[number, format(multiplier, "x")] for number, multiplier in node.multipliers]]
        elif isinstance(node, Choose):
            yield ["o", node.alternative]
        else:
            ratio = node.ratio
            yield ["b", node.first, node.second, format(ratio.numerator, "x"), format(ratio.denominator, "x")]
        pending.extend(reversed(node.children))


def flatness_of(domain: HPolyhedron) -> tuple[RowCombination, ...]:
    """Return combinations of rows that prove all equations in disguise of a domain that is not empty.

    >>> flatness_of(HPolyhedron.box([1, 0], [1, 5]))
    (((0, 1), (1, 1)),)
    """
    hull = domain.affine_hull()
    if not isinstance(hull, AffineHull):
        return ()
    found: dict[RowCombination, None] = {}
    for implied in hull.implied:
        scale = lcm(*(y.denominator for y in implied.multipliers))
        found[tuple((row, int(y * scale)) for row, y in enumerate(implied.multipliers) if y)] = None
    return tuple(found)


def _equations(domain: HPolyhedron, flat: Sequence[RowCombination]) -> list[Row] | str:
    """Return the domain's equations, those in disguise too, or what is wrong with the combinations."""
    rows = domain.system.rows
    equations = [row for row in rows if row[1] == "=="]
    for combined in flat:
        if not all(0 <= number < len(rows) and (m > 0 or rows[number][1] == "==") for number, m in combined):
            return "a combination of rows names a row that is not there, or has a negative multiplier"
        columns = zip(*(((*rows[number][0], rows[number][2])) for number, _ in combined), strict=True)
        if any(sum(m * a for (_, m), a in zip(combined, column, strict=True)) for column in columns):
            return "a combination of rows does not vanish"
        equations.extend(rows[number] for number, _ in combined)
    return equations


def cover_defect(
    points: Sequence[Point],
    simplices: Sequence[Sequence[int]],
    domain: HPolyhedron,
    flat: Sequence[RowCombination] = (),
) -> str | None:
    """Check that simplices cover a bounded domain; None if they do, else the first reason.

    Args:
        points: homogeneous integers.
        flat: combinations of rows that prove equations in disguise.

    Example:
        >>> square = HPolyhedron.cube(2, 0, 1)
        >>> corners = [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 1, 1)]
        >>> cover_defect(corners, [(0, 1, 2), (1, 2, 3)], square)
        >>> cover_defect(corners, [(0, 1, 2)], square)
        'facet (1, 2) of a simplex is neither in the boundary nor shared'
    """
    rows = domain.system.rows
    for number, point in enumerate(points):
        if any(_slack(row, point) < 0 or (row[1] == "==" and _slack(row, point)) for row in rows):
            return f"point {number} lies outside the domain"
    equations = _equations(domain, flat)
    if isinstance(equations, str):
        return equations
    d = domain.ambient_dimension
    k = d - RationalMatrix.from_integers([row[0] for row in equations], n_columns=d).rank()
    if not simplices:
        return "there is no simplex"
    for simplex in simplices:
        if len(set(simplex)) != k + 1 or len(simplex) != k + 1 or not all(0 <= i < len(points) for i in simplex):
            return f"simplex {tuple(simplex)} does not name {k + 1} different points"
    axes = next((a for a in combinations(range(d), k) if _orientation(points, simplices[0], a)), ())
    sides: dict[tuple[int, ...], dict[int, int]] = {}  # facet: orientation, and the vertex on that side
    for simplex in simplices:
        ordered = tuple(sorted(simplex))
        orientation = _orientation(points, ordered, axes) if len(axes) == k else 0
        if orientation == 0:
            return f"simplex {tuple(simplex)} is degenerate"
        for place, apex in enumerate(ordered if k else ()):
            facet = ordered[:place] + ordered[place + 1 :]
            sides.setdefault(facet, {})[orientation * (-1) ** place] = apex
    for facet, apexes in sides.items():
        (apex, *others) = apexes.values()
        if not others and not any(
            _slack(row, points[apex]) and not any(_slack(row, points[i]) for i in facet) for row in rows
        ):
            return f"facet {facet} of a simplex is neither in the boundary nor shared"
    return None


def _slack(row: Row, point: Point) -> int:
    """Offset minus normal times point, times the point's denominator."""
    return row[2] * point[-1] - sum(a * x for a, x in zip(row[0], point, strict=False))


def _orientation(points: Sequence[Point], simplex: Sequence[int], axes: Sequence[int]) -> int:
    """Sign of the determinant of a simplex in some of the coordinates."""
    rows = [[*(points[i][axis] for axis in axes), points[i][-1]] for i in simplex]
    determinant = flint.fmpz_mat(rows).det()
    return int(determinant > 0) - int(determinant < 0)
