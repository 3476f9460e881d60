"""The file from which an interrupted decision goes on: finished alternatives, and the box search in progress.

A NumPy archive (`.npz`) with arrays and JSON text, no pickled objects, written under another name and renamed, so that
a killed run leaves the last complete one.  It begins with a digest of the network and the formula, and is refused for
another question.  Cost: proportional to the boxes looked at; saved seldom enough to take a few per cent of the time.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from exactrelu.errors import InputError
from exactrelu.verification.questions.query import Query
from exactrelu.whole_file import whole_file

__all__ = ["StateFile"]


class StateFile:
    """Where the state of one query's decision is kept."""

    def __init__(self, path: str | os.PathLike[str], query: Query) -> None:
        self.path = Path(path)
        digest = hashlib.sha256(str(query.formula).encode())
        for layer in query.network.hidden:
            digest.update(repr([(a.negative, a.positive) for a in layer.activations]).encode())
        for one in query.network.affine_maps:
            digest.update(f"{one.augmented.nonzeros} {one.augmented.denominator}".encode())
        self._digest = digest.hexdigest()

    def save(self, done: list[Any], arrays: Mapping[str, Any]) -> None:
        """Write the lines of finished alternatives, one list each, and the arrays of the search in progress."""
        with whole_file(self.path) as unfinished, unfinished.open("wb") as file:
            np.savez(file, digest=self._digest, done=json.dumps(done), **arrays)

    def load(self) -> tuple[list[Any], dict[str, Any]] | None:
        """Return what was saved, None if there is no file.

        Raises:
            InputError: the file is damaged, or about another query.
        """
        if not self.path.exists():
            return None
        if not self.path.is_file() or not zipfile.is_zipfile(self.path):  # a device may be read without end
            raise InputError(f"{self.path} is no saved search, or a damaged one; name another file or delete it")
        try:
            with np.load(self.path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            digest, done = str(arrays.pop("digest")), json.loads(str(arrays.pop("done")))
        except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise InputError(f"{self.path} is no saved search: {error}") from None
        if digest != self._digest:
            raise InputError(f"{self.path} is the saved search of another query; name another file")
        return done, arrays

    def remove(self) -> None:
        """Forget the state; the question is decided."""
        self.path.unlink(missing_ok=True)
