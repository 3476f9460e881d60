"""Networks as Python source: the expression that builds one, for reports and tests that a reader pastes somewhere.

`repr` shows every field; this is the short form, in which integers stand as they are and other rationals are quoted.
Names of networks and of units are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Network

__all__ = ["network_source"]


def network_source(network: Network) -> str:
    """Return Python source that builds the network: Network.from_weights(...).

    >>> print(network_source(Network.from_weights([[["1/2"]], [[1]]], [[0], [-3]])))
    Network.from_weights([[['1/2']], [[1]]], [[0], [-3]])
    """
    weights = [_source([_source(row) for row in affine.linear]) for affine in network.affine_maps]
    biases = [_source(affine.offset) for affine in network.affine_maps]
    text = f"Network.from_weights({_source(weights)}, {_source(biases)}"
    if any(activation != RELU for layer in network.hidden for activation in layer.activations):
        layers = [
            _source([f"Activation.of({_source([a.negative, a.positive])})" for a in layer.activations])
            for layer in network.hidden
        ]
        text += f", activations={_source(layers)}"
    return text + ")"


def _source(items: Sequence[object]) -> str:
    """A list: texts are source already, integers stand as they are, other rationals are quoted."""
    shown = [
        item if isinstance(item, str) else str(item) if "/" not in str(item) else repr(str(item)) for item in items
    ]
    return f"[{', '.join(shown)}]"
