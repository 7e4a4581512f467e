"""Landmarks: any table with a kind and a point; kinds become plain words; what cannot be is named by row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.kernel.model.formats import Admitted
from peelian.technologies.mapping.formats import FORMATS

HEADER = "landmark,lon,lat\n"


def take(folder: Path, text: str, **options: str) -> Admitted:
    path = folder / "landmarks.csv"
    path.write_text(text, encoding="utf-8")
    return admitted(path, "landmarks" if options else "auto", FORMATS, options)[1]


def test_kinds_and_points(tmp_path: Path) -> None:
    taken = take(tmp_path, HEADER + "Bus Stop,-79.4,43.7\nBar / pub,-79.41,43.71\nbus stop,-79.42,43.7\n")
    assert taken.table["landmark"].tolist() == ["bus_stop", "bar_pub", "bus_stop"]
    assert taken.facts["groups"] == "bar_pub,bus_stop" and taken.facts["n"] == 3
    check_at_intake(taken)


def test_columns_by_options(tmp_path: Path) -> None:
    text = "sort,east,up\nbar,-79.4,43.7\n"
    assert len(take(tmp_path, text, landmark="sort", longitude="east", latitude="up").table) == 1
    with pytest.raises(InputError, match="no longitude column") as refused:
        take(tmp_path, text, landmark="sort", latitude="up")
    assert "sort, east, up" in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("bar,east,43.7\n", "not a number"),
        ("bar,630000,4840000\n", "metres or feet"),
        (",-79.4,43.7\n", "landmark type missing"),
        ("bar,0,0\n", "no landmarks"),
        ("".join(f"kind {k},-79.4,43.7\n" for k in range(41)), "41 landmark types"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, rows: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        take(tmp_path, HEADER + rows)


def test_a_bad_row_may_be_dropped_and_is_counted(tmp_path: Path) -> None:
    taken = take(tmp_path, HEADER + "bar,x,43.7\nbar,-79.4,43.7\n", on_bad_row="drop")
    assert len(taken.table) == 1 and taken.dropped[0].n == 1 and taken.dropped[0].first_row == 2


def test_the_home_of_a_person_is_no_kind_of_place(tmp_path: Path) -> None:
    """Nearness to somebody's home would be a feature of a person on a card of places."""
    for kinds in (["home of Jane Doe", "John Smith", "Ali", "mei-chen"], ["12 Main Street", "14 Main Street", "bar"]):
        rows = "".join(f"{kind},-79.4,43.7\n" for kind in kinds)
        with pytest.raises(InputError, match="names of people or addresses") as wrong:
            take(tmp_path, HEADER + rows)
        assert not any(kind in str(wrong.value) for kind in kinds[:2])
