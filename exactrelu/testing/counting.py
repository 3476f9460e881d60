"""Checks of numbers: the three counts of regions, and the f-vector with Euler's relation.

Counts are compared with the exact complex: cells >= linear regions >= affine pieces, three different numbers in
general.  The faces of the subdivided box satisfy f_0 - f_1 + ... = 1, which catches a missed or doubled face without
knowing the right numbers; then each number is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exactrelu.errors import InputError
from exactrelu.networks.network import Network
from exactrelu.polyhedra.hpolyhedron import HPolyhedron
from exactrelu.testing.implementation import Implementation
from exactrelu.testing.reading import Subject

__all__ = ["check_counts", "check_euler"]


def check_counts(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check the numbers of cells, linear regions (facet-connected) and distinct affine pieces on the box.

    Raises:
        Violation: a wrong number, or an unknown or missing key.
        Skipped: there is no `counts`, or it declines.

    Example (relu(x) - relu(-x) = x has two cells, but is one linear region):
        >>> line = Network.from_weights([[[1], [-1]], [[1, -1]]], [[0, 0], [0]])
        >>> try:
        ...     check_counts(Implementation(counts=lambda network, domain: {"linear_regions": 2}), line)
        ... except AssertionError as violation:
        ...     print(violation.message)
        the number of linear regions is 1, not 2
    """
    subject = Subject.of(implementation, "counts", network, domain)
    subject.require("counts")
    found: dict[str, int] = subject.call("counts", network, subject.domain, read=_read_counts)
    complex_ = subject.reference.complex
    exact = {
        "cells": len(complex_),
        "linear_regions": complex_.linear_regions,
        "affine_pieces": complex_.affine_pieces,
    }
    for key, value in found.items():
        if value != exact[key]:
            subject.fail(
                f"the number of {key.replace('_', ' ')} is {exact[key]}, not {value}",
                expected=str(exact[key]),
                found=str(value),
            )


def _read_counts(raw: Any) -> dict[str, int]:
    keys = ("cells", "linear_regions", "affine_pieces")
    if not isinstance(raw, Mapping) or not raw or not set(raw) <= set(keys):
        raise InputError(f"counts must be a mapping with some of the keys {', '.join(keys)}; got {raw!r}")
    return {key: _read_count(value, key) for key, value in raw.items()}


def _read_count(value: Any, name: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise InputError(f"{name} must be an integer; got {value!r}")
    return int(value)


def check_euler(implementation: Implementation, network: Network, domain: HPolyhedron | None = None) -> None:
    """Check that the alternating sum of `f_vector` is 1, and that each number of faces is right.

    Faces are those of the box subdivided by the covectors of the network, the faces of the box included.

    Raises:
        Violation: the sum, or a number.
        Skipped: there is no `f_vector`, or it declines.
    """
    subject = Subject.of(implementation, "euler", network, domain)
    subject.require("f_vector")
    found: list[int] = subject.call(
        "f_vector", network, subject.domain, read=lambda raw: [_read_count(value, "f_vector") for value in raw]
    )
    exact = subject.reference.complex.f_vector
    if len(found) != len(exact):
        subject.fail(f"the f-vector has {len(found)} entries in dimension {network.n_inputs}", found=str(tuple(found)))
    total = sum(found[::2]) - sum(found[1::2])
    if total != 1:
        subject.fail(f"the alternating sum of the f-vector is {total}", expected="1", found=str(tuple(found)))
    if tuple(found) != exact:
        subject.fail("a number of faces is wrong", expected=str(exact), found=str(tuple(found)))
