"""Write one of our certificates as a Rocq file that the verified checker decides.

    python proofs/emit.py CERTIFICATE [NETWORK] [--reject] > Certificate.v

The file states the network as integer matrices, the domain, the lines, and that the checker of
`proofs/rocq/Checker.v` accepts them; the soundness theorem then gives what the certificate claims, about this network,
as a theorem.  With `--reject` it states that the checker returns false.  Rocq computes; nothing is decided here, and
what is wrong in the lines is written down as it is.

What has to be believed besides Rocq: that the matrices are those of the network's file (the readers of
`exactrelu/checker`, which need the standard library only) and that the lines mean what `docs/certificate-format.md`
says.  A bit string becomes a positive number whose binary digits are, from the lowest, the bits and a final 1.
Integers are hexadecimal: Rocq reads long decimal ones slowly.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Behind everything else: the package has folders of common names.
sys.path.append(str(Path(__file__).resolve().parent.parent / "exactrelu"))

from checker.certificate import read_network
from checker.network import Layer, Network
from checker.reading import rationals
from checker.statement import Domain, read_statement, read_system

NOTIONS = {"full": "Full", "half-open": "HalfOpen", "closed": "Closed"}


def integer(value: int) -> str:
    """Return Rocq's notation.

    >>> integer(-26)
    '(-0x1a)'
    """
    return f"(-{-value:#x})" if value < 0 else f"{value:#x}"


def row(values: Iterable[int]) -> str:
    """Return a list of integers.

    >>> row([1, -2])
    '[0x1; (-0x2)]'
    """
    return "[" + "; ".join(map(integer, values)) + "]"


def bits(text: str) -> str:
    """Return a bit string as a positive number, lowest bit first, with a final 1.

    >>> bits("0110"), bits("")
    ('0x16', '0x1')
    """
    return f"{int('1' + text[::-1], 2):#x}"


def layer(value: Layer) -> str:
    """Return one hidden layer."""
    neurons = (
        f"Neuron {row(weights)} {integer(bias)} {integer(negative)} {integer(positive)}"
        for weights, bias, (negative, positive) in zip(value.weights, value.bias, value.slopes, strict=True)
    )
    return f"  Layer {value.denominator:#x} {value.slope_denominator:#x} [\n    " + ";\n    ".join(neurons) + "]"


def network(value: Network) -> str:
    """Return the hidden layers; the last layer changes no configuration."""
    return "[\n" + ";\n".join(map(layer, value.layers[:-1])) + "]"


def domain(value: Domain) -> str:
    """Return a domain; its rows are slack rows `(b, -a_1, ..., -a_d)`."""
    if value.kind == "space":
        return "Space"
    if value.kind == "box":
        sides = "; ".join(f"({integer(a)}, {integer(b)})" for a, b in zip(value.lower, value.upper, strict=True))
        return f"Box {value.denominator:#x} [{sides}]"
    rows = [row(slack) for slack in value.slack]
    parts = rows[: value.inequalities], rows[value.inequalities :]
    return f"Polyhedron {value.denominator:#x} " + " ".join("[" + "; ".join(part) + "]" for part in parts)


def pairs(entries: list[Any]) -> str:
    """Return multipliers: `at_ index value`.

    >>> pairs([1, "1f", 4, "-a"])
    '[at_ 1 0x1f; at_ 4 (-0xa)]'
    """
    terms = (f"at_ {int(i)} {integer(int(m, 16))}" for i, m in zip(entries[::2], entries[1::2], strict=True))
    return "[" + "; ".join(terms) + "]"


def leaf(entry: dict[str, Any]) -> str:
    """Return one line of the body."""
    if "c" in entry:
        return f"Cell {bits(entry['c'])} {row(int(number, 16) for number in entry['w'])}"
    return f"Refuted {bits(entry['n'])} {pairs(entry['y'])} {pairs(entry.get('d', []))}"


PREAMBLE = """From Coq Require Import ZArith QArith List.
From ExactReLU Require Import Vectors Network Farkas Checker Soundness FullDimension.
Import ListNotations.
Open Scope Z_scope.

Definition at_ (index : nat) (multiplier : Z) : nat * Z := (index, multiplier).

