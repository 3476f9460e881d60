"""Write the certificate of a verdict as a Rocq file that a verified checker decides.

    python proofs/emit_verdict.py CERTIFICATE QUERY NETWORK... [--reject] > Verdict.v

The file states the network with its last layer, the query's formula, the lines of the certificate, and that the
checker accepts them.  For the claim "unsat" with the proof "tree" that is `proofs/rocq/Verdict.v`, and
`check_unsat_sound` then says of this network that no rational input makes the formula true; for the claim "sat" with a
point it is `proofs/rocq/VerdictWitness.v`, and `check_sat_sound` says that the point does.  With `--reject` the file
states that the checker returns false.  Rocq computes; nothing is decided here, and what is wrong in the lines is
written down as it is.

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
from checker.verdict import Claim, read_claim
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
From ExactReLU Require Import Vectors Network Partition Verdict VerdictSoundness VerdictWitness.
Import ListNotations.
Open Scope Z_scope.

Definition at_ (index : nat) (multiplier : Z) : nat * Z := (index, multiplier).
Definition at_point (numerator : Z) (denominator : positive) : Q := Qmake numerator denominator.

"""


def question(net: Network, query: Any) -> Iterator[str]:
    """Yield the network and the formula."""
    *hidden, last = net.layers
    yield "Definition net : network := [\n" + ";\n".join(map(layer, hidden)) + "].\n\n"
    yield f"Definition last : list neuron := {output(last)}.\n\n"
    yield f"Definition query : formula := {formula(query, net.inputs + len(last.weights))}.\n\n"


def refutation(net: Network, query: Any, bits: int, entries: list[dict[str, Any]], accept: bool) -> Iterator[str]:
    """Yield the Rocq text after the preamble; `entries` are all lines behind the header, the trailer included."""
    *body, trailer = entries
    yield from question(net, query)
    # Rocq reads a few lists of moderate length faster than a long one.
    chunks = [body[start : start + 250] for start in range(0, len(body), 250)]
    for number, chunk in enumerate(chunks):
        yield f"Definition lines_{number} : list step := [\n" + ";\n".join(map(step, chunk)) + "].\n\n"
    names = [f"lines_{number}" for number in range(len(chunks))]
    yield f"Definition lines : list step := {' ++ '.join(names or ['[]'])}.\n\n"
    denominator, leaves = net.layers[-1].denominator, integer(trailer["end"]["leaves"])
    call = f"check_unsat {1 << bits:#x} net {denominator:#x} last {net.inputs} query lines {leaves}"
    yield verdict(call, "Definition conclusion := check_unsat_sound _ _ _ _ _ _ _ _ accepted", accept)


def witness(net: Network, query: Any, entry: dict[str, Any], accept: bool) -> Iterator[str]:
    """Yield the Rocq text after the preamble; `entry` is the line with the point."""
    if "point" not in entry:
        raise SystemExit("the verified checker knows points as witnesses only")
    yield from question(net, query)
    point = [rational(text, "the witness") for text in entry["point"]]
    terms = listed(f"at_point {integer(x.numerator)} {x.denominator:#x}" for x in point)
    yield f"Definition point : list Q := {terms}.\n\n"
    call = f"check_sat net {net.layers[-1].denominator:#x} last {net.inputs} query point"
    yield verdict(call, "Definition conclusion := check_sat_sound _ _ _ _ _ _ accepted", accept)


def statement_of(claim: Claim, entries: list[dict[str, Any]], accept: bool) -> Iterator[str]:
    """Yield the Rocq text after the preamble; `entries` are all lines behind the header, the trailer included."""
    if claim.claim == "sat":
        yield from witness(claim.network, claim.formula, entries[0], accept)
    elif claim.proof == "tree":
        yield from refutation(claim.network, claim.formula, claim.bits, entries, accept)
    else:
        raise SystemExit(f"the verified checker does not know the proof {claim.proof!r}")


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
    sys.stdout.write(PREAMBLE)
    sys.stdout.writelines(statement_of(claim, entries, not arguments.reject))


if __name__ == "__main__":
    main()
