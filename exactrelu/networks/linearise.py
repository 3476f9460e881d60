"""The affine maps of a configuration: once every unit's side is fixed, everything is affine in the input.

A^1 = W^1, c^1 = b^1 and A^(l+1) = W^(l+1) D_l A^l, c^(l+1) = W^(l+1) D_l c^l + b^(l+1), where D_l is the diagonal of
the slopes that the configuration selects [HH19, (10)].  `preactivation_map` returns (A^l, c^l) for one layer; it
depends only on the bits of the layers before l, so it is computed from the map of the layer before and kept in a
small cache that the caller owns (`Linearisation`).

Cost: one integer matrix product for each new combination of bits of the earlier layers.
"""

from __future__ import annotations

from fractions import Fraction

from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network

__all__ = ["Linearisation", "affine_map"]


class Linearisation:
    """Affine preactivation maps of a network, remembered by the bits on which they depend.

    The memory is bounded: when it holds `capacity` maps the oldest is forgotten, which suits a depth-first search.

    Example:
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
        >>> Linearisation(hat).layer_map("11", 1)
        AffineMap.from_parts([['-1']], ['2'])
    """

    def __init__(self, network: Network, capacity: int = 4096) -> None:
        self.network = network
        self._capacity = capacity
        self._maps: dict[tuple[int, str], AffineMap] = {}

    def layer_map(self, bits: str, layer: int) -> AffineMap:
        """Return the affine map input -> preactivations of `layer` (the output for layer = number of hidden layers).

        Args:
            bits: bits of the units, at least those of all layers before `layer`.
            layer: number of the layer, from 0.
        """
        if layer == 0:
            return self.network.affine_maps[0]
        before = self.network.layer_units[layer - 1]
        key = (layer, bits[: before.stop])
        found = self._maps.get(key)
        if found is None:
            found = self._compose(key[1], layer)
            if len(self._maps) >= self._capacity:
                del self._maps[next(iter(self._maps))]
            self._maps[key] = found
        return found

    def unit_row(self, bits: str, unit: int) -> tuple[tuple[int, ...], int]:
        """Return integers (a_1, ..., a_n, c) and q > 0: a unit on the prefix `bits` has preactivation (a·x + c)/q."""
        address = self.network.units[unit]
        matrix = self.layer_map(bits, address.layer).augmented
        return matrix.numerators[address.position], matrix.denominator

    def _compose(self, bits: str, layer: int) -> AffineMap:
        hidden = self.network.hidden[layer - 1]
        own = iter(bits[self.network.layer_units[layer - 1].start :])
        slopes: list[Fraction] = [a.positive if a.is_linear else a.slope(int(next(own))) for a in hidden.activations]
        inner = self.layer_map(bits, layer - 1).scale_rows(slopes)
        return self.network.affine_maps[layer].after(inner)


def affine_map(network: Network, configuration: Configuration | str) -> AffineMap:
    """Return the affine map that the network computes where `configuration` holds.

    The formula makes sense for every string of bits, whether or not some input has it.

    Raises:
        ShapeError: not one bit for every unit.

    Source: [HH19, (10)].

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> affine_map(absolute, "01")
        AffineMap.from_parts([['-1']], ['0'])
    """
    chosen = configuration if isinstance(configuration, Configuration) else Configuration(configuration)
    chosen.require_fit(network)
    return Linearisation(network).layer_map(chosen.bits, len(network.hidden))
