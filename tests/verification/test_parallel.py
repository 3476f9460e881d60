"""Searches whose boxes are handed out give the same verdicts, and proofs that the checker accepts."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from exactrelu.networks.builders import random_network
from exactrelu.networks.network import Network
from exactrelu.verification import decide
from exactrelu.verification.decide import decide_query
from exactrelu.verification.questions.properties import output_range_query
from exactrelu.verification.questions.query import Query
from exactrelu.verification.verdicts import Satisfiable, TreeProof, Unsatisfiable
from tests.verification.proof_cases import objection

BOX = [(-1, 1)] * 4
POOLS = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}


@pytest.fixture(scope="module")
def network() -> Network:
    """A network of four inputs."""
    return random_network([4, 12, 12, 1], seed=5)


@pytest.fixture(scope="module")
def hard(network: Network) -> Query:
    """The smallest whole bound that the output keeps, which takes many boxes to prove."""
    low, high = 0, 64
    while high - low > 1:
        middle = (low + high) // 2
        proved = decide_query(output_range_query(network, BOX, 0, upper=middle)).status == "unsat"
        low, high = (low, middle) if proved else (middle, high)
    return output_range_query(network, BOX, 0, upper=high)


@pytest.fixture(params=POOLS)
def pool(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two threads, or two processes."""
    with POOLS[request.param](2) as executor:
        yield executor


@pytest.fixture(autouse=True)
def _hand_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "ALONE", 0.0)
    monkeypatch.setattr(decide, "MANY_BOXES", 2)
    monkeypatch.setattr(decide, "SHIFT", 0.1)


def test_proofs_from_parts_are_accepted(network: Network, hard: Query, pool: Executor) -> None:
    """Boxes closed by threads or by processes make one complete tree, also when they come back unfinished."""
    verdict = decide_query(hard, executor=pool)
    assert isinstance(verdict, Unsatisfiable)
    assert isinstance(verdict.proof, TreeProof)
    assert verdict.proof.leaves > 20
    assert objection(network, hard.formula, verdict.proof.lines, verdict.proof.bits) is None


def test_witnesses_come_back(network: Network, pool: Executor) -> None:
    """A counterexample is the answer wherever it was found."""
    query = output_range_query(network, BOX, 0, upper=-100)
    verdict = decide_query(query, executor=pool)
    assert isinstance(verdict, Satisfiable)
    assert verdict.witness is not None
    assert query.holds_at(verdict.witness)
