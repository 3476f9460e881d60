"""Networks have the shape and the kind that was asked for; each promise is checked exactly, with a mutant for it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu import Activation, Network
from exactrelu.errors import InputError, ShapeError
from exactrelu.strategies import KINDS, activations, affine_maps, networks
from exactrelu.strategies.layouts import Layout

Row = tuple[Fraction, ...]


def hidden_rows(network: Network) -> list[tuple[Row, ...]]:
    """Rows [w | b] of every hidden layer."""
    return [layer.affine.augmented.to_fractions() for layer in network.hidden]


def entries(network: Network) -> list[Fraction]:
    """All weights and biases."""
    return [entry for affine in network.affine_maps for row in affine.augmented.to_fractions() for entry in row]


def are_proportional(one: Row, two: Row) -> bool:
    """Whether all 2×2 minors vanish."""
    return all(one[i] * two[j] == one[j] * two[i] for i, j in combinations(range(len(one)), 2))


def is_generic(network: Network) -> bool:
    """No zero weights, no zero bias, no proportional rows in a hidden layer."""
    return all(
        all(any(row[:-1]) and row[-1] for row in rows)
        and not any(are_proportional(one, two) for one, two in combinations(rows, 2))
        for rows in hidden_rows(network)
    )


def has_duplicate(network: Network) -> bool:
    """Two equal rows in a hidden layer."""
    return any(len(set(rows)) < len(rows) for rows in hidden_rows(network))


def has_coincident(network: Network) -> bool:
    """Two rows with non-zero weights that are different multiples of each other."""
    return any(
        one != two and any(one[:-1]) and any(two[:-1]) and are_proportional(one, two)
        for rows in hidden_rows(network)
        for one, two in combinations(rows, 2)
    )


def has_dead(network: Network) -> bool:
    """A unit whose preactivation is never positive, by the signs of its row alone."""
    return any(
        row[-1] <= 0 and all(w == 0 if layer == 0 else w <= 0 for w in row[:-1])
        for layer, rows in enumerate(hidden_rows(network))
        for row in rows
    )


def has_zero_bias(network: Network) -> bool:
    """All biases are zero."""
    return not any(any(affine.offset) for affine in network.affine_maps)


def is_integer(network: Network) -> bool:
    """All entries are integers."""
    return all(entry.denominator == 1 for entry in entries(network))


def is_float32(network: Network) -> bool:
    """All entries survive conversion to single precision."""
    return all(Fraction(float(np.float32(float(entry)))) == entry for entry in entries(network))


PROMISES: dict[str, Callable[[Network], bool]] = {
    "any": lambda network: True,
    "generic": is_generic,
    "duplicate": has_duplicate,
    "dead": has_dead,
    "coincident": has_coincident,
    "zero-bias": has_zero_bias,
    "integer": is_integer,
    "float32": is_float32,
}


def test_every_kind_has_a_check() -> None:
    """The table above is complete."""
    assert tuple(PROMISES) == KINDS


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_kind_keeps_its_promise_and_the_bounds(kind: str, data: st.DataObject) -> None:
    """Whatever the shape: inputs, layers, units and outputs are within bounds, and the kind's property holds."""
    low, high = sorted((data.draw(st.integers(3, 7)), data.draw(st.integers(3, 7))))
    network = data.draw(
        networks(
            kind=kind, min_inputs=2, max_inputs=3, max_hidden_layers=3, min_units=low, max_units=high, max_outputs=2
        )
    )
    assert PROMISES[kind](network)
    assert 2 <= network.n_inputs <= 3
    assert 1 <= len(network.hidden) <= 3
    assert low <= network.n_units <= high
    assert all(width >= 1 for width in network.widths)
    assert network.n_outputs <= 2


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_kind_keeps_its_promise_with_fixed_widths(kind: str, data: st.DataObject) -> None:
    """The architecture is the one given, also where only one layer can hold a pair of units."""
    network = data.draw(networks(widths=[2, 1, 3, 1, 2], kind=kind))
    assert network.widths == (2, 1, 3, 1, 2)
    assert PROMISES[kind](network)