"""


def verdict(call: str, conclusion: str, accept: bool) -> str:
    """Return the statement that a check returns true, with what follows from it, or that it returns false."""
    if not accept:
        return f"Example rejected : {call} = false.\nProof. vm_cast_no_check (eq_refl false). Qed.\n"
    return (
        f"Theorem accepted : {call} = true.\nProof. vm_cast_no_check (eq_refl true). Qed.\n\n"
        f"{conclusion}.\nCheck conclusion.\nPrint Assumptions conclusion.\n"
    )


def conclusion(header: dict[str, Any], notion: str) -> str:
    """Return the definition of what an accepted certificate of configurations proves.

    For the notion full a polyhedron's interior point is put into its rows, again by computing.
    """
    if notion == "half-open":
        return "Definition conclusion := check_sound_half_open _ _ _ _ _ accepted"
    if notion == "closed":
        return "Definition conclusion := check_sound_closed _ _ _ _ _ accepted"
    if header["domain"]["kind"] != "polyhedron":
        return "Definition conclusion := full_exact _ _ _ _ _ accepted Logic.I"
    if "interior" not in header["domain"]:  # an empty domain
        return "Definition conclusion := check_sound_full _ _ _ _ _ accepted"
    point = rationals(header["domain"]["interior"], "'interior'", header["network"]["inputs"])
    entries = "; ".join(f"({integer(x.numerator)} # {x.denominator:#x})%Q" for x in point)
    return (
        f"Definition inner : list Q := [{entries}].\n"
        "Definition rows_of (d : domain) := match d with Polyhedron _ rows _ => rows | _ => [] end.\n"
        "Lemma inner_ok : Forall (fun r => 0 < Vectors.dot r (1 :: inner))%Q (rows_of dom).\n"
        "Proof. repeat (constructor; [reflexivity|]). constructor. Qed.\n"
        "Definition conclusion := full_exact_polyhedron _ _ _ _ _ _ _ inner accepted eq_refl inner_ok"
    )


def configurations(header: dict[str, Any], body: list[dict[str, Any]], net: Network, accept: bool) -> Iterator[str]:
    """Yield the network, the domain, the lines, and the statement about them."""
    # It also checks what the header has to satisfy, a polyhedron's interior point among it.
    statement = read_statement(header)
    yield f"Definition net : network := {network(net)}.\n\n"
    yield f"Definition dom : domain := {domain(statement.domain)}.\n\n"
    # Rocq reads a few lists of moderate length faster than a long one.
    chunks = [body[start : start + 250] for start in range(0, len(body), 250)]
    for number, chunk in enumerate(chunks):
        yield f"Definition lines_{number} : list leaf := [\n" + ";\n".join(map(leaf, chunk)) + "].\n\n"
    yield "Definition lines : list leaf := " + " ++ ".join(f"lines_{n}" for n in range(len(chunks))) + ".\n\n"
    call = f"check {NOTIONS[statement.notion]} net {statement.inputs} dom {statement.cells} lines"
    yield verdict(call, conclusion(header, statement.notion), accept)


def infeasibility(header: dict[str, Any], body: list[dict[str, Any]], accept: bool) -> Iterator[str]:
    """Yield the system, the multipliers, and the statement about them."""
    system = read_system(header)
    relations = {"<=": "Le", "<": "Lt", "==": "Eq"}
    rows = (
        f"({relations[relation]}, ({row(entries[:-1])}, {integer(entries[-1])}))"
        for relation, entries in zip(system.relations, system.rows, strict=True)
    )
    yield "Definition rows : list (relation * (list Z * Z)) := [\n" + ";\n".join(rows) + "].\n\n"
    (line,) = body
    call = f"check_infeasible rows (dense {len(system.rows)} 0 {pairs(line['y'])})"
    yield verdict(call, "Definition conclusion := check_infeasible_sound _ _ accepted", accept)


def statement_of(lines: Iterable[str], net: Network | None, accept: bool) -> Iterator[str]:
    """Yield the Rocq text after the preamble."""
    header, *body, _ = map(json.loads, lines)
    if header["claim"] == "infeasible":
        yield from infeasibility(header, body, accept)
    elif net is None:
        raise SystemExit("a certificate of configurations needs its network file")
    else:
        yield from configurations(header, body, net, accept)


def main() -> None:
    """Read the two files and write to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("certificate", type=Path)
    parser.add_argument("network", type=Path, nargs="?")
    parser.add_argument("--reject", action="store_true", help="state that the checker returns false")
    arguments = parser.parse_args()
    net = read_network(arguments.network.read_bytes()) if arguments.network else None
    with arguments.certificate.open(encoding="utf-8") as lines:
        sys.stdout.write(PREAMBLE)
        sys.stdout.writelines(statement_of(lines, net, not arguments.reject))


if __name__ == "__main__":
    main()
