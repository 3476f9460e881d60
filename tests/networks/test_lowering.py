"""Lowering: graphs with branches become layers that compute the same function, without a unit too many."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU, Activation
from exactrelu.networks.builders import random_network
from exactrelu.networks.expressions import Expression, Graph, concatenate
from exactrelu.networks.lowering import lower
from exactrelu.networks.network import Network
from exactrelu.networks.piecewise import absolute, clip, leaky_relu, maximum_of, minimum_of, relu

Vector = list[Fraction]
Function = Callable[[Vector], Vector]
HALF = Fraction(1, 2)


def matrix(rows: list[list[object]]) -> RationalMatrix:
    return RationalMatrix.from_rows(rows)


def grid(dimension: int) -> list[Vector]:
    """Points with ties among the coordinates and with zero."""
    values = [Fraction(-2), Fraction(0), Fraction(1, 3), Fraction(2)]
    points: list[Vector] = [[]]
    for _ in range(dimension):
        points = [[*point, value] for point in points for value in values]
    return points


def n_linear(net: Network) -> int:
    """Number of units without breakpoint."""
    return sum(activation.is_linear for layer in net.hidden for activation in layer.activations)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(0, 10**6))
def test_chain_lowers_to_its_own_layers(widths: list[int], seed: int) -> None:
    """Affine, relu, affine, ... gives the same layers back."""
    net = random_network(widths, seed=seed, height=3)
    value = Graph(net.n_inputs).input
    for number, one in enumerate(net.affine_maps):
        value = value.affine(matrix(one.linear), matrix([[b] for b in one.offset]))
        if number < len(net.hidden):
            value = relu(value, origin=f"Relu_{number}")
    lowered = lower(value)
    assert lowered == net
    assert lowered.origins == tuple(f"Relu_{unit.layer}[{unit.position}]" for unit in net.units)


def test_relu_at_the_end_gets_an_identity_output() -> None:
    """relu(x) lowers to one layer and an identity output; no layer at all is the identity."""
    assert lower(relu(Graph(2).input)) == Network.from_weights([[[1, 0], [0, 1]]] * 2, [[0, 0]] * 2)
    assert lower(Graph(2).input) == Network.from_weights([[[1, 0], [0, 1]]], [[0, 0]])


def test_zero_weights_keep_their_layer() -> None:
    """A chain with a zero matrix keeps its units, for the numbering must be that of the file."""
    value = relu(relu(Graph(1).input).affine(matrix([[0], [0]])))
    assert lower(value).widths == (1, 1, 2, 2)


def test_consecutive_affine_maps_fold() -> None:
    """Affine after affine, scaling and selection make no layer."""
    x = Graph(2).input
    value = (-x.affine(matrix([[1, 2], [3, 4]])).scale([HALF, Fraction(1)])).select([1, 0, 1])
    net = lower(value)
    assert net.widths == (2, 3)
    assert net([1, 1]) == (-7, Fraction(-3, 2), -7)


def test_carried_only_as_long_as_needed() -> None:
    """x + relu(relu(x) - 1) needs x for two layers and no longer."""
    x = Graph(1).input
    one = x.graph.constant([1])
    value = x + relu(relu(x) - one)
    net = lower(relu(value))
    assert net.widths == (1, 2, 2, 1, 1)
    assert [n_linear(lower(value)), n_linear(net), net.n_units] == [2, 2, 3]
    assert net([5]) == (9,)


def test_residual_blocks_stay_narrow() -> None:
    """Each of ten residual blocks passes on the n entries of its sum, not all that they were made from."""
    value = Graph(2).input
    for k in range(10):
        inner = relu(value.affine(matrix([[1, k], [-1, 1], [k, -k]])), origin=f"block{k}")
        value = value + inner.affine(matrix([[1, 0, -1], [0, HALF, 1]]))
    net = lower(value)
    assert net.widths == (2, *[5] * 10, 2)
    x = [Fraction(1), Fraction(-2, 3)]
    for k in range(10):
        h = [max(t, Fraction(0)) for t in (x[0] + k * x[1], x[1] - x[0], k * x[0] - k * x[1])]
        x = [x[0] + h[0] - h[2], x[1] + h[1] / 2 + h[2]]
    assert list(net([1, "-2/3"])) == x


def test_wide_forms_are_passed_on_as_one_value() -> None:
    """max(a·x, b·x) of 30 inputs passes on the number b·x rather than 30 inputs, also over several layers."""
    x = Graph(30).input
    forms = [x.affine(matrix([[(i * j) % 7 for j in range(30)]])) for i in range(1, 6)]
    net = lower(maximum_of(forms))
    assert net.widths == (30, 5, 3, 2, 1)
    point = [Fraction(j % 5, 3) - HALF for j in range(30)]
    assert net(point) == (max(sum(((i * j) % 7) * point[j] for j in range(30)) for i in range(1, 6)),)


def test_units_that_the_output_ignores_are_left_out() -> None:
    """A branch that nothing uses makes no unit and no layer."""
    x = Graph(2).input
    relu(relu(x))
    assert lower(relu(x.select([1]))).widths == (2, 1, 1)


def test_unused_entries_are_not_carried() -> None:
    """Only the selected entry of the input passes by."""
    x = Graph(3).input
    assert lower(x.select([2]) + relu(x.select([0]))).widths == (3, 2, 1)


CASES: dict[str, tuple[int, int, Callable[[Expression], Expression], Function]] = {
    "leaky": (2, 2, lambda x: leaky_relu(x, Fraction(1, 10)), lambda x: [max(t, t / 10) for t in x]),
    "absolute": (2, 2, absolute, lambda x: [abs(t) for t in x]),
    "clip": (1, 2, lambda x: clip(x, Fraction(-1), HALF), lambda x: [min(max(t, Fraction(-1)), HALF) for t in x]),
    "clip below": (1, 1, lambda x: clip(x, lower=HALF), lambda x: [max(x[0], HALF)]),
    "clip above": (1, 1, lambda x: clip(x, upper=HALF), lambda x: [min(x[0], HALF)]),
    "clip nothing": (1, 0, lambda x: clip(x), lambda x: x),
    "clip to a point": (1, 2, lambda x: clip(x, HALF, HALF), lambda x: [HALF]),
    "max of 3": (3, 2, lambda x: maximum_of([x.select([k]) for k in range(3)]), lambda x: [max(x)]),
    "min of 3": (3, 2, lambda x: minimum_of([x.select([k]) for k in range(3)]), lambda x: [min(x)]),
    "max of 1": (1, 0, lambda x: maximum_of([x]), lambda x: x),
    "max with constant": (
        2,
        2,
        lambda x: maximum_of([x, x.graph.constant([1, "-1/2"])]),
        lambda x: [max(x[0], Fraction(1)), max(x[1], -HALF)],
    ),
    "constant min": (
        1,
        1,
        lambda x: minimum_of([x.graph.constant([1]), x]),
        lambda x: [min(x[0], Fraction(1))],
    ),
    "max of shallow and deep": (
        2,
        3,
        lambda x: maximum_of([relu(relu(x.select([0]))), x.select([1])]),
        lambda x: [max(x[0], x[1], Fraction(0))],
    ),
    "concatenation of depths": (
        2,
        6,
        lambda x: relu(concatenate([x, relu(-x)]) - x.graph.constant([1, 0, 0, 0])).select([0, 3, 1, 2]),
        lambda x: [
            max(x[0] - 1, Fraction(0)),
            max(-x[1], Fraction(0)),
            max(x[1], Fraction(0)),
            max(-x[0], Fraction(0)),
        ],
    ),
    "difference of equals": (2, 4, lambda x: relu(x) - relu(x), lambda x: [Fraction(0)] * 2),
    "zero times early value": (
        1,
        3,
        lambda x: relu(relu(x)) + concatenate([x, relu(x)]).affine(matrix([[0, 1]])),
        lambda x: [2 * max(x[0], Fraction(0))],
    ),
    "median of three": (
        3,
        4,
        lambda x: maximum_of(
            [
                minimum_of([x.select([0]), x.select([1])]),
                minimum_of([maximum_of([x.select([0]), x.select([1])]), x.select([2])]),
            ]
        ),
        lambda x: [sorted(x)[1]],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_values_equal_the_direct_computation(case: str) -> None:
    """On a grid with ties the lowered network equals the function computed directly."""
    dimension, n_units, build, function = CASES[case]
    net = lower(build(Graph(dimension).input))
    for point in grid(dimension):
        assert list(net(point)) == function(point), point
    assert net.n_units == n_units


def test_no_false_breakpoints() -> None:
    """max(a, b) has breakpoints on a = b only: a path on one side of it never changes the configuration."""
    from exactrelu.networks.configuration import configuration_at

    x = Graph(2).input
    net = lower(maximum_of([x.select([0]), x.select([1])]))
    assert {configuration_at(net, [t, t + 1]).bits for t in range(-5, 6)} == {"0"}
    assert {configuration_at(net, [t, t - 1]).bits for t in range(-5, 6)} == {"1"}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Expression, Function]:
    """A random graph of two inputs together with the function that it should compute, value by value."""
    values: list[tuple[Expression, Function]] = [(Graph(2).input, lambda x: x)]
    for _ in range(draw(st.integers(1, 8))):
        a, f = draw(st.sampled_from(values))
        b, g = draw(st.sampled_from(values))
        kind = draw(st.sampled_from(["affine", "relu", "mixed", "add", "sub", "max", "min", "clip", "join", "pick"]))
        if kind == "affine":
            w = draw(st.lists(st.lists(st.integers(-2, 2), min_size=a.size, max_size=a.size), min_size=1, max_size=3))
            values.append(
                (a.affine(matrix(w)), lambda x, w=w, f=f: [sum(c * t for c, t in zip(r, f(x), strict=True)) for r in w])
            )
        elif kind == "relu":
            values.append((relu(a), lambda x, f=f: [max(t, Fraction(0)) for t in f(x)]))
        elif kind == "mixed":
            choices = st.sampled_from([RELU, ABSOLUTE, IDENTITY, Activation(HALF, Fraction(2))])
            each = draw(st.lists(choices, min_size=a.size, max_size=a.size))
            values.append((a.activate(each), lambda x, e=each, f=f: [h(t) for h, t in zip(e, f(x), strict=True)]))
        elif kind == "clip":
            values.append((clip(a, -HALF, HALF), lambda x, f=f: [min(max(t, -HALF), HALF) for t in f(x)]))
        elif kind == "join":
            values.append((concatenate([a, b]), lambda x, f=f, g=g: f(x) + g(x)))
        elif kind == "pick":
            k = draw(st.integers(0, a.size - 1))
            values.append((a.select([k, 0]), lambda x, k=k, f=f: [f(x)[k], f(x)[0]]))
        elif a.size == b.size:
            build, two = {
                "add": (a.__add__, lambda s, t: s + t),
                "sub": (a.__sub__, lambda s, t: s - t),
                "max": (lambda b, a=a: maximum_of([a, b]), max),
                "min": (lambda b, a=a: minimum_of([a, b]), min),
            }[kind]
            values.append((build(b), lambda x, two=two, f=f, g=g: [two(s, t) for s, t in zip(f(x), g(x), strict=True)]))
    return values[-1]


@given(graphs())
def test_random_graphs(graph: tuple[Expression, Function]) -> None:
    """Lowered random graphs equal the direct computation on a grid with ties, and have the expression's depth."""
    value, function = graph
    net = lower(value)
    assert len(net.hidden) == value.depth
    for point in grid(2):
        assert list(net(point)) == function(point)


