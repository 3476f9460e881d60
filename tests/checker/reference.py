"""The certificate format once more, with Fractions and without any cleverness: the oracle for the checker.

No packing, no tables, no order of lines: every configuration is looked up among the leaves, every row is recomputed
from the weights.  It takes well-formed entries (the tests change numbers and strings, not types) and says only yes or
no.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

from tests.checker.writer import Dom, Net


def holds(net: Net, domain: Dom, entries: list[dict[str, Any]]) -> bool:
    """Whether the certificate proves its claim."""
    header, *body, trailer = entries
    notion = header["notion"]
    strings = [entry.get("c", entry.get("n")) for entry in body]
    if strings != sorted(strings) or any(len(s) > net.units or set(s) - {"0", "1"} for s in strings):
        return False
    for configuration in map("".join, itertools.product("01", repeat=net.units)):
        if sum(configuration.startswith(s) for s in strings) != 1:
            return False
    cells = sum("c" in entry for entry in body)
    if header["cells"] != cells or trailer != {"end": {"cells": cells, "refutations": len(body) - cells}}:
        return False
    return all(_cell(net, domain, notion, e) if "c" in e else _refutation(net, domain, notion, e) for e in body)


def _cell(net: Net, domain: Dom, notion: str, entry: dict[str, Any]) -> bool:
    bits = entry["c"]
    denominator, *numerators = (int(h, 16) for h in entry["w"])
    if len(bits) != net.units or denominator <= 0 or len(numerators) != net.inputs:
        return False
    point = [Fraction(x, denominator) for x in numerators]
    if any(_at(row.normal, row.offset, point) < 0 for row in domain.rows()):
        return False
    values, unit = point, 0
    rows = net.rows(bits)
    for matrix, bias, slopes in zip(net.weights, net.biases, net.slopes, strict=False):
        outputs = []
        for weights, b, (negative, positive) in zip(matrix, bias, slopes, strict=True):
            z = _at(weights, b, values)
            if negative != positive:
                one = bits[unit] == "1"
                fits = z > 0 if one else z < 0
                if notion == "closed" or (notion == "half-open" and not one):
                    fits = fits or z == 0
                if notion == "full" and not one:
                    fits = fits or (z == 0 and domain.vanishes(rows[unit]))
                if not fits:
                    return False
                unit += 1
            outputs.append(z * (positive if z > 0 else negative))
        values = outputs
    return True


def _refutation(net: Net, domain: Dom, notion: str, entry: dict[str, Any]) -> bool:
    bits, y, d = entry["n"], entry["y"], entry.get("d", [])
    if y[0::2] != sorted(set(y[0::2])) or d[0::2] != sorted(set(d[0::2])):
        return False
    total = [Fraction(0)] * (net.inputs + 1)
    strict = False
    rows = net.rows(bits)
    for unit, text in zip(y[0::2], y[1::2], strict=True):
        multiplier = int(text, 16)
        if not 0 <= unit < len(bits) or multiplier < 0:
            return False
        sign = 1 if bits[unit] == "1" else -1
        total = [t + sign * multiplier * a for t, a in zip(total, rows[unit], strict=True)]
        is_strict = notion != "closed" and bits[unit] == "1"
        is_strict = is_strict or (notion == "full" and not domain.vanishes(rows[unit]))
        strict = strict or (is_strict and multiplier > 0)
    inequalities = domain.header.get("inequalities", [])
    given = inequalities + domain.header.get("equalities", [])
    for number, text in zip(d[0::2], d[1::2], strict=True):
        multiplier = int(text, 16)
        if not 0 <= number < len(given) or (multiplier < 0 and number < len(inequalities)):
            return False
        *normal, offset = map(Fraction, given[number])
        slack = [*(-a for a in normal), offset]
        total = [t + multiplier * a for t, a in zip(total, slack, strict=True)]
    bound = total[-1]
    for axis, slope in enumerate(total[:-1]):
        if domain.box:
            bound += max(slope * Fraction(domain.header[side][axis]) for side in ("lower", "upper"))
        elif slope:
            return False
    return bound < 0 or (bound == 0 and strict)


def _at(normal: list[Fraction], offset: Fraction, point: list[Fraction]) -> Fraction:
    return sum((a * x for a, x in zip(normal, point, strict=True)), offset)
