"""A certificate writer for tiny networks, slow and simple, that shares nothing with the package.

It walks the tree of prefixes with Fractions.  Emptiness of a prefix is decided by Fourier-Motzkin elimination, every
derived row remembering its nonnegative multipliers of the given rows: a contradiction among the constants gives a
refutation, back substitution gives a witness.  Only for a handful of rows in dimension one to three: elimination
squares their number.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

Vector = list[Fraction]


@dataclass
class Row:
    """`normal . x + offset >= 0` (or `> 0` if strict), a combination of the given rows with nonnegative `parts`."""

    normal: Vector
    offset: Fraction
    strict: bool
    parts: dict[Any, Fraction]


def combine(left: Row, a: Fraction, right: Row, b: Fraction) -> Row:
    """Return a * left + b * right for positive a, b."""
    parts = {key: a * left.parts.get(key, 0) + b * right.parts.get(key, 0) for key in left.parts | right.parts}
    normal = [a * x + b * y for x, y in zip(left.normal, right.normal, strict=True)]
    return Row(normal, a * left.offset + b * right.offset, left.strict or right.strict, parts)


def solve(rows: list[Row], dimension: int) -> tuple[Vector | None, dict[Any, Fraction]]:
    """Return a point of all rows and no multipliers, or None and the multipliers of a contradiction."""
    stages = []
    for axis in reversed(range(dimension)):
        stages.append(rows)
        lower = [row for row in rows if row.normal[axis] > 0]
        upper = [row for row in rows if row.normal[axis] < 0]
        rows = [row for row in rows if row.normal[axis] == 0]
        rows = rows + [combine(p, -q.normal[axis], q, p.normal[axis]) for p in lower for q in upper]
    for row in rows:
        if row.offset < 0 or (row.offset == 0 and row.strict):
            return None, row.parts
    point: Vector = []
    for axis, stage in enumerate(reversed(stages)):
        low: Fraction | None = None
        high: Fraction | None = None
        for row in stage:
            slope = row.normal[axis]
            if slope:
                end = -(row.offset + sum(a * x for a, x in zip(row.normal, point, strict=False))) / slope
                low = end if slope > 0 and (low is None or end > low) else low
                high = end if slope < 0 and (high is None or end < high) else high
        if low is None and high is None:
            point.append(Fraction(0))
        elif low is None or high is None:
            point.append(high - 1 if low is None else low + 1)
        else:
            point.append((low + high) / 2)
    return point, {}


@dataclass
class Net:
    """Layers of Fractions; `slopes` of the hidden neurons, (0, 1) unless given."""

    weights: list[list[Vector]]
    biases: list[Vector]
    slopes: list[list[tuple[Fraction, Fraction]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Bring every number to a Fraction."""
        self.weights = [[[Fraction(w) for w in row] for row in layer] for layer in self.weights]
        self.biases = [[Fraction(b) for b in layer] for layer in self.biases]
        given = self.slopes or [[(0, 1)] * len(bias) for bias in self.biases[:-1]]
        self.slopes = [[(Fraction(a), Fraction(b)) for a, b in layer] for layer in given]

    @property
    def inputs(self) -> int:
        """Input dimension."""
        return len(self.weights[0][0])

    @property
    def units(self) -> int:
        """Number of hidden neurons with two slopes."""
        return sum(a != b for layer in self.slopes for a, b in layer)

    def to_bytes(self) -> bytes:
        """The network's JSON file."""
        text = {
            "weights": [[[str(w) for w in row] for row in layer] for layer in self.weights],
            "biases": [[str(b) for b in layer] for layer in self.biases],
            "activations": [[[str(a), str(b)] for a, b in layer] for layer in self.slopes],
        }
        return json.dumps(text).encode()

    def rows(self, bits: str) -> list[Vector]:
        """Preactivations (coefficients, then constant) of the units that come before len(bits) + 1."""
        result: list[Vector] = []
        values = [[Fraction(i == j) for j in range(self.inputs + 1)] for i in range(self.inputs)]
        for matrix, bias, slopes in zip(self.weights, self.biases, self.slopes, strict=False):
            outputs = []
            for weights, b, (negative, positive) in zip(matrix, bias, slopes, strict=True):
                row = [sum(w * v[j] for w, v in zip(weights, values, strict=True)) for j in range(self.inputs + 1)]
                row[-1] += b
                slope = negative
                if negative != positive:
                    slope = positive if bits[len(result) : len(result) + 1] == "1" else negative
                    result.append(row)
                outputs.append([slope * a for a in row])
            if len(result) > len(bits):
                break
            values = outputs
        return result[: len(bits) + 1]


