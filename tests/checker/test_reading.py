"""Text that is not exactly what the format says: refused with one line, never a traceback."""

from __future__ import annotations

import contextlib
import json
import random
from fractions import Fraction
from pathlib import Path

import pytest

from exactrelu.checker import check
from exactrelu.checker.certificate import read_network
from exactrelu.checker.network_json import read_network_json
from exactrelu.checker.reading import Invalid, Unreadable, hexadecimals, rational
from tests.checker.examples import NETS
from tests.checker.writer import Net, box, certificate, text_lines


def test_rationals_mean_what_they_say() -> None:
    """Decimals are read exactly."""
    meant = {
        "7": 7,
        "-3/4": Fraction(-3, 4),
        "+1/2": Fraction(1, 2),
        "0.125": Fraction(1, 8),
        "-.5": Fraction(-1, 2),
        "5.": 5,
        "1e-5": Fraction(1, 100000),
        "2.5E+1": 25,
        "000.10": Fraction(1, 10),
        "1e10000": 10**10000,
    }
    assert all(rational(text, "here") == value for text, value in meant.items())
    assert rational(-12, "here") == -12


def test_what_is_no_rational() -> None:
    """Anything else is refused, in no time even where it stands for a gigantic number."""
    texts = ["", "x", "1/0", "1//2", "1/-2", "1_0", "1 0", "0x1", "nan", "inf", ".", "1e", "1e99999", "1e999999999"]
    texts += ["٣", "1.5/2", "9" * 5000, "1/" + "9" * 5000, "9" * 10**6]
    for value in (*texts, True, None, [], {}, 0.5):
        with pytest.raises(Invalid):
            rational(value, "here")


def test_hexadecimals_have_a_limit() -> None:
    """A number of 2**18 digits is read, a longer one is not."""
    assert hexadecimals(["f" * 2**18]) == [16 ** (2**18) - 1]
    with pytest.raises(Invalid, match="digits"):
        hexadecimals(["1", "f" * (2**18 + 1)])


def write(folder: Path, net: Net) -> Path:
    """Write a network file."""
    path = folder / "net.json"
    path.write_bytes(net.to_bytes())
    return path


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"cells": 2', '"cells": 2.0', "JSON float"),
        ('"cells": 2', '"cells": 1e2', "JSON float"),
        ('"cells": 2', '"cells": NaN', "JSON float"),
        ('"cells": 2', '"cells": -Infinity', "JSON float"),
        ('"cells": 2', '"cells": 2, "cells": 2', "occurs twice"),
        ('"lower": ["-1"]', '"lower": [-1.0]', "JSON float"),
        ('"lower": ["-1"]', '"lower": ["-1"], "lower": ["-1"]', "occurs twice"),
        ('"lower": ["-1"]', '"lower": ["-1/0"]', "not a rational"),
        ('"lower": ["-1"]', '"lower": [true]', "a rational is"),
        ('"lower": ["-1"]', '"lower": ["-1e999999999"]', "not a rational"),
        ('"lower": ["-1"]', '"lower": [' + "9" * 5000 + "]", "not readable JSON"),
        ('"version": 1', '"version": ' + "[" * 100000, "not readable JSON"),
        ("{", "[{", "not JSON"),
        ("{", "", "not JSON"),
        ("{", "\ufeff{", "not JSON"),
    ],
)
def test_headers_that_are_not_exact(tmp_path: Path, old: str, new: str, reason: str) -> None:
    """Floats, repeated keys, gigantic numbers and broken JSON, named with their line."""
    net = NETS["absolute value"]
    lines = text_lines(certificate(net, box((-1, 1)), "full"))
    assert old in lines[0]
    lines[0] = lines[0].replace(old, new, 1)
    report = check(lines, write(tmp_path, net))
    assert reason in str(report.reason)
    assert report.line == 1


