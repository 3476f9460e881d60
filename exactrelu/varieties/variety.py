"""Pattern varieties and output varieties: one object that answers the questions of this package.

For activation patterns A^1, ..., A^k the *pattern variety* is the closure of {(M_1(theta), ..., M_k(theta))}, with
inputs X_i the *output variety* is that of {(M_1 X_1, ..., M_k X_k)}.  Both are irreducible affine cones, with
biases too: multiplying the last weights and biases by a number multiplies all outputs.  If every X_i has full row
rank, the two are linearly isomorphic.

The closure forgets the inequalities of the activation region.  If some parameters have these patterns on the data
(`realisability`), the outputs of all such parameters are dense in the variety; if none has, it says nothing about
networks.

Everything is computed when asked for and kept.  Source: [AM25]; the mathematics is in docs/varieties.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from exactrelu.errors import BudgetExceeded, InputError
from exactrelu.exact.matrices import NoSolution, RationalMatrix, Solution
from exactrelu.networks.network import Network
from exactrelu.varieties.architecture import Pattern
from exactrelu.varieties.blocks import Blocks, Reading, read_blocks
from exactrelu.varieties.completeness import Completeness, CompletenessStatus, assess, settle
from exactrelu.varieties.conormal import conormal_codimension
from exactrelu.varieties.constraints import RankConstraint, as_outputs, variable_names
from exactrelu.varieties.dimension import Dimension, jacobian_rank
from exactrelu.varieties.elimination import elimination_degree
from exactrelu.varieties.expected import ExpectedDimension, ParameterCount, parameter_count
from exactrelu.varieties.external import analyse_ideal
from exactrelu.varieties.families import constraints_of, discover_constraints
from exactrelu.varieties.generators import GeneratorSet, Progress, find_generators, require_degree, shift_progress
from exactrelu.varieties.membership import OnKnownEquations, RankViolation, ValueViolation, check_outputs
from exactrelu.varieties.possible_outputs import PossibleOutputs, constrain_test_point
from exactrelu.varieties.realisability import Realisable, Undetermined, Unrealisable, decide_realisability
from exactrelu.varieties.substitution import Substitution
from exactrelu.varieties.type_paths import ActivationType, TypeStructure

__all__ = ["PatternVariety"]


@dataclass(frozen=True)
class PatternVariety:
    """The variety of the outputs of an architecture on blocks of inputs with given activation patterns.

    >>> variety = PatternVariety.of((3, 4, 3), "1100|1010|1001")
    >>> variety.ambient_dimension, variety.dimension.value, variety.dimension.status.value
    (27, 20, 'certified')
    >>> variety.generators(3).counts, variety.conormal_codimension
    ({3: 6}, 7)
    """

    blocks: Blocks

    @classmethod
    def of(
        cls,
        widths: Sequence[int],
        patterns: str | Iterable[Pattern | str],
        *,
        bias: bool = False,
        inputs: Sequence[Sequence[Sequence[object]]] | None = None,
    ) -> PatternVariety:
        """Build the variety from widths, patterns as text or objects, and optionally a matrix of inputs per block."""
        return cls(Blocks.of(widths, patterns, bias=bias, inputs=inputs))

    @classmethod
    def of_network(
        cls, network: Network, points: Iterable[Iterable[object]], *, bias: bool | None = None
    ) -> tuple[PatternVariety, Reading]:
        """Read patterns off a network on points, exactly; return the output variety and what was read.

        Raises:
            InputError: a unit that is no ReLU, or a preactivation that is zero (the point is named).
        """
        reading = read_blocks(network, points, bias=bias)
        return cls(reading.blocks), reading

    @property
    def pattern_variety(self) -> PatternVariety:
        """The variety of the block matrices, without inputs."""
        return PatternVariety(replace(self.blocks, inputs=None))

    @cached_property
    def structure(self) -> TypeStructure:
        """Types, paths and linear relations."""
        return TypeStructure(self.blocks)

    @cached_property
    def parameter_count(self) -> ParameterCount:
        """Live parameters and symmetries."""
        return parameter_count(self.blocks)

    @property
    def n_parameters(self) -> int:
        """Number of weights and biases of the architecture."""
        return self.blocks.architecture.n_parameters

    @property
    def ambient_dimension(self) -> int:
        """Number of entries of all outputs together."""
        return self.parameter_count.ambient

    def activation_types(self) -> tuple[tuple[ActivationType, ...], ...]:
        """Return the types of every hidden layer with their neurons, dead ones left out."""
        return self.structure.activation_types()

    def join_description(self) -> str:
        """Say of which determinantal varieties a shallow pattern variety is the join, in words.

        >>> PatternVariety.of((3, 4, 3), "1100|1010|1001").join_description()
        'rank <= 1 at 001 + rank <= 1 at 010 + rank <= 1 at 100 + rank <= 1 at 111'
        """
        layers = self.activation_types()
        if len(layers) != 1:
            return "sum over type paths; not a join of determinantal varieties"
        cap = min(self.blocks.architecture.n_columns, self.blocks.architecture.n_outputs)
        parts = [f"rank <= {min(len(t.neurons), cap)} at {''.join(map(str, t.vector))}" for t in layers[0]]
        if self.blocks.architecture.bias:
            parts.append("an intercept at " + "1" * self.blocks.n_blocks)
        return " + ".join(parts) or "the point 0"

    @cached_property
    def constraints(self) -> tuple[RankConstraint, ...]:
        """Certified rank constraints of all families."""
        return constraints_of(self.blocks)

    def discover_constraints(self, *, seed: int = 0) -> tuple[RankConstraint, ...]:
        """Search combinations over {-1, 0, 1} for deficient ranks; unproved bounds are marked as observed."""
        return discover_constraints(self.blocks, seed=seed)

    @cached_property
    def conormal_codimension(self) -> int:
        """Rank of the differentials of the certified constraints at a point, at most the codimension (proved)."""
        return conormal_codimension(self.blocks, self.constraints)

    @cached_property
    def expected_dimension(self) -> ExpectedDimension:
        """The three expected dimensions."""
        counted = self.parameter_count.expected
        return replace(counted, rank=self.ambient_dimension - self.conormal_codimension)

    @cached_property
    def dimension(self) -> Dimension:
        """The dimension of the affine cone, with evidence and bounds."""
        expected = self.expected_dimension
        bounds = [
            (expected.type, "live parameters less symmetries"),
            (self.ambient_dimension - self.structure.n_linear_relations, "linear relations"),
            (self.ambient_dimension - self.conormal_codimension, "certified rank constraints"),
        ]
        upper, reason = min(bounds, key=lambda bound: bound[0])
        lower = jacobian_rank(self.blocks, modulus=(1 << 61) - 1, seed=1)
        if lower.value < upper:  # else nothing is gained: a rank modulo a prime is at most the rank over Q
            rational = jacobian_rank(self.blocks)
            lower = rational if rational.value >= lower.value else lower
        return Dimension(lower, upper, reason)

    @property
    def codimension(self) -> int:
        """Ambient dimension minus dimension."""
        return self.ambient_dimension - self.dimension.value

    @property
    def defect(self) -> int:
        """Expected dimension by types minus dimension."""
        return self.expected_dimension.type - self.dimension.value

    def defect_reason(self) -> str:
        """Say what explains the defect."""
        if not self.defect:
            return "no defect"
        if self.expected_dimension.rank == self.dimension.value:
            return "explained by the certified rank constraints"
        return "not explained by the known constraints"

    @cached_property
    def _generators(self) -> dict[int, GeneratorSet]:
        return {}

    def generators(self, max_degree: int, *, progress: Progress | None = None) -> GeneratorSet:
        """Return the minimal generators through a degree, verified over Q.

        Raises:
            InputError: `max_degree` is no integer of at least 1.
            BudgetExceeded: a weight space is too large; the error's `progress` is what was complete until then.
        """
        require_degree(max_degree)
        # Every degree is kept, so that neither a later question nor a budget that ends the search repeats one.
        first = max(self._generators, default=0) + 1
        for degree in range(first, max_degree + 1):
            self._generators[degree] = find_generators(
                self.structure,
                max_degree=degree,
                known=self._generators.get(degree - 1),
                progress=shift_progress(progress, degree - first, max_degree + 1 - first),
            )
        return self._generators[max_degree]

    def generators_until_proved(self, max_degree: int, *, progress: Progress | None = None) -> GeneratorSet:
        """Return the generators through the first degree in which they are proved to generate, at most `max_degree`.

        Raises:
            BudgetExceeded: as `generators`.

        >>> PatternVariety.of((3, 2, 3), "10|11").generators_until_proved(50).through_degree
        2
        """
        require_degree(max_degree)
        found = self.generators(1)
        for degree in range(2, max_degree + 1):
            if self._is_proved(found):
                break
            found = self.generators(degree, progress=shift_progress(progress, degree - 2, max_degree - 1))
        return found

    def _is_proved(self, found: GeneratorSet) -> bool:
        """Whether the generators found are proved to generate, by the arguments that `completeness` tries first."""
        settled = settle(self.structure, self.dimension, found, self.constraints)
        if settled is not None:
            return settled.status is CompletenessStatus.PROVED
        degree = self._elimination_degree
        return degree is not None and degree <= found.through_degree

    @cached_property
    def _elimination_degree(self) -> int | None:
        return elimination_degree(Substitution(self.generators(1).coordinates))

    def completeness(self, max_degree: int, *, eliminate: bool = True, external: float = 0) -> Completeness:
        """Return how much of the ideal the generators through a degree are.

        Args:
            max_degree: last degree of the generators.
            eliminate: try python-flint's elimination on tiny varieties.
            external: seconds for Singular or Macaulay2, if on PATH, to decide primality; 0 leaves them alone.
        """
        found = self.generators(max_degree)
        answer = assess(self.structure, self.dimension, found, self.constraints)
        if answer.status in (CompletenessStatus.PROVED, CompletenessStatus.INCOMPLETE):
            return answer
        if eliminate:
            degree = self._elimination_degree
            if degree is not None and degree <= max_degree:
                reason = f"an elimination basis has degree {degree}"
                return Completeness(CompletenessStatus.PROVED, max_degree, reason)
        if external and answer.status is CompletenessStatus.LOCALLY_COMPLETE:
            polynomials = [*found.linear_polynomials(), *found.iter_polynomials()]
            facts = analyse_ideal(variable_names(self.blocks), polynomials, timeout=external)
            if facts is not None and facts.is_prime and facts.dimension == self.dimension.value:
                reason = f"prime of dimension {facts.dimension} and degree {facts.degree}, by {facts.engine}"
                return Completeness(CompletenessStatus.PROVED, max_degree, reason)
        return answer

    def recover_block_matrices(
        self, outputs: Sequence[RationalMatrix | Sequence[Sequence[object]]]
    ) -> tuple[RationalMatrix, ...]:
        """Return the M_i with Y_i = M_i X_i: the isomorphism of output and pattern variety for inputs of full row rank.

        Raises:
            InputError: no inputs, an X_i whose rank is less than its number of rows, or outputs that violate the linear
                relations of their own block.

        >>> variety = PatternVariety.of((2, 2, 1), "11", inputs=[[[1, 0, 1], [0, 2, 2]]])
        >>> variety.recover_block_matrices([RationalMatrix.from_rows([[3, 4, 7]])])
        (RationalMatrix.from_rows([[3, 2]]),)
        """
        if self.blocks.inputs is None:
            raise InputError("the blocks have no inputs; the outputs are the block matrices already")
        given = as_outputs(self.blocks, outputs)
        matrices = []
        for index, (x, y) in enumerate(zip(self.blocks.extended_inputs(), given, strict=True)):
            if x.rank() < x.n_rows:
                raise InputError(
                    f"inputs[{index}] has rank {x.rank()} < {x.n_rows}; the block matrix is not determined"
                )
            answers = [x.transpose().solve(row) for row in y.to_fractions()]
            if any(isinstance(answer, NoSolution) for answer in answers):
                raise InputError(f"outputs[{index}] is no linear image of inputs[{index}]")
            rows = [answer.point for answer in answers if isinstance(answer, Solution)]
            matrices.append(RationalMatrix.from_rows(rows, n_columns=x.n_rows))
        return tuple(matrices)

    def check_outputs(
        self, outputs: Sequence[RationalMatrix | Sequence[Sequence[object]]], *, max_degree: int = 1
    ) -> OnKnownEquations | RankViolation | ValueViolation:
        """Test outputs Y_1, ..., Y_k; above degree 1 also against the generators through `max_degree`."""
        require_degree(max_degree)
        found = self.generators(max_degree) if max_degree > 1 else None
        return check_outputs(self.blocks, outputs, self.constraints, found)

    def constrain_test_point(
        self, outputs: Sequence[RationalMatrix | Sequence[Sequence[object]]], point: Iterable[object], block: int
    ) -> PossibleOutputs | RankViolation:
        """Return what known outputs say about the output at another point of a block's pattern."""
        return constrain_test_point(self.blocks, outputs, point, block)

    def decide_realisability(self, *, seed: int = 0) -> Realisable | Unrealisable | Undetermined:
        """Decide whether some parameters have the patterns on the inputs."""
        return decide_realisability(self.blocks, seed=seed)

    def to_dict(self, max_degree: int = 1, *, progress: Progress | None = None) -> dict[str, Any]:
        """Return the summary that `exactrelu variety --json` prints.

        The search for generators ends at `through_degree`, the first degree in which they are proved to generate, or
        `max_degree`.  If a weight space is too large, the degrees before it are reported and `stopped` says why.
        """
        stopped = None
        try:
            found = self.generators_until_proved(max_degree, progress=progress)
        except BudgetExceeded as error:
            if not isinstance(error.progress, GeneratorSet):
                raise
            found, stopped = error.progress, str(error)
        completeness = self.completeness(found.through_degree)
        expected = self.expected_dimension
        return {
            "widths": list(self.blocks.architecture.widths),
            "bias": self.blocks.architecture.bias,
            "patterns": [str(pattern) for pattern in self.blocks.patterns],
            "parameters": self.n_parameters,
            "ambient": self.ambient_dimension,
            "dimension": self.dimension.value,
            "dimension_status": self.dimension.status.value,
            "expected": {"scale": expected.scale, "type": expected.type, "rank": expected.rank},
            "defect": self.defect,
            "defect_reason": self.defect_reason() if self.defect else None,
            "linear_relations": self.structure.n_linear_relations,
            "constraints": [constraint.to_dict() for constraint in self.constraints],
            "conormal_codim": self.conormal_codimension,
            "generators": {str(degree): count for degree, count in sorted(found.counts.items())},
            "through_degree": found.through_degree,
            "completeness": str(completeness),
            "completeness_reason": completeness.reason,
            "stopped": stopped,
        }

    def latex_equations(self) -> list[str]:
        """The certified constraints in LaTeX, without dollar signs."""
        return [constraint.latex() for constraint in self.constraints]

    def _repr_latex_(self) -> str:
        head = rf"\dim = {self.dimension.value}\ \text{{of}}\ {self.ambient_dimension}"
        return r"$\begin{gathered}" + r" \\ ".join([head, *self.latex_equations()]) + r"\end{gathered}$"
