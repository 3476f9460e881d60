"""C15: injectivity of a layer and of a network.

x -> relu(W x + b) is injective iff on every full cell the active rows have rank n: both sides are decided, the right
one cell by cell, the left one by linear programs over pairs of cells that look for two points with one value
(`exactrelu.regions.injectivity` has the proof and the evidence).  For deep networks layers that are injective one by
one suffice but are not needed, and full rank on every cell is needed but does not suffice.  With biases, rows with
b_i < 0 may not be left out.
"""

from __future__ import annotations

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Network
from exactrelu.regions.injectivity import Collision, Injective, decide_injectivity, layer_deficiencies
from exactrelu.theorems.common import cells_of, show_point
from exactrelu.theorems.examples import example, parse_network
from exactrelu.theorems.hypotheses import HIDDEN_LAYER, RELU_UNITS
from exactrelu.theorems.theorem import Decision, Hypothesis, Instance, Theorem

__all__ = ["THEOREMS"]

_CELLS = 64


def _first_layer(network: Network) -> Network:
    """x -> activations of the first hidden layer."""
    return Network(network.hidden[:1], AffineMap.identity(network.hidden[0].affine.n_outputs))


def _show(answer: Injective | Collision) -> str:
    if isinstance(answer, Collision):
        one, two = show_point(answer.one), show_point(answer.two)
        return f"The points {one} and {two} have the value {show_point(answer.value)}"
    return f"{len(answer.separations)} certificates show that no two points have one value"


def _map_ranks(network: Network) -> dict[str, int]:
    """Rank of the affine map on every full cell."""
    ranks = {}
    for region in cells_of(network):
        linear = RationalMatrix.from_rows(region.affine_map.linear, n_columns=network.n_inputs)
        ranks[region.configuration.bits] = linear.rank()
    return ranks


def _decide_layer(network: Network) -> Decision:
    layer = _first_layer(network)
    deficient = tuple((one.configuration, one.rank) for one in layer_deficiencies(layer.affine_maps[0]))
    answer = decide_injectivity(layer)
    injective = isinstance(answer, Injective)
    lines = (
        f"{len(cells_of(layer))} full cells; the active rows have rank {network.n_inputs} on "
        + ("all of them." if not deficient else "all but " + ", ".join(f"{d} (rank {r})" for d, r in deficient) + "."),
        f"{_show(answer)}: the layer is {'' if injective else 'not '}injective.",
    )
    evidence = {"injective": injective, "N_full": len(cells_of(layer)), "deficient": deficient, "answer": answer}
    sound = answer.defect() is None if isinstance(answer, Injective) else answer.defect(layer) is None
    return sound and injective == (not deficient), lines, evidence


def _decide_layerwise(network: Network) -> Decision:
    answer = decide_injectivity(network)
    lines = (f"All {len(network.hidden)} hidden layers are injective, and so is the output map.", _show(answer) + ".")
    return isinstance(answer, Injective) and answer.defect() is None, lines, {"answer": answer}


def _decide_ranks(network: Network) -> Decision:
    ranks = _map_ranks(network)
    low = {bits: rank for bits, rank in ranks.items() if rank < network.n_inputs}
    lines = (
        "The network is injective.",
        f"Its affine map has rank {network.n_inputs} on all {len(ranks)} full cells."
        if not low
        else f"Its affine map has a lower rank on {', '.join(low)}.",
    )
    return not low, lines, {"ranks": ranks}


def _decide_ranks_suffice(network: Network) -> Decision:
    answer = decide_injectivity(network)
    lines = (f"The rank is {network.n_inputs} on each of the {len(cells_of(network))} cells.", _show(answer) + ".")
    return isinstance(answer, Injective), lines, {"answer": answer}


def _decide_layers_needed(network: Network) -> Decision:
    failing = [k for k, layer in enumerate(network.hidden) if layer_deficiencies(layer.affine)]
    lines = [f"The network is injective: {_show(decide_injectivity(network))}."]
    lines += [f"Hidden layer {k} alone is not injective on all of its input space." for k in failing]
    return not failing, tuple(lines), {"layers": tuple(failing)}


