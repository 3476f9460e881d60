"""The network value: evaluation, covectors, configurations, affine maps, shapes."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import InexactNumberError, InputError, ShapeError
from exactrelu.networks.activations import ABSOLUTE, IDENTITY, RELU, Activation
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.builders import absolute_value, random_network
from exactrelu.networks.configuration import Configuration, configuration_at, covector_at
from exactrelu.networks.linearise import Linearisation, affine_map
from exactrelu.networks.network import Layer, Network, Unit

LEAKY = Activation(Fraction(1, 10), Fraction(1))
small = st.fractions(min_value=-4, max_value=4, max_denominator=4)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A small network with mixed activations; small heights make ties and zero rows frequent."""
    widths = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    base = random_network(widths, seed=draw(st.integers(0, 10**6)), height=draw(st.integers(1, 4)))
    kinds = st.sampled_from([RELU, RELU, LEAKY, ABSOLUTE, IDENTITY])
    hidden = tuple(Layer(layer.affine, tuple(draw(kinds) for _ in layer.activations)) for layer in base.hidden)
    return Network(hidden, base.output)


def test_evaluation_by_hand() -> None:
    """2-2-1: relu(1/2 - 1) = 0 and relu(1/2 + 1) = 3/2, so 3*0 - 2*3/2 + 1/3 = -8/3."""
    net = Network.from_weights([[[1, -1], [1, 1]], [[3, -2]]], [[0, 0], ["1/3"]])
    assert net.evaluate(["1/2", 1]) == (Fraction(-8, 3),)
    assert net(["1/2", 1]) == net.evaluate(["1/2", 1])
    assert net.preactivations(["1/2", 1]) == ((Fraction(-1, 2), Fraction(3, 2)),)


def test_no_hidden_layer_is_an_affine_map() -> None:
    """A network of one layer has no unit, one configuration, and is its own affine map."""
    net = Network.from_weights([[["1/2", 0], [0, 3]]], [[1, 0]])
    assert net.n_units == 0
    assert net.preactivations([2, 5]) == ()
    assert configuration_at(net, [2, 5]) == Configuration("")
    assert affine_map(net, "") == net.output
    assert net.evaluate([2, 5]) == (2, 15)


def test_one_unit_layers() -> None:
    """relu(1 - relu(x)) through layers of width one."""
    net = Network.from_weights([[[1]], [[-1]], [[1]]], [[0], [1], [0]])
    assert [net.evaluate([x])[0] for x in (-1, 0, "1/2", 1, 2)] == [1, 1, Fraction(1, 2), 0, 0]
    assert configuration_at(net, ["1/2"]).by_layer(net) == ("1", "1")


def test_zero_rows_tie_everywhere() -> None:
    """A unit with zero weights and bias has sign 0 and bit 0 at every point."""
    net = Network.from_weights([[[0, 0], [0, 1]], [[1, 1]]], [[0, 0], [0]])
    assert covector_at(net, [7, 1]) == (0, 1)
    assert configuration_at(net, [7, 1]).bits == "01"


def test_tie_has_sign_zero_and_bit_zero() -> None:
    """On its hyperplane a unit has sign 0 and bit 0, on both of two opposite units."""
    assert covector_at(absolute_value(), [0]) == (0, 0)
    assert configuration_at(absolute_value(), [0]).bits == "00"


def test_linear_units_carry_no_bit() -> None:
    """Units with equal slopes are left out of units, covectors and configurations."""
    net = Network.from_weights([[[1], [1], [-1]], [[1, 1, 1]]], [[0, 0, 0], [0]], activations=[[IDENTITY, RELU, LEAKY]])
    assert net.units == (Unit(0, 1), Unit(0, 2))
    assert net.layer_units == (range(2),)
    assert covector_at(net, [3]) == (1, -1)
    assert net.evaluate([3]) == (3 + 3 - Fraction(3, 10),)


def test_slopes_apply_on_their_sides() -> None:
    """Leaky ReLU and absolute value by hand, at both sides and at zero."""
    assert [LEAKY(Fraction(t)) for t in (-5, 0, 2)] == [Fraction(-1, 2), 0, 2]
    assert [ABSOLUTE(Fraction(t)) for t in (-5, 0, 2)] == [5, 0, 2]
    assert Activation.of(["0", 1]) == RELU
    assert RELU.slope(1) == 1
    assert RELU.slope(0) == 0


