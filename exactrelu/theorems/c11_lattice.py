"""C11: when a network is the maximum of minima of its own pieces.

The pairwise lattice property is sufficient for the max-min formula, the exact test is one linear program for each cell
and index set, and after cutting the cells by the hyperplanes where two pieces agree the formula always holds.  The
network `lattice-fail` has neither the property nor, with its own cells, the formula.
"""

from __future__ import annotations

from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of, show_form, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import FEW_CELLS, SCALAR_OUTPUT
from exactrelu.theorems.lattice import LatticePieces, Mismatch, lattice_pieces, refine_by_order
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

_MOST_PIECES = 7
_MOST_INPUTS = 2


def _index_sets(pieces: LatticePieces) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(pieces.names[k] for k in indices)
        for name, indices in zip(pieces.names, pieces.index_sets, strict=True)
    }


def _failures(pieces: LatticePieces) -> tuple[tuple[str, str], ...]:
    return tuple((pieces.names[i], pieces.names[j]) for i, j in pieces.pairwise_failures)


def _show_mismatch(pieces: LatticePieces, found: Mismatch) -> str:
    return (
        f"At {show_point(found.point)}, in the cell of {pieces.names[found.piece]}, the network is {found.value} and "
        f"the formula {found.formula}, because of the index set of {pieces.names[found.index_set]}."
    )


def _decide_formula(network: Network) -> Decision:
    pieces = lattice_pieces(network)
    mismatch = pieces.find_mismatch()
    sets = _index_sets(pieces)
    lines = [
        f"{name}: piece {show_form(form[:-1], form[-1])}, S = {', '.join(sets[name])}."
        for name, form in zip(pieces.names, pieces.forms, strict=True)
    ]
    evidence = {"S": sets, "failures": _failures(pieces), "mismatch": mismatch}
    if mismatch is not None:
        return False, (*lines, _show_mismatch(pieces, mismatch)), evidence
    lines.append("No point of a cell lies below the minimum over another index set: the formula is the network.")
    return True, tuple(lines), evidence


def _decide_refined(network: Network) -> Decision:
    pieces = lattice_pieces(network)
    refined = refine_by_order(pieces)
    mismatch = refined.find_mismatch()
    sets = {frozenset(refined.forms[k] for k in indices) for indices in refined.index_sets}
    lines = [
        f"{len(pieces.forms)} cells with {len(set(pieces.forms))} different pieces become {len(refined.forms)} parts "
        f"on which the order of the pieces is constant, with {len(sets)} different index sets."
    ]
    if mismatch is not None:
        lines.append(_show_mismatch(refined, mismatch))
    else:
        lines.append("No point of a part lies below the minimum over an index set: the formula is the network.")
    evidence = {
        "parts": len(refined.forms),
        "distinct_pieces": len(set(pieces.forms)),
        "index_sets": len(sets),
        "mismatch": mismatch,
    }
    return mismatch is None, tuple(lines), evidence


def _decide_above(network: Network) -> Decision:
    pieces = lattice_pieces(network)
    below = [
        name
        for name, indices, k in zip(pieces.names, pieces.index_sets, range(len(pieces.names)), strict=True)
        if k not in indices
    ]
    lows = [r.witness for r in cells_of(network) if pieces.formula(r.witness) < network(r.witness)[0]]
    lines = (
        f"Each of the {len(pieces.names)} index sets contains its own cell, so its minimum is the network there.",
        f"At the witnesses of all cells the formula is at least the network: {not lows}.",
    )
    return not below and not lows, lines, {"below": tuple(below)}


def _decide_pairwise(network: Network) -> Decision:
    """False: the pairwise property always holds."""
    failures = _failures(lattice_pieces(network))
    lines = tuple(f"No piece lies below {i} on its cell and above {j} on its cell." for i, j in failures)
    return not failures, lines or ("Every pair has a piece between.",), {"pairwise_failures": failures}


def _decide_own_cells(network: Network) -> Decision:
    """False: the formula with the network's own cells is the network."""
    pieces = lattice_pieces(network)
    mismatch = pieces.find_mismatch()
    if mismatch is None:
        return True, ("The formula is the network.",), {"mismatch": None}
    return False, (_show_mismatch(pieces, mismatch),), {"mismatch": mismatch}


def _fails(network: Network, **_: object) -> str | None:
    failures = _failures(lattice_pieces(network))
    return f"it fails for the cells {failures[0][0]} and {failures[0][1]}" if failures else None


def _many_parts(network: Network, **_: object) -> str | None:
    pieces = len(set(lattice_pieces(network).forms))
    if network.n_inputs > _MOST_INPUTS or pieces > _MOST_PIECES:
        return f"the network has {network.n_inputs} inputs and {pieces} different pieces"
    return None


