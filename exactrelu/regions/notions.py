"""Three notions of "configuration", which differ on natural networks and are never mixed.

| notion      | bit 1         | bit 0                     | listed when                         |
|-------------|---------------|---------------------------|-------------------------------------|
| `half-open` | z > 0         | z <= 0                    | its set is not empty                |
| `closed`    | z >= 0        | z <= 0                    | its set is not empty                |
| `full`      | z > 0         | z < 0, or z zero there    | its set has full dimension          |

Half-open sets partition the domain, so the paper's Corollary 4 (number of polytopes = number of configurations) holds
for them always; full sets are its cells; closed sets overlap [HH19, Prop. 3, Cor. 4].  full <= half-open <= closed,
as sets of configurations. For |x| = rho(x) + rho(-x) the counts are 2, 3, 4.
"""

from __future__ import annotations

from enum import Enum

from exactrelu.errors import InputError
from exactrelu.lp.system import Relation

__all__ = ["Notion"]


class Notion(Enum):
    """Which sets count as configurations.

    Example:
        >>> Notion.of("half-open").relation(1), Notion.of("half-open").relation(0)
        ('<', '<=')
    """

    HALF_OPEN = "half-open"
    CLOSED = "closed"
    FULL = "full"

    @classmethod
    def of(cls, value: Notion | str) -> Notion:
        """Return the notion of that name; InputError names the three."""
        try:
            return cls(value)
        except ValueError:
            raise InputError(f"cells must be 'full', 'half-open' or 'closed'; got {value!r}") from None

    def relation(self, bit: int) -> Relation:
        """Return how the signed preactivation is bounded by zero: "<" means 0 < g, "<=" means 0 <= g."""
        if self is Notion.FULL or (self is Notion.HALF_OPEN and bit):
            return "<"
        return "<="
