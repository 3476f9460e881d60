"""C24: equality of functions is decided by the cells of the difference network.

Two networks are put side by side (the shorter one padded by identities) and their outputs subtracted.  They are equal
as functions iff the difference has the zero map on all its full cells.  Without a second network the theorem looks at
a copy: rescaled, permuted, and padded by pairs t = relu(t) - relu(-t), which is always equal.

Equal functions may have different numbers of cells, and need not be related by rescaling and permutation.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.combining import difference, padded
from exactrelu.networks.network import Network
from exactrelu.regions.equality import DifferentFunctions, EqualFunctions, decide_equality
from exactrelu.theorems.common import cells_of, show_point
from exactrelu.theorems.examples import example, parse_network
from exactrelu.theorems.hypotheses import ONE_HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem
from exactrelu.varieties.symmetries import permute_neurons, rescale_neuron

__all__ = ["THEOREMS", "shallow_normal_form"]


def _same_shape_copy(network: Network) -> Network:
    """The network with one unit rescaled and the first hidden layer permuted."""
    if not network.hidden:
        return network
    return permute_neurons(rescale_neuron(network, 0, 0, "3/2"), 0, range(network.widths[1])[::-1])


def _shallow_copy(network: Network) -> Mapping[str, object]:
    return {"other": _same_shape_copy(network)}


def _copy(network: Network) -> Mapping[str, object]:
    return {"other": padded(_same_shape_copy(network), len(network.hidden) + 1, relu_only=True)}


def _decide_cells(network: Network, *, other: Network) -> Decision:
    both = difference(network, other)
    pieces = cells_of(both)
    zero = all(not any(map(any, region.affine_map.augmented.to_fractions())) for region in pieces)
    answer = decide_equality(network, other)
    equal = isinstance(answer, EqualFunctions)
    lines = [f"The difference network has {len(pieces)} full cells; its map is zero on all of them: {zero}."]
    if isinstance(answer, DifferentFunctions):
        one, two = map(show_point, answer.values)
        lines.append(f"At {show_point(answer.point)} the networks have the values {one} and {two}.")
        sound = network(answer.point) != other(answer.point)
    else:
        sound = all(
            network(region.witness) == other(region.witness)
            for cells in (cells_of(network), cells_of(other), pieces)
            for region in cells
        )
        lines.append("The two agree at a point of each cell of either network and of the difference.")
    return sound and zero == equal, tuple(lines), {"equal": equal, "N_full_difference": len(pieces), "answer": answer}


def _decide_same_number(network: Network, *, other: Network) -> Decision:
    one, two = len(cells_of(network)), len(cells_of(other))
    return one == two, (f"The functions are equal; the networks have {one} and {two} cells.",), {"cells": (one, two)}


def shallow_normal_form(network: Network) -> tuple[tuple[Fraction, ...], ...]:
    """Return the units of one hidden layer as sorted rows (w, b, v), scaled to sum |w| + |b| = 1, zero units left out.

    Two networks with the same output bias differ by rescaling and permutation (and zero units) iff the forms agree.

    Example:
        >>> one, two = parse_network("2 0; -1 0 | 1 1 0"), parse_network("-3 0; 1 0 | 1/3 2 0")
        >>> shallow_normal_form(one) == shallow_normal_form(two)
        True
    """
    columns = RationalMatrix.from_rows(network.output.linear, n_columns=network.output.n_inputs).transpose()
    rows = []
    for row, v in zip(network.hidden[0].affine.augmented.to_fractions(), columns.to_fractions(), strict=True):
        size = sum(map(abs, row), Fraction(0))
        if size:
            rows.append((*(a / size for a in row), *(a * size for a in v)))
    return tuple(sorted(rows))


def _decide_only_symmetries(network: Network, *, other: Network) -> Decision:
    forms = shallow_normal_form(network), shallow_normal_form(other)
    same = forms[0] == forms[1] and network.output.offset == other.output.offset
    mine, theirs = (", ".join(map(show_point, form)) or "none" for form in forms)
    lines = ("The functions are equal.", f"Up to scale the units (w, b, v) are {mine} and {theirs}.")
    return same, lines, {"forms": forms}


def _comparable(network: Network, *, other: Network) -> str | None:
    mine, theirs = (network.n_inputs, network.n_outputs), (other.n_inputs, other.n_outputs)
    return None if mine == theirs else f"inputs and outputs are {mine} and {theirs}"


def _are_equal(network: Network, *, other: Network) -> str | None:
    answer = decide_equality(network, other)
    if isinstance(answer, EqualFunctions):
        return None
    one, two = map(show_point, answer.values)
    return f"at {show_point(answer.point)} they have the values {one} and {two}"


def _same_widths(network: Network, *, other: Network) -> str | None:
    return None if network.widths == other.widths else f"the widths are {network.widths} and {other.widths}"


_COMPARABLE = Hypothesis("the same numbers of inputs and outputs", _comparable)
_EQUAL = Hypothesis("the two networks are equal as functions", _are_equal)
_RELU_PLUS = parse_network("1 0; 1 -1; 1 -1 | 1 1 -1 0", "relu and a pair that cancels")
_RELU = parse_network("1 0 | 1 0", "relu")
_LINE = parse_network("1 -1; -1 1 | 1 -1 1", "x, bent at 1")
_SOURCE = "own; the difference is continuous and the closed cells cover the space"

THEOREMS = (
    Theorem(
        name="C24-difference",
        title="Equality of two networks",
        statement="Two networks are equal as functions iff the difference network has the zero map on each of its full "
        "cells; otherwise there is a rational point with different values.",
        latex=r"f = g \iff A_D = 0,\ c_D = 0 \text{ for all full cells } D \text{ of } f - g",
        source=_SOURCE,
        hypotheses=(_COMPARABLE,),
        decide=_decide_cells,
        instances=(
            Instance(
                "equiv-max",
                example("equiv-max"),
                "proved",
                {"other": example("max2")},
                {"equal": True, "N_full_difference": 6},
            ),
            Instance("count-n4", example("count-n4"), "proved", answers={"equal": True}),
            Instance("count-e2", example("count-e2"), "proved", {"other": example("count-e2b")}, {"equal": False}),
            Instance("max2-max3", example("max2"), "not applicable", {"other": example("max3")}),
        ),
        subject=_copy,
    ),
    Theorem(
        name="C24-same-number-of-cells",
        title="Equal functions have equally many cells",
        statement="Two networks that are equal as functions have the same number of full cells.",
        latex=r"f = g \Rightarrow N_{\mathrm{full}}(f) = N_{\mathrm{full}}(g)",
        source="cells taken for a property of the function",
        hypotheses=(_COMPARABLE, _EQUAL),
        decide=_decide_same_number,
        instances=(
            Instance("relu", _RELU, "refuted", {"other": _RELU_PLUS}, {"cells": (2, 3)}),
            Instance("equiv-max", example("equiv-max"), "proved", {"other": example("max2")}, {"cells": (4, 4)}),
        ),
        false_variant_of="C24-difference",
        subject=_copy,
    ),
    Theorem(
        name="C24-only-symmetries",
        title="Only symmetries keep the function",
        statement="Two networks with one hidden layer and the same widths that are equal as functions differ by "
        "positive rescaling and permutation of their units.",
        latex=r"f_\theta = f_{\theta'} \Rightarrow \theta' = g\theta \text{ for a rescaling and permutation } g",
        source="true for generic parameters only",
        hypotheses=(
            ONE_HIDDEN_LAYER,
            RELU_UNITS,
            Hypothesis("the same widths", _same_widths),
            _EQUAL,
        ),
        decide=_decide_only_symmetries,
        instances=(
            Instance("convex-c2", example("convex-c2"), "refuted", {"other": _LINE}),
            Instance("count-hat", example("count-hat"), "proved"),
        ),
        false_variant_of="C24-difference",
        subject=_shallow_copy,
    ),
)
