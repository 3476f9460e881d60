"""Pattern varieties: the table of known ones, the two large examples of [AM25], random instances, and true outputs.

    python benchmarks/varieties.py [--data DIR] [--only PART,...] [--instances 100] [--networks 50]

Parts, each with its time on one core:

* table     every row of DIR/expected-dimensions.json: counts, dimension and its status, expected dimensions,
defect, conormal
            codimension, linear relations, generators by degree (through degree 3, higher where the table goes
            higher; the quintics of Example 37 are in their own part), each generator verified over Q by substitution;
* examples  Example 31 (3-3-2-3-3) and Example 37 (3-4-3) through the cubics, the quartics and the quintics;
* pairs     random shallow networks with two blocks: is the conormal codimension always the codimension?
* minors    Conjecture 6.1: Hilbert functions of the ideal of minors and of the variety's ideal through degree 4;
* networks  random networks on random inputs: true outputs satisfy every certified constraint, perturbed ones are
refuted by a minor that
            is then recomputed from the outputs;
* functional  functional dimensions of DIR/worked-examples.json (C16);
* engines   eliminations by Singular and Macaulay2, where on PATH, against the generators found.

With --sextics the examples include degree 6 of Example 37, which takes minutes.  The exit code is 1 if anything
disagreed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from exactrelu.errors import InputError
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.io.json_format import read_network_json
from exactrelu.networks.builders import random_network
from exactrelu.varieties import (
    OnKnownEquations,
    Pattern,
    PatternVariety,
    RankViolation,
    functional_dimension,
)
from exactrelu.varieties.conormal import conormal_codimension
from exactrelu.varieties.external import ENGINES, eliminate, find_engine
from exactrelu.varieties.families import constraints_of
from exactrelu.varieties.minor_ideal import compare_minors
from exactrelu.varieties.substitution import Substitution

ROOT = Path(__file__).resolve().parent.parent

SHAPES = (
    ((3, 3, 3), "110|011"),
    ((4, 3, 3), "110|011"),
    ((3, 3, 4), "110|011"),
    ((4, 3, 4), "110|011"),
    ((4, 4, 3), "1100|0110"),
    ((4, 4, 4), "1110|0111"),
    ((4, 4, 4), "1110|0011"),
    ((3, 3, 2), "111|001"),
)


def variety_of_row(row: dict[str, Any]) -> PatternVariety:
    """The variety of a row of the table."""
    patterns = [Pattern.from_bits(layers) for layers in row["patterns"]]
    return PatternVariety.of(row["architecture"], patterns, bias=row["bias"], inputs=row["X"])


def last_degree(row: dict[str, Any]) -> int:
    """The last degree that is compared: 3, or 4 where the table gives generators of degree 4."""
    return max([3, *(degree for degree in map(int, row["generator_degrees"] or ()) if degree <= 4)])


def differences(row: dict[str, Any], variety: PatternVariety) -> list[str]:
    """What disagrees with a row, as text."""
    wanted = {int(degree): count for degree, count in (row["generator_degrees"] or {}).items()}
    last = last_degree(row)
    counts = variety.generators(last).counts
    pairs = {
        "parameters": (variety.n_parameters, row["n_params"]),
        "ambient": (variety.ambient_dimension, row["ambient_dim"]),
        "dimension": (variety.dimension.value, row["actual_dim"]),
        "status": (variety.dimension.status.value, "certified"),
        "expected by types": (variety.expected_dimension.type, row["expected_dim"]),
        "expected by scaling": (variety.expected_dimension.scale, row["expected_dim_scaling"]),
        "defect": (variety.defect, row["defect"]),
        "conormal": (
            conormal_codimension(variety.blocks, constraints_of(variety.blocks, conics=False)),
            row["rank_constraint_codim"],
        ),
        "linear": (variety.structure.n_linear_relations, row.get("linear_relations")),
    }
    if row["generator_degrees"] is not None:
        pairs["generators"] = (counts, {degree: count for degree, count in wanted.items() if degree <= last})
    return [f"{name} {got} not {want}" for name, (got, want) in pairs.items() if want is not None and got != want]


def run_table(data: Path, _: argparse.Namespace) -> bool:
    """All rows of the table."""
    rows = json.loads((data / "expected-dimensions.json").read_text(encoding="utf-8"))["rows"]
    failures, statuses = 0, dict[str, int]()
    slowest = (0.0, "")
    for row in rows:
        start = time.perf_counter()
        variety = variety_of_row(row)
        found = differences(row, variety)
        slowest = max(slowest, (time.perf_counter() - start, row["id"]))
        status = str(variety.completeness(last_degree(row)))
        statuses[status] = statuses.get(status, 0) + 1
        if found:
            failures += 1
            print(f"  {row['id']}: {'; '.join(found)}")
    print(f"  {len(rows) - failures} of {len(rows)} rows agree; slowest {slowest[1]} with {slowest[0]:.2f} s")
    print("  completeness: " + ", ".join(f"{count} {status}" for status, count in sorted(statuses.items())))
    return not failures


def run_examples(_: Path, __: argparse.Namespace) -> bool:
    """Examples 31 and 37."""
    ok = True
    cases = [
        ("Example 31, 3-3-2-3-3", (3, 3, 2, 3, 3), "111.11.111|011.11.111", 3, {2: 9, 3: 10}),
        ("Example 37, 3-4-3", (3, 4, 3), "1100|1010|1001", 4, {3: 6}),
        ("Example 37, 3-4-3", (3, 4, 3), "1100|1010|1001", 5, {3: 6, 5: 45}),
    ]
    for name, widths, patterns, degree, wanted in cases:
        start = time.perf_counter()
        variety = PatternVariety.of(widths, patterns)
        found = variety.generators(degree)
        completeness = variety.completeness(degree)
        seconds = time.perf_counter() - start
        ok = ok and found.counts == wanted
        print(
            f"  {name}: dimension {variety.dimension.value} of {variety.ambient_dimension} "
            f"({variety.dimension.status.value}), conormal codimension {variety.conormal_codimension}, generators "
            f"{found.counts} through degree {degree} (minimal: {found.is_minimal_proved}), "
            f"equations {found.dimensions}, {completeness}, {seconds:.2f} s"
        )
    variety = PatternVariety.of((3, 4, 3), "1100|1010|1001")
    flats = conormal_codimension(variety.blocks, constraints_of(variety.blocks, conics=False))
    print(
        f"  Example 37: conormal codimension {flats} from flats, {variety.conormal_codimension} with conic flattenings"
    )
    return ok and (flats, variety.conormal_codimension) == (6, 7)


def run_pairs(_: Path, arguments: argparse.Namespace) -> bool:
    """Two random blocks of a shallow network."""
    chance = random.Random(2025)
    complete = certified = 0
    for _ in range(arguments.instances):
        widths = (chance.randint(2, 4), chance.randint(1, 5), chance.randint(2, 4))
        patterns = ["".join(chance.choice("01") for _ in range(widths[1])) for _ in range(2)]
        variety = PatternVariety.of(widths, patterns)
        complete += variety.conormal_codimension == variety.codimension
        certified += variety.dimension.status.value == "certified"
    print(f"  {complete} of {arguments.instances} locally complete, {certified} dimensions certified")
    return complete == arguments.instances


def run_minors(_: Path, __: argparse.Namespace) -> bool:
    """Conjecture 6.1 degree by degree."""
    ok = True
    for widths, patterns in SHAPES:
        start = time.perf_counter()
        variety = PatternVariety.of(widths, patterns)
        compared = compare_minors(variety.structure, variety.constraints, 5 if widths == (3, 3, 3) else 4)
        ok = ok and all(c.agrees for c in compared)
        numbers = ", ".join(f"{c.degree}: {c.minors}/{c.variety}" for c in compared)
        print(f"  {'-'.join(map(str, widths))} {patterns}  {numbers}  {time.perf_counter() - start:.2f} s")
    return ok


def run_networks(_: Path, arguments: argparse.Namespace) -> bool:
    """True outputs and perturbed ones."""
    chance = random.Random(50)
    passed = refuted = proper = constraints = seed = 0
    total = 0
    while total < arguments.networks:
        seed += 1
        widths = [
            chance.randint(1, 3),
            *(chance.randint(1, 4) for _ in range(chance.randint(1, 2))),
            chance.randint(2, 3),
        ]
        network = random_network(widths, seed=seed)
        points = [
            [Fraction(chance.randint(-40, 40), chance.randint(1, 7)) for _ in range(widths[0])] for _ in range(10)
        ]
        try:
            variety, reading = PatternVariety.of_network(network, points)
        except InputError:
            continue  # an input on a hyperplane has no pattern
        total += 1
        constraints += len(variety.constraints)
        passed += isinstance(variety.check_outputs(reading.outputs), OnKnownEquations)
        moved = tuple(
            RationalMatrix.from_rows(
                [[a + Fraction(chance.randint(1, 9), chance.randint(1, 9)) for a in row] for row in y.to_fractions()]
            )
            for y in reading.outputs
        )
        answer = variety.check_outputs(moved)
        if variety.constraints:
            proper += 1
            refuted += isinstance(answer, RankViolation) and answer.defect(moved) is None
    print(f"  true outputs satisfy all constraints: {passed} of {total} networks ({constraints} constraints)")
    print(f"  perturbed outputs refuted by a recomputed minor: {refuted} of {proper} with a constraint")
    return passed == total and refuted == proper


def run_functional(data: Path, _: argparse.Namespace) -> bool:
    """Functional dimensions."""
    examples = json.loads((data / "worked-examples.json").read_text(encoding="utf-8"))["examples"]
    rows = [example for example in examples if example["ref"] == "C16"]
    agree = 0
    for row in rows:
        network = read_network_json(json.dumps({"weights": row["weights"], "biases": row["biases"]}))
        found = functional_dimension(network)
        got = {"P": found.n_parameters, "h": found.n_hidden, "upper": found.upper, "fundim": found.value}
        agree += got == row["expected"]
    print(f"  {agree} of {len(rows)} functional dimensions agree")
    return agree == len(rows)


def run_engines(_: Path, __: argparse.Namespace) -> bool:
    """Independent eliminations."""
    ok = True
    cases = [((2, 2, 2), "11|10"), ((2, 3, 2), "110|101|011"), ((3, 2, 3), "10|11"), ((2, 2, 2, 2), "11.11|10.10")]
    for engine in ENGINES:
        if find_engine(engine) is None:
            print(f"  {engine} is not on PATH")
            continue
        agree = 0
        for widths, patterns in cases:
            found = PatternVariety.of(widths, patterns).generators(3)
            wanted = {degree: count for degree, count in found.counts.items() if degree > 1}
            agree += eliminate(Substitution(found.coordinates), engine=engine) == wanted
        print(f"  {engine}: {agree} of {len(cases)} eliminations agree")
        ok = ok and agree == len(cases)
        start = time.perf_counter()
        variety = PatternVariety.of((3, 3, 2, 3, 3), "111.11.111|011.11.111")
        if engine == "Singular":
            answer = variety.completeness(3, external=60)
            print(f"  Example 31: {answer}, {answer.reason}, {time.perf_counter() - start:.2f} s")
    return ok


PARTS: dict[str, Callable[[Path, argparse.Namespace], bool]] = {
    "table": run_table,
    "examples": run_examples,
    "pairs": run_pairs,
    "minors": run_minors,
    "networks": run_networks,
    "functional": run_functional,
    "engines": run_engines,
}


def main() -> int:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the tables")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--instances", type=int, default=100)
    parser.add_argument("--networks", type=int, default=50)
    arguments = parser.parse_args()
    ok = True
    for name in arguments.only.split(","):
        if name in ("table", "functional") and not arguments.data.is_dir():
            print(f"{name}: no folder {arguments.data}; pass --data")
            continue
        print(f"{name}:")
        start = time.perf_counter()
        ok = PARTS[name](arguments.data, arguments) and ok
        print(f"  {time.perf_counter() - start:.2f} s")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
