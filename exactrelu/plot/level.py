"""The set {f = t} inside a complex, exactly: by one more unit.

`regions.complex.levels` cuts the complex by f - t (f is an output, or the difference of two); the faces on which this
last unit has sign 0 are the level set: usually a facet's worth of it in every cell it meets, but a whole cell where f
is constant t on it (the *flat* case), and lower faces where the set is thinner.  Nothing is interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactrelu.errors import InputError
from exactrelu.exact.rationals import as_rational, format_rational
from exactrelu.networks.network import Network
from exactrelu.regions.complex.complex import SubdivisionComplex
from exactrelu.regions.complex.levels import level_sets

__all__ = ["LevelSet", "Output", "level_set", "output_form"]

Output = int | tuple[int, int]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class LevelSet:
    """The set {f = t}: faces of `complex` (the subdivision by the network's units and by f - t).

    maximal[k]: the k-faces in the set that are not facets of a (k + 1)-face in it.  label: "f = t".  height: t as a
    float.
    """

    complex: SubdivisionComplex
    maximal: tuple[Ints, ...]
    label: str
    height: float

    @property
    def n_flat(self) -> int:
        """Number of whole cells on which f = t."""
        return len(self.maximal[-1])

    @property
    def is_empty(self) -> bool:
        """Whether f never takes the value t here."""
        return not any(len(faces) for faces in self.maximal)


def output_form(network: Network, output: Output) -> tuple[tuple[Fraction, ...], str]:
    """Return the coefficients of the outputs in f, and f's name: one output, or a difference of two.

    Raises:
        InputError: there is no such output.
    """
    places = output if isinstance(output, tuple) else (output,)
    fits = len(places) in (1, 2) and all(isinstance(p, int) and 0 <= p < network.n_outputs for p in places)
    if not fits or len(set(places)) < len(places):
        raise InputError(
            f"output must be a number or a pair of different numbers from 0 to {network.n_outputs - 1}; got {output!r}"
        )
    form = [Fraction(0)] * network.n_outputs
    for place, sign in zip(places, (1, -1), strict=False):
        form[place] += sign
    return tuple(form), " − ".join("f" if network.n_outputs == 1 else f"f{place}" for place in places)


def level_set(complex: SubdivisionComplex, level: object, output: Output = 0) -> LevelSet:
    """Return {f = level} on a complex's domain.

    Args:
        level: an exact number: integer, Fraction or text such as "1/2".
        output: number of an output f, or a pair (i, j) for the difference f_i - f_j.

    Raises:
        InputError: there is no such output.
        InexactNumberError: the level is a float.

    Cost: one subdivision with one unit more.
    """
    t = as_rational(level, name="level")
    network = complex.network
    form, name = output_form(network, output)
    divided = level_sets(network, complex.problem.domain, coefficients=form, threshold=t).complex
    inside = [divided.covectors(k)[:, -1] == 0 for k in range(divided.dimension + 1)]
    maximal = []
    for k, zero in enumerate(inside):
        alone = zero.copy()
        if k < divided.dimension:
            upper, lower = divided.table.incidence[k + 1]
            alone[lower[inside[k + 1][upper]]] = False
        maximal.append(np.flatnonzero(alone))
    return LevelSet(divided, tuple(maximal), f"{name} = {format_rational(t)}", float(t))
