"""Domains from the command line and from JSON."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactrelu.errors import DomainError, FormatError, InputError
from exactrelu.io.domains import parse_domain, read_domain_json, write_domain_json
from exactrelu.polyhedra.hpolyhedron import HPolyhedron


def test_short_forms() -> None:
    """Each form of the command line gives the polyhedron that it names."""
    assert parse_domain("space", 3) == HPolyhedron.space(3)
    assert parse_domain("simplex", 3) == HPolyhedron.simplex(3)
    assert parse_domain("box:-1:1", 2) == HPolyhedron.cube(2)
    assert parse_domain("box:0:1,-2:2", 2) == HPolyhedron.box([0, -2], [1, 2])
    assert parse_domain("box:-1/2:0.1", 1) == HPolyhedron.box(["-1/2"], ["1/10"])
    assert parse_domain("box:3:3", 1).contains([3])


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("box:0:1,0:1,0:1", DomainError, "bounds for 3 coordinates; the network takes 2"),
        ("box:1:0", DomainError, "lower bound 1 of coordinate 0 exceeds the upper bound 0"),
        ("box:0:1,1:0.9", DomainError, "lower bound 1 of coordinate 1 exceeds the upper bound 9/10"),
        ("box:a:1", InputError, "not a rational number: 'a'"),
        ("box:nan:1", InputError, "not a rational number"),
        ("box:0:inf", InputError, "not a rational number"),
        ("box:1/0:1", InputError, "denominator is zero"),
        ("box:1", InputError, "must be LOW:HIGH"),
        ("box:", InputError, "must be LOW:HIGH"),
        ("box:0:1:2", InputError, "must be LOW:HIGH"),
        ("box:0:1,", InputError, "must be LOW:HIGH"),
        ("cube:0:1", InputError, "neither space, simplex, box"),
        ("", InputError, "neither space"),
        ("absent.json", FormatError, "absent.json cannot be read"),
    ],
)
def test_bad_short_forms(text: str, kind: type[Exception], message: str) -> None:
    """Each is one error that quotes the text and says what would do."""
    with pytest.raises(kind, match=message):
        parse_domain(text, 2)


def test_files(tmp_path: Path) -> None:
    """A path is read as JSON, whatever its extension."""
    for name in ("d.json", "d.txt"):
        (tmp_path / name).write_text('{"kind": "box", "lower": [0, "1/2"], "upper": [1, "3/4"]}')
        assert parse_domain(str(tmp_path / name), 2) == HPolyhedron.box([0, "1/2"], [1, "3/4"])


def test_polyhedron_rows() -> None:
    """Inequalities and equalities keep their order; lists that are left out are empty."""
    text = (
        '{"kind": "polyhedron", "inequalities": [[1, "1/2", 1], [-1, 0, 0]], '
        '"equalities": [[1, -1, 0]], "interior": ["1/3", "1/3"]}'
    )
    expected = HPolyhedron.from_rows([([1, "1/2"], "<=", 1), ([-1, 0], "<=", 0), ([1, -1], "==", 0)])
    assert read_domain_json(text, 2) == expected
    assert read_domain_json('{"kind": "polyhedron"}', 2) == HPolyhedron.space(2)
    assert read_domain_json('{"kind": "space"}', 2) == HPolyhedron.space(2)
    assert read_domain_json('{"kind": "simplex"}', 2) == HPolyhedron.simplex(2)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("{", FormatError, "line 1, column 2"),
        ("{}", FormatError, "'kind' must be one of space"),
        ('{"kind": "ball"}', FormatError, "found 'ball'"),
        ('{"kind": ["box"]}', FormatError, "'kind' must be one of"),
        ('{"kind": "box", "lower": [0, 0]}', FormatError, "key 'upper' is missing"),
        ('{"kind": "box", "lower": [0, 0], "upper": [1]}', FormatError, "lower has 2 entries, upper has 1"),
        ('{"kind": "box", "lower": [0], "upper": [1]}', DomainError, "bounds for 1 coordinates"),
        ('{"kind": "box", "lower": [0, 2], "upper": [1, 1]}', DomainError, "lower bound 2 of coordinate 1"),
        ('{"kind": "box", "lower": [0, 0.5], "upper": [1, 1]}', FormatError, r"lower\[1\] is the JSON number 0.5"),
        ('{"kind": "space", "lower": [0, 0]}', FormatError, "'lower' does not belong to a domain of kind 'space'"),
        ('{"kind": "polyhedron", "inequalites": []}', FormatError, "did you mean 'inequalities'"),
        ('{"kind": "polyhedron", "inequalities": [[1, 2]]}', DomainError, "row 0 of inequalities has 2 entries"),
        ('{"kind": "polyhedron", "equalities": [[1, 1, 1], [1]]}', FormatError, "row 1 has 1 entries"),
        ('{"kind": "polyhedron", "interior": [1]}', DomainError, "interior has 1 coordinates"),
        (
            '{"kind": "polyhedron", "inequalities": [[1, 0, 1]], "interior": [1, 0]}',
            DomainError,
            "interior is not inside: a · x = 1 where a · x <= 1",
        ),
        (
            '{"kind": "polyhedron", "equalities": [[1, 0, 1]], "interior": [0, 0]}',
            DomainError,
            "interior is not inside: a · x = 0 where a · x == 1",
        ),
    ],
)
def test_bad_json(text: str, kind: type[Exception], message: str) -> None:
    """Each defect is one error that names the file and the place."""
    with pytest.raises(kind, match="^dom.*" + message):
        read_domain_json(text, 2, source="dom")


entries = st.fractions(min_value=-3, max_value=3, max_denominator=5)


@given(st.lists(st.tuples(entries, entries, st.sampled_from(["<=", "=="]), entries), max_size=4))
def test_round_trip(rows: list[tuple[Fraction, Fraction, str, Fraction]]) -> None:
    """Reading what was written gives a polyhedron with the same points, on a grid."""
    domain = HPolyhedron.from_rows([([a, b], relation, c) for a, b, relation, c in rows], dimension=2)
    again = read_domain_json(write_domain_json(domain), 2)
    grid = [Fraction(k, 2) for k in range(-6, 7)]
    assert all(domain.contains([x, y]) == again.contains([x, y]) for x in grid for y in grid)


def test_written_forms() -> None:
    """Space, box and polyhedron are written as such; an interior point is stated where given."""
    assert write_domain_json(HPolyhedron.space(2)) == '{"kind": "space"}'
    text = write_domain_json(HPolyhedron.simplex(2), interior=(Fraction(1, 4), Fraction(1, 4)))
    assert text.endswith('"equalities": [], "interior": ["1/4", "1/4"]}')
    assert read_domain_json(text, 2).system.rows == HPolyhedron.simplex(2).system.rows
    assert write_domain_json(HPolyhedron.space(0)) == '{"kind": "space"}'