def test_constants_make_no_units() -> None:
    """Activations of constants are evaluated, linear activations only scale."""
    graph = Graph(1)
    assert relu(graph.constant([-1, 2])).values == (0, 2)
    assert lower(graph.constant(["1/2"])).evaluate([7]) == (HALF,)
    assert graph.input.activate([Activation(HALF, HALF)]).depth == 0


def test_misuse_is_named() -> None:
    """Misfitting sizes are ShapeErrors, mixed graphs and empty lists InputErrors."""
    x = Graph(2).input
    for call in (
        lambda: x + x.select([0]),
        lambda: x.affine(matrix([[1]])),
        lambda: x.scale([Fraction(1)]),
        lambda: x.activate([RELU]),
    ):
        with pytest.raises(ShapeError, match=r"\d"):
            call()
    with pytest.raises(InputError, match="two different graphs"):
        x + Graph(2).input
    with pytest.raises(InputError, match="depends on the network's input"):
        _ = x.values
    with pytest.raises(InputError, match="lower bound"):
        clip(x, Fraction(1), Fraction(0))
    for call in (lambda: maximum_of([]), lambda: minimum_of([]), lambda: concatenate([])):
        with pytest.raises(InputError, match="at least one"):
            call()


def test_products_that_would_exhaust_the_memory_are_refused() -> None:
    """A large product is counted before it is made; so is a matrix with too many rows."""
    n = 12_000
    ones = RationalMatrix.from_rows([[1] * n])
    column = Graph(1).input.affine(ones.transpose())
    wide = Graph(n).input.affine(ones)
    assert wide.affine(ones.transpose().select_rows(range(3))).size == 3
    with pytest.raises(InputError, match="a product to 12000 rows and 12000 columns is too large"):
        wide.affine(ones.transpose())
    assert column.affine(ones).size == 1
    with pytest.raises(InputError, match="2097152 rows and 1 columns is too large"):
        Graph(1).input.select([0] * 2**21)


def test_wide_layers_with_few_entries_stay_small() -> None:
    """Thirty thousand units with two arguments each are a network; only writing out their zeros is refused."""
    n = 30_000
    x = Graph(n).input
    shifted = RationalMatrix.from_nonzeros(({i: 1, (i + 1) % n: -1} for i in range(n)), n_columns=n)
    net = lower(relu(relu(x.affine(shifted))) + x)
    assert (net.n_units, net.widths) == (2 * n, (n, 2 * n, 2 * n, n))
    assert net([1] + [0] * (n - 1))[:3] == (2, 0, 0)
    with pytest.raises(InputError, match="too large to be written out"):
        _ = net.output.augmented.numerators
