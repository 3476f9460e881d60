"""C3: atomic decompositions, Theorem 5 of [HH19].

For every configuration the path sums are added up again, atom by atom, and compared with the forward recursion of the
affine map; the numbers of atoms and paths are compared with products of the supports' sizes, computed apart.  The
identity of polynomials covers all configurations and all weights of an architecture at once.
"""

from __future__ import annotations

import math
from fractions import Fraction

from exactrelu.atoms.decomposition import AtomicDecomposition, Atoms
from exactrelu.atoms.identity import IdentityProof, prove_identity
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of, show_form
from exactrelu.theorems.examples import example
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, ONE_HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

_MOST_PATHS = 20_000


def _layer_sizes(network: Network, configuration: Configuration) -> tuple[int, ...]:
    return tuple(bits.count("1") for bits in configuration.by_layer(network))


def _count_defect(piece: AtomicDecomposition, sizes: tuple[int, ...]) -> str | None:
    """What is wrong with the formal numbers of atoms and paths, if anything."""
    atoms = sizes[0] if len(sizes) == 1 else sizes[-1] * sizes[0]
    paths = math.prod(sizes[1:-1])
    if piece.n_atoms_formal != atoms:
        return f"there are {piece.n_atoms_formal} formal atoms, and the supports ask for {atoms}"
    if piece.n_paths_per_coefficient != paths:
        return f"a coefficient sums {piece.n_paths_per_coefficient} paths, and the supports ask for {paths}"
    if len(sizes) > 1 and sum(1 for _ in piece.iter_paths()) != math.prod(sizes):
        return f"the number of paths is not {math.prod(sizes)}"
    return f"the rank is {piece.rank}" if piece.rank > min(sizes) else None


def _decide_atoms(network: Network) -> Decision:
    atoms = Atoms(network)
    lines = []
    evidence: dict[str, object] = {}
    for region in cells_of(network, "half-open"):
        piece = atoms.decompose(region.configuration)
        bits = region.configuration.bits
        sizes = _layer_sizes(network, region.configuration)
        defect = piece.defect() or _count_defect(piece, sizes)
        if defect is not None:
            return False, (f"At the configuration {bits}: {defect}.",), {"configuration": bits, "defect": defect}
        here = region.affine_map
        forms = tuple(show_form(*row) for row in zip(here.linear, here.offset, strict=True))
        evidence |= {f"piece {bits}": forms, f"alpha {bits}": piece.coefficients, f"beta {bits}": piece.offsets}
        lines.append(
            f"{bits}: {piece.n_atoms_formal} atoms, supports {sizes}, {piece.n_paths} paths; the sum is "
            f"{', '.join(forms)}."
        )
    return True, tuple(lines), evidence


def _decide_identity(network: Network) -> Decision:
    answer = prove_identity(network.widths)
    if isinstance(answer, IdentityProof):
        line = (
            f"For the widths {answer.widths} both sides are the same {answer.n_monomials} monomials in "
            f"{answer.n_variables} variables; this covers {answer.n_configurations} configurations."
        )
        return True, (line,), answer
    return False, (f"Entry ({answer.row}, {answer.column}) differs by {answer.difference}.",), answer


def _decide_cone(network: Network) -> Decision:
    atoms = Atoms(network)
    lines = []
    weights = {}
    for region in cells_of(network, "half-open"):
        here = atoms.decompose(region.configuration).weights_at(region.witness)
        bits = region.configuration.bits
        weights[bits] = here
        total = list(network.output.offset)
        for i, c in here.items():
            total = [t + c * m for t, m in zip(total, atoms.column(i), strict=True)]
        negative = [i for i, c in here.items() if c <= 0]
        if negative or tuple(total) != network(region.witness):
            return False, (f"At {bits} the coefficients {here} are no representation.",), {"configuration": bits}
        shown = ", ".join(f"c{i} = {c}" for i, c in here.items()) or "no coefficient"
        lines.append(f"{bits}: at its witness {shown}, all positive, and the sum is the network's value.")
    return True, tuple(lines), {"weights": weights}


def _decide_double_sum(network: Network) -> Decision:
    """False: for two affine layers all pairs (i, j) of active units occur."""
    atoms = Atoms(network)
    for region in cells_of(network, "half-open"):
        active = [i for i, bit in enumerate(region.configuration) if bit]
        total = [[Fraction(0)] * network.n_inputs for _ in range(network.n_outputs)]
        for i in active:
            for j in active:
                outer = atoms.atom(i, j).to_fractions()
                total = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(total, outer, strict=True)]
        expected = region.affine_map.linear
        if tuple(map(tuple, total)) != expected:
            bits = region.configuration.bits
            forms = [", ".join(show_form(row, 0) for row in m) for m in (total, expected)]
            line = f"At {bits} the double sum is {forms[0]}, the linear part of the network {forms[1]}."
            return False, (line,), {"configuration": bits, "sum": total, "linear": expected}
    return True, ("The double sum is the linear part on every cell.",), {}


def _decide_all_atoms(network: Network) -> Decision:
    """False: no coefficient of the formal sum vanishes."""
    atoms = Atoms(network)
    for region in cells_of(network, "half-open"):
        piece = atoms.decompose(region.configuration)
        zeros = [pair for pair, a in piece.coefficients.items() if not a]
        if zeros:
            line = f"At {region.configuration} alpha{zeros[0]} = 0; {len(zeros)} of {piece.n_atoms_formal} are zero."
            return False, (line,), {"configuration": region.configuration.bits, "zeros": tuple(zeros)}
    return True, ("No coefficient of any cell is zero.",), {}


