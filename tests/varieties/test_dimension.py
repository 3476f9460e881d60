"""Jacobian, dimension and expected dimensions: exact derivatives, bounds, theorems for shallow networks."""

from __future__ import annotations

import math
import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from exactrelu.varieties import Blocks, DimensionStatus, Pattern, PatternVariety
from exactrelu.varieties.dimension import jacobian_rank
from exactrelu.varieties.expected import parameter_count
from exactrelu.varieties.modular import PRIME
from exactrelu.varieties.parametrisation import Parametrisation
from tests.varieties.instances import blocks


@given(blocks(), st.integers(0, 99))
def test_the_jacobian_is_the_exact_difference(instance: Blocks, seed: int) -> None:
    """Outputs have degree one in each parameter, so the derivative is the difference at a step of one."""
    phi = Parametrisation(instance)
    point = phi.random_point(random.Random(seed), 9)
    flat = [entry for block in phi.block_values(point) for row in block for entry in row]
    rows = phi.jacobian(point)
    assert len(rows) == len(phi.parameters) == instance.architecture.n_parameters
    for (layer, a, b), row in zip(phi.parameters, rows, strict=True):
        moved = [[list(line) for line in matrix] for matrix in point]
        moved[layer][a][b] += 1
        values = phi.block_values(tuple(tuple(map(tuple, matrix)) for matrix in moved))
        assert [entry for block in values for line in block for entry in line] == [
            x + y for x, y in zip(flat, row, strict=True)
        ]


