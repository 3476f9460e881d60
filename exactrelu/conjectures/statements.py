"""What it means that a statement holds for a network.

A statement is a callable Network -> object.  It fails if it raises AssertionError or returns something false other
than None: so both `return count % 2 == 0` and `assert count % 2 == 0, count` may be written, and an answer with
evidence whose truth value is False is kept as the evidence.  Any other exception is an error in the statement; it
goes to the caller, with a note that says for which network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from exactrelu.networks.activations import RELU
from exactrelu.networks.network import Network

__all__ = ["Statement", "find_failure", "holds", "network_source"]

Statement = Callable[[Network], object]


def holds(statement: Statement, network: Network) -> bool:
    """Whether the statement holds for the network.

    Example:
        >>> absolute = Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]])
        >>> holds(lambda network: network([-1]) == (1,), absolute), holds(lambda network: network.n_units < 2, absolute)
        (True, False)
    """
    return find_failure(statement, network) is None


def find_failure(statement: Statement, network: Network) -> str | None:
    """Return the evidence that the statement fails, None if it holds."""
    try:
        answer = statement(network)
    except AssertionError as failure:
        return str(failure) or "an assertion failed"
    except Exception as error:
        error.add_note(f"the statement raised this for {network_source(network)}")
        raise
    return None if answer is None or answer else f"the statement returned {answer!r}"


def network_source(network: Network) -> str:
    """Return Python source that builds the network: Network.from_weights(...).

    >>> print(network_source(Network.from_weights([[["1/2"]], [[1]]], [[0], [-3]])))
    Network.from_weights([[['1/2']], [[1]]], [[0], [-3]])
    """
    weights = [_source([_source(row) for row in affine.linear]) for affine in network.affine_maps]
    biases = [_source(affine.offset) for affine in network.affine_maps]
    text = f"Network.from_weights({_source(weights)}, {_source(biases)}"
    if any(activation != RELU for layer in network.hidden for activation in layer.activations):
        layers = [
            _source([f"Activation.of({_source([a.negative, a.positive])})" for a in layer.activations])
            for layer in network.hidden
        ]
        text += f", activations={_source(layers)}"
    return text + ")"


def _source(items: Sequence[object]) -> str:
    """A list: texts are source already, integers stand as they are, other rationals are quoted."""
    shown = [
        item if isinstance(item, str) else str(item) if "/" not in str(item) else repr(str(item)) for item in items
    ]
    return f"[{', '.join(shown)}]"
