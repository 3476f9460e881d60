"""The interface: what a third party's implementation can do, as a frozen value of callables.

Every callable is optional; a check whose callables are absent is skipped.  The arguments are always ours and exact: a
`Network`, a point of fractions, a domain that is a bounded box (`domain.box_bounds()` gives its sides).  An adapter
reads the weights from `network.affine_maps` (`linear` and `offset` of each).

**How the answers are read.**  Integers, fractions and text ("1/3", "0.1") are exact.  A float is refused, unless the
implementation declares an error: a float v then stands for some number within absolute_error + relative_error·|v| of
v, and a check fails only if no such numbers satisfy the law.  A declared error of 0 says that every float means
exactly its dyadic value.  Points (counterexamples, points of cells) are data, not results: a float there always has
its dyadic value, and the point must do exactly what is claimed of it.

An implementation that does not support a network raises NotImplementedError; the check is then skipped on it.  Any
other exception counts as a defect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactrelu.errors import InputError
from exactrelu.exact.rationals import as_rational
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion

__all__ = ["Cell", "Implementation"]

Vector = tuple[Fraction, ...]
RawRow = tuple[Iterable[Any], str, Any]
RawMap = AffineMap | tuple[Sequence[Sequence[Any]], Sequence[Any]]
RawFacet = tuple[int, int, tuple[Sequence[Any], Any]]


@dataclass(frozen=True, slots=True)
class Cell:
    """One region as an implementation lists it; every field is optional, but a configuration or rows are needed.

    Fields:
        configuration: one bit for every unit, first hidden layer first.
        rows: triples (normal, relation, offset) for normal · x <= offset, with relation "<=", "<" or "==".  Rows of
            the domain may be left out.  Without rows the cell is that of its configuration.
        affine_map: what the network computes there: an `AffineMap`, or a pair (matrix, offset vector).
        point: one of its points (of the closed cell in the full notion).
    """

    configuration: str | Configuration | None = None
    rows: Sequence[RawRow] | None = None
    affine_map: RawMap | None = None
    point: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        if self.configuration is None and self.rows is None:
            raise InputError("a cell needs a configuration or rows, so that it is known which points it has")


@dataclass(frozen=True, slots=True, kw_only=True)
class Implementation:
    """The callables of one implementation of ReLU-network analysis; all optional.

    Fields:
        name: shown in messages.
        evaluate: (network, point) -> the outputs.
        configuration: (network, point) -> a text of one bit for every unit: 1 iff its preactivation is positive.
        regions: (network, domain) -> the cells, each a `Cell`, or a configuration alone.
        affine_map: (network, configuration) -> an `AffineMap` or (matrix, offset vector).
        facets: (network, domain) -> triples (i, j, (normal, offset)): cells number i and j of the list that `regions`
            gives share a facet in {normal · x = offset}; every pair of adjacent cells once, in any order.
        counts: (network, domain) -> a mapping with any of the keys "cells", "linear_regions", "affine_pieces".
        f_vector: (network, domain) -> the numbers of faces of dimension 0, 1, ..., d of the complex on the box.
        atoms: (network, configuration) -> (alpha, beta): {(i, j): number} and {i: number} of [HH19, Theorem 5].
        output_range: (network, domain) -> a pair (minimum, maximum) for every output.
        verify: (network, domain, unsafe) -> ("sat", point), ("unsat", None) or ("unknown", None): has the domain a
            point whose outputs satisfy all rows of the `LinearSystem` unsafe?
        notion: "full" (the cells cover the domain, interiors are disjoint) or "half-open" (every point is in exactly
            one).
        absolute_error, relative_error: the declared error of floats; None refuses them, 0 takes them as they are.

    Raises:
        InputError: an unknown notion, a callable that is none, or an error that is negative or a float.

    Example:
        >>> exact = Implementation(name="exact", evaluate=lambda network, point: network.evaluate(point))
        >>> exact.offers("evaluate"), exact.offers("regions"), exact.absolute_error is None
        (True, False, True)
    """

    name: str = "the implementation"
    evaluate: Callable[[Network, Vector], Iterable[Any]] | None = None
    configuration: Callable[[Network, Vector], str | Configuration] | None = None
    regions: Callable[[Network, HPolyhedron], Iterable[Cell | str | Configuration]] | None = None
    affine_map: Callable[[Network, str], RawMap] | None = None
    facets: Callable[[Network, HPolyhedron], Iterable[RawFacet]] | None = None
    counts: Callable[[Network, HPolyhedron], Mapping[str, int]] | None = None
    f_vector: Callable[[Network, HPolyhedron], Sequence[int]] | None = None
    atoms: Callable[[Network, str], tuple[Mapping[tuple[int, int], Any], Mapping[int, Any]]] | None = None
    output_range: Callable[[Network, HPolyhedron], Iterable[tuple[Any, Any]]] | None = None
    verify: Callable[[Network, HPolyhedron, LinearSystem], tuple[str, Iterable[Any] | None]] | None = None
    notion: str = "full"
    absolute_error: Any = None
    relative_error: Any = None

    def __post_init__(self) -> None:
        try:
            known = Notion.of(self.notion) is not Notion.CLOSED
        except InputError:
            known = False
        if not known:
            raise InputError(
                f"notion must be 'full' or 'half-open'; got {self.notion!r} (closed sets overlap: no partition)"
            )
        for field in CALLABLES:
            if self.offers(field) and not callable(getattr(self, field)):
                raise InputError(f"{field} must be a function; got {getattr(self, field)!r}")
        for field in ("absolute_error", "relative_error"):
            value = getattr(self, field)
            if value is not None:
                number = as_rational(value, name=field)
                if number < 0:
                    raise InputError(f"{field} must not be negative; got {number}")
                object.__setattr__(self, field, number)

    def offers(self, field: str) -> bool:
        """Whether the callable of that name is given."""
        return getattr(self, field) is not None

    @property
    def takes_floats(self) -> bool:
        """Whether an error of floats is declared."""
        return self.absolute_error is not None or self.relative_error is not None


CALLABLES = (
    "evaluate",
    "configuration",
    "regions",
    "affine_map",
    "facets",
    "counts",
    "f_vector",
    "atoms",
    "output_range",
    "verify",
)
"""Names of the fields of `Implementation` that are callables."""