_HAT_SETS = {
    "000": ("000", "110", "111"),
    "100": ("100", "110"),
    "110": ("100", "110"),
    "111": ("000", "100", "111"),
}
_FAIL_PAIRS = tuple(sorted((("10111", "01001"), ("10111", "01000"), ("10101", "01001"), ("10101", "01000"))))
_FEW_PARTS = Hypothesis(
    f"at most {_MOST_INPUTS} inputs and {_MOST_PIECES} different pieces, so that the parts can be listed", _many_parts
)
_SOURCE = "Preto, Finger 2025; Tarela, Martínez 1999"

THEOREMS = (
    Theorem(
        name="C11-pairwise-suffices",
        title="The pairwise lattice property makes the max-min formula exact",
        statement="If for all cells i and j some piece is at most p_i on i and at least p_j on j, then the network is "
        "the maximum over i of the minimum of the pieces that are at least p_i on i.",
        latex=r"f = \max_i \min_{k \in S_i} p_k, \quad S_i = \{k : p_k \ge p_i \text{ on } \Omega_i\}",
        source=_SOURCE,
        hypotheses=(SCALAR_OUTPUT, FEW_CELLS, Hypothesis("the pairwise lattice property", _fails)),
        decide=_decide_formula,
        instances=(
            Instance("lattice-hat", example("lattice-hat"), "proved", answers={"S": _HAT_SETS, "failures": ()}),
            Instance("count-m1", example("count-m1"), "proved"),
            Instance("lattice-fail", example("lattice-fail"), "not applicable"),
        ),
    ),
    Theorem(
        name="C11-formula-above",
        title="The max-min formula is never below the network",
        statement="The maximum over cells i of the minimum of the pieces that are at least p_i on i is at least the "
        "network.",
        latex=r"f \le \max_i \min_{k \in S_i} p_k",
        source="i is in S_i, and the minimum over S_i is p_i on cell i",
        hypotheses=(SCALAR_OUTPUT, FEW_CELLS),
        decide=_decide_above,
        instances=tuple(Instance(n, example(n), "proved") for n in ("lattice-hat", "lattice-fail")),
    ),
    Theorem(
        name="C11-refined-formula",
        title="After cutting by the order of the pieces the formula holds",
        statement="If the cells are cut by all hyperplanes on which two pieces agree, the network is the maximum over "
        "parts i of the minimum of the pieces that are at least p_i on i.",
        latex=r"f = \max_i \min_{k \in S_i} p_k \quad \text{with } \Omega_i \text{ cut by all } \{p_k = p_l\}",
        source=_SOURCE,
        hypotheses=(SCALAR_OUTPUT, FEW_CELLS, _FEW_PARTS),
        decide=_decide_refined,
        instances=(
            Instance("lattice-hat", example("lattice-hat"), "proved"),
            Instance(
                "lattice-fail",
                example("lattice-fail"),
                "proved",
                answers={"parts": 90, "distinct_pieces": 7, "index_sets": 17},
            ),
        ),
    ),
    Theorem(
        name="C11-pairwise-always",
        title="The pairwise lattice property always holds",
        statement="For all cells i and j of a network some piece is at most p_i on i and at least p_j on j.",
        latex=r"\forall i, j\ \exists k:\ p_i \ge p_k \text{ on } \Omega_i,\ p_k \ge p_j \text{ on } \Omega_j",
        source="pitfall: it can fail for the cells of a network",
        hypotheses=(SCALAR_OUTPUT, FEW_CELLS),
        decide=_decide_pairwise,
        instances=(
            Instance("lattice-fail", example("lattice-fail"), "refuted", answers={"pairwise_failures": _FAIL_PAIRS}),
            Instance("lattice-hat", example("lattice-hat"), "proved"),
        ),
        false_variant_of="C11-pairwise-suffices",
    ),
    Theorem(
        name="C11-formula-always",
        title="The max-min formula over the cells is the network",
        statement="A network is the maximum over its cells i of the minimum of the pieces that are at least p_i on i.",
        latex=r"f = \max_i \min_{k \in S_i} p_k \quad (\Omega_i = \hat P_{D_i})",
        source="pitfall: the order of the pieces may change inside a cell",
        hypotheses=(SCALAR_OUTPUT, FEW_CELLS),
        decide=_decide_own_cells,
        instances=(
            Instance("lattice-fail", example("lattice-fail"), "refuted"),
            Instance("lattice-hat", example("lattice-hat"), "proved"),
        ),
        false_variant_of="C11-refined-formula",
    ),
)
