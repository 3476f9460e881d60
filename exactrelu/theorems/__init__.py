"""Theorems about ReLU networks as objects: a statement, exact hypotheses, and a decision with a proof in numbers.

`THEOREMS` lists them all, `theorem(name)` finds one, `select(prefix)` those of a family; `theorem.Theorem` says what
such an object is.  One module a family, `c01_...` to `c25_...`; `examples` has the networks they are shown on.
"""

from __future__ import annotations

from exactrelu.errors import InputError
from exactrelu.theorems import (
    c01_partition,
    c02_counts,
    c02_false_counts,
    c03_atoms,
    c04_lipschitz,
    c05_continuity,
    c06_zaslavsky,
    c07_depth_bounds,
    c08_univariate,
    c09_cones,
    c10_convexity,
    c11_lattice,
    c12_decision,
    c13_tent,
    c14_maximum,
    c15_injectivity,
    c16_functional_dimension,
    c17_symmetries,
    c18_zonotope,
    c19_univariate_width,
    c20_lipschitz,
    c21_euler,
    c22_images,
    c23_segments,
    c24_equality,
    c25_ranges,
)
from exactrelu.theorems.theorem import (
    Hypothesis,
    Instance,
    NotApplicable,
    Outcome,
    Proved,
    Refuted,
    Theorem,
    Verdict,
)

__all__ = [
    "THEOREMS",
    "Hypothesis",
    "Instance",
    "NotApplicable",
    "Outcome",
    "Proved",
    "Refuted",
    "Theorem",
    "Verdict",
    "select",
    "theorem",
]

_MODULES = (
    c01_partition,
    c02_counts,
    c02_false_counts,
    c03_atoms,
    c04_lipschitz,
    c05_continuity,
    c06_zaslavsky,
    c07_depth_bounds,
    c08_univariate,
    c09_cones,
    c10_convexity,
    c11_lattice,
    c12_decision,
    c13_tent,
    c14_maximum,
    c15_injectivity,
    c16_functional_dimension,
    c17_symmetries,
    c18_zonotope,
    c19_univariate_width,
    c20_lipschitz,
    c21_euler,
    c22_images,
    c23_segments,
    c24_equality,
    c25_ranges,
)

THEOREMS: tuple[Theorem, ...] = tuple(one for module in _MODULES for one in module.THEOREMS)
"""Every theorem and every false variant, in the order of the families."""


def theorem(name: str) -> Theorem:
    """Return the theorem of that name.

    Raises:
        InputError: there is none.

    Example:
        >>> theorem("C1-partition").title
        'Every point has exactly one configuration'
    """
    for one in THEOREMS:
        if one.name == name:
            return one
    raise InputError(f"no theorem is called {name!r}; `exactrelu theorems` lists them")


def select(prefix: str) -> tuple[Theorem, ...]:
    """Return the theorem of that name, else those of that family ("C1" is not "C10"), else all that begin so.

    Raises:
        InputError: there is none.

    Example:
        >>> {one.name.split("-")[0] for one in select("C1")}
        {'C1'}
        >>> [one.name for one in select("C7-ser")]
        ['C7-serra-upper']
    """
    exact = tuple(one for one in THEOREMS if one.name == prefix)
    family = tuple(one for one in THEOREMS if one.name.startswith(prefix.rstrip("-") + "-"))
    found = exact or family or tuple(one for one in THEOREMS if prefix and one.name.startswith(prefix))
    if not found:
        raise InputError(f"no theorem's name begins with {prefix!r}; `exactrelu theorems` lists them")
    return found