@given(networks(), st.data())
def test_affine_map_equals_evaluation(net: Network, data: st.DataObject) -> None:
    """The affine map of a point's configuration gives the network's value at the point."""
    point = data.draw(st.lists(small, min_size=net.n_inputs, max_size=net.n_inputs))
    assert affine_map(net, configuration_at(net, point))(point) == net.evaluate(point)


@given(networks(), st.data())
def test_unit_rows_equal_preactivations(net: Network, data: st.DataObject) -> None:
    """The row of every unit on the configuration's prefix is its preactivation, up to the positive denominator."""
    point = data.draw(st.lists(small, min_size=net.n_inputs, max_size=net.n_inputs))
    bits = configuration_at(net, point).bits
    z = net.preactivations(point)
    maps = Linearisation(net, capacity=1)
    for number, unit in enumerate(net.units):
        row, q = maps.unit_row(bits, number)
        assert q > 0
        assert sum(a * x for a, x in zip(row, [*point, 1], strict=True)) == q * z[unit.layer][unit.position]


def test_wrong_slope_is_caught() -> None:
    """The law above fails for a mutant: the map of another configuration differs at the point."""
    net = Network.from_weights([[[1]], [[1]]], [[1], [0]])
    assert affine_map(net, "0")([1]) != net.evaluate([1]) == affine_map(net, "1")([1])


def test_composition_of_affine_maps() -> None:
    """(outer after inner)(x) = outer(inner(x)), with fractions on both sides."""
    inner = AffineMap.from_parts([["1/2", 1], [0, "1/3"]], [1, "1/5"])
    outer = AffineMap.from_parts([["2/7", -1]], ["1/11"])
    point = ["3/4", -2]
    assert outer.after(inner)(point) == outer(inner(point))
    assert AffineMap.identity(2).after(inner) == inner
    assert inner.scale_rows([Fraction(2), Fraction(0)])(point) == (2 * inner(point)[0], 0)


def test_value_semantics() -> None:
    """Equality and hash go by layers and activations, not by name; a network can be pickled."""
    one = Network.from_weights([[["1/2"]]], [["0.5"]], name="one")
    two = Network.from_weights([[["2/4"]]], [["1/2"]], name="two")
    assert one == two
    assert hash(one) == hash(two)
    assert one != Network.from_weights([[["1/2"]]], [[0]])
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [
        ([], [], "at least one"),
        ([[[1]]], [[0], [0]], "1 layers and biases 2"),
        ([[[1, 2], [3]]], [[0, 0]], "layer 0: weights: row 1 has 1 entries, expected 2"),
        ([[[1]], [[1, 2]]], [[0], [0]], "layer 0 has 1 outputs, but layer 1 takes 2"),
        ([[[1], [2]]], [[0]], "layer 0: weights have 2 rows, but bias has 1"),
        ([[]], [[]], "layer 0"),
    ],
)
def test_shapes_that_do_not_fit(weights: list, biases: list, message: str) -> None:
    """Each misfit is a ShapeError that names the layer."""
    with pytest.raises(ShapeError, match=message):
        Network.from_weights(weights, biases)


def test_floats_are_refused_unless_asked_for() -> None:
    """0.1 is refused, and means 3602879701896397/2^55 on request."""
    with pytest.raises(InexactNumberError, match=r"weights\[0\]\[0\]"):
        Network.from_weights([[[0.1]]], [[0]])
    net = Network.from_weights([[[0.1]]], [[0]], exact_floats=True)
    assert net.evaluate([1]) == (Fraction(3602879701896397, 2**55),)


def test_wrong_points_and_configurations() -> None:
    """Points and configurations of the wrong length are ShapeErrors; other characters are InputErrors."""
    net = absolute_value()
    with pytest.raises(ShapeError, match="2 coordinates; the network takes 1"):
        net.evaluate([1, 2])
    with pytest.raises(ShapeError, match="1 bits; the network has 2 units"):
        affine_map(net, "1")
    with pytest.raises(InputError, match="0 and 1"):
        Configuration("12")
    with pytest.raises(ShapeError, match="1 activations"):
        Layer(net.hidden[0].affine, (RELU,))
    with pytest.raises(ShapeError, match="activations has 0 layers"):
        Network.from_weights([[[1]], [[1]]], [[0], [0]], activations=[])
    with pytest.raises(ShapeError, match="origins has 1"):
        Network(net.hidden, net.output, origins=("a",))
