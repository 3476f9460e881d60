"""C22: rank of the affine map of a cell, and where the cell's values lie [HH19, Theorem 5 and the remark after (12)].

On a half-open cell f(x) = b^L + sum c_i(x) m^L_{:,i} over the active units i of the last hidden layer, and there c_i is
the unit's preactivation, so c_i(x) > 0: the image lies in a cone with apex b^L.  The two affine forms c_i and z_i are
compared entry by entry.  The rank of A_D is at most each number of active units.  It may be smaller; and outside the
cell the affine map leaves the cone, only the span remains.
"""

from __future__ import annotations

from fractions import Fraction

from exactrelu.atoms.decomposition import AtomicDecomposition, Atoms
from exactrelu.atoms.image_cone import image_cone
from exactrelu.lp.evidence import Feasible
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of, names_of, show_form, show_point
from exactrelu.theorems.examples import example, parse_network
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS"]


def _bound(piece: AtomicDecomposition) -> int:
    return min(piece.network.n_inputs, piece.network.n_outputs, piece.rank_bound)


def _decide_rank(network: Network) -> Decision:
    atoms = Atoms(network)
    pieces = {bits: atoms.decompose(bits) for bits in names_of(network, "half-open")}
    ranks = {bits: (piece.rank, _bound(piece)) for bits, piece in pieces.items()}
    constants = tuple((bits, pieces[bits].affine_map.offset) for bits, (rank, _) in ranks.items() if not rank)
    lines = [f"{len(ranks)} half-open cells."]
    lines += [f"{bits}: rank {rank} <= min(n_0, s_1, ..., n_L) = {bound}." for bits, (rank, bound) in ranks.items()]
    lines += [f"On {bits} the network is constant, {show_point(value)}." for bits, value in constants]
    holds = all(rank <= bound for rank, bound in ranks.values())
    return holds, tuple(lines), {"ranks": ranks, "constants": constants}


def _active_forms(piece: AtomicDecomposition) -> dict[int, tuple[Fraction, ...]]:
    """c_i of (12) for the active units of the last hidden layer, as coefficients and constant."""
    linear = (piece.path_sums[0] @ piece.atoms.factors.matrices[0]).to_fractions()
    return {i: (*linear[i], offset) for i, offset in piece.offsets.items()}


def _decide_cone(network: Network) -> Decision:
    atoms, maps = Atoms(network), Linearisation(network)
    last = len(network.hidden) - 1
    lines = []
    for region in cells_of(network, "half-open"):
        bits = region.configuration.bits
        piece = atoms.decompose(bits)
        preactivations = maps.layer_map(bits, last).augmented.to_fractions()
        forms = _active_forms(piece)
        active = {i for i, bit in enumerate(region.configuration.by_layer(network)[last]) if bit == "1"}
        if set(forms) != active or any(form != preactivations[i] for i, form in forms.items()):
            return False, (f"On {bits} some c_i is not the preactivation of unit i.",), {"configuration": bits}
        weights = piece.weights_at(region.witness)
        value = tuple(
            base + sum((c * atoms.column(i)[k] for i, c in weights.items()), Fraction(0))
            for k, base in enumerate(network.output.offset)
        )
        if value != network(region.witness) or any(c <= 0 for c in weights.values()):
            line = f"At {show_point(region.witness)} the cone's point is {show_point(value)}."
            return False, (line,), {"configuration": bits, "point": region.witness}
        shown = "; ".join(f"c_{i} = {show_form(form[:-1], form[-1])} > 0" for i, form in forms.items())
        lines.append(f"{bits}: {shown or 'no active unit, the single value b^L'}.")
    return True, tuple(lines), {"cells": len(lines)}


def _decide_equal_rank(network: Network) -> Decision:
    atoms = Atoms(network)
    for bits in names_of(network):
        piece = atoms.decompose(bits)
        if piece.rank != _bound(piece):
            line = f"On {bits} the rank is {piece.rank}, and min(n_0, s_1, ..., n_L) = {_bound(piece)}."
            return False, (line,), {"configuration": bits, "rank": piece.rank, "claimed": _bound(piece)}
    return True, (f"Equality holds on all {len(names_of(network))} full cells.",), {}


def _decide_map_in_cone(network: Network) -> Decision:
    """Points of all cells are put into the affine maps of all others."""
    atoms = Atoms(network)
    for region in cells_of(network):
        cone = image_cone(atoms.decompose(region.configuration))
        for other in cells_of(network):
            value = region.affine_map(other.witness)
            if not isinstance(cone.decide_membership(value), Feasible):
                line = (
                    f"The affine map of {region.configuration} takes {show_point(other.witness)}, a point of "
                    f"{other.configuration}, to {show_point(value)}, outside the cone."
                )
                return False, (line,), {"configuration": region.configuration.bits, "point": other.witness}
    return True, ("The affine maps stay in their cones at the witnesses of all cells.",), {}


_SOURCE = "Heinecke, Hwang 2019, Theorem 5 and the remark after (12), in the stronger form with a cone"
_DOUBLE = parse_network("1 0; 1 0 | 1 1 0; 2 2 0", "double")

THEOREMS = (
    Theorem(
        name="C22-rank",
        title="The rank of a piece",
        statement="On every half-open cell the rank of the linear part is at most the number of inputs, of outputs, "
        "and of active units in each hidden layer.",
        latex=r"\operatorname{rank} A_D \le \min(n_0, s_1, \dots, s_{L-1}, n_L)",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_rank,
        instances=(
            Instance("count-n4", example("count-n4"), "proved", answers={"constants": (("0000101", (11,)),)}),
            Instance("fundim-dead", example("fundim-dead"), "proved"),
            Instance("double", _DOUBLE, "proved"),
        ),
    ),
    Theorem(
        name="C22-cone",
        title="The values on a cell lie in a cone",
        statement="On the half-open cell of D the network is b^L plus a combination with positive coefficients of the "
        "columns of the last matrix that belong to active units; the coefficients are their preactivations.",
        latex=r"f(P_D) \subset b^L + \{\textstyle\sum_{i \in S_{L-1}} t_i m^L_{:,i} : t_i > 0\}",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_cone,
        instances=(
            Instance("count-n4", example("count-n4"), "proved", answers={"cells": 10}),
            Instance("count-abs", example("count-abs"), "proved", answers={"cells": 3}),
        ),
    ),
    Theorem(
        name="C22-rank-equality",
        title="The rank is the least number of active units",
        statement="On every full cell the rank of the linear part is the minimum of the numbers of inputs, of "
        "outputs, and of active units in each hidden layer.",
        latex=r"\operatorname{rank} A_D = \min(n_0, s_1, \dots, s_{L-1}, n_L)",
        source="the generic rank taken for the rank",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_equal_rank,
        instances=(
            Instance("count-hat", example("count-hat"), "refuted", answers={"configuration": "111", "rank": 0}),
            Instance("count-tri", example("count-tri"), "proved"),
        ),
        false_variant_of="C22-rank",
    ),
    Theorem(
        name="C22-map-in-cone",
        title="The affine map stays in the cone",
        statement="The affine map of a full cell takes every input into the cell's cone.",
        latex=r"A_D(\mathbb{R}^n) \subset b^L + \{\textstyle\sum_{i \in S_{L-1}} t_i m^L_{:,i} : t_i > 0\}",
        source="the statement about the cell carried over to all inputs; only the span is right there",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_map_in_cone,
        instances=(Instance("count-abs", example("count-abs"), "refuted"),),
        false_variant_of="C22-cone",
    ),
)
