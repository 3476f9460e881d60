"""Refinement tree against a plain baseline: one linear program (HiGHS, exact check) for every unit and cell.

    python benchmarks/tree_engine.py [--data DIR] [--baseline DIR] [--seconds S] [NET ...]

For each network, on the box [-1, 1]^d and on one core: cells, seconds, cells per second, the time to write the
certificate and the time of the stand-alone checker, peak memory of the process; then the baseline's cells per second
within S seconds (default 20) in the same run, and the ratio.  The data folder holds `nets/NAME.json`; the baseline
folder holds `enum_lp.py` (both are optional study material, not part of the package).  Each measurement is a process
of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEFAULT_NETS = ("g_8-10-10-1", "g_10-8-8-8-1", "g_16-8-8-1")
ROOT = Path(__file__).resolve().parent.parent


def measure(path: Path) -> dict[str, float]:
    """Enumerate, write and check in this process."""
    import exactrelu

    network = exactrelu.load_network(path)
    regions = exactrelu.enumerate_regions(network, exactrelu.HPolyhedron.cube(network.n_inputs))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "certificate.jsonl"
        start = time.perf_counter()
        size = exactrelu.write_certificate(certificate, regions, path)
        written = time.perf_counter()
        report = exactrelu.check(certificate, path)
        checked = time.perf_counter()
    if not report.valid:
        sys.exit(f"{path.name}: {report.summary()}")
    return {
        "cells": len(regions),
        "seconds": regions.seconds,
        "per_second": len(regions) / regions.seconds,
        "write": written - start,
        "check": checked - written,
        "megabytes": size / 1e6,
        "peak_mb": peak,
        **regions.decisions,
    }


def one_core() -> dict[str, str]:
    """Environment that keeps numerical libraries on one thread."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def run(command: list[str], folder: Path) -> dict[str, float]:
    """Run a process that ends with a JSON line."""
    done = subprocess.run(command, cwd=folder, env=one_core(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nets", nargs="*", default=DEFAULT_NETS)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--baseline", type=Path, default=ROOT.parent / "shared" / "baseline")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    print(
        f"{'net':<16}{'cells':>8}{'s':>8}{'cells/s':>9}{'write s':>9}"
        f"{'check s':>9}{'MB':>7}{'peak MB':>9}{'base/s':>8}{'ratio':>7}"
    )
    for name in arguments.nets:
        path = arguments.data / "nets" / f"{name}.json"
        ours = run([sys.executable, __file__, "--measure", str(path.resolve())], ROOT)
        script = arguments.baseline / "enum_lp.py"
        line = (
            f"{name:<16}{ours['cells']:>8.0f}{ours['seconds']:>8.2f}{ours['per_second']:>9.0f}{ours['write']:>9.2f}"
            f"{ours['check']:>9.2f}{ours['megabytes']:>7.1f}{ours['peak_mb']:>9.0f}"
        )
        if script.is_file():
            command = [sys.executable, "-c", _BASELINE, str(script.parent.resolve()), name, str(arguments.seconds)]
            base = run(command, arguments.data)
            line += f"{base['reg_per_s']:>8.0f}{ours['per_second'] / base['reg_per_s']:>7.1f}"
        print(line, flush=True)


# The baseline script looks for its modules in the current folder, which has to be the data folder.
_BASELINE = """
import runpy, sys
folder, name, seconds = sys.argv[1:]
sys.path.insert(0, folder)
sys.argv = ["enum_lp.py", "hyb", name, seconds, "box"]
runpy.run_path(folder + "/enum_lp.py", run_name="__main__")
"""

if __name__ == "__main__":
    main()
