"""Outputs: membership with certificates, test points, realisability, functional dimension, symmetries."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.json_format import read_network_json
from exactrelu.networks.activations import ABSOLUTE
from exactrelu.networks.builders import random_network
from exactrelu.networks.configuration import covector_at
from exactrelu.networks.network import Network
from exactrelu.varieties import (
    Blocks,
    OnKnownEquations,
    PatternVariety,
    PossibleOutputs,
    RankViolation,
    Realisable,
    Undetermined,
    Unrealisable,
    ValueViolation,
    functional_dimension,
    permute_neurons,
    rescale_neuron,
)
from exactrelu.varieties.possible_outputs import constrain_test_point
from exactrelu.varieties.realisability import decide_realisability
from tests.varieties.instances import blocks, exact_outputs, small_fraction


@given(st.integers(0, 9999))
@settings(max_examples=20)
def test_true_outputs_pass_and_perturbed_ones_are_refuted(seed: int) -> None:
    """A network's outputs satisfy all certified constraints; a random change is refuted by a minor."""
    chance = random.Random(seed)
    widths = [chance.randint(1, 3), *(chance.randint(1, 3) for _ in range(chance.randint(1, 2))), chance.randint(1, 3)]
    network = random_network(widths, seed=seed)
    points = [[small_fraction(chance) for _ in range(widths[0])] for _ in range(8)]
    try:
        variety, reading = PatternVariety.of_network(network, points)
    except InputError:
        return  # a point on a hyperplane
    assert isinstance(variety.check_outputs(reading.outputs), OnKnownEquations)
    moved = tuple(
        RationalMatrix.from_rows([[a + small_fraction(chance) for a in row] for row in y.to_fractions()])
        for y in reading.outputs
    )
    answer = variety.check_outputs(moved)
    if variety.constraints:
        assert isinstance(answer, RankViolation)
        assert answer.defect(moved) is None
        assert answer.defect(reading.outputs) is not None
        assert answer.submatrix.shape == (answer.constraint.degree,) * 2
    else:
        assert answer == OnKnownEquations(0, 0)


def test_tampered_certificates_are_rejected() -> None:
    """Wrong value, wrong size, vanishing minor, or a constraint that was only observed."""
    variety = PatternVariety.of((2, 1, 2), "1")
    outputs = [RationalMatrix.from_rows([[1, 2], [3, 7]])]
    answer = variety.check_outputs(outputs)
    assert isinstance(answer, RankViolation)
    assert replace(answer, value=Fraction(2)).defect(outputs) == "the minor is 1, not 2"
    assert replace(answer, constraint=replace(answer.constraint, certified=False)).defect(outputs) is not None
    short = replace(answer.minor, rows=(0,), columns=(0,))
    assert replace(answer, minor=short).defect(outputs) == "the minor does not have the size of the constraint"
    flat = [RationalMatrix.from_rows([[1, 2], [3, 6]])]
    assert replace(answer, value=Fraction(0)).defect(flat) == "the minor vanishes"


def test_a_generator_refutes_what_ranks_do_not() -> None:
    """On seven inputs of 2-2-2-1 the only equation is a cubic that no rank constraint of the package gives."""
    variety = PatternVariety.of(
        (2, 2, 2, 1),
        "11.11|10.11|11.10|10.10",
        inputs=[[[2, 8], [5, 1]], [[6, 3], [7, 1]], [[4, 6], [7, 3]], [[8], [6]]],
    )
    outputs = [RationalMatrix.from_rows([row]) for row in ([1, 2], [3, 5], [8, 1], [4])]
    assert variety.conormal_codimension == 0
    assert isinstance(variety.check_outputs(outputs), OnKnownEquations)
    answer = variety.check_outputs(outputs, max_degree=3)
    assert isinstance(answer, ValueViolation)
    assert answer.value != 0
    assert isinstance(variety.check_outputs(exact_outputs(variety.blocks, 3), max_degree=3), OnKnownEquations)


def test_outputs_may_be_rows_of_numbers() -> None:
    """Lists are converted as inputs are; wrong sizes are refused even where no constraint looks at the outputs."""
    variety = PatternVariety.of((2, 1, 2), "1", inputs=[[[1, 0], [0, 1]]])
    assert isinstance(variety.check_outputs([[[1, 2], [3, 7]]]), RankViolation)
    assert isinstance(variety.check_outputs([[["1/2", 2], [1, 4]]], max_degree=2), OnKnownEquations)
    assert variety.recover_block_matrices([[[1, 2], [2, 4]]])[0].to_fractions() == ((1, 2), (2, 4))
    answer = variety.constrain_test_point([[[1, 2], [2, 4]]], [1, 1], 0)
    assert isinstance(answer, PossibleOutputs)
    assert answer.origin == (3, 6)
    free = PatternVariety.of((1, 1, 1), "1")
    assert not free.constraints
    for outputs, error, words in (
        ([[[1, 2]]], ShapeError, "outputs\\[0\\] is 1×2"),
        ([[]], ShapeError, "outputs\\[0\\] is 0×0"),
        ([], ShapeError, "0 output matrices"),
        ([[[0.5]]], InexactNumberError, "outputs\\[0\\]"),
        (5, InputError, "outputs must be a sequence"),
        ([5], InputError, "outputs\\[0\\]"),
    ):
        with pytest.raises(error, match=words):
            free.check_outputs(outputs)  # type: ignore[arg-type]