def test_the_checks_reject_a_network_without_the_property() -> None:
    """Mutants: two networks, and which promises each of them breaks."""
    plain = Network.from_weights([[[1], [2]], [[1, 1]]], [["1/3", 1], [1]])
    broken = [kind for kind, promise in PROMISES.items() if not promise(plain)]
    assert broken == ["duplicate", "dead", "coincident", "zero-bias", "integer", "float32"]
    degenerate = Network.from_weights([[[0], [0]], [[1, 1]]], [[0, 0], [0]])
    assert [kind for kind, promise in PROMISES.items() if not promise(degenerate)] == ["generic", "coincident"]


@given(networks(max_height=3), networks(max_height=50), networks(kind="integer", max_height=300))
def test_entries_have_bounded_height(small: Network, large: Network, integer: Network) -> None:
    """|p| and q are at most max_height, on all three ways of drawing them."""
    for network, bound in ((small, 3), (large, 50), (integer, 300)):
        assert all(max(abs(entry.numerator), entry.denominator) <= bound for entry in entries(network))


@given(networks(min_hidden_layers=0, max_hidden_layers=0, min_units=0, max_outputs=3))
def test_affine_networks_can_be_asked_for(network: Network) -> None:
    """No hidden layers is a shape like others."""
    assert network.hidden == ()


@given(networks(activations=activations()), networks())
def test_activations_are_relu_unless_a_strategy_is_given(other: Network, plain: Network) -> None:
    """The strategy for activations is used, and ReLU is the default."""
    relu = Activation.of([0, 1])
    assert all(a == relu for layer in plain.hidden for a in layer.activations)
    assert all(isinstance(a, Activation) for layer in other.hidden for a in layer.activations)


@given(affine_maps(3, 2))
def test_affine_maps_have_their_shape(affine: object) -> None:
    """Inputs and outputs are as given."""
    assert (affine.n_inputs, affine.n_outputs) == (3, 2)  # type: ignore[attr-defined]


def test_dropping_a_unit_leaves_all_other_weights_alone() -> None:
    """One byte less in the mask is one row and one column less, also in the middle of a layer."""
    layout = Layout((1, 2), (1, 2), (1, 6), (1, 1))
    entries = list(range(1, 1 + sum(layout.block_sizes)))
    mask = bytearray([1, 1, 1, 0, *[1, 1, 1, 0, 0, 0], *[0, 1, 1, 0, 0, 0]])
    first, second, output = layout.rows(layout.occupied(bytes(mask)), entries)
    mask[5] = 0
    without = layout.rows(layout.occupied(bytes(mask)), entries)
    assert without == [[first[0], first[2]], [[row[0], *row[2:]] for row in second], output]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: networks(kind="odd"), InputError, "kind is 'odd'; choose one of 'any', 'generic'"),
        (lambda: networks(min_units=4, max_units=3), InputError, "min_units is 4, which is more than max_units, 3"),
        (lambda: networks(widths=[2]), ShapeError, "widths has 1 entries"),
        (lambda: networks(widths=[2, 0, 1]), InputError, r"widths\[1\] is 0"),
        (lambda: networks(widths="231"), InputError, "pass a sequence such as"),
        (lambda: networks(widths=[2, 1, 1], kind="duplicate"), InputError, "needs a hidden layer with two units"),
        (lambda: networks(widths=[2, 1], kind="dead"), InputError, "needs a hidden layer with a unit"),
        (lambda: networks(max_units=1, kind="coincident"), InputError, "max_units is 1; kind 'coincident'"),
        (lambda: networks(max_hidden_layers=0, min_hidden_layers=0), InputError, "max_hidden_layers is 0"),
        (lambda: networks(max_units=200), InputError, "max_units and max_hidden_layers: such networks take"),
        (lambda: networks(kind="dead", activations=activations()), InputError, "kind 'dead' is for ReLU networks"),
        (lambda: networks(activations=Activation.of([0, 1])), InputError, "activations must be a strategy"),
        (lambda: networks(max_inputs=st.integers()), InputError, "max_inputs is integers"),
    ],
)
def test_a_mistake_is_named_at_the_call(call: Callable[[], object], error: type[Exception], message: str) -> None:
    """Arguments are checked when the strategy is made; the message says what would do."""
    with pytest.raises(error, match=message):
        call()
