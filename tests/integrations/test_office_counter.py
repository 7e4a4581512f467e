"""The counter of an office: DuckDB unless its operator names another engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import counting
import numpy as np
import pytest
from desk import declared, desk

from peelian.errors import InputError, Refused
from peelian.integrations.incident_counts import counted
from peelian.integrations.office_counter import ENGINE, counted_here
from peelian.kernel import verbs
from peelian.kernel.model.counts import Bins
from peelian.kernel.state.object_state import manifest_of_object
from peelian.measure.projection import Projection
from peelian.technologies.mapping import example
from peelian.technologies.mapping.counted import BY_DAY

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


def test_an_office_back_tests_a_file_in_partitions(tmp_path: Path) -> None:
    """From the file to the findings: each partition is opened once and logged, and the run sees counts only."""
    town = desk()
    backtest = town.kernel.capability("mapping.backtest")
    town.authorizations(backtest)
    by, path = town.people["custodian"], tmp_path / "incidents.csv"
    rows = example.incidents(n=12_000).table
    projection = Projection(**example.CENTRE)
    lon, lat = projection.to_degrees(rows["east_metres"], rows["north_metres"])
    lines = zip(rows["start_hour"].astype("datetime64[m]").tolist(), lon.tolist(), lat.tolist(), strict=True)
    path.write_text(
        "date,longitude,latitude,category\n"
        + "".join(f"{when:%Y-%m-%d %H:%M},{x:.7f},{y:.7f},{example.CATEGORY}\n" for when, x, y in lines)
    )
    options = {"zone": "Europe/Berlin", "centre": "10.0,50.0"}
    made = town.office.admit(by, path, declared("proof"), format="incidents", options=options, partitions=True)
    areas = town.admit(example.areas(), backtest.asks.purposes, "areas")
    params = replace(
        backtest.arithmetic().example().params, shifts=(), shift="all", models=("uniform",), model="moving"
    )
    permit = town.ask(backtest, params=params, datasets={"incidents": made.dataset, "areas": areas.dataset})
    evidence, found = verbs.run(town.kernel, town.people["analyst"], permit)
    assert evidence.data["incidents"] == made.digest
    assert BY_DAY in {note.text for note in found.notes}
    opened = [name for name in town.opened() if name == made.dataset]
    assert len(opened) == len(manifest_of_object(town.kernel, made.object).partitions) >= 24
    assert found.facts["n"] > 2_000
    alone = replace(params, model="self_exciting")
    again = town.ask(backtest, params=alone, datasets={"incidents": made.dataset, "areas": areas.dataset})
    with pytest.raises(Refused, match="order of single incidents"):
        verbs.run(town.kernel, town.people["analyst"], again)
    assert town.opened().count(made.dataset) == len(opened)  # it was refused before anything was opened
