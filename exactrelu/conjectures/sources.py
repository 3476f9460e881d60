"""Source of a test module that makes a statement available: imported if possible, otherwise copied with what it uses.

A function of a module is imported, also if the module knows it as a `Conjecture`.  A function that was defined
interactively, in a script or inside another function is copied without its decorators, and for each of its global and
closed-over names there is a line: an import, a literal, the copy of another such function, or a comment that says
that the name must be defined.  Bound methods, lambdas and objects with `__call__` cannot be copied; a place is left
for them.

Names are found in the syntax tree, so a local variable may cause an import that nobody needs.  Names that are made at
run time are not seen.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from textwrap import dedent
from types import FunctionType, ModuleType

__all__ = ["StatementSource", "statement_source"]

_INTERACTIVE = (None, "__main__", "builtins")
_LITERALS = (bool, int, str, type(None))


@dataclass(slots=True)
class StatementSource:
    """Parts for the top of a test: lines that import, then definitions in the order in which they are needed."""

    imports: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)


def statement_source(statement: Callable[..., object], name: str) -> StatementSource:
    """Return what makes the statement available under its name.

    >>> statement_source(statement_source, "statement_source").imports
    ['from exactrelu.conjectures.sources import statement_source']
    >>> print(*statement_source(lambda network: True, "statement").definitions, sep="")
    def statement(network):
        raise NotImplementedError("write the statement statement here")
    """
    module = getattr(statement, "__module__", None)
    if module not in _INTERACTIVE:
        known = getattr(sys.modules.get(module or ""), name, None)
        # A decorated function is known to its module as the Conjecture that has it.
        if known is statement or getattr(known, "statement", None) is statement:
            return StatementSource([f"from {module} import {name}"])
    found = StatementSource()
    if not (isinstance(statement, FunctionType) and statement.__name__ == name and _copy(statement, found, set())):
        found.definitions = [f'def {name}(network):\n    raise NotImplementedError("write the statement {name} here")']
    return found


def _copy(function: FunctionType, found: StatementSource, seen: set[str]) -> bool:
    """Append the function after all that it uses; False if its source cannot be read."""
    node, text = _definition(function)
    if node is None:
        return False
    seen.add(function.__name__)
    values = {**function.__globals__, **_closed_over(function)}
    for name in dict.fromkeys(part.id for part in ast.walk(node) if isinstance(part, ast.Name)):
        if name in values and name not in seen:
            seen.add(name)
            _define(name, values[name], found, seen)
    found.definitions.append(text)
    return True


def _definition(function: FunctionType) -> tuple[ast.FunctionDef | None, str]:
    """The syntax tree and the source of a function, without its decorators; None for a lambda or without a source."""
    try:
        source = dedent(inspect.getsource(function))
        node = ast.parse(source).body[0]
    except (OSError, TypeError, SyntaxError):
        return None, ""
    if not isinstance(node, ast.FunctionDef) or node.name != function.__name__:
        return None, ""
    node.decorator_list = []
    # `lineno` is the line of "def", below the decorators.
    return node, "\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])


def _closed_over(function: FunctionType) -> dict[str, object]:
    """The variables of enclosing functions that have a value by now."""
    values = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            values[name] = cell.cell_contents
        except ValueError:
            continue
    return values


def _define(name: str, value: object, found: StatementSource, seen: set[str]) -> None:
    """Append what gives the name its value."""
    line = _import(name, value)
    if line is not None:
        found.imports.append(line)
    elif type(value) in _LITERALS:
        found.definitions.append(f"{name} = {value!r}")
    elif isinstance(value, Fraction):
        found.imports.append("from fractions import Fraction")
        found.definitions.append(f"{name} = {value!r}")
    elif not (isinstance(value, FunctionType) and value.__name__ == name and _copy(value, found, seen)):
        found.definitions.append(f"# {name} must be defined here")


def _import(name: str, value: object) -> str | None:
    """The line that imports the value under the name; None if no module has it."""
    if isinstance(value, ModuleType):
        return f"import {name}" if value.__name__ == name else f"import {value.__name__} as {name}"
    own = getattr(value, "__name__", None)
    # What exactrelu exports is imported from there; `__module__` is where it happens to be written.
    for module in ("exactrelu", getattr(value, "__module__", None)):
        if module in _INTERACTIVE or not isinstance(own, str):
            continue
        if getattr(sys.modules.get(module or ""), own, None) is value:
            return f"from {module} import {own}" + ("" if own == name else f" as {name}")
    return None
