"""C5: across a facet the affine map changes by a matrix of rank one, and this characterises continuity.

The jump across a facet in {n·x + t = 0} is u ⊗ (n | t).  Here the facets come from pairs of cells (linear programs),
and the difference of the two maps is divided by the hyperplane entry by entry; nothing of the telescoping formula or
the face complex is used.  The converse is a test for lists of pieces that come from elsewhere: its subject has one map
for every full cell, the network's own unless others are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.regions.adjacency import Facet, shared_facets
from exactrelu.representations.continuity import Continuous, decide_continuity
from exactrelu.representations.pieces import PiecewiseAffine
from exactrelu.theorems.common import cells_of, show_form, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_CELLS
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

Vector = tuple[Fraction, ...]


def _difference(one: AffineMap, two: AffineMap) -> tuple[Vector, ...]:
    rows = zip(one.augmented.to_fractions(), two.augmented.to_fractions(), strict=True)
    return tuple(tuple(a - b for a, b in zip(*pair, strict=True)) for pair in rows)


def _outward(rows: tuple[Vector, ...], hyperplane: tuple[int, ...]) -> Vector | None:
    """u with rows = u ⊗ hyperplane, or None if there is none."""
    place = next(k for k, a in enumerate(hyperplane) if a)
    u = tuple(row[place] / hyperplane[place] for row in rows)
    product = tuple(tuple(factor * a for a in hyperplane) for factor in u)
    return u if product == rows else None


def _show(facet: Facet) -> str:
    return f"{show_form(facet.hyperplane[:-1], facet.hyperplane[-1])} = 0"


def _decide_jumps(network: Network) -> Decision:
    cells = cells_of(network)
    lines, jumps = [], {}
    for facet in shared_facets(cells):
        one, two = cells[facet.positive], cells[facet.negative]
        rows = _difference(one.affine_map, two.affine_map)
        u = _outward(rows, facet.hyperplane)
        names = (one.configuration.bits, two.configuration.bits)
        if u is None:
            line = f"{names[0]} and {names[1]} share a facet in {_show(facet)}, but their maps differ by {rows}."
            return False, (line,), {"pair": names, "difference": rows, "point": facet.point}
        jumps[max(names), min(names)] = rows if names[0] > names[1] else tuple(tuple(-a for a in row) for row in rows)
        lines.append(f"{names[0]} - {names[1]}: {show_point(u)} times the form of {_show(facet)}.")
    lines.append(f"All {len(jumps)} jumps across facets have rank at most 1.")
    return True, tuple(lines), {"jumps": jumps}


def _own_pieces(network: Network) -> Mapping[str, object]:
    return {"pieces": {region.configuration.bits: region.affine_map for region in cells_of(network)}}


def _wrong_cells(network: Network, pieces: Mapping[str, AffineMap]) -> str | None:
    known = {c.bits for c in cells_of(network).configurations}
    odd = sorted(known ^ set(pieces))
    return f"there is no map, or no cell, for {odd[0]}" if odd else None


def _decide_converse(network: Network, pieces: Mapping[str, AffineMap]) -> Decision:
    cells = cells_of(network)
    broken = []
    for facet in shared_facets(cells):
        names = cells[facet.positive].configuration.bits, cells[facet.negative].configuration.bits
        rows = _difference(pieces[names[0]], pieces[names[1]])
        if _outward(rows, facet.hyperplane) is None:
            broken.append((*names, facet.point))
    whole = PiecewiseAffine.of((region.polyhedron, pieces[region.configuration.bits]) for region in cells)
    continuous = isinstance(decide_continuity(whole), Continuous)
    lines = (
        f"{len(broken)} jumps across facets are no multiples of the facet's form"
        + (f", the first between {broken[0][0]} and {broken[0][1]} at {show_point(broken[0][2])}." if broken else "."),
        f"Comparing all pairs of pieces on their intersections: the list is {'' if continuous else 'not '}continuous.",
    )
    return continuous == (not broken), lines, {"continuous": continuous, "broken": tuple(broken)}


def _decide_any_pair(network: Network) -> Decision:
    """False: the maps of any two full cells differ by rank at most one."""
    maps = [(region.configuration.bits, region.affine_map) for region in cells_of(network)]
    for (first, one), (second, two) in combinations(maps, 2):
        rank = RationalMatrix.from_rows(_difference(one, two), n_columns=network.n_inputs + 1).rank()
        if rank > 1:
            names = first, second
            return False, (f"The maps of {names[0]} and {names[1]} differ by rank {rank}.",), {"pair": names}
    return True, ("The maps of all pairs differ by rank at most 1.",), {}


def _decide_kinks(network: Network) -> Decision:
    """False: the map changes across every facet."""
    cells = cells_of(network)
    for facet in shared_facets(cells):
        one, two = cells[facet.positive], cells[facet.negative]
        if one.affine_map == two.affine_map:
            names = one.configuration.bits, two.configuration.bits
            line = f"{names[0]} and {names[1]} share a facet in {_show(facet)} and have the same map."
            return False, (line,), {"pair": names}
    return True, ("The map changes across every facet.",), {}


def _broken_hat() -> dict[str, AffineMap]:
    network = example("count-hat")
    pieces = {region.configuration.bits: region.affine_map for region in cells_of(network)}
    offset = pieces["110"].offset[0] + Fraction(1, 2**40)
    return pieces | {"110": AffineMap.from_parts(pieces["110"].linear, [offset])}


_E2_JUMPS = {
    (one, two): (tuple(map(Fraction, row)),)
    for one, two, row in (
        ("111", "110", (1, 1, -1)),
        ("111", "101", (0, 1, 0)),
        ("111", "011", (1, 0, 0)),
        ("110", "100", (0, 0, 0)),
        ("110", "010", (0, 0, 0)),
        ("101", "100", (1, 0, -1)),
        ("100", "000", (0, 0, 0)),
        ("011", "010", (0, 1, -1)),
        ("010", "000", (0, 0, 0)),
    )
}

THEOREMS = (
    Theorem(
        name="C5-rank-one-jumps",
        title="Across a facet the affine map changes by rank one",
        statement="If two full cells share a facet in {n·x + t = 0}, their maps differ by u ⊗ (n | t) for some u.",
        latex=r"(A_D - A_{D'} \mid c_D - c_{D'}) = u \otimes (n \mid t)",
        source="continuity of the network; Heinecke, Hwang 2019, (10)",
        hypotheses=(),
        decide=_decide_jumps,
        instances=(
            Instance("facets-e2", example("facets-e2"), "proved", answers={"jumps": _E2_JUMPS}),
            Instance("two-relus", example("two-relus"), "proved"),
            Instance("count-z", example("count-z"), "proved"),
        ),
    ),
    Theorem(
        name="C5-continuity-criterion",
        title="Pieces are continuous iff all jumps across facets are multiples of the facets",
        statement="Given one affine map for each full cell, the maps agree wherever closed cells meet iff for each "
        "shared facet the difference of the two maps is u ⊗ (n | t).",
        latex=r"f \text{ continuous} \iff (A_D - A_{D'} \mid c_D - c_{D'}) \in \mathbb{R}^m \otimes (n_F \mid t_F)"
        r"\ \forall F = \hat P_D \cap \hat P_{D'}",
        source="cells of a complex on all of space hang together through facets around every face",
        hypotheses=(FEW_CELLS, Hypothesis("one map for every full cell", _wrong_cells)),
        decide=_decide_converse,
        subject=_own_pieces,
        instances=(
            Instance("facets-e2", example("facets-e2"), "proved", answers={"continuous": True}),
            Instance(
                "count-hat",
                example("count-hat"),
                "proved",
                parameters={"pieces": _broken_hat()},
                answers={"continuous": False},
            ),
        ),
    ),
    Theorem(
        name="C5-any-pair",
        title="The maps of any two cells differ by rank one",
        statement="The maps of any two full cells differ by a matrix of rank at most one.",
        latex=r"\operatorname{rank}(A_D - A_{D'} \mid c_D - c_{D'}) \le 1 \text{ for all } D, D'",
        source="pitfall: only cells that share a facet",
        hypotheses=(FEW_CELLS,),
        decide=_decide_any_pair,
        instances=(
            Instance("two-relus", example("two-relus"), "refuted"),
            Instance("count-e2", example("count-e2"), "proved"),
        ),
        false_variant_of="C5-rank-one-jumps",
    ),
    Theorem(
        name="C5-kink-at-every-facet",
        title="The map changes across every facet",
        statement="Two full cells that share a facet have different affine maps.",
        latex=r"\dim(\hat P_D \cap \hat P_{D'}) = n - 1 \Rightarrow (A_D, c_D) \ne (A_{D'}, c_{D'})",
        source="pitfall: cells are not linear regions",
        hypotheses=(),
        decide=_decide_kinks,
        instances=(
            Instance("facets-e2", example("facets-e2"), "refuted"),
            Instance("count-g3", example("count-g3"), "proved"),
        ),
        false_variant_of="C5-rank-one-jumps",
    ),
)
