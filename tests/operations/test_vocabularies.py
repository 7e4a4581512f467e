"""Vocabularies are read from tables of labels and from GeoJSON of areas; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import areas_geojson

from peelian.errors import InputError
from peelian.kernel.model.labels import LabelKind, Vocabulary
from peelian.operations.technology_folders import technologies
from peelian.operations.vocabularies import read_vocabulary


def read(path: Path, kind: LabelKind = LabelKind.AREA) -> Vocabulary:
    return read_vocabulary(path, kind, "a census", technologies(), format="auto", options={})


def test_a_table_of_labels(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("label,people,function,homes\nRiverdale,4000,,1800\nOld square,,public_square,\n", encoding="utf-8")
    first, second = read(file).labels
    assert (first.label, first.people, first.homes) == ("Riverdale", 4_000, 1_800)
    assert (second.people, second.function, second.homes) == (0, "public_square", 0)


def test_areas_with_their_residents(tmp_path: Path) -> None:
    assert all(label.people > 0 for label in read(areas_geojson(tmp_path / "areas.geojson")).labels)


@pytest.mark.parametrize("cell", ["many", "-3", "1.5", "9" * 12])
def test_what_is_no_count_is_named(tmp_path: Path, cell: str) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(f"label,people\nRiverdale,4000\nAnnex,{cell}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"labels.csv, row 3, column people: not a count"):
        read(file, LabelKind.GROUP)
