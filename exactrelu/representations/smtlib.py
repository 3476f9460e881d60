"""SMT-LIB 2 scripts in the logic QF_LRA: the pieces of a function, or a network unit by unit.

Both declare reals x0, x1, ... and y0, y1, ... and assert that y is the value at x; a question is added by further
assertions and (check-sat).

* `to_smtlib`: a disjunction of pieces, each a conjunction of its inequalities and of equations for y.  Its size is that
    of the list of pieces.
* `network_to_smtlib`: one real for every preactivation and `ite` for every unit; linear in the network, and the
    reference in the tests.

Numbers are written as in the standard's theory of reals: 2.0, (- 2.0), (/ 1.0 3.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactrelu.exact.rationals import format_rational
from exactrelu.lp.system import Row
from exactrelu.networks.network import Network
from exactrelu.representations.pieces import PiecewiseAffine

__all__ = ["network_to_smtlib", "to_smtlib"]


def to_smtlib(function: PiecewiseAffine) -> str:
    """Return the declarations of x and y and one assertion: some piece contains x and gives y.

    Example:
        >>> from exactrelu.networks.network import Network
        >>> from exactrelu.regions.results import enumerate_regions
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> print(to_smtlib(PiecewiseAffine.of_enumeration(enumerate_regions(absolute))), end="")
        (set-logic QF_LRA)
        (declare-fun x0 () Real)
        (declare-fun y0 () Real)
        (assert (or
          (and (<= x0 0.0) (= y0 (* (- 1.0) x0)))
          (and (<= (* (- 1.0) x0) 0.0) (= y0 x0))))
    """
    lines = _header(function.n_inputs, function.n_outputs)
    branches = []
    for piece in function.pieces:
        parts = [_condition(row) for row in piece.polyhedron.system.rows]
        affine = piece.affine_map
        for r, (row, constant) in enumerate(zip(affine.linear, affine.offset, strict=True)):
            parts.append(f"(= y{r} {_form(row, _names('x', len(row)), constant)})")
        parts = parts or ["true"]
        branches.append(f"(and {' '.join(parts)})" if len(parts) > 1 else parts[0])
    body = "\n  ".join(branches)
    # A disjunction needs two arguments.
    lines.append(f"(assert (or\n  {body}))" if len(branches) > 1 else f"(assert {body})")
    return "\n".join(lines) + "\n"


def network_to_smtlib(network: Network) -> str:
    """Return the network as definitions: z{l}_{k} for preactivations, h{l}_{k} for activations, y for outputs.

    Example:
        >>> relu = Network.from_weights([[[1]], [[2]]], [[-1], [0]])
        >>> print(network_to_smtlib(relu), end="")
        (set-logic QF_LRA)
        (declare-fun x0 () Real)
        (declare-fun y0 () Real)
        (define-fun z0_0 () Real (+ x0 (- 1.0)))
        (define-fun h0_0 () Real (ite (> z0_0 0.0) z0_0 0.0))
        (assert (= y0 (* 2.0 h0_0)))
    """
    lines = _header(network.n_inputs, network.n_outputs)
    names = _names("x", network.n_inputs)
    for number, layer in enumerate(network.hidden):
        outputs = []
        for k, activation in enumerate(layer.activations):
            z, h = f"z{number}_{k}", f"h{number}_{k}"
            form = _form(layer.affine.linear[k], names, layer.affine.offset[k])
            lines.append(f"(define-fun {z} () Real {form})")
            above, below = (_form([s], [z], Fraction(0)) for s in (activation.positive, activation.negative))
            value = above if activation.is_linear else f"(ite (> {z} 0.0) {above} {below})"
            lines.append(f"(define-fun {h} () Real {value})")
            outputs.append(h)
        names = outputs
    for r, (row, constant) in enumerate(zip(network.output.linear, network.output.offset, strict=True)):
        lines.append(f"(assert (= y{r} {_form(row, names, constant)}))")
    return "\n".join(lines) + "\n"


def _header(n_inputs: int, n_outputs: int) -> list[str]:
    names = [*_names("x", n_inputs), *_names("y", n_outputs)]
    return ["(set-logic QF_LRA)", *(f"(declare-fun {name} () Real)" for name in names)]


def _names(letter: str, count: int) -> list[str]:
    return [f"{letter}{k}" for k in range(count)]


def _condition(row: Row) -> str:
    normal, relation, offset = row
    left = _form([Fraction(a) for a in normal], _names("x", len(normal)), Fraction(0))
    return f"({'=' if relation == '==' else '<='} {left} {_number(Fraction(offset))})"


def _form(coefficients: Sequence[Fraction], names: Sequence[str], constant: Fraction) -> str:
    terms = [name if a == 1 else f"(* {_number(a)} {name})" for a, name in zip(coefficients, names, strict=True) if a]
    if constant or not terms:
        terms.append(_number(constant))
    return terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"


def _number(value: Fraction) -> str:
    size = f"{format_rational(Fraction(abs(value.numerator)))}.0"
    if value.denominator != 1:
        size = f"(/ {size} {format_rational(Fraction(value.denominator))}.0)"
    return f"(- {size})" if value < 0 else size
