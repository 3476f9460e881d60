"""Architectures and activation patterns: the combinatorial input of a variety.

An *architecture* is the list of widths n_0, ..., n_L of a fully connected ReLU network with L weight matrices, the
last one linear, with or without biases.  A *pattern* says for every hidden neuron whether it is on (1) or off (0);
it belongs to one block of inputs. Text form: hidden layers separated by ".", blocks by "|", so "111.11|011.11" is
two blocks of a network with two hidden layers.

With biases every layer gets one more unit that is always 1, and the last row of every hidden matrix is fixed to (0,
..., 0, 1); the
*extended* widths count it.  Nothing here is computed: see `parametrisation` and `type_paths`.

Source: [AM25]; the conventions of its companion code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exactrelu.errors import InputError, ShapeError

__all__ = ["Architecture", "Pattern", "parse_patterns", "parse_widths"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """Widths (n_0, ..., n_L), L >= 1, and whether the layers have biases.

    Raises:
        InputError: fewer than two widths, or a width below 1.

    >>> Architecture((3, 4, 3)).n_parameters, Architecture((1, 2, 1), bias=True).n_parameters
    (24, 7)
    """

    widths: tuple[int, ...]
    bias: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        if len(self.widths) < 2:
            raise InputError(f"widths has {len(self.widths)} entries; pass at least the input and the output dimension")
        for width in self.widths:
            if type(width) is not int or width < 1:
                raise InputError(f"widths contains {width!r}; every width is an integer of at least 1")

    @property
    def n_layers(self) -> int:
        """L, the number of weight matrices."""
        return len(self.widths) - 1

    @property
    def hidden(self) -> tuple[int, ...]:
        """Widths of the hidden layers."""
        return self.widths[1:-1]

    @property
    def n_outputs(self) -> int:
        """n_L, the number of rows of every block matrix."""
        return self.widths[-1]

    @property
    def n_columns(self) -> int:
        """Number of columns of a block matrix: n_0, and one more for the intercept if there are biases."""
        return self.widths[0] + self.bias

    @property
    def n_parameters(self) -> int:
        """Number of weights and biases."""
        return sum(after * (before + self.bias) for before, after in zip(self.widths, self.widths[1:], strict=False))

    def __str__(self) -> str:
        return "-".join(map(str, self.widths)) + (" with biases" if self.bias else "")


@dataclass(frozen=True, slots=True, order=True)
class Pattern:
    """One string of 0 and 1 for every hidden layer: which neurons are on.

    >>> Pattern.parse("110.01").masks, str(Pattern(("110", "01")))
    (('110', '01'), '110.01')
    >>> Pattern.parse("12")
    Traceback (most recent call last):
    exactrelu.errors.InputError: a pattern is written with 0, 1 and '.' between layers; got '12'
    """

    masks: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "masks", tuple(self.masks))
        if any(set(mask) - {"0", "1"} for mask in self.masks):
            raise InputError(f"a pattern is written with 0, 1 and '.' between layers; got {str(self)!r}")

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read "110.01"; empty text is the pattern of a network without hidden layers."""
        stripped = text.strip()
        return cls(tuple(part.strip() for part in stripped.split("."))) if stripped else cls(())

    @classmethod
    def from_bits(cls, layers: Sequence[Sequence[int]]) -> Pattern:
        """Return the pattern with the given bits, layer by layer."""
        return cls(tuple("".join(str(int(bit)) for bit in layer) for layer in layers))

    def require_fit(self, architecture: Architecture) -> None:
        """Raise ShapeError unless there is one bit for every hidden neuron."""
        lengths = tuple(map(len, self.masks))
        if lengths != architecture.hidden:
            raise ShapeError(
                f"pattern {str(self)!r} has layers of {list(lengths)} bits; "
                f"the hidden widths are {list(architecture.hidden)}"
            )

    def is_on(self, layer: int, neuron: int) -> bool:
        """Whether neuron `neuron` of hidden layer `layer` (both from 0) is on."""
        return self.masks[layer][neuron] == "1"

    def counts(self) -> tuple[int, ...]:
        """Number of neurons that are on, for every hidden layer."""
        return tuple(mask.count("1") for mask in self.masks)

    def __str__(self) -> str:
        return ".".join(self.masks)


def parse_patterns(text: str) -> tuple[Pattern, ...]:
    """Read patterns separated by "|".

    >>> [str(pattern) for pattern in parse_patterns("11.10 | 10.10")]
    ['11.10', '10.10']
    """
    return tuple(Pattern.parse(part) for part in text.split("|"))


def parse_widths(text: str) -> tuple[int, ...]:
    """Read widths separated by commas or dashes.

    Raises:
        InputError: something else than digits stands there.

    >>> parse_widths("3,4,3")
    (3, 4, 3)
    """
    parts = text.replace("-", ",").split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise InputError(f"widths are integers separated by commas; got {text!r}")
    return tuple(int(part) for part in parts)
