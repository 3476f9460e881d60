"""Reading the answers of an implementation: numbers with their declared error, cells, affine maps, points.

A `Subject` is one run of one check: it calls the implementation, reads what comes back, and raises `Violation` with the
evidence.  A number is read as an `Approximation`, a value and the error up to which it is known (zero for exact
numbers).

A row n · x <= b of a cell is read with the slack s = sum error(n_i)·max|x_i| + error(b) on the box: the cell that is
meant certainly contains the points with n · x <= b - s, and only points with n · x <= b + s.  So every cell is read
three times, as `inner` (strict or half-open, rows moved inwards), `closed` (the same with weak rows) and `grown` (rows
moved outwards).  For exact numbers s = 0 and the three are interior, closure, and the set itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from numbers import Rational, Real
from typing import Any, NamedTuple, NoReturn, cast

from exactrelu.errors import ExactReluError, InexactNumberError, InputError
from exactrelu.exact.rationals import as_rational
from exactrelu.lp.system import LinearSystem, Relation, Row
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.configuration import Configuration
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.notions import Notion
from exactrelu.testing.implementation import Cell, Implementation
from exactrelu.testing.reference import Reference, default_domain, integer_row, reference
from exactrelu.testing.violation import Finding, Violation

__all__ = ["AbsentCallable", "Approximation", "ReadCell", "ReadMap", "Skipped", "Subject"]

Vector = tuple[Fraction, ...]
ZERO = Fraction(0)


class Skipped(ExactReluError, NotImplementedError):  # noqa: N818 - an answer about a check, no defect
    """A check does not apply: a callable is absent, or the implementation declines the network; the text says which."""


class AbsentCallable(Skipped):
    """A check does not apply to any network, because the implementation does not offer what it needs."""


class Approximation(NamedTuple):
    """A number that is known up to an error."""

    value: Fraction
    error: Fraction

    def admits(self, exact: Fraction) -> bool:
        """Whether the number may be `exact`."""
        return abs(self.value - exact) <= self.error

    def __str__(self) -> str:
        return f"{self.value}" if not self.error else f"{float(self.value)!r} (declared error {float(self.error):.2g})"


@dataclass(frozen=True, slots=True)
class ReadMap:
    """An affine map with approximate coefficients: rows of n coefficients and the offset."""

    rows: tuple[tuple[Approximation, ...], ...]

    def at(self, point: Vector) -> tuple[Approximation, ...]:
        """Return the values at a point, with the error that follows from those of the coefficients."""
        x = (*point, Fraction(1))
        return tuple(
            Approximation(
                sum((a.value * t for a, t in zip(row, x, strict=True)), ZERO),
                sum((a.error * abs(t) for a, t in zip(row, x, strict=True)), ZERO),
            )
            for row in self.rows
        )

    def admits(self, exact: AffineMap) -> bool:
        """Whether the map may be `exact`."""
        pairs = zip(self.rows, exact.augmented.to_fractions(), strict=True)
        return all(a.admits(b) for mine, row in pairs for a, b in zip(mine, row, strict=True))

    def __str__(self) -> str:
        return "; ".join(" ".join(str(a) for a in row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class ReadCell:
    """One listed cell; see the module's text for the three systems.

    position: in the implementation's list; raw: as it was listed.
    """

    position: int
    configuration: str | None
    inner: LinearSystem
    closed: LinearSystem
    grown: LinearSystem
    is_exact: bool
    raw: Cell = field(repr=False)


@dataclass(frozen=True)
class Subject:
    """One check of one implementation on one network and box."""

    implementation: Implementation
    check: str
    network: Network
    domain: HPolyhedron

    @classmethod
    def of(cls, implementation: Implementation, check: str, network: Network, domain: HPolyhedron | None) -> Subject:
        """Start a check; without a domain on [-2, 2]^d.  InputError for arguments of other types."""
        for name, value, kind in (
            ("implementation", implementation, Implementation),
            ("network", network, Network),
            ("domain", default_domain(network) if domain is None else domain, HPolyhedron),
        ):
            if not isinstance(value, kind):
                raise InputError(f"{name} must be of type {kind.__name__}; got {value!r}")
        return cls(implementation, check, network, default_domain(network) if domain is None else domain)

    @cached_property
    def reference(self) -> Reference:
        """The exact facts."""
        return reference(self.network, self.domain)

    @property
    def notion(self) -> Notion:
        """What the implementation's cells are."""
        return Notion.of(self.implementation.notion)

    def require(self, *fields: str) -> None:
        """Skip the check if a callable is absent."""
        missing = [field for field in fields if not self.implementation.offers(field)]
        if missing:
            raise AbsentCallable(f"{self.implementation.name} offers no {', '.join(missing)}; {self.check} needs it")

    def fail(self, message: str, **evidence: Any) -> NoReturn:
        """Raise the violation with its evidence; fields as in `Finding`."""
        raise Violation(
            Finding(self.check, self.implementation.name, self.network, self.domain, message, **evidence)
        ) from None

    # -- calling and reading -----------------------------------------------------------------------------------------

    def call(self, field: str, *arguments: Any, read: Callable[[Any], Any]) -> Any:
        """Call a callable and read its answer; any exception but NotImplementedError is a defect.

        Answers are read inside, so that generators run and malformed answers count as defects; a float without a
        declared error is the caller's mistake, and stays an InexactNumberError.
        """
        try:
            return read(getattr(self.implementation, field)(*arguments))
        except (Violation, InexactNumberError):
            raise
        except NotImplementedError as error:
            raise Skipped(f"{self.implementation.name} declines: {error}") from error
        except Exception as error:
            self.fail(f"{field} gives no readable answer: {type(error).__name__}: {error}")

    def number(self, value: Any, name: str) -> Approximation:
        """Read a result; floats have the declared error, or are refused."""
        if not self.implementation.takes_floats:
            try:
                return Approximation(as_rational(value, name=name), ZERO)
            except InexactNumberError as error:
                raise InexactNumberError(
                    f"{self.implementation.name}: {error}; or declare the error of its floats: "
                    "Implementation(..., absolute_error='1e-9')"
                ) from None
        exact = as_rational(value, exact_floats=True, name=name)
        if isinstance(value, Rational) or not isinstance(value, Real):
            return Approximation(exact, ZERO)
        return Approximation(exact, self.declared_error(exact))

    def declared_error(self, value: Fraction) -> Fraction:
        """Return the error that the implementation declares for floats of that size; 0 if it declares none."""
        absolute, relative = self.implementation.absolute_error, self.implementation.relative_error
        return Fraction(absolute or 0) + Fraction(relative or 0) * abs(value)

    def numbers(self, values: Iterable[Any], length: int, name: str) -> tuple[Approximation, ...]:
        """Read a vector of that length."""
        if isinstance(values, str | bytes):
            raise InputError(f"{name} must be a sequence of numbers, not a text")
        found = tuple(self.number(value, f"{name}[{index}]") for index, value in enumerate(values))
        if len(found) != length:
            raise InputError(f"{name} has {len(found)} entries; {length} are needed")
        return found

    def point(self, values: Iterable[Any], name: str) -> Vector:
        """Read a point, floats as their dyadic values."""
        found = tuple(
            as_rational(value, exact_floats=True, name=f"{name}[{index}]") for index, value in enumerate(values)
        )
        if len(found) != self.network.n_inputs:
            raise InputError(f"{name} has {len(found)} coordinates; the network takes {self.network.n_inputs}")
        return found

    def affine_map(self, raw: Any) -> ReadMap:
        """Read an affine map."""
        if isinstance(raw, AffineMap):
            linear: Any = raw.linear
            offset: Any = raw.offset
        else:
            linear, offset = raw
        n, m = self.network.n_inputs, self.network.n_outputs
        rows = [self.numbers(row, n, f"matrix[{index}]") for index, row in enumerate(linear)]
        constants = self.numbers(offset, m, "offset")
        if len(rows) != m:
            raise InputError(f"the matrix has {len(rows)} rows; the network has {m} outputs")
        return ReadMap(tuple((*row, b) for row, b in zip(rows, constants, strict=True)))

    def slack(self, normal: Iterable[Approximation], offset: Approximation) -> Fraction:
        """Return by how much normal · x - offset may be wrong on the box."""
        sizes = [max(abs(low), abs(high)) for low, high in self.domain.box_bounds() or ()]
        return sum((a.error * size for a, size in zip(normal, sizes, strict=True)), offset.error)

    def cells(self, network: Network | None = None) -> tuple[ReadCell, ...]:
        """Call `regions` and read all cells, of another network on the same box if one is given."""
        chosen = self.network if network is None else network
        return tuple(self.call("regions", chosen, self.domain, read=lambda raw: list(self._read_cells(chosen, raw))))

    def _read_cells(self, network: Network, raw: Iterable[Any]) -> Iterator[ReadCell]:
        for position, item in enumerate(raw):
            cell = item if isinstance(item, Cell) else Cell(configuration=item)
            yield self._read_cell(network, position, cell)

    def _read_cell(self, network: Network, position: int, cell: Cell) -> ReadCell:
        bits = None if cell.configuration is None else read_bits(cell.configuration, network)
        if cell.rows is None:
            assert bits is not None
            return self._cell_of(network, position, bits, cell)
        moved: dict[int, list[Row]] = {-1: list(self.domain.system.rows), 1: list(self.domain.system.rows)}
        total = ZERO
        for index, (raw_normal, relation, raw_offset) in enumerate(cell.rows):
            if relation not in ("<=", "<", "=="):
                raise InputError(f"cell {position}: row {index} has relation {relation!r}; write '<=', '<' or '=='")
            normal = self.numbers(raw_normal, network.n_inputs, f"cell {position}: rows[{index}].normal")
            offset = self.number(raw_offset, f"cell {position}: rows[{index}].offset")
            slack = self.slack(normal, offset)
            values = tuple(a.value for a in normal)
            total += slack
            for side in (-1, 1):
                moved[side] += _moved_rows(values, cast(Relation, relation), offset.value, side * slack)
        inner, grown = (LinearSystem.from_integer_rows(moved[side], dimension=network.n_inputs) for side in (-1, 1))
        if self.notion is Notion.FULL:
            grown = grown.closure()
        return ReadCell(position, bits, self._inner(inner), inner.closure(), grown, total == 0, cell)

    def _cell_of(self, network: Network, position: int, bits: str, raw: Cell) -> ReadCell:
        system = reference(network, self.domain).cell_of(bits, self.notion)
        return ReadCell(position, bits, self._inner(system), system.closure(), system, True, raw)

    def by_configuration(self, cells: Iterable[ReadCell]) -> tuple[ReadCell, ...] | None:
        """Return the exact cells of the configurations in place of the rows; None if a configuration is missing."""
        found = [
            self._cell_of(self.network, cell.position, cell.configuration, Cell(cell.configuration))
            for cell in cells
            if cell.configuration is not None
        ]
        return tuple(found) if len(found) == len(tuple(cells)) else None

    def _inner(self, system: LinearSystem) -> LinearSystem:
        return interior(system) if self.notion is Notion.FULL else system

    def maps(self, cells: Iterable[ReadCell]) -> list[ReadMap]:
        """Return the affine map of each cell, its own or that of the callable; skip the check if there is none."""
        return [self._map_of(cell) for cell in cells]

    def _map_of(self, cell: ReadCell) -> ReadMap:
        if cell.raw.affine_map is not None:
            return self._own_map(cell)
        if cell.configuration is None or not self.implementation.offers("affine_map"):
            raise Skipped(
                f"cell {cell.position} of {self.implementation.name} has no affine map; {self.check} needs it"
            )
        found: ReadMap = self.call("affine_map", self.network, cell.configuration, read=self.affine_map)
        return found

    def _own_map(self, cell: ReadCell) -> ReadMap:
        try:
            return self.affine_map(cell.raw.affine_map)
        except InexactNumberError:
            raise
        except (TypeError, ValueError) as error:
            self.fail(f"cell {cell.position} has no readable affine map: {error}", cells=(cell.position,))


def interior(system: LinearSystem) -> LinearSystem:
    """Return the system with all rows strict; zero rows that always hold are left out, equations have no interior."""
    rows: list[Row] = []
    for normal, relation, offset in system.rows:
        if any(normal) or (offset < 0 or (offset and relation == "==")):
            rows.append((normal, "<", offset))
            if relation == "==":
                rows.append((tuple(-a for a in normal), "<", -offset))
    return LinearSystem.from_integer_rows(rows, dimension=system.dimension)


def read_bits(raw: Any, network: Network) -> str:
    """Read a configuration of a network as text."""
    configuration = raw if isinstance(raw, Configuration) else Configuration(raw)
    configuration.require_fit(network)
    return configuration.bits


def _moved_rows(normal: Vector, relation: Relation, offset: Fraction, shift: Fraction) -> Iterator[Row]:
    """Yield a row with its offset moved by `shift`; a moved equation is a strip, or empty."""
    if relation != "==" or not shift:
        yield integer_row(normal, relation, offset + shift)
        return
    yield integer_row(normal, "<=", offset + shift)
    yield integer_row(tuple(-a for a in normal), "<=", -offset + shift)
