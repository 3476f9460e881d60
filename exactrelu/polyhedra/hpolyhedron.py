"""Polyhedra by inequalities: {x in Q^n : a_i · x <= b_i, or == b_i}.

`HPolyhedron` is the closed set that users pass as a domain and get back as a region.  It wraps a `LinearSystem` without
strict rows; two values are equal iff their rows are, so the same set may be written in several ways (`irredundant`
gives a short one).  Every question with a yes or no behind it returns evidence: a point, multipliers, or both; the
empty set shows itself as an `Infeasible` value wherever the question makes no sense for it.

This class only checks arguments and delegates: affine hull, redundancy, generators and volume have their own modules.
Not done here: open sets (use `LinearSystem` with "<"), non-convex sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import DomainError, InputError, ShapeError
from exactrelu.exact.rationals import as_rational, as_vector, format_rational
from exactrelu.lp.decide import decide
from exactrelu.lp.evidence import Feasible, Infeasible, Optimal, Unbounded, Witness
from exactrelu.lp.fourier_motzkin import Projection, project
from exactrelu.lp.optimise import maximise, minimise
from exactrelu.lp.system import LinearSystem
from exactrelu.polyhedra.affine_hull import AffineHull, ImpliedEquality, find_affine_hull
from exactrelu.polyhedra.generators import Generators, find_generators
from exactrelu.polyhedra.redundancy import IrredundantSystem, remove_redundancy
from exactrelu.polyhedra.volume import volume_of_vertices

__all__ = ["BoundingBox", "HPolyhedron"]

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """Minimum and maximum of every coordinate, each with its evidence."""

    minima: tuple[Optimal | Unbounded, ...]
    maxima: tuple[Optimal | Unbounded, ...]

    @property
    def lower(self) -> tuple[Fraction | None, ...]:
        """The lower bounds; None where a coordinate is unbounded below."""
        return tuple(answer.value if isinstance(answer, Optimal) else None for answer in self.minima)

    @property
    def upper(self) -> tuple[Fraction | None, ...]:
        """The upper bounds; None where a coordinate is unbounded above."""
        return tuple(answer.value if isinstance(answer, Optimal) else None for answer in self.maxima)


@dataclass(frozen=True, slots=True)
class HPolyhedron:
    """The closed polyhedron of the rows of `system`, each "<=" or "==".

    Raises:
        InputError: the system has a strict row.

    >>> square = HPolyhedron.cube(2)
    >>> square.volume(), square.contains(["1/2", 1]), square.dimension()
    (Fraction(4, 1), True, 2)
    >>> len(square.vertices_and_rays().vertices)
    4
    """

    system: LinearSystem

    def __post_init__(self) -> None:
        if "<" in self.system.relations:
            raise InputError("a polyhedron is closed, but the system has a strict row; pass system.closure()")

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[tuple[Iterable[object], str, object]],
        *,
        dimension: int | None = None,
        exact_floats: bool = False,
    ) -> HPolyhedron:
        """Return the polyhedron of rows (normal, "<=" or "==", offset); arguments and errors as `LinearSystem`."""
        return cls(LinearSystem.from_rows(rows, dimension=dimension, exact_floats=exact_floats))

    @classmethod
    def space(cls, dimension: int) -> HPolyhedron:
        """Return all of Q^dimension: no rows."""
        return cls(LinearSystem(dimension, (), (), ()))

    @classmethod
    def box(cls, lower: Iterable[object], upper: Iterable[object]) -> HPolyhedron:
        """Return {x : lower <= x <= upper}; empty if some lower bound exceeds its upper one.

        Rows: for each coordinate in turn, x_j <= upper_j and -x_j <= -lower_j.

        Raises:
            ShapeError: different numbers of lower and upper bounds.
        """
        low, high = as_vector(lower, name="lower"), as_vector(upper, name="upper")
        if len(low) != len(high):
            raise ShapeError(f"lower has {len(low)} entries, upper has {len(high)}")
        rows: list[tuple[list[int], str, Fraction]] = []
        for j, (a, b) in enumerate(zip(low, high, strict=True)):
            rows.append(([int(i == j) for i in range(len(low))], "<=", b))
            rows.append(([-int(i == j) for i in range(len(low))], "<=", -a))
        return cls.from_rows(rows, dimension=len(low))

    @classmethod
    def cube(cls, dimension: int, lower: object = -1, upper: object = 1) -> HPolyhedron:
        """Return the box with the same bounds in every coordinate."""
        low, high = as_rational(lower, name="lower"), as_rational(upper, name="upper")
        return cls.box([low] * dimension, [high] * dimension)

    @classmethod
    def simplex(cls, dimension: int) -> HPolyhedron:
        """Return the standard simplex {x : x >= 0, sum x <= 1}, of volume 1/dimension!."""
        rows: list[tuple[list[int], str, int]] = [
            ([-int(i == j) for i in range(dimension)], "<=", 0) for j in range(dimension)
        ]
        return cls.from_rows([*rows, ([1] * dimension, "<=", 1)], dimension=dimension)

    @property
    def ambient_dimension(self) -> int:
        """The n of Q^n."""
        return self.system.dimension

    def contains(self, point: Iterable[object]) -> bool:
        """Whether the point satisfies every row; ShapeError if its length is not the ambient dimension."""
        return self.system.is_satisfied(point)

    def intersection(self, other: HPolyhedron) -> HPolyhedron:
        """Return the intersection: the rows of both; ShapeError if the ambient dimensions differ."""
        return HPolyhedron(self.system + other.system)

    def box_bounds(self) -> tuple[tuple[Fraction, Fraction], ...] | None:
        """Return (lower, upper) for every coordinate if the rows say that this is a non-empty bounded box, else None.

        Looks at the rows only: each must have at most one non-zero coefficient.  See `bounding_box` for any polyhedron.

        >>> HPolyhedron.box([0, "1/2"], [1, 3]).box_bounds()[1]
        (Fraction(1, 2), Fraction(3, 1))
        """
        low: list[Fraction | None] = [None] * self.ambient_dimension
        high: list[Fraction | None] = [None] * self.ambient_dimension
        for normal, relation, offset in self.system.rows:
            places = [j for j, a in enumerate(normal) if a]
            if len(places) > 1:
                return None
            if not places:
                if offset < 0 or (offset and relation == "=="):
                    return None
                continue
            j = places[0]
            bound = Fraction(offset, normal[j])
            upper, lower = high[j], low[j]
            if (normal[j] > 0 or relation == "==") and (upper is None or bound < upper):
                high[j] = bound
            if (normal[j] < 0 or relation == "==") and (lower is None or bound > lower):
                low[j] = bound
        pairs = [(a, b) for a, b in zip(low, high, strict=True) if a is not None and b is not None and a <= b]
        return tuple(pairs) if len(pairs) == self.ambient_dimension else None

    @property
    def is_box(self) -> bool:
        """Whether the rows say that this is a non-empty bounded box."""
        return self.box_bounds() is not None

    def decide_feasibility(self) -> Feasible | Infeasible:
        """Decide whether the polyhedron has a point: a witness, or multipliers that refute the rows."""
        return decide(self.system)

    def affine_hull(self) -> AffineHull | Infeasible:
        """Return dimension, equalities and a relatively interior point with all proofs; or the proof of emptiness."""
        return find_affine_hull(self.system)

    def dimension(self) -> int:
        """Return the dimension, -1 for the empty set; `affine_hull` has the evidence."""
        hull = self.affine_hull()
        return hull.dimension if isinstance(hull, AffineHull) else -1

    def implied_equalities(self) -> tuple[ImpliedEquality, ...] | Infeasible:
        """Return the inequalities that hold with equality everywhere, with proofs; or the proof of emptiness."""
        hull = self.affine_hull()
        return hull.implied if isinstance(hull, AffineHull) else hull

    def find_interior_point(self) -> Witness | Infeasible:
        """Return a point of the relative interior (every row slack that can be); or the proof of emptiness."""
        hull = self.affine_hull()
        return hull.interior if isinstance(hull, AffineHull) else hull

    def irredundant(self) -> IrredundantSystem | Infeasible:
        """Return an irredundant description with derivations of all dropped rows; or the proof of emptiness."""
        return remove_redundancy(self.system)

    def vertices_and_rays(self) -> Generators:
        """Return the generators conv(vertices) + cone(rays) + span(lines); none if empty."""
        return find_generators(self.system)

    def project(self, kept_coordinates: Iterable[int]) -> Projection:
        """Project on some coordinates; `HPolyhedron(result.system)` is the image, with a derivation of each row.

        Raises:
            InputError: a coordinate out of range, or given twice.
            BudgetExceeded: Fourier-Motzkin elimination grows beyond its bound.
        """
        return project(self.system, kept_coordinates)

    def is_bounded(self) -> bool:
        """Whether the set is bounded: it is empty, or no direction but 0 satisfies a_i · r <= 0 for all rows.

        `bounding_box` has the evidence.  Cost: two decisions at most in generic position.
        """
        system = self.system
        cone = LinearSystem(system.dimension, system.normals, system.relations, (0,) * len(system))
        hull = find_affine_hull(cone)
        if isinstance(hull, AffineHull) and hull.dimension == 0:
            return True
        return isinstance(self.decide_feasibility(), Infeasible)

    def bounding_box(self) -> BoundingBox | Infeasible:
        """Return the smallest box around the set, with a dual proof or a ray for every side; or the proof of emptiness.

        >>> HPolyhedron.simplex(2).bounding_box().upper
        (Fraction(1, 1), Fraction(1, 1))
        """
        feasibility = self.decide_feasibility()
        if isinstance(feasibility, Infeasible):
            return feasibility
        n = self.ambient_dimension
        units = [[int(i == j) for i in range(n)] for j in range(n)]
        minima = [minimise(self.system, unit) for unit in units]
        maxima = [maximise(self.system, unit) for unit in units]
        return BoundingBox(
            tuple(answer for answer in minima if not isinstance(answer, Infeasible)),
            tuple(answer for answer in maxima if not isinstance(answer, Infeasible)),
        )

    def volume(self) -> Fraction:
        """Return the n-dimensional volume of a polytope: 0 if flat or empty, 1 for the point of Q^0.

        Raises:
            DomainError: the set is full-dimensional and unbounded.

        >>> HPolyhedron.simplex(4).volume()
        Fraction(1, 24)
        """
        generators = self.vertices_and_rays()
        if not generators.is_bounded:
            if self.dimension() < self.ambient_dimension:
                return Fraction(0)
            raise DomainError("the polyhedron is unbounded, so it has no volume; intersect it with a box first")
        return volume_of_vertices(generators.vertices, self.system)

    def __str__(self) -> str:
        return str(self.system) or f"all of Q^{self.ambient_dimension}"

    def _repr_latex_(self) -> str:
        n = self.ambient_dimension
        if not len(self.system):
            return rf"$\mathbb{{R}}^{{{n}}}$"
        symbols = {"<=": r"\leq", "==": "="}
        lines = [
            f"{_latex_form(normal)} &{symbols[relation]} {format_rational(offset)}"
            for normal, relation, offset in self.system.rows
        ]
        return r"$\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}$"


def _latex_form(normal: tuple[int, ...]) -> str:
    """A linear form such as 2 x_{0} - x_{1}."""
    text = ""
    for j, a in enumerate(normal):
        if a:
            sign = ("-" if a < 0 else "") if not text else (" - " if a < 0 else " + ")
            text += f"{sign}{'' if abs(a) == 1 else format_rational(abs(a)) + ' '}x_{{{j}}}"
    return text or "0"
