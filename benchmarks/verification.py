"""Verification with proofs on the instance lists of VNN-COMP 2022 and on cruise control, through the command line.

    python benchmarks/verification.py [--data DIR] [--jobs N] [--only LIST ...] [--check-limit S]
                                      [--collins] [--prototype] [--prototype-limit S]

Each instance runs `python -m exactrelu verify QUERY --network NET --timeout LIMIT --certificate FILE --json FILE` in a
process of its own.  `LIMIT` is the competition's limit of the instance (cruise control has none: 180 s).  Columns: the
verdict; `answer`, the seconds from starting the process to its verdict line, which is what is compared with the limit;
`search`, the part of it that the command itself counts; the certificate's size; `check`, the seconds of the
stand-alone checker, which has its own limit (`--check-limit`) because it is pure Python; what it said; for `sat`,
whether a float32 input near the witness violates the property in a float32 runtime too; `all`, the whole process.
A `sat` certificate is given once more to the checker in a process of its own, which substitutes the witness exactly.

Lists, each restricted to the networks and properties at hand: `test`, `rl`, `reach_prob`, `tllverify`, `acasxu` (and
properties 1 to 4 on every network at hand, listed or not), `acc`; with `--collins` also `collins_rul`.

Demanded: everything decided in `test`, `rl`, `reach_prob` and the N = 8 part of `tllverify`; nine in ten of `acasxu`;
all of `acc`, in 180 s together; no verdict against a known one (`KNOWN`); every certificate accepted.  Nothing is
demanded of the larger networks of `tllverify` and of `collins_rul`.  The exit status is 1 if a demand is not met.

`--jobs 2` runs two instances at a time, each with one thread for linear algebra.  `--prototype` runs the baseline
(`verification_prototype.py`: floats, no certificate) on properties 1 to 4 of `acasxu` in the same way.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOTYPE = Path(__file__).resolve().with_name("verification_prototype.py")
# Loading and a slow last step may pass the limit; a process that is silent for longer than this is ended.
GRACE = 60.0
ACC_LIMIT = ACC_TOTAL = 180.0
LISTS = {
    "rl": "rl_benchmarks",
    "reach_prob": "reach_prob_density",
    "tllverify": "tllverifybench",
    "acasxu": "acasxu",
    "collins_rul": "collins_rul_cnn",
}
NAMES = ("test", "rl", "reach_prob", "tllverify", "acasxu", "acc")

# Known verdicts, by network and property.  ACAS Xu: what earlier tools report (of these networks 1_7 alone violates
# properties 3 and 4).  `test`: sat and unsat as its README says; the three small ones by hand: the first has a
# non-negative output, which is never at most -1, and the others stay below 100 on [-1, 1].
KNOWN = {
    **{(f"ACASXU_run2a_{net}_batch_2000", "prop_1"): "unsat" for net in ("1_1", "1_6", "1_7", "5_3")},
    **{(f"ACASXU_run2a_{net}_batch_2000", "prop_2"): "sat" for net in ("1_6", "5_3")},
    **{(f"ACASXU_run2a_{net}_batch_2000", "prop_2"): "unsat" for net in ("1_1", "1_7")},
    **{
        (f"ACASXU_run2a_{net}_batch_2000", f"prop_{k}"): "sat" if net == "1_7" else "unsat"
        for net in ("1_1", "1_6", "1_7", "5_3")
        for k in (3, 4)
    },
    **{("ACASXU_run2a_1_1_batch_2000", f"prop_{k}"): "unsat" for k in (5, 6)},
    **{(f"test_{net}", f"test_{net}"): "unsat" for net in ("nano", "tiny", "small")},
    ("test_sat", "test_prop"): "sat",
    ("test_unsat", "test_prop"): "unsat",
}


@dataclass(frozen=True, slots=True)
class Instance:
    """A query about a network, and the seconds allowed."""

    group: str
    network: Path
    query: Path
    limit: float

    @property
    def name(self) -> str:
        """Network and property, shortened."""
        network = self.network.stem.replace("ACASXU_run2a_", "").replace("_batch_2000", "")
        network = network.replace("tllBench_n=2_", "").replace("_m=1_instance", "")
        if self.group in ("acc", "rl", "reach_prob"):
            return self.query.stem
        return f"{network} {self.query.stem}".replace("NN_rul_small_window_20 ", "")

    @property
    def known(self) -> str | None:
        """The known verdict."""
        return KNOWN.get((self.network.stem, self.query.stem))

    @property
    def demanded(self) -> bool:
        """Whether a verdict is expected of every instance of this kind."""
        return self.group in ("test", "rl", "reach_prob", "acc") or "N=M=8_" in self.network.name


@dataclass(frozen=True, slots=True)
class Result:
    """What one process did; `None` where it did not come to that."""

    verdict: str
    answer: float
    whole: float
    search: float | None = None
    size: int | None = None
    check: float | None = None
    accepted: bool | None = None
    replayed: bool | None = None
    note: str = ""

    def decided(self, limit: float) -> bool:
        """Whether there was a verdict in time."""
        return self.verdict in ("sat", "unsat") and self.answer <= limit


def instances(data: Path, names: Sequence[str]) -> list[Instance]:
    """Every instance of the lists whose two files are at hand."""
    found = []
    folder = data / "vnncomp2022"
    for name in names:
        if name == "acc":
            networks = sorted((data / "acc" / "onnx").glob("*.onnx"))
            queries = sorted((data / "acc" / "vnnlib").glob("*.vnnlib"))
            found += [Instance(name, net, query, ACC_LIMIT) for net, query in product(networks, queries)]
            continue
        table = folder / "test" / "instances.csv"
        if name != "test":
            table = folder / "instances" / f"{LISTS[name]}__instances.csv"
        rows = []
        if table.is_file():
            with table.open(newline="", encoding="utf-8") as file:
                rows = [(Path(row[0]).name, Path(row[1]).name, float(row[2])) for row in csv.reader(file) if row]
        if name == "acasxu":
            listed = {row[:2] for row in rows}
            own = product(sorted((folder / name).glob("*.onnx")), range(1, 5))
            extra = [(net.name, f"prop_{k}.vnnlib", 116.0) for net, k in own]
            rows += [row for row in extra if row[:2] not in listed]
        paths = [(folder / name / net, folder / name / query, limit) for net, query, limit in rows]
        found += [Instance(name, *row) for row in paths if row[0].is_file() and row[1].is_file()]
    return found


def environment(jobs: int) -> dict[str, str]:
    """One thread for linear algebra where two processes share two cores."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"} if jobs > 1 else {}
    return {**os.environ, "PYTHONPATH": path, **threads}


