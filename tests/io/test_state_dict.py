"""Networks from named arrays: orders, orientations, exact values, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from exactrelu.errors import FormatError, InexactNumberError, ShapeError
from exactrelu.io.state_dict import network_from_state_dict
from exactrelu.networks.activations import Activation
from exactrelu.networks.network import Network

W = np.float64([[0.1, 2], [-3, 0.5], [1, 0]])
V = np.float32([[1, 2, 0.25]])
EXPECTED = Network.from_weights([W.tolist(), V.tolist()], [[1, 0, -1], [0]], exact_floats=True)
BIAS = np.float32([1, 0, -1])


@pytest.mark.parametrize(
    "state",
    [
        {"0.weight": W, "0.bias": BIAS, "2.weight": V, "2.bias": np.float32([0])},
        {"10.weight": V, "9.bias": BIAS, "9.weight": W},
        {"model.fc2.weight": V, "model.fc1.weight": W, "model.fc1.bias": BIAS},
        {"dense_1/kernel:0": W.T, "dense_1/bias:0": BIAS, "dense_2/kernel:0": V.T},
        {"0.weight": W, "0.bias": [1, 0, "-1"], "1.weight": [[1, 2, "1/4"]]},
    ],
)
def test_names_and_orientations(state: dict[str, Any]) -> None:
    """Numbers in the names give the order; weights are outputs × inputs, kernels inputs × outputs."""
    assert network_from_state_dict(state) == EXPECTED


def test_one_layer_without_a_name() -> None:
    """A bare weight is one affine map."""
    assert network_from_state_dict({"weight": W, "bias": BIAS})([1, 1]) == EXPECTED.affine_maps[0]([1, 1])


def test_a_given_order_leaves_the_rest_out() -> None:
    """Names that say nothing need an order; arrays of other layers are then ignored."""
    state = {"head.weight": V, "body.weight": W, "body.bias": BIAS, "norm.running_mean": BIAS, "extra.weight": W}
    assert network_from_state_dict(state, layers=["body", "head"]) == EXPECTED


def test_another_activation() -> None:
    """Hidden layers get the activation that the caller names."""
    leaky = Activation.of(["1/10", 1])
    found = network_from_state_dict({"0.weight": W, "1.weight": V}, activation=leaky, name="leaky")
    assert (found.name, set(found.hidden[0].activations)) == ("leaky", {leaky})


def test_tensors_that_need_detaching() -> None:
    """An object with the methods of a tensor of PyTorch is read in double precision."""

    class Tensor:
        def __init__(self, array: Any) -> None:
            self.array = array

        def detach(self) -> Tensor:
            return self

        cpu = detach

        def double(self) -> Tensor:
            return Tensor(self.array.astype(np.float64))

        def numpy(self) -> Any:
            return self.array

    state = {"0.weight": Tensor(W), "0.bias": Tensor(BIAS), "2.weight": Tensor(V)}
    assert network_from_state_dict(state) == EXPECTED


def test_integers_and_half_precision() -> None:
    """Integers and half precision mean their values."""
    found = network_from_state_dict({"0.weight": np.array([[2, -3]]), "0.bias": np.float16([0.1])})
    assert found([0, 0]) == (Fraction(1638, 2**14),)
    assert found([1, 1]) == (Fraction(1638, 2**14) - 1,)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "there is no layer"),
    "another array": ({"0.weight": W, "1.running_mean": BIAS}, "'1.running_mean' is no weight, kernel or bias"),
    "order": ({"a.weight": W, "b.weight": V}, r"order of the layers \['a', 'b'\] is not clear"),
    "bias alone": ({"0.bias": BIAS}, "layer '0' has no weight and no kernel"),
    "both": ({"0.weight": W, "0.kernel": W}, "has weight and kernel"),
    "vector": ({"0.weight": BIAS}, r"0.weight is an array of shape \[3\]"),
    "convolution": ({"0.weight": np.zeros((1, 1, 2, 2), np.float32)}, r"shape \[1, 1, 2, 2\]"),
    "complex": ({"0.weight": np.zeros((1, 1), complex)}, "of complex128; a matrix is needed"),
    "nan": ({"0.weight": np.float32([[1, np.nan]])}, r"0.weight is nan at \[0, 1\]"),
    "bias of another length": ({"0.weight": W, "0.bias": np.float32([1, 2])}, "3 outputs, but its bias has the shape"),
    "bias matrix": ({"0.weight": W, "0.bias": W}, "3 outputs, but its bias"),
    "layers that do not fit": ({"0.weight": W, "1.weight": W}, "layer 0 has 3 outputs, but layer 1 takes 2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case: str) -> None:
    """Every misfit names the array."""
    state, message = REFUSED[case]
    with pytest.raises(FormatError, match="^net: .*" + message):
        network_from_state_dict(state, source="net")


def test_other_refusals() -> None:
    """A layer that is not there, a ragged list, a float in a list."""
    with pytest.raises(FormatError, match="there is no layer 'z'"):
        network_from_state_dict({"0.weight": W}, layers=["z"])
    with pytest.raises(ShapeError):
        network_from_state_dict({"0.weight": [[1], [1, 2]]})
    with pytest.raises(InexactNumberError):
        network_from_state_dict({"0.weight": [[0.5]]})