def _decide_without_negative_biases(network: Network) -> Decision:
    layer = _first_layer(network)
    affine, n = layer.affine_maps[0], network.n_inputs
    kept = [k for k, b in enumerate(affine.offset) if b >= 0]
    claimed = all(
        RationalMatrix.from_rows([affine.linear[k] for k in kept if bits[k] == "1"], n_columns=n).rank() == n
        for bits in (configuration.bits for configuration in cells_of(layer).configurations)
    )
    answer = decide_injectivity(layer)
    lines = (
        f"With the rows of b_i >= 0 alone, {kept}, the criterion says {'' if claimed else 'not '}injective.",
        f"{_show(answer)}.",
    )
    return claimed == isinstance(answer, Injective), lines, {"claimed": claimed, "answer": answer}


def _layers_are_injective(network: Network, **_: object) -> str | None:
    for k, layer in enumerate(network.hidden):
        low = layer_deficiencies(layer.affine)
        if low:
            rank, width = low[0].rank, layer.affine.n_inputs
            return f"hidden layer {k} has rank {rank} < {width} on the cell {low[0].configuration}"
    width = network.output.n_inputs
    rank = RationalMatrix.from_rows(network.output.linear, n_columns=width).rank()
    return None if rank == width else f"the output matrix has rank {rank} < {width}"


def _is_injective(network: Network, **_: object) -> str | None:
    answer = decide_injectivity(network)
    if isinstance(answer, Injective):
        return None
    return f"{show_point(answer.one)} and {show_point(answer.two)} have the value {show_point(answer.value)}"


def _has_full_ranks(network: Network, **_: object) -> str | None:
    for bits, rank in _map_ranks(network).items():
        if rank < network.n_inputs:
            return f"the affine map of the cell {bits} has rank {rank} < {network.n_inputs}"
    return None


def _has_few_cells(network: Network, **_: object) -> str | None:
    number = len(cells_of(network))
    return None if number <= _CELLS else f"it has {number} cells, and pairs of them are compared"


_LAYERWISE = Hypothesis("every layer is injective on its own input space", _layers_are_injective)
_INJECTIVE = Hypothesis("the network is injective", _is_injective)
_FULL_RANKS = Hypothesis("the affine map of every full cell has rank n", _has_full_ranks)
_FEW_CELLS = Hypothesis(f"at most {_CELLS} full cells", _has_few_cells)

_SOURCE = "own proof; for b = 0 Puthawala, Kothari, Lassas, Dokmanic, de Hoop 2022, Theorem 2"
_TWICE = parse_network("1 0; -1 0 | 1 0 0; 0 1 0 | 1 0 0; 0 1 0", "relu of relu(x), relu(-x)")
_DEEP = parse_network(
    "1 0; -1 0 | 1 0 0; -1 0 0; 0 1 0; 0 -1 0 | 1 0 0 0 0; 0 1 0 0 0; 0 0 1 0 0; 0 0 0 1 0", "both signs twice"
)


def _layer_instance(name: str, injective: bool, cells: int, deficient: tuple[tuple[str, int], ...] = ()) -> Instance:
    answers = {"injective": injective, "N_full": cells, "deficient": deficient}
    return Instance(name, example(name), "proved", answers=answers)


