"""The public names are a list, the list is what the package exports, and each name is documented."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

import pytest

import exactrelu


def exported_names() -> set[str]:
    """Names without underscore that `import exactrelu` offers, submodules left out."""
    return {
        name
        for name in dir(exactrelu)
        if not name.startswith("_") and not isinstance(getattr(exactrelu, name), ModuleType) and name != "annotations"
    }


def undocumented(name: str, value: object) -> Iterator[str]:
    """Classes, functions and public methods among `value` that have no docstring of their own."""
    if inspect.isclass(value):
        # A dataclass without docstring gets its signature as one.
        if not value.__doc__ or value.__doc__.startswith(f"{value.__name__}("):
            yield name
        for attribute, member in vars(value).items():
            target = getattr(member, "__func__", member.fget if isinstance(member, property) else member)
            if not attribute.startswith("_") and inspect.isfunction(target) and not inspect.getdoc(target):
                yield f"{name}.{attribute}"
    elif inspect.isfunction(value) and not value.__doc__:
        yield name


def test_all_lists_exactly_the_exports() -> None:
    """`__all__` names every export once and nothing else (its order is kept by ruff's RUF022)."""
    assert len(exactrelu.__all__) == len(set(exactrelu.__all__))
    assert {name for name in exactrelu.__all__ if not name.startswith("_")} == exported_names()


def test_every_public_name_is_documented() -> None:
    """Every public class, function and method says what holds of its result."""
    missing = [gap for name in exactrelu.__all__ for gap in undocumented(name, getattr(exactrelu, name))]
    assert missing == []


def test_an_undocumented_name_is_caught() -> None:
    """The check above notices a bare function, a bare class and a bare method."""

    def bare() -> None: ...

    class Bare:
        def method(self) -> None: ...

    assert list(undocumented("bare", bare)) == ["bare"]
    assert list(undocumented("Bare", Bare)) == ["Bare", "Bare.method"]


def test_the_version_is_that_of_the_metadata() -> None:
    """`exactrelu.__version__`, where it exists, is the installed distribution's version."""
    try:
        installed = version("exactrelu")
    except PackageNotFoundError:
        pytest.skip("exactrelu is used from the source tree, not installed")
    assert getattr(exactrelu, "__version__", installed) == installed
