"""The engines side by side on the reference networks, and how the subdivision complex grows.

    python benchmarks/engines.py nets [NAME ...]        one table, box [-1, 1]^d
    python benchmarks/engines.py scaling                cells per second for widths 8 to 128, d = 2 and 3
    python benchmarks/engines.py million                a million cells in d = 3: time and peak memory
    python benchmarks/engines.py space --relucent PYTHON [NAME ...]
                                                        all of R^d, beside relucent installed for that interpreter

Options: --data DIR (with nets/NAME.json and region-counts.json), --baseline DIR (with prototype_complex.py,
enum_lp.py; optional study material), --seconds S (limit of the linear programming peers, default 10), --json FILE
(results with facts about the machine).

`nets` measures, each in a process of its own on one core: the complex with adjacency (best of three), the same in
forced exact mode, the refinement tree, the uncertified float prototype of the complex (best of three), and
enumeration with one linear program a unit and cell by PPL and cddlib.  Ratios are to the prototype, in the same
run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NETS = [
    "g_2-16-16-1",
    "g_2-32-32-32-1",
    "g_2-64-64-64-1",
    "g_3-16-16-1",
    "g_3-32-32-1",
    "g_4-8-8-1",
    "g_4-16-16-1",
    "g_6-8-8-1",
    "q_2-16-16-1",
    "q_2-32-32-32-1",
    "q_2-64-64-64-1",
    "q_4-8-8-1",
    "d_dup_2-8-8-1",
    "d_nobias_2-8-8-1",
    "d_ternary_2-8-8-1",
    "d_tent6",
]


def best_of(runs: int, function: Callable[[], Any]) -> tuple[float, Any]:
    """Return the least time of several runs and the last result."""
    times, result = [], None
    for _ in range(runs):
        start = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - start)
    return min(times), result


def measure(task: str, argument: str, baseline: str) -> dict[str, Any]:
    """Run one measurement in this process."""
    import numpy as np

    import exactrelu
    from exactrelu.networks.builders import random_network
    from exactrelu.regions.complex.complex import subdivide

    if task == "prototype":
        sys.path.insert(0, baseline)
        from prototype_complex import enumerate_net  # type: ignore[import-not-found]

        layers = exactrelu.load_network(argument).affine_maps
        weights = [np.array([[float(a) for a in row] for row in m.linear]) for m in layers]
        biases = [np.array([float(b) for b in m.offset]) for m in layers]
        seconds, (_, incidence) = best_of(3, lambda: enumerate_net(weights, biases))
        return {"seconds": seconds, "cells": incidence[-1].shape[0]}
    if task == "scaling":
        widths = [int(w) for w in argument.split("-")]
        network = random_network(widths, seed=1, height=1000)
    else:
        network = exactrelu.load_network(argument)
    box = None if task == "space" else exactrelu.HPolyhedron.cube(network.n_inputs)
    if task == "tree":
        seconds, regions = best_of(1, lambda: exactrelu.enumerate_regions(network, box))
        return {"seconds": seconds, "cells": len(regions)}
    runs = 1 if task == "exact" or (len(network.widths) and max(network.widths) > 64) else 3

    def build() -> Any:
        found = subdivide(network, box, exact=task == "exact")
        if task in ("complex", "space"):
            assert len(found.adjacency) > 0 or len(found) == 1
        return found

    seconds, found = best_of(runs, build)
    return {
        "seconds": seconds,
        "cells": len(found),
        "f_vector": list(found.f_vector),
        "undecided": found.undecided,
        "exact_vertices": found.exact_vertices_computed,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def run(command: list[str], folder: Path = ROOT, timeout: float = 900) -> dict[str, Any] | None:
    """Run a process that ends with a JSON line; None if it cannot."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def here(task: str, argument: str, baseline: Path) -> dict[str, Any] | None:
    """Measure in a fresh process."""
    return run([sys.executable, __file__, "measure", task, argument, str(baseline.resolve())])


_PEER = """
import runpy, sys
folder, oracle, name, seconds = sys.argv[1:]
sys.path.insert(0, folder)
sys.argv = ["enum_lp.py", oracle, name, seconds, "box"]
runpy.run_path(folder + "/enum_lp.py", run_name="__main__")
"""


