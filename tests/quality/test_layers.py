"""Every module imports strictly lower layers, or its own package, and nothing else of exactrelu.

The table below is the architecture.  The test reads the source with `ast`, so an import inside a function or under
`TYPE_CHECKING` counts like any other, and no exception can be granted.  The checker stands apart: standard library and
its own files only, and only the outermost layer (the public names and the command line) may call it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "exactrelu"
LAYER = {
    "errors": 0,
    "whole_file": 0,
    "exact": 1,
    "lp": 2,
    "polyhedra": 3,
    "networks": 3,
    "regions": 4,
    "atoms": 4,
    "certificates": 5,
    "verification": 5,
    "varieties": 5,
    "representations": 5,
    "bounds": 5,
    "io": 6,
    "plot": 6,
    "report": 6,
    "theorems": 7,
    "strategies": 7,
    "conjectures": 8,
    "testing": 8,
    # The outermost layer, from the public names inwards out: nothing below may import any of the three.
    "": 9,
    "cli": 10,
    "__main__": 11,
}
CHECKER = "checker"


def source_modules(root: Path) -> dict[str, Path]:
    """Dotted name of every module under `root`, a package's `__init__` under the package's own name."""
    modules = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def imported_names(module: str, path: Path) -> Iterator[tuple[int, str, str | None]]:
    """Line, absolute module and imported name (None for `import x`) of every import statement."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                anchor = ".".join(parents[: len(parents) - node.level + 1])
                base = f"{anchor}.{base}" if base else anchor
            for alias in node.names:
                yield node.lineno, base, alias.name


def import_edges(root: Path) -> Iterator[tuple[str, int, str]]:
    """(importer, line, imported module) for every import; `from package import submodule` means the submodule."""
    modules = source_modules(root)
    for module, path in modules.items():
        for line, base, name in imported_names(module, path):
            submodule = f"{base}.{name}"
            yield module, line, submodule if name and submodule in modules else base


def part_of(module: str) -> str:
    """The package or module directly under exactrelu to which `module` belongs; "" for exactrelu itself."""
    return module.split(".")[1] if "." in module else ""


def layer_violations(root: Path) -> list[str]:
    """One sentence for every import that the architecture does not allow."""
    modules = source_modules(root)
    siblings = {name.rpartition(".")[2] for name in modules if part_of(name) == CHECKER}
    violations = [f"{name}: not in the layer table" for name in modules if part_of(name) not in {*LAYER, CHECKER}]
    for module, line, target in import_edges(root):
        inside = target.split(".")[0] == PACKAGE
        here, there = part_of(module), part_of(target)
        where = f"{module}:{line} imports {target}"
        if here == CHECKER:
            own = (inside and there == CHECKER) or target in siblings
            if not own and target.split(".")[0] not in sys.stdlib_module_names:
                violations.append(f"{where}: the checker is standard library only")
        elif inside and there == CHECKER:
            if here not in ("", "cli"):
                violations.append(f"{where}: only the outermost layer calls the checker")
        elif inside and (here != there or here == "") and not LAYER.get(there, 99) < LAYER.get(here, -1):
            violations.append(f"{where}: not a lower layer")
    return violations


def import_cycle(root: Path) -> list[str]:
    """Modules of one import cycle, or an empty list."""
    graph: dict[str, set[str]] = {}
    for module, _, target in import_edges(root):
        graph.setdefault(module, set()).add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def write_tree(root: Path, files: dict[str, str]) -> Path:
    """Write a small package to try the rules on."""
    for name, text in files.items():
        path = root / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_every_import_goes_down(repository: Path) -> None:
    """No module imports its own layer or a higher one, and the checker stands alone."""
    assert layer_violations(repository) == []


def test_no_import_cycles(repository: Path) -> None:
    """The import statements form an acyclic graph."""
    assert import_cycle(repository) == []


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("lp/simplex.py", "from exactrelu.networks import Network", "not a lower layer"),
        ("lp/simplex.py", "import exactrelu.networks", "not a lower layer"),
        ("lp/simplex.py", "def f():\n    from ..regions import tree", "not a lower layer"),
        ("polyhedra/cone.py", "from exactrelu.networks import Network", "not a lower layer"),
        ("networks/network.py", "from exactrelu.polyhedra import cone", "not a lower layer"),
        ("exact/matrix.py", "import exactrelu", "not a lower layer"),
        ("exact/matrix.py", "from .. import lp", "not a lower layer"),
        ("__init__.py", "from exactrelu.cli import main", "not a lower layer"),
        ("novelty/thing.py", "import math", "not in the layer table"),
        ("regions/tree.py", "from exactrelu.checker import core", "only the outermost layer"),
        ("checker/core.py", "from exactrelu.exact import matrix", "standard library only"),
        ("checker/core.py", "import numpy", "standard library only"),
    ],
)
def test_a_forbidden_import_is_caught(tmp_path: Path, file: str, text: str, reason: str) -> None:
    """Each rule rejects a tree that breaks it, at the one line that does."""
    (violation,) = layer_violations(write_tree(tmp_path, {file: text}))
    assert reason in violation


def test_an_allowed_tree_passes(tmp_path: Path) -> None:
    """Downward imports, imports inside a package and the command line's call of the checker are fine."""
    files = {
        "__init__.py": "from exactrelu.regions.tree import x",
        "__main__.py": "from exactrelu.cli import main",
        "cli.py": "import exactrelu\nfrom exactrelu.checker import core\nimport argparse",
        "regions/tree.py": "from exactrelu.regions.node import y\nfrom exactrelu.lp import z\nimport numpy",
        "regions/node.py": "from . import notion",
        "regions/notion.py": "",
        "checker/core.py": "from . import rows\nimport json",
        "checker/rows.py": "from fractions import Fraction",
    }
    assert layer_violations(write_tree(tmp_path, files)) == []
    assert import_cycle(tmp_path) == []


def test_a_cycle_inside_a_package_is_caught(tmp_path: Path) -> None:
    """Two modules of one package that import each other are a cycle, though no layer is broken."""
    files = {"lp/a.py": "from exactrelu.lp.b import x", "lp/b.py": "from exactrelu.lp import a"}
    assert set(import_cycle(write_tree(tmp_path, files))) == {"exactrelu.lp.a", "exactrelu.lp.b"}
