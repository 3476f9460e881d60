"""The folder is self-contained: standard library only, short core, runs alone when copied out, right exit codes."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import exactrelu.checker
from exactrelu.checker.__main__ import main
from tests.checker.examples import NETS
from tests.checker.writer import box, certificate, text_lines

FOLDER = Path(exactrelu.checker.__file__).parent


def test_only_the_standard_library_is_imported() -> None:
    """Every absolute import names a standard module; every relative one stays in the folder."""
    own = {path.stem for path in FOLDER.glob("*.py")}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert all(alias.name.split(".")[0] in sys.stdlib_module_names for alias in node.names), path
            elif isinstance(node, ast.ImportFrom) and node.level:
                assert node.level == 1, path
                assert node.module in own if node.module else {alias.name for alias in node.names} <= own, path
            elif isinstance(node, ast.ImportFrom):
                assert str(node.module).split(".")[0] in sys.stdlib_module_names, path


def test_no_module_hides_a_standard_one() -> None:
    """The folder is the first entry of sys.path when it is run alone, so its names must be its own."""
    assert not {path.stem for path in FOLDER.glob("[!_]*.py")} & sys.stdlib_module_names


def test_the_core_is_short() -> None:
    """Under 500 lines, so that it can be read in one sitting."""
    assert len((FOLDER / "core.py").read_text(encoding="utf-8").splitlines()) < 500


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate file and its network file."""
    net = NETS["three lines"]
    (tmp_path / "net.json").write_bytes(net.to_bytes())
    lines = text_lines(certificate(net, box((-1, 1), (-1, 1)), "half-open"))
    (tmp_path / "cert.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "cert.jsonl", tmp_path / "net.json"


def test_a_copy_of_the_folder_runs_alone(tmp_path: Path, files: tuple[Path, Path]) -> None:
    """`python checker CERT NET` with an isolated interpreter without site-packages, from another directory."""
    copy = tmp_path / "elsewhere" / "checker"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(copy), *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good = run(*files)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("valid: exactly 5 configurations (half-open) of 3 units on the domain box")
    bad = run(files[0], files[0])
    assert (bad.returncode, bad.stderr) == (1, "")
    assert bad.stdout == "invalid: line 1: the certificate is about another network file: the SHA-256 sums differ\n"
    assert run(tmp_path / "none", files[1]).returncode == 2
    assert run().returncode == 2


def test_the_package_form_gives_the_same_answer(files: tuple[Path, Path], repository: Path) -> None:
    """`python -m exactrelu.checker CERT NET`."""
    command = [sys.executable, "-m", "exactrelu.checker", *map(str, files)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("valid: ")


def test_a_truncated_file_is_rejected_at_every_line(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is cut off, the exit status is 1 and there is one line with the reason; only the last newline may go."""
    text = files[0].read_text(encoding="utf-8")
    for end in {0, 1, *range(2, len(text) - 1, 37), len(text) - 2}:
        files[0].write_text(text[:end], encoding="utf-8")
        assert main([str(f) for f in files]) == 1
        captured = capsys.readouterr()
        assert captured.out.startswith("invalid: line ")
        assert (captured.out.count("\n"), captured.err) == (1, "")
    files[0].write_text(text[:-1], encoding="utf-8")
    assert main([str(f) for f in files]) == 0


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage ends with status 2 and the usage text; --help with 0."""
    assert main([]) == 2
    assert main(["a", "b", "c"]) == 2
    assert "usage" in capsys.readouterr().err
    assert main(["--help"]) == 0
    assert "usage" in capsys.readouterr().out