def _few_paths(network: Network, **_: object) -> str | None:
    paths = math.prod(network.widths)
    return None if paths <= _MOST_PATHS else f"there are {paths} paths from input to output"


_N4_AT_ONES = {
    "alpha 1011111": {(0, 0): Fraction(3), (0, 2): Fraction(2), (1, 0): Fraction(5), (1, 2): Fraction(-2)},
    "beta 1011111": {0: Fraction(1), 1: Fraction(10)},
    "piece 1011111": ("7 x0 + 26 x1 + 26",),
}
_N4_PIECES = {
    "piece 1111111": ("-x0 + 34 x1 + 26",),
    "piece 1101111": ("5 x0 + 34 x1 + 24",),
    "piece 1100111": ("7 x0 + 35 x1 + 25",),
    "piece 1011111": ("7 x0 + 26 x1 + 26",),
    "piece 1011110": ("9 x0 + 6 x1 + 6",),
    "piece 1001111": ("13 x0 + 26 x1 + 24",),
    "piece 0100111": ("-7 x0 + 7 x1 + 11",),
    "piece 0011111": ("-6 x0 + 13",),
    "piece 0011110": ("6 x0 + 3",),
    "piece 0000101": ("11",),
}
_SOURCE = "Heinecke, Hwang 2019, Theorem 5"

THEOREMS = (
    Theorem(
        name="C3-atoms",
        title="Affine pieces are sums of atoms",
        statement="On the configuration D the linear part is the sum over active units i of the last and j of the "
        "first hidden layer of alpha_ij times (column i of the last matrix) times (row j of the first), alpha_ij "
        "being the sum of the weights of all active paths from j to i; for one hidden layer i = j.",
        latex=r"A_D = \sum_{i \in S_{L-1}} \sum_{j \in S_1} \alpha^D_{ij}\, m^L_{:,i} \otimes m^1_{j,:}",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_atoms,
        instances=(
            Instance("thm5-n4", example("thm5-n4"), "proved", answers=_N4_AT_ONES),
            Instance("pieces-n4", example("pieces-n4"), "proved", answers=_N4_PIECES),
            Instance("count-g3", example("count-g3"), "proved"),
        ),
    ),
    Theorem(
        name="C3-identity",
        title="Theorem 5 as an identity of polynomials",
        statement="For the architecture of the network the sum over paths equals the matrix product, as polynomials "
        "in all weights, biases and diagonal entries.",
        latex=r"M^L D_{L-1} M^{L-1} \cdots D_1 M^1 = "
        r"\sum_{k_1, \dots, k_{L-1}} m^L_{:,k_{L-1}} d^{L-1}_{k_{L-1}} m^{L-1}_{k_{L-1},k_{L-2}} \cdots d^1_{k_1}"
        r" m^1_{k_1,:}",
        source=_SOURCE + "; the proof with variable diagonals is own",
        hypotheses=(
            HIDDEN_LAYER,
            Hypothesis(f"at most {_MOST_PATHS} paths from input to output", _few_paths),
        ),
        decide=_decide_identity,
        instances=tuple(Instance(n, example(n), "proved") for n in ("count-g3", "count-e2", "thm5-n4")),
    ),
    Theorem(
        name="C3-image-cone",
        title="The image of a cell lies in an open cone",
        statement="On the half-open cell of D the network is the last bias plus a combination of the active columns "
        "of the last matrix with positive coefficients.",
        latex=r"\mathcal M(P_D) \subseteq b^L + \Bigl\{\sum_{i \in S_{L-1}} t_i m^L_{:,i} : t_i > 0\Bigr\}",
        source="Heinecke, Hwang 2019, (12) and the image set after it",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_cone,
        instances=tuple(Instance(n, example(n), "proved") for n in ("thm5-n4", "two-relus")),
    ),
    Theorem(
        name="C3-double-sum",
        title="Theorem 5 for two affine layers is a double sum",
        statement="For one hidden layer the linear part is the sum of all (column i of the last matrix) times (row j "
        "of the first) over active i and j.",
        latex=r"A_D = \sum_{i \in S_1} \sum_{j \in S_1} m^2_{:,i} \otimes m^1_{j,:} \quad (L = 2)",
        source="pitfall: for L = 2 only i = j occurs",
        hypotheses=(ONE_HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_double_sum,
        instances=(
            Instance("two-relus", example("two-relus"), "refuted"),
            Instance("count-g3", example("count-g3"), "refuted"),
            Instance("one-unit", example("one-unit"), "proved"),
        ),
        false_variant_of="C3-atoms",
    ),
    Theorem(
        name="C3-all-atoms",
        title="Every formal atom occurs",
        statement="No coefficient alpha_ij of active units is zero.",
        latex=r"\alpha^D_{ij} \ne 0 \quad (i \in S_{L-1},\ j \in S_1)",
        source="pitfall: the number of atoms is an upper bound",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS),
        decide=_decide_all_atoms,
        instances=(
            Instance("count-z", example("count-z"), "refuted"),
            Instance("thm5-n4", example("thm5-n4"), "refuted"),
            Instance("count-e2", example("count-e2"), "proved"),
        ),
        false_variant_of="C3-atoms",
    ),
)
