"""Is the function of a network injective on all of space?  Decided exactly, for layers and for deep networks.

*One layer* x -> relu(W x + b): injective iff on every full cell the active rows of W have rank n.  If x and y have
equal values, then on the segment between them every preactivation is constant or stays <= 0, so the map is constant
along a part of the segment with interior in some cell; the converse is clear.

*Any network*: rank n of the affine map on every full cell is necessary (a kernel vector gives two points of one
cell with one value) but not sufficient, as |x| shows.  What remains is decided for pairs of cells C, C': is there x
in the closure of C and y in that of C' with A x + c = A' y + c' and x != y?  That is a linear program for each
coordinate k and each sign of x_k - y_k; most pairs have no common value at all, which one program decides.

Evidence: two points with one value; or a rank for each cell and a Farkas certificate for each program.
Cost: quadratic in the number of cells, up to 2n programs in 2n variables a pair: for small networks.

Source: own, proofs above; for b = 0 the layer criterion is that of Puthawala et al., Globally injective ReLU networks
(2022), Theorem 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from exactrelu.errors import BudgetExceeded, InvariantError, ShapeError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import FarkasCertificate, Feasible
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.activations import RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network
from exactrelu.regions.results import Enumeration, Region, enumerate_regions

__all__ = ["Collision", "Injective", "RankDeficiency", "Separation", "decide_injectivity", "layer_deficiencies"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class RankDeficiency:
    """A full cell of a layer on which the active rows have a rank below the number of inputs."""

    configuration: str
    rank: int


@dataclass(frozen=True, slots=True)
class Collision:
    """Two different points with one value: the function is not injective."""

    one: Vector
    two: Vector
    value: Vector

    def defect(self, network: Network) -> str | None:
        """Return what is wrong with it for a network; None if it proves that the network is not injective."""
        if self.one == self.two:
            return "the two points are the same"
        if not network(self.one) == network(self.two) == self.value:
            return "the values differ"
        return None


@dataclass(frozen=True, slots=True)
class Separation:
    """No x, y in the closures of two cells have one value and sign · (x_k - y_k) > 0, k the coordinate.

    Without a coordinate: no such x, y have one value at all.
    """

    pair: tuple[int, int]
    coordinate: int | None
    sign: int
    certificate: FarkasCertificate


@dataclass(frozen=True, slots=True)
class Injective:
    """Full rank on each of the cells, and a proof for each pair of them that only equal points have equal values."""

    cells: Enumeration
    separations: tuple[Separation, ...]

    def defect(self) -> str | None:
        """Return what is missing or wrong; None if the ranks and the certificates prove injectivity."""
        n = self.cells.network.n_inputs
        for region in self.cells:
            if _linear(region).rank() < n:
                return f"the affine map on the cell {region.configuration} has a kernel"
        known = {(one.pair, one.coordinate, one.sign): one.certificate for one in self.separations}
        for first, second in combinations(range(len(self.cells)), 2):
            whole = known.get(((first, second), None, 0))
            questions = [(None, 0)] if whole is not None else _questions(n)
            for coordinate, sign in questions:
                certificate = known.get(((first, second), coordinate, sign))
                if certificate is None:
                    return f"the cells {first} and {second} are not separated in coordinate {coordinate}"
                reason = certificate.defect(_meeting(self.cells[first], self.cells[second], coordinate, sign))
                if reason is not None:
                    return f"the cells {first} and {second}: {reason}"
        return None


def decide_injectivity(network: Network, *, timeout: float | None = None) -> Injective | Collision:
    """Decide whether different inputs always have different outputs.

    Raises:
        BudgetExceeded: the cells were not all found within `timeout` seconds.

    Example:
        >>> both = Network.from_weights([[[1], [-1]], [[1, 0], [0, 1]]], [[5, -1], [0, 0]])
        >>> len(decide_injectivity(both).separations), decide_injectivity(both).defect()
        (5, None)
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> collision = decide_injectivity(absolute)
        >>> collision.one != collision.two, absolute(collision.one) == absolute(collision.two)
        (True, True)
    """
    cells = enumerate_regions(network, timeout=timeout)
    if not cells.is_complete:
        raise BudgetExceeded(f"the cells were not all found within {timeout} s; allow more with timeout", len(cells))
    for region in cells:
        direction = next(iter(_linear(region).kernel().to_fractions()), None)
        if direction is not None:
            return _collision(network, region.witness, _moved(region, direction))
    separations: list[Separation] = []
    regions = list(cells)
    for first, second in combinations(range(len(regions)), 2):
        for found in _compare(regions, first, second):
            if isinstance(found, Collision):
                return found
            separations.append(found)
    return Injective(cells, tuple(separations))


def layer_deficiencies(layer: AffineMap) -> tuple[RankDeficiency, ...]:
    """Return the full cells of x -> relu(W x + b) on which the active rows have rank < n; none iff it is injective.

    Raises:
        ShapeError: the layer has no input.

    Example:
        >>> layer_deficiencies(AffineMap.from_parts([[1, 0], [0, 1], [-1, -1]], [0, 0, 0]))[0]
        RankDeficiency(configuration='001', rank=1)
    """
    n = layer.n_inputs
    if not n:
        raise ShapeError("the layer takes no input, so there is nothing to map injectively")
    network = Network((Layer(layer, (RELU,) * layer.n_outputs),), AffineMap.identity(layer.n_outputs))
    rows = layer.linear
    found = []
    for configuration in enumerate_regions(network).configurations:
        active = [row for row, bit in zip(rows, configuration.bits, strict=True) if bit == "1"]
        rank = RationalMatrix.from_rows(active, n_columns=n).rank()
        if rank < n:
            found.append(RankDeficiency(configuration.bits, rank))
    return tuple(found)


def _linear(region: Region) -> RationalMatrix:
    return RationalMatrix.from_rows(region.affine_map.linear, n_columns=region.affine_map.n_inputs)


def _moved(region: Region, direction: Vector) -> Vector:
    """Another point of an open cell, along a direction: the step is halved until it stays inside."""
    step = Fraction(1)
    while True:
        point = tuple(a + step * v for a, v in zip(region.witness, direction, strict=True))
        if point in region:
            return point
        step /= 2


def _questions(n: int) -> list[tuple[int | None, int]]:
    return [(coordinate, sign) for coordinate in range(n) for sign in (1, -1)]


def _compare(regions: list[Region], first: int, second: int) -> Iterator[Separation | Collision]:
    """Yield one separation without coordinate, or one for each coordinate and sign; or end with a collision."""
    one, two = regions[first], regions[second]
    answer = decide(_meeting(one, two, None, 0))
    if not isinstance(answer, Feasible):
        yield Separation((first, second), None, 0, answer.certificate)
        return
    n = one.problem.network.n_inputs
    for coordinate, sign in _questions(n):
        answer = decide(_meeting(one, two, coordinate, sign))
        if isinstance(answer, Feasible):
            point = answer.witness.point
            yield _collision(one.problem.network, point[:n], point[n:])
            return
        yield Separation((first, second), coordinate, sign, answer.certificate)


def _meeting(one: Region, two: Region, coordinate: int | None, sign: int) -> LinearSystem:
    """x and y in the closed cells have one value, and sign · (x_k - y_k) > 0 if a coordinate k is given."""
    n = one.problem.network.n_inputs
    zeros = (0,) * n
    rows: list[tuple[list[Fraction], str, Fraction]] = []
    for region, place in ((one, 0), (two, 1)):
        for normal, relation, offset in region.polyhedron.system.rows:
            entries = (*normal, *zeros) if place == 0 else (*zeros, *normal)
            rows.append(([Fraction(a) for a in entries], relation, Fraction(offset)))
    left, right = one.affine_map, two.affine_map
    for row, other, c, d in zip(left.linear, right.linear, left.offset, right.offset, strict=True):
        rows.append(([*row, *(-a for a in other)], "==", d - c))
    if coordinate is not None:
        gap = [Fraction(0)] * (2 * n)
        gap[coordinate], gap[n + coordinate] = Fraction(-sign), Fraction(sign)
        rows.append((gap, "<", Fraction(0)))
    return LinearSystem.from_rows(rows, dimension=2 * n)


def _collision(network: Network, one: Vector, two: Vector) -> Collision:
    found = Collision(one, two, network(one))
    reason = found.defect(network)
    if reason is not None:
        raise InvariantError(f"the collision of {one} and {two} is none: {reason}")
    return found
