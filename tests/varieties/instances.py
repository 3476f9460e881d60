"""What the tests of varieties draw from: random blocks, and the table of known varieties if it is there."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from exactrelu.exact.matrices import RationalMatrix
from exactrelu.varieties.architecture import Architecture, Pattern
from exactrelu.varieties.blocks import Blocks
from exactrelu.varieties.parametrisation import Parametrisation


@st.composite
def architectures(draw: st.DrawFn, *, max_hidden: int = 2, bias: bool | None = None) -> Architecture:
    """Widths up to 3, one or more hidden layers."""
    depth = draw(st.integers(1, max_hidden))
    widths = tuple(draw(st.integers(1, 3)) for _ in range(depth + 2))
    return Architecture(widths, draw(st.booleans()) if bias is None else bias)


@st.composite
def blocks(
    draw: st.DrawFn, *, max_hidden: int = 2, max_blocks: int = 3, bias: bool | None = None, data: bool | None = None
) -> Blocks:
    """Random patterns, with dead neurons and layers and repeated blocks; inputs of any rank, zero columns included."""
    architecture = draw(architectures(max_hidden=max_hidden, bias=bias))
    k = draw(st.integers(1, max_blocks))
    bit = st.integers(0, 1)
    patterns = tuple(
        Pattern.from_bits([[draw(bit) for _ in range(width)] for width in architecture.hidden]) for _ in range(k)
    )
    inputs = None
    if draw(st.booleans()) if data is None else data:
        entry = st.integers(-4, 4)
        inputs = tuple(
            RationalMatrix.from_integers([[draw(entry) for _ in range(m)] for _ in range(architecture.widths[0])], 2)
            for m in (draw(st.integers(1, 3)) for _ in range(k))
        )
    return Blocks(architecture, patterns, inputs)


def exact_outputs(instance: Blocks, seed: int) -> tuple[RationalMatrix, ...]:
    """Outputs at random integer parameters, in the scale of the inputs (not of their numerators)."""
    phi = Parametrisation(instance)
    values = phi.block_values(phi.random_point(random.Random(seed), 20))
    return tuple(
        RationalMatrix.from_integers(value, x.denominator)
        for value, x in zip(values, instance.extended_inputs(), strict=True)
    )


def table(folder: Path) -> list[dict[str, Any]]:
    """The rows of the table of varieties."""
    path = folder / "expected-dimensions.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else []
    return rows


def blocks_of_row(row: dict[str, Any]) -> Blocks:
    """The blocks of a row of the table."""
    patterns = [Pattern.from_bits(layers) for layers in row["patterns"]]
    return Blocks.of(row["architecture"], patterns, bias=row["bias"], inputs=row["X"])


def small_fraction(chance: random.Random) -> Fraction:
    """A nonzero rational of small height."""
    return Fraction(chance.choice((-1, 1)) * chance.randint(1, 9), chance.randint(1, 4))
