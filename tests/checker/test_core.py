"""The arithmetic: packing, slot widths, row tables, the order of leaves; and planted defects that must be noticed."""

from __future__ import annotations

import importlib.util
import itertools
import random
import shutil
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.checker import core
from exactrelu.checker.network_json import read_network_json
from tests.checker.examples import NETS, statements
from tests.checker.reference import holds
from tests.checker.test_tampering import mutate
from tests.checker.writer import Net, certificate, polyhedron, space, text_lines


@given(st.lists(st.integers(-(2**200), 2**200), max_size=8))
def test_unpack_undoes_pack(values: list[int]) -> None:
    """Digits below half the slot are read back exactly, whatever their signs."""
    width = core.slot_width(max(map(abs, values), default=0).bit_length())
    assert core.unpack(core.pack(values, width), len(values), width) == values


@given(st.lists(st.integers(-(2**62) + 1, 2**62 - 1), min_size=2, max_size=5))
def test_a_packed_number_is_small_only_if_all_other_digits_vanish(values: list[int]) -> None:
    """The test of a vanishing linear part is a comparison of the packed integer."""
    width = core.slot_width(62)
    small = abs(core.pack(values, width)) >> (width - 1) == 0
    assert small is not any(values[1:])


def test_digits_at_the_very_end_of_a_slot() -> None:
    """The largest and the smallest digit that the stated bound allows."""
    for bits in (1, 7, 8, 63, 64, 200):
        width = core.slot_width(bits)
        ends = [2**bits - 1, -(2**bits) + 1] * 2
        assert core.unpack(core.pack(ends, width), 4, width) == ends


def test_slot_widths_are_sufficient_and_few() -> None:
    """Room for a sign, whole bytes, at most a quarter (or a byte) too wide."""
    for bits in range(3000):
        width = core.slot_width(bits)
        assert width > bits
        assert width % 8 == 0
        assert width <= max(bits + 8, 1.25 * bits + 8)
    assert len({core.slot_width(bits) for bits in range(1 << 14)}) < 60


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_following_visits_every_complete_prefix_code(depth: int) -> None:
    """For all sorted lists of strings: `following` accepts exactly the complete prefix codes."""
    strings = ["".join(s) for k in range(depth + 1) for s in itertools.product("01", repeat=k)]
    full = ["".join(s) for s in itertools.product("01", repeat=depth)]
    rng = random.Random(depth)
    subsets = (
        itertools.chain.from_iterable(itertools.combinations(strings, k) for k in range(len(strings) + 1))
        if depth < 3
        else (tuple(rng.sample(strings, rng.randint(1, 6))) for _ in range(20000))
    )
    found = 0
    for subset in subsets:
        code = sorted(subset)
        complete = all(sum(f.startswith(s) for s in code) == 1 for f in full)
        complete = complete and not any(a != b and b.startswith(a) for a in code for b in code)
        stem: str | None = ""
        for bits in code:
            ok = stem is not None and bits.startswith(stem) and not bits[len(stem) :].strip("0")
            stem = core.following(bits) if ok else "never"
        assert (stem is None) is complete
        found += complete
    assert found


def as_network(net: Net) -> Any:
    """The checker's view of a network."""
    return read_network_json(net.to_bytes())


@pytest.mark.parametrize("name", list(NETS))
def test_rows_are_the_networks_rows_in_any_order_of_prefixes(name: str) -> None:
    """A row table that jumps between random prefixes gives Q times the rational rows, and norms bound them."""
    net, rng = NETS[name], random.Random(name)
    wiring = core.Wiring(as_network(net))
    width = core.slot_width(max((n for layer in wiring.norms for n in layer), default=1).bit_length())
    table = core.RowTable(wiring, width)
    for _ in range(60):
        bits = "".join(rng.choice("01") for _ in range(rng.randint(0, net.units)))
        table.follow(bits)
        for unit, row in enumerate(net.rows(bits)[: len(bits)]):
            if rng.random() < 0.6:
                layer, neuron = wiring.place[unit]
                digits = core.unpack(table.row(unit), net.inputs + 1, width)
                assert [Fraction(c, wiring.scale[layer]) for c in digits] == [row[-1], *row[:-1]]
                assert sum(map(abs, digits)) <= wiring.norms[layer][neuron]


def test_echelon_reduces_exactly_the_span_to_zero() -> None:
    """A combination of the rows is reduced to zero, a row outside their span is not."""
    rows = [(1, 2, 3), (2, 4, 6), (0, 1, -1)]
    echelon = core._echelon(rows)
    assert len(echelon) == 2
    assert not any(core._reduce([3, 5, 10], echelon))  # 3 * first - last
    assert any(core._reduce([3, 5, 11], echelon))


def test_echelon_keeps_numbers_short() -> None:
    """Forty random rows: common factors are divided out, so that numbers grow like minors, not doubly exponentially."""
    rng = random.Random(1)
    rows = [tuple(rng.randint(-9, 9) for _ in range(41)) for _ in range(40)]
    assert max(abs(a).bit_length() for _, row in core._echelon(rows) for a in row) < 400


