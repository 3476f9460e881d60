"""C17: positive rescaling and permutation of hidden units change neither function nor cells.

A hidden unit may be multiplied by a positive number if its outgoing weights are divided by it; the units of a layer may
be renumbered.  Functions are compared on all cells of the difference network, cells as lists of configurations (after
a renumbering with permuted bits).  A negative factor turns the unit around and is no symmetry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network
from exactrelu.regions.equality import DifferentFunctions, EqualFunctions, decide_equality
from exactrelu.theorems.common import cells_of, names_of, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem
from exactrelu.varieties.symmetries import permute_neurons, rescale_neuron

__all__ = ["THEOREMS"]


def _unit(network: Network) -> Mapping[str, object]:
    """Unit 1 of the first hidden layer (0 if it is alone there) and the factor 3/2."""
    width = network.widths[1] if network.hidden else 0
    return {"layer": 0, "neuron": int(width > 1), "factor": Fraction(3, 2)}


def _order(network: Network) -> Mapping[str, object]:
    """The first hidden layer, backwards."""
    return {"layer": 0, "order": tuple(range(network.widths[1] if network.hidden else 0))[::-1]}


def _same_function(answer: EqualFunctions | DifferentFunctions) -> str:
    if isinstance(answer, EqualFunctions):
        return f"The difference of the two networks is zero on all its {answer.n_cells} cells."
    one, two = map(show_point, answer.values)
    return f"At {show_point(answer.point)} the values are {one} and {two}."


def _decide_rescaling(network: Network, *, layer: int, neuron: int, factor: Fraction) -> Decision:
    other = rescale_neuron(network, layer, neuron, factor)
    answer = decide_equality(network, other)
    notions = ("full", "half-open", "closed")
    same_names = all(names_of(network, notion) == names_of(other, notion) for notion in notions)
    maps = tuple(one.affine_map == two.affine_map for one, two in zip(cells_of(network), cells_of(other), strict=False))
    lines = (
        f"Unit {neuron} of hidden layer {layer} is multiplied by {factor}.",
        _same_function(answer),
        f"Full, half-open and closed configurations are {'the same' if same_names else 'not the same'}, "
        f"and {sum(maps)} of {len(cells_of(network))} affine maps.",
    )
    return isinstance(answer, EqualFunctions) and same_names and all(maps), lines, {"other": other, "answer": answer}


def _permuted(network: Network, layer: int, order: Sequence[int], bits: str) -> str:
    """The configuration after the renumbering: bit j of the layer is the old bit order[j]; linear units have none."""
    units = network.layer_units[layer]
    places = [k for k, a in enumerate(network.hidden[layer].activations) if not a.is_linear]
    old = dict(zip(places, bits[units.start : units.stop], strict=True))
    return bits[: units.start] + "".join(old[k] for k in order if k in old) + bits[units.stop :]


def _decide_permutation(network: Network, *, layer: int, order: Sequence[int]) -> Decision:
    other = permute_neurons(network, layer, order)
    answer = decide_equality(network, other)
    moved = {bits: _permuted(network, layer, order, bits) for bits in names_of(network)}
    same_names = sorted(moved.values()) == list(names_of(other))
    same_maps = same_names and all(
        cells_of(network)[bits].affine_map == cells_of(other)[image].affine_map for bits, image in moved.items()
    )
    lines = (
        f"The units of hidden layer {layer} are taken in the order {tuple(order)}.",
        _same_function(answer),
        f"The {len(moved)} full configurations are the same up to the order of bits: {same_names}.",
    )
    return isinstance(answer, EqualFunctions) and same_maps, lines, {"other": other, "answer": answer}


def _turned(network: Network, layer: int, neuron: int) -> Network:
    """The network with one unit's row, bias and outgoing weights multiplied by -1."""
    before, after = network.affine_maps[layer], network.affine_maps[layer + 1]
    rows = before.scale_rows([Fraction(-1 if k == neuron else 1) for k in range(before.n_outputs)])
    columns = [[-a if k == neuron else a for k, a in enumerate(row)] for row in after.linear]
    next_map = AffineMap.from_parts(columns, after.offset, n_inputs=after.n_inputs)
    hidden = list(network.hidden)
    hidden[layer] = Layer(rows, hidden[layer].activations)
    if layer + 1 == len(hidden):
        return Network(tuple(hidden), next_map)
    hidden[layer + 1] = Layer(next_map, hidden[layer + 1].activations)
    return Network(tuple(hidden), network.output)


