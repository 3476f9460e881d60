"""Rocq's compiler, and the proofs compiled once for all tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

needs_coqc = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="there is no coqc here; Debian: apt-get install coq"
)


def coqc(folder: Path, name: str, library: Path = Path()) -> subprocess.CompletedProcess[str]:
    """Compile one file."""
    command = ["coqc", "-Q", str(library), "ExactReLU", name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def outcomes_of_mutant(compiled: Path, folder: Path, mutant: tuple[str, str], chain: list[str]) -> list[bool]:
    """Change one sentence of the first file of a chain of files and tell which of them still compile."""
    for path in compiled.iterdir():
        shutil.copy(path, folder)
    text = (folder / chain[0]).read_text(encoding="utf-8")
    assert text.count(mutant[0]) == 1
    (folder / chain[0]).write_text(text.replace(*mutant), encoding="utf-8")
    return [coqc(folder, name).returncode == 0 for name in chain]


@pytest.fixture(scope="session")
def compiled(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sources, what coqc made of them, and what it printed."""
    folder = tmp_path_factory.mktemp("rocq")
    for name in (repository / "proofs/rocq/_CoqProject").read_text(encoding="utf-8").split()[3:]:
        shutil.copy(repository / "proofs/rocq" / name, folder)
        done = coqc(folder, name)
        assert done.returncode == 0, f"{name}: {done.stderr}"
        (folder / f"{name}.out").write_text(done.stdout, encoding="utf-8")
    return folder
