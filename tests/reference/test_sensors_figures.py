"""Sensors' figures against what others compute: the noise law, days of real counters, a day's level, a meter's sum."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from discrete_laplace import probability
from scipy import stats
from sensing import a_sensor

from peelian.kernel.model.capability import Context, Dataset
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.counts_format import Rows, admitted_hours
from peelian.technologies.sensors.declarations.reporting import ReportParams
from peelian.technologies.sensors.open_data import ngsi_flow
from peelian.technologies.sensors.release import Released
from peelian.technologies.sensors.reporting import run


def days_of(rows: Rows, measure: str, **options: str) -> Any:
    made = admitted_hours(rows, {"measure": measure, **options}, np.arange(len(rows.value)))
    dataset = Dataset(id="d", format="sensor-counts", digest="", table=made.table)
    context = Context(seed=1, progress=lambda says, share: None)
    return run(ReportParams(), {"windows": dataset}, context).table("days")


@pytest.mark.parametrize("milli_epsilon", [800, 200])
def test_the_noise_law_is_scipys_discrete_laplace(milli_epsilon: int) -> None:
    law = stats.dlaplace(milli_epsilon / 1000)
    for x in (0, 1, -3, 20):
        assert probability(x, milli_epsilon=milli_epsilon) == pytest.approx(law.pmf(x))


def test_days_of_aucklands_counters_are_those_of_pandas(shared_data: Path) -> None:
    pd = pytest.importorskip("pandas", reason="pandas comes with the group `peers`")
    file = shared_data / "crowd" / "akl_hourly_counts_2019_2025.csv.gz"
    if not file.is_file():
        pytest.skip("the Auckland counts are missing")
    frame = pd.read_csv(file, nrows=2_000)
    counters = ["107 Quay Street", "45 Queen Street"]
    start = frame["hour"].str.extract(r"^(\d+):")[0].astype(int)
    hour = pd.to_datetime(frame["date"]).to_numpy().astype("datetime64[h]") + start.to_numpy()
    rows = Rows(
        area=np.repeat(np.array(counters, dtype=object), len(frame)),
        hour=np.tile(hour, 2),
        value=np.concatenate([frame[name].to_numpy(dtype=np.float64) for name in counters]),
    )
    days = days_of(rows, v.PEOPLE)
    for name in counters:
        theirs = frame[frame[name].notna()].groupby("date")[name].sum()
        ours = days.take(days["area"] == name)
        assert dict(zip(ours["day"].astype(str), ours["count"], strict=True)) == theirs.astype(int).to_dict()


def test_a_days_level_is_the_energy_mean_of_its_seconds(shared_data: Path) -> None:
    file = shared_data / "sound" / "noisemonitor_test_data_laeq1s.csv.gz"
    if not file.is_file():
        pytest.skip("the noise record is missing")
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()[1:]
    stamp, level = zip(*(line.split(",") for line in lines), strict=True)
    levels = np.array(level, dtype=np.float64)
    hours = np.array([text[:13].replace(" ", "T") for text in stamp], dtype="datetime64[h]")
    days = days_of(Rows(area=np.array(["m"] * len(levels), dtype=object), hour=hours, value=levels), v.NOISE)
    first = hours.astype("datetime64[D]") == days["day"][0]
    assert days["level"][0] == pytest.approx(10 * np.log10(np.mean(10 ** (levels[first] / 10))), abs=1e-9)


def test_released_counts_fit_the_published_model(shared_data: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    file = shared_data / "ngsi" / "CrowdFlowObserved.schema.json"
    if not file.is_file():
        pytest.skip("the schemas of the smart data models are missing: here only, not shipped")
    parts = json.loads(file.read_text())["allOf"]
    own = next(part for part in parts if "properties" in part)

    counter = a_sensor(id="s-1", title="t", owner="o", contact="c", why="w", area="a", ends="2027-01-01")
    day = Released(sensor="s-1", day=date(2026, 3, 1), windows=(None, 20) * 12, total=240)
    for entity in ngsi_flow(day, counter):
        simple = {k: x["value"] if isinstance(x, dict) else x for k, x in entity.items()}
        jsonschema.validate(simple, {"type": "object", "properties": own["properties"]})