def _decide_negative(network: Network, *, layer: int, neuron: int, factor: Fraction) -> Decision:
    other = rescale_neuron(_turned(network, layer, neuron), layer, neuron, abs(factor))
    answer = decide_equality(network, other)
    lines = (f"Unit {neuron} of hidden layer {layer} is multiplied by {-abs(factor)}.", _same_function(answer))
    return isinstance(answer, EqualFunctions), lines, {"other": other, "answer": answer}


def _has_unit(network: Network, *, layer: int, neuron: int, **_: object) -> str | None:
    if not 0 <= layer < len(network.hidden):
        return f"the layer is {layer}, and the network has {len(network.hidden)} hidden layers"
    width = network.hidden[layer].affine.n_outputs
    return None if 0 <= neuron < width else f"the unit is {neuron}, and the layer has {width} units"


def _has_positive_factor(network: Network, *, factor: Fraction, **_: object) -> str | None:
    return None if factor > 0 else f"the factor is {factor}"


def _has_order(network: Network, *, layer: int, order: Sequence[int]) -> str | None:
    if not 0 <= layer < len(network.hidden):
        return f"the layer is {layer}, and the network has {len(network.hidden)} hidden layers"
    width = network.hidden[layer].affine.n_outputs
    return None if sorted(order) == list(range(width)) else f"{tuple(order)} is no permutation of 0..{width - 1}"


_UNIT = Hypothesis("the unit exists", _has_unit)
_SOURCE = "own; relu(t x) = t relu(x) for t > 0"

THEOREMS = (
    Theorem(
        name="C17-rescaling",
        title="Positive rescaling is a symmetry",
        statement="Multiplying the row and the bias of a hidden unit by a positive number and its outgoing weights by "
        "the inverse changes neither the function nor any configuration nor any affine map.",
        latex=r"(m_{k,:}, b_k, m'_{:,k}) \mapsto (\lambda m_{k,:}, \lambda b_k, \lambda^{-1} m'_{:,k}),\ \lambda > 0",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, _UNIT, Hypothesis("the factor is positive", _has_positive_factor)),
        decide=_decide_rescaling,
        instances=(
            Instance("count-n4", example("count-n4"), "proved"),
            Instance("count-z", example("count-z"), "proved", {"layer": 1, "neuron": 0, "factor": Fraction(1, 7)}),
            Instance("count-abs", example("count-abs"), "not applicable", {"factor": Fraction(-1)}),
        ),
        subject=_unit,
    ),
    Theorem(
        name="C17-permutation",
        title="Permuting the units of a layer is a symmetry",
        statement="Renumbering the units of a hidden layer changes neither the function nor the cells; their bits are "
        "permuted.",
        latex=r"M^\ell \mapsto P M^\ell,\ b^\ell \mapsto P b^\ell,\ M^{\ell+1} \mapsto M^{\ell+1} P^{-1}",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, Hypothesis("the order is a permutation", _has_order)),
        decide=_decide_permutation,
        instances=(
            Instance("count-n4", example("count-n4"), "proved", {"layer": 0, "order": (1, 2, 0)}),
            Instance("max3", example("max3"), "proved"),
        ),
        subject=_order,
    ),
    Theorem(
        name="C17-negative-rescaling",
        title="Negative rescaling is a symmetry",
        statement="Multiplying the row and the bias of a hidden unit by a negative number and its outgoing weights by "
        "the inverse does not change the function.",
        latex=r"(m_{k,:}, b_k, m'_{:,k}) \mapsto (\lambda m_{k,:}, \lambda b_k, \lambda^{-1} m'_{:,k}),\ \lambda < 0",
        source="rescaling without its condition",
        hypotheses=(HIDDEN_LAYER, _UNIT),
        decide=_decide_negative,
        instances=(
            Instance("count-n4", example("count-n4"), "refuted"),
            Instance("count-abs", example("count-abs"), "refuted"),
        ),
        false_variant_of="C17-rescaling",
        subject=_unit,
    ),
)
