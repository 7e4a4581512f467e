"""The vendor's audit: ratios by group, what was never predicted, who was left out, nothing about accuracy claimed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Kind, table
from peelian.technologies.mapping.declarations.vendor import VendorParams
from peelian.technologies.mapping.vendor import HALVES, NEVER, NO_ACCURACY, NOBODY, PILED, UNSURE, run, vendor_example

EXAMPLE = vendor_example()
CONTEXT = Context(seed=1, progress=lambda says, share: None)


def audited(predictions: list[int], population: list[int], group: list[int], name: str = "") -> Findings:
    columns = {
        "predictions": (Kind.COUNT, np.array(predictions)),
        "population": (Kind.COUNT, np.array(population)),
        "group_g": (Kind.COUNT, np.array(group)),
    }
    dataset = Dataset(id="x", format="x", digest="0" * 64, table=table("predictions", columns), facts={"groups": "g"})
    return run(VendorParams(group=name), {"predictions": dataset}, CONTEXT)


def test_the_example_points_at_newcomers() -> None:
    found = run(EXAMPLE.params, EXAMPLE.datasets, CONTEXT)
    values = next(note.values for note in found.notes if note.text == HALVES)
    assert values["group"] == "newcomers" and values["low"] > 1.0


def test_ratios_are_per_head_and_not_per_area() -> None:
    found = audited([10] * 4 + [20] * 4, [100] * 4 + [200] * 4, [10] * 4 + [150] * 4).table("vendor_exposure")
    assert found["halves"][1] == pytest.approx(1.0)
    assert found["per_head"].tolist() == pytest.approx([0.1, 0.1])
    assert found["n"].tolist() == [1200, 640]


def test_areas_without_residents_are_left_out_and_said() -> None:
    found = audited([10] * 8 + [77], [100] * 8 + [0], [50] * 4 + [10] * 4 + [0])
    assert [note.values["predictions"] for note in found.notes if note.text == NOBODY] == [77]
    assert found.facts["areas"] == 8


def test_what_was_never_predicted_and_who_bears_half_are_said() -> None:
    found = audited([90] + [10] * 8 + [0], [100] * 10, [50] * 5 + [10] * 5)
    said = {note.text: note.values for note in found.notes}
    assert said[NEVER] == {"areas": 1, "all": 10}
    assert said[PILED]["share"] == pytest.approx(100 * 0.1 * 85 / 90)
    assert NO_ACCURACY in said


def test_too_unlike_areas_give_a_ratio_without_an_interval() -> None:
    found = audited([100] + [0] * 7, [100] * 8, [90] + [10] * 7)
    assert UNSURE not in {note.text for note in found.notes if "low" in note.values}
    assert np.isnan(found.table("vendor_exposure")["halves_high"][1]) or found.table("vendor_exposure")["halves"][1] > 0


def test_groups_must_be_declared_and_areas_enough() -> None:
    with pytest.raises(InputError, match="unknown group"):
        audited([1] * 8, [10] * 8, [5] * 8, name="martians")
    with pytest.raises(NotEnoughData, match="7 areas"):
        audited([1] * 8, [10] * 7 + [0], [5] * 7 + [0])
    dataset = EXAMPLE.datasets["predictions"]
    with pytest.raises(InputError, match="no group of residents declared"):
        run(VendorParams(), {"predictions": replace(dataset, facts={"groups": ""})}, CONTEXT)
