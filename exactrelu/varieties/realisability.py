"""Do some parameters have the given patterns on the given inputs?  Exact linear programs, one per neuron.

For the first hidden layer neuron j needs a weight vector v with v · x > 0 on the inputs where it is on and v · x <
0 where it is off (biases: one more coordinate 1).  These are independent systems of strict inequalities, decided
over Q with a witness or a Farkas certificate.  For one hidden layer that is the whole answer.

For deeper networks an infeasible first layer refutes; otherwise the question is bilinear.  Then weights of earlier
layers are sampled, and the next layer is again a linear program for given earlier ones.  A success is a proof (the
parameters are returned and can be evaluated); failures prove nothing, and the answer is `Undetermined`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactrelu.errors import InputError
from exactrelu.exact.matrices import Vector
from exactrelu.lp import FarkasCertificate, Feasible, Infeasible, LinearSystem, decide
from exactrelu.networks.network import Network
from exactrelu.varieties.blocks import Blocks, pattern_at

__all__ = ["Realisable", "Undetermined", "Unrealisable", "decide_realisability"]


@dataclass(frozen=True, slots=True)
class Realisable:
    """A network of the architecture that has the patterns on all inputs."""

    network: Network

    def defect(self, blocks: Blocks) -> str | None:
        """Return why the network does not have the patterns, or None; evaluates it on every input."""
        for index, (inputs, pattern) in enumerate(zip(_required(blocks), blocks.patterns, strict=True)):
            for column in inputs:
                try:
                    found = pattern_at(self.network, column)
                except InputError as error:
                    return str(error)
                if found != pattern:
                    return f"an input of block {index} has pattern {found}, not {pattern}"
        return None


@dataclass(frozen=True, slots=True)
class Unrealisable:
    """A neuron of the first hidden layer that has no weights: its system, and the multipliers that refute it."""

    neuron: int
    system: LinearSystem
    certificate: FarkasCertificate

    def defect(self) -> str | None:
        """Return why the multipliers do not refute the system, or None."""
        return self.certificate.defect(self.system)


@dataclass(frozen=True, slots=True)
class Undetermined:
    """Neither found nor refuted: after this many samples of the earlier layers, `layer` (from 0) had no weights."""

    attempts: int
    layer: int


def decide_realisability(
    blocks: Blocks, *, seed: int = 0, attempts: int = 50
) -> Realisable | Unrealisable | Undetermined:
    """Decide whether some parameters have the patterns on the inputs; for deep networks the answer may stay open.

    Args:
        blocks: with inputs.
        seed: of the samples, for more than one hidden layer.
        attempts: number of samples.

    Raises:
        InputError: blocks without inputs.

    >>> blocks = Blocks.of((1, 1, 1), "1|0", inputs=[[[1]], [[2]]])
    >>> answer = decide_realisability(blocks)
    >>> answer.neuron, answer.certificate.multipliers
    (0, (Fraction(2, 1), Fraction(1, 1)))
    >>> decide_realisability(Blocks.of((1, 1, 1), "1|0", inputs=[[[1]], [[-2]]])).network.affine_maps[0].linear
    ((Fraction(1, 1),),)
    """
    columns = _required(blocks)
    chance = random.Random(seed)
    deepest = 0
    n_tries = attempts if len(blocks.architecture.hidden) > 1 else 1
    for attempt in range(n_tries):
        weights: list[list[Vector]] = []
        values = [list(inputs) for inputs in columns]
        for layer in range(len(blocks.architecture.hidden)):
            found = _layer_weights(blocks, values, layer, chance if attempt else None)
            if isinstance(found, Unrealisable):
                if layer == 0:
                    return found
                deepest = max(deepest, layer)
                break
            weights.append(found)
            values = [
                [
                    tuple(
                        Fraction(0)
                        if not blocks.patterns[i].is_on(layer, j)
                        else _affine(row, x, blocks.architecture.bias)
                        for j, row in enumerate(found)
                    )
                    for x in inputs
                ]
                for i, inputs in enumerate(values)
            ]
        else:
            return Realisable(_network(blocks, weights))
    return Undetermined(n_tries, deepest)


def _required(blocks: Blocks) -> list[list[Vector]]:
    """The inputs of every block as vectors."""
    if blocks.inputs is None:
        raise InputError("the blocks have no inputs; realisability is a question about inputs")
    return [list(matrix.transpose().to_fractions()) for matrix in blocks.inputs]


def _layer_weights(
    blocks: Blocks, values: Sequence[Sequence[Vector]], layer: int, chance: random.Random | None
) -> list[Vector] | Unrealisable:
    """Weights [w | b] for every neuron of a layer, given what the layer before puts out; random margins if sampling."""
    rows: list[Vector] = []
    width = len(values[0][0]) + blocks.architecture.bias
    for neuron in range(blocks.architecture.hidden[layer]):
        signed = []
        for i, inputs in enumerate(values):
            sign = -1 if blocks.patterns[i].is_on(layer, neuron) else 1
            for x in inputs:
                full = (*x, Fraction(1)) if blocks.architecture.bias else x
                signed.append([sign * a for a in full])
        strict = LinearSystem.from_rows([(row, "<", 0) for row in signed], dimension=width)
        answer = decide(strict)
        if isinstance(answer, Infeasible):
            return Unrealisable(neuron, strict, answer.certificate)
        if chance is not None:
            # A strictly feasible homogeneous system stays feasible with any margins, by scaling.
            margins = LinearSystem.from_rows([(row, "<=", -chance.randint(1, 30)) for row in signed], dimension=width)
            wider = decide(margins)
            answer = wider if isinstance(wider, Feasible) else answer
        assert isinstance(answer, Feasible)
        rows.append(answer.witness.point)
    return rows


def _affine(row: Vector, x: Vector, bias: bool) -> Fraction:
    total = sum((a * b for a, b in zip(row, x, strict=False)), Fraction(0))
    return total + row[-1] if bias else total


def _network(blocks: Blocks, weights: Sequence[Sequence[Vector]]) -> Network:
    """The network with these hidden layers and ones in the output layer."""
    bias = blocks.architecture.bias
    matrices = [[row[:-1] if bias else row for row in layer] for layer in weights]
    offsets = [[row[-1] if bias else Fraction(0) for row in layer] for layer in weights]
    widths = blocks.architecture.widths
    matrices.append([(Fraction(1),) * widths[-2]] * widths[-1])
    offsets.append([Fraction(0)] * widths[-1])
    return Network.from_weights(matrices, offsets)
