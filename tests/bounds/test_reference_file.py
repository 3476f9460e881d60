"""The written-out examples are those of the reference file, and its answers are exactly ours; tests are named by id."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from exactrelu.bounds.gradients import back_propagate, one_sided_derivatives
from exactrelu.bounds.lipschitz import lipschitz_constant
from exactrelu.bounds.norms import spectral_norm_squared
from exactrelu.bounds.ranges import interval_range, output_range
from exactrelu.bounds.segments import segment_profile
from exactrelu.bounds.smoothness import smoothness_bounds
from exactrelu.bounds.theorem_six import product_bound, theorem_six
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.networks.linearise import affine_map
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.regions.counts import count_regions
from exactrelu.regions.results import enumerate_regions

from .networks import WRITTEN_OUT

COUNTS = ["abs", "tri", "tri_plus", "g3", "chain", "e2", "e2b", "e2z", "m1", "n4", "hat", "z", "s11"]


@pytest.fixture(scope="module")
def examples(shared_data: Path) -> dict[str, Any]:
    """The entries by id."""
    entries = json.loads((shared_data / "worked-examples.json").read_text())["examples"]
    return {entry["id"]: entry for entry in entries}


def network_of(entry: dict[str, Any]) -> Network:
    return Network.from_weights(entry["weights"], entry["biases"])


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_written_out_networks(name: str, examples: dict[str, Any]) -> None:
    """The networks in this folder are those of the file."""
    assert network_of(examples[name]) == WRITTEN_OUT[name]


@pytest.mark.parametrize("name", [f"count-{name}" for name in COUNTS])
def test_counts(name: str, examples: dict[str, Any]) -> None:
    """Configurations in the three senses, linear regions and affine pieces."""
    net, expected = network_of(examples[name]), examples[name]["expected"]
    full = enumerate_regions(net)
    counts = count_regions(full)
    assert expected == {
        "N_closed": len(enumerate_regions(net, cells="closed")),
        "N_half": len(enumerate_regions(net, cells="half-open")),
        "N_full": len(full),
        "distinct_affine_pieces": counts.affine_pieces,
        "linear_regions": counts.linear_regions,
    }


def test_all_entries_of_this_theory_are_covered(examples: dict[str, Any]) -> None:
    """No entry on atoms, bounds, segments or ranges is left out here or in tests/atoms."""
    ours = {
        k for k, e in examples.items() if e.get("ref", "").startswith(("A.", "C3", "C4", "C5", "C20", "C23", "C25"))
    }
    atoms = {"thm5-n4", "pieces-n4", "facets-e2"}
    assert ours == atoms | set(WRITTEN_OUT) | {f"count-{name}" for name in COUNTS}


def test_lip_n4(examples: dict[str, Any]) -> None:
    """Constants 42 and 35, products 144 and 120."""
    entry = examples["lip-n4"]
    net, cells = network_of(entry), enumerate_regions(network_of(entry))
    assert entry["expected"] == {
        "linf": str(lipschitz_constant(cells, "inf").value),
        "l1": str(lipschitz_constant(cells, "1").value),
        "linf_product": str(product_bound(net, "inf")),
        "l1_product": str(product_bound(net, "1")),
    }


def test_segment_n4(examples: dict[str, Any]) -> None:
    """Breakpoints, values and slopes from (-2, -2) to (2, 2)."""
    profile = segment_profile(network_of(examples["segment-n4"]), [-2, -2], [2, 2])
    assert examples["segment-n4"]["expected"] == {
        "breakpoints": [str(t) for t in profile.breakpoints],
        "values": [str(*value) for value in profile.values],
        "slopes": [str(*slope) for slope in profile.slopes],
    }


@pytest.mark.parametrize(("name", "box"), [("range-n4", ([-1, -1], [1, 1])), ("range-hat", ([-1], [4]))])
def test_range(name: str, box: tuple[list[int], list[int]], examples: dict[str, Any]) -> None:
    """Exact ranges and interval bounds."""
    net, domain = network_of(examples[name]), HPolyhedron.box(*box)
    (exact,) = output_range(enumerate_regions(net, domain))
    (interval,) = interval_range(net, domain)
    assert examples[name]["expected"] == {
        "exact": [str(exact.minimum.value), str(exact.maximum.value)],
        "interval": [str(end) for end in interval],
    }


def test_thm6_tight(examples: dict[str, Any]) -> None:
    """Equality in Theorem 6 (i)."""
    net, expected = network_of(examples["thm6-tight"]), examples["thm6-tight"]["expected"]
    report = theorem_six(net)
    linear = RationalMatrix.from_rows(affine_map(net, "1111").linear)
    assert [[str(a) for a in row] for row in linear.to_fractions()] == expected["A"]
    assert [[str(a) for a in row] for row in (linear.transpose() @ linear).to_fractions()] == expected["AtA"]
    assert (str(report.m), str(report.local_bound("1111"))) == (expected["m"], expected["bound"])
    assert spectral_norm_squared(linear) == Fraction(expected["spectral_norm_squared"])
    assert [c.bits for c in enumerate_regions(net).configurations] == expected["configs"]


def test_thm6_unnormalised(examples: dict[str, Any]) -> None:
    """Without unit rows the number of (i) is no bound, and the report says so."""
    net, expected = network_of(examples["thm6-unnormalised"]), examples["thm6-unnormalised"]["expected"]
    report = theorem_six(net)
    linear = RationalMatrix.from_rows(affine_map(net, "111").linear)
    assert [[str(a) for a in row] for row in linear.to_fractions()] == expected["A"]
    assert spectral_norm_squared(linear) == Fraction(expected["spectral_norm_squared"])
    assert str(report.local_bound("111")) == expected["naive_bound"]
    assert not report.normalised
    assert not report.holds_at("111")


def test_grad_kink(examples: dict[str, Any]) -> None:
    """Both conventions and both one-sided derivatives."""
    net, expected = network_of(examples["grad-kink"]), examples["grad-kink"]["expected"]
    for side in (0, 1):
        gradient = back_propagate(net, [1], lambda output: output, at_zero=side).weights[0]
        assert [str(*row) for row in gradient.to_fractions()] == expected[f"grad_M1_D0_is_{side}"]
    sides = one_sided_derivatives(net, [1], lambda output: output, 0)
    assert [str(*row) for row in sides.right.to_fractions()] == expected["one_sided_plus"]
    assert [str(*row) for row in sides.left.to_fractions()] == expected["one_sided_minus_slopes"]


def test_smooth_tight(examples: dict[str, Any]) -> None:
    """The Lipschitz constant of the input gradient equals its bound beta (m^{L-2} s_1 s_2)^2."""
    net, expected = network_of(examples["smooth-tight"]), examples["smooth-tight"]["expected"]
    assert smoothness_bounds(net, "1111", 1)[0].constant == Fraction(expected["lipschitz"])
    assert theorem_six(net).local_bound("1111") ** 2 == Fraction(expected["bound"])
