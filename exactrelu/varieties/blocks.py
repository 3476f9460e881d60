"""Blocks: the patterns of a variety, and optionally the inputs that have them.

Block i has a pattern A^i and, for an *output variety*, a matrix X_i whose m_i columns are inputs with that pattern.
 Without inputs the variety is the *pattern variety* of the block matrices themselves, which is the case X_i = identity.

`read_blocks` takes both from a concrete network and concrete inputs, exactly: it evaluates over Q, and refuses an
input on which a preactivation is zero, because such an input has no pattern (a nearby parameter moves it to either
side).

Source: [AM25]; a dead layer or a repeated pattern is allowed here and shows up as linear relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exactrelu.errors import InputError, ShapeError
from exactrelu.exact.matrices import RationalMatrix, Vector
from exactrelu.exact.rationals import as_vector, format_rational
from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Network
from exactrelu.varieties.architecture import Architecture, Pattern

__all__ = ["Blocks", "Reading", "as_matrix", "read_blocks"]


@dataclass(frozen=True, slots=True)
class Blocks:
    """An architecture, one pattern per block, and optionally one n_0 x m_i matrix of inputs per block (inputs are
    columns).

    Raises:
        InputError: no block.
        ShapeError: a pattern or a matrix does not fit the architecture.

    >>> blocks = Blocks.of((2, 2, 1), "10|01", inputs=[[[1], [2]], [[3], [4]]])
    >>> blocks.sizes, blocks.inputs[1].shape
    ((1, 1), (2, 1))
    """

    architecture: Architecture
    patterns: tuple[Pattern, ...]
    inputs: tuple[RationalMatrix, ...] | None = None

    def __post_init__(self) -> None:
        if not self.patterns:
            raise InputError("patterns is empty; pass at least one")
        for index, pattern in enumerate(self.patterns):
            if not isinstance(pattern, Pattern):
                raise InputError(f'patterns[{index}] is {pattern!r}; write it as text such as "110.01", or a Pattern')
            pattern.require_fit(self.architecture)
        if self.inputs is None:
            return
        if len(self.inputs) != len(self.patterns):
            raise ShapeError(f"{len(self.inputs)} matrices of inputs for {len(self.patterns)} patterns")
        for index, matrix in enumerate(self.inputs):
            if matrix.n_rows != self.architecture.widths[0] or not matrix.n_columns:
                raise ShapeError(
                    f"inputs[{index}] is {matrix.n_rows}×{matrix.n_columns}; it needs a row for each of the "
                    f"{self.architecture.widths[0]} input coordinates and a column for each input, at least one"
                )

    @classmethod
    def of(
        cls,
        widths: Sequence[int],
        patterns: str | Iterable[Pattern | str],
        *,
        bias: bool = False,
        inputs: Sequence[Sequence[Sequence[object]]] | None = None,
    ) -> Blocks:
        """Build blocks from widths, patterns as text ("110|011") or objects, and rows of input matrices."""
        for name, value in (("widths", widths), ("patterns", patterns), ("inputs", inputs)):
            if not isinstance(value, Iterable) and not (name == "inputs" and value is None):
                raise InputError(f"{name} must be a sequence, not {type(value).__name__}")
        texts = patterns.split("|") if isinstance(patterns, str) else patterns
        parsed = tuple(Pattern.parse(p) if isinstance(p, str) else p for p in texts)
        matrices = None
        if inputs is not None:
            matrices = tuple(as_matrix(x, name=f"inputs[{i}]") for i, x in enumerate(inputs))
        return cls(Architecture(tuple(widths), bias), parsed, matrices)

    @property
    def n_blocks(self) -> int:
        """k, the number of blocks."""
        return len(self.patterns)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of columns of each block: of inputs, or of the block matrix itself."""
        if self.inputs is None:
            return (self.architecture.n_columns,) * self.n_blocks
        return tuple(matrix.n_columns for matrix in self.inputs)

    def extended_inputs(self) -> tuple[RationalMatrix, ...]:
        """Return the matrices X_i by which block matrices are multiplied: a row of ones below if there are biases."""
        if self.inputs is None:
            return (RationalMatrix.identity(self.architecture.n_columns),) * self.n_blocks
        if not self.architecture.bias:
            return self.inputs
        return tuple(x.vstack(RationalMatrix.from_integers([[1] * x.n_columns])) for x in self.inputs)


