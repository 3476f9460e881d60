"""A theorem as a value: statement, exact hypotheses, a decision on a given network, and worked instances.

`Theorem.verify(network)` first tests every hypothesis, exactly.  If one fails the answer is `NotApplicable` with the
reason in numbers.  Otherwise the theorem's own decision computes both sides of the statement and compares them: the
answer is `Proved`, or `Refuted`, each with a short proof in sentences (`lines`) and with the exact numbers that it
rests on (`evidence`).  What is decided is the statement for this one network; that it holds for all networks is what
the cited source proves.

Some statements speak of more than a network: a segment, a box, a second network.  `subject` then makes the canonical
choice from the network, as keyword arguments of the decision and of the hypotheses; a caller may replace any of them.

A *false variant* is a statement that is easily believed and wrong.  It is an object of the same kind, with
`false_variant_of` naming the true theorem; at least one of its instances refutes it, and others may happen to
satisfy it.

Cost: that of the decision.  Not here: the mathematics (the modules `c01_...` and on), the instances' networks
(`examples`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from exactrelu.errors import InputError
from exactrelu.networks.network import Network

__all__ = [
    "Decision",
    "Hypothesis",
    "Instance",
    "NotApplicable",
    "Outcome",
    "Proved",
    "Refuted",
    "Theorem",
    "Verdict",
    "no_subject",
]

Decision = tuple[bool, tuple[str, ...], object]

_STATUSES = ("proved", "refuted", "not applicable")


@dataclass(frozen=True, slots=True)
class Proved:
    """The statement holds for the network: the proof in sentences, and what it rests on."""

    theorem: str
    lines: tuple[str, ...]
    evidence: object
    status: ClassVar[str] = "proved"


@dataclass(frozen=True, slots=True)
class Refuted:
    """The hypotheses hold and the statement does not: the refutation in sentences, and what it rests on."""

    theorem: str
    lines: tuple[str, ...]
    evidence: object
    status: ClassVar[str] = "refuted"


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A hypothesis fails, so the theorem says nothing about the network: which one, and why."""

    theorem: str
    hypothesis: str
    reason: str
    status: ClassVar[str] = "not applicable"

    @property
    def lines(self) -> tuple[str, ...]:
        """The reason as a sentence, so that every verdict can be printed in the same way."""
        return (f"The hypothesis '{self.hypothesis}' fails: {self.reason}.",)


Verdict = Proved | Refuted | NotApplicable


def no_subject(network: Network) -> Mapping[str, object]:
    """Return no further arguments: the statement speaks of the network alone."""
    return {}


def _require_kind_of(choice: object, value: object, *, name: str) -> None:
    """InputError if the theorem's own choice is a network or a collection, and the value is not."""
    for kind, words in ((Network, "a Network"), (Mapping, "a mapping"), (Sequence, "a sequence, such as a tuple")):
        if isinstance(choice, kind) and (isinstance(value, str) or not isinstance(value, kind)):
            raise InputError(f"{name} must be {words}; got {value!r}")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A condition with its exact test: `holds(network, **subject)` is None if it holds, else the reason."""

    text: str
    holds: Callable[..., str | None]


@dataclass(frozen=True, slots=True)
class Instance:
    """A network on which the verdict is known.

    Fields:
        id: the worked example it comes from, or a short name.
        network: the network, or a function that builds it.
        expected: "proved", "refuted" or "not applicable".
        parameters: replace parts of the theorem's subject.
        answers: exact values that the evidence (then a mapping) must contain under the same keys.
    """

    id: str
    network: Network | Callable[[], Network]
    expected: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    answers: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.expected not in _STATUSES:
            raise InputError(f"expected is {self.expected!r}; it must be one of {', '.join(_STATUSES)}")

    def build(self) -> Network:
        """Return the network."""
        return self.network if isinstance(self.network, Network) else self.network()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a theorem says about one of its instances."""

    instance: Instance
    verdict: Verdict

    @property
    def disagreement(self) -> str | None:
        """What differs from what is known of the instance; None if nothing does."""
        if self.verdict.status != self.instance.expected:
            return f"{self.verdict.status}, known to be {self.instance.expected}"
        evidence = getattr(self.verdict, "evidence", {})
        for key, value in self.instance.answers.items():
            found = evidence.get(key) if isinstance(evidence, Mapping) else None
            if found != value:
                return f"{key} is {found}, known to be {value}"
        return None


