"""C16: functional dimension, the number of independent directions of the parameters as functions.

The derivatives of the output by the parameters are functions on the union of the open cells, affine in the input on
each.  Their rank is computed twice: from the exact Jacobian of the pattern variety (`exactrelu.varieties`), and from
back-propagated gradients at n + 1 affinely independent points of every cell, which determine an affine function.  It is
at most P minus the number of hidden units, because each of these may be rescaled; and it depends on the parameters, not
only on the architecture: dead, doubled and opposite units lower it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from exactrelu.bounds.gradients import back_propagate
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.regions.results import Region
from exactrelu.theorems.common import cells_of
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem
from exactrelu.varieties.functional_dimension import functional_dimension
from exactrelu.varieties.symmetries import permute_neurons, rescale_neuron

__all__ = ["THEOREMS", "rank_by_gradients"]

Vector = tuple[Fraction, ...]


def rank_by_gradients(network: Network) -> int:
    """Return the rank of the parameter derivatives at n + 1 affinely independent points of every full cell.

    The points have no preactivation at zero except those of units that are zero on the whole cell, whose derivatives
    are taken with slope 0.  Cost: (n + 1) times the outputs back-propagations a cell, and one rank.

    Example:
        >>> rank_by_gradients(example("fundim-1-2-1"))
        5
    """
    rows = []
    for region in cells_of(network):
        for point in _simplex(region):
            for output in range(network.n_outputs):
                one = [int(k == output) for k in range(network.n_outputs)]
                gradients = back_propagate(network, point, one, at_zero=0)
                entries = [a for matrix in gradients.weights for row in matrix.to_fractions() for a in row]
                rows.append([*entries, *(a for bias in gradients.biases for a in bias)])
    return RationalMatrix.from_rows(rows).rank()


def _simplex(region: Region) -> list[Vector]:
    """The witness and n points next to it in the open cell, one in the direction of each axis."""
    points = [region.witness]
    for axis in range(len(region.witness)):
        step = Fraction(1)
        while True:
            moved = tuple(a + step * (k == axis) for k, a in enumerate(region.witness))
            if moved in region:
                points.append(moved)
                break
            step /= 2
    return points


def _decide_bound(network: Network) -> Decision:
    found = functional_dimension(network)
    again = rank_by_gradients(network)
    lines = (
        f"{found.n_parameters} parameters, {found.n_hidden} hidden units: the bound is {found.upper}.",
        f"The derivatives on the {found.n_cells} cells have rank {found.value}; by gradients at points: {again}.",
    )
    evidence = {"P": found.n_parameters, "h": found.n_hidden, "upper": found.upper, "fundim": found.value}
    return found.value == again <= found.upper, lines, evidence


def _decide_invariance(network: Network) -> Decision:
    values = [functional_dimension(network).value]
    for layer, hidden in enumerate(network.hidden):
        width = hidden.affine.n_outputs
        values.append(functional_dimension(permute_neurons(network, layer, range(width)[::-1])).value)
        values += [functional_dimension(rescale_neuron(network, layer, k, "3/2")).value for k in range(width)]
    line = f"The rank is {values[0]}; after {len(values) - 1} rescalings and permutations it is {values[1:]}."
    return len(set(values)) == 1, (line,), {"values": tuple(values)}


def _generic(network: Network) -> Mapping[str, object]:
    """A network of the same widths with arbitrary parameters."""
    return {"other": random_network(network.widths, seed=1, height=64)}


def _has_the_same_widths(network: Network, *, other: Network) -> str | None:
    return None if network.widths == other.widths else f"the widths are {network.widths} and {other.widths}"


def _decide_architecture(network: Network, *, other: Network) -> Decision:
    mine, theirs = functional_dimension(network).value, functional_dimension(other).value
    widths = "-".join(map(str, network.widths))
    line = f"The network of widths {widths} has functional dimension {mine}; other parameters give {theirs}."
    return mine == theirs, (line,), {"fundim": mine, "other": theirs}


_TABLE = {
    "fundim-1-1-1": (4, 1, 3, 3),
    "fundim-1-2-1": (7, 2, 5, 5),
    "fundim-1-2-1-dup": (7, 2, 5, 3),
    "fundim-1-2-1-opp": (7, 2, 5, 4),
    "fundim-2-2-1": (9, 2, 7, 7),
    "fundim-2-3-1": (13, 3, 10, 10),
    "fundim-1-2-2-1": (13, 4, 9, 8),
    "fundim-e2": (11, 3, 8, 8),
    "fundim-e2b": (11, 3, 8, 7),
    "fundim-dead": (6, 2, 4, 1),
}
_SOURCE = "Grigsby, Lindsey, Meyerhoff, Wu 2022, Functional dimension of feedforward ReLU neural networks"

THEOREMS = (
    Theorem(
        name="C16-bound",
        title="Functional dimension at most parameters minus hidden units",
        statement="The rank of the parameter derivatives as functions on the open cells is at most the number of "
        "parameters minus the number of hidden units.",
        latex=r"\operatorname{rank} \{\partial f / \partial \theta_p\}_p \le P - \sum_{\ell<L} n_\ell",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_bound,
        instances=tuple(
            Instance(name, example(name), "proved", answers=dict(zip(("P", "h", "upper", "fundim"), row, strict=True)))
            for name, row in _TABLE.items()
        ),
    ),
    Theorem(
        name="C16-invariance",
        title="Functional dimension under rescaling and permutation",
        statement="Multiplying a hidden unit by a positive number and dividing its outgoing weights by it, or "
        "permuting the units of a layer, does not change the functional dimension.",
        latex=r"\dim_{\mathrm{fun}}(\theta) = \dim_{\mathrm{fun}}(g \theta)",
        source="own; the action is linear and invertible on the parameters",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_invariance,
        instances=tuple(Instance(name, example(name), "proved") for name in ("fundim-e2b", "fundim-1-2-1-dup")),
    ),
    Theorem(
        name="C16-architecture",
        title="Functional dimension depends on the widths only",
        statement="Two networks of the same widths have the same functional dimension.",
        latex=r"\dim_{\mathrm{fun}}(\theta) = \dim_{\mathrm{fun}}(\theta') \text{ for one architecture}",
        source="a count of parameters taken for a rank",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS, Hypothesis("the same widths", _has_the_same_widths)),
        decide=_decide_architecture,
        instances=(
            Instance("fundim-1-2-1-dup", example("fundim-1-2-1-dup"), "refuted", answers={"fundim": 3, "other": 5}),
            Instance("fundim-dead", example("fundim-dead"), "refuted", answers={"fundim": 1}),
        ),
        false_variant_of="C16-bound",
        subject=_generic,
    ),
)
