"""Is a formula of inputs and outputs true somewhere on a bounded domain?  Decided cell by cell, for few inputs.

The subdivision complex of the network on the domain gives all cells with exact vertices; every point of the domain lies
in a closed cell, and the cell's affine map is right on its closure, because the network is continuous.  The cells are
triangulated on their own vertices, and in the coordinates (inputs, outputs) of the vertices a comparison is a
polynomial on a simplex: nothing has to be substituted.

1. The centres of all simplices are tried as witnesses, in floats; a promising one is checked exactly.
2. For all simplices at once, in floats with proven error bounds: the Bernstein coefficients of all comparisons
   (`simplex_filter`).  Most simplices are refuted here; a vertex at which the formula holds ends the search.
3. For the rest, one by one: the exact search (`search`).

Strict inequalities of the input set belong into the formula; the domain is closed.

Evidence: a `MeshProof`, a `Witness`, or a `CrossingWitness`, all with inputs and outputs as coordinates.
Cost: that of the complex (exponential in the number of inputs: three is a sensible limit), one Bernstein form in floats
for each simplex and comparison, and the exact search on few simplices.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import DomainError, ShapeError
from exactrelu.networks.network import Network
from exactrelu.polyhedra.affine_hull import AffineHull
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.complex.triangulation import triangulate
from exactrelu.verification.boxes.candidates import Descent
from exactrelu.verification.polynomials.bernstein_form import Point, as_homogeneous
from exactrelu.verification.polynomials.evidence import CrossingWitness, Direct, Tree, Undecided, Witness
from exactrelu.verification.polynomials.mesh import MeshProof, flatness_of
from exactrelu.verification.polynomials.search import Budget, decide_on_homogeneous
from exactrelu.verification.polynomials.simplex_filter import filter_simplices
from exactrelu.verification.questions.formulas import Comparison, Formula, conjuncts, evaluate, variables
from exactrelu.verification.questions.query import Query

__all__ = ["decide_on_cells", "decide_on_simplices", "decide_query_on_cells", "input_polyhedron"]


_PROPOSALS = 20  # centres that are evaluated exactly, the most promising first


def decide_on_cells(
    network: Network,
    domain: HPolyhedron,
    formula: Formula,
    *,
    pieces: int = 20_000,
    timeout: float | None = None,
) -> MeshProof | Witness | CrossingWitness | Undecided:
    """Decide whether some point of the domain and the network's output there satisfy a formula.

    Args:
        domain: a bounded polyhedron, not empty; flat ones are allowed.
        formula: variables 0..d-1 are the inputs, d..d+m-1 the outputs.
        pieces: budget of the exact search on each simplex.
        timeout: seconds; looked at between simplices.

    Returns:
        `MeshProof` if nothing satisfies it; a witness with inputs and outputs as coordinates; or `Undecided`.

    Raises:
        ShapeError: the formula mentions a variable beyond d + m.
        DomainError: the domain is empty, unbounded or of another dimension.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
        >>> decide_on_cells(absolute, HPolyhedron.cube(1, -1, 1), compare(x * x, ">", y))
        MeshProof(points=((Fraction(-1, 1),), (Fraction(1, 1),), (Fraction(0, 1),)), simplices=((0, 2), (1, 2)), \
trees=(Direct(), Direct()), flat=())
        >>> decide_on_cells(absolute, HPolyhedron.cube(1, -1, 1), compare(2 * x * x, ">=", y) & compare(x, "!="))
        Witness(point=(Fraction(-1, 2), Fraction(1, 2)))
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    mentioned = variables(formula)
    if mentioned and mentioned[-1] >= network.n_inputs + network.n_outputs:
        raise ShapeError(
            f"the formula mentions x{mentioned[-1]}; the network has {network.n_inputs} inputs "
            f"and {network.n_outputs} outputs"
        )
    if domain.ambient_dimension != network.n_inputs:
        raise DomainError(
            f"the domain has dimension {domain.ambient_dimension}, the network takes {network.n_inputs} inputs"
        )
    simplices: tuple[tuple[int, ...], ...]
    points: tuple[tuple[Fraction, ...], ...]
    outputs: tuple[tuple[Fraction, ...], ...]
    point = _single_point(domain)
    if point is not None:
        points, outputs, simplices = (point,), (network.evaluate(point),), ((0,),)
    else:
        complex_ = subdivide(network, domain)
        numbers = triangulate(complex_).vertices
        proposed = _proposed_witness(complex_, numbers, formula)
        if proposed is not None:
            return proposed
        simplices = tuple(tuple(row) for row in numbers.tolist())
        vertices = range(complex_.f_vector[0])
        points = tuple(complex_.vertex(index) for index in vertices)
        outputs = tuple(complex_.output_at(index) for index in vertices)
    lifted = [as_homogeneous((*x, *y)) for x, y in zip(points, outputs, strict=True)]
    answer = decide_on_simplices(lifted, simplices, formula, pieces=pieces, deadline=deadline)
    if isinstance(answer, tuple):
        flat = flatness_of(domain) if len(simplices[0]) <= network.n_inputs else ()
        return MeshProof(points, simplices, answer, flat)
    return answer


