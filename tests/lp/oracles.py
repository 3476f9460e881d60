"""Two strangers to compare with: the Parma Polyhedra Library (exact, GMP) and Z3 (exact, its own simplex)."""

from __future__ import annotations

from typing import Any

import pytest

from exactrelu.lp.system import LinearSystem


def ppl_polyhedron(system: LinearSystem) -> Any:
    """The solution set as a PPL polyhedron, strict rows included; skips the test if pplpy is not installed."""
    ppl = pytest.importorskip("ppl")
    constraints = ppl.Constraint_System()
    for normal, relation, offset in system.rows:
        form = linear_form(ppl, normal) - offset
        constraints.insert(form <= 0 if relation == "<=" else form < 0 if relation == "<" else form == 0)
    polyhedron = ppl.NNC_Polyhedron(system.dimension, "universe")
    polyhedron.add_constraints(constraints)
    return polyhedron


def ppl_solvable(system: LinearSystem) -> bool:
    """Whether PPL's exact simplex finds a solution; unlike `ppl_polyhedron` it never enumerates vertices."""
    ppl = pytest.importorskip("ppl")
    gap = ppl.Variable(system.dimension)
    problem = ppl.MIP_Problem(system.dimension + 1)
    problem.add_constraint(gap >= 0)
    problem.add_constraint(gap <= 1)
    for normal, relation, offset in system.rows:
        form = linear_form(ppl, normal) - offset
        problem.add_constraint(form <= 0 if relation == "<=" else form + gap <= 0 if relation == "<" else form == 0)
    if not problem.is_satisfiable():
        return False
    problem.set_objective_function(ppl.Linear_Expression(gap))
    problem.set_optimization_mode("maximization")
    return "<" not in system.relations or bool(problem.optimal_value() > 0)


def linear_form(ppl: Any, coefficients: Any) -> Any:
    """A PPL linear expression; it refuses an empty list of coefficients."""
    return ppl.Linear_Expression(list(coefficients), 0) if len(coefficients) else ppl.Linear_Expression(0)


def z3_solvable(system: LinearSystem) -> bool:
    """Whether Z3 finds a rational solution; skips the test if z3 is not installed."""
    z3 = pytest.importorskip("z3")
    variables = z3.Reals([f"x{j}" for j in range(system.dimension)])
    solver = z3.Solver()
    for normal, relation, offset in system.rows:
        form = z3.Sum([z3.RealVal(0), *(z3.RealVal(str(a)) * x for a, x in zip(normal, variables, strict=True))])
        bound = z3.RealVal(str(offset))
        solver.add(form <= bound if relation == "<=" else form < bound if relation == "<" else form == bound)
    return bool(solver.check() == z3.sat)
