"""Polynomial queries on all cells: verdict, time, size of the proof, and its check by the stand-alone checker.

    python benchmarks/polynomial_queries.py [--data DIR] [--only NAME ...]

Every query file of the adaptive cruise control benchmark (two inputs, 64-64-64-64 units, degree two) is read and
decided; an `unsat` proof is written as lines and read again by the checker's own readers from the network file and the
query file; a witness is substituted exactly.  Demanded: every file is decided within 180 s in all, and every piece of
evidence is accepted.  The exit status is 1 if a demand is not met.  One process, one core.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from exactrelu import load_network
from exactrelu.checker.certificate import read_network
from exactrelu.checker.mesh import Mesh
from exactrelu.checker.query import read_query
from exactrelu.checker.reading import Invalid, parse_json
from exactrelu.io import read_vnnlib
from exactrelu.verification.polynomials.cellwise import decide_query_on_cells
from exactrelu.verification.polynomials.evidence import Undecided
from exactrelu.verification.polynomials.mesh import MeshProof

BUDGET = 180.0


def checked(lines: list[str], network: bytes, query: str) -> str | None:
    """What the checker finds wrong with a proof, from the two files alone."""
    try:
        mesh = Mesh(read_network(network), read_query(query).formula)
        for line in lines:
            mesh.line(parse_json(line))
        mesh.finish()
    except Invalid as error:
        return str(error)
    return None


def main() -> int:
    """Run the files and print a line for each."""
    root = Path(__file__).resolve().parent.parent
    default = Path(os.environ.get("EXACTRELU_SHARED") or root.parent / "shared" / "data")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default / "benchmarks" / "acc", help="folder with onnx and vnnlib")
    parser.add_argument("--only", nargs="*", help="names of query files, without .vnnlib")
    options = parser.parse_args()
    (network_file,) = sorted((options.data / "onnx").glob("*.onnx"))
    network = load_network(network_file)
    counts: Counter[str] = Counter()
    deciding = checking = 0.0
    size = 0
    for path in sorted((options.data / "vnnlib").glob("*.vnnlib")):
        if options.only and path.stem not in options.only:
            continue
        start = time.perf_counter()
        query = read_vnnlib(path, network)
        answer = decide_query_on_cells(query)
        seconds = time.perf_counter() - start
        deciding += seconds
        defect: str | None = None
        note = ""
        if isinstance(answer, MeshProof):
            verdict = "unsat"
            lines = [json.dumps(line, separators=(",", ":")) for line in answer.lines()]
            start = time.perf_counter()
            defect = checked(lines, network_file.read_bytes(), path.read_text(encoding="utf-8"))
            checking += time.perf_counter() - start
            own = sum(len(line) + 1 for line in lines)
            size += own
            note = f"{len(answer.simplices):6} simplices {own:8} bytes"
        elif isinstance(answer, Undecided):
            verdict, note = "unknown", f"{answer.reason}: {answer.settled} of {answer.pieces}"
        else:
            verdict, defect = "sat", answer.defect(query.formula)
        counts["rejected" if defect else verdict] += 1
        print(f"{path.stem:14} {verdict:8} {seconds:7.2f} s  {note}{defect or ''}", flush=True)
    print(f"{dict(counts)}; decided in {deciding:.1f} s, checked in {checking:.1f} s, proofs of {size} bytes")
    return int(bool(counts["unknown"] or counts["rejected"] or deciding > BUDGET))


if __name__ == "__main__":
    sys.exit(main())
