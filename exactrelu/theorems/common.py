"""What the families share: enumerations that are remembered, points and affine forms as text.

Several theorems look at one network, and a command decides them one after another, so the last enumerations and
complexes are kept.  They are values; nobody changes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

from exactrelu.networks.network import Network
from exactrelu.regions.complex.complex import SubdivisionComplex, subdivide
from exactrelu.regions.results import Enumeration, enumerate_regions

__all__ = ["cells_of", "complex_of", "names_of", "show_form", "show_point"]


@lru_cache(maxsize=16)
def cells_of(network: Network, notion: str = "full") -> Enumeration:
    """Return the enumeration of all cells of a notion on the whole space."""
    return enumerate_regions(network, cells=notion)


@lru_cache(maxsize=16)
def complex_of(network: Network) -> SubdivisionComplex:
    """Return the subdivision complex of the whole space."""
    return subdivide(network)


def names_of(network: Network, notion: str = "full") -> tuple[str, ...]:
    """Return the configurations of a notion as strings of bits, sorted."""
    return tuple(configuration.bits for configuration in cells_of(network, notion).configurations)


def show_point(point: Iterable[object]) -> str:
    """Write a point.

    Example:
        >>> show_point((Fraction(1, 2), 3))
        '(1/2, 3)'
    """
    return f"({', '.join(map(str, point))})"


def show_form(linear: Sequence[object], offset: object) -> str:
    """Write the affine form of a row and an offset.

    Example:
        >>> show_form((1, 0, Fraction(-3, 2)), 4), show_form((0,), 0)
        ('x0 - 3/2 x2 + 4', '0')
    """
    text = ""
    for name, value in (*((f"x{k}", a) for k, a in enumerate(linear)), ("", offset)):
        number = Fraction(str(value))
        if not number:
            continue
        size = str(abs(number)) if abs(number) != 1 or not name else ""
        sign = ("-" if number < 0 else "") if not text else (" - " if number < 0 else " + ")
        text += sign + " ".join(part for part in (size, name) if part)
    return text or "0"
