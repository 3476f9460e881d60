"""Checks certificates of verdicts: `sat` by evaluation, `unsat` by following its proof.

The header names the query file and the network files by their SHA-256 sums; what is proved is a statement about these
bytes.  `joined` puts the declared networks side by side as docs/verdict-format.md says.  Not done here: the proofs
themselves (`unsat`, `mesh`, `crossing`), and the readers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from .crossing import check_crossing
from .formulas import truth
from .mesh import Mesh
from .network import Layer, Network
from .query import QueryFile, read_query
from .reading import (
    Invalid,
    Unreadable,
    expect_keys,
    hexadecimals,
    matching_file,
    natural,
    over_common_denominator,
    rationals,
    shorten,
)
from .unsat import Refutation
from .vertices import evaluate

__all__ = ["Claim", "check_sat", "check_unsat", "joined", "read_claim"]

PROOFS = ("tree", "mesh")
Path = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a verdict's certificate says, and what the files say: all declared networks in one, and the formula."""

    claim: str
    proof: str
    bits: int
    network: Network
    formula: Any


def read_claim(
    header: dict[str, Any], networks: Sequence[Path], query: Path, read_network: Callable[[bytes], Network]
) -> Claim:
    """Read the files of a verdict and compare them with the header.

    Raises:
        Invalid: the header is about other files or malformed.
        Unreadable: a file cannot be read.
    """
    claim = header["claim"]
    proof = header.get("proof", "") if claim == "unsat" else ""
    own_keys = {"sat": set(), "unsat": {"proof", "bits"} if proof == "tree" else {"proof"}}[claim]
    expect_keys(header, "the header", {"format", "version", "claim", "query", "networks"} | own_keys)
    if claim == "unsat" and proof not in PROOFS:
        raise Invalid(f"the proof is 'tree' or 'mesh', not {shorten(proof)}")
    bits = natural(header.get("bits", 0), "bits")
    if bits > 256:
        raise Invalid(f"bits is {shorten(bits)}; at most 256 make sense")
    described = expect_keys(header["query"], "the header's query", {"sha256"})
    text = matching_file(query, described["sha256"], "query")
    try:
        file = read_query(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("the query file is not UTF-8 text") from None
    if type(header["networks"]) is not list:
        raise Invalid(f"'networks' must be a list, not {shorten(header['networks'])}")
    if len(header["networks"]) != len(networks):
        raise Unreadable(f"the certificate is about {len(header['networks'])} network files; {len(networks)} are given")
    own = [declared for declared in file.networks if declared.equal_to is None]
    if len(own) != len(networks):
        raise Invalid(f"the query declares {len(own)} networks with files of their own, the header {len(networks)}")
    found: dict[str, Network] = {}
    for entry, path, declared in zip(header["networks"], networks, own, strict=True):
        expect_keys(entry, "a network in the header", {"sha256", "inputs", "units"})
        network = read_network(matching_file(path, entry["sha256"], "network"))
        if (network.inputs, network.units) != (entry["inputs"], entry["units"]):
            raise Invalid(
                f"a network has {network.inputs} inputs and {network.units} units, "
                f"the header says {shorten(entry['inputs'])} and {shorten(entry['units'])}"
            )
        found[declared.name] = network
    return Claim(claim, proof, bits, joined(_in_order(file, found)), file.formula)


def _in_order(file: QueryFile, found: dict[str, Network]) -> list[Network]:
    """The declared networks' networks; each must have as many inputs and outputs as it was declared with."""
    networks = []
    for declared in file.networks:
        if declared.equal_to is not None:
            found[declared.name] = found[declared.equal_to]
        network = found[declared.name]
        if len(declared.inputs) != network.inputs or len(declared.outputs) != len(network.layers[-1].weights):
            raise Invalid(
                f"{declared.name} is declared with {len(declared.inputs)} inputs and {len(declared.outputs)} outputs, "
                f"the network has {network.inputs} and {len(network.layers[-1].weights)}"
            )
        if declared.isomorphic_to is not None and _shape(network) != _shape(found[declared.isomorphic_to]):
            raise Invalid(f"{declared.name} and {declared.isomorphic_to} have different shapes")
        networks.append(network)
    return networks


def _shape(network: Network) -> Any:
    return [
        (len(layer.weights), [Fraction(a, layer.slope_denominator) for s in layer.slopes for a in s])
        for layer in network.layers
    ]


def joined(networks: Sequence[Network]) -> Network:
    """Return the networks side by side, the shallower ones lengthened at their end by identity layers."""
    if len(networks) == 1:
        return networks[0]
    depth = max(len(network.layers) for network in networks)
    stacks = [_lengthened(network, depth) for network in networks]
    return Network(tuple(_side_by_side(layers) for layers in zip(*stacks, strict=True)))


def _lengthened(network: Network, depth: int) -> list[Layer]:
    layers = list(network.layers)
    while len(layers) < depth:
        last = layers[-1]
        size = len(last.weights)
        layers[-1] = Layer(last.weights, last.bias, last.denominator, ((1, 1),) * size)
        layers.append(Layer(tuple(tuple(int(i == j) for j in range(size)) for i in range(size)), (0,) * size, 1))
    return layers


def _side_by_side(layers: Sequence[Layer]) -> Layer:
    q = lcm(*(layer.denominator for layer in layers))
    s = lcm(*(layer.slope_denominator for layer in layers))
    width = sum(len(layer.weights[0]) for layer in layers)
    weights, bias, slopes, before = [], [], [], 0
    for layer in layers:
        after = width - before - len(layer.weights[0])
        for row in layer.weights:
            weights.append((0,) * before + tuple(w * (q // layer.denominator) for w in row) + (0,) * after)
        bias += [b * (q // layer.denominator) for b in layer.bias]
        slopes += [(n * (s // layer.slope_denominator), p * (s // layer.slope_denominator)) for n, p in layer.slopes]
        before += len(layer.weights[0])
    return Layer(tuple(weights), tuple(bias), q, tuple(slopes), s)


def check_sat(claim: Claim, entry: dict[str, Any]) -> None:
    """Check the line of a witness: a point, or a segment that contains one."""
    if "a" in entry:
        expect_keys(entry, "a crossing", {"a", "b", "k"})
        ends = []
        for end in (entry["a"], entry["b"]):
            if type(end) is not list or len(end) != claim.network.inputs + 1:
                raise Invalid(f"an end has {claim.network.inputs + 1} integers, its denominator first")
            denominator, *numerators = hexadecimals(end)
            ends.append([*numerators, denominator])
        check_crossing(
            claim.network, claim.formula, ends[0], ends[1], natural(entry["k"], "the number of a comparison")
        )
        return
    expect_keys(entry, "the witness", {"point"})
    (numerators,), denominator = over_common_denominator(
        [rationals(entry["point"], "the witness", claim.network.inputs)]
    )
    ((*values, scale),), _ = evaluate(claim.network, [(*numerators, denominator)])
    if not truth(claim.formula, [Fraction(value, scale) for value in values]):
        raise Invalid("the formula is false at the witness")


def check_unsat(claim: Claim, entries: Iterable[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """Follow the proof up to the trailer; return the number of contradictions and the trailer."""
    if claim.proof == "mesh":
        proof: Mesh | Refutation = Mesh(claim.network, claim.formula)
    else:
        proof = Refutation(claim.network, claim.formula, claim.bits)
    for entry in entries:
        if "end" in entry:
            proof.finish()
            return proof.simplices if isinstance(proof, Mesh) else proof.leaves, entry
        proof.line(entry)
    raise Invalid("the certificate ends before its trailer")
