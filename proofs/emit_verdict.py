"""Write the certificate of an `unsat` verdict as a Rocq file that the verified checker decides.

    python proofs/emit_verdict.py CERTIFICATE QUERY NETWORK... [--reject] > Verdict.v

The file states the network with its last layer, the query's formula, the lines of the tree, and that the checker of
`proofs/rocq/Verdict.v` accepts them; `check_unsat_sound` then says of this network that no rational input makes the
formula true.  With `--reject` it states that the checker returns false.  Rocq computes; nothing is decided here, and
what is wrong in the lines is written down as it is.

What has to be believed besides Rocq: that the matrices and the formula are those of the files (the readers of
`exactrelu/checker`, several networks side by side), and that the lines mean what `docs/verdict-format.md` says.
Formulas with a comparison that is not linear are refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

# Behind everything else: the package has folders of common names.
sys.path.append(str(Path(__file__).resolve().parent.parent / "exactrelu"))

from checker.network import Layer, Network
from checker.reading import rational
from checker.verdict import read_claim
from emit import integer, layer, read_network, row, verdict

RELATIONS = {"<=": "IsLe", "<": "IsLt", "==": "IsEq"}
LETTERS = {".": "Dot", "+": "Plus", "-": "Minus", "l": "Low", "h": "High"}


def listed(items: Iterable[str]) -> str:
    """Return a list of terms."""
    return "[" + "; ".join(items) + "]"


def comparison(relation: str, polynomial: dict[Any, Fraction], variables: int) -> str:
    """Return a linear comparison with zero: a row of integers, a constant and a denominator.

    >>> comparison("<", {((1, 1),): Fraction(1, 2), (): Fraction(-3)}, 2)
    'Compare (Literal IsLt [0x0; 0x1] (-0x6) 0x2)'
    """
    common = lcm(*(c.denominator for c in polynomial.values()))
    numbers, constant = [0] * variables, 0
    for monomial, c in polynomial.items():
        if not monomial:
            constant = int(c * common)
        elif len(monomial) == 1 and monomial[0][1] == 1:
            numbers[monomial[0][0]] = int(c * common)
        else:
            raise SystemExit("the verified checker knows linear comparisons only")
    return f"Compare (Literal {RELATIONS[relation]} {row(numbers)} {integer(constant)} {common:#x})"


def formula(value: Any, variables: int) -> str:
    """Return a formula in the form of `checker/formulas.py`."""
    kind, content = value
    if kind in RELATIONS:
        return comparison(kind, content, variables)
    return f"{'And' if kind == 'and' else 'Or'} " + listed(f"({formula(part, variables)})" for part in content)


def output(value: Layer) -> str:
    """Return the rows of the last layer; the slopes are not looked at."""
    rows = zip(value.weights, value.bias, strict=True)
    return listed(f"Neuron {row(weights)} {integer(bias)} 0x1 0x1" for weights, bias in rows)


def multipliers(entries: list[Any]) -> str:
    """Return the pairs of a leaf.

    >>> multipliers([[0, "1f"], [2, "-1"]])
    '[at_ 0 0x1f; at_ 2 (-0x1)]'
    """
    return listed(f"at_ {number} {integer(int(m, 16))}" for number, m in entries)


def step(entry: dict[str, Any]) -> str:
    """Return one line of the tree.

    >>> step({"x": [1, "-1/2"]}), step({"r": "+h", "v": [1, -2]})
    ('Cut 1 (at_point (-0x1) 0x2)', 'Conclusion [Plus; High] [0x1; (-0x2)]')
    """
    if "x" in entry:
        where = rational(entry["x"][1], "the cut")
        return f"Cut {entry['x'][0]} (at_point {integer(where.numerator)} {where.denominator:#x})"
    if "u" in entry:
        return f"Split {entry['u']}"
    if "o" in entry:
        return f"Alternative {entry['o']}"
    if "r" in entry:
        return f"Conclusion {listed(LETTERS[letter] for letter in entry['r'])} {row(entry['v'])}"
    return f"Leaf {multipliers(entry['l'])} {multipliers(entry.get('b', []))}"


PREAMBLE = """From Coq Require Import ZArith QArith List.
From ExactReLU Require Import Vectors Network Partition Verdict VerdictSoundness.
Import ListNotations.
Open Scope Z_scope.

Definition at_ (index : nat) (multiplier : Z) : nat * Z := (index, multiplier).
Definition at_point (numerator : Z) (denominator : positive) : Q := Qmake numerator denominator.

"""


def refutation(net: Network, query: Any, bits: int, entries: list[dict[str, Any]], accept: bool) -> Iterator[str]:
    """Yield the Rocq text after the preamble; `entries` are all lines behind the header, the trailer included."""
    *body, trailer = entries
    *hidden, last = net.layers
    yield "Definition net : network := [\n" + ";\n".join(map(layer, hidden)) + "].\n\n"
    yield f"Definition last : list neuron := {output(last)}.\n\n"
    yield f"Definition query : formula := {formula(query, net.inputs + len(last.weights))}.\n\n"
    # Rocq reads a few lists of moderate length faster than a long one.
    chunks = [body[start : start + 250] for start in range(0, len(body), 250)]
    for number, chunk in enumerate(chunks):
        yield f"Definition lines_{number} : list step := [\n" + ";\n".join(map(step, chunk)) + "].\n\n"
    yield (
        "Definition lines : list step := " + " ++ ".join([f"lines_{n}" for n in range(len(chunks))] or ["[]"]) + ".\n\n"
    )
    leaves = trailer["end"]["leaves"]
    call = f"check_unsat {1 << bits:#x} net {last.denominator:#x} last {net.inputs} query lines {leaves}"
    yield verdict(call, "Definition conclusion := check_unsat_sound _ _ _ _ _ _ _ _ accepted", accept)


def main() -> None:
    """Read the files and write to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("certificate", type=Path)
    parser.add_argument("query", type=Path)
    parser.add_argument("networks", type=Path, nargs="+")
    parser.add_argument("--reject", action="store_true", help="state that the checker returns false")
    arguments = parser.parse_args()
    header, *entries = map(json.loads, arguments.certificate.read_text(encoding="utf-8").splitlines())
    claim = read_claim(header, arguments.networks, arguments.query, read_network)
    if (claim.claim, claim.proof) != ("unsat", "tree"):
        raise SystemExit(f"the certificate is {claim.claim} {claim.proof}; the verified checker knows unsat trees only")
    sys.stdout.write(PREAMBLE)
    sys.stdout.writelines(refutation(claim.network, claim.formula, claim.bits, entries, not arguments.reject))


if __name__ == "__main__":
    main()
