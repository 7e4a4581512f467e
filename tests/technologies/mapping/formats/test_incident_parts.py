"""Incidents part by part: what is handed over and said is what reading the whole file gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.intake.read import admitted
from peelian.kernel.model.formats import Admitted
from peelian.measure.table import Table
from peelian.technologies.mapping.formats import FORMATS, incident_parts
from peelian.technologies.mapping.formats.incident_parts import must_be_no_trace

EXAMPLES = Path(str(files("peelian.technologies.mapping") / "examples"))
HEADER = "date,category,lat,lon,area\n"


def both(path: Path, **options: str) -> tuple[Admitted, Admitted, list[Table]]:
    """A file read whole, and in parts: what is said of it, and the parts."""
    handed: list[Table] = []
    name, whole = admitted(path, "auto", FORMATS, options)
    _, said = admitted(path, name, FORMATS, options, emit=handed.append)
    return whole, said, handed


def rows(*tables: Table) -> list[tuple[object, ...]]:
    return sorted((row for one in tables for row in one.rows()), key=repr)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(incident_parts, "ROWS", 100)
    yield


@pytest.mark.parametrize("example", ["toronto/sample_mci_raw.csv", "police_uk"])
def test_examples_say_the_same_in_parts(example: str, small: None) -> None:
    path = EXAMPLES / example
    path = next(path.rglob("*.csv")) if path.is_dir() else path
    whole, said, handed = both(path)
    assert rows(*handed) == rows(whole.table)
    assert (dict(said.facts), said.dropped, said.notes) == (dict(whole.facts), whole.dropped, whole.notes)
    assert set(said.table["area"].tolist()) == set(whole.table["area"].tolist())


def made(path: Path, n: int = 3_000, **columns: list[str]) -> Path:
    rng = np.random.default_rng(3)
    days = np.datetime64("2020-01-01T00:00") + rng.integers(0, 700 * 1440, n)
    lat, lon = 43.7 + rng.normal(0, 0.05, n), -79.4 + rng.normal(0, 0.05, n)
    category = columns.get("category", ["theft"] * n)
    area = columns.get("area", [f"Ward {i % 7}" for i in range(n)])
    path.write_text(
        HEADER
        + "".join(
            f"{d},{c},{y:.6f},{x:.6f},{a}\n" for d, c, y, x, a in zip(days, category, lat, lon, area, strict=True)
        )
    )
    return path


def test_a_made_file_gives_the_same_rows_facts_and_notes(tmp_path: Path) -> None:
    path = made(tmp_path / "a.csv", category=["theft", "robbery", "graffiti on walls"] * 1_000)
    whole, said, handed = both(path, zone="America/Toronto", centre="-79.4,43.7")
    assert rows(*handed) == rows(whole.table) and dict(said.facts) == dict(whole.facts)
    assert said.notes == whole.notes and said.dropped == whole.dropped


@pytest.mark.parametrize("kind", ["names", "homes", "many"])
def test_areas_that_are_people_or_too_many_do_not_stay(tmp_path: Path, kind: str) -> None:
    area = {
        "names": [f"{first} Doe" for first in ("Jane", "Ali", "Lea", "John", "Mary")] * 600,
        "homes": [f"{i % 40 + 1} Main Street" for i in range(3_000)],
        "many": [f"Block {i}" for i in range(3_000)],
    }[kind]
    whole, said, _ = both(made(tmp_path / "a.csv", area=area), zone="America/Toronto")
    assert len(said.table) == 0 and set(whole.table["area"].tolist()) == {""}
    assert [note.text for note in said.notes] == [note.text for note in whole.notes]


def test_categories_that_are_names_are_refused_at_the_end(tmp_path: Path) -> None:
    path = made(tmp_path / "a.csv", category=[f"word{i % 150}" if i < 200 else "theft" for i in range(3_000)])
    with pytest.raises(InputError, match="look like names or narratives"):
        both(path, zone="America/Toronto")
    path = made(tmp_path / "b.csv", category=[f"word{i}" for i in range(3_000)])
    with pytest.raises(InputError, match="look like names or narratives"):
        admitted(path, "auto", FORMATS, {"zone": "America/Toronto"}, emit=lambda part: None)


def test_rows_out_of_reach_and_bad_rows_are_named(tmp_path: Path) -> None:
    path = made(tmp_path / "a.csv")
    path.write_text(path.read_text() + "2020-01-01T00:00,theft,10.0,10.0,Ward 1\n")
    with pytest.raises(InputError, match="from the town centre") as wrong:
        admitted(path, "auto", FORMATS, {"zone": "America/Toronto"}, emit=lambda part: None)
    assert wrong.value.row == 3_002
    path.write_text(HEADER + "2020-13-01T00:00,theft,43.7,-79.4,Ward 1\n")
    with pytest.raises(InputError) as wrong:
        admitted(path, "auto", FORMATS, {"zone": "America/Toronto"}, emit=lambda part: None)
    assert (wrong.value.row, wrong.value.column) == (2, "date")


def test_a_file_of_which_nothing_is_left_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "a.csv")
    with pytest.raises(NotEnoughData, match="3,000"):
        admitted(path, "auto", FORMATS, {"zone": "America/Toronto", "from_day": "2030-01-01"}, emit=lambda part: None)


def test_months_that_are_a_trace_are_refused(tmp_path: Path) -> None:
    _, _, handed = both(made(tmp_path / "a.csv"), zone="America/Toronto")
    must_be_no_trace(handed[0])
    hours = np.datetime64("2020-01-01T00", "h") + np.arange(len(handed[0]))
    at_home = {"start_hour": hours, "east_metres": np.zeros(len(hours)), "north_metres": np.zeros(len(hours))}
    columns = tuple(
        replace(column, values=at_home[column.name]) if column.name in at_home else column
        for column in handed[0].columns
    )
    with pytest.raises(InputError, match="trace of persons"):
        must_be_no_trace(Table(name="incidents", columns=columns))
