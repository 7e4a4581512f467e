"""The counter of an office: DuckDB, or the Spark that two people adopted; the log names the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import counting
import numpy as np
import pytest
from desk import Desk, declared, desk

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.integrations.incident_counts import counted
from peelian.integrations.office_counter import FORMERLY, counted_here
from peelian.kernel import verbs
from peelian.kernel.access.decryption_checks import must_be_adopted
from peelian.kernel.identity import dual_control
from peelian.kernel.model.counts import Bins
from peelian.kernel.retention.retention_roots import _adopted
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


@pytest.mark.parametrize("address", ["postgresql://u@/counts?host=/run/postgresql", "spark://city:7077", "abacus"])
def test_an_operator_names_no_engine(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """A server of one's own could keep every row: who gets rows is adopted by two people, and in the log."""
    monkeypatch.setenv(FORMERLY, address)
    with pytest.raises(InputError, match=r"names no engine any more.*peelian proposals counts"):
        counted_here(given(), Bins(cell_metres=250.0))  # type: ignore[arg-type]


def adopt(town: Desk, address: str) -> None:
    """Two people of different units choose where incidents are counted."""
    body = dual_control.place_of_counts(address)
    proposal = dual_control.propose(
        town.kernel, town.people["custodian"], "counts", words="counts grow too large", body=body
    )
    dual_control.approve(town.kernel, town.people["board"], proposal)


@pytest.mark.parametrize("address", ["postgresql://x", "local[2]", "spark://", "spark://a b:1", "http://spark:7077"])
def test_what_is_no_spark_is_not_even_proposed(address: str) -> None:
    town, body = desk(), {"engine": "spark", "address": address}
    with pytest.raises(InputError, match="not the address of a Spark"):
        dual_control.propose(town.kernel, town.people["custodian"], "counts", words="counts grow too large", body=body)


def test_a_spark_counts_once_two_people_adopted_it_and_until_two_withdraw_it() -> None:
    town = desk()
    body = dual_control.place_of_counts("spark://city:7077")
    proposal = dual_control.propose(
        town.kernel, town.people["custodian"], "counts", words="three words here", body=body
    )
    assert town.kernel.state.adopted.spark == ""
    with pytest.raises(OutOfOrder, match="peelian proposals counts"):
        must_be_adopted(town.kernel, "spark")
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, town.people["custodian"], proposal)
    dual_control.approve(town.kernel, town.people["board"], proposal)
    assert town.kernel.state.adopted.spark == "spark://city:7077"
    must_be_adopted(town.kernel, "spark")
    for engine in ("postgresql", "Spark", "spark://city:7077"):
        with pytest.raises(OutOfOrder):
            must_be_adopted(town.kernel, engine)
    here, town.clock.now = town.clock.now, town.clock.now + timedelta(days=300)
    assert proposal in set(_adopted(town.kernel)), "what is in force is kept, however old"
    town.clock.now = here
    adopt(town, "")
    assert town.kernel.state.adopted.spark == ""
    with pytest.raises(OutOfOrder, match="peelian proposals counts"):
        must_be_adopted(town.kernel, "spark")
    town.clock.now += timedelta(days=300)
    assert proposal not in set(_adopted(town.kernel))


@pytest.mark.parametrize("spark", ["", "spark://city:7077"])
def test_an_office_back_tests_a_file_in_partitions(tmp_path: Path, spark: str, monkeypatch: pytest.MonkeyPatch) -> None:
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
    asked: list[str] = []
    if spark:
        from peelian.integrations import count_engines

        adopt(town, spark)
        duckdb = count_engines.duckdb_engine
        monkeypatch.setattr(count_engines, "spark_engine", lambda at, settings: asked.append(at) or duckdb())
    evidence, found = verbs.run(town.kernel, town.people["analyst"], permit)
    engines = {str(e.get("engine", "none")) for _, e in town.kernel.stores.log.read(kinds=("OPENED",))}
    assert engines == {"none", "spark" if spark else "duckdb"} and asked == [spark] * bool(spark)
    assert {e["dataset"] for _, e in town.kernel.stores.log.read(kinds=("OPENED",)) if "engine" in e} == {made.dataset}
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