def run(instance: Instance, folder: Path, check_limit: float, jobs: int) -> Result:
    """One process of the command, measured from outside."""
    proof = folder / f"{instance.group}-{instance.network.stem}-{instance.query.stem}.jsonl"
    facts = proof.with_suffix(".json")
    files = [str(instance.network), str(instance.query)]
    command = [sys.executable, "-m", "exactrelu", "verify", files[1], "--network", files[0]]
    command += ["--timeout", str(instance.limit), "--certificate", str(proof), "--json", str(facts)]
    start = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment(jobs)
        ) as process,
    ):
        assert process.stdout is not None
        guard = threading.Timer(instance.limit + GRACE, process.kill)
        guard.start()
        verdict = process.stdout.readline().strip()
        answer = time.perf_counter() - start
        guard.cancel()
        note = ""
        try:
            process.communicate(timeout=check_limit)
        except subprocess.TimeoutExpired:
            process.kill()
            note = f"not checked within {check_limit:g} s"
        whole = time.perf_counter() - start
        complaints.seek(0)
        last = complaints.read().strip().splitlines()[-1:]
    if verdict not in ("sat", "unsat", "unknown", "timed-out"):
        silent = "killed: no verdict line" if answer >= instance.limit + GRACE else "no verdict line"
        return Result("crash", answer, whole, note=" ".join([silent, *last]))
    if not facts.is_file():
        return Result(verdict, answer, whole, note=note or " ".join(["no report", *last]))
    told = json.loads(facts.read_text(encoding="utf-8"))
    proved = told.get("certificate", {})
    accepted = proved.get("valid")
    note = "" if accepted or verdict not in ("sat", "unsat") else " ".join(["not accepted", *last])
    if verdict == "sat" and accepted:
        again = [sys.executable, "-m", "exactrelu.checker", str(proof), *files]
        done = subprocess.run(again, capture_output=True, text=True, env=environment(jobs), check=False)
        if done.returncode:
            accepted, note = False, f"the separate checker: {done.stdout}{done.stderr}".strip()
    if verdict in ("unknown", "timed-out"):
        share = told.get("progress", {})
        note = f"{share.get('closed', 0):.1%} of the inputs settled, {share.get('boxes')} boxes"
    proof.unlink(missing_ok=True)
    return Result(
        verdict,
        answer,
        whole,
        told.get("seconds"),
        proved.get("bytes"),
        proved.get("check_seconds"),
        accepted,
        told.get("float32", {}).get("found") if verdict == "sat" else None,
        note,
    )


