"""Time and correctness of emptiness decisions: 10 variables, 60 rows, both answers, against independent solvers.

    python benchmarks/emptiness.py [--systems 1000] [--seed 0] [--oracles ppl,z3,cdd] [--variables 10] [--rows 60]

Every other system is feasible by construction (a hidden point, small slacks); the rest have random offsets and are
nearly all infeasible.  Every fourth pair has 40-bit coefficients, every fifth system is degenerate: all rows through
the hidden point, so that the set is a cone or a single point, or empty by strictness alone.  Each answer's evidence is
checked, outside the clock, and each oracle decides the same system in the same run.  An oracle that is not installed is
left out and named.  The exit code is 1 if any answer was wrong or any evidence had a defect.

Oracles: `ppl` (Parma Polyhedra Library, exact simplex on GMP; pip install pplpy), `z3` (pip install z3-solver),
`cdd` (cddlib with GMP; pip install pycddlib, which needs a C compiler, libcdd and libgmp).
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from exactrelu.lp import Feasible, LinearSystem, Tally, decide

BLOCK = 50
"""Systems that one side decides in a row, so that none pays for the caches that another has filled."""

Oracle = Callable[[LinearSystem], bool]


def make_system(rng: random.Random, index: int, n_variables: int, n_rows: int) -> LinearSystem:
    """System number `index` of the family described above."""
    size = 2**40 if index % 8 in (6, 7) else 9
    is_degenerate = index % 5 == 4
    point = [rng.randint(-3, 3) for _ in range(n_variables)]
    rows: list[tuple[list[int], str, int]] = []
    for _ in range(n_rows):
        normal = [rng.randint(-size, size) for _ in range(n_variables)]
        if is_degenerate:
            # Few rows turn strict, so that both answers occur.
            slack, relation = 0, "<" if rng.random() < 0.01 else "<="
        else:
            slack = rng.randint(1, 2 * size) if index % 2 == 0 else rng.randint(-size, 2 * size)
            relation = rng.choice(("<", "<="))
        rows.append((normal, relation, sum(a * x for a, x in zip(normal, point, strict=True)) + slack))
    return LinearSystem.from_rows(rows)


def ppl_oracle() -> Oracle:
    """PPL: maximise the gap by which strict rows are strict."""
    import ppl

    def solvable(system: LinearSystem) -> bool:
        n = system.dimension
        gap = ppl.Variable(n)
        problem = ppl.MIP_Problem(n + 1)
        problem.add_constraint(gap >= 0)
        problem.add_constraint(gap <= 1)
        for normal, relation, offset in system.rows:
            coefficients = [*normal, int(relation == "<")]
            problem.add_constraint(ppl.Linear_Expression(coefficients, -offset) <= 0)
        if not problem.is_satisfiable():
            return False
        problem.set_objective_function(ppl.Linear_Expression(gap))
        problem.set_optimization_mode("maximization")
        return "<" not in system.relations or bool(problem.optimal_value() > 0)

    return solvable


def z3_oracle() -> Oracle:
    """Z3's linear real arithmetic."""
    import z3

    def solvable(system: LinearSystem) -> bool:
        variables = z3.Reals([f"x{j}" for j in range(system.dimension)])
        solver = z3.Solver()
        for normal, relation, offset in system.rows:
            form = z3.Sum([z3.RealVal(str(a)) * x for a, x in zip(normal, variables, strict=True)])
            bound = z3.RealVal(str(offset))
            solver.add(form < bound if relation == "<" else form <= bound)
        return bool(solver.check() == z3.sat)

    return solvable


def cdd_oracle() -> Oracle:
    """cddlib with GMP: maximise the gap by which strict rows are strict."""
    import cdd.gmp

    def solvable(system: LinearSystem) -> bool:
        n = system.dimension
        table: list[list[Fraction | int]] = [
            [offset, *(-a for a in normal), -int(relation == "<")] for normal, relation, offset in system.rows
        ]
        table += [[0] * (n + 1) + [1], [1] + [0] * n + [-1], [0] * (n + 1) + [1]]
        program = cdd.gmp.linprog_from_array(table, obj_type=cdd.LPObjType.MAX)
        cdd.gmp.linprog_solve(program)
        if program.status != cdd.LPStatusType.OPTIMAL:
            return False
        return "<" not in system.relations or program.obj_value > 0

    return solvable


ORACLES: dict[str, Callable[[], Oracle]] = {"ppl": ppl_oracle, "z3": z3_oracle, "cdd": cdd_oracle}


def report(name: str, seconds: list[float], baseline: float | None) -> None:
    """One line: median, 99th percentile and maximum in milliseconds, and how many times the first line's median."""
    if seconds:
        ordered = sorted(seconds)
        middle = statistics.median(ordered)
        factor = f"{middle / baseline:8.1f}x" if baseline else ""
        print(
            f"{name:24s} {len(ordered):6d}  median {middle * 1e3:8.3f} ms   "
            f"p99 {ordered[int(len(ordered) * 0.99)] * 1e3:8.3f} ms   max {ordered[-1] * 1e3:8.3f} ms{factor}"
        )


def main() -> int:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--systems", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--variables", type=int, default=10)
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--oracles", default="ppl,z3,cdd", help="comma-separated, possibly empty")
    arguments = parser.parse_args()
    oracles: dict[str, Oracle] = {}
    for name in filter(None, arguments.oracles.split(",")):
        try:
            oracles[name] = ORACLES[name]()
        except ImportError:
            print(f"oracle {name} is not installed, left out")
    rng = random.Random(arguments.seed)
    tally = Tally()
    ours: dict[bool, list[float]] = {True: [], False: []}
    theirs: dict[str, list[float]] = {name: [] for name in oracles}
    wrong = defects = 0
    decide(make_system(random.Random(1), 0, arguments.variables, arguments.rows))  # loads HiGHS
    for first in range(0, arguments.systems, BLOCK):
        indices = range(first, min(first + BLOCK, arguments.systems))
        block = [(i, make_system(rng, i, arguments.variables, arguments.rows)) for i in indices]
        answers = []
        for _, system in block:
            start = time.perf_counter()
            answer = decide(system, tally=tally)
            elapsed = time.perf_counter() - start
            ours[isinstance(answer, Feasible)].append(elapsed)
            answers.append(answer)
        for (index, system), answer in zip(block, answers, strict=True):
            if answer.defect(system) is not None:
                defects += 1
                print(f"system {index}: {answer.defect(system)}")
        for name, oracle in oracles.items():
            for (index, system), answer in zip(block, answers, strict=True):
                start = time.perf_counter()
                verdict = oracle(system)
                theirs[name].append(time.perf_counter() - start)
                if verdict != isinstance(answer, Feasible):
                    wrong += 1
                    print(f"system {index}: {name} says {'feasible' if verdict else 'infeasible'}")
    together = ours[True] + ours[False]
    baseline = statistics.median(together)
    print(f"{arguments.variables} variables, {arguments.rows} rows, seed {arguments.seed}")
    report("exactrelu", together, None)
    report("  feasible", ours[True], None)
    report("  infeasible", ours[False], None)
    for name, seconds in theirs.items():
        report(name, seconds, baseline)
    print(f"proposals {tally.proposals}, fallbacks to the exact simplex {tally.fallbacks}, exact pivots {tally.pivots}")
    print(f"wrong answers {wrong}, evidence with a defect {defects}")
    return 1 if wrong or defects else 0


if __name__ == "__main__":
    sys.exit(main())
