"""Rank constraints: sound on every output, sharp on the known examples, honest about what was only observed."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties import Blocks, PatternVariety
from exactrelu.varieties.bounds import certified_bound
from exactrelu.varieties.conic import conic_grids
from exactrelu.varieties.conormal import RandomPoint, conormal_codimension
from exactrelu.varieties.families import constraints_of, discover_constraints
from exactrelu.varieties.flats import flat_annihilators
from exactrelu.varieties.flattenings import flatten
from exactrelu.varieties.mincut import minimum_vertex_cut
from exactrelu.varieties.type_paths import TypeStructure
from tests.varieties.instances import blocks, exact_outputs


@given(blocks(), st.integers(0, 99))
def test_certified_constraints_hold_on_outputs(instance: Blocks, seed: int) -> None:
    """Every certified constraint holds exactly at the outputs of random parameters."""
    outputs = exact_outputs(instance, seed)
    for constraint in (*constraints_of(instance), *discover_constraints(instance)):
        if constraint.certified:
            assert constraint.holds_at(outputs), constraint.form


@given(blocks(max_blocks=3), st.integers(1, 2), st.integers(1, 2), st.data())
def test_bounds_of_random_flattenings_are_sound(instance: Blocks, p: int, q: int, data: st.DataObject) -> None:
    """The certified bound of any grid is at least its rank at a random point."""
    entry = st.integers(-1, 1)
    grid = tuple(tuple(tuple(data.draw(entry) for _ in range(instance.n_blocks)) for _ in range(q)) for _ in range(p))
    for columns in ("all", "gradient"):
        flattening = flatten(instance, grid, columns=columns)
        if flattening is not None:
            bound = certified_bound(TypeStructure(instance), flattening)
            assert RandomPoint(instance, 3).rank(flattening) <= bound.value, bound.reason


def test_one_block_has_rank_of_the_least_width() -> None:
    """R1: the bound is the least number of active neurons, and it is attained."""
    for pattern, rank in (("111.11.111", 2), ("011.11.001", 1), ("111.01.111", 1)):
        (constraint,) = constraints_of(Blocks.of((3, 3, 2, 3, 3), pattern))
        assert constraint.bound == rank
        assert RandomPoint(constraint.blocks).rank(constraint.flattening) == rank


def test_shared_layers_bound_concatenations_and_stacks() -> None:
    """R2, R3, R4 on 3-3-2-3-3: [M1 | M2] through the common layer 2, and the difference through one neuron."""
    forms = {c.form: c.bound for c in constraints_of(Blocks.of((3, 3, 2, 3, 3), "111.11.111|011.11.111"))}
    assert forms == {"M1 - M2": 1, "[M1, M2]": 2}
    mirrored = {c.form: c.bound for c in constraints_of(Blocks.of((3, 3, 2, 3, 3), "111.11.111|111.11.011"))}
    assert mirrored == {"M1 - M2": 1, "[M1; M2]": 2}


def test_telescoping_beats_a_single_cut() -> None:
    """R5: one neuron flips in each of two layers of width 3, so the difference has rank at most 2, not 3."""
    blocks_ = Blocks.of((4, 3, 3, 4), "111.111|110.110")
    difference = next(c for c in constraints_of(blocks_) if c.form == "M1 - M2")
    assert difference.bound == 2
    assert difference.reason == "masks change one layer at a time: 1 in hidden layer 1, 1 in hidden layer 2"


def test_minimum_cut_shares_neurons_only_where_masks_agree() -> None:
    """R7: side by side, neurons are shared if all later masks agree; stacked, those of the first layer always."""
    agree, differ = Blocks.of((4, 2, 3, 4), "10.111|10.111"), Blocks.of((4, 2, 3, 4), "10.110|10.011")
    for instance, side_by_side, stacked in ((agree, 1, 1), (differ, 2, 1)):
        patterns = instance.patterns
        assert minimum_vertex_cut(instance.architecture, patterns, stacked=False) == side_by_side
        assert minimum_vertex_cut(instance.architecture, patterns, stacked=True) == stacked


def test_neighbouring_regions_differ_by_rank_one() -> None:
    """With biases, flipping one neuron changes gradient and intercept by a matrix of rank one."""
    forms = {c.form: c.bound for c in constraints_of(Blocks.of((2, 3, 2), "110|111", bias=True))}
    assert forms["M1 - M2"] == 1
    gradients = {c.form: c.bound for c in constraints_of(Blocks.of((3, 1, 3), "1", bias=True))}
    assert gradients == {"M1": 2, "M1 (gradient part)": 1}


def test_flats_of_three_types_have_signs() -> None:
    """110, 101, 011: the dual combinations of three blocks have rank one, no pairwise difference does."""
    forms = {c.form for c in constraints_of(Blocks.of((3, 3, 3), "110|101|011")) if c.bound == 1}
    assert forms == {"M1 + M2 - M3", "M1 - M2 + M3", "M1 - M2 - M3"}
    assert flat_annihilators([]) == []


def test_the_conic_completes_example_37() -> None:
    """3-4-3, 1100|1010|1001: flats reach conormal codimension 6, one conic flattening 7 = codimension."""
    blocks_ = Blocks.of((3, 4, 3), "1100|1010|1001")
    assert conormal_codimension(blocks_, constraints_of(blocks_, conics=False)) == 6
    flat = [c for c in constraints_of(blocks_) if len(c.flattening.pieces) == 1]
    conics = [c for c in constraints_of(blocks_) if len(c.flattening.pieces) == 2]
    assert conormal_codimension(blocks_, [*flat, conics[0]]) == 7
    assert (conics[0].shape, conics[0].bound) == ((6, 6), 4)


def test_conic_grids_have_rank_one_on_the_types() -> None:
    """Each grid, evaluated at a type, is a 2 x 2 matrix of determinant zero; general points are not on the conic."""
    types = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]
    units = [(1, 0, 0), (0, 1, 0), (0, 0, 1)]

    def determinant(grid: tuple, point: tuple[int, ...]) -> int:
        (a, b), (c, d) = ([sum(x * y for x, y in zip(cell, point, strict=True)) for cell in row] for row in grid)
        return a * d - b * c

    grids = list(conic_grids(types, units))
    assert len(grids) == 2
    for grid in grids:
        assert [determinant(grid, t) for t in types] == [0, 0, 0, 0]
        assert determinant(grid, (1, 2, 3)) != 0


def test_known_incomplete_instances() -> None:
    """The conic helps 4-5-4 with 10010|00111|11111; 2-5-3 with 11010|01001|10001 stays incomplete, as documented."""
    first = PatternVariety.of((4, 5, 4), "10010|00111|11111")
    assert first.codimension == 15
    assert conormal_codimension(first.blocks, constraints_of(first.blocks, conics=False)) == 14
    assert first.conormal_codimension == 15
    second = PatternVariety.of((2, 5, 3), "11010|01001|10001")
    assert (second.codimension, second.conormal_codimension) == (2, 0)


def test_inputs_of_small_rank_keep_mixed_constraints() -> None:
    """11|10|01 on 2+1+1 inputs: the two quadrics are minors of combinations of columns of different blocks."""
    variety = PatternVariety.of((2, 2, 2), "11|10|01", inputs=[[[2, 8], [5, 1]], [[6], [3]], [[4], [6]]])
    assert variety.conormal_codimension == variety.codimension == 2
    assert all("common directions" in constraint.form for constraint in variety.constraints)


def test_two_blocks_are_always_locally_complete() -> None:
    """Twenty random shallow two-block instances: conormal codimension = codimension (more in the benchmark)."""
    chance = random.Random(7)
    for _ in range(20):
        n_0, n_1, n_last = chance.randint(2, 4), chance.randint(1, 5), chance.randint(2, 4)
        patterns = ["".join(chance.choice("01") for _ in range(n_1)) for _ in range(2)]
        variety = PatternVariety.of((n_0, n_1, n_last), patterns)
        assert variety.conormal_codimension == variety.codimension, (n_0, n_1, n_last, patterns)


def test_observed_bounds_are_marked() -> None:
    """A bound that discovery cannot prove is never called certified, and says how it was seen."""
    found = [
        c
        for pattern in ("11.10.11|10.11.01", "110.11|011.10", "11.11|10.10")
        for c in discover_constraints(Blocks.of((3, *map(len, pattern.split("|")[0].split(".")), 3), pattern))
    ]
    assert found
    for constraint in found:
        proved = certified_bound(TypeStructure(constraint.blocks), constraint.flattening).value
        assert constraint.certified == (proved == constraint.bound)
        assert constraint.certified or "random points" in constraint.reason


def test_minors_are_lazy_and_vanish() -> None:
    """The 5-minors of a 6 x 6 flattening: 36 of them, each a polynomial of degree 5 that vanishes at outputs."""
    variety = PatternVariety.of((3, 4, 3), "1100|1010|1001")
    constraint = variety.constraints[-1]
    assert constraint.n_minors == 36 == sum(1 for _ in constraint.minors())
    polynomial = constraint.polynomial(next(constraint.minors()))
    assert polynomial.total_degree() == 5
    outputs = exact_outputs(variety.blocks, 2)
    flat = [int(entry) for r in range(3) for m in outputs for entry in m.to_fractions()[r]]
    assert polynomial(*flat) == 0


def test_a_tightened_bound_is_caught() -> None:
    """The mutant: with one neuron less in the bound, the outputs of true parameters violate the constraint."""
    blocks_ = Blocks.of((3, 3, 3), "110|011")
    outputs = exact_outputs(blocks_, 1)
    for constraint in constraints_of(blocks_):
        assert constraint.holds_at(outputs)
        assert not replace(constraint, bound=constraint.bound - 1).holds_at(outputs)


def test_bounds_that_are_not_attained_give_no_conormals() -> None:
    """Below its bound a constraint says nothing locally: with a bound one too large it must not count."""
    instance = Blocks.of((3, 3, 3), "100")
    (constraint,) = constraints_of(instance)
    assert conormal_codimension(instance, [constraint]) == 4
    assert conormal_codimension(instance, [replace(constraint, bound=2)]) == 0


def test_latex_and_shapes() -> None:
    """LaTeX shows the matrix and the bound; outputs of the wrong size are refused by block."""
    variety = PatternVariety.of((3, 4, 3), "1100|1010|1001")
    assert variety.constraints[3].latex() == r"\operatorname{rank} \left(M_{1} - M_{2}\right) \leq 2"
    assert variety._repr_latex_().startswith(r"$\begin{gathered}\dim = 20\ \text{of}\ 27 \\")
    with pytest.raises(ShapeError, match=r"outputs\[1\] is 1×3"):
        variety.constraints[0].matrix(
            [RationalMatrix.zeros(3, 3), RationalMatrix.zeros(1, 3), RationalMatrix.zeros(3, 3)]
        )


def test_constraints_respect_denominators_of_inputs() -> None:
    """Inputs with different denominators: relations between blocks still hold on true outputs."""
    instance = Blocks.of((1, 2, 2), "11|11", inputs=[[["1/2"]], [["1/3"]]])
    outputs = exact_outputs(instance, 4)
    assert outputs[0] * 2 == outputs[1] * 3
    assert all(constraint.holds_at(outputs) for constraint in constraints_of(instance))
    wrong = (outputs[0] + RationalMatrix.from_rows([[Fraction(1)], [Fraction(0)]]), outputs[1])
    assert not all(constraint.holds_at(wrong) for constraint in constraints_of(instance))
