"""Elimination for tiny varieties: a proof that no generator of higher degree was missed.

The graph of the parametrisation, restricted to a slice (`substitution`), is given by z_v - image_v(w).  A
lexicographic Gröbner basis with the parameters first contains a Gröbner basis of the ideal of the variety: its
elements without parameters.  If none of them has a degree above d, the ideal is generated in degrees <= d, so
generators that are complete through d generate it.

python-flint's Buchberger algorithm is a naive one; limits on the number, length and coefficients of polynomials
stop it, and then nothing is concluded.  Larger cases are for the engines of `external`.
"""

from __future__ import annotations

from typing import Any

import flint

from exactrelu.varieties.substitution import Substitution

__all__ = ["elimination_degree"]

DEFAULT_LIMITS = (120, 400, 400)
MAX_VARIABLES = 24


def elimination_degree(
    substitution: Substitution, *, limits: tuple[int, int, int] = DEFAULT_LIMITS, max_variables: int = MAX_VARIABLES
) -> int | None:
    """Return a degree in which the ideal of the variety (in the coordinates) is generated, or None if a limit was
    reached.

    Args:
        substitution: of the coordinates.
        limits: largest number of basis elements, of terms, and of bits of a coefficient.
        max_variables: coordinates plus parameters of the slice; more are not tried.

    >>> from exactrelu.varieties.blocks import Blocks
    >>> from exactrelu.varieties.coordinates import Coordinates
    >>> from exactrelu.varieties.type_paths import TypeStructure
    >>> blocks = Blocks.of((2, 2, 2), "11|10")
    >>> elimination_degree(Substitution(Coordinates(TypeStructure(blocks))))
    2
    """
    images = substitution.images
    if not images:
        return 0
    parameters = images[0].context().names()
    n_images = len(images)
    if len(parameters) + n_images > max_variables:
        return None
    context = flint.fmpz_mpoly_ctx.get([*parameters, *(f"z{v}" for v in range(n_images))], flint.Ordering.lex)
    equations = []
    for v, image in enumerate(images):
        terms: dict[tuple[int, ...], Any] = {
            (*exponents, *((0,) * n_images)): coefficient for exponents, coefficient in image.to_dict().items()
        }
        equations.append(context.gen(len(parameters) + v) - context.from_dict(terms))
    basis, success = flint.fmpz_mpoly_vec(equations, context).buchberger_naive(limits=limits)
    if not success:
        return None
    degree = 0
    elements: Any = basis
    for index in range(len(elements)):
        element = elements[index]
        if not any(any(exponents[: len(parameters)]) for exponents in element.to_dict()):
            degree = max(degree, int(element.total_degree()))
    return degree
