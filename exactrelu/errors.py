"""Every exception that exactrelu raises on purpose.

One base class, one class per kind of mistake; each is also the built-in exception that a Python user would expect, so
`except ValueError` keeps working.  *Infeasible*, *unbounded* and *empty* are answers, not errors: they are values with
evidence.  A certificate that does not hold is not an exception either: the checker returns the first reason.
"""

from __future__ import annotations

__all__ = [
    "BudgetExceeded",
    "DomainError",
    "ExactReluError",
    "FormatError",
    "InexactNumberError",
    "InputError",
    "InvariantError",
    "MissingExtraError",
    "NotPiecewiseLinearError",
    "QueryFormatError",
    "ShapeError",
]


class ExactReluError(Exception):
    """Base of all errors of this package; catch it to catch them all."""


class InputError(ExactReluError, ValueError):
    """An argument has a value that the function does not accept; the message names it and says what would do."""


class ShapeError(InputError):
    """Lengths or dimensions do not fit together; the message gives both numbers."""


class InexactNumberError(InputError, TypeError):
    """A binary float stands where an exact number is needed.

    Pass an integer, a Fraction or text such as "1/10"; or ask for the float's exact dyadic value with
    `exact_floats=True`.
    """


class DomainError(InputError):
    """The set of inputs does not fit the question: wrong dimension, empty, or unbounded where a volume is asked."""


class FormatError(InputError):
    """A file cannot be read as what it should be; the message says where (line and column, key, or graph node)."""


class QueryFormatError(FormatError):
    """A query file is not what it should be, at `line` and `column` (from 1); the message begins file:line:column."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class NotPiecewiseLinearError(FormatError):
    """The network in a file is not continuous and piecewise linear: the message names the node and its operator.

    A sigmoid, a tanh or a softmax has no exact representation here; often the network without its last such operator
    answers the same question, since sigmoid and softmax keep the order of the outputs.
    """


class BudgetExceeded(ExactReluError, RuntimeError):  # noqa: N818 - a budget ends a run, it is not a defect
    """A step, time or size limit was reached before the answer; `progress` holds what was found until then."""

    def __init__(self, message: str, progress: object = None) -> None:
        super().__init__(message)
        self.progress = progress


class MissingExtraError(ExactReluError, ImportError):
    """An optional dependency is not installed; the message gives the pip command."""


class InvariantError(ExactReluError, AssertionError):
    """A defect of exactrelu itself: something proved impossible has happened.  Please report it with the input."""