@given(blocks(bias=True), st.integers(0, 99))
def test_scaled_layers_scale_the_jacobian(instance: Blocks, seed: int) -> None:
    """Layers multiplied by positive integers, bias units included, multiply the rows by those of the other layers."""
    chance = random.Random(seed)
    phi = Parametrisation(instance)
    point = phi.random_point(chance, 9)
    units = [chance.randint(1, 5) for _ in point]
    scaled = tuple(tuple(tuple(a * u for a in row) for row in matrix) for matrix, u in zip(point, units, strict=True))
    rows = zip(phi.parameters, phi.jacobian(point), phi.jacobian(scaled, units=units), strict=True)
    for (layer, _, _), plain, moved in rows:
        assert moved == [a * math.prod(units) // units[layer] for a in plain]


@given(blocks())
def test_dimension_is_at_most_the_expected_ones(instance: Blocks) -> None:
    """dim <= type, rank, ambient; conormal codimension <= codimension; ranks over Q and modulo p agree here."""
    variety = PatternVariety(instance)
    expected = variety.expected_dimension
    assert expected.rank is not None
    assert variety.dimension.value <= min(expected.type, expected.rank, variety.ambient_dimension)
    assert variety.conormal_codimension <= variety.codimension
    assert jacobian_rank(instance).value == jacobian_rank(instance, modulus=PRIME, seed=5).value
    assert variety.dimension.lower.defect(instance) is None


@given(blocks(max_hidden=1, data=False, bias=False))
def test_independent_types_have_the_dimension_of_a_product(instance: Blocks) -> None:
    """If the types are linearly independent, dim = sum of m (n_0 + n_L - m), m capped by n_0 and n_L."""
    variety = PatternVariety(instance)
    n_0, _, n_last = instance.architecture.widths
    (types,) = variety.activation_types()
    if variety.structure.incidence.rank() == n_0 * len(types):
        sizes = [min(len(t.neurons), n_0, n_last) for t in types]
        assert variety.dimension.value == sum(m * (n_0 + n_last - m) for m in sizes)
        assert variety.dimension.status is DimensionStatus.CERTIFIED


@given(blocks(max_hidden=1, data=False, bias=False))
def test_single_outputs_of_shallow_networks_fill_a_linear_space(instance: Blocks) -> None:
    """With one output the variety is linear: dim = n_0 times the rank of the activation matrix."""
    n_0, n_1, _ = instance.architecture.widths
    single = Blocks.of((n_0, n_1, 1), instance.patterns)
    variety = PatternVariety(single)
    assert variety.dimension.value == variety.structure.incidence.rank()
    assert variety.dimension.status is DimensionStatus.CERTIFIED


@given(blocks(max_hidden=1, data=True), st.integers(0, 5))
def test_full_rank_inputs_change_nothing(instance: Blocks, seed: int) -> None:
    """Inputs of full row rank give the pattern variety up to isomorphism; no inputs give a larger dimension."""
    n_0 = instance.architecture.widths[0]
    variety = PatternVariety(instance)
    assert variety.dimension.value <= variety.pattern_variety.dimension.value
    chance = random.Random(seed)
    rows = [
        [[chance.randint(-9, 9) + 40 * (i == j) for j in range(n_0 + 1)] for i in range(n_0)] for _ in instance.patterns
    ]
    full = Blocks.of(instance.architecture.widths, instance.patterns, bias=False, inputs=rows)
    plain = PatternVariety(replace(full, inputs=None))
    assert PatternVariety(full).dimension.value == plain.dimension.value
    counts = PatternVariety(full).generators(2).counts
    assert counts.pop(1, 0) - plain.structure.n_linear_relations == instance.n_blocks * instance.architecture.n_outputs
    assert counts == {d: n for d, n in plain.generators(2).counts.items() if d > 1}


def test_defects_are_explained_by_rank_constraints() -> None:
    """3-4-3 with 1110|0011 should have dimension 18 by counting; det M_2 = 0 makes it 17, certified."""
    variety = PatternVariety.of((3, 4, 3), "1110|0011")
    assert (variety.dimension.value, variety.defect) == (17, 1)
    assert variety.dimension.status is DimensionStatus.CERTIFIED
    assert variety.defect_reason() == "explained by the certified rank constraints"


def test_counting_may_certify_where_rank_constraints_do_not() -> None:
    """2-5-3 with 11010|01001|10001 has codimension 2, which no known rank constraint explains; counting does."""
    variety = PatternVariety.of((2, 5, 3), "11010|01001|10001")
    assert (variety.conormal_codimension, variety.codimension, variety.expected_dimension.type) == (0, 2, 16)
    assert variety.dimension.status is DimensionStatus.CERTIFIED


def test_a_dimension_without_matching_bound_is_probabilistic() -> None:
    """Where the upper bound is above the rank found, nothing is called certified and nothing complete."""
    variety = PatternVariety.of((4, 5, 2, 4, 5), "11111.11.1101|11111.10.0011|10100.10.1111", bias=True)
    assert (variety.dimension.value, variety.dimension.upper, variety.dimension.lower.modulus) == (40, 41, 0)
    assert variety.dimension.status is DimensionStatus.PROBABILISTIC
    assert variety.completeness(1).reason == "the dimension is not certified"


def test_the_rank_over_the_rationals_is_computed_only_if_needed() -> None:
    """A rank modulo a prime that meets an upper bound certifies the dimension by itself."""
    met = PatternVariety.of((3, 4, 3), "1100|1010|1001").dimension
    assert (met.lower.modulus, met.status) == (PRIME, DimensionStatus.CERTIFIED)


def test_a_wrong_rank_is_caught() -> None:
    """The evidence of a dimension is recomputed: another value or another point is rejected."""
    evidence = jacobian_rank(Blocks.of((2, 1, 2), "1"))
    assert evidence.defect(Blocks.of((2, 1, 2), "1")) is None
    assert replace(evidence, value=4).defect(Blocks.of((2, 1, 2), "1")) == "the rank at the point is 3, not 4"
    zero = tuple(tuple((0,) * len(row) for row in matrix) for matrix in evidence.point)
    assert replace(evidence, point=zero).defect(Blocks.of((2, 1, 2), "1")) is not None


def test_degenerate_blocks() -> None:
    """A dead layer leaves the point 0, no hidden layer all of space; few inputs give linear relations."""
    dead = PatternVariety.of((2, 2, 2), "00")
    assert (dead.dimension.value, dead.structure.n_linear_relations, dead.completeness(2).status.value) == (
        0,
        4,
        "proved",
    )
    assert PatternVariety.of((2, 3), [Pattern(())]).dimension.value == 6
    few = PatternVariety.of((3, 2), [Pattern(())], inputs=[[[1, 2], [0, 0], [0, 0]]])
    assert (few.dimension.value, few.structure.n_linear_relations) == (2, 2)
    zero = PatternVariety.of((2, 2, 2), "11", inputs=[[[0], [0]]])
    assert (zero.dimension.value, zero.expected_dimension.type) == (0, 0)


def test_live_parameters_with_inputs() -> None:
    """A first-layer row counts with the rank of the inputs that it sees: 2 + 3 - 1 = 4 for 3-1-3 on two inputs."""
    count = parameter_count(Blocks.of((3, 1, 3), "1", inputs=[[[4, 9], [3, 6], [8, 2]]]))
    assert (count.live, count.live_weights, count.expected.type) == (5, 6, 4)
