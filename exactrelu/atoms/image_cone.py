"""Where the values of a cell lie: a cone spanned by columns of the last matrix, with apex b^L.

On the half-open cell of D the network is b^L + sum_i c_i(x) m^L_{:,i} over the active units i of the last hidden layer
[HH19, (12)], and for ReLU c_i(x) > 0 there.  Hence the image of the cell lies in b^L + {sum t_i m^L_{:,i} : t_i > 0}.
(The affine map on all of space only stays in the span.)  A unit with bit 0 and a negative slope, as in leaky ReLU,
gives t_i >= 0 along -sign(slope)·column; a linear unit gives any t_i.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from exactrelu.atoms.decomposition import AtomicDecomposition
from exactrelu.errors import ShapeError
from exactrelu.exact.rationals import as_vector
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible, Infeasible
from exactrelu.lp.system import LinearSystem

__all__ = ["ImageCone", "ImageGenerator", "image_cone"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class ImageGenerator:
    """t · direction with t > 0 ("positive"), t >= 0 ("nonnegative") or any t ("free"), from one last hidden unit."""

    unit: int
    direction: Vector
    range: Literal["positive", "nonnegative", "free"]


@dataclass(frozen=True, slots=True)
class ImageCone:
    """apex + {sum t_i direction_i} with every t_i in its range."""

    apex: Vector
    generators: tuple[ImageGenerator, ...]

    def decide_membership(self, value: Iterable[Any]) -> Feasible | Infeasible:
        """Decide whether a value lies in the cone: coefficients t as the witness, or a refutation.

        Raises:
            ShapeError: `value` has not as many entries as the apex.
        """
        y = as_vector(value, name="value")
        if len(y) != len(self.apex):
            raise ShapeError(f"value has {len(y)} entries; the network has {len(self.apex)} outputs")
        count = len(self.generators)
        rows: list[tuple[list[Fraction], str, Fraction]] = []
        for k, (entry, base) in enumerate(zip(y, self.apex, strict=True)):
            rows.append(([g.direction[k] for g in self.generators], "==", entry - base))
        for k, generator in enumerate(self.generators):
            if generator.range != "free":
                unit = [Fraction(-int(i == k)) for i in range(count)]
                rows.append((unit, "<" if generator.range == "positive" else "<=", Fraction(0)))
        return decide(LinearSystem.from_rows(rows, dimension=count))


def image_cone(decomposition: AtomicDecomposition) -> ImageCone:
    """Return the cone that contains the image of the half-open cell.

    Source: [HH19, remark after (12)], in the stronger form with a cone.

    Example:
        >>> from exactrelu.atoms.decomposition import atomic_decomposition
        >>> from exactrelu.networks.network import Network
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [3]])
        >>> cone = image_cone(atomic_decomposition(absolute, "10"))
        >>> cone.apex, cone.generators[0].direction, cone.generators[0].range
        ((Fraction(3, 1),), (Fraction(1, 1),), 'positive')
        >>> isinstance(cone.decide_membership([2]), Infeasible)
        True
    """
    network, atoms = decomposition.network, decomposition.atoms
    generators: list[ImageGenerator] = []
    if network.hidden:
        layer = len(network.hidden) - 1
        bits = iter(decomposition.configuration.by_layer(network)[layer])
        sides = [None if a.is_linear else int(next(bits)) for a in network.hidden[layer].activations]
    else:
        sides = [None] * network.n_inputs
    for i in decomposition.supports[-1]:
        column, side = atoms.column(i), sides[i]
        if side is None:
            generators.append(ImageGenerator(i, column, "free"))
            continue
        # The activation is slope · z with z > 0 for bit 1 and z <= 0 for bit 0.
        slope = network.hidden[-1].activations[i].slope(side)
        sign = (1 if slope > 0 else -1) * (1 if side else -1)
        generators.append(ImageGenerator(i, tuple(sign * a for a in column), "positive" if side else "nonnegative"))
    return ImageCone(network.output.offset, tuple(generators))
