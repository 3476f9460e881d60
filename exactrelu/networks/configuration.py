"""What a point says about the units: its covector (signs) and its configuration (bits).

A *covector* has one sign in {-1, 0, +1} for every unit with a breakpoint, a *configuration* one bit, 1 iff the
preactivation is positive; so the bit is 0 on the unit's hyperplane (zero preactivation) [HH19, formula (6)].  Every
point has exactly one of each.  Bits and signs are in the network's order of units, first hidden layer first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from exactrelu.errors import InputError, ShapeError
from exactrelu.networks.network import Network

__all__ = ["Configuration", "configuration_at", "covector_at"]


@dataclass(frozen=True, slots=True, order=True)
class Configuration:
    """One bit for every unit, written as a string of 0 and 1.

    Example:
        >>> Configuration("101")[2], len(Configuration("101"))
        (1, 3)
        >>> Configuration("1x1")
        Traceback (most recent call last):
        exactrelu.errors.InputError: a configuration is a string of 0 and 1, one for every unit; got '1x1'
    """

    bits: str

    def __post_init__(self) -> None:
        if not isinstance(self.bits, str) or set(self.bits) - {"0", "1"}:
            raise InputError(f"a configuration is a string of 0 and 1, one for every unit; got {self.bits!r}")

    def __len__(self) -> int:
        return len(self.bits)

    def __getitem__(self, unit: int) -> int:
        return int(self.bits[unit])

    def __iter__(self) -> Iterator[int]:
        return (int(bit) for bit in self.bits)

    def __str__(self) -> str:
        return self.bits

    def require_fit(self, network: Network) -> None:
        """Raise ShapeError unless there is one bit for every unit of `network`."""
        if len(self) != network.n_units:
            raise ShapeError(f"configuration has {len(self)} bits; the network has {network.n_units} units")

    def by_layer(self, network: Network) -> tuple[str, ...]:
        """Cut the bits into hidden layers."""
        self.require_fit(network)
        return tuple(self.bits[units.start : units.stop] for units in network.layer_units)


def covector_at(network: Network, point: Iterable[Any]) -> tuple[int, ...]:
    """Return the sign of every unit's preactivation at `point`: +1, -1, or 0 on the unit's hyperplane.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> covector_at(absolute, [0]), covector_at(absolute, ["-1/2"])
        ((0, 0), (-1, 1))
    """
    z = network.preactivations(point)
    values = (z[unit.layer][unit.position] for unit in network.units)
    return tuple((value > 0) - (value < 0) for value in values)


def configuration_at(network: Network, point: Iterable[Any]) -> Configuration:
    """Return the one configuration of `point`: bit 1 iff the preactivation is positive, so 0 on a tie.

    Source: [HH19, formula (6)].
    """
    return Configuration("".join("1" if sign > 0 else "0" for sign in covector_at(network, point)))
