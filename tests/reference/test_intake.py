"""What comes in is what others read: pandas, the csv module, the time zone database, geodesics on the ellipsoid."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from peelian.intake.read import admitted
from peelian.kernel.model.formats import Admitted
from peelian.technologies.mapping.formats import FORMATS

EXAMPLES = Path(str(files("peelian.technologies.mapping") / "examples"))
MCI = {
    "Assault": "assault",
    "Auto Theft": "vehicle_theft",
    "Break and Enter": "break_and_enter",
    "Robbery": "robbery",
    "Theft Over": "theft",
}


@pytest.fixture(scope="module")
def toronto() -> Admitted:
    return admitted(EXAMPLES / "toronto" / "toronto_mci_2014_2021.parquet", "auto", FORMATS, {})[1]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.read_parquet(EXAMPLES / "toronto" / "toronto_mci_2014_2021.parquet")


def test_torontos_categories_hours_and_areas_are_those_of_pandas(toronto: Admitted, frame: pd.DataFrame) -> None:
    hours = pd.to_datetime(frame["occurrencedate"]) + pd.to_timedelta(frame["occurrencehour"].astype(int), unit="h")
    assert (toronto.table["start_hour"] == hours.to_numpy().astype("datetime64[h]")).all()
    assert (toronto.table["category"] == frame["MCI"].astype(str).map(MCI).to_numpy()).all()
    assert (toronto.table["area"] == frame["Neighbourhood"].astype(str).to_numpy()).all()


def test_distances_on_the_flat_map_are_those_on_the_ellipsoid(toronto: Admitted, frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, len(frame), (2, 2_000))
    lon, lat = frame["Long"].to_numpy(), frame["Lat"].to_numpy()
    _, _, true = Geod(ellps="WGS84").inv(lon[a], lat[a], lon[b], lat[b])
    east, north = toronto.table["east_metres"], toronto.table["north_metres"]
    flat = np.hypot(east[a] - east[b], north[a] - north[b])
    assert np.abs(flat - true).max() < 15  # snapping to 10 m moves each end by at most 7.1 m


def test_a_year_of_police_uk_counts_as_the_csv_module_counts(shared_data: Path) -> None:
    path = shared_data / "police_uk" / "city-of-london-street-2019.zip"
    counts: Counter[tuple[str, str]] = Counter()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            for row in csv.DictReader(archive.read(name).decode("utf-8-sig").splitlines()):
                if row["Longitude"] and abs(float(row["Latitude"]) - 51.5) < 0.9:
                    counts[row["Month"], row["Crime type"]] += 1
    _, taken = admitted(path, "auto", FORMATS, {})
    months = taken.table["start_hour"].astype("datetime64[M]").astype(str)
    ours = Counter(zip(months.tolist(), taken.table["category"].tolist(), strict=True))
    for (month, kind), word in (
        (("2019-06", "Shoplifting"), "shoplifting"),
        (("2019-06", "Drugs"), "drugs"),
        (("2019-12", "Robbery"), "robbery"),
        (("2019-03", "Other theft"), "theft"),
    ):
        assert ours[month, word] == counts[month, kind] > 0
    assert sum(ours.values()) == sum(counts.values())


def strewn(rng: np.random.Generator, latitude: str, longitude: str) -> dict[str, object]:
    """Points of a town, as many people report them: positions of one would be refused."""
    return {latitude: 41.8 + 0.2 * rng.random(20_000), longitude: -87.7 + 0.2 * rng.random(20_000)}


def test_american_stamps_are_those_of_pandas(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    moments = pd.Series(np.datetime64("2001-01-01T00:00") + rng.integers(0, 23 * 365 * 1440, 20_000))
    text = moments.dt.strftime("%m/%d/%Y %I:%M:%S %p")
    pd.DataFrame(
        {"Date": text, "IUCR": "0820", "Primary Type": "THEFT", **strewn(rng, "Latitude", "Longitude")}
    ).to_csv(tmp_path / "chicago.csv", index=False)
    _, taken = admitted(tmp_path / "chicago.csv", "auto", FORMATS, {})
    expected = pd.to_datetime(text, format="%m/%d/%Y %I:%M:%S %p").to_numpy().astype("datetime64[h]")
    assert (taken.table["start_hour"] == expected).all()


def test_stamps_in_utc_are_the_civil_hours_of_pandas(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    moments = pd.Series(np.datetime64("2010-01-01T00:00") + rng.integers(0, 14 * 365 * 1440, 20_000))
    pd.DataFrame({"date": moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ"), **strewn(rng, "lat", "lon")}).to_csv(
        tmp_path / "utc.csv", index=False
    )
    _, taken = admitted(tmp_path / "utc.csv", "auto", FORMATS, {"zone": "America/Toronto"})
    local = moments.dt.tz_localize("UTC").dt.tz_convert("America/Toronto").dt.tz_localize(None)
    assert (taken.table["start_hour"] == local.to_numpy().astype("datetime64[h]")).all()
