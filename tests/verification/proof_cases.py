"""Random formulas over inputs and outputs, an exact oracle, and the way from a proof to the stand-alone checker.

The oracle decides a linear formula by one exact linear program for each string of bits and each conjunction of the
formula's disjunctive normal form: the closed cells of all bit strings cover the input space, and the network is the
affine map of the bits on each.  It shares nothing with the search but the linear programs.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from exactrelu.checker import network as plain
from exactrelu.checker.reading import Invalid, parse_json
from exactrelu.checker.unsat import Refutation
from exactrelu.exact.polynomials import Polynomial
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible
from exactrelu.lp.system import LinearSystem
from exactrelu.networks.linearise import Linearisation
from exactrelu.networks.network import Network
from exactrelu.verification.questions.formulas import (
    And,
    Comparison,
    Formula,
    compare,
    conjunction,
    disjunction,
    disjunctive_normal_form,
    fold,
)

Box = Sequence[tuple[Fraction | None, Fraction | None]]


def oracle(network: Network, formula: Formula) -> tuple[Fraction, ...] | None:
    """An input that makes a linear formula true, or None if there is none."""
    maps, d = Linearisation(network), network.n_inputs
    conjunctions = list(disjunctive_normal_form(formula))
    for bits in map("".join, product("01", repeat=network.n_units)):
        cell = []
        for unit, bit in enumerate(bits):
            row, _ = maps.unit_row(bits, unit)
            sign = -1 if bit == "1" else 1
            cell.append(([sign * a for a in row[:-1]], "<=", -sign * row[-1]))
        outputs = maps.layer_map(bits, len(network.hidden))
        for literals in conjunctions:
            rows = [substituted(literal, outputs.linear, outputs.offset, d) for literal in literals]
            answer = decide(LinearSystem.from_rows([*cell, *rows], dimension=d))
            if isinstance(answer, Feasible):
                return answer.witness.point
    return None


def substituted(literal: Comparison, linear: Any, offset: Any, d: int) -> tuple[list[Fraction], str, Fraction]:
    """A literal as a row in the inputs, with affine outputs."""
    coefficients, constant = literal.polynomial.linear_part()
    normal = [coefficients.get(i, Fraction(0)) for i in range(d)]
    for variable, c in coefficients.items():
        if variable >= d:
            constant += c * offset[variable - d]
            normal = [a + c * w for a, w in zip(normal, linear[variable - d], strict=True)]
    return normal, literal.relation, -constant


def box_formula(box: Box) -> Formula:
    """The formula that says that the inputs lie in a box."""
    parts = []
    for i, (low, high) in enumerate(box):
        x = Polynomial.variable(i)
        if low is not None:
            parts.append(compare(x, ">=", Polynomial.constant(low)))
        if high is not None:
            parts.append(compare(x, "<=", Polynomial.constant(high)))
    return conjunction(parts)


def random_formula(rng: random.Random, network: Network, box: Box, depth: int = 2) -> Formula:
    """And, Or and comparisons; thresholds are often values that the outputs attain at corners or at random points."""
    d, m = network.n_inputs, network.n_outputs

    def atom() -> Formula:
        linear = {d + j: Fraction(rng.randint(-2, 2), rng.choice([1, 1, 3])) for j in range(m)}
        if rng.random() < 0.3:
            linear[rng.randrange(d)] = Fraction(rng.randint(-2, 2), rng.choice([1, 3]))
        polynomial = Polynomial.linear(linear)
        point = [
            rng.choice([end for end in (*ends, Fraction(rng.randint(-6, 6), 3)) if end is not None]) for ends in box
        ]
        value = polynomial.evaluate([*point, *network.evaluate(point)])
        value += Fraction(rng.choice([0, 0, 0, 1, -1, 3, -3]), rng.choice([1, 1, 1, 1000, 1 << 50]))
        relation = rng.choice(["<=", "<", ">=", ">", "==", "!="])
        return compare(polynomial, relation, Polynomial.constant(value))

    def part(level: int) -> Formula:
        if level == 0 or rng.random() < 0.3:
            return atom()
        return rng.choice([conjunction, disjunction])([part(level - 1) for _ in range(rng.randint(2, 3))])

    return part(depth)


def plain_network(network: Network) -> plain.Network:
    """The network as the checker has it."""
    layers = []
    for k, affine in enumerate(network.affine_maps):
        hidden = network.hidden[k].activations if k < len(network.hidden) else ()
        slopes = [(a.negative, a.positive) for a in hidden]
        layers.append(plain.rational_layer([list(row) for row in affine.linear], list(affine.offset), slopes))
    return plain.Network(tuple(layers))


def plain_formula(formula: Formula) -> Any:
    """The formula as the checker has it."""
    return fold(
        formula,
        lambda part: (part.relation, dict(part.polynomial.terms)),
        lambda kind, parts: ("and" if kind is And else "or", tuple(parts)),
    )


def objection(network: Network, formula: Formula, lines: Iterable[dict[str, Any]], bits: int) -> str | None:
    """Why the checker does not accept the lines, read from text, as a proof that the formula is nowhere true."""
    try:
        refutation = Refutation(plain_network(network), plain_formula(formula), bits)
        for line in lines:
            refutation.line(parse_json(json.dumps(line)))
        refutation.finish()
    except Invalid as error:
        return str(error)
    return None
