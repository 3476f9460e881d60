"""Certificates of the demo networks, written by our tool, before the verified checker; and false copies of them.

    python proofs/check_certificates.py FOLDER [--only FILE] [--compiled FOLDER]

`exactrelu regions` writes each certificate, `emit.py` turns it into a Rocq file, and coqc proves that the checker of
`rocq/Checker.v` accepts it.  Then copies that are wrong by construction (`tampered`) are stated to be rejected, and
coqc proves that too.  Likewise `exactrelu verify` for the queries in `queries/`, with `emit_verdict.py` and the
checkers of `rocq/Verdict.v` and `rocq/VerdictWitness.v` (`tampered_tree`, `tampered_witness`).  FOLDER receives all
files.  The proofs must have been compiled, in `rocq/` or where `--compiled` says.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import emit_verdict
from emit import PREAMBLE, read_network, statement_of

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
QUERIES = ROOT / "proofs" / "queries"

# network, domain, notion, how many kinds of false copies (reading one of the largest takes seconds)
CASES = [
    ("abs.json", "space", "half-open", 9),
    ("abs.json", "box:-1:1", "closed", 9),
    ("three_lines.json", "space", "full", 9),
    ("three_lines.json", "simplex", "full", 9),
    ("tent3.json", "box:0:1", "half-open", 9),
    ("n4.json", "space", "full", 9),
    ("n4.json", "box:-2:3", "closed", 9),
    ("iris.onnx", "box:0:8", "full", 9),
    ("two_moons.onnx", "box:-2:3", "full", 2),
]

# network, query; the last two are sat
VERDICTS = [
    ("abs.json", "abs_above.vnnlib"),
    ("abs.json", "abs_even.vnnlib"),
    ("tent3.json", "tent_below.vnnlib"),
    ("n4.json", "n4_range.vnnlib"),
    ("two_moons.onnx", "two_moons_box.vnnlib"),
    ("tent3.json", "tent_reaches.vnnlib"),
    ("two_moons.onnx", "two_moons_edge.vnnlib"),
]

Lines = list[dict[str, Any]]


def edited(lines: Lines, name: str, change: Callable[[Lines], object]) -> tuple[str, Lines]:
    """A changed copy, with its name."""
    other = copy.deepcopy(lines)
    change(other)
    return name, other


def tampered(lines: Lines) -> Iterator[tuple[str, Lines]]:
    """Copies that cannot be true, whatever the network is."""
    body = range(1, len(lines) - 1)
    cells = [i for i in body if "c" in lines[i]]
    refutations = [i for i in body if lines[i].get("y")]

    if len(cells) > 1 and lines[0]["notion"] != "closed":
        yield edited(lines, "a witness is another cell's", lambda e: e[cells[0]].update(w=e[cells[1]]["w"]))
    if refutations:
        yield edited(lines, "a refutation has no multipliers", lambda e: e[refutations[0]].update(y=[], d=[]))
        negative = [n if k % 2 == 0 else "-" + n for k, n in enumerate(lines[refutations[0]]["y"])]
        yield edited(lines, "multipliers are negative", lambda e: e[refutations[0]].update(y=negative))
        yield edited(
            lines,
            "a cell is called refuted",
            lambda e: e.__setitem__(cells[0], {"n": e[cells[0]]["c"], "y": e[refutations[0]]["y"]}),
        )
    yield edited(lines, "a cell is missing", lambda e: e.pop(cells[0]))
    yield edited(lines, "a line stands twice", lambda e: e.insert(cells[0], e[cells[0]]))
    yield edited(lines, "the count is one more", lambda e: e[0].update(cells=e[0]["cells"] + 1))
    yield edited(lines, "a witness's denominator is zero", lambda e: e[cells[0]]["w"].__setitem__(0, "0"))
    last = lines[cells[-1]]["c"]
    yield edited(lines, "a bit of a cell is flipped", lambda e: e[cells[-1]].update(c=last[:-1] + "10"[int(last[-1])]))


def tampered_tree(lines: Lines) -> Iterator[tuple[str, Lines]]:
    """Copies of a tree that prove nothing: a node has no proof, or a line says something false.

    The slopes are those of rectifiers, and every leaf's box has a point.
    """
    body = range(1, len(lines) - 1)
    leaves = [i for i in body if lines[i].get("l")]
    backed = [i for i in leaves if lines[i].get("b")]
    splits = [i for i in body if "u" in lines[i]]
    cuts = [i for i in body if "x" in lines[i]]
    alternatives = [i for i in body if "o" in lines[i]]
    chords = [i for i in body if lines[i].get("v")]
    far = 1 << (lines[0]["bits"] + 40)

    yield edited(lines, "a leaf has no multipliers", lambda e: e[leaves[0]].update(l=[], b=[]))
    yield edited(lines, "a leaf is missing", lambda e: e.pop(leaves[-1]))
    yield edited(lines, "a leaf stands twice", lambda e: e.insert(leaves[-1], e[leaves[-1]]))
    yield edited(lines, "a literal does not exist", lambda e: e[leaves[0]]["l"][0].__setitem__(0, 99))
    yield edited(lines, "a literal's multiplier is zero", lambda e: e[leaves[0]].update(l=[[0, "0"]], b=[]))
    yield edited(lines, "the count is one more", lambda e: e[-1]["end"].update(leaves=e[-1]["end"]["leaves"] + 1))
    if backed:
        negative = [[unit, "-" + m] for unit, m in lines[backed[0]]["b"]]
        yield edited(lines, "a unit's multiplier is negative", lambda e: e[backed[0]].update(b=negative))
        yield edited(lines, "a multiplier's unit does not exist", lambda e: e[backed[0]]["b"][0].__setitem__(0, 99))
    if splits:
        yield edited(lines, "a unit is split twice", lambda e: e.insert(splits[0], e[splits[0]]))
        yield edited(lines, "a unit does not exist", lambda e: e[splits[0]].update(u=99))
    if cuts:
        yield edited(lines, "an input does not exist", lambda e: e[cuts[0]]["x"].__setitem__(0, 99))
    if alternatives:
        yield edited(lines, "a disjunction does not exist", lambda e: e[alternatives[0]].update(o=99))
    if chords:
        values = lines[chords[0]]["v"]
        yield edited(lines, "a chord is far too low", lambda e: e[chords[0]]["v"].__setitem__(1, values[1] - far))
        yield edited(lines, "a chord is missing", lambda e: e[chords[0]].update(v=values[2:]))
        yield edited(lines, "there is one chord too many", lambda e: e[chords[0]].update(v=[*values, 1, 1]))
        letters = lines[chords[0]]["r"]
        yield edited(lines, "a letter is missing", lambda e: e[chords[0]].update(r=letters[:-1], v=values))


def tampered_witness(lines: Lines) -> Iterator[tuple[str, Lines]]:
    """Copies with a point that is no input, or outside the box that the query asks for."""
    point = lines[1]["point"]
    yield edited(lines, "a coordinate is missing", lambda e: e[1].update(point=point[:-1]))
    yield edited(lines, "there is a coordinate too many", lambda e: e[1].update(point=[*point, "0"]))
    yield edited(lines, "the point is far away", lambda e: e[1].update(point=["1000"] * len(point)))


def compile_rocq(path: Path, compiled: Path) -> str:
    """Run coqc and return what it printed; a proof that fails ends the program."""
    command = ["coqc", "-Q", str(compiled), "ExactReLU", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{path}: coqc refused the statement\n{done.stdout}{done.stderr}")
    return done.stdout


def state(path: Path, preamble: str, statement: Iterable[str], compiled: Path) -> float:
    """Write the statement that a certificate is accepted, have it proved, and return the seconds."""
    started = time.perf_counter()
    path.write_text(preamble + "".join(statement), encoding="utf-8")
    if "Closed under the global context" not in compile_rocq(path, compiled):
        raise SystemExit(f"{path}: the statement has assumptions")
    return time.perf_counter() - started


def reject(path: Path, preamble: str, copies: Iterable[tuple[str, Iterable[str]]], compiled: Path) -> str:
    """Write the statements that the copies are rejected, have them proved, and return the copies' names."""
    names = []
    with path.open("w", encoding="utf-8") as file:
        file.write(preamble)
        for name, statement in copies:
            file.write(f"Module Copy_{len(names)}. (* {name} *)\n")
            file.writelines(statement)
            file.write(f"End Copy_{len(names)}.\n\n")
            names.append(name)
    compile_rocq(path, compiled)
    return "; ".join(names)