@given(blocks(data=True, max_hidden=2), st.integers(0, 99), st.data())
@settings(max_examples=25)
def test_the_true_output_is_always_possible(instance: Blocks, seed: int, data: st.DataObject) -> None:
    """The output of the same parameters at a point of the same pattern lies in the space returned."""
    assert instance.inputs is not None
    block = data.draw(st.integers(0, instance.n_blocks - 1))
    point = [data.draw(st.integers(-3, 3)) for _ in range(instance.architecture.widths[0])]
    column = RationalMatrix.from_rows([[a] for a in point])
    inputs = tuple(x.hstack(column) if i == block else x for i, x in enumerate(instance.inputs))
    larger = exact_outputs(replace(instance, inputs=inputs), seed)
    known = tuple(
        RationalMatrix.from_rows([row[: x.n_columns] for row in y.to_fractions()])
        for y, x in zip(larger, instance.inputs, strict=True)
    )
    answer = constrain_test_point(instance, known, point, block)
    assert isinstance(answer, PossibleOutputs)
    assert answer.contains([row[-1] for row in larger[block].to_fractions()])


def test_combinations_of_inputs_are_determined() -> None:
    """If x* = 2 x_1 - x_2 then y* = 2 y_1 - y_2."""
    variety = PatternVariety.of((2, 3, 2), "110", inputs=[[[1, 0], [1, 3]]])
    answer = variety.constrain_test_point([RationalMatrix.from_rows([[1, 5], [2, 7]])], [2, -1], 0)
    assert isinstance(answer, PossibleOutputs)
    assert answer.is_determined
    assert answer.origin == (-3, -3)


def test_other_blocks_restrict_the_output() -> None:
    """3-1-2 on two blocks of one neuron: after one known output every other is a multiple of it."""
    variety = PatternVariety.of((3, 1, 2), "1|1", inputs=[[[1], [0], [0]], [[0], [1], [0]]])
    known = [RationalMatrix.from_rows([[1], [2]]), RationalMatrix.from_rows([[3], [6]])]
    answer = variety.constrain_test_point(known, [0, 0, 1], 1)
    assert isinstance(answer, PossibleOutputs)
    assert (answer.origin, answer.directions) == ((0, 0), RationalMatrix.from_integers([[1, 2]]))
    assert answer.contains([2, 4])
    assert not answer.contains([2, 5])
    wrong = variety.constrain_test_point([known[0], RationalMatrix.from_rows([[3], [7]])], [0, 0, 1], 1)
    assert isinstance(wrong, RankViolation)


def test_residual_equations_are_polynomials_in_the_free_part() -> None:
    """3-2-2 single block, two known columns of rank 1: a third column is free, a fourth is bound by nothing linear."""
    variety = PatternVariety.of((3, 2, 3), "11", inputs=[[[1, 0], [0, 1], [0, 0]]])
    known = [RationalMatrix.from_rows([[1, 2], [1, 2], [1, 2]])]
    answer = variety.constrain_test_point(known, [0, 0, 1], 0)
    assert isinstance(answer, PossibleOutputs)
    assert answer.directions.n_rows == 3
    assert list(answer.iter_residual_polynomials()) == []
    full = variety.constrain_test_point([RationalMatrix.from_rows([[1, 0], [0, 1], [0, 0]])], [0, 0, 1], 0)
    assert isinstance(full, PossibleOutputs)
    assert full.contains([5, 7, 0])
    assert not full.contains([5, 7, 1])


def test_test_points_need_inputs() -> None:
    """Without inputs, with a block that is not there, or with a point of another dimension, the call is refused."""
    with pytest.raises(InputError, match="no inputs"):
        constrain_test_point(Blocks.of((1, 1, 1), "1"), [RationalMatrix.zeros(1, 1)], [1], 0)
    instance = Blocks.of((1, 1, 1), "1", inputs=[[[1]]])
    with pytest.raises(InputError, match="block is 1"):
        constrain_test_point(instance, [RationalMatrix.zeros(1, 1)], [1], 1)
    with pytest.raises(ShapeError, match="2 coordinates"):
        constrain_test_point(instance, [RationalMatrix.zeros(1, 1)], [1, 2], 0)