def _single_point(domain: HPolyhedron) -> tuple[Fraction, ...] | None:
    """Return the point of a domain that has only one."""
    box = domain.box_bounds()
    if box is not None:
        return tuple(low for low, _ in box) if all(low == high for low, high in box) else None
    hull = domain.affine_hull()
    return hull.interior.point if isinstance(hull, AffineHull) and hull.dimension == 0 else None


def _proposed_witness(complex_: SubdivisionComplex, simplices: NDArray[np.int64], formula: Formula) -> Witness | None:
    """Look for a witness among the centres of the simplices, in floats; a centre's dyadic value is checked exactly.

    It saves the exact vertices where the formula holds on a region of some size.
    """
    if complex_.chart is not None or not variables(formula):
        return None  # a float point of a flat domain is not in the domain
    network, domain = complex_.network, complex_.problem.domain
    try:
        with np.errstate(all="ignore"):
            centres = complex_.float_vertices[simplices].mean(axis=1)
            degrees = Descent(network, formula).degrees(centres)
    except (DomainError, OverflowError):
        return None  # numbers beyond the range of floats: there is no proposal
    for index in np.argsort(degrees, kind="stable")[:_PROPOSALS].tolist():
        if degrees[index] <= 0:
            point = tuple(Fraction(float(x)) for x in centres[index])
            lifted = (*point, *network.evaluate(point))
            if not domain.system.violations(point) and evaluate(formula, lifted):
                return Witness(lifted)
    return None


def decide_query_on_cells(
    query: Query, *, pieces: int = 20_000, timeout: float | None = None
) -> MeshProof | Witness | CrossingWitness | Undecided:
    """Decide a query on the polyhedron that its own linear conjuncts say of the inputs.

    Raises:
        DomainError: those conjuncts contradict one another or leave the inputs unbounded.

    Example:
        >>> from exactrelu.exact.polynomials import Polynomial
        >>> from exactrelu.verification.questions.formulas import compare
        >>> double = Network.from_weights([[[2]]], [[0]])
        >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
        >>> inside = compare(x, ">") & compare(x, "<=", Polynomial.constant(1))
        >>> decide_query_on_cells(Query(double, inside & compare(y * x, ">=", 2 * x)))
        Witness(point=(Fraction(1, 1), Fraction(2, 1)))
    """
    domain = input_polyhedron(query.formula, query.network.n_inputs)
    return decide_on_cells(query.network, domain, query.formula, pieces=pieces, timeout=timeout)


def input_polyhedron(formula: Formula, n_inputs: int) -> HPolyhedron:
    """Return what the conjuncts of a formula say linearly of the inputs alone, strict inequalities weakened.

    These are the rows that the stand-alone checker reads off the formula, in the same order.

    >>> from exactrelu.exact.polynomials import Polynomial
    >>> from exactrelu.verification.questions.formulas import compare
    >>> x, y = Polynomial.variable(0), Polynomial.variable(1)
    >>> print(input_polyhedron(compare(x, ">") & compare(2 * x, "<=", y) & compare(3 * x, "<", y * 0 + 1), 1))
    -x0 <= 0
    3*x0 <= 1
    """
    rows = []
    for part in conjuncts(formula):
        if isinstance(part, Comparison) and part.polynomial.is_linear and part.polynomial.variables[-1] < n_inputs:
            linear, constant = part.polynomial.linear_part()
            relation = "==" if part.relation == "==" else "<="
            rows.append(([linear.get(i, Fraction(0)) for i in range(n_inputs)], relation, -constant))
    return HPolyhedron.from_rows(rows, dimension=n_inputs)


def decide_on_simplices(
    points: Iterable[Point],
    simplices: Iterable[tuple[int, ...]],
    formula: Formula,
    *,
    pieces: int = 20_000,
    deadline: float | None = None,
) -> tuple[Tree, ...] | Witness | CrossingWitness | Undecided:
    """Decide whether a formula holds at a point of one of many simplices.

    Args:
        points: homogeneous integers, with all variables of the formula as coordinates.
        simplices: numbers of points; all of one size.
        pieces: budget of the exact search on each simplex.
        deadline: a value of `time.monotonic`, looked at between simplices.

    Returns:
        One refuting tree for each simplex, or a witness, or `Undecided`.
    """
    lifted, chosen = list(points), list(simplices)
    refuted, witness = filter_simplices(lifted, np.array(chosen, dtype=np.int64), formula)
    if witness is not None:
        return witness
    trees: list[Tree] = [Direct()] * len(chosen)
    unsettled: list[Undecided] = []
    for number in np.flatnonzero(~refuted).tolist():
        if deadline is not None and time.monotonic() > deadline:
            left = int((~refuted[number:]).sum())
            return Undecided("the time is used up", len(chosen) - left - len(unsettled), len(chosen))
        answer = decide_on_homogeneous([lifted[i] for i in chosen[number]], formula, Budget(pieces, deadline=deadline))
        if isinstance(answer, Witness | CrossingWitness):
            return answer
        if isinstance(answer, Undecided):
            unsettled.append(answer)
        else:
            trees[number] = answer
    if unsettled:
        return Undecided(unsettled[0].reason, len(chosen) - len(unsettled), len(chosen))
    return tuple(trees)