def test_body_floats_and_blank_lines(tmp_path: Path) -> None:
    """The line number is that of the defect."""
    net = NETS["absolute value"]
    path, lines = write(tmp_path, net), text_lines(certificate(net, box((-1, 1)), "full"))
    refuted = next(i for i, line in enumerate(lines) if '"n"' in line)
    bad = [*lines[:refuted], '{"n": "00", "y": [0, 1.0, 1, 1.0]}', *lines[refuted + 1 :]]
    assert check(bad, path).line == refuted + 1
    assert check([lines[0], "", *lines[1:]], path).line == 2
    assert check([*lines, ""], path).reason


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "",
        "{",
        '{"weights": [], "biases": []}',
        '{"weights": [[[0.5]]], "biases": [[0]]}',
        '{"weights": [[[1]]], "biases": [[0]], "biases": [[0]]}',
        '{"weights": [[[1]]], "biases": [[0]], "activations": null}',
        '{"weights": [[[1]]], "biases": [[0]], "activations": [[[0, 1]]]}',
        '{"weights": [[[1]], [[1]]], "biases": [[0], [0]], "activations": [[[0, 1, 2]]]}',
        '{"weights": [[[1]], [[1]]], "biases": [[0], [0]], "activations": [[]]}',
        '{"weights": [[[1, 2], [3]]], "biases": [[0, 0]]}',
        '{"weights": [[[1]], [[1, 1]]], "biases": [[0], [0]]}',
        '{"weights": [[[1]]], "biases": [[0, 0]]}',
        '{"weights": [[[1]]], "biases": []}',
        '{"weights": [[]], "biases": [[]]}',
        '{"weights": [[[]]], "biases": [[0]]}',
        '{"weights": [[["1/0"]]], "biases": [[0]]}',
        '{"weights": 1, "biases": [[0]]}',
        '{"weights": [[1]], "biases": [[0]]}',
        '{"weights": [[[null]]], "biases": [[0]]}',
    ],
)
def test_network_files_that_are_none(text: str) -> None:
    """Ragged, empty, inexact: one reason."""
    with pytest.raises(Unreadable):
        read_network(text.encode())


def test_network_json_is_read_exactly() -> None:
    """Denominators are common to a layer, slopes have their own; other keys are ignored."""
    net = read_network_json(
        b'{"name": 1, "weights": [[["1/2", "0.25"]], [[3]]], "biases": [["1/3"], ["1e-1"]],'
        b'"activations": [[["1/2", 1]]]}'
    )
    first, last = net.layers
    assert (first.weights, first.bias, first.denominator) == (((6, 3),), (4,), 12)
    assert (first.slopes, first.slope_denominator) == (((1, 2),), 2)
    assert (last.weights, last.bias, last.denominator, last.slopes) == (((30,),), (1,), 10, ())
    assert (net.inputs, net.units) == (2, 1)


