"""Formats: files are known by their header, in CSV and Parquet, and those that name a person are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.technologies.risk.formats.tally import FORMATS

COHORT = "outcome,race,pid,score,sex\n" + "".join(
    f"{i % 2},{'ab'[i % 3 == 0]},p{i},{1 + i % 4},{'fm'[i % 5 > 2]}\n" for i in range(200)
)


def _read(path: Path, **options: str):  # type: ignore[no-untyped-def]
    return admitted(path, "auto", FORMATS, options)


def test_a_cohort_is_counted_whatever_the_order_of_its_columns(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(COHORT)
    name, taken = _read(tmp_path / "c.csv")
    assert name == "risk-cohort"
    assert taken.facts["people"] == 200
    assert "pid" not in taken.table
    check_at_intake(taken)


def test_parquet_with_numbers_gives_the_same_tally(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(COHORT)
    lines = [line.split(",") for line in COHORT.split()]
    columns = dict(zip(lines[0], zip(*lines[1:], strict=True), strict=True))
    table = pa.table(
        {
            "outcome": pa.array([int(v) for v in columns["outcome"]]),
            "score": pa.array([float(v) for v in columns["score"]]),
            "pid": pa.array(columns["pid"]),
            "race": pa.array(columns["race"]),
            "sex": pa.array(columns["sex"]),
        }
    )
    pq.write_table(table, tmp_path / "c.parquet")
    assert _read(tmp_path / "c.parquet")[1].table.digest() == _read(tmp_path / "c.csv")[1].table.digest()


def test_any_header_is_read_once_score_and_outcome_are_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("points,again,count,district\n1,0,20,north\n2,1,30,south\n")
    with pytest.raises(InputError):
        _read(tmp_path / "t.csv")
    name, taken = _read(tmp_path / "t.csv", score="points", outcome="again", n="count", groups="district")
    assert name == "risk-columns"
    assert taken.table["n"].tolist() == [20, 30]
    assert taken.facts["axes"] == "district"


@pytest.mark.parametrize("column", ["name", "dob", "ssn", "home_address"])
def test_a_file_that_names_a_person_is_refused_whole(tmp_path: Path, column: str) -> None:
    (tmp_path / "c.csv").write_text(f"pid,score,outcome,{column}\np1,1,0,secret-value\n")
    with pytest.raises(InputError) as error:
        _read(tmp_path / "c.csv")
    assert error.value.column == column
    assert "secret-value" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "column"),
    [("p2,high,0,a", "score"), ("p2,inf,0,a", "score"), ("p2,1,7,a", "outcome")],
)
def test_a_bad_value_is_named_by_file_row_and_column(tmp_path: Path, line: str, column: str) -> None:
    (tmp_path / "c.csv").write_text(f"pid,score,outcome,race\np1,1,0,a\n{line}\n")
    with pytest.raises(InputError) as error:
        _read(tmp_path / "c.csv")
    assert (error.value.file, error.value.row, error.value.column) == ("c.csv", 3, column)


def test_a_missing_score_is_dropped_and_said(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("pid,score,outcome,race\np1,1,0,a\np2,NaN,0,a\np3,,1,a\n")
    dropped = _read(tmp_path / "c.csv")[1].dropped
    assert [(d.n, d.first_row) for d in dropped] == [(2, 3)]


def test_the_shipped_files_are_known(crossed, windowed) -> None:  # type: ignore[no-untyped-def]
    assert crossed["n"].sum() == windowed["n"].sum() == 7214
    assert (windowed["n"][np.equal(windowed["full_window"], 0)]).sum() == 998
