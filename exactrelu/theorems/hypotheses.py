"""Hypotheses that several theorems share, each with its exact test.

A test takes the network (and ignores the rest of the theorem's subject) and returns None if the hypothesis holds,
otherwise the reason with numbers.  Everything is a comparison of integers or of exact rationals.
"""

from __future__ import annotations

from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.theorem import Hypothesis

__all__ = [
    "FEW_CELLS",
    "FEW_INPUTS",
    "HIDDEN_LAYER",
    "ONE_HIDDEN_LAYER",
    "RELU_UNITS",
    "SCALAR_OUTPUT",
    "UNIVARIATE",
    "ZERO_HIDDEN_BIASES",
]

_COMPLEX_DIMENSION = 4
_MOST_CELLS = 64


def _only_relus(network: Network, **_: object) -> str | None:
    for number, layer in enumerate(network.hidden):
        for position, activation in enumerate(layer.activations):
            if activation != RELU:
                return f"unit {position} of hidden layer {number} has the activation {activation!r}"
    return None


def _has_hidden_layer(network: Network, **_: object) -> str | None:
    return None if network.hidden else "the network has no hidden layer"


def _one_hidden_layer(network: Network, **_: object) -> str | None:
    return None if len(network.hidden) == 1 else f"the network has {len(network.hidden)} hidden layers"


def _scalar_output(network: Network, **_: object) -> str | None:
    return None if network.n_outputs == 1 else f"the network has {network.n_outputs} outputs"


def _univariate(network: Network, **_: object) -> str | None:
    return None if network.n_inputs == 1 else f"the network has {network.n_inputs} inputs"


def _zero_hidden_biases(network: Network, **_: object) -> str | None:
    for number, layer in enumerate(network.hidden):
        for position, bias in enumerate(layer.affine.offset):
            if bias:
                return f"unit {position} of hidden layer {number} has the bias {bias}"
    return None


def _few_inputs(network: Network, **_: object) -> str | None:
    return None if network.n_inputs <= _COMPLEX_DIMENSION else f"the network has {network.n_inputs} inputs"


RELU_UNITS = Hypothesis("every hidden unit is a ReLU", _only_relus)


def _few_cells(network: Network, **_: object) -> str | None:
    cells = len(cells_of(network))
    return None if cells <= _MOST_CELLS else f"the network has {cells} full cells"


FEW_CELLS = Hypothesis(f"at most {_MOST_CELLS} full cells, so that all pairs can be compared", _few_cells)
FEW_INPUTS = Hypothesis(f"at most {_COMPLEX_DIMENSION} inputs, so that all faces can be listed", _few_inputs)
HIDDEN_LAYER = Hypothesis("at least one hidden layer", _has_hidden_layer)
ONE_HIDDEN_LAYER = Hypothesis("exactly one hidden layer", _one_hidden_layer)
SCALAR_OUTPUT = Hypothesis("one output", _scalar_output)
UNIVARIATE = Hypothesis("one input", _univariate)
ZERO_HIDDEN_BIASES = Hypothesis("all biases of hidden layers are zero", _zero_hidden_biases)