def nets(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Print the table of engines."""
    table = json.loads((arguments.data / "region-counts.json").read_text())["nets"]
    known = {entry["net"]: entry.get("regions_box") for entry in table}
    print(
        f"{'net':<18}{'cells':>8}{'complex s':>11}{'exact s':>9}{'tree s':>9}{'prototype s':>13}{'ratio':>7}"
        f"{'undecided':>11}{'PPL/s':>8}{'cdd/s':>8}"
    )
    results = []
    for name in arguments.names or NETS:
        path = str((arguments.data / "nets" / f"{name}.json").resolve())
        row: dict[str, Any] = {"net": name}
        for task in ("complex", "exact", "tree", "prototype"):
            row[task] = here(task, path, arguments.baseline)
        for oracle in ("ppl", "cdd"):
            command = [sys.executable, "-c", _PEER, str(arguments.baseline.resolve()), oracle, name]
            row[oracle] = run([*command, str(arguments.seconds)], arguments.data, timeout=4 * arguments.seconds + 60)
        cells = row["complex"]["cells"]
        for task in ("complex", "exact", "tree"):
            if known.get(name) is not None and row[task]["cells"] != known[name]:
                sys.exit(f"{name}: {task} found {row[task]['cells']} cells instead of {known[name]}")
        prototype = row["prototype"]
        line = f"{name:<18}{cells:>8}{row['complex']['seconds']:>11.3f}{row['exact']['seconds']:>9.2f}"
        line += f"{row['tree']['seconds']:>9.2f}"
        if prototype:
            note = "" if prototype["cells"] == cells else f"({prototype['cells']})"
            line += f"{prototype['seconds']:>10.3f}{note:>3}{row['complex']['seconds'] / prototype['seconds']:>7.2f}"
        else:
            line += f"{'failed':>13}{'':>7}"
        line += f"{row['complex']['undecided']:>11}"
        line += "".join(f"{row[o]['reg_per_s']:>8.0f}" if row[o] else f"{'-':>8}" for o in ("ppl", "cdd"))
        print(line, flush=True)
        results.append(row)
    return results


def scaling(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Print how the complex grows with the width."""
    print(f"{'widths':<20}{'cells':>9}{'seconds':>9}{'cells/s':>9}{'us/cell':>9}{'undecided':>11}{'peak MB':>9}")
    results = []
    for shape in ("2-{0}-{0}-1", "3-{0}-{0}-1"):
        for width in (8, 16, 32, 64, 128):
            widths = shape.format(width)
            row = here("scaling", widths, arguments.baseline)
            if row is None:
                print(f"{widths:<20} failed")
                continue
            print(
                f"{widths:<20}{row['cells']:>9}{row['seconds']:>9.3f}{row['cells'] / row['seconds']:>9.0f}"
                f"{1e6 * row['seconds'] / row['cells']:>9.1f}{row['undecided']:>11}{row['peak_mb']:>9.0f}",
                flush=True,
            )
            results.append({"widths": widths, **row})
    return results


_RELUCENT = """
import json, sys, time, warnings
from fractions import Fraction
warnings.filterwarnings("ignore")
import relucent, torch
network = json.load(open(sys.argv[1]))
layers = []
for weights, bias in zip(network["weights"], network["biases"]):
    layer = torch.nn.Linear(len(weights[0]), len(weights), dtype=torch.float64)
    with torch.no_grad():
        layer.weight[:] = torch.tensor([[float(Fraction(x)) for x in row] for row in weights], dtype=torch.float64)
        layer.bias[:] = torch.tensor([float(Fraction(x)) for x in bias], dtype=torch.float64)
    layers += [layer, torch.nn.ReLU()]
start = time.perf_counter()
try:
    found = relucent.Complex(torch.nn.Sequential(*layers[:-1]))
    found.bfs(nworkers=1, verbose=0)
    cells, error = len(found), None
except Exception as problem:
    cells, error = 0, type(problem).__name__
print(json.dumps({"cells": cells, "seconds": time.perf_counter() - start, "error": error}))
"""


def space(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Print the complex of all of R^d beside relucent (a program of its own, in its own interpreter)."""
    print(f"{'net':<18}{'cells':>8}{'complex s':>11}{'relucent s':>12}{'ratio':>8}  remark")
    results = []
    for name in arguments.names or ("g_2-8-8-1", "g_2-16-16-1", "g_3-8-8-1", "q_2-16-16-1", "d_dup_2-8-8-1", "d_tri40"):
        path = str((arguments.data / "nets" / f"{name}.json").resolve())
        ours = here("space", path, arguments.baseline)
        theirs = None
        if arguments.relucent:
            theirs = run([arguments.relucent, "-c", _RELUCENT, path], timeout=20 * arguments.seconds)
        if ours is None:
            sys.exit(f"{name}: failed")
        line = f"{name:<18}{ours['cells']:>8}{ours['seconds']:>11.3f}"
        if theirs is None:
            line += f"{'-':>12}{'':>8}  not run, or over the time limit"
        elif theirs["error"]:
            line += f"{theirs['seconds']:>12.2f}{'':>8}  refused: {theirs['error']}"
        else:
            remark = "" if theirs["cells"] == ours["cells"] else f"found {theirs['cells']}"
            line += f"{theirs['seconds']:>12.2f}{theirs['seconds'] / ours['seconds']:>8.0f}  {remark}"
        print(line, flush=True)
        results.append({"net": name, "complex": ours, "relucent": theirs})
    return results


def million(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Print time and memory of a complex with about a million cells in three dimensions."""
    row = here("scaling", "3-96-96-1", arguments.baseline)
    if row is None:
        sys.exit("failed")
    print(f"{row['cells']} cells, {row['seconds']:.1f} s, peak {row['peak_mb']:.0f} MB")
    return [row]


def main() -> None:
    """Run a study."""
    if sys.argv[1:2] == ["measure"]:
        print(json.dumps(measure(*sys.argv[2:5])))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", choices=["nets", "scaling", "million", "space"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--baseline", type=Path, default=ROOT.parent / "shared" / "baseline")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--relucent", metavar="PYTHON", help="an interpreter that has relucent installed")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results = {"nets": nets, "scaling": scaling, "million": million, "space": space}[arguments.study](arguments)
    if arguments.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
        arguments.json.write_text(
            json.dumps({"machine": machine, "study": arguments.study, "results": results}, indent=1)
        )


if __name__ == "__main__":
    main()