@dataclass(frozen=True, eq=False)
class Theorem:
    """A statement about networks that is decided exactly on any one of them; equal only to itself.

    Fields:
        name: such as "C7-serra-upper".
        title: a few words.
        statement, latex: the precise statement, as text and as LaTeX.
        source: where it is from.
        hypotheses: tested in this order, before anything is decided.
        decide: decide(network, **subject) is whether the statement holds, the proof in sentences, the evidence.
        instances: networks on which the verdict is known.
        false_variant_of: for a wrong statement the name of the theorem that it distorts.
        subject: the theorem's own choice of what else it speaks of, as keyword arguments.

    Example:
        >>> even = Theorem(
        ...     "even-width", "Even width", "The first layer has an even width.", r"2 \\mid n_1", "an example",
        ...     (Hypothesis("a hidden layer", lambda net: None if net.hidden else "there is none"),),
        ...     lambda net: (net.widths[1] % 2 == 0, (f"The width is {net.widths[1]}.",), net.widths[1]), (),
        ... )
        >>> even.verify(Network.from_weights([[[1], [-1]], [[1, 1]]], [[0, 0], [0]]))
        Proved(theorem='even-width', lines=('The width is 2.',), evidence=2)
        >>> even.verify(Network.from_weights([[[1]]], [[0]])).lines
        ("The hypothesis 'a hidden layer' fails: there is none.",)
    """

    name: str
    title: str
    statement: str
    latex: str
    source: str
    hypotheses: tuple[Hypothesis, ...]
    decide: Callable[..., Decision]
    instances: tuple[Instance, ...]
    false_variant_of: str | None = None
    subject: Callable[[Network], Mapping[str, object]] = no_subject

    @property
    def promise(self) -> str:
        """The overall status that the theorem promises: "proved", for a false variant "refuted"."""
        return "proved" if self.false_variant_of is None else "refuted"

    def verify(self, network: Network, **parameters: Any) -> Verdict:
        """Decide the statement for one network.

        Args:
            network: the network.
            parameters: replace parts of the subject, by name.

        Raises:
            InputError: not a network, a parameter that the theorem does not know, or one of another kind than its own
                choice.
        """
        if not isinstance(network, Network):
            raise InputError(f"network must be a Network; got {network!r}")
        subject = dict(self.subject(network))
        unknown = sorted(set(parameters) - set(subject))
        if unknown:
            known = ", ".join(subject) or "none"
            raise InputError(f"{self.name} takes no parameter {unknown[0]!r}; it has: {known}")
        for name, value in parameters.items():
            _require_kind_of(subject[name], value, name=name)
        subject.update(parameters)
        for hypothesis in self.hypotheses:
            reason = hypothesis.holds(network, **subject)
            if reason is not None:
                return NotApplicable(self.name, hypothesis.text, reason)
        holds, lines, evidence = self.decide(network, **subject)
        return (Proved if holds else Refuted)(self.name, tuple(lines), evidence)

    def run_instances(self) -> tuple[Outcome, ...]:
        """Return the verdict on every instance."""
        return tuple(Outcome(one, self.verify(one.build(), **one.parameters)) for one in self.instances)

    def overall_status(self, outcomes: tuple[Outcome, ...]) -> str:
        """Return the promised status if every outcome is as known and one of them shows it, else its opposite.

        For a theorem: "proved" if no instance disagrees with what is known of it and at least one is proved.  For a
        false variant: "refuted" if none disagrees and at least one is refuted.
        """
        kept = all(one.disagreement is None for one in outcomes)
        shown = any(one.verdict.status == self.promise for one in outcomes)
        opposite = "refuted" if self.promise == "proved" else "proved"
        return self.promise if kept and shown else opposite
