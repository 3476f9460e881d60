"""Rules about the text of the files: short modules that say what they are, no loose ends, no private paths."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = (".ci", "benchmarks", "docs", "examples", "exactrelu", "proofs", "tests")
MAXIMUM_LINES = 500
BUILT = {".aux", ".glob", ".vo", ".vok", ".vos", ".pyc"}

# One letter stands in brackets, so that this file does not contain what it looks for.
PRIVATE_PATHS = [re.compile(path) for path in (rb"/[w]ork/", rb"/[t]mp/w\b", rb"/[h]ome/\w", rb"/[r]oot/")]
LOOSE_ENDS = re.compile(rb"\b(?:T[O]DO|F[I]XME|X[X]X)\b")
MARKDOWN_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")


def committed_files(root: Path) -> Iterator[Path]:
    """Every file of the source tree, caches and environments left out."""
    for path in sorted(root.iterdir()):
        if path.is_file():
            yield path
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix not in BUILT:
                yield path


def package_modules(root: Path) -> list[Path]:
    """Every Python file of the package."""
    return sorted((root / "exactrelu").rglob("*.py"))


def offending(root: Path, *patterns: re.Pattern[bytes]) -> list[str]:
    """File and text of every match of a pattern."""
    return [
        f"{path.relative_to(root)}: {match.group().decode()}"
        for path in committed_files(root)
        for pattern in patterns
        for match in pattern.finditer(path.read_bytes())
    ]


def has_docstring(source: str) -> bool:
    """Whether a module opens with a docstring."""
    return ast.get_docstring(ast.parse(source)) is not None


def test_no_file_names_a_private_path(repository: Path) -> None:
    """No file points into somebody's machine."""
    assert offending(repository, *PRIVATE_PATHS) == []


def test_no_loose_ends(repository: Path) -> None:
    """What remains to be done stands in an issue, not in the source."""
    assert offending(repository, LOOSE_ENDS) == []


def test_modules_are_short(repository: Path) -> None:
    """One concept, one file: no module of the package reaches 500 lines."""
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in package_modules(repository)}
    assert [f"{path.relative_to(repository)}: {n}" for path, n in lengths.items() if n >= MAXIMUM_LINES] == []


def test_modules_open_with_a_docstring(repository: Path) -> None:
    """Every module that holds anything says first what it computes."""
    sources = {path: path.read_text(encoding="utf-8") for path in package_modules(repository)}
    bare = [path for path, source in sources.items() if source.strip() and not has_docstring(source)]
    assert [str(path.relative_to(repository)) for path in bare] == []


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    """Every relative link of a Markdown file names an existing file."""
    broken = [
        f"{path.relative_to(repository)}: {target}"
        for path in committed_files(repository)
        if path.suffix == ".md"
        for target in MARKDOWN_LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("text", ["see /_work/x", "/_tmp/w", "# T_ODO later", "FI_XME"])
def test_the_patterns_catch_what_they_forbid(tmp_path: Path, text: str) -> None:
    """A planted path or loose end is found, once."""
    (tmp_path / "note.md").write_text(text.replace("_", ""), encoding="utf-8")
    assert len(offending(tmp_path, *PRIVATE_PATHS, LOOSE_ENDS)) == 1


def test_a_module_string_after_the_imports_is_no_docstring() -> None:
    """The docstring rule is about the first statement."""
    assert has_docstring('"""What it is."""\nimport math')
    assert not has_docstring('import math\n"""Too late."""')
