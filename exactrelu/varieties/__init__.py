"""Pattern varieties and output varieties of ReLU networks: dimensions, equations, and tests of outputs by them.

`variety.PatternVariety` answers everything; the other modules are its parts, in the order of use: `architecture`,
`blocks` and `type_paths` (what is given), `dimension` and `expected`, `families` and `constraints` with their
`bounds`, `conormal`, `generators`, `completeness`, `membership`, `possible_outputs`, `realisability`; and
`functional_dimension` and `symmetries` for concrete networks.
"""

from exactrelu.varieties.architecture import Architecture, Pattern, parse_patterns, parse_widths
from exactrelu.varieties.blocks import Blocks, Reading, read_blocks
from exactrelu.varieties.completeness import Completeness, CompletenessStatus
from exactrelu.varieties.constraints import Minor, RankConstraint
from exactrelu.varieties.dimension import Dimension, DimensionStatus
from exactrelu.varieties.expected import ExpectedDimension
from exactrelu.varieties.functional_dimension import FunctionalDimension, functional_dimension
from exactrelu.varieties.generators import Generator, GeneratorSet
from exactrelu.varieties.membership import OnKnownEquations, RankViolation, ValueViolation
from exactrelu.varieties.possible_outputs import PossibleOutputs
from exactrelu.varieties.realisability import Realisable, Undetermined, Unrealisable
from exactrelu.varieties.symmetries import permute_neurons, rescale_neuron
from exactrelu.varieties.variety import PatternVariety

__all__ = [
    "Architecture",
    "Blocks",
    "Completeness",
    "CompletenessStatus",
    "Dimension",
    "DimensionStatus",
    "ExpectedDimension",
    "FunctionalDimension",
    "Generator",
    "GeneratorSet",
    "Minor",
    "OnKnownEquations",
    "Pattern",
    "PatternVariety",
    "PossibleOutputs",
    "RankConstraint",
    "RankViolation",
    "Reading",
    "Realisable",
    "Undetermined",
    "Unrealisable",
    "ValueViolation",
    "functional_dimension",
    "parse_patterns",
    "parse_widths",
    "permute_neurons",
    "read_blocks",
    "rescale_neuron",
]
