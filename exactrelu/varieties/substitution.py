"""Exact verification: a polynomial vanishes on a variety iff it becomes zero when the parametrisation is substituted.

The parametrisation may be restricted to a *slice*: in every layer the rows of one type are multiplied by an
invertible matrix that makes some square part of them (or as much of it as there are columns) the identity; the next
layer absorbs the inverse.  Almost all parameters can be brought to this form, so a polynomial that vanishes on the
slice's image vanishes on the variety. This leaves fewer variables and fewer terms.

Polynomials are given in the coordinates of `coordinates`: a dictionary from sorted tuples of variable numbers (row
* K + coordinate) to integers.  They are substituted in Horner form along common prefixes, with integer polynomials
of python-flint; nothing is rounded or reduced modulo a prime.  Cost: one polynomial product per distinct prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint

from exactrelu.varieties.coordinates import Coordinates
from exactrelu.varieties.parametrisation import Parametrisation

__all__ = ["Polynomial", "Substitution"]

Polynomial = Mapping[tuple[int, ...], int]


@dataclass(frozen=True)
class Substitution:
    """The coordinates of a variety as polynomials in the parameters of a slice."""

    coordinates: Coordinates

    @cached_property
    def _slice(self) -> dict[tuple[int, int, int], int]:
        """Parameters with a fixed value: rows of one type get an identity in columns that they can see."""
        blocks = self.coordinates.structure.blocks
        masks = Parametrisation(blocks).masks
        fixed: dict[tuple[int, int, int], int] = {}
        for layer, types in enumerate(self.coordinates.structure.activation_types()):
            for vector, neurons in types:
                on = [i for i, bit in enumerate(vector) if bit]
                width = blocks.architecture.widths[layer]
                columns = [b for b in range(width) if layer == 0 or any(masks[i][layer - 1][b] for i in on)]
                # With fewer columns than neurons the rest of the rows become zero there: full column rank is generic.
                for position, neuron in enumerate(neurons):
                    for other, column in enumerate(columns[: len(neurons)]):
                        fixed[layer, neuron, column] = int(position == other)
        return fixed

    @cached_property
    def images(self) -> tuple[Any, ...]:
        """The polynomial of every variable row * K + coordinate."""
        blocks = self.coordinates.structure.blocks
        phi = Parametrisation(blocks)
        free = [p for p in phi.parameters if p not in self._slice]
        context = flint.fmpz_mpoly_ctx.get([f"w{a}_{b}_{c}" for a, b, c in free] or ["w"], flint.Ordering.degrevlex)
        zero, one = context.constant(0), context.constant(1)
        variables = dict(zip(free, context.gens(), strict=False))
        widths = blocks.architecture.widths
        weights = []
        for layer in range(len(widths) - 1):
            rows = [
                [
                    variables[layer, a, b] if (layer, a, b) in variables else zero + self._slice[layer, a, b]
                    for b in range(phi.extended_widths[layer])
                ]
                for a in range(widths[layer + 1])
            ]
            if blocks.architecture.bias and layer < len(widths) - 2:
                rows.append([zero] * (phi.extended_widths[layer] - 1) + [one])
            weights.append(rows)
        joined: list[list[Any]] = [[] for _ in range(widths[-1])]
        for i in range(blocks.n_blocks):
            value = [[zero + entry for entry in row] for row in phi.inputs[i]]
            for layer, matrix in enumerate(weights):
                value = [[_inner(row, column, zero) for column in zip(*value, strict=True)] for row in matrix]
                if layer < len(weights) - 1:
                    mask = phi.masks[i][layer]
                    value = [row if bit else [zero] * len(row) for bit, row in zip(mask, value, strict=True)]
            for line, row in zip(joined, value, strict=True):
                line.extend(row)
        return tuple(
            sum((entry * a for entry, a in zip(line, form, strict=True) if a), zero)
            for line in joined
            for form in self.coordinates.forms
        )

    def substitute(self, polynomial: Polynomial) -> Any:
        """Return the polynomial in the parameters; zero proves that the argument vanishes on the variety."""
        return self._horner(sorted(polynomial.items()), 0)

    def vanishes(self, polynomial: Polynomial) -> bool:
        """Whether the polynomial is an equation of the variety: proved either way.

        >>> from exactrelu.varieties.blocks import Blocks
        >>> from exactrelu.varieties.type_paths import TypeStructure
        >>> slice_ = Substitution(Coordinates(TypeStructure(Blocks.of((2, 1, 2), "1"))))
        >>> slice_.vanishes({(0, 3): 1, (1, 2): -1}), slice_.vanishes({(0, 3): 1, (1, 2): 1})
        (True, False)
        """
        return bool(self.substitute(polynomial) == 0)

    def _horner(self, terms: list[tuple[tuple[int, ...], int]], depth: int) -> Any:
        """Sum of coefficient times product over the positions from `depth` on; terms share the positions before."""
        total = self._zero
        start = 0
        while start < len(terms):
            monomial, coefficient = terms[start]
            if len(monomial) == depth:
                total = total + coefficient
                start += 1
                continue
            head = monomial[depth]
            end = start
            while end < len(terms) and len(terms[end][0]) > depth and terms[end][0][depth] == head:
                end += 1
            total = total + self.images[head] * self._horner(terms[start:end], depth + 1)
            start = end
        return total

    @cached_property
    def _zero(self) -> Any:
        return self.images[0] * 0 if self.images else flint.fmpz(0)


def _inner(row: list[Any], column: tuple[Any, ...], zero: Any) -> Any:
    total = zero
    for a, b in zip(row, column, strict=True):
        if a != 0 and b != 0:
            total = total + a * b
    return total