def test_random_damage_never_raises(tmp_path: Path) -> None:
    """A byte changed, inserted or cut anywhere in certificate or network: always a report, never an exception."""
    rng = random.Random(5)
    net = NETS["slopes"]
    path, damaged = write(tmp_path, net), tmp_path / "damaged"
    original = "\n".join(text_lines(certificate(net, box((-1, 1), (0, 1)), "closed"))).encode()
    assert check([line.decode() for line in original.split(b"\n")], path).valid
    for round_number in range(1500):
        data = bytearray(original if round_number % 3 else net.to_bytes())
        place = rng.randrange(len(data))
        kind = rng.randrange(4)
        if kind == 0:
            data[place] = rng.randrange(256)
        elif kind == 1:
            data[place:place] = rng.choice([b"0", b"-", b'"', b",", b"\n", b"[", b"\xff", b"9" * 40])
        elif kind == 2:
            del data[place : place + rng.randrange(1, 30)]
        else:
            del data[place:]
        if round_number % 3 == 0:
            with contextlib.suppress(Unreadable):
                read_network(bytes(data))
            continue
        damaged.write_bytes(bytes(data))
        report = check(damaged, path)
        assert report.valid or (report.reason and "\n" not in report.reason)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing files, folders and impossible names decide nothing; neither does a missing argument."""
    net = NETS["absolute value"]
    path = write(tmp_path, net)
    lines = text_lines(certificate(net, box((-1, 1)), "full"))
    assert not check(tmp_path / "none", path).readable
    assert not check(tmp_path, path).readable
    assert not check("a\0b", path).readable
    assert not check(lines, tmp_path / "none").readable
    assert not check(lines).readable
    (tmp_path / "latin").write_bytes(b'{"format": "\xe9"}\n')
    report = check(tmp_path / "latin", path)
    assert report.readable
    assert "UTF-8" in str(report.reason)


SYSTEM = {"rows": [["1/2", -1, 0], [-1, 2, "-1/3"], [1, 1, 5]], "relations": ["<=", "<=", "=="]}


def infeasible(system: object, y: object) -> list[str]:
    """A certificate of the claim infeasible."""
    header = {"format": "exactrelu-certificate", "version": 1, "claim": "infeasible", "system": system}
    return text_lines([header, {"y": y}, {"end": {"refutations": 1}}])


def test_infeasible_systems() -> None:
    """Multipliers that add up to a contradiction are accepted: negative total, or zero total with a strict row."""
    assert check(infeasible(SYSTEM, [0, "2", 1, "1"])).valid  # 0 <= -1/3
    tight = {"rows": [["0.5", 0], [-1, 0]], "relations": ["<", "<="]}
    assert check(infeasible(tight, [0, "2", 1, "1"])).valid  # 0 < 0
    equation = {"rows": [[1, 1], [1, 0]], "relations": ["==", "<="]}
    assert check(infeasible(equation, [0, "-1", 1, "1"])).valid  # -1 >= 0
    assert check(infeasible({"rows": [[-1]], "relations": ["<="]}, [0, "1"])).valid  # no variable at all
    assert check(infeasible({"rows": [[0]], "relations": ["<"]}, [0, "a"])).valid


@pytest.mark.parametrize(
    ("system", "y"),
    [
        (SYSTEM, [0, "1", 1, "1"]),
        (SYSTEM, [1, "1", 0, "2"]),
        (SYSTEM, [0, "2", 1, "1", 1, "0"]),
        (SYSTEM, [0, "2", 1, "1", 3, "0"]),
        (SYSTEM, [0, "-2", 1, "-1"]),
        (SYSTEM, [0, "2"]),
        (SYSTEM, [0, "2", 1]),
        (SYSTEM, [0, 2, 1, 1]),
        (SYSTEM, []),
        (SYSTEM, None),
        ({"rows": [[1, 0], [-1, 0]], "relations": ["<=", "<="]}, [0, "1", 1, "1"]),
        ({"rows": [[1, 0], [-1, 0]], "relations": ["<", "<="]}, [0, "0", 1, "0"]),
        ({"rows": [[1, 0], [-1, 0]], "relations": ["==", "=="]}, [0, "1", 1, "1"]),
        ({"rows": [[1, 1], [1, 0]], "relations": ["<=", "<="]}, [0, "-1", 1, "1"]),
        ({"rows": [[1, 1], [1, 0]], "relations": ["==", "<="]}, [0, "1", 1, "-1"]),
        ({"rows": [[-1], [1, 2]], "relations": ["<=", "<="]}, [0, "1"]),
        ({"rows": [[]], "relations": ["<="]}, []),
        ({"rows": [], "relations": []}, []),
        ({"rows": [[-1]], "relations": [">="]}, [0, "1"]),
        ({"rows": [[-1]], "relations": [["<="]]}, [0, "1"]),
        ({"rows": [[-1]], "relations": []}, [0, "1"]),
        ({"rows": [[-1]], "relations": ["<="], "x": 0}, [0, "1"]),
        ({"rows": ["-1"], "relations": ["<="]}, [0, "1"]),
        ({"rows": [[-1.0]], "relations": ["<="]}, [0, "1"]),
        (None, [0, "1"]),
    ],
)
def test_infeasible_claims_that_do_not_hold(system: object, y: object) -> None:
    """Each has its reason."""
    report = check(infeasible(system, y))
    assert report.reason
    assert report.readable


def test_an_infeasible_claim_takes_no_network_and_a_whole_file(tmp_path: Path) -> None:
    """A network that the claim does not speak of is refused; so are truncated and overlong files."""
    lines = infeasible(SYSTEM, [0, "2", 1, "1"])
    assert not check(lines, tmp_path).readable
    assert check(lines[:2]).reason
    assert check(lines[:1]).reason
    assert check([*lines, lines[1]]).reason
    assert check([*lines[:2], json.dumps({"end": {"refutations": 2}})]).reason
    assert check([lines[0], json.dumps({"y": [0, "2", 1, "1"], "z": 0}), lines[2]]).reason
