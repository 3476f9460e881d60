"""The entry point that Hypothesis calls when it is imported: registers exactrelu's types if exactrelu is loaded.

It stands outside the package because importing anything inside would import all of exactrelu, and `import hypothesis`
must stay fast for people who have exactrelu installed but do not use it.  If exactrelu is imported later, it
registers its types itself.
"""

from __future__ import annotations

import sys

__all__ = ["register"]


def register() -> None:
    """Register exactrelu's types for `st.from_type` unless exactrelu is not loaded, or only in part."""
    package = sys.modules.get("exactrelu")
    if hasattr(package, "__version__"):
        from exactrelu.strategies.registration import register as register_types

        register_types()
