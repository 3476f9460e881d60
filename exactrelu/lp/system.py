"""Systems of linear constraints over Q: the question that every module of this package answers.

A `LinearSystem` is a list of rows  normal · x  REL  offset  with REL one of "<=", "<", "==", integer normals and
offsets, and x in Q^dimension.  Rows keep their order and their scale, because evidence (`exactrelu.lp.evidence`) gives
one multiplier per row: `from_rows` multiplies a rational row by the least positive integer that clears its
denominators and does nothing else.  Zero rows, duplicate rows, no rows and dimension 0 are all allowed.

Cost: a satisfaction test is one pass over the integers.  Not done here: any solving.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import Literal, get_args

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.rationals import as_rational, as_vector, format_rational

__all__ = ["LinearSystem", "Relation", "Row", "scaled_point"]

Relation = Literal["<=", "<", "=="]
Row = tuple[tuple[int, ...], Relation, int]

_RELATIONS: frozenset[str] = frozenset(get_args(Relation))


@dataclass(frozen=True, slots=True)
class LinearSystem:
    """Constraints normals[i] · x  relations[i]  offsets[i] on x in Q^dimension, all numbers integers.

    Raises:
        ShapeError: the three lists differ in length, or a normal has not `dimension` entries.
        InputError: an unknown relation, or a number that is not a Python int (use `from_rows` for rationals).

    >>> system = LinearSystem.from_rows([([1, "1/2"], "<=", 1), ([-1, 0], "<", 0)])
    >>> system.normals, system.offsets
    (((2, 1), (-1, 0)), (2, 0))
    >>> system.is_satisfied(["1/2", 1]), system.violations([0, 3])
    (True, (0, 1))
    """

    dimension: int
    normals: tuple[tuple[int, ...], ...]
    relations: tuple[Relation, ...]
    offsets: tuple[int, ...]

    def __post_init__(self) -> None:
        if not len(self.normals) == len(self.relations) == len(self.offsets):
            raise ShapeError(
                f"{len(self.normals)} normals, {len(self.relations)} relations and {len(self.offsets)} offsets; "
                "one of each per row is needed"
            )
        if type(self.dimension) is not int or self.dimension < 0:
            raise InputError(f"dimension must be a non-negative int, not {self.dimension!r}")
        for index, normal in enumerate(self.normals):
            if len(normal) != self.dimension:
                raise ShapeError(f"row {index} has {len(normal)} coefficients, expected dimension {self.dimension}")
            if not set(map(type, normal)) <= {int}:
                raise InputError(f"row {index} has a coefficient that is no int; use LinearSystem.from_rows")
        if not set(map(type, self.offsets)) <= {int}:
            raise InputError("an offset is no int; use LinearSystem.from_rows")
        for index, relation in enumerate(self.relations):
            if relation not in _RELATIONS:
                raise InputError(
                    f"row {index} has relation {relation!r}; write '<=', '<' or '==' (negate a row for >=)"
                )

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[tuple[Iterable[object], str, object]],
        *,
        dimension: int | None = None,
        exact_floats: bool = False,
    ) -> LinearSystem:
        """Return the system of the given rows (normal, relation, offset) of exact numbers.

        Each row is multiplied by the least positive integer that makes it integral; integer rows stay as they are.

        Args:
            rows: triples; numbers as in `exactrelu.exact.as_rational`.
            dimension: needed only if there are no rows.
            exact_floats: take floats for their dyadic value instead of refusing them.

        Raises:
            ShapeError: rows of different lengths, or no rows and no dimension.
            InputError, InexactNumberError: an unknown relation or a number that is not exact.
        """
        integer_rows: list[Row] = []
        for index, row in enumerate(rows):
            if len(row) != 3:
                raise ShapeError(f"row {index} has {len(row)} parts; (normal, relation, offset) is needed")
            normal = as_vector(row[0], exact_floats=exact_floats, name=f"rows[{index}].normal")
            offset = as_rational(row[2], exact_floats=exact_floats, name=f"rows[{index}].offset")
            scale = math.lcm(offset.denominator, *(a.denominator for a in normal))
            cleared = tuple(a.numerator * (scale // a.denominator) for a in normal)
            integer_rows.append((cleared, row[1], offset.numerator * (scale // offset.denominator)))  # type: ignore[arg-type]
        return cls.from_integer_rows(integer_rows, dimension=dimension)

    @classmethod
    def from_integer_rows(cls, rows: Iterable[Row], *, dimension: int | None = None) -> LinearSystem:
        """Return the system of the given integer rows; ShapeError as `from_rows`."""
        table = list(rows)
        if dimension is None:
            if not table:
                raise ShapeError("there are no rows, so the dimension is unknown; pass dimension")
            dimension = len(table[0][0])
        return cls(
            dimension,
            tuple(normal for normal, _, _ in table),
            tuple(relation for _, relation, _ in table),
            tuple(offset for _, _, offset in table),
        )

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.normals)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as triples (normal, relation, offset)."""
        return tuple(zip(self.normals, self.relations, self.offsets, strict=True))

    def __add__(self, other: LinearSystem) -> LinearSystem:
        """Return the conjunction: the rows of `self`, then those of `other`; ShapeError if the dimensions differ."""
        if not isinstance(other, LinearSystem):
            return NotImplemented
        if self.dimension != other.dimension:
            raise ShapeError(f"dimensions {self.dimension} and {other.dimension} differ")
        return LinearSystem(
            self.dimension,
            self.normals + other.normals,
            self.relations + other.relations,
            self.offsets + other.offsets,
        )

    def closure(self) -> LinearSystem:
        """Return the system with every "<" weakened to "<="."""
        weak: tuple[Relation, ...] = tuple("<=" if relation == "<" else relation for relation in self.relations)
        return LinearSystem(self.dimension, self.normals, weak, self.offsets)

    def is_satisfied(self, point: Iterable[object]) -> bool:
        """Whether every row holds at `point`; ShapeError if its length is not the dimension."""
        return self._satisfied(*scaled_point(self._checked(point)))

    def violations(self, point: Iterable[object]) -> tuple[int, ...]:
        """Return the indices of the rows that fail at `point`."""
        numerators, denominator = scaled_point(self._checked(point))
        return tuple(
            index
            for index, (normal, relation, offset) in enumerate(self.rows)
            if not _holds(sum(map(mul, normal, numerators)) - offset * denominator, relation)
        )

    def _satisfied(self, numerators: Sequence[int], denominator: int) -> bool:
        """`is_satisfied` at numerators / denominator, stopping at the first failure."""
        for normal, relation, offset in zip(self.normals, self.relations, self.offsets, strict=True):
            excess = sum(map(mul, normal, numerators)) - offset * denominator
            if excess > 0 or (excess and relation == "==") or (not excess and relation == "<"):
                return False
        return True

    def _checked(self, point: Iterable[object]) -> tuple[Fraction, ...]:
        x = as_vector(point, name="point")
        if len(x) != self.dimension:
            raise ShapeError(f"point has {len(x)} entries, expected dimension {self.dimension}")
        return x

    def __str__(self) -> str:
        """One row per line, as in "2*x0 - x1 <= 3"."""
        return "\n".join(f"{_linear_form(n)} {relation} {offset}" for n, relation, offset in self.rows)


def scaled_point(point: Sequence[Fraction]) -> tuple[tuple[int, ...], int]:
    """Return integers p and q > 0 with point = p / q and q minimal.

    >>> scaled_point((Fraction(1, 2), Fraction(-1, 3)))
    ((3, -2), 6)
    """
    denominator = math.lcm(*(x.denominator for x in point))
    return tuple(x.numerator * (denominator // x.denominator) for x in point), denominator


def _holds(excess: int, relation: Relation) -> bool:
    """Whether normal · x - offset = excess satisfies the relation."""
    return excess < 0 or not excess if relation == "<=" else excess < 0 if relation == "<" else not excess


def _linear_form(normal: Sequence[int]) -> str:
    terms: list[str] = []
    for index, a in enumerate(normal):
        if a:
            sign = ("-" if a < 0 else "") if not terms else (" - " if a < 0 else " + ")
            size = "" if abs(a) == 1 else f"{format_rational(abs(a))}*"
            terms.append(f"{sign}{size}x{index}")
    return "".join(terms) or "0"
