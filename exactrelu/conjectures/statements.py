"""What it means that a statement holds for a network.

A statement is a callable Network -> object.  It fails if it raises AssertionError or returns something false other
than None: so both `return count % 2 == 0` and `assert count % 2 == 0, count` may be written, and an answer with
evidence whose truth value is False is kept as the evidence.  Any other exception is an error in the statement; it
goes to the caller, with a note that says for which network.
"""

from __future__ import annotations

from collections.abc import Callable

from exactrelu.networks.network import Network
from exactrelu.networks.source import network_source

__all__ = ["Statement", "find_failure", "holds"]

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
