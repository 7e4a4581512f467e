"""Formats of comparisons, drift and overrides: each file finds its own, and what identifies or decides is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel.model.formats import Admitted
from peelian.technologies.risk.formats import counted as reduction
from peelian.technologies.risk.formats import persons
from peelian.technologies.risk.formats.counted import refuse_deciders
from peelian.technologies.risk.formats.persons import ASSESSED
from peelian.technologies.risk.formats.tally import FORMATS


def read(tmp_path: Path, header: str, *rows: str, **options: str) -> tuple[str, Admitted]:
    file = tmp_path / "file.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return admitted(file, "auto", FORMATS, options)


@pytest.mark.parametrize(
    ("header", "row", "format"),
    [
        ("score,score_2,outcome,sex", "1,2,0,Male", "risk-pair"),
        ("pid,score,score_2,outcome,sex", "a,1,2,0,Male", "risk-pair"),
        ("score,score_2,outcome,n,sex", "1,2,0,7,Male", "risk-pair"),
        ("pid,score,outcome,quarter", "a,1,0,2019-Q3", "risk-quarters"),
        ("score,outcome,n,quarter", "1,0,4,2019Q3", "risk-quarters"),
        ("pid,score,outcome,date,sex", "a,1,0,2019-08-04,Male", "risk-dates"),
        ("pid,score,decision,outcome,sex", "a,1,0,,Male", "risk-overrides"),
        ("score,decision,n,sex", "1,0,9,Male", "risk-overrides"),
        ("pid,score,outcome,sex", "a,1,0,Male", "risk-cohort"),
        ("score,outcome,n,sex", "1,0,9,Male", "risk-tally"),
    ],
)
def test_a_file_finds_its_format_by_its_header(tmp_path: Path, header: str, row: str, format: str) -> None:
    found, taken = read(tmp_path, header, row)
    assert found == format and "a" not in taken.table.names and "pid" not in taken.table


@pytest.mark.parametrize("word", ["2019-Q3", "2019 q3", "2019T3", "2019-07", "2019-09-30", "2019-08-01T10:30"])
def test_of_a_date_only_the_quarter_is_kept(tmp_path: Path, word: str) -> None:
    taken = read(tmp_path, "score,outcome,quarter", f"1,0,{word}")[1]
    assert taken.table["quarter"].tolist() == [np.datetime64("2019-07-01").astype(object)]


@pytest.mark.parametrize("word", ["2019-Q5", "2019-13", "summer", "20190801"])
def test_what_is_no_quarter_names_its_row(tmp_path: Path, word: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, "score,outcome,quarter", "1,0,2019-Q1", f"1,0,{word}")
    assert (error.value.row, error.value.column) == (3, "quarter")


def test_rows_without_what_is_needed_are_left_out_and_counted(tmp_path: Path) -> None:
    taken = read(tmp_path, "score,score_2,outcome", "1,2,0", ",2,0", "1,,1", "1,2,", "1,2,0")[1]
    assert {(d.why, d.n) for d in taken.dropped} == {("Score missing", 2), ("Outcome unknown", 1)}
    assert taken.table["n"].tolist() == [2]


def test_an_unknown_outcome_is_kept_as_such_after_a_decision(tmp_path: Path) -> None:
    taken = read(tmp_path, "score,decision,outcome", "1,1,", "1,0,1")[1].table
    assert sorted(zip(taken["decision"].tolist(), taken["outcome_known"].tolist(), strict=True)) == [(0, 1), (1, 0)]


@pytest.mark.parametrize("column", ["judge", "Officer", "decided_by_clerk", "juge", "decision_maker", "case worker"])
def test_a_column_that_says_who_decided_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, f"score,decision,{column}", "1,0,7")
    assert "decided" in str(error.value) and error.value.column == column
    with pytest.raises(InputError):
        refuse_deciders([column])


@pytest.mark.parametrize("header", ["score,score_2,outcome,name", "score,outcome,quarter,dob", "score,decision,email"])
def test_a_column_that_identifies_a_person_is_refused_though_it_would_not_be_read(tmp_path: Path, header: str) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, header, "1,1,1,x" if header.count(",") == 3 else "1,1,x")
    assert error.value.column == header.split(",")[-1]


def test_columns_can_be_named_by_options(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("old,new,again,sex\n1,2,0,Male\n", encoding="utf-8")
    options = {"score": "old", "score_2": "new", "outcome": "again"}
    _, taken = admitted(file, "risk-pair", FORMATS, options)
    assert taken.table["score_2"].tolist() == [2] and taken.facts["axes"] == "sex"
    with pytest.raises(InputError) as error:
        admitted(file, "risk-pair", FORMATS, options | {"score_2": "newest"})
    assert error.value.column == "score_2"


@pytest.mark.parametrize(
    ("header", "row"),
    [("score,score_2,outcome", "1,2,0"), ("score,outcome,quarter", "1,0,2019-Q1"), ("score,decision,outcome", "1,0,1")],
)
def test_the_rows_of_a_person_are_in_one_replicate_group(tmp_path: Path, header: str, row: str) -> None:
    rows = [f"p{i % 3},{row}" for i in range(6)]
    taken = read(tmp_path, f"PID,{header}", *rows)[1]
    assert (taken.facts["people"], taken.facts["assessments"]) == (3, 6)
    assert sorted(zip(taken.table["fold"].tolist(), taken.table["n"].tolist(), strict=True)) == [(0, 2), (1, 2), (2, 2)]
    assert taken.table["distinct"].tolist() == [1, 1, 1]
    assert ASSESSED in {note.text for note in taken.notes}
    once = read(tmp_path, f"pid,{header}", *rows[:3])[1]
    assert "fold" not in once.table and once.facts["people"] == 3 and not once.notes


def test_persons_that_become_many_stay_in_one_group_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "FEW_PERSONS", 100)
    monkeypatch.setattr(reduction, "PILE", 50)
    rows = [f"p{i % 300},{i % 300 % 7},2,0" for i in range(600)]
    taken = read(tmp_path, "pid,score,score_2,outcome", *rows)[1].table
    assert set((taken["n"] % 2).tolist()) == {0}, "both rows of a person are equal and in one group"


@pytest.mark.parametrize("header", ["score,score_2,outcome,weight", "score,outcome,quarter,Weight"])
def test_weights_are_refused_where_they_would_not_be_used(tmp_path: Path, header: str) -> None:
    with pytest.raises(InputError, match="weights are not used here") as error:
        read(tmp_path, header, "1,1,1,2")
    assert error.value.column == header.split(",")[-1]
