"""The table in docs/theorems.md, from the registry.

    python tests/theorems/table_of_theorems.py

writes it anew between its two marks; a test compares.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from exactrelu.theorems import THEOREMS  # noqa: E402 - run as a script, the package is found by the line above

DOCUMENT = ROOT / "docs" / "theorems.md"
BEGIN, END = "<!-- table of theorems: begin -->\n", "<!-- table of theorems: end -->\n"


def table() -> str:
    """Two lists as Markdown tables: theorems, then false variants with what they distort."""
    lines = ["| Theorem | Title | Source |", "|---|---|---|"]
    lines += [f"| `{o.name}` | {_cell(o.title)} | {_cell(o.source)} |" for o in THEOREMS if o.false_variant_of is None]
    lines += ["", "| False variant | Title | Of |", "|---|---|---|"]
    lines += [f"| `{o.name}` | {_cell(o.title)} | `{o.false_variant_of}` |" for o in THEOREMS if o.false_variant_of]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def with_table(text: str) -> str:
    """The document with the table between the marks replaced."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