def show(value: float | None, unit: str = "s") -> str:
    """A number in a column, or a dash."""
    if value is None:
        return "-"
    return f"{value:.2f}" if unit == "s" else str(int(value))


def line(instance: Instance, result: Result) -> str:
    """A row of the table."""
    accepted = {True: "accepted", False: "REJECTED", None: "-"}[result.accepted]
    replay = {True: "float32 too", False: "reals only", None: ""}[result.replayed]
    against = f"AGAINST the known {instance.known}" if contradicts(instance, result) else ""
    late = "LATE" if result.verdict in ("sat", "unsat") and result.answer > instance.limit else ""
    rest = "  ".join(filter(None, (replay, late, against, result.note)))
    row = (
        f"  {instance.name:44} {result.verdict:9} {result.answer:8.2f} {show(result.search):>8} "
        f"{show(result.size, 'bytes'):>10} {show(result.check):>8} {accepted:8} {result.whole:8.2f}  {rest}"
    )
    return row.rstrip()


def contradicts(instance: Instance, result: Result) -> bool:
    """Whether the verdict is the opposite of the known one."""
    return {result.verdict, instance.known} == {"sat", "unsat"}


def judge(group: str, runs: Sequence[tuple[Instance, Result]]) -> list[str]:
    """The demands on one list that are not met."""
    failed = []
    done = [result.decided(instance.limit) for instance, result in runs]
    for (instance, result), decided in zip(runs, done, strict=True):
        if instance.demanded and not decided:
            failed.append(f"{group}: {instance.name} was not decided within {instance.limit:g} s")
        if contradicts(instance, result):
            failed.append(f"{group}: {instance.name} is {result.verdict}, known {instance.known}")
        if result.verdict == "crash":
            failed.append(f"{group}: {instance.name} gave no verdict line")
        if result.verdict in ("sat", "unsat") and not result.accepted:
            failed.append(f"{group}: the certificate of {instance.name} was not accepted")
    if group == "acasxu" and 10 * sum(done) < 9 * len(done):
        failed.append(f"acasxu: {sum(done)} of {len(done)} decided, nine in ten are demanded")
    seconds = sum(result.answer for _, result in runs)
    if group == "acc" and seconds > ACC_TOTAL:
        failed.append(f"acc: {seconds:.0f} s in all, at most {ACC_TOTAL:g} s are allowed")
    return failed


