"""Which cells carry the same affine map?  Decided exactly, for all cells at once, with machine arithmetic.

All affine maps of a network have rational entries with one common denominator Q (the product of the layers'
denominators and those of the slopes), so two of them are equal iff their integer numerators are.  Numerators are
bounded by Q·m, where m follows from the layers' row sums.  Integers of absolute value at most Q·m are equal iff they
agree modulo primes whose product exceeds 2·Q·m (Chinese remainder theorem).  Residues of the maps modulo a 20-bit
prime are computed for thousands of cells by floating-point matrix products without any rounding: the sums stay below
2^53.

Cost: cells times primes times one pass through the layers; about one prime for 20 bits of the numerators.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import flint
import numpy as np
from numpy.typing import NDArray

from exactrelu.networks.network import Network

__all__ = ["classes_of_equal_maps"]

_PRIME_BITS = 20
_CHUNK = 2048


def classes_of_equal_maps(network: Network, bits: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return a class number for every row of `bits`, (N, units): equal iff the affine output maps are equal.

    Example:
        >>> hat = Network.from_weights([[[1], [1], [1]], [[1, -2, 1]]], [[0, -1, -2], [0]])
        >>> classes = classes_of_equal_maps(hat, np.array([[0, 0, 0], [1, 0, 0], [1, 1, 1]], dtype=np.uint8))
        >>> bool(classes[0] == classes[2]), bool(classes[0] == classes[1])
        (True, False)
    """
    denominator, bound = _common_denominator_and_bound(network)
    product, prime, residues = 1, 1 << (_PRIME_BITS - 1), []
    while product <= 2 * denominator * bound + 1:
        prime = _next_prime(prime)
        if denominator % prime:
            product *= prime
            residues.append(_residues(network, bits, prime))
    table = np.concatenate(residues, axis=1) if residues else np.zeros((len(bits), 1), dtype=np.int32)
    packed = np.ascontiguousarray(table).view([("", table.dtype)] * table.shape[1])[:, 0]
    _, classes = np.unique(packed, return_inverse=True)
    return np.asarray(classes, dtype=np.int64).reshape(-1)


def _next_prime(number: int) -> int:
    number += 1
    while not flint.fmpz(number).is_prime():
        number += 1
    return number


def _common_denominator_and_bound(network: Network) -> tuple[int, int]:
    """Return Q and an integer m with |entry| <= m for every entry of every affine map of the network."""
    denominator, bound = 1, Fraction(1)
    for position, affine in enumerate(network.affine_maps):
        if position:
            slopes = [s for a in network.hidden[position - 1].activations for s in (a.negative, a.positive)]
            denominator *= lcm(*(s.denominator for s in slopes))
            bound *= max((abs(s) for s in slopes), default=Fraction(0))
        denominator *= affine.augmented.denominator
        rows = affine.augmented.to_fractions()
        bound = max((sum(map(abs, row[:-1]), Fraction(0)) * bound + abs(row[-1]) for row in rows), default=Fraction(0))
    return denominator, int(bound) + 1


def _residue_matrix(
    rows: tuple[tuple[int, ...], ...], denominator: int, prime: int, columns: int
) -> NDArray[np.float64]:
    inverse = pow(denominator, -1, prime)
    return np.array([[entry * inverse % prime for entry in row] for row in rows], dtype=np.float64).reshape(-1, columns)


def _residues(network: Network, bits: NDArray[np.uint8], prime: int) -> NDArray[np.int32]:
    """Return the residues of all entries of the output maps: (N, outputs·(d + 1))."""
    d = network.n_inputs
    matrices = [
        _residue_matrix(m.augmented.numerators, m.augmented.denominator, prime, m.n_inputs + 1)
        for m in network.affine_maps
    ]
    slopes = [
        np.array(
            [[s.numerator * pow(s.denominator, -1, prime) % prime for s in side] for side in sides], dtype=np.float64
        )
        for sides in (
            ([a.negative for a in layer.activations], [a.positive for a in layer.activations])
            for layer in network.hidden
        )
    ]
    out = np.empty((len(bits), network.n_outputs * (d + 1)), dtype=np.int32)
    for start in range(0, len(bits), _CHUNK):
        chunk = bits[start : start + _CHUNK]
        maps = np.broadcast_to(matrices[0], (len(chunk), *matrices[0].shape))
        for position, layer in enumerate(network.hidden):
            sides = np.ones((len(chunk), layer.affine.n_outputs), dtype=np.int64)
            units = network.layer_units[position]
            places = [unit.position for unit in network.units[units.start : units.stop]]
            sides[:, places] = chunk[:, units.start : units.stop]
            factors = slopes[position].reshape(2, -1)[sides, np.arange(sides.shape[1])]
            active = maps * factors[:, :, None] % prime
            matrix = matrices[position + 1]
            maps = matrix[:, :-1] @ active % prime
            maps[:, :, -1] = (maps[:, :, -1] + matrix[:, -1]) % prime
        out[start : start + len(chunk)] = maps.reshape(len(chunk), -1).astype(np.int32)
    return out
