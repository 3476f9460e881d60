"""The text format `.nnet` of fully connected ReLU networks, with its normalisation said out loud.

    // comments
    layers, inputs, outputs, largest width,
    inputs, width, ..., outputs,
    0,                                        (a flag that is no longer used)
    minimum of every input,
    maximum of every input,
    mean of every input, mean of the outputs,
    range of every input, range of the outputs,
    rows of the first matrix, then its biases one a line, and so on

Every number is a decimal and means exactly that rational: "0.1" is 1/10 and not the nearest double, which is what the
float programs that read such files make of it.

Two networks stand in one file.  In *normalised* coordinates the layers are taken as they are.  In the original
coordinates the input x is first replaced by (x - mean) / range, entry by entry, and the output y at last by
y · range + mean; both are affine and folded into the outer layers.  The minima and maxima are a box of inputs (`box`).
Some programs also clamp inputs to it; the network here does not, so on the box they agree, and outside it continues by
its formula.

Source: K. Julian, the file format NNet, https://github.com/sisl/NNet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from exactrelu.errors import FormatError, InputError
from exactrelu.exact.rationals import parse_rational
from exactrelu.networks.activations import RELU
from exactrelu.networks.affine import AffineMap
from exactrelu.networks.network import Layer, Network

__all__ = ["NnetFile", "parse_nnet", "read_nnet"]

_MOST_ENTRIES = 1 << 26


@dataclass(frozen=True, slots=True)
class NnetFile:
    """What a file says: the affine maps of its layers, and for each input minimum, maximum, mean and range.

    `output_mean` and `output_range` are one number each, for all outputs.
    """

    maps: tuple[AffineMap, ...]
    minima: tuple[Fraction, ...]
    maxima: tuple[Fraction, ...]
    means: tuple[Fraction, ...]
    ranges: tuple[Fraction, ...]
    output_mean: Fraction
    output_range: Fraction

    def network(self, *, normalised: bool, name: str = "") -> Network:
        """Return the network between normalised coordinates, or between the original ones."""
        maps = list(self.maps)
        if not normalised:
            inverse = [1 / r for r in self.ranges]
            shift = [-m / r for m, r in zip(self.means, self.ranges, strict=True)]
            maps[0] = maps[0].after(_diagonal(inverse, shift))
            n = maps[-1].n_outputs
            maps[-1] = _diagonal([self.output_range] * n, [self.output_mean] * n).after(maps[-1])
        hidden = tuple(Layer(one, (RELU,) * one.n_outputs) for one in maps[:-1])
        return Network(hidden, maps[-1], name)

    def box(self, *, normalised: bool) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
        """Return minima and maxima of the inputs, in normalised or in the original coordinates."""
        if not normalised:
            return self.minima, self.maxima
        scaled = [
            tuple((x - m) / r for x, m, r in zip(side, self.means, self.ranges, strict=True))
            for side in (self.minima, self.maxima)
        ]
        return scaled[0], scaled[1]


def read_nnet(text: str, *, normalised: bool, source: str = "nnet file", name: str = "") -> Network:
    """Return the network that the text of a file describes, exactly.

    Args:
        text: the file's text.
        normalised: True for the layers as they are, False for inputs and outputs in their original units.
        source: the file's name for messages.
        name: the network's name, shown to people.

    Raises:
        FormatError: a number that is none, a count that does not fit, a range that is not positive; with the line.
        InputError: `normalised` is not said.

    Example:
        >>> text = '''// y = 10 relu((x - 3)/2) + 1 in original units
        ... 2,1,1,1,
        ... 1,1,1,
        ... 0,
        ... 0,
        ... 9,
        ... 3,1,
        ... 2,10,
        ... 1,
        ... 0,
        ... 1,
        ... 0,
        ... '''
        >>> read_nnet(text, normalised=False)([4]), read_nnet(text, normalised=True)(["1/2"])
        ((Fraction(6, 1),), (Fraction(1, 2),))
    """
    if not isinstance(normalised, bool):
        raise InputError(f"normalised is {normalised!r}; say True (layers as they are) or False (original units)")
    return parse_nnet(text, source=source).network(normalised=normalised, name=name)


def parse_nnet(text: str, *, source: str = "nnet file") -> NnetFile:
    """Return everything that the text of a file says, exactly; errors as for `read_nnet`."""
    lines = _Lines(text, source)
    counts = lines.integers("the numbers of layers, inputs, outputs and the largest width", 4)
    n_layers, n_inputs, n_outputs, _ = counts
    if n_layers < 1:
        raise lines.error(f"there are {n_layers} layers; at least one is needed")
    widths = lines.integers("the widths", n_layers + 1)
    if widths[0] != n_inputs or widths[-1] != n_outputs or min(widths) < 1:
        raise lines.error(f"the widths {widths} do not fit {n_inputs} inputs and {n_outputs} outputs")
    if sum(a * b for a, b in pairwise(widths)) > _MOST_ENTRIES:
        raise lines.error(f"a network with the widths {widths} is too large")
    lines.numbers("the flag", None)
    minima = lines.numbers("the minima", n_inputs)
    maxima = lines.numbers("the maxima", n_inputs)
    if any(a > b for a, b in zip(minima, maxima, strict=True)):
        raise lines.error("a minimum exceeds the maximum")
    means = lines.numbers("the means", n_inputs + 1)
    ranges = lines.numbers("the ranges", n_inputs + 1)
    if min(ranges) <= 0:
        raise lines.error(f"the range {min(ranges)} is not positive")
    maps = []
    for number, (before, after) in enumerate(pairwise(widths)):
        rows = [lines.numbers(f"row {k} of the weights of layer {number}", before) for k in range(after)]
        biases = [lines.numbers(f"bias {k} of layer {number}", 1)[0] for k in range(after)]
        maps.append(AffineMap.from_parts(rows, biases))
    lines.require_end()
    return NnetFile(
        tuple(maps), tuple(minima), tuple(maxima), tuple(means[:-1]), tuple(ranges[:-1]), means[-1], ranges[-1]
    )


def _diagonal(factors: list[Fraction], offsets: list[Fraction]) -> AffineMap:
    """The map t -> factors · t + offsets, entry by entry."""
    n = len(factors)
    return AffineMap.from_parts([[factors[i] if i == j else 0 for j in range(n)] for i in range(n)], offsets)


class _Lines:
    """The lines of the file that are not comments, read one after the other."""

    def __init__(self, text: str, source: str) -> None:
        self._source = source
        self._number = 0
        self._lines: Iterator[tuple[int, str]] = (
            (number, line)
            for number, line in enumerate(text.splitlines(), start=1)
            if line.strip() and not line.lstrip().startswith("//")
        )

    def error(self, message: str) -> FormatError:
        return FormatError(f"{self._source}: line {self._number}: {message}")

    def numbers(self, what: str, count: int | None) -> list[Fraction]:
        """The numbers of the next line, separated by commas, with or without one at the end."""
        following = next(self._lines, None)
        if following is None:
            raise self.error(f"the file ends where {what} should follow")
        self._number, line = following
        words = line.strip().removesuffix(",").split(",")
        try:
            found = [parse_rational(word) for word in words]
        except InputError as error:
            raise self.error(f"{what}: {error}") from None
        if count is not None and len(found) != count:
            raise self.error(f"{len(found)} numbers where {what} should be {count}")
        return found

    def integers(self, what: str, count: int) -> list[int]:
        found = self.numbers(what, count)
        if any(number.denominator != 1 for number in found):
            raise self.error(f"{what} must be integers")
        return [int(number) for number in found]

    def require_end(self) -> None:
        following = next(self._lines, None)
        if following is not None:
            self._number = following[0]
            raise self.error("the network is complete, but the file goes on")
