"""What is installed is complete, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

IMPORT_NAME = {"python-flint": "flint"}
# Independent oracles under the GPL: tests may call them, the package may not.
FORBIDDEN = {"cdd", "cysignals", "gmpy2", "ppl"}


def metadata(root: Path) -> ConfigParser:
    """The parsed setup.cfg."""
    config = ConfigParser()
    config.read(root / "setup.cfg", encoding="utf-8")
    return config


def declared_imports(root: Path) -> set[str]:
    """Import names of the requirements in setup.cfg, extras included."""
    config = metadata(root)
    lines = config["options"]["install_requires"] + "\n" + "\n".join(config["options.extras_require"].values())
    names = {re.split(r"[<>=!;\[ ]", line, maxsplit=1)[0] for line in lines.split("\n") if line.strip()}
    return {IMPORT_NAME.get(name, name) for name in names}


def foreign_imports(root: Path) -> Iterator[tuple[str, str]]:
    """(file, top-level name) of every import in the package that is neither its own nor the standard library's."""
    for path in sorted((root / "exactrelu").rglob("*.py")):
        siblings = {other.stem for other in path.parent.glob("*.py")} if "checker" in path.parts else set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for top in {name.split(".")[0] for name in names} - {"exactrelu"} - siblings:
                if top not in sys.stdlib_module_names:
                    yield str(path.relative_to(root)), top


def test_every_folder_is_a_package(repository: Path) -> None:
    """setuptools finds packages by their `__init__.py`: a folder without one would be left out of the wheel."""
    folders = {path.parent for path in (repository / "exactrelu").rglob("*.py")}
    assert [str(folder.relative_to(repository)) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_type_marker_is_shipped(repository: Path) -> None:
    """`py.typed` exists and is package data, so that users' type checkers read our annotations."""
    assert (repository / "exactrelu" / "py.typed").exists()
    assert metadata(repository)["options.package_data"]["exactrelu"] == "py.typed"


def test_imports_are_declared(repository: Path) -> None:
    """Everything that the package imports is a requirement or belongs to an extra, and none of it is under the GPL."""
    allowed = declared_imports(repository) - FORBIDDEN
    assert [(path, name) for path, name in foreign_imports(repository) if name not in allowed] == []


def test_an_undeclared_import_is_caught(tmp_path: Path) -> None:
    """The check above sees a forbidden oracle inside a function and an import by a dotted name."""
    (tmp_path / "exactrelu").mkdir()
    (tmp_path / "exactrelu" / "lp.py").write_text(
        "def f():\n    import ppl\nfrom torch.nn import Linear\nimport math\n"
    )
    assert {name for _, name in foreign_imports(tmp_path)} == {"ppl", "torch"}