@dataclass
class Dom:
    """A domain; `header` is its entry in the certificate."""

    header: dict[str, Any]
    dimension: int

    @property
    def box(self) -> bool:
        """Whether it is a box."""
        return self.header["kind"] == "box"

    def rows(self) -> list[Row]:
        """Inequality rows keyed ("d", i), equalities keyed ("d+", i) and ("d-", i), box sides keyed "box"."""
        result = []
        if self.box:
            ends = zip(self.header["lower"], self.header["upper"], strict=True)
            for axis, (low, high) in enumerate(ends):
                unit = [Fraction(axis == j) for j in range(self.dimension)]
                result.append(Row(unit, -Fraction(low), False, {("box", axis, 0): Fraction(1)}))
                result.append(Row([-u for u in unit], Fraction(high), False, {("box", axis, 1): Fraction(1)}))
        if self.header["kind"] == "polyhedron":
            count = len(self.header["inequalities"])
            for number, row in enumerate(self.header["inequalities"] + self.header["equalities"]):
                *normal, offset = map(Fraction, row)
                slack = [-a for a in normal]
                result.append(Row(slack, offset, False, {("d+", number): Fraction(1)}))
                if number >= count:
                    result.append(Row(normal, -offset, False, {("d-", number): Fraction(1)}))
        return result

    def vanishes(self, row: Vector) -> bool:
        """Whether an affine function is zero on the domain: neither positive nor negative anywhere."""
        signs = []
        for sign in (1, -1):
            signed = Row([sign * a for a in row[:-1]], sign * row[-1], True, {})
            signs.append(solve([*self.rows(), signed], self.dimension)[0])
        return signs == [None, None]


def space(d: int) -> Dom:
    """All of R^d."""
    return Dom({"kind": "space"}, d)


def box(*sides: tuple[Any, Any]) -> Dom:
    """A box with the given sides."""
    return Dom({"kind": "box", "lower": [str(a) for a, _ in sides], "upper": [str(b) for _, b in sides]}, len(sides))


def polyhedron(inequalities: list[Any], equalities: list[Any], interior: list[Any] | None, d: int) -> Dom:
    """A polyhedron."""
    header = {"kind": "polyhedron", "inequalities": inequalities, "equalities": equalities}
    return Dom(header if interior is None else {**header, "interior": interior}, d)


def system_of(net: Net, domain: Dom, notion: str, bits: str) -> list[Row]:
    """The rows that a point of the prefix satisfies."""
    rows = domain.rows()
    for unit, (bit, row) in enumerate(zip(bits, net.rows(bits), strict=False)):
        sign = 1 if bit == "1" else -1
        strict = notion != "closed" and bit == "1"
        if notion == "full" and bit == "0":
            strict = not domain.vanishes(row)
        rows.append(Row([sign * a for a in row[:-1]], sign * row[-1], strict, {("u", unit): Fraction(1)}))
    return rows


def hexes(values: Vector) -> list[str]:
    """Integers as hexadecimal text."""
    return [f"{int(v):x}" for v in values]


def leaves(net: Net, domain: Dom, notion: str, bits: str = "") -> list[dict[str, Any]]:
    """The body of a certificate: the leaves below a prefix."""
    point, parts = solve(system_of(net, domain, notion, bits), domain.dimension)
    if point is None:
        merged: dict[tuple[str, int], Fraction] = {}
        for key, value in parts.items():
            if key[0] == "u":
                merged["u", key[1]] = merged.get(("u", key[1]), Fraction(0)) + value
            elif key[0] != "box":
                sign = -1 if key[0] == "d-" else 1
                merged["d", key[1]] = merged.get(("d", key[1]), Fraction(0)) + sign * value
        scale = lcm(*(v.denominator for v in merged.values()))
        lists: dict[str, list[Any]] = {"u": [], "d": []}
        for (kind, number), value in sorted(merged.items()):
            if value:
                lists[kind] += [number, *hexes([value * scale])]
        entry: dict[str, Any] = {"n": bits, "y": lists["u"]}
        return [{**entry, "d": lists["d"]} if lists["d"] else entry]
    if len(bits) == net.units:
        scale = lcm(*(x.denominator for x in point))
        return [{"c": bits, "w": hexes([Fraction(scale), *(x * scale for x in point)])}]
    return leaves(net, domain, notion, bits + "0") + leaves(net, domain, notion, bits + "1")


def certificate(net: Net, domain: Dom, notion: str) -> list[dict[str, Any]]:
    """A whole certificate as JSON objects."""
    body = leaves(net, domain, notion)
    cells = sum("c" in entry for entry in body)
    network = {"sha256": hashlib.sha256(net.to_bytes()).hexdigest(), "inputs": net.inputs, "units": net.units}
    header = {
        "format": "exactrelu-certificate",
        "version": 1,
        "claim": "configurations",
        "notion": notion,
        "network": network,
        "domain": domain.header,
        "cells": cells,
    }
    return [header, *body, {"end": {"cells": cells, "refutations": len(body) - cells}}]


def text_lines(entries: list[dict[str, Any]]) -> list[str]:
    """The certificate's lines."""
    return [json.dumps(entry) for entry in entries]
