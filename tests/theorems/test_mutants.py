"""Planted defects in what C1 to C12 rest on: the theorem that uses it refutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from exactrelu.atoms.decomposition import AtomicDecomposition
from exactrelu.atoms.identity import GenericNetwork, path_formula, prove_identity
from exactrelu.bounds.theorem_six import TheoremSix
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.regions.adjacency import Facet, shared_facets
from exactrelu.regions.results import Enumeration, Region
from exactrelu.theorems import (
    Theorem,
    c01_partition,
    c02_counts,
    c03_atoms,
    c04_lipschitz,
    c05_continuity,
    c06_zaslavsky,
    c07_depth_bounds,
    c08_univariate,
    c09_cones,
    c10_convexity,
    c11_lattice,
    c12_decision,
    theorem,
)
from exactrelu.theorems.common import cells_of, names_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.lattice import LatticePieces

TINY = Fraction(1, 2**40)


class Cells:
    """An enumeration whose cells somebody tampered with."""

    def __init__(self, whole: Enumeration, cells: list[Region]) -> None:
        self.whole = whole
        self.cells = cells
        self.configurations = tuple(cell.configuration for cell in cells)

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[Region]:
        return iter(self.cells)

    def __getitem__(self, index: int) -> Region:
        return self.cells[index]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)


def without_last(network: Network, notion: str = "full") -> Cells:
    """A cell is missing."""
    whole = cells_of(network, notion)
    return Cells(whole, list(whole)[:-1])


def last_twice(network: Network, notion: str = "full") -> Cells:
    """A cell is listed twice."""
    whole = cells_of(network, notion)
    return Cells(whole, [*whole, whole[-1]])


def moved_map(network: Network, notion: str = "full") -> Cells:
    """The offset of the last cell's map is off by 2^-40."""
    whole = cells_of(network, notion)
    cells = list(whole)
    here = cells[-1].affine_map
    offset = (here.offset[0] + TINY, *here.offset[1:])
    cells[-1].__dict__["affine_map"] = AffineMap.from_parts(here.linear, offset)
    return Cells(whole, cells)


def refutes(name: str, instance: str, **parameters: Any) -> bool:
    """Whether a theorem is refuted on a worked example."""
    return theorem(name).verify(example(instance), **parameters).status == "refuted"


CELL_MUTANTS: list[tuple[str, Any, str, Callable[..., Cells]]] = [
    ("C1-partition", c01_partition, "prop3-e2", without_last),
    ("C1-partition", c01_partition, "count-abs", last_twice),
    ("C2-corollary-4", c02_counts, "count-n4", last_twice),
    ("C6-count", c06_zaslavsky, "zaslavsky-B2", without_last),
    ("C6-count", c06_zaslavsky, "zaslavsky-g3", last_twice),
    ("C7-serra-upper", c07_depth_bounds, "count-s11", last_twice),
    ("C8-shallow", c08_univariate, "count-hat", last_twice),
    ("C5-rank-one-jumps", c05_continuity, "count-hat", moved_map),
    ("C9-homogeneous", c09_cones, "count-z", moved_map),
    ("C10-local-is-global", c10_convexity, "convex-c1", moved_map),
    ("C12-level-set", c12_decision, "count-hat", moved_map),
    ("C12-square-layer", c12_decision, "decision-d3p3", without_last),
]


def identifier(value: object) -> str | None:
    """Name a case by its theorem and its defect."""
    return value if isinstance(value, str) else getattr(value, "__name__", None)


