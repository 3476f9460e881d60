"""C20: the exact Lipschitz constant is the largest norm of a linear part on the full cells.

Checked from both sides for the norms 1 and inf: two points where the constant is attained, by two evaluations, and the
maximum of the exact norms over all full cells.  It is at most the product of the layers' norms, usually far below;
and matrices of configurations without interior, which no pair of points sees, must not enter the maximum.
"""

from __future__ import annotations

from fractions import Fraction

from exactrelu.bounds.lipschitz import LipschitzConstant, lipschitz_constant
from exactrelu.bounds.norms import ExactNumber, operator_norm
from exactrelu.bounds.theorem_six import product_bound
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.theorems.common import cells_of, names_of, show_point
from exactrelu.theorems.examples import example
from exactrelu.theorems.theorem import Decision, Instance, Theorem

__all__ = ["THEOREMS"]

_NORMS = (("inf", "linf"), ("1", "l1"))


def _size(vector: tuple[Fraction, ...], norm: str) -> Fraction:
    sizes = [abs(a) for a in vector]
    return max(sizes, default=Fraction(0)) if norm == "inf" else sum(sizes, Fraction(0))


def _norm_of(network: Network, bits: str, norm: str) -> ExactNumber:
    linear = affine_map(network, bits).linear
    return operator_norm(RationalMatrix.from_rows(linear, n_columns=network.n_inputs), norm)


def _is_attained(network: Network, constant: LipschitzConstant, norm: str) -> bool:
    """Whether the pair of points shows the constant."""
    if constant.pair is None or not isinstance(constant.value, Fraction):
        return False
    x, y = constant.pair
    apart = _size(tuple(a - b for a, b in zip(x, y, strict=True)), norm)
    values = _size(tuple(a - b for a, b in zip(network(x), network(y), strict=True)), norm)
    return apart > 0 and values == constant.value * apart


def _decide_exact(network: Network) -> Decision:
    evidence: dict[str, object] = {}
    lines, holds = [], True
    for norm, key in _NORMS:
        constant = lipschitz_constant(cells_of(network), norm)
        norms = [_norm_of(network, bits, norm) for bits in names_of(network)]
        attained = _is_attained(network, constant, norm)
        product = product_bound(network, norm)
        holds = holds and attained and constant.value == max(norms) and constant.value <= product
        evidence |= {key: constant.value, f"{key}_product": product, f"{key}_pair": constant.pair}
        x, y = constant.pair or ((), ())
        lines.append(
            f"Norm {norm}: the largest of {len(norms)} norms is {constant.value}, on {constant.configuration}; "
            f"the points {show_point(x)} and {show_point(y)} attain it: {attained}. Product of the layers: {product}."
        )
    return holds, tuple(lines), evidence


def _decide_product(network: Network) -> Decision:
    lines, holds = [], True
    for norm, _ in _NORMS:
        value, product = lipschitz_constant(cells_of(network), norm).value, product_bound(network, norm)
        holds = holds and value == product
        lines.append(f"Norm {norm}: the constant is {value}, the product of the layers' norms {product}.")
    return holds, tuple(lines), {}


def _decide_closed(network: Network) -> Decision:
    value = lipschitz_constant(cells_of(network), "inf").value
    norms = {bits: _norm_of(network, bits, "inf") for bits in names_of(network, "closed")}
    largest = max(norms, key=lambda bits: norms[bits])
    line = f"The constant is {value}; the closed configuration {largest} has a matrix of norm {norms[largest]}."
    return norms[largest] == value, (line,), {"constant": value, "claimed": norms[largest], "configuration": largest}


_SOURCE = "own; split the segment between two points at the boundaries of the cells"

THEOREMS = (
    Theorem(
        name="C20-exact",
        title="The exact Lipschitz constant",
        statement="In the norms 1 and inf the least Lipschitz constant on R^n is the largest operator norm of the "
        "linear part on a full cell; two points attain it, and the product of the layers' norms is not smaller.",
        latex=r"\operatorname{Lip}(f) = \max_{D \text{ full}} \|A_D\| \le \prod_\ell \|M^\ell\|",
        source=_SOURCE,
        hypotheses=(),
        decide=_decide_exact,
        instances=(
            Instance(
                "lip-n4",
                example("lip-n4"),
                "proved",
                answers={"linf": 42, "linf_product": 144, "l1": 35, "l1_product": 120},
            ),
            Instance("thm6-tight", example("thm6-tight"), "proved"),
            Instance("fundim-dead", example("fundim-dead"), "proved", answers={"linf": 0, "l1": 0}),
        ),
    ),
    Theorem(
        name="C20-product",
        title="The product of the layers' norms is the constant",
        statement="The least Lipschitz constant is the product of the operator norms of the layers.",
        latex=r"\operatorname{Lip}(f) = \prod_\ell \|M^\ell\|",
        source="the upper bound taken for the constant",
        hypotheses=(),
        decide=_decide_product,
        instances=(
            Instance("lip-n4", example("lip-n4"), "refuted"),
            Instance("count-chain", example("count-chain"), "proved"),
        ),
        false_variant_of="C20-exact",
    ),
    Theorem(
        name="C20-closed-configurations",
        title="The maximum over closed configurations",
        statement="The least Lipschitz constant is the largest norm of a linear part among the closed configurations.",
        latex=r"\operatorname{Lip}_\infty(f) = \max_{D \text{ closed}} \|A_D\|_\infty",
        source="closed feasibility in place of full cells",
        hypotheses=(),
        decide=_decide_closed,
        instances=(
            Instance("convex-c2", example("convex-c2"), "refuted", answers={"constant": 1, "claimed": 2}),
            Instance("count-hat", example("count-hat"), "proved"),
        ),
        false_variant_of="C20-exact",
    ),
)
