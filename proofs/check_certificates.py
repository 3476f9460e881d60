"""Certificates of the demo networks, written by our tool, before the verified checker; and false copies of them.

    python proofs/check_certificates.py FOLDER [--only NETWORK] [--compiled FOLDER]

`exactrelu regions` writes each certificate, `emit.py` turns it into a Rocq file, and coqc proves that the checker of
`rocq/Checker.v` accepts it.  Then copies that are wrong by construction (`tampered`) are stated to be rejected, and
coqc proves that too.  FOLDER receives all files.  The proofs must have been compiled, in `rocq/` or where
`--compiled` says.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from emit import PREAMBLE, read_network, statement_of

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"

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

Lines = list[dict[str, Any]]


def tampered(lines: Lines) -> Iterator[tuple[str, Lines]]:
    """Copies that cannot be true, whatever the network is."""
    body = range(1, len(lines) - 1)
    cells = [i for i in body if "c" in lines[i]]
    refutations = [i for i in body if lines[i].get("y")]

    def edited(name: str, change: Any) -> tuple[str, Lines]:
        other = copy.deepcopy(lines)
        change(other)
        return name, other

    if len(cells) > 1 and lines[0]["notion"] != "closed":
        yield edited("a witness is another cell's", lambda e: e[cells[0]].update(w=e[cells[1]]["w"]))
    if refutations:
        yield edited("a refutation has no multipliers", lambda e: e[refutations[0]].update(y=[], d=[]))
        negative = [n if k % 2 == 0 else "-" + n for k, n in enumerate(lines[refutations[0]]["y"])]
        yield edited("multipliers are negative", lambda e: e[refutations[0]].update(y=negative))
        yield edited(
            "a cell is called refuted",
            lambda e: e.__setitem__(cells[0], {"n": e[cells[0]]["c"], "y": e[refutations[0]]["y"]}),
        )
    yield edited("a cell is missing", lambda e: e.pop(cells[0]))
    yield edited("a line stands twice", lambda e: e.insert(cells[0], e[cells[0]]))
    yield edited("the count is one more", lambda e: e[0].update(cells=e[0]["cells"] + 1))
    yield edited("a witness's denominator is zero", lambda e: e[cells[0]]["w"].__setitem__(0, "0"))
    last = lines[cells[-1]]["c"]
    yield edited("a bit of a cell is flipped", lambda e: e[cells[-1]].update(c=last[:-1] + "10"[int(last[-1])]))


def compile_rocq(path: Path, compiled: Path) -> str:
    """Run coqc and return what it printed; a proof that fails ends the program."""
    command = ["coqc", "-Q", str(compiled), "ExactReLU", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{path}: coqc refused the statement\n{done.stdout}{done.stderr}")
    return done.stdout


def prove(folder: Path, compiled: Path, network: str, domain: str, notion: str, kinds: int) -> None:
    """Write one certificate, have it accepted, and its false copies rejected."""
    stem = f"{Path(network).stem}_{notion}_{domain.partition(':')[0]}".replace("-", "_")
    certificate, source = folder / f"{stem}.jsonl", EXAMPLES / network
    command = [sys.executable, "-m", "exactrelu", "regions", str(source), f"--domain={domain}", f"--cells={notion}"]
    subprocess.run([*command, f"--certificate={certificate}"], check=True, stdout=subprocess.DEVNULL)
    lines = certificate.read_text(encoding="utf-8").splitlines()
    net = read_network(source.read_bytes())

    started = time.perf_counter()
    path = folder / f"{stem}.v"
    path.write_text(PREAMBLE + "".join(statement_of(lines, net, accept=True)), encoding="utf-8")
    if "Closed under the global context" not in compile_rocq(path, compiled):
        raise SystemExit(f"{path}: the statement has assumptions")
    seconds = time.perf_counter() - started
    print(f"accepted  {network}, {domain}, {notion}: {json.loads(lines[-1])['end']}, {seconds:.1f} s", flush=True)

    copies = list(islice(tampered([json.loads(line) for line in lines]), kinds))
    path = folder / f"{stem}_tampered.v"
    with path.open("w", encoding="utf-8") as file:
        file.write(PREAMBLE)
        for number, (name, entries) in enumerate(copies):
            file.write(f"Module Copy_{number}. (* {name} *)\n")
            file.writelines(statement_of(map(json.dumps, entries), net, accept=False))
            file.write(f"End Copy_{number}.\n\n")
    compile_rocq(path, compiled)
    print(f"rejected  {network}, {domain}, {notion}: " + "; ".join(name for name, _ in copies), flush=True)


def main() -> None:
    """Go through the cases."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where all files are written")
    parser.add_argument("--only", metavar="NETWORK", help="only the cases of this file of examples/")
    parser.add_argument("--compiled", type=Path, default=ROOT / "proofs" / "rocq", help="where the .vo files are")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        if arguments.only in (None, case[0]):
            prove(arguments.folder, arguments.compiled.resolve(), *case)


if __name__ == "__main__":
    main()