@pytest.mark.parametrize(("name", "module", "instance", "mutant"), CELL_MUTANTS, ids=identifier)
def test_a_tampered_list_of_cells_is_caught(
    name: str, module: Any, instance: str, mutant: Callable[..., Cells], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing cell, a doubled cell, an offset that is off by 2^-40."""
    assert not refutes(name, instance)
    monkeypatch.setattr(module, "cells_of", mutant)
    if hasattr(module, "count_regions"):
        counts = type("Counts", (), {"cells": 0, "linear_regions": 0, "affine_pieces": 0})
        monkeypatch.setattr(module, "count_regions", lambda cells: _with(counts(), cells=len(cells)))
    assert refutes(name, instance)


def _with(value: Any, **attributes: object) -> Any:
    for name, attribute in attributes.items():
        setattr(value, name, attribute)
    return value


FUNCTION_MUTANTS: list[tuple[str, Any, str, Callable[..., Any], str]] = [
    ("C6-count", c06_zaslavsky, "whitney_polynomial", lambda rows, n: (len(rows), *[0] * (n - 1), 1), "zaslavsky-g3"),
    ("C6-count", c06_zaslavsky, "distinct_hyperplanes", lambda rows: tuple(rows)[:-1], "zaslavsky-g3"),
    ("C6-count", c06_zaslavsky, "distinct_hyperplanes", tuple, "zero-row"),
    ("C6-bounded", c06_zaslavsky, "normal_rank", lambda rows: 0, "zaslavsky-g3"),
    (
        "C6-characteristic-polynomial",
        c06_zaslavsky,
        "deletion_restriction",
        lambda rows, n: (0,) * n + (1,),
        "count-tri",
    ),
    ("C6-generic", c06_zaslavsky, "comb", lambda m, i: 1, "zaslavsky-g3"),
    ("C7-serra-upper", c07_depth_bounds, "serra_upper", lambda n, w: c07_depth_bounds.prod(w) + 4, "count-e2"),
    ("C7-montufar-lower", c07_depth_bounds, "montufar_lower", lambda n, w: 1 + 4 ** len(w), "count-m1"),
    ("C7-montufar-lower", c07_depth_bounds, "folding_network", lambda n, w: example("dead-2-2"), "count-s11"),
    ("C7-bounds-consistent", c07_depth_bounds, "serra_upper", lambda n, w: 5, "count-m1"),
    ("C8-deep", c08_univariate, "prod", lambda factors: sum(factors), "count-m1"),
    ("C10-local-is-global", c10_convexity, "_jump", lambda facet, one, two: Fraction(1), "convex-c3"),
    ("C10-local-is-global", c10_convexity, "_exceeding_piece", lambda network: None, "convex-c5"),
    ("C12-square-layer", c12_decision, "_kind", lambda cell, level: "hyperplane", "decision-d2p1"),
    ("C12-level-set", c12_decision, "_kind", lambda cell, level: "nothing", "count-hat"),
    ("C2-flat-cells", c02_counts, "names_of", lambda network, notion="full": names_of(network), "count-abs"),
    ("C2-motzkin", c02_counts, "_multipliers", lambda network, bits: None, "count-tri"),
]


@pytest.mark.parametrize(("name", "module", "function", "mutant", "instance"), FUNCTION_MUTANTS)
def test_a_wrong_formula_is_caught(
    name: str,
    module: Any,
    function: str,
    mutant: Callable[..., Any],
    instance: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An off-by-one in a count, a wrong bound, a test that says always yes."""
    assert not refutes(name, instance)
    monkeypatch.setattr(module, function, mutant)
    assert refutes(name, instance)


def test_a_bound_without_a_factor_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """C4: supports that are one too small, and a sigma that is halved."""
    assert not refutes("C4-path-bound", "thm6-tight")
    monkeypatch.setattr(c04_lipschitz, "_path_bound", lambda report, sizes: report.m * (sizes[0] - 1) * sizes[1])
    assert refutes("C4-path-bound", "thm6-tight")
    monkeypatch.setattr(TheoremSix, "width_bound", Fraction(2) - TINY)
    assert refutes("C4-global-bound", "thm6-tight")
    monkeypatch.setattr(c04_lipschitz, "spectral_norm_squared", lambda m: _square(m).scaled(Fraction(100)))
    assert refutes("C4-spectral-bound", "thm6-tight")


_square = c04_lipschitz.spectral_norm_squared


def test_a_wrong_path_sum_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """C3: a coefficient that is off by 2^-40, a lost atom, a formula with a factor too many, a wrong sign."""
    original = AtomicDecomposition.coefficients.func  # type: ignore[attr-defined]
    for mutant in (
        lambda piece: {pair: a + TINY for pair, a in original(piece).items()},
        lambda piece: dict(list(original(piece).items())[:-1]),
        lambda piece: {pair: -a for pair, a in original(piece).items()},
    ):
        with monkeypatch.context() as patch:
            patch.setattr(AtomicDecomposition, "coefficients", property(mutant))
            assert refutes("C3-atoms", "thm5-n4")
    monkeypatch.setattr(AtomicDecomposition, "n_atoms_formal", property(lambda piece: len(piece.pairs) + 1))
    assert refutes("C3-atoms", "count-g3")

    def squared(network: GenericNetwork) -> Any:
        rows = path_formula(network)
        rows[0][0] = [(*term, network.diagonals[0][0]) for term in rows[0][0]]
        return rows

    monkeypatch.setattr(c03_atoms, "prove_identity", lambda widths: prove_identity(widths, formula=squared))
    assert refutes("C3-identity", "count-g3")


def test_a_wrong_weight_in_the_cone_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """C3: coefficients that do not add up to the value of the network."""
    original = AtomicDecomposition.weights_at
    monkeypatch.setattr(
        AtomicDecomposition, "weights_at", lambda piece, x: {i: c + TINY for i, c in original(piece, x).items()}
    )
    assert refutes("C3-image-cone", "thm5-n4")


def test_a_lost_facet_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """C5: without the facets beside a moved piece the criterion calls a discontinuous list continuous."""
    network = example("count-hat")
    pieces = {cell.configuration.bits: cell.affine_map for cell in cells_of(network)}
    step = pieces | {"111": AffineMap.from_parts([[0]], [1])}
    criterion = theorem("C5-continuity-criterion")
    assert criterion.verify(network, pieces=step).evidence["continuous"] is False  # type: ignore[union-attr, index]

    def some(cells: Any) -> list[Facet]:
        return [facet for facet in shared_facets(cells) if facet.positive != len(cells) - 1]

    monkeypatch.setattr(c05_continuity, "shared_facets", some)
    assert criterion.verify(network, pieces=step).status == "refuted"


def test_a_refinement_with_a_lost_child_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """C1: the configurations of the truncated network differ from the cut ones."""
    monkeypatch.setattr(
        c01_partition,
        "cells_of",
        lambda network, notion="full": (
            without_last(network, notion) if len(network.hidden) == 1 else cells_of(network, notion)
        ),
    )
    assert refutes("C1-refinement", "prop3-e2")


@pytest.mark.parametrize("name", ["C11-pairwise-suffices", "C11-formula-above"])
def test_a_wrong_index_set_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """C11: index sets with a piece too few make the formula too large, with a piece too many too small."""
    pieces = c11_lattice.lattice_pieces(example("lattice-hat"))
    sets = {
        "C11-pairwise-suffices": tuple((k,) for k in range(4)),
        "C11-formula-above": tuple(tuple(range(4)) if k == 1 else (k - k % 3,) for k in range(4)),
    }[name]
    broken = replace(pieces)
    broken.__dict__["index_sets"] = sets
    broken.__dict__["pairwise_failures"] = ()
    monkeypatch.setattr(c11_lattice, "lattice_pieces", lambda network: broken)
    assert refutes(name, "lattice-hat")


def test_a_refinement_that_does_not_cut_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """C11: without the cuts the formula stays wrong."""
    same: Callable[[LatticePieces], LatticePieces] = lambda pieces: pieces  # noqa: E731 - a mutant, not a function
    monkeypatch.setattr(c11_lattice, "refine_by_order", same)
    assert refutes("C11-refined-formula", "lattice-fail")


def test_an_unsymmetric_layer_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """C9: an even number of configurations that are no pairs; closed cells with a shifted row."""
    monkeypatch.setattr(c09_cones, "names_of", lambda network: ("00", "01"))
    assert refutes("C9-even", "count-abs")
    monkeypatch.setattr(c09_cones, "cells_of", lambda network, notion="full": cells_of(example("count-e2"), notion))
    assert refutes("C9-cones", "count-e2z")


@pytest.mark.parametrize("name", ["C10-monotone-layers"])
def test_a_hypothesis_that_lets_everything_pass_is_caught(name: str) -> None:
    """C10: without its hypothesis on signs the theorem is refuted by the hat."""
    lax = replace(theorem(name), hypotheses=())
    assert isinstance(lax, Theorem)
    assert lax.verify(example("convex-c3")).status == "refuted"
