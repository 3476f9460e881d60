"""C12: level sets of one output, cell by cell.

On a full cell {f = t} is empty, a piece of a hyperplane, or the whole cell; the last case is reported apart.  It is
decided twice: by a linear program on each cell, and from the faces of the complex that the level cuts.  For an
invertible square layer the number of cells that the boundary meets is 2^d - 2^(d - p), where p counts the weights
whose sign differs from the sign of the last bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.exact.rationals import as_rational
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.network import Network
from exactrelu.regions.complex.levels import level_sets
from exactrelu.regions.results import Region
from exactrelu.theorems.common import cells_of, show_form
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_INPUTS, ONE_HIDDEN_LAYER, RELU_UNITS, SCALAR_OUTPUT
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]


def _zero_level(network: Network) -> Mapping[str, object]:
    return {"level": Fraction(0)}


def _kind(cell: Region, level: Fraction) -> str:
    """Whether {f = level} meets the open cell in "nothing", a "hyperplane" piece, or is the "whole" cell."""
    normal, offset = cell.affine_map.linear[0], cell.affine_map.offset[0]
    if not any(normal):
        return "whole" if offset == level else "nothing"
    # The cell of a full configuration is open up to its boundary: the system's rows are strict.
    rows = cell.system + LinearSystem.from_rows([(normal, "==", level - offset)])
    return "hyperplane" if isinstance(decide(rows), Feasible) else "nothing"


def _decide_level(network: Network, level: object) -> Decision:
    t = as_rational(level, name="level")
    kinds = {cell.configuration.bits: _kind(cell, t) for cell in cells_of(network)}
    found = level_sets(network, threshold=t)
    pieces = {piece.configuration.bits: piece.hyperplane for piece in found.pieces()}
    flat = {configuration.bits for configuration in found.flat_configurations}
    meets = {bits for bits, kind in kinds.items() if kind == "hyperplane"}
    whole = {bits for bits, kind in kinds.items() if kind == "whole"}
    lines = [f"Level {t}: {len(meets)} cells are cut, {len(whole)} are flat, the others are not met."]
    lines += [f"{bits}: {show_form(row[:-1], row[-1])} = 0." for bits, row in pieces.items() if bits in meets]
    lines += [f"{bits}: the network is {t} on the whole cell." for bits in sorted(whole)]
    interior = {bits for bits in pieces if bits in meets}
    holds = flat == whole and meets <= interior
    if not holds:
        lines.append(f"The complex cuts {sorted(pieces)} and has the flat cells {sorted(flat)}.")
    rows = {bits: pieces[bits] for bits in sorted(interior)}
    return holds, tuple(lines), {"pieces": rows, "flat": tuple(sorted(whole)), "cut": len(meets)}


def _decide_square(network: Network) -> Decision:
    (weights,), (offset,) = network.output.linear, network.output.offset
    d = network.n_inputs
    p = sum(w * offset < 0 for w in weights)
    formula = 2**d - 2 ** (d - p)
    cut = [cell.configuration.bits for cell in cells_of(network) if _kind(cell, Fraction(0)) == "hyperplane"]
    lines = (
        f"d = {d}, and {p} of the last weights have the other sign than the last bias {offset}.",
        f"2^{d} - 2^{d - p} = {formula}; {{f = 0}} cuts {len(cut)} cells: {', '.join(cut) or 'none'}.",
    )
    return len(cut) == formula, lines, {"cut": len(cut), "cells": tuple(cut), "p": p}


def _decide_never_flat(network: Network, level: object) -> Decision:
    """False: a level set has no interior."""
    t = as_rational(level, name="level")
    flat = [cell.configuration.bits for cell in cells_of(network) if _kind(cell, t) == "whole"]
    return not flat, (f"The network is {t} on the whole cells {flat}." if flat else "No cell is flat.",), {"flat": flat}


def _decide_every_cell(network: Network, level: object) -> Decision:
    """False: a decision boundary meets every cell."""
    t = as_rational(level, name="level")
    missed = [cell.configuration.bits for cell in cells_of(network) if _kind(cell, t) == "nothing"]
    line = (
        f"{{f = {t}}} does not meet the interior of {', '.join(missed)}."
        if missed
        else f"{{f = {t}}} meets the interior of every cell."
    )
    return not missed, (line,), {"missed": tuple(missed)}


def _not_square(network: Network, **_: object) -> str | None:
    affine = network.hidden[0].affine
    if affine.n_outputs != affine.n_inputs:
        return f"it maps {affine.n_inputs} inputs to {affine.n_outputs} units"
    rank = RationalMatrix.from_rows(affine.linear, n_columns=affine.n_inputs).rank()
    return None if rank == affine.n_inputs else f"its rank is {rank}"


def _zero_entry(network: Network, **_: object) -> str | None:
    (weights,), (offset,) = network.output.linear, network.output.offset
    if not offset:
        return "the last bias is 0"
    return next((f"weight {k} is 0" for k, w in enumerate(weights) if not w), None)


_SOURCE = "Vallin, Larsson, Larson 2023"


def _decision(name: str, count: int) -> Instance:
    return Instance(name, example(name), "proved", answers={"cut": count})


THEOREMS = (
    Theorem(
        name="C12-level-set",
        title="A level set on a cell is empty, a hyperplane piece, or the whole cell",
        statement="On each full cell {f = t} is empty, the cell's part of one hyperplane, or the whole cell; the last "
        "iff the linear part is zero and the offset is t.",
        latex=r"\{f = \tau\} \cap \operatorname{int} P_D \in \{\emptyset,\ \{A_D x + c_D = \tau\} \cap"
        r" \operatorname{int} P_D,\ \operatorname{int} P_D\}",
        source="the network is affine on each cell",
        hypotheses=(SCALAR_OUTPUT, FEW_INPUTS),
        decide=_decide_level,
        subject=_zero_level,
        instances=(
            Instance(
                "vallin",
                example("vallin"),
                "proved",
                answers={"pieces": {"10": (2, 4, 1), "11": (-7, 7, 13)}, "flat": ()},
            ),
            Instance("count-hat", example("count-hat"), "proved", answers={"flat": ("000", "111")}),
            Instance("count-hat", example("count-hat"), "proved", parameters={"level": "1/2"}, answers={"cut": 2}),
        ),
    ),
    Theorem(
        name="C12-square-layer",
        title="How many cells the boundary of an invertible layer meets",
        statement="For f = w·relu(A x + b) + c with A invertible of size d, all w_i and c not zero, {f = 0} meets "
        "exactly 2^d - 2^(d - p) cells in dimension d - 1, p being the number of w_i whose sign is not that of c.",
        latex=r"\#\{D : \dim(\{f = 0\} \cap P_D) = d - 1\} = 2^d - 2^{d-p}",
        source=_SOURCE,
        hypotheses=(
            ONE_HIDDEN_LAYER,
            RELU_UNITS,
            SCALAR_OUTPUT,
            Hypothesis("the hidden layer is square and invertible", _not_square),
            Hypothesis("no last weight is zero, nor the last bias", _zero_entry),
        ),
        decide=_decide_square,
        instances=(
            _decision("decision-d2p1", 2),
            _decision("decision-d2p2", 3),
            _decision("decision-d3p1", 4),
            _decision("decision-d3p2", 6),
            _decision("decision-d3p3", 7),
            _decision("vallin", 2),
            Instance("count-g3", example("count-g3"), "not applicable"),
        ),
    ),
    Theorem(
        name="C12-never-flat",
        title="A level set has no interior",
        statement="No level set of a network contains a full cell.",
        latex=r"\operatorname{int}\{f = \tau\} = \emptyset",
        source="pitfall: flat cells must be reported apart",
        hypotheses=(SCALAR_OUTPUT,),
        decide=_decide_never_flat,
        subject=_zero_level,
        instances=(
            Instance("count-hat", example("count-hat"), "refuted"),
            Instance("vallin", example("vallin"), "proved"),
        ),
        false_variant_of="C12-level-set",
    ),
    Theorem(
        name="C12-every-cell",
        title="The boundary meets every cell",
        statement="{f = t} meets the interior of every full cell.",
        latex=r"\{f = \tau\} \cap \operatorname{int} P_D \ne \emptyset \text{ for all } D",
        source="pitfall: of the 2^d cells of an invertible layer at least one is missed",
        hypotheses=(SCALAR_OUTPUT,),
        decide=_decide_every_cell,
        subject=_zero_level,
        instances=(
            Instance("decision-d2p1", example("decision-d2p1"), "refuted"),
            Instance("decision-d3p3", example("decision-d3p3"), "refuted"),
        ),
        false_variant_of="C12-square-layer",
    ),
)
