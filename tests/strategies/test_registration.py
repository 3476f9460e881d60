"""`st.from_type` knows our types whatever is imported first, and nobody pays for what is not used."""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from exactrelu import Activation, AffineMap, Configuration, HPolyhedron, Network
from exactrelu.exact.matrices import RationalMatrix
from exactrelu.strategies import AdjacentCells, EqualPair, networks

DRAW = "assert isinstance(hypothesis.find(hypothesis.strategies.from_type(exactrelu.Network), bool), exactrelu.Network)"


@pytest.mark.parametrize(
    "kind", [Activation, AffineMap, Configuration, HPolyhedron, Network, RationalMatrix, AdjacentCells, EqualPair]
)
def test_every_type_is_registered(kind: type) -> None:
    """A value of the type itself is drawn."""
    first = settings(phases=[Phase.generate], database=None)
    assert type(find(st.from_type(kind), lambda value: True, settings=first)) is kind


@pytest.fixture
def installed(tmp_path: Path, repository: Path) -> Path:
    """A folder that looks to Python like an installed exactrelu: the sources, and the entry points of setup.cfg."""
    config = ConfigParser()
    config.read(repository / "setup.cfg", encoding="utf-8")
    info = tmp_path / "exactrelu-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: exactrelu\nVersion: 0\n", encoding="utf-8")
    entry = config["options.entry_points"]["hypothesis"].strip()
    (info / "entry_points.txt").write_text(f"[hypothesis]\n{entry}\n", encoding="utf-8")
    for name in ("exactrelu", f"{config['options']['py_modules']}.py"):
        (tmp_path / name).symlink_to(repository / name)
    return tmp_path


@pytest.mark.parametrize(
    "program",
    [
        f"import exactrelu, hypothesis; {DRAW}",
        f"import hypothesis, exactrelu; {DRAW}",
        "import hypothesis, sys; assert '_exactrelu_hypothesis' in sys.modules and 'exactrelu' not in sys.modules",
        "import exactrelu, sys; assert 'hypothesis' not in sys.modules",
    ],
    ids=["exactrelu first", "hypothesis first", "hypothesis alone stays light", "exactrelu alone stays light"],
)
def test_either_import_comes_first(installed: Path, program: str) -> None:
    """In a fresh process with the entry point installed."""
    done = subprocess.run([sys.executable, "-c", program], cwd=installed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_hypothesis_the_message_says_what_to_install(repository: Path) -> None:
    """The package works, its strategies name the extra."""
    program = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import exactrelu\n"
        "try:\n    import exactrelu.strategies\n"
        "except exactrelu.errors.MissingExtraError as error:\n    print(error)\n"
    )
    # A module that is None in sys.modules cannot be imported; exactrelu must not take it for Hypothesis either.
    done = subprocess.run([sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False)
    assert "pip install exactrelu[test]" in done.stdout, done.stderr


def test_a_failing_test_reports_source_that_builds_the_network() -> None:
    """Not the fields of all its parts, and the same within a tuple and for matrices."""

    @settings(database=None, derandomize=True)
    @given(drawn=st.tuples(st.from_type(Network), st.from_type(RationalMatrix)))
    def fails(drawn: tuple[Network, RationalMatrix]) -> None:
        assert not drawn

    with pytest.raises(AssertionError) as caught:
        fails()
    report = "".join(caught.value.__notes__)
    assert "Network.from_weights([[[0]], [[0]]], [[0], [0]])" in report
    assert "RationalMatrix.from_rows([[0]])" in report
    assert "numerators" not in report


def test_a_strategy_is_shown_in_one_line() -> None:
    """The tables by which it reads bytes are left out."""
    assert "\n" not in repr(networks(widths=[2, 3, 1]))
    assert "table" not in repr(networks())
