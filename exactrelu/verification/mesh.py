"""Proof that a formula holds nowhere on a polytope: simplices that cover it, with a tree for each.

A `MeshProof` lists points of the domain, simplices on them, and for each simplex a tree of `polynomial_evidence`.
It is checked from the network's weights, the domain and the formula alone, without a linear program and without the
inequalities of any cell:

1. *Inside.*  Every point satisfies the rows of the domain.
2. *Cover.*  The simplices are not degenerate, and each facet of each simplex either lies in the boundary of the domain
   (an inequality is tight at all its vertices) or is a facet of another simplex on its other side.
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

*Flat domains*: k = d minus the rank of the equations among the rows (an equation, or an inequality whose opposite is a
row too); orientation is judged in k coordinates in which the first simplex is not degenerate.

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
from typing import Any

import flint
import numpy as np

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.system import Row
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.verification.bernstein_form import Point, as_homogeneous
from exactrelu.verification.formulas import Formula
from exactrelu.verification.polynomial_evidence import Choose, Combine, Direct, Tree, homogeneous_tree_defect
from exactrelu.verification.vertex_values import VertexValues

__all__ = ["MeshProof", "cover_defect", "equations_of"]


@dataclass(frozen=True)
class MeshProof:
    """Evidence that the formula holds nowhere on the domain.

    points: in the input space.  simplices: numbers of points, k + 1 each.  trees: one for each simplex.
    """

    points: tuple[tuple[Fraction, ...], ...]
    simplices: tuple[tuple[int, ...], ...]
    trees: tuple[Tree, ...]

    def defect(self, network: Network, domain: HPolyhedron, formula: Formula) -> str | None:
        """Check the proof from the network's weights, the domain's rows and the formula; None or the first reason."""
        points = [as_homogeneous(point) for point in self.points]
        if any(len(point) != network.n_inputs + 1 for point in points):
            return "a point has another dimension than the network's input"
        reason = cover_defect(points, self.simplices, domain)
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
        """Yield the proof as JSON objects: points, then simplices, a refutation as its steps unless it is one leaf.

        The stand-alone checker reads them (`exactrelu/checker/mesh.py` describes the format).

        >>> proof = MeshProof(((Fraction(-1, 2),), (Fraction(17),)), ((0, 1),), (Combine(((0, 1),), (Direct(),)),))
        >>> list(proof.lines())
        [{'w': ['2', '-1']}, {'w': ['1', '11']}, {'s': [0, 1], 't': [['c', [[0, '1']]], ['d']]}]
        """
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


def equations_of(domain: HPolyhedron) -> tuple[Row, ...]:
    """Return the rows that say an equation: "==", or an inequality whose opposite is a row too."""
    rows = set(domain.system.rows)
    return tuple(
        row for row in domain.system.rows if row[1] == "==" or (tuple(-a for a in row[0]), row[1], -row[2]) in rows
    )


def cover_defect(points: Sequence[Point], simplices: Sequence[Sequence[int]], domain: HPolyhedron) -> str | None:
    """Check that simplices cover a bounded domain; None if they do, else the first reason.

    Args:
        points: homogeneous integers.

    Example:
        >>> square = HPolyhedron.cube(2, 0, 1)
        >>> corners = [(0, 0, 1), (1, 0, 1), (0, 1, 1), (1, 1, 1)]
        >>> cover_defect(corners, [(0, 1, 2), (1, 2, 3)], square)
        >>> cover_defect(corners, [(0, 1, 2)], square)
        'facet (1, 2) of a simplex is neither in the boundary nor shared'
    """
    equations = equations_of(domain)
    inequalities = [row for row in domain.system.rows if row not in equations]
    for number, (*w, q) in enumerate(points):
        for normal, relation, offset in domain.system.rows:
            value = sum(a * x for a, x in zip(normal, w, strict=True)) - offset * q
            if value > 0 or (value and relation == "=="):
                return f"point {number} lies outside the domain"
    d = domain.ambient_dimension
    k = d - RationalMatrix.from_integers([row[0] for row in equations], n_columns=d).rank()
    if not simplices:
        return "there is no simplex"
    for simplex in simplices:
        if len(set(simplex)) != k + 1 or len(simplex) != k + 1 or not all(0 <= i < len(points) for i in simplex):
            return f"simplex {tuple(simplex)} does not name {k + 1} different points"
    seen: dict[tuple[int, ...], set[int]] = {}
    axes = next((a for a in combinations(range(d), k) if _orientation(points, simplices[0], a)), ())
    for simplex in simplices:
        ordered = tuple(sorted(simplex))
        orientation = _orientation(points, ordered, axes) if len(axes) == k else 0
        if orientation == 0:
            return f"simplex {tuple(simplex)} is degenerate"
        for place in range(k + 1 if k else 0):
            facet = ordered[:place] + ordered[place + 1 :]
            seen.setdefault(facet, set()).add(orientation * (-1) ** place)
    for facet, sides in seen.items():
        if len(sides) < 2 and not any(
            all(
                sum(a * x for a, x in zip(row[0], points[i][:-1], strict=True)) == row[2] * points[i][-1] for i in facet
            )
            for row in inequalities
        ):
            return f"facet {facet} of a simplex is neither in the boundary nor shared"
    return None


def _orientation(points: Sequence[Point], simplex: Sequence[int], axes: Sequence[int]) -> int:
    """Sign of the determinant of a simplex in some of the coordinates."""
    rows = [[*(points[i][axis] for axis in axes), points[i][-1]] for i in simplex]
    determinant = flint.fmpz_mat(rows).det()
    return int(determinant > 0) - int(determinant < 0)
