"""A network's layers as float enclosures, and the affine maps of many configurations composed at once.

Both engines work on these: the tree composes the maps of all nodes of a batch in one product, the complex the values
of all vertices.  Every number carries its proven error (`exactrelu.exact.enclosures`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactrelu.exact.enclosures import Enclosure
from exactrelu.networks.network import Network

__all__ = ["FloatLayers"]


@dataclass(frozen=True)
class FloatLayers:
    """Enclosures of a network's layers, and where its units sit.

    weights[l]: (width, inputs) matrix, biases[l]: (width,) vector of layer l.  slopes[l]: (2, width) enclosures of
    the slopes for bits 0 and 1. breakpoints[l]: positions of the units with a breakpoint.
    """

    weights: tuple[Enclosure, ...]
    biases: tuple[Enclosure, ...]
    slopes: tuple[Enclosure, ...]
    breakpoints: tuple[NDArray[np.int64], ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, network: Network) -> FloatLayers:
        """Enclose the hidden layers of a network."""
        augmented = [
            Enclosure.from_integers(m.numerators, m.denominator, n_columns=m.n_columns)
            for m in (layer.affine.augmented for layer in network.hidden)
        ]
        slopes = []
        for layer in network.hidden:
            pairs = ([a.negative for a in layer.activations], [a.positive for a in layer.activations])
            sides = [Enclosure.from_fractions(side) for side in pairs]
            slopes.append(Enclosure(np.stack([s.value for s in sides]), np.stack([s.radius for s in sides])))
        return cls(
            tuple(a[:, :-1] for a in augmented),
            tuple(a[:, -1] for a in augmented),
            tuple(slopes),
            tuple(
                np.array([i for i, a in enumerate(layer.activations) if not a.is_linear], dtype=np.int64)
                for layer in network.hidden
            ),
            tuple(units.start for units in network.layer_units),
        )

    def first(self) -> Enclosure:
        """Return the preactivations of the first hidden layer as affine functions of the input: (1, width, d + 1)."""
        weights, bias = self.weights[0], self.biases[0]
        return Enclosure(
            np.concatenate([weights.value, bias.value[:, None]], axis=1)[None],
            np.concatenate([weights.radius, bias.radius[:, None]], axis=1)[None],
        )

    def next(self, maps: Enclosure, bits: NDArray[np.uint8], layer: int) -> Enclosure:
        """Return the maps of `layer` for every node from those of the layer before and its bits, (B, its units)."""
        nodes, width, _ = maps.value.shape
        sides = np.ones((nodes, width), dtype=np.int64)
        sides[:, self.breakpoints[layer - 1]] = bits
        columns = np.arange(width)
        slopes = self.slopes[layer - 1]
        chosen = Enclosure(slopes.value[sides, columns, None], slopes.radius[sides, columns, None])
        active = maps.multiply(chosen)
        product = self.weights[layer].matmul(active)
        bias = self.biases[layer]
        with_bias = product[..., -1].plus(Enclosure(bias.value[None], bias.radius[None]))
        product.value[..., -1] = with_bias.value
        product.radius[..., -1] = with_bias.radius
        return product
