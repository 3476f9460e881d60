"""C14: the maximum of N numbers as a network, proved cell by cell.

A tournament of pairs, max(a, b) = relu(a - b) + relu(b) - relu(-b), takes ceil(log2 N) hidden layers.  Whether a given
network computes the maximum is decided on its cells: there its map must be a coordinate x_j, and x_j >= x_k on the
closed cell for all k, each with a dual certificate.  That every coordinate occurs as a piece is not enough, as the
minimum shows.

Only upper bounds on the depth are stated.  That ceil(log2 N) hidden layers are *necessary* is false: two suffice for
five numbers.  That such networks exist is due to Bakaev et al. (arXiv 2505.14338); the small one here is our own.  With
m_ij = max(x_i, x_j), each of them one unit of the first layer,

    max(x_0, ..., x_4) = m_34 + relu(x_1 - m_34)/2 + relu(m_01 + m_12 - 2 m_02)/4 + relu(m_01 + m_14 - m_12 - m_13)/2
        - relu(m_01 + m_34 - m_02 - m_13)/2 + relu(m_02 - m_34) - relu(m_02 + m_14 - m_12 - m_34)/2,

found by exact linear algebra over all functions relu(sum of two maxima - sum of two maxima), and proved on its 128
cells like any other network here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from exactrelu.lp.evidence import DualCertificate, Optimal
from exactrelu.lp.optimise import maximise
from exactrelu.networks.builders import maximum
from exactrelu.networks.network import Network
from exactrelu.regions.counts import count_regions
from exactrelu.regions.equality import DifferentFunctions, EqualFunctions, decide_equality
from exactrelu.regions.results import Region
from exactrelu.representations.univariate import minimal_width, univariate_form
from exactrelu.theorems.common import cells_of, show_point
from exactrelu.theorems.examples import example, parse_network
from exactrelu.theorems.hypotheses import SCALAR_OUTPUT, UNIVARIATE
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS", "Dominance", "dominance"]


@dataclass(frozen=True, slots=True)
class Dominance:
    """On one cell the network is x_j, and x_k <= x_j on the closed cell for every other k, by `proofs[k]`."""

    configuration: str
    coordinate: int
    proofs: dict[int, DualCertificate]

    def defect(self, region: Region) -> str | None:
        """Return what is wrong with it for the cell; None if it proves that the network is the maximum there."""
        n = region.problem.network.n_inputs
        if _coordinate(region) != self.coordinate:
            return f"the affine map is not x{self.coordinate}"
        for k in range(n):
            if k != self.coordinate:
                if k not in self.proofs:
                    return f"x{k} <= x{self.coordinate} has no proof"
                gap = _gap(n, k, self.coordinate)
                reason = self.proofs[k].defect(region.polyhedron.system, gap, Fraction(0))
                if reason is not None:
                    return f"x{k} <= x{self.coordinate}: {reason}"
        return None


def _gap(n: int, k: int, j: int) -> tuple[Fraction, ...]:
    """The form x_k - x_j."""
    return tuple(Fraction((i == k) - (i == j)) for i in range(n))


def _coordinate(region: Region) -> int | None:
    """The j with affine map x_j on the cell, None if it is another map."""
    (row,), (offset,) = region.affine_map.linear, region.affine_map.offset
    if offset or sorted(row) != sorted(_gap(len(row), 0, -1)):
        return None
    return row.index(Fraction(1))


def dominance(region: Region) -> Dominance | None:
    """Return the proof that a network with one output is the maximum of its inputs on a cell; None if it is not.

    Example:
        >>> [dominance(region).coordinate for region in cells_of(maximum(2))]
        [1, 0]
    """
    j = _coordinate(region)
    if j is None:
        return None
    n = region.problem.network.n_inputs
    proofs = {}
    for k in range(n):
        if k != j:
            answer = maximise(region.polyhedron.system, _gap(n, k, j))
            if not isinstance(answer, Optimal) or answer.value > 0:
                return None
            proofs[k] = answer.dual
    return Dominance(region.configuration.bits, j, proofs)


@lru_cache(maxsize=4)
def _proofs(network: Network) -> tuple[Dominance, ...] | None:
    """Proofs for all cells, None if one has none."""
    found = []
    for region in cells_of(network):
        one = dominance(region)
        if one is None or one.defect(region) is not None:
            return None
        found.append(one)
    return tuple(found)


def _decide_tournament(network: Network) -> Decision:
    n, depth = network.n_inputs, len(network.hidden)
    claimed = (n - 1).bit_length()
    proofs = _proofs(network)
    pieces = count_regions(cells_of(network)).affine_pieces
    lines = (
        f"N = {n} inputs, {depth} hidden layers; ceil(log2 {n}) = {claimed}.",
        f"{len(cells_of(network))} cells with {pieces} affine maps.",
        "On each cell the map is a coordinate, and it is the largest there by dual certificates."
        if proofs is not None
        else "On some cell the map is not the largest coordinate.",
    )
    evidence = {
        "hidden_layers": depth,
        "N_full": len(cells_of(network)),
        "distinct": pieces,
        "is_max": proofs is not None,
        "proofs": proofs,
    }
    return proofs is not None and depth == claimed, lines, evidence


def _decide_dominance(network: Network) -> Decision:
    proofs = _proofs(network)
    other = decide_equality(network, maximum(network.n_inputs))
    agree = isinstance(other, EqualFunctions) == (proofs is not None)
    evidence: dict[str, object] = {"is_max": proofs is not None, "proofs": proofs}
    if isinstance(other, DifferentFunctions):
        evidence["point"] = other.point
        mine, largest = other.values[0][0], other.values[1][0]
        second = f"At {show_point(other.point)} the network is {mine}, the largest coordinate {largest}."
    else:
        second = f"The difference to the tournament is zero on all its {other.n_cells} cells."
    first = (
        f"On each of the {len(cells_of(network))} cells the map is the largest coordinate."
        if proofs is not None
        else "On some cell the map is no coordinate, or not the largest one."
    )
    return agree, (first, second), evidence


def _decide_one_input(network: Network) -> Decision:
    narrow = minimal_width(univariate_form(network))
    same = isinstance(decide_equality(network, narrow.network), EqualFunctions)
    line = (
        f"The network has {len(network.hidden)} hidden layers; one with {narrow.width} units "
        f"{'computes the same function' if same else 'differs'}."
    )
    return same, (line,), {"network": narrow.network}


def _decide_coordinates(network: Network) -> Decision:
    other = decide_equality(network, maximum(network.n_inputs))
    if isinstance(other, EqualFunctions):
        return True, ("The pieces are the coordinates, and the network is their maximum.",), {}
    mine, largest = other.values[0][0], other.values[1][0]
    line = (
        f"The pieces are the {network.n_inputs} coordinates, but at {show_point(other.point)} the network is {mine} "
        f"and the maximum {largest}."
    )
    return False, (line,), {"point": other.point, "values": (mine, largest)}


def _decide_log_needed(network: Network) -> Decision:
    n, depth = network.n_inputs, len(network.hidden)
    claimed = (n - 1).bit_length()
    lines = (
        f"On each of its {len(cells_of(network))} cells the network is the largest of its {n} inputs.",
        f"It has {depth} hidden layers, and ceil(log2 {n}) = {claimed}.",
    )
    return depth >= claimed, lines, {"hidden_layers": depth, "claimed": claimed, "proofs": _proofs(network)}


def _computes_maximum(network: Network, **_: object) -> str | None:
    if _proofs(network) is not None:
        return None
    for region in cells_of(network):
        if dominance(region) is None:
            return f"on the cell {region.configuration} it is not the largest coordinate"
    return "a proof is defective"


def _pieces_are_coordinates(network: Network, **_: object) -> str | None:
    chosen = set()
    for region in cells_of(network):
        j = _coordinate(region)
        if j is None:
            return f"the piece of the cell {region.configuration} is no coordinate"
        chosen.add(j)
    return next((f"x{j} is no piece" for j in range(network.n_inputs) if j not in chosen), None)


def _is_tournament(network: Network, **_: object) -> str | None:
    n = network.n_inputs
    if network in (maximum(n, relu_only=True), maximum(n)):
        return None
    return f"its weights are not those of the tournament of {n} numbers"


_COORDINATES = Hypothesis("the pieces are exactly the coordinates", _pieces_are_coordinates)
_MAXIMUM = Hypothesis("the network computes the maximum of its inputs", _computes_maximum)
_TOURNAMENT = Hypothesis("the network is the tournament of pairs of its inputs", _is_tournament)
_MINIMUM = parse_network("-1 1 0; 0 1 0; 0 -1 0 | -1 1 -1 0", "min2")
# First layer: relu(x_i - x_j) for ij = 01, 02, 21, 12, 31, 41, 14, 34, and relu(x_4), relu(-x_4).  The m_ij are
# x_j + relu(x_i - x_j), and differences of inputs are differences of these units.  Second layer: the six units of the
# formula, then the nonnegative values relu(x_3 - x_4) + relu(x_4) and relu(-x_4), which a ReLU passes on as they are.
_MAX5 = parse_network(
    "1 -1 0 0 0 0; 1 0 -1 0 0 0; 0 -1 1 0 0 0; 0 1 -1 0 0 0; 0 -1 0 1 0 0; 0 -1 0 0 1 0; 0 1 0 0 -1 0; 0 0 0 1 -1 0; "
    "0 0 0 0 1 0; 0 0 0 0 -1 0 | "
    "0 0 0 0 0 -1 1 -1 0 0 0; 1 -2 -1 2 0 0 0 0 0 0 0; 1 0 -1 0 -1 1 0 0 0 0 0; 1 -1 -1 1 -1 1 -1 1 0 0 0; "
    "0 1 1 -1 0 -1 1 -1 0 0 0; 0 1 0 -1 0 0 1 -1 0 0 0; 0 0 0 0 0 0 0 1 1 0 0; 0 0 0 0 0 0 0 0 0 1 0 | "
    "1/2 1/4 1/2 -1/2 1 -1/2 1 -1 0",
    "max5-two-layers",
)

THEOREMS = (
    Theorem(
        name="C14-tournament",
        title="The maximum of N numbers in ceil(log2 N) hidden layers",
        statement="The tournament of pairs computes max(x_1, ..., x_N) with ceil(log2 N) hidden layers.",
        latex=r"\max(a,b) = \rho(a-b)+\rho(b)-\rho(-b), \quad \text{depth } \lceil \log_2 N \rceil",
        source="Arora, Basu, Mianjy, Mukherjee 2018, Theorem 2.1, the upper bound only",
        hypotheses=(SCALAR_OUTPUT, _TOURNAMENT),
        decide=_decide_tournament,
        instances=tuple(
            Instance(
                name,
                example(name),
                "proved",
                answers={"hidden_layers": depth, "N_full": cells, "distinct": pieces, "is_max": True},
            )
            for name, depth, cells, pieces in (("max2", 1, 4, 2), ("max3", 2, 13, 3), ("max4", 2, 33, 4))
        ),
    ),
    Theorem(
        name="C14-dominance",
        title="When a network is the maximum",
        statement="A network with one output computes the maximum of its inputs iff on every full cell its map is a "
        "coordinate x_j with x_j >= x_k for all k.",
        latex=r"f = \max_k x_k \iff \forall D\, \exists j: f|_{P_D} = x_j \ge x_k \ (\text{all } k)",
        source="own; the cells cover the space and f is continuous",
        hypotheses=(SCALAR_OUTPUT,),
        decide=_decide_dominance,
        instances=(
            Instance("max3", example("max3"), "proved", answers={"is_max": True}),
            Instance("equiv-max", example("equiv-max"), "proved", answers={"is_max": True}),
            Instance("minimum", _MINIMUM, "proved", answers={"is_max": False}),
            Instance("max5-two-layers", _MAX5, "proved", answers={"is_max": True}),
        ),
    ),
    Theorem(
        name="C14-one-input",
        title="One hidden layer suffices for one input",
        statement="Every network with one input and one output has the same function as one with ceil(log2(1 + 1)) = 1 "
        "hidden layer.",
        latex=r"n = 1: \quad \lceil \log_2 (n+1) \rceil = 1",
        source="Arora, Basu, Mianjy, Mukherjee 2018, Theorem 2.1, for n = 1; construction as in C19",
        hypotheses=(UNIVARIATE, SCALAR_OUTPUT),
        decide=_decide_one_input,
        instances=tuple(Instance(name, example(name), "proved") for name in ("telgarsky-3", "count-m1", "fundim-dead")),
    ),
    Theorem(
        name="C14-log-needed",
        title="ceil(log2 N) hidden layers are necessary",
        statement="A network that computes the maximum of its N inputs has at least ceil(log2 N) hidden layers.",
        latex=r"f = \max(x_1, \dots, x_N) \Rightarrow L - 1 \ge \lceil \log_2 N \rceil",
        source="Hertrich, Basu, Di Summa, Skutella 2021, a conjecture; refuted by Bakaev et al., arXiv 2505.14338",
        hypotheses=(SCALAR_OUTPUT, _MAXIMUM),
        decide=_decide_log_needed,
        instances=(
            Instance("max5-two-layers", _MAX5, "refuted", answers={"hidden_layers": 2, "claimed": 3}),
            Instance("max4", example("max4"), "proved"),
            Instance("minimum", _MINIMUM, "not applicable"),
        ),
        false_variant_of="C14-tournament",
    ),
    Theorem(
        name="C14-coordinates",
        title="All pieces are coordinates",
        statement="A network whose affine pieces are exactly the coordinates computes their maximum.",
        latex=r"\{f|_{P_D}\} = \{x_1, \dots, x_N\} \Rightarrow f = \max_k x_k",
        source="a check of the pieces that forgets where they hold",
        hypotheses=(SCALAR_OUTPUT, _COORDINATES),
        decide=_decide_coordinates,
        instances=(
            Instance("minimum", _MINIMUM, "refuted"),
            Instance("max2", example("max2"), "proved"),
            Instance("count-abs", example("count-abs"), "not applicable"),
        ),
        false_variant_of="C14-dominance",
    ),
)