THEOREMS = (
    Theorem(
        name="C15-layer",
        title="When a ReLU layer is injective",
        statement="The first hidden layer x -> relu(W x + b) is injective on R^n iff on every full cell the rows of "
        "its active units have rank n.",
        latex=r"\rho(W\cdot+b) \text{ injective} \iff \operatorname{rank} W_{S(D)} = n \text{ for all full cells } D",
        source=_SOURCE,
        hypotheses=(HIDDEN_LAYER, RELU_UNITS, _FEW_CELLS),
        decide=_decide_layer,
        instances=(
            _layer_instance("injective-cross", True, 4),
            _layer_instance("injective-three", False, 6, (("001", 1), ("010", 1), ("100", 1))),
            _layer_instance("injective-five", True, 6),
            _layer_instance("injective-bias5m1", True, 3),
            _layer_instance("injective-biasm1m1", False, 3, (("00", 0),)),
            _layer_instance("injective-bias11", True, 3),
        ),
    ),
    Theorem(
        name="C15-layerwise",
        title="Injective layers make an injective network",
        statement="If every hidden layer is injective on its own input space and the output matrix has full column "
        "rank, then the network is injective.",
        latex=r"\forall \ell: \rho(M^\ell\cdot+b^\ell),\ M^L \text{ injective} \Rightarrow f \text{ injective}",
        source="own; a composite of injective maps",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS, _FEW_CELLS, _LAYERWISE),
        decide=_decide_layerwise,
        instances=(
            Instance("injective-cross", example("injective-cross"), "proved"),
            Instance("both-signs-twice", _DEEP, "proved"),
            Instance("count-abs", example("count-abs"), "not applicable"),
        ),
    ),
    Theorem(
        name="C15-ranks-necessary",
        title="An injective network has full rank on every cell",
        statement="If a network is injective on R^n, then its affine map has rank n on every full cell.",
        latex=r"f \text{ injective} \Rightarrow \operatorname{rank} A_D = n \text{ for all full cells } D",
        source="own; a kernel vector moves a point inside an open cell without changing its value",
        hypotheses=(_FEW_CELLS, _INJECTIVE),
        decide=_decide_ranks,
        instances=(
            Instance("injective-five", example("injective-five"), "proved"),
            Instance("relu-twice", _TWICE, "proved"),
            Instance("count-abs", example("count-abs"), "not applicable"),
        ),
    ),
    Theorem(
        name="C15-ranks-suffice",
        title="Full rank on every cell is enough",
        statement="A network whose affine map has rank n on every full cell is injective.",
        latex=r"\operatorname{rank} A_D = n \ \forall D \Rightarrow f \text{ injective}",
        source="the layer criterion used for deep networks; |x| refutes it",
        hypotheses=(_FEW_CELLS, _FULL_RANKS),
        decide=_decide_ranks_suffice,
        instances=(
            Instance("count-abs", example("count-abs"), "refuted"),
            Instance("relu-twice", _TWICE, "proved"),
        ),
        false_variant_of="C15-ranks-necessary",
    ),
    Theorem(
        name="C15-layers-needed",
        title="An injective network has injective layers",
        statement="Every hidden layer of an injective network is injective on its own input space.",
        latex=r"f \text{ injective} \Rightarrow \forall \ell: \rho(M^\ell\cdot+b^\ell) \text{ injective}",
        source="the converse of the layerwise criterion; later layers only see the image of the earlier ones",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS, _FEW_CELLS, _INJECTIVE),
        decide=_decide_layers_needed,
        instances=(Instance("relu-twice", _TWICE, "refuted", answers={"layers": (1,)}),),
        false_variant_of="C15-layerwise",
    ),
    Theorem(
        name="C15-negative-biases-dropped",
        title="Rows with a negative bias do not count",
        statement="The first hidden layer is injective iff on every full cell the active rows with b_i >= 0 have rank "
        "n.",
        latex=r"\rho(W\cdot+b) \text{ injective} \iff \operatorname{rank} W_{S(D) \cap \{b_i \ge 0\}} = n",
        source="the criterion for b = 0 carried over to biases",
        hypotheses=(HIDDEN_LAYER, RELU_UNITS, _FEW_CELLS),
        decide=_decide_without_negative_biases,
        instances=(
            Instance("injective-bias5m1", example("injective-bias5m1"), "refuted", answers={"claimed": False}),
            Instance("injective-bias11", example("injective-bias11"), "proved"),
        ),
        false_variant_of="C15-layer",
    ),
)
