"""What every test shares: the Hypothesis profiles and the optional data folder.

The profile `ci` is the default.  It draws the same examples in every run (`derandomize`), so that a failure on one
machine is a failure on all; `dev` draws new ones: `pytest --hypothesis-profile=dev`.  Neither has a deadline, because
exact arithmetic may take long on one example and tell nothing by it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", deadline=None, max_examples=500, print_blob=True)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of networks with known answers; not part of this repository: without it the test is skipped."""
    folder = Path(os.environ.get("EXACTRELU_SHARED") or ROOT.parent / "shared" / "data")
    if not (folder / "region-counts.json").is_file():
        pytest.skip(f"no reference data in {folder}: set EXACTRELU_SHARED to the folder with region-counts.json")
    return folder
