"""A network at many rational points at once, exactly, in integers.

In homogeneous coordinates (W, q), q > 0, an affine map is linear and an activation with a breakpoint at 0 is positively
homogeneous, so the whole network maps integers to integers up to one positive factor for each layer.  The points are
the columns of one integer matrix, and a layer is one product of matrices.

Cost: the products of the layers, with numbers as long as the points' coordinates and the weights together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import flint
import numpy as np
from numpy.typing import NDArray

from exactrelu.networks.network import Network
from exactrelu.verification.polynomials.bernstein_form import Point

__all__ = ["VertexValues"]


@dataclass(frozen=True, eq=False)
class VertexValues:
    """What a network does at some points.

    lifted: for each point the homogeneous integers of (inputs, outputs).
    signs: (points, units) signs of the preactivations of the units with a breakpoint.

    Example:
        >>> hat = Network.from_weights([[[1], [1]], [[1, -2]]], [[0, -1], [0]])
        >>> values = VertexValues.of(hat, [(1, 2), (3, 1)])
        >>> values.lifted, values.signs.tolist()
        (((1, 1, 2), (3, -1, 1)), [[1, -1], [1, 1]])
    """

    lifted: tuple[Point, ...]
    signs: NDArray[np.int8]

    @classmethod
    def of(cls, network: Network, points: Sequence[Point]) -> VertexValues:
        """Evaluate at homogeneous points of the input space."""
        count = len(points)
        if not count:
            return cls((), np.zeros((0, network.n_units), dtype=np.int8))
        columns = [list(column) for column in zip(*points, strict=True)]
        weights = columns.pop()  # the homogenising coordinate, one for each point, at the scale of the others
        signs: list[NDArray[np.int8]] = []
        for number, affine in enumerate(network.affine_maps):
            rows = affine.augmented
            argument = flint.fmpz_mat(len(columns) + 1, count, [x for column in [*columns, weights] for x in column])
            entries = (rows.fmpz * argument).entries()
            values = [[int(x) for x in entries[k * count : (k + 1) * count]] for k in range(rows.n_rows)]
            weights = [w * rows.denominator for w in weights]
            if number == len(network.hidden):
                columns = values
                break
            columns = []
            activations = network.hidden[number].activations
            scale = lcm(*(s.denominator for a in activations for s in (a.negative, a.positive)))
            for activation, row in zip(activations, values, strict=True):
                low, high = int(activation.negative * scale), int(activation.positive * scale)
                columns.append([x * (high if x > 0 else low) for x in row])
                if not activation.is_linear:
                    signs.append(np.array([(x > 0) - (x < 0) for x in row], dtype=np.int8))
            weights = [w * scale for w in weights]
        lifted = []
        for place, point in enumerate(points):
            outputs = [Fraction(column[place], weights[place]) for column in columns]
            q = lcm(point[-1], *(y.denominator for y in outputs))
            mixed = [
                *(x * (q // point[-1]) for x in point[:-1]),
                *(y.numerator * (q // y.denominator) for y in outputs),
            ]
            common = gcd(q, *mixed)
            lifted.append(tuple(x // common for x in (*mixed, q)))
        stacked = np.array(signs, dtype=np.int8).reshape(network.n_units, count).T
        return cls(tuple(lifted), stacked)