def run_lists(todo: Sequence[Instance], check_limit: float, jobs: int) -> list[str]:
    """All instances, a table for each list; the demands that are not met."""
    failed: list[str] = []
    header = ("verdict", "answer s", "search s", "bytes", "check s", "checker", "all s")
    with tempfile.TemporaryDirectory() as folder:
        for group in dict.fromkeys(instance.group for instance in todo):
            part = [instance for instance in todo if instance.group == group]
            print(f"{group}\n  {'':44} {header[0]:9} {header[1]:>8} {header[2]:>8} {header[3]:>10} ", end="")
            print(f"{header[4]:>8} {header[5]:8} {header[6]:>8}", flush=True)
            runs = []
            with ThreadPoolExecutor(jobs) as pool:
                results = pool.map(lambda one: run(one, Path(folder), check_limit, jobs), part)
                for instance, result in zip(part, results, strict=True):
                    runs.append((instance, result))
                    print(line(instance, result), flush=True)
            decided = sum(result.decided(instance.limit) for instance, result in runs)
            checks = sum(result.check or 0 for _, result in runs)
            size = sum(result.size or 0 for _, result in runs)
            print(
                f"{group}: {decided} of {len(runs)} decided in {sum(r.answer for _, r in runs):.1f} s; "
                f"certificates of {size} bytes checked in {checks:.1f} s\n",
                flush=True,
            )
            failed += judge(group, runs)
    return failed


def run_prototype(todo: Sequence[Instance], limit: float, jobs: int) -> None:
    """The baseline on properties 1 to 4, each query in its own process with one thread for linear algebra."""
    print(f"prototype in plain NumPy: properties 1 to 4, {limit:g} s each, floats, no proof")

    def one(instance: Instance) -> tuple[str, int, float]:
        command = [sys.executable, str(PROTOTYPE), str(instance.network), str(instance.query), str(limit)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(2), check=True)
        verdict, boxes, seconds = done.stdout.split()
        return verdict, int(boxes), float(seconds)

    total, time_spent, decided = 0, 0.0, 0
    with ThreadPoolExecutor(jobs) as pool:
        for instance, (verdict, boxes, seconds) in zip(todo, pool.map(one, todo), strict=True):
            total, time_spent, decided = total + boxes, time_spent + seconds, decided + (verdict != "timed-out")
            print(f"  {instance.name:44} {verdict:9} {seconds:8.2f} s {boxes:9} boxes", flush=True)
    rate = total / time_spent if time_spent else 0
    print(f"prototype: {decided} of {len(todo)} decided, {rate:.0f} boxes a second\n", flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """Run the lists; 1 if a demand is not met."""
    default = Path(os.environ.get("EXACTRELU_SHARED") or ROOT.parent / "shared" / "data")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=default / "benchmarks", help="folder with the folders vnncomp2022 and acc"
    )
    parser.add_argument("--jobs", type=int, default=1, help="instances at a time (default: 1)")
    parser.add_argument("--only", nargs="+", choices=[*NAMES, "collins_rul"], help="run only these lists")
    parser.add_argument("--check-limit", type=float, default=1800.0, help="seconds for a check (default: 1800)")
    parser.add_argument("--collins", action="store_true", help="attempt collins_rul too")
    parser.add_argument("--prototype", action="store_true", help="run the baseline in plain NumPy too")
    parser.add_argument("--prototype-limit", type=float, default=40.0, help="seconds for each query (default: 40)")
    arguments = parser.parse_args(words)
    if arguments.jobs < 1:
        parser.error(f"--jobs is {arguments.jobs}; at least one is needed")
    names = arguments.only or [*NAMES, *(["collins_rul"] if arguments.collins else [])]
    todo = instances(arguments.data, names)
    failed = run_lists(todo, arguments.check_limit, arguments.jobs)
    missing = [name for name in names if name not in {instance.group for instance in todo}]
    failed += [f"{name}: no instance found in {arguments.data}" for name in missing]
    if arguments.prototype:
        four = [i for i in instances(arguments.data, ["acasxu"]) if i.query.stem in {f"prop_{k}" for k in range(1, 5)}]
        run_prototype(four, arguments.prototype_limit, arguments.jobs)
    for demand in failed:
        print(f"not met: {demand}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
