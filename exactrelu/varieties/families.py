"""Where rank constraints come from: flats of the types, deep families, conics, and a search over small combinations.

* *Flats.*  For a flat F of the matroid on types let lambda^1, ..., lambda^c be a basis of its annihilator.  Neurons
with type in F drop
  out of N_b = sum_i lambda^b_i M_i, so [N_1 | ... | N_c] and its stack have rank at most the number of the others.
  In a deep network the same holds for blocks that differ in one layer only, and for the incidence vectors of type
  paths.
* *Deep families.*  Single blocks; blocks side by side or stacked; differences; and, where the type paths are
independent, the
  parts N_path that share their types from some layer on (or up to it).
* *Conics* (`conic`), for k >= 3.
* *Discovery.*  All combinations over {-1, 0, 1}, alone and in pairs, whose rank at random points is deficient.

All are candidates only: the bound is proved by `bounds.certified_bound`, or the constraint is marked as observed.
A candidate whose bound is no less than its size is dropped, and so is one that another constraint implies.
Source: [AM25] for two blocks of a shallow network; otherwise own, docs/varieties.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice, product

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.bounds import certified_bound
from exactrelu.varieties.conic import conic_grids
from exactrelu.varieties.conormal import RandomPoint
from exactrelu.varieties.constraints import RankConstraint
from exactrelu.varieties.flats import MAX_SUBSETS, complement, flat_annihilators
from exactrelu.varieties.flattenings import Flattening, Grid, flatten, row_grid, stack_grid
from exactrelu.varieties.modular import rank_mod
from exactrelu.varieties.type_paths import Node, TypeStructure

__all__ = ["constraints_of", "discover_constraints"]

Vector = tuple[int, ...]

MAX_COMBINATIONS = 45
MAX_CONICS = 40


def constraints_of(blocks: Blocks, *, conics: bool = True) -> tuple[RankConstraint, ...]:
    """Return the certified rank constraints of all families but discovery, the strongest kinds first.

    >>> blocks = Blocks.of((3, 4, 3), "1100|1010|1001")
    >>> [(c.form, c.bound) for c in constraints_of(blocks)][:6]
    [('M1', 2), ('M2', 2), ('M3', 2), ('M1 - M2', 2), ('M1 - M3', 2), ('M2 - M3', 2)]
    """
    structure = TypeStructure(blocks)
    found = [*_relations(structure), *_without_nodes(structure)]
    for grid in _candidates(structure, conics):
        for columns in ("all", "gradient") if blocks.architecture.bias else ("all",):
            flattening = flatten(blocks, grid, columns=columns)
            if flattening is not None:
                bound = certified_bound(structure, flattening)
                if bound.value < min(flattening.shape(blocks.architecture.n_outputs)):
                    found.append(RankConstraint(blocks, flattening, bound.value, True, bound.reason))
    return _without_implied(found)


def discover_constraints(blocks: Blocks, *, seed: int = 0) -> tuple[RankConstraint, ...]:
    """Return constraints on combinations over {-1, 0, 1} whose rank at a random point is deficient.

    Single combinations, and pairs side by side or stacked.  A bound that cannot be proved is marked as observed.
    Nothing is searched if there are more than `MAX_COMBINATIONS` combinations (five blocks or more).

    >>> [(c.form, c.bound, c.certified) for c in discover_constraints(Blocks.of((2, 2, 2), "11|10"))]
    [('M2', 1, True), ('M1 - M2', 1, True)]
    """
    structure = TypeStructure(blocks)
    points = [RandomPoint(blocks, seed=seed + 1), RandomPoint(blocks, seed=seed + 2)]
    singles = _small_combinations(blocks.n_blocks)
    if len(singles) > MAX_COMBINATIONS:
        return ()
    grids: list[Grid] = [row_grid([c]) for c in singles]
    for pair in combinations(singles, 2):
        grids.extend((row_grid(pair), stack_grid(pair)))
    found = []
    for grid in grids:
        flattening = flatten(blocks, grid)
        if flattening is None:
            continue
        observed = max(point.rank(flattening) for point in points)
        if observed < min(flattening.shape(blocks.architecture.n_outputs)):
            bound = certified_bound(structure, flattening)
            proved = bound.value == observed
            reason = bound.reason if proved else f"rank {observed} at 2 random points; proved only <= {bound.value}"
            found.append(RankConstraint(blocks, flattening, observed, proved, reason))
    return _without_implied(found)


def _relations(structure: TypeStructure) -> Iterator[RankConstraint]:
    """The linear equations as a constraint of rank 0."""
    relations = structure.linear_relations
    if relations.n_rows:
        piece = relations.transpose().numerators
        flattening = Flattening((piece,), (), "relations", False, f"{relations.n_rows} linear relations per output")
        yield RankConstraint(structure.blocks, flattening, 0, True, "the masks make these combinations zero")


def _without_nodes(structure: TypeStructure) -> Iterator[RankConstraint]:
    """Combinations of columns in which some nodes of a layer cancel, where inputs or biases make more of them than
    blocks do.

    For every set S of nodes: all w with no contribution of S to [Y_1 | ... | Y_k] w, side by side, linear relations
    left out.
    """
    blocks = structure.blocks
    if blocks.inputs is None and not blocks.architecture.bias:
        return
    relations = structure.linear_relations.numerators
    seen: set[tuple[tuple[int, ...], ...]] = set()
    for layer, nodes in enumerate(structure.nodes):
        if 1 << len(nodes) > MAX_SUBSETS:
            continue
        through = [
            [path for path in range(len(structure.paths)) if structure.paths[path].nodes[layer] == n]
            for n in range(len(nodes))
        ]
        for size in range(1, len(nodes)):
            for dropped in combinations(range(len(nodes)), size):
                rows = [[row[path] for row in structure.incidence.numerators] for n in dropped for path in through[n]]
                kernel = RationalMatrix.from_integers(rows, n_columns=structure.incidence.n_rows).kernel().numerators
                columns = tuple(complement(kernel, relations))
                if not columns or columns in seen:
                    continue
                seen.add(columns)
                names = [_node_name(nodes[n]) for n in dropped]
                piece = tuple(zip(*columns, strict=True))
                label = f"{len(columns)} combinations of columns without {', '.join(names)} in hidden layer {layer + 1}"
                flattening = Flattening((piece,), (), "mixed", True, label)
                bound = certified_bound(structure, flattening)
                if bound.value < min(flattening.shape(blocks.architecture.n_outputs)):
                    yield RankConstraint(blocks, flattening, bound.value, True, bound.reason)


def _node_name(node: Node) -> str:
    return "the bias unit" if node.is_bias else f"type {''.join(map(str, node.vector))}"


def _candidates(structure: TypeStructure, conics: bool) -> list[Grid]:
    """Grids of all families, each once, smaller ones first."""
    blocks = structure.blocks
    k = blocks.n_blocks
    units = [tuple(int(i == j) for j in range(k)) for i in range(k)]
    grids: dict[Grid, None] = {}

    def add(forms: Sequence[Vector]) -> None:
        if forms:
            grids.setdefault(row_grid(forms))
            grids.setdefault(stack_grid(forms))

    for unit in units:
        add([unit])
    for i, j in combinations(range(k), 2):
        add([tuple(a - b for a, b in zip(units[i], units[j], strict=True))])
    for annihilator in _annihilators(structure):
        add(annihilator)
    for size in range(2, k + 1):
        # Beyond five blocks, subsets of other sizes are too many to be worth their time.
        if k <= 5 or size in (2, k):
            for chosen in combinations(units, size):
                add(chosen)
    for family in _path_families(structure):
        add(family)
    if conics:
        found = (grid for forms in _triples(structure) for grid in conic_grids(_path_vectors(structure), forms))
        for grid in islice(found, MAX_CONICS):
            grids.setdefault(grid)
    return list(grids)


def _path_vectors(structure: TypeStructure) -> list[Vector]:
    """The distinct block vectors of the type paths: for shallow networks the types themselves."""
    return sorted({path.vector for path in structure.paths})


def _annihilators(structure: TypeStructure) -> Iterator[list[Vector]]:
    """Annihilators of flats: of all path vectors, and of the types of one layer among blocks that agree elsewhere."""
    blocks = structure.blocks
    # With inputs a combination that vanishes on block matrices may still show others on directions of their own.
    yield from flat_annihilators(_path_vectors(structure), whole=blocks.inputs is not None)
    depth = len(blocks.architecture.hidden)
    if depth < 2:
        return
    for layer in range(depth):
        groups: dict[tuple[str, ...], list[int]] = {}
        for i, pattern in enumerate(blocks.patterns):
            groups.setdefault((*pattern.masks[:layer], *pattern.masks[layer + 1 :]), []).append(i)
        for members in groups.values():
            if len(members) > 1:
                inner = [tuple(node.vector[i] for i in members) for node in structure.nodes[layer]]
                for forms in flat_annihilators(v for v in inner if any(v)):
                    lifted = []
                    for form in forms:
                        vector = [0] * blocks.n_blocks
                        for position, i in enumerate(members):
                            vector[i] = form[position]
                        lifted.append(tuple(vector))
                    yield lifted


def _path_families(structure: TypeStructure) -> Iterator[list[Vector]]:
    """Where path vectors are independent: single paths, grouped by their types behind or before a layer."""
    depth = len(structure.nodes)
    if depth < 2 or structure.blocks.architecture.bias:
        return
    paths = {path.nodes: path.vector for path in structure.paths if path.column == 0}
    names = list(paths)
    matrix = RationalMatrix.from_integers([paths[name] for name in names], n_columns=structure.blocks.n_blocks)
    if matrix.rank() < len(names):
        return
    # Row j of the right inverse's transpose is 1 on path j and 0 on the others.
    duals = {}
    for j, name in enumerate(names):
        answer = matrix.solve([int(i == j) for i in range(len(names))])
        point = answer.point  # type: ignore[union-attr]
        scale = math.lcm(*(a.denominator for a in point))
        duals[name] = tuple(int(a * scale) for a in point)
    for layer in range(depth):
        for part in (slice(layer, None), slice(None, layer + 1)):
            families: dict[tuple[int, ...], list[Vector]] = {}
            for name in names:
                families.setdefault(name[part], []).append(duals[name])
            yield from families.values()


def _triples(structure: TypeStructure) -> Iterator[list[Vector]]:
    """Annihilators of dimension three."""
    if structure.blocks.n_blocks >= 3:
        yield from (forms for forms in flat_annihilators(_path_vectors(structure)) if len(forms) == 3)


def _small_combinations(k: int) -> list[Vector]:
    """Vectors over {-1, 0, 1} whose first nonzero entry is 1, those with fewer entries first."""
    vectors = [v for v in product((1, 0, -1), repeat=k) if any(v) and next(a for a in v if a) == 1]
    return sorted(vectors, key=lambda v: (sum(map(abs, v)), [-a for a in v][::-1]))


def _without_implied(constraints: Sequence[RankConstraint]) -> tuple[RankConstraint, ...]:
    """Drop a constraint if one that stays has a larger matrix of the same kind and no larger bound."""
    kept: list[RankConstraint] = []
    # Of two equal ones the one that is a grid of combinations of blocks stays: it is easier to read.
    ordered = sorted(constraints, key=lambda c: (-_span(c), c.bound, not c.flattening.grid))
    for constraint in ordered:
        if not any(_implies(other, constraint) for other in kept):
            kept.append(constraint)
    positions = {id(c): i for i, c in enumerate(constraints)}
    return tuple(sorted(kept, key=lambda c: (c.flattening.columns != "relations", _span(c), positions[id(c)])))


def _span(constraint: RankConstraint) -> int:
    return len(constraint.flattening.pieces) * constraint.flattening.n_columns


def _implies(strong: RankConstraint, weak: RankConstraint) -> bool:
    """Whether the weak matrix is made of columns (or row blocks) of the strong one, with no smaller bound."""
    if strong.bound > weak.bound or (weak.certified and not strong.certified):
        return False
    one, two = strong.flattening, weak.flattening
    if one.grid and two.grid and one.columns == two.columns and not one.is_restricted:
        # Without restriction by inputs it is a matter of combinations of blocks: short vectors.
        if len(one.grid) == len(two.grid) == 1:
            return _spans(one.grid[0], two.grid[0])
        if len(one.grid[0]) == len(two.grid[0]) == 1:
            return _spans([row[0] for row in one.grid], [row[0] for row in two.grid])
        return False
    if len(one.pieces) == len(two.pieces) == 1:
        return _spans(zip(*one.pieces[0], strict=True), zip(*two.pieces[0], strict=True))
    return False


def _spans(large: Iterable[Sequence[int]], small: Iterable[Sequence[int]]) -> bool:
    """Whether the span of the first rows contains the second ones; modulo a prime, since only tidiness hangs on it."""
    rows = [list(row) for row in large]
    more = [list(row) for row in small]
    return rank_mod(rows) == rank_mod([*rows, *more])
