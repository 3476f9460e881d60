"""C21: the Euler relation of all faces, the best single test of an enumerator.

Sign patterns (+, 0, -) of all hidden units index relatively open convex faces that partition R^n, so the sum of
(-1)^dim over them is (-1)^n.  The faces come from the subdivision complex; where they are not too many they are found
once more by a search over sign patterns with exact linear programs, which shares no code with the complex.  A missing
or doubled face of any dimension breaks the sum or the agreement.

The relation is about relatively open faces: closed cells and half-open cells do not obey it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem, Row
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of, complex_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_INPUTS
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS", "f_vector_by_search"]

_SEARCHED = 600
"""Number of faces up to which the second method is run."""


def f_vector_by_search(network: Network) -> tuple[int, ...]:
    """Return the number of faces of dimension 0, ..., n by a search over sign patterns, unit after unit.

    A face is not empty iff its equations and strict inequalities have a solution; its dimension is n minus the rank
    of the equations.  Cost: three linear programs for every face of every prefix of the units.

    Example:
        >>> f_vector_by_search(example("count-g3"))
        (3, 9, 7)
    """
    n = network.n_inputs
    counts = Counter(n - RationalMatrix.from_integers(zeros, n_columns=n).rank() for zeros in _faces(network))
    return tuple(counts[dimension] for dimension in range(n + 1))


def _faces(network: Network) -> Iterator[list[tuple[int, ...]]]:
    """Yield for every face the normals of its equations."""
    maps = Linearisation(network)
    stack: list[tuple[str, tuple[Row, ...]]] = [("", ())]
    while stack:
        bits, rows = stack.pop()
        if len(bits) == network.n_units:
            yield [normal for normal, relation, _ in rows if relation == "=="]
            continue
        (*normal, constant), _ = maps.unit_row(bits, len(bits))
        plus: Row = (tuple(-a for a in normal), "<", constant)
        zero: Row = (tuple(normal), "==", -constant)
        minus: Row = (tuple(normal), "<", -constant)
        # A unit at zero has bit 0: both slopes give the same activation there.
        for bit, row in (("1", plus), ("0", zero), ("0", minus)):
            system = LinearSystem.from_integer_rows((*rows, row), dimension=network.n_inputs)
            if isinstance(decide(system), Feasible):
                stack.append((bits + bit, (*rows, row)))


def _alternating(counts: tuple[int, ...]) -> int:
    return sum((-1) ** dimension * number for dimension, number in enumerate(counts))


def _show_sum(counts: tuple[int, ...]) -> str:
    terms = " ".join(f"{'+-'[dimension % 2]} {number}" for dimension, number in enumerate(counts))
    return f"{terms.removeprefix('+ ')} = {_alternating(counts)}"


def _decide_euler(network: Network) -> Decision:
    n, counts = network.n_inputs, complex_of(network).f_vector
    lines = [f"Faces by dimension: {counts}; {_show_sum(counts)}, and (-1)^{n} = {(-1) ** n}."]
    holds = _alternating(counts) == (-1) ** n
    cells = len(cells_of(network))
    lines.append(f"There are {counts[-1]} faces of dimension {n} and {cells} full cells.")
    if sum(counts) <= _SEARCHED:
        again = f_vector_by_search(network)
        holds = holds and again == counts
        lines.append(f"A search over all sign patterns finds {again}.")
    evidence = {"f_vector": counts, "euler": _alternating(counts)}
    return holds and counts[-1] == cells, tuple(lines), evidence


def _cell_dimensions(network: Network, notion: str) -> tuple[int, ...]:
    dimensions = Counter(region.polyhedron.dimension() for region in cells_of(network, notion))
    return tuple(dimensions[dimension] for dimension in range(network.n_inputs + 1))


def _decide_closed(network: Network) -> Decision:
    counts, n = _cell_dimensions(network, "closed"), network.n_inputs
    line = f"Closed cells by dimension: {counts}; {_show_sum(counts)}, and (-1)^{n} = {(-1) ** n}."
    return _alternating(counts) == (-1) ** n, (line,), {"counts": counts, "sum": _alternating(counts)}


def _decide_half_open(network: Network) -> Decision:
    counts, n = _cell_dimensions(network, "half-open"), network.n_inputs
    line = f"Half-open cells by dimension: {counts}; {_show_sum(counts)}, and (-1)^{n} = {(-1) ** n}."
    return _alternating(counts) == (-1) ** n, (line,), {"counts": counts, "sum": _alternating(counts)}


_F_VECTORS = {
    "euler-abs": (1, 2),
    "euler-tri": (1, 6, 6),
    "euler-e2": (3, 9, 7),
    "euler-m1": (6, 7),
    "euler-z": (1, 9, 9),
    "zaslavsky-g3": (3, 9, 7),
    "zaslavsky-g4_3d": (4, 18, 28, 15),
    "zaslavsky-braid3": (0, 1, 6, 6),
    "zaslavsky-parallel": (2, 7, 6),
    "zaslavsky-B2": (1, 8, 8),
}

THEOREMS = (
    Theorem(
        name="C21-euler",
        title="The Euler relation",
        statement="The sum of (-1)^dim over the faces, the sets of points with one sign pattern of all hidden units, "
        "is (-1)^n.",
        latex=r"\sum_{F} (-1)^{\dim F} = (-1)^n",
        source="Euler relation for a partition of R^n into relatively open convex polyhedra; own formulation",
        hypotheses=(FEW_INPUTS,),
        decide=_decide_euler,
        instances=tuple(
            Instance(
                name,
                example(name),
                "proved",
                answers={"f_vector": counts, "euler": (-1) ** (len(counts) - 1)},
            )
            for name, counts in _F_VECTORS.items()
        ),
    ),
    Theorem(
        name="C21-closed-cells",
        title="The Euler relation of closed cells",
        statement="The sum of (-1)^dim over the closed configurations' polyhedra is (-1)^n.",
        latex=r"\sum_{D \text{ closed}} (-1)^{\dim \hat P_D} = (-1)^n",
        source="closed sets in place of relatively open ones",
        hypotheses=(),
        decide=_decide_closed,
        instances=(
            Instance("euler-tri", example("euler-tri"), "refuted", answers={"counts": (2, 0, 6), "sum": 8}),
            Instance("euler-abs", example("euler-abs"), "refuted"),
        ),
        false_variant_of="C21-euler",
    ),
    Theorem(
        name="C21-half-open-cells",
        title="The Euler relation of half-open cells",
        statement="The sum of (-1)^dim over the half-open cells is (-1)^n.",
        latex=r"\sum_{D \text{ half-open}} (-1)^{\dim P_D} = (-1)^n",
        source="the partition into configurations in place of that into faces",
        hypotheses=(),
        decide=_decide_half_open,
        instances=(
            Instance("zaslavsky-g3", example("zaslavsky-g3"), "refuted", answers={"counts": (0, 0, 7), "sum": 7}),
            Instance("euler-abs", example("euler-abs"), "proved", answers={"counts": (1, 2)}),
        ),
        false_variant_of="C21-euler",
    ),
)
