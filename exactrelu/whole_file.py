"""Writing files that appear whole or not at all.

A certificate or a saved search that is half written is worse than none: a reader cannot tell it from a defect.  So it
is written under another name beside its place and renamed at the end, which replaces an older file in one step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a path to write to; the file is at `path` when the block ends, and nowhere if it fails.

    Raises:
        OSError: the file cannot be renamed.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp(), "note.txt")
        >>> with whole_file(target) as unfinished:
        ...     _ = unfinished.write_text("all of it")
        ...     target.exists()
        False
        >>> target.read_text()
        'all of it'
    """
    target = Path(path)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
