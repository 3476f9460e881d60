"""What a failing check raises: the law that is broken, the network, and the evidence, as frozen values.

A `Finding` holds everything that a reader needs to see the defect again: the name of the check, the network and the
domain, a point or the positions of the cells where the law fails, what was expected and what was found.  `Violation`
is the exception that carries it; it is an AssertionError, so every test runner reports it as a failure.

The size of a finding orders networks from small to large: units, then inputs, outputs, layers, and the bits of all
numbers.  `smallest_violation` minimises it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import ExactReluError
from exactrelu.exact.rationals import format_rational
from exactrelu.networks.network import Network
from exactrelu.networks.source import network_source
from exactrelu.polyhedra.hpolyhedron import HPolyhedron

__all__ = ["Finding", "Violation", "network_size"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Where and how an implementation breaks a law.

    check: name of the check; message: the broken law with its numbers; point: an exact point, if one shows the defect;
    cells: positions, in the implementation's own list, of the cells that take part; expected and found: as text.
    """

    check: str
    implementation: str
    network: Network
    domain: HPolyhedron
    message: str
    point: Vector | None = None
    cells: tuple[int, ...] = ()
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        lines = [f"{self.implementation} breaks {self.check}: {self.message}"]
        if self.point is not None:
            lines.append(f"  at point  {format_vector(self.point)}")
        if self.expected:
            lines.append(f"  expected  {self.expected}")
        if self.found:
            lines.append(f"  found     {self.found}")
        lines.append(f"  network   {network_source(self.network)}")
        bounds = self.domain.box_bounds() or ()
        lower, upper = format_vector([low for low, _ in bounds]), format_vector([high for _, high in bounds])
        lines.append(f"  domain    box from {lower} to {upper}")
        return "\n".join(lines)


class Violation(ExactReluError, AssertionError):  # noqa: N818 - a law is violated; the word names the answer
    """An implementation breaks a law; `finding` has the evidence, and its fields are properties here."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self._finding = finding

    def __reduce__(self) -> tuple[type[Violation], tuple[Finding]]:
        # An exception is otherwise rebuilt from its text, which fails when a test runs in another process.
        return type(self), (self._finding,)

    @property
    def finding(self) -> Finding:
        """All evidence, frozen."""
        return self._finding

    @property
    def check(self) -> str:
        """Name of the check that failed."""
        return self._finding.check

    @property
    def network(self) -> Network:
        """The network on which it failed."""
        return self._finding.network

    @property
    def point(self) -> Vector | None:
        """A point that shows the defect, if one does."""
        return self._finding.point

    @property
    def cells(self) -> tuple[int, ...]:
        """Positions of the cells that take part, in the implementation's list."""
        return self._finding.cells

    @property
    def message(self) -> str:
        """The broken law with its numbers."""
        return self._finding.message


def network_size(network: Network) -> tuple[int, ...]:
    """Return units, inputs, outputs, layers and bits of all numbers: networks are compared in this order.

    >>> network_size(Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]]))
    (2, 1, 1, 2, 11)
    """
    bits = 0
    for affine in network.affine_maps:
        for row in affine.augmented.to_fractions():
            bits += sum(a.numerator.bit_length() + a.denominator.bit_length() for a in row)
    return network.n_units, network.n_inputs, network.n_outputs, len(network.affine_maps), bits


def format_vector(point: Sequence[Fraction]) -> str:
    """Write a point as (1/2, -1)."""
    return f"({', '.join(map(format_rational, point))})"