def as_matrix(rows: RationalMatrix | Sequence[Sequence[object]], *, name: str) -> RationalMatrix:
    """Return a matrix as it is, and rows of exact numbers as a matrix; no rows are the 0 × 0 matrix.

    Raises:
        ShapeError: rows of different lengths.
        InputError, InexactNumberError: something is not a row, or an entry not an exact number.
    """
    if isinstance(rows, RationalMatrix):
        return rows
    is_empty = isinstance(rows, Sequence) and not isinstance(rows, str | bytes) and not rows
    return RationalMatrix.from_rows(rows, n_columns=0 if is_empty else None, name=name)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a network does on data: the blocks, the outputs Y_i (n_L x m_i), and for every input its (block, column)."""

    blocks: Blocks
    outputs: tuple[RationalMatrix, ...]
    places: tuple[tuple[int, int], ...]


def read_blocks(network: Network, points: Iterable[Iterable[object]], *, bias: bool | None = None) -> Reading:
    """Group inputs by their exact activation pattern under a network, and evaluate it on them.

    Blocks are in the order in which their patterns first occur.

    Args:
        network: ReLU units only.
        points: the inputs, each of n_0 exact numbers.
        bias: whether the architecture has biases; None means: iff the network has one that is not zero.

    Raises:
        InputError: a unit that is no ReLU; a preactivation that is zero (the message names the point and the
        neuron); no point;
            `bias=False` for a network with biases.
        ShapeError, InexactNumberError: a point of another dimension, or with a float.

    >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
    >>> reading = read_blocks(absolute, [[2], [-3], ["1/2"]])
    >>> [str(p) for p in reading.blocks.patterns], reading.places
    (['10', '01'], ((0, 0), (1, 0), (0, 1)))
    >>> read_blocks(absolute, [[0]])
    Traceback (most recent call last):
    exactrelu.errors.InputError: point 0 (0): preactivation 0 of hidden layer 0 is zero, so the point has no pattern
    """
    if any(activation != RELU for layer in network.hidden for activation in layer.activations):
        raise InputError("the network has a unit that is no ReLU; patterns are defined for ReLU units only")
    has_bias = any(b for affine in network.affine_maps for b in affine.offset)
    if bias is False and has_bias:
        raise InputError("the network has biases that are not zero; leave out bias=False")
    architecture = Architecture(network.widths, has_bias if bias is None else bias)
    columns: dict[Pattern, list[Vector]] = {}
    places: list[tuple[Pattern, int]] = []
    for index, raw in enumerate(points):
        point = as_vector(raw, name=f"points[{index}]")
        pattern = pattern_at(network, point, label=f"point {index}")
        members = columns.setdefault(pattern, [])
        places.append((pattern, len(members)))
        members.append(point)
    if not columns:
        raise InputError("points is empty; pass at least one input")
    order = {pattern: i for i, pattern in enumerate(columns)}
    inputs = tuple(RationalMatrix.from_rows(members).transpose() for members in columns.values())
    outputs = tuple(
        RationalMatrix.from_rows([network.evaluate(x) for x in members]).transpose() for members in columns.values()
    )
    blocks = Blocks(architecture, tuple(columns), inputs)
    return Reading(blocks, outputs, tuple((order[pattern], column) for pattern, column in places))


def pattern_at(network: Network, point: Vector, *, label: str = "the point") -> Pattern:
    """Return the pattern of one input; InputError if a preactivation is zero, naming the point and the neuron."""
    masks = []
    for layer, values in enumerate(network.preactivations(point)):
        for neuron, value in enumerate(values):
            if value == 0:
                shown = ", ".join(map(format_rational, point))
                raise InputError(
                    f"{label} ({shown}): preactivation {neuron} of hidden layer {layer} is zero, "
                    "so the point has no pattern"
                )
        masks.append("".join("1" if value > 0 else "0" for value in values))
    return Pattern(tuple(masks))