def prove(folder: Path, compiled: Path, network: str, domain: str, notion: str, kinds: int) -> None:
    """Write one certificate, have it accepted, and its false copies rejected."""
    stem = f"{Path(network).stem}_{notion}_{domain.partition(':')[0]}".replace("-", "_")
    certificate, source = folder / f"{stem}.jsonl", EXAMPLES / network
    command = [sys.executable, "-m", "exactrelu", "regions", str(source), f"--domain={domain}", f"--cells={notion}"]
    subprocess.run([*command, f"--certificate={certificate}"], check=True, stdout=subprocess.DEVNULL)
    lines = certificate.read_text(encoding="utf-8").splitlines()
    net = read_network(source.read_bytes())

    path = folder / f"{stem}.v"
    seconds = state(path, PREAMBLE, statement_of(lines, net, accept=True), compiled)
    print(f"accepted  {network}, {domain}, {notion}: {json.loads(lines[-1])['end']}, {seconds:.1f} s", flush=True)

    copies = islice(tampered([json.loads(line) for line in lines]), kinds)
    statements = ((name, statement_of(map(json.dumps, entries), net, accept=False)) for name, entries in copies)
    names = reject(folder / f"{stem}_tampered.v", PREAMBLE, statements, compiled)
    print(f"rejected  {network}, {domain}, {notion}: {names}", flush=True)


