"""The counter of an office: DuckDB unless its operator names another engine."""

from __future__ import annotations

import counting
import numpy as np
import pytest

from peelian.errors import InputError
from peelian.integrations.incident_counts import counted
from peelian.integrations.office_counter import ENGINE, counted_here
from peelian.kernel.model.counts import Bins
from peelian.technologies.mapping import example

pytest.importorskip("ibis", reason="the extra `scale` is not installed")


def given() -> counting.Given:
    """The example's months, two files each."""
    files = {}
    for number, month in enumerate(counting.months_of(example.incidents(n=600), pieces=2)):
        for piece, file in enumerate(month):
            files[counting.Listed(month=f"{number:04d}", rows=piece)] = file
    return counting.Given(listed=tuple(files), read=files.__getitem__)


def test_partitions_are_counted_month_by_month() -> None:
    from peelian.integrations.count_engines import duckdb_engine

    bins = Bins(cell_metres=250.0)
    found = counted_here(given(), bins)  # type: ignore[arg-type]
    with duckdb_engine() as engine:
        whole = counted(counting.months_of(example.incidents(n=600)), bins, engine)
    assert found.counts.digest() == whole.counts.digest()
    assert int(np.sum(found.counts["n"])) == 600


def test_the_operator_names_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENGINE, "abacus://desk")
    with pytest.raises(InputError, match="unknown engine"):
        counted_here(given(), Bins(cell_metres=250.0))  # type: ignore[arg-type]