DEFECTS = [
    ('total += term if bits[unit] == "1" else -term', "total += term"),
    ("min(weights) < 0", "False"),
    ("m < 0 and i < self.domain.inequalities", "False"),
    ("if bound > 0:", "if bound > 1:"),
    ("if bound == 0 and not any(", "if False and not any("),
    ("any(m and self._strict", "any(self._strict"),
    ('if self.notion == "closed":\n            return False', "if False:\n            return False"),
    ('return self.notion == "full" and not self._vanishes_in(unit, table)', "return False"),
    ('return self.notion == "full" and not self._vanishes_in(unit, table)', "return True"),
    ('self.notion == "full" and not self._vanishes_in(unit, table)', 'self.notion == "full"'),
    ("return not any(_reduce(rest, self.hulls))", "return False"),
    ("high if s > 0 else low", "low if s > 0 else high"),
    ("constant * self.domain.denominator", "constant"),
    ("if denominator <= 0:", "if denominator == 0:"),
    ("low * denominator <= value * scale <= high * denominator", "value * scale <= high * denominator"),
    ("if slack < 0 or (", "if ("),
    ("slack and number >= domain", "False and number >= domain"),
    ('"full": "", "half-open": "0"', '"full": "0", "half-open": "0"'),
    ('"half-open": "0", "closed": "01"', '"half-open": "01", "closed": "01"'),
    ('"half-open": "0", "closed": "01"', '"half-open": "0", "closed": "0"'),
    ('(z > 0) is (bit == "0")', "False"),
    ("z * (positive if z > 0 else negative)", "z * positive"),
    ("bias * denominator", "bias"),
    ("* self.wiring.input_scale[layer]\n            self._columns", "\n            self._columns"),
    ("weight * self.factor[unit] * table", "weight * table"),
    ("m * self.domain_factor * slack[i]", "m * slack[i]"),
    ("if self.bits[:start] != bits[:start]:", "if False:"),
    ("indices[-1] >= limit", "False"),
    ("any(map(int.__ge__, indices, indices[1:]))", "False"),
    ("amount.bit_length() + self.row_bits", "8"),
    ("size + self.norm_bits[layer]", "8"),
    ("abs(b) * scale\n", "abs(b)\n"),
    ('slope = positive if unit >= 0 and self.bits[unit] == "1" else negative', "slope = positive"),
    ("scale *= layer.slope_denominator", "pass"),
]


def load_copy(folder: Path, name: str) -> ModuleType:
    """Import a copy of the checker under another name."""
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def corpus(folder: Path) -> list[tuple[list[str], Path, bool]]:
    """True and tampered certificates with the reference's verdicts."""
    rng = random.Random(7)
    result = []
    for number, (_, net, domain, notion) in enumerate(statements()):
        path = folder / f"net{number}.json"
        path.write_bytes(net.to_bytes())
        original = certificate(net, domain, notion)
        for entries in [original, *(mutate(original, rng) for _ in range(12))]:
            result.append((text_lines(entries), path, holds(net, domain, entries)))
    net = NETS["absolute value"]
    path = folder / "absolute.json"
    path.write_bytes(net.to_bytes())
    for equalities in ([], [[1, 1]]):  # x <= 1 in place of x = 1: negative multipliers are no longer allowed
        entries = certificate(net, polyhedron([], [[1, 1]], None, 1), "closed")
        rows = [] if equalities else [[1, 1]]
        entries[0]["domain"] = {"kind": "polyhedron", "inequalities": rows, "equalities": equalities}
        result.append((text_lines(entries), path, bool(equalities)))
    twice = certificate(net, space(1), "full")
    for entry in twice[1:-1]:
        if "y" in entry:  # the same sum, but a unit stands twice, which the format forbids
            entry["y"] = [number for k in range(0, len(entry["y"]), 2) for number in entry["y"][k : k + 2] * 2]
    result.append((text_lines(twice), path, False))
    return result


def test_planted_defects_are_noticed(tmp_path: Path) -> None:
    """Each of the listed small changes of the core makes some verdict wrong, or makes it fail."""
    cases = corpus(tmp_path)
    source = Path(core.__file__).read_text(encoding="utf-8")
    survivors = []
    for number, (old, new) in enumerate(DEFECTS):
        assert old in source, old
        folder = tmp_path / f"copy{number}"
        shutil.copytree(Path(core.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "core.py").write_text(source.replace(old, new), encoding="utf-8")
        check = load_copy(folder, f"checker_copy_{number}").check

        def wrong(case: tuple[list[str], Path, bool], check: Any = check) -> bool:
            lines, path, expected = case
            try:
                return check(lines, path).valid is not expected
            except (ArithmeticError, IndexError):
                return True

        if not any(map(wrong, cases)):
            survivors.append((old, new))
    assert survivors == []
