"""What the tests of this room share: text tables as the door in hands them over, and a context without clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from peelian.kernel.model.capability import Context
from peelian.measure.table import Column, Kind, Table

AsText = Callable[..., Table]


@pytest.fixture(scope="session")
def as_text() -> AsText:
    """`as_text({"score": ["0.1"]})`: a table of text columns with the rows' numbers, header = row 1."""

    def made(columns: dict[str, Sequence[str]]) -> Table:
        length = len(next(iter(columns.values())))
        row = Column(name="row", kind=Kind.COUNT, values=np.arange(2, 2 + length))
        text = (
            Column(name=name, kind=Kind.PERSONAL, values=np.array(list(words), dtype=object))
            for name, words in columns.items()
        )
        return Table(name="text", columns=(row, *text))

    return made


@pytest.fixture
def context() -> Context:
    return Context(seed=5, progress=lambda says, share: None)