def prove_verdict(folder: Path, compiled: Path, network: str, query: str) -> None:
    """Decide one query, have its certificate accepted, and false copies of it rejected."""
    stem, source, question = Path(query).stem, EXAMPLES / network, QUERIES / query
    certificate = folder / f"{stem}.jsonl"
    command = [sys.executable, "-m", "exactrelu", "verify", str(question), f"--network={source}"]
    subprocess.run([*command, f"--certificate={certificate}"], check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in certificate.read_text(encoding="utf-8").splitlines()]
    claim = emit_verdict.read_claim(lines[0], [source], question, read_network)
    found = "sat, one point" if claim.claim == "sat" else f"unsat, {len(lines) - 2} nodes"

    true = emit_verdict.statement_of(claim, lines[1:], accept=True)
    seconds = state(folder / f"{stem}.v", emit_verdict.PREAMBLE, true, compiled)
    print(f"accepted  {network}, {query}: {found}, {seconds:.1f} s", flush=True)

    copies = tampered_witness(lines) if claim.claim == "sat" else tampered_tree(lines)
    statements = ((name, emit_verdict.statement_of(claim, entries[1:], accept=False)) for name, entries in copies)
    names = reject(folder / f"{stem}_tampered.v", emit_verdict.PREAMBLE, statements, compiled)
    print(f"rejected  {network}, {query}: {names}", flush=True)


def main() -> None:
    """Go through the cases."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where all files are written")
    parser.add_argument("--only", metavar="FILE", help="only the cases of this file of examples/, or of queries/")
    parser.add_argument("--compiled", type=Path, default=ROOT / "proofs" / "rocq", help="where the .vo files are")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        if arguments.only in (None, case[0]):
            prove(arguments.folder, arguments.compiled.resolve(), *case)
    for network, query in VERDICTS:
        if arguments.only in (None, network, query):
            prove_verdict(arguments.folder, arguments.compiled.resolve(), network, query)


if __name__ == "__main__":
    main()
