"""Certified float bounds on the norms of all cells' matrices, so that exact arithmetic is needed for a few cells only.

For every cell a *score* is enclosed that orders cells by their norm, up to a known factor:

* norms 1 and inf: the norm itself, from an enclosure of the matrix;
* norm 2: with G = A^T A of size r, trace(G^16) lies between lambda^16 and r lambda^16 for the largest eigenvalue
  lambda = ||A||^2, so cells can be discarded when their trace lies below 1/r of another one's.

A cell whose upper score lies below the best lower score cannot have the largest norm.  The enclosures are proved
(`exactrelu.exact.enclosures`); overflow makes a score infinite or nan, which discards nothing.
Cost: one pass of array operations through the layers for a few thousand cells at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exactrelu.bounds.norms import Norm
from exactrelu.exact.enclosures import Enclosure
from exactrelu.networks.activations import IDENTITY
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network
from exactrelu.regions.float_layers import FloatLayers

__all__ = ["candidates", "float_layers"]

_CHUNK = 2048
_SLACK = 2.0**-30  # far above the rounding of sums of up to 2^20 terms


def candidates(network: Network, bits: NDArray[np.uint8], norm: Norm) -> NDArray[np.int64]:
    """Return the positions of rows of `bits`, (N, units), that may have the largest norm, by descending score.

    Every cell with the largest norm is among them.

    Example:
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -3, 2]]], [[0, -1, -2], [0]])
        >>> candidates(hat, np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]], dtype=np.uint8), Norm.ONE).tolist()
        [2]
    """
    if not len(bits):
        return np.zeros(0, dtype=np.int64)
    layers = float_layers(network)
    parts = [_scores(layers, network, bits[k : k + _CHUNK], norm) for k in range(0, len(bits), _CHUNK)]
    lower, upper = (np.concatenate(side) for side in zip(*parts, strict=True))
    best = np.max(lower, initial=0.0, where=np.isfinite(lower))
    with np.errstate(invalid="ignore"):
        # Written so that nan is kept.
        kept = np.flatnonzero(~(upper < best))
    order = np.argsort(-np.nan_to_num(lower[kept], nan=0.0), kind="stable")
    return np.asarray(kept[order], dtype=np.int64)


def float_layers(network: Network) -> FloatLayers:
    """Enclosures of all affine layers, the output written as one more hidden layer of linear units."""
    n = network.n_outputs
    last = Layer(network.output, (IDENTITY,) * n)
    return FloatLayers.of(Network((*network.hidden, last), AffineMap.identity(n)))


def _scores(
    layers: FloatLayers, network: Network, bits: NDArray[np.uint8], norm: Norm
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lower and upper scores of a chunk of cells."""
    with np.errstate(over="ignore", invalid="ignore"):
        first = layers.first()
        maps = Enclosure(np.repeat(first.value, len(bits), axis=0), np.repeat(first.radius, len(bits), axis=0))
        for layer, units in enumerate(network.layer_units, start=1):
            maps = layers.next(maps, bits[:, units.start : units.stop], layer)
        linear = maps[:, :, :-1]
        if norm is Norm.TWO:
            return _trace_scores(linear)
        # Entries of |A| lie in [|v| - r, |v| + r]; a sum of n of them errs by a relative n 2^-53 at most.
        axis = 2 if norm is Norm.INFINITY else 1
        size = np.abs(linear.value)
        low = np.maximum(size - linear.radius, 0.0).sum(axis=axis).max(axis=1, initial=0.0)
        high = (size + linear.radius).sum(axis=axis).max(axis=1, initial=0.0)
        return low * (1 - _SLACK), high * (1 + _SLACK)


def _trace_scores(linear: Enclosure) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds on trace(G^16), the lower one divided by the size of G."""
    turned = Enclosure(linear.value.swapaxes(1, 2), linear.radius.swapaxes(1, 2))
    rows, columns = linear.value.shape[1:]
    power = linear.matmul(turned) if rows <= columns else turned.matmul(linear)
    for _ in range(4):
        power = power.matmul(power)
    value = np.trace(power.value, axis1=1, axis2=2)
    radius = (np.trace(power.radius, axis1=1, axis2=2) + np.abs(value) * _SLACK) * (1 + _SLACK)
    return (value - radius) / max(1, min(rows, columns)) * (1 - _SLACK), (value + radius) * (1 + _SLACK)
