"""A back-test of incidents in partitions, permitted in an office on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desk import Desk, declared
from divided import desk_of

from peelian.kernel.model.documents import Permit
from peelian.measure.projection import Projection
from peelian.operations.office import Office
from peelian.technologies.mapping import example

UNTIL = "2018-05"


def incidents(path: Path) -> Path:
    """The example's incidents before a month, as a file."""
    rows = example.incidents(n=12_000).table
    lon, lat = Projection(**example.CENTRE).to_degrees(rows["east_metres"], rows["north_metres"])
    lines = zip(rows["start_hour"].astype("datetime64[m]").tolist(), lon.tolist(), lat.tolist(), strict=True)
    told = [f"{when:%Y-%m-%d %H:%M},{x:.7f},{y:.7f},{example.CATEGORY}\n" for when, x, y in lines]
    text = "".join(line for line in told if line < UNTIL)
    path.write_text(f"date,longitude,latitude,category\n{text}")
    return path


def asked(office: Office, folder: Path) -> tuple[Desk, Permit]:
    """A back-test of incidents in partitions, permitted."""
    town = desk_of(office)
    backtest = town.kernel.capability("mapping.backtest")
    town.authorizations(backtest)
    options, by = {"zone": "Europe/Berlin", "centre": "10.0,50.0"}, town.people["custodian"]
    path = incidents(folder / "incidents.csv")
    made = office.admit(by, path, declared("proof"), format="incidents", options=options, partitions=True)
    areas = town.admit(example.areas(), backtest.asks.purposes, "areas")
    plain = backtest.arithmetic().example().params
    params = replace(plain, shifts=(), shift="all", models=("uniform",), model="moving")
    return town, town.ask(backtest, params=params, datasets={"incidents": made.dataset, "areas": areas.dataset})
