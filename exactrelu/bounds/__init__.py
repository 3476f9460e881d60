"""Exact Lipschitz constants, gradients, ranges, and how far the known bounds are from them."""

from exactrelu.bounds.algebraic import AlgebraicNumber, largest_real_root
from exactrelu.bounds.gradients import Gradients, OneSided, back_propagate, one_sided_derivatives
from exactrelu.bounds.lipschitz import LipschitzConstant, cell_lipschitz, lipschitz_constant, local_lipschitz
from exactrelu.bounds.norms import Norm, decide_spectral_norm_at_most, operator_norm, spectral_norm_squared
from exactrelu.bounds.ranges import Extremum, OutputRange, interval_range, output_range
from exactrelu.bounds.report import Bound, BoundsReport, bounds_report, bounds_to_json, format_bounds
from exactrelu.bounds.segments import SegmentProfile, restrict_to_segment, segment_profile
from exactrelu.bounds.smoothness import (
    LayerSmoothness,
    MagnitudeBound,
    magnitude_bounds,
    smoothness_bounds,
    weight_smoothness,
)
from exactrelu.bounds.spectral import SpectralEnclosure, enclose_spectral_norm
from exactrelu.bounds.tangent import (
    Differentiable,
    Kinked,
    ParameterDirection,
    decide_differentiability,
    directional_derivative,
    tangent_network,
    units_at_zero,
)
from exactrelu.bounds.theorem_six import Hypothesis, TheoremSix, layer_norms, path_bound, product_bound, theorem_six

__all__ = [
    "AlgebraicNumber",
    "Bound",
    "BoundsReport",
    "Differentiable",
    "Extremum",
    "Gradients",
    "Hypothesis",
    "Kinked",
    "LayerSmoothness",
    "LipschitzConstant",
    "MagnitudeBound",
    "Norm",
    "OneSided",
    "OutputRange",
    "ParameterDirection",
    "SegmentProfile",
    "SpectralEnclosure",
    "TheoremSix",
    "back_propagate",
    "bounds_report",
    "bounds_to_json",
    "cell_lipschitz",
    "decide_differentiability",
    "decide_spectral_norm_at_most",
    "directional_derivative",
    "enclose_spectral_norm",
    "format_bounds",
    "interval_range",
    "largest_real_root",
    "layer_norms",
    "lipschitz_constant",
    "local_lipschitz",
    "magnitude_bounds",
    "one_sided_derivatives",
    "operator_norm",
    "output_range",
    "path_bound",
    "product_bound",
    "restrict_to_segment",
    "segment_profile",
    "smoothness_bounds",
    "spectral_norm_squared",
    "tangent_network",
    "theorem_six",
    "units_at_zero",
    "weight_smoothness",
]
