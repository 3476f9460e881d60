"""Write verdicts as certificates, in the format of `docs/verdict-format.md`.

The certificate is about files, so their bytes are hashed into the header; nothing here reads them again.  Writing
decides nothing.  Cost: linear in the proof.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exactrelu.errors import InputError
from exactrelu.exact.rationals import format_rational
from exactrelu.networks.network import Network
from exactrelu.verification.questions.query import Query
from exactrelu.verification.verdicts import Satisfiable, TreeProof, Undecided, Unsatisfiable, Verdict
from exactrelu.whole_file import whole_file

__all__ = ["NetworkFile", "verdict_lines", "write_verdict"]


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """A network and the bytes of the file it was read from."""

    network: Network
    data: bytes


def write_verdict(
    path: str | os.PathLike[str], verdict: Verdict, query: Query, networks: Sequence[NetworkFile], query_file: bytes
) -> int:
    """Write the certificate of a verdict and return its size in bytes; the file appears whole or not at all.

    Args:
        query: the question that the verdict answers.
        networks: the network files, in the order of the query's declarations, `equal-to` ones left out.
        query_file: the bytes of the query file.

    Raises:
        InputError: the verdict is `Undecided`, which proves nothing.
        OSError: the file cannot be written.
    """
    target = Path(path)
    lines = verdict_lines(verdict, query, networks, query_file)
    with whole_file(target) as unfinished, unfinished.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    return target.stat().st_size


def verdict_lines(verdict: Verdict, query: Query, networks: Sequence[NetworkFile], query_file: bytes) -> Iterator[str]:
    """Return the lines of the certificate; arguments and errors as `write_verdict`."""
    if isinstance(verdict, Undecided):
        raise InputError(f"the query is undecided ({verdict.reason}); only sat and unsat have certificates")
    header: dict[str, Any] = {
        "format": "exactrelu-certificate",
        "version": 1,
        "claim": verdict.status,
        "query": {"sha256": hashlib.sha256(query_file).hexdigest()},
        "networks": [
            {
                "sha256": hashlib.sha256(file.data).hexdigest(),
                "inputs": file.network.n_inputs,
                "units": file.network.n_units,
            }
            for file in networks
        ],
    }
    if isinstance(verdict, Satisfiable):
        return _satisfiable(header, verdict, query)
    return _unsatisfiable(header, verdict)


def _satisfiable(header: dict[str, Any], verdict: Satisfiable, query: Query) -> Iterator[str]:
    yield json.dumps(header)
    if verdict.crossing is not None:
        yield json.dumps(verdict.crossing.line(query.formula, query.network.n_inputs))
    elif verdict.witness is not None:
        yield json.dumps({"point": [format_rational(x) for x in verdict.witness]})
    yield json.dumps({"end": {"points": 1}})


def _unsatisfiable(header: dict[str, Any], verdict: Unsatisfiable) -> Iterator[str]:
    proof = verdict.proof
    if isinstance(proof, TreeProof):
        yield json.dumps({**header, "proof": "tree", "bits": proof.bits})
        count = {"leaves": proof.leaves}
        lines: Iterable[dict[str, Any]] = proof.lines
    else:
        yield json.dumps({**header, "proof": "mesh"})
        count = {"simplices": len(proof.simplices)}
        lines = proof.lines()
    for line in lines:
        yield json.dumps(line, separators=(",", ":"))
    yield json.dumps({"end": count})
