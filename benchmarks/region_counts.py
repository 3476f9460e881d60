"""Every network of the reference table through the command line: counts, certificates, checks.

    python benchmarks/region_counts.py [--engine tree|complex] [--data DIR] [--most-inputs D] [NET ...]

For each network of `region-counts.json` with at most D inputs (default 4) and each domain with a known count: runs
`exactrelu regions NET --domain ... --cells full --engine ... --json - --certificate ...`, compares the key `cells`
with the table, and has the stand-alone checker accept the certificate.  Prints a line for each and ends with the
totals; exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--engine", choices=["tree", "complex"], default="tree")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--most-inputs", type=int, default=4)
    arguments = parser.parse_args()
    table = json.loads((arguments.data / "region-counts.json").read_text())["nets"]
    totals = {"runs": 0, "wrong": 0, "rejected": 0}
    seconds = {"search": 0.0, "command": 0.0, "check": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        proof = Path(folder) / "proof.jsonl"
        for entry in table:
            name = entry["net"]
            path = arguments.data / "nets" / f"{name}.json"
            inputs = len(json.loads(path.read_text())["weights"][0][0])
            if (arguments.names and name not in arguments.names) or inputs > arguments.most_inputs:
                continue
            for key, domain in (("regions_box", "box:-1:1"), ("regions_space", "space")):
                if entry.get(key) is None:
                    continue
                command = [
                    sys.executable,
                    "-m",
                    "exactrelu",
                    "regions",
                    str(path),
                    "--domain",
                    domain,
                    "--cells",
                    "full",
                ]
                command += ["--engine", arguments.engine, "--json", "-", "--certificate", str(proof)]
                start = time.perf_counter()
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found = time.perf_counter()
                check = [sys.executable, "-m", "exactrelu", "check", str(proof), str(path)]
                accepted = subprocess.run(check, capture_output=True, text=True, check=False).returncode == 0
                checked = time.perf_counter()
                report = json.loads(done.stdout)
                right = report["cells"] == entry[key]
                totals["runs"] += 1
                totals["wrong"] += not right
                totals["rejected"] += not accepted
                for part, value in (
                    ("search", report["seconds"]),
                    ("command", found - start),
                    ("check", checked - found),
                ):
                    seconds[part] += value
                print(
                    f"{name:<20}{domain:<10}{report['cells']:>7} {'ok' if right else f'not {entry[key]}':<10}"
                    f"search {report['seconds']:7.2f} s  "
                    f"command {found - start:7.2f} s  check {checked - found:7.2f} s  "
                    f"{proof.stat().st_size / 1e6:7.2f} MB  {'accepted' if accepted else 'REJECTED'}",
                    flush=True,
                )
    print({**totals, **{part: round(value, 2) for part, value in seconds.items()}})
    return 1 if totals["wrong"] or totals["rejected"] else 0


if __name__ == "__main__":
    sys.exit(main())
