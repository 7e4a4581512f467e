"""Any vendor's file by area: columns by name, groups that are sums, figures that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.kernel.model.formats import Admitted
from peelian.technologies.mapping.formats import FORMATS
from peelian.technologies.mapping.formats.vendor import NO_FIGURE, NO_OUTLINE, summed_groups


def take(folder: Path, text: str, **options: str) -> tuple[str, Admitted]:
    path = folder / "vendor.csv"
    path.write_text(text, encoding="utf-8")
    return admitted(path, options.pop("format", "auto"), FORMATS, options)


def test_a_file_with_plain_names_is_recognised(tmp_path: Path) -> None:
    text = "tract,Predictions,population,black,latino\n1,30,100,20,10\n2,5,200,,40\n"
    name, taken = take(tmp_path, text, groups="minority=black+latino,black")
    assert name == "vendor-areas" and taken.facts["groups"] == "minority,black"
    assert taken.table["predictions"].tolist() == [30, 5] and taken.table["group_minority"].tolist() == [30, 40]
    assert [note.values["n"] for note in taken.notes if note.text == NO_FIGURE] == [2]
    assert "tract" not in taken.table
    check_at_intake(taken)


def test_other_names_are_told_by_options(tmp_path: Path) -> None:
    text = "id,boxes,people,x\na,3,50,7\n"
    options = {"format": "vendor-areas", "predictions": "boxes", "population": "people", "groups": "x"}
    assert take(tmp_path, text, **options)[1].table["group_x"].tolist() == [7]
    with pytest.raises(InputError, match="unknown column"):
        take(tmp_path, text, **{**options, "predictions": "hits"})


@pytest.mark.parametrize(
    ("row", "said"),
    [("3,10,11", "group larger"), ("-1,10,1", "not a count"), ("x,10,1", "not a count"), ("2.5,10,1", "not a count")],
)
def test_figures_that_cannot_be_are_named_with_their_row(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        take(tmp_path, f"predictions,population,black\n1,10,1\n{row}\n", groups="black")
    assert refused.value.row == 3


def test_labels_are_plain_and_different() -> None:
    assert [group.label for group in summed_groups("Low income = a + b, C")] == ["low_income", "c"]
    assert summed_groups("") == ()
    with pytest.raises(InputError, match="repeated group label"):
        summed_groups("x=a,x=b")


def test_outlines_are_read_where_the_file_has_them_and_a_bad_one_is_counted(tmp_path: Path) -> None:
    ring = [[-88.3, 42.0], [-88.2, 42.0], [-88.2, 42.1], [-88.3, 42.0]]
    shapes = [{"type": "Polygon", "coordinates": [ring]}, {"type": "Polygon", "coordinates": [ring[:2]]}]
    features = [
        {"type": "Feature", "properties": {"predictions": 3, "population": 10}, "geometry": shape} for shape in shapes
    ]
    file = tmp_path / "vendor.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    _, taken = admitted(file, "vendor-areas", FORMATS, {})
    assert [text[:12] for text in taken.table["outline"].tolist()] == ["MULTIPOLYGON", ""]
    assert [note.values for note in taken.notes if note.text == NO_OUTLINE] == [{"n": 1}]


@pytest.mark.parametrize("crs", ["", "EPSG:26917"])
@pytest.mark.parametrize("format", ["vendor-areas", "areas"])
def test_cells_of_a_turned_grid_are_outlines_as_any_other(tmp_path: Path, format: str, crs: str) -> None:
    """Six by six cells of 500 m, turned by 12 degrees, in degrees and in metres of a system that the file states."""
    metres = Transformer.from_crs(4326, 26917, always_xy=True)
    middle, turned = np.array(metres.transform(-79.4, 43.7)), np.exp(1j * np.radians(12))
    corners = np.array([0, 1, 1 + 1j, 1j, 0])
    features, lay = [], []
    for place in (complex(col, row) for row in range(-3, 3) for col in range(-3, 3)):
        at = (corners + place) * 500 * turned
        points = np.column_stack([at.real, at.imag]) + middle
        lay.append(np.column_stack(metres.transform(*points.T, direction="INVERSE")))
        shape = {"type": "Polygon", "coordinates": [(points if crs else lay[-1]).tolist()]}
        facts = {"name": f"Cell {len(lay)}", "predictions": len(lay), "population": 300}
        features.append({"type": "Feature", "properties": facts, "geometry": shape})
    stated = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    file = tmp_path / "turned.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features, **stated}), encoding="utf-8")
    _, taken = admitted(file, format, FORMATS, {})
    read = shapely.from_wkt(taken.table["outline"])
    assert len(read) == 36 and not [note for note in taken.notes if note.text == NO_OUTLINE]
    for shape, points in zip(read, lay, strict=True):
        assert shape.symmetric_difference(shapely.Polygon(points)).area < 1e-3 * shape.area, "turned, as it was given"
