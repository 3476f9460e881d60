"""By what each worked example is reached: a theorem's instance, or a test.

    python tests/theorems/coverage_of_examples.py PATH_TO_worked-examples.json

prints a line for every entry of the file and exits with 1 if one is not reached.  An entry is reached

* by a theorem if one of its instances has the entry's id and, where the entry has a network, that very network; if the
  instance states exact answers, and the verdict, proved or refuted, has them;
* by a test if the entry's id stands as a string in a test function (or in its decorators), or in a table of that file
  that the function names.

The second is read off the syntax tree, so an id in a comment or a docstring does not count.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from exactrelu.networks.network import Network  # noqa: E402 - run as a script, the package is found by the line above
from exactrelu.theorems import THEOREMS  # noqa: E402

Entry = dict[str, Any]


def read_entries(path: Path) -> list[Entry]:
    """The entries of the file."""
    entries: list[Entry] = json.loads(path.read_text(encoding="utf-8"))["examples"]
    return entries


def network_of(entry: Entry) -> Network | None:
    """The network of an entry, a single layer with the identity as its output; None if it has none."""
    if "weights" in entry:
        return Network.from_weights(entry["weights"], entry["biases"])
    if "layer_weights" in entry:
        units = len(entry["layer_bias"])
        identity = [[int(i == j) for j in range(units)] for i in range(units)]
        return Network.from_weights([entry["layer_weights"], identity], [entry["layer_bias"], [0] * units])
    return None


def theorems_by_example(entries: list[Entry]) -> dict[str, list[str]]:
    """For every id the theorems that find the stated exact answers on an instance with the entry's network."""
    networks = {entry["id"]: network_of(entry) for entry in entries}
    found: dict[str, list[str]] = {name: [] for name in networks}
    for one in THEOREMS:
        for outcome in one.run_instances():
            name = outcome.instance.id
            decided = outcome.verdict.status != "not applicable" and outcome.disagreement is None
            if name not in networks or not decided or not outcome.instance.answers:
                continue
            network = networks[name]
            if network is None or network == outcome.instance.build():
                found[name].append(one.name)
    return {name: sorted(set(names)) for name, names in found.items()}


def strings_in(node: ast.AST) -> Iterator[str]:
    """Every string of a piece of source that is no docstring; formatted strings are left out."""
    docstrings = {
        id(inner.body[0].value)
        for inner in ast.walk(node)
        if isinstance(inner, (ast.FunctionDef, ast.ClassDef, ast.Module))
        and inner.body
        and isinstance(inner.body[0], ast.Expr)
    }
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and id(inner) not in docstrings:
            yield inner.value


def functions_in(path: Path, names: set[str]) -> Iterator[tuple[str, str]]:
    """(id, function) for every test function of a file that has the id, itself or in a table it names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables: dict[str, set[str]] = {}
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    tables[target.id] = names & set(strings_in(statement.value))
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name.startswith("test_"):
            here = names & set(strings_in(statement))
            for inner in ast.walk(statement):
                if isinstance(inner, ast.Name):
                    here |= tables.get(inner.id, set())
            for name in sorted(here):
                yield name, statement.name


def tests_by_example(names: set[str]) -> dict[str, list[str]]:
    """For every id the tests that have it, as file::function."""
    found: dict[str, list[str]] = {name: [] for name in names}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path.name == "test_coverage_of_examples.py":
            continue
        for name, function in functions_in(path, names):
            found[name].append(f"{path.relative_to(ROOT)}::{function}")
    return found


def main(arguments: list[str]) -> int:
    """Print the table; 1 if an entry is not reached, 2 without a file."""
    if len(arguments) != 1:
        print("usage: python tests/theorems/coverage_of_examples.py PATH_TO_worked-examples.json", file=sys.stderr)
        return 2
    entries = read_entries(Path(arguments[0]))
    theorems, tests = theorems_by_example(entries), tests_by_example({entry["id"] for entry in entries})
    missing = []
    for entry in entries:
        name = entry["id"]
        if not theorems[name] and not tests[name]:
            missing.append(name)
        print(f"{name}: {', '.join([*theorems[name], *tests[name]]) or 'NOT REACHED'}")
    print(f"{len(entries) - len(missing)} of {len(entries)} entries are reached")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
