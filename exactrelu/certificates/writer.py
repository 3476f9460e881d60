"""Write certificates in the format of `docs/certificate-format.md`.

A certificate of an enumeration is the sorted list of its configurations (with witnesses) and refutations; together
they are the leaves of a complete binary tree.  A certificate of emptiness is one line of multipliers.  Writing
decides nothing: it converts numbers, sorts and counts.

Cost: linear in the number of leaves and of their nonzero multipliers, plus the sort.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from exactrelu.errors import InputError
from exactrelu.exact.rationals import format_rational
from exactrelu.lp.evidence import FarkasCertificate
from exactrelu.lp.system import LinearSystem
from exactrelu.regions.problem import Problem, Refutation
from exactrelu.regions.results import Enumeration, bit_strings
from exactrelu.regions.tree.splitting import RefutationBatch
from exactrelu.whole_file import whole_file

__all__ = ["certificate_lines", "emptiness_lines", "write_certificate"]


def write_certificate(
    path: str | os.PathLike[str], enumeration: Enumeration, network_file: str | os.PathLike[str]
) -> int:
    """Write the certificate of a complete enumeration and return its size in bytes.

    The file appears whole or not at all: it is written under another name and then renamed.

    Args:
        network_file: the file from which the network was read; its bytes are hashed into the header.  Nothing here
            reads it again: a certificate about another file is rejected by the checker.

    Raises:
        InputError: the enumeration is incomplete, so it proves nothing.
        OSError: the file cannot be written.
    """
    target = Path(path)
    lines = certificate_lines(enumeration, Path(network_file).read_bytes())
    with whole_file(target) as unfinished, unfinished.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    return target.stat().st_size


def certificate_lines(enumeration: Enumeration, network_bytes: bytes) -> Iterator[str]:
    """Yield the lines of the certificate that exactly these configurations occur.

    Raises:
        InputError: the enumeration is incomplete.
    """
    if not enumeration.is_complete:
        raise InputError(
            f"the enumeration stopped at the {enumeration.stopped}; only a complete one has a certificate: "
            "raise the limit or the timeout"
        )
    problem = enumeration.problem
    yield json.dumps(
        {
            "format": "exactrelu-certificate",
            "version": 1,
            "claim": "configurations",
            "notion": problem.notion.value,
            "network": {
                "sha256": hashlib.sha256(network_bytes).hexdigest(),
                "inputs": problem.network.n_inputs,
                "units": problem.network.n_units,
            },
            "domain": _domain(problem),
            "cells": len(enumeration),
        }
    )
    leaves: list[tuple[str, str]] = []
    for index, bits in enumerate(bit_strings(enumeration.bit_array)):
        leaves.append((bits, _cell(bits, enumeration.witness(index))))
    cells = len(leaves)
    for batch in enumeration.refutation_batches():
        leaves.extend(_batch(batch))
    leaves.extend((refutation.prefix, _refutation(refutation)) for refutation in enumeration.refutations())
    leaves.sort()
    yield from (line for _, line in leaves)
    yield json.dumps({"end": {"cells": cells, "refutations": len(leaves) - cells}})


def emptiness_lines(system: LinearSystem, certificate: FarkasCertificate) -> Iterator[str]:
    """Yield the lines of the certificate that a linear system has no solution."""
    rows = [
        [*map(format_rational, normal), format_rational(offset)]
        for normal, offset in zip(system.normals, system.offsets, strict=True)
    ]
    yield json.dumps(
        {
            "format": "exactrelu-certificate",
            "version": 1,
            "claim": "infeasible",
            "system": {"rows": rows, "relations": list(system.relations)},
        }
    )
    scale = math.lcm(*(y.denominator for y in certificate.multipliers))
    pairs = ((row, int(y * scale)) for row, y in enumerate(certificate.multipliers) if y)
    yield json.dumps({"y": _pairs(pairs)})
    yield json.dumps({"end": {"refutations": 1}})


def _domain(problem: Problem) -> dict[str, Any]:
    if not problem.domain_rows:
        return {"kind": "space"}
    if problem.box is not None:
        lower, upper = problem.box
        return {
            "kind": "box",
            "lower": [format_rational(x) for x in lower],
            "upper": [format_rational(x) for x in upper],
        }
    rows = [[*map(format_rational, normal), format_rational(offset)] for normal, _, offset in problem.domain_rows]
    described: dict[str, Any] = {
        "kind": "polyhedron",
        "inequalities": rows[: problem.n_inequalities],
        "equalities": rows[problem.n_inequalities :],
    }
    if problem.interior is not None:
        described["interior"] = [format_rational(x) for x in problem.interior]
    return described


def _cell(bits: str, witness: tuple[Fraction, ...]) -> str:
    denominator = math.lcm(*(x.denominator for x in witness))
    numbers = [denominator, *(x.numerator * (denominator // x.denominator) for x in witness)]
    return f'{{"c": "{bits}", "w": [{", ".join(_hex(n) for n in numbers)}]}}'


def _hex(number: int) -> str:
    return f'"{number:x}"'


def _pairs(pairs: Iterable[tuple[int, int]]) -> list[int | str]:
    flat: list[int | str] = []
    for index, multiplier in pairs:
        flat += [index, f"{multiplier:x}"]
    return flat


def _refutation(refutation: Refutation) -> str:
    units = json.dumps(_pairs(refutation.units))
    domain = f', "d": {json.dumps(_pairs(refutation.domain))}' if refutation.domain else ""
    return f'{{"n": "{refutation.prefix}", "y": {units}{domain}}}'


def _batch(batch: RefutationBatch) -> Iterator[tuple[str, str]]:
    """Yield prefix and line of refutations found together; their dyadic multipliers become integers."""
    texts = bit_strings(batch.bits)
    for text, row in zip(texts, batch.multipliers, strict=True):
        units = np.flatnonzero(row)
        ratios = [value.as_integer_ratio() for value in row[units].tolist()]
        scale = max(q for _, q in ratios)  # denominators of doubles are powers of two
        whole = [p * (scale // q) for p, q in ratios]
        common = math.gcd(*whole)
        body = ", ".join(f'{unit}, "{value // common:x}"' for unit, value in zip(units.tolist(), whole, strict=True))
        yield text, f'{{"n": "{text}", "y": [{body}]}}'