@given(st.integers(0, 9999), st.booleans())
@settings(max_examples=25)
def test_patterns_of_networks_are_realisable(seed: int, bias: bool) -> None:
    """What a shallow network does is found realisable, with a network that does the same."""
    chance = random.Random(seed)
    network = random_network([2, 3, 1], seed=seed)
    if not bias:
        network = Network.from_weights([a.linear for a in network.affine_maps], [[0] * 3, [0]])
    points = [[small_fraction(chance), small_fraction(chance)] for _ in range(5)]
    try:
        variety, reading = PatternVariety.of_network(network, points, bias=True if bias else None)
    except InputError:
        return  # a point on a hyperplane
    answer = variety.decide_realisability()
    assert isinstance(answer, Realisable)
    assert answer.defect(reading.blocks) is None


def test_impossible_patterns_are_refuted() -> None:
    """Opposite points cannot both be on without bias, as the multipliers show; zero multipliers show nothing."""
    instance = Blocks.of((2, 2, 1), "11|10", inputs=[[[1], [2]], [[-1], [-2]]])
    answer = decide_realisability(instance)
    assert isinstance(answer, Unrealisable)
    assert (answer.neuron, answer.defect()) == (0, None)
    zero = replace(answer.certificate, multipliers=(Fraction(0),) * len(answer.system))
    assert replace(answer, certificate=zero).defect() is not None
    with_bias = replace(instance, architecture=replace(instance.architecture, bias=True))
    assert isinstance(decide_realisability(with_bias), Realisable)


def test_deep_patterns_are_found_or_left_open() -> None:
    """A sample proves a deep pattern; one whose second layer is contradictory stays undetermined."""
    found = decide_realisability(Blocks.of((2, 2, 2, 1), "11.10|10.01", inputs=[[[3], [1]], [[1], [-1]]]))
    assert isinstance(found, Realisable)
    assert found.defect(Blocks.of((2, 2, 2, 1), "11.10|10.01", inputs=[[[3], [1]], [[1], [-1]]])) is None
    shut = Blocks.of((1, 1, 1, 1), "1.1|1.0", inputs=[[[1]], [[2]]])
    assert decide_realisability(shut, attempts=5) == Undetermined(5, 1)
    assert found.defect(Blocks.of((2, 2, 2, 1), "11.10|11.01", inputs=[[[3], [1]], [[1], [-1]]])) is not None


def test_functional_dimensions_of_the_theory(shared_data: Path) -> None:
    """Parameters, hidden neurons, upper bound and rank of the worked examples."""
    examples = json.loads((shared_data / "worked-examples.json").read_text(encoding="utf-8"))["examples"]
    rows = [example for example in examples if example["ref"] == "C16"]
    assert len(rows) >= 10
    for row in rows:
        network = read_network_json(json.dumps({"weights": row["weights"], "biases": row["biases"]}))
        found = functional_dimension(network)
        assert {"P": found.n_parameters, "h": found.n_hidden, "upper": found.upper, "fundim": found.value} == row[
            "expected"
        ], row["id"]


@given(st.integers(0, 999))
@settings(max_examples=15)
def test_functional_dimension_is_invariant(seed: int) -> None:
    """At most parameters minus hidden neurons; unchanged by positive rescaling and by renumbering neurons."""
    chance = random.Random(seed)
    network = random_network([chance.randint(1, 2), 2, chance.randint(1, 2), 1], seed=seed)
    found = functional_dimension(network)
    assert found.value <= found.upper
    scaled = rescale_neuron(network, 0, 1, "3/2")
    permuted = permute_neurons(scaled, 0, [1, 0])
    assert functional_dimension(scaled).value == functional_dimension(permuted).value == found.value


def test_symmetries_keep_the_function_and_the_cells() -> None:
    """Values agree everywhere; signs of preactivations agree, in the new order after a renumbering."""
    network = random_network([2, 3, 2, 1], seed=8)
    chance = random.Random(0)
    scaled, permuted = rescale_neuron(network, 1, 0, "5/7"), permute_neurons(network, 0, [2, 0, 1])
    for _ in range(20):
        point = [small_fraction(chance), small_fraction(chance)]
        assert network(point) == scaled(point) == permuted(point)
        signs = covector_at(network, point)
        assert covector_at(scaled, point) == signs
        assert covector_at(permuted, point) == (signs[2], signs[0], signs[1], *signs[3:])


def test_what_is_no_symmetry_is_refused() -> None:
    """Negative or zero factors, missing neurons and layers, orders that are no permutations, other activations."""
    network = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    for call in (
        lambda: rescale_neuron(network, 0, 0, -1),
        lambda: rescale_neuron(network, 0, 0, 0),
        lambda: rescale_neuron(network, 0, 2, 1),
        lambda: rescale_neuron(network, 1, 0, 1),
        lambda: permute_neurons(network, 0, [0, 0]),
        lambda: functional_dimension(Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[[ABSOLUTE]])),
    ):
        with pytest.raises(InputError):
            call()
