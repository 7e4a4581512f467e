"""Forecast with exposure limits: the whole trade-off, the long-run average beside it, and other responses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Findings
from peelian.pictures.words import english
from peelian.technologies.mapping import example
from peelian.technologies.mapping.advising import (
    ANSWERS,
    BESIDE,
    BUDGETED,
    COUNT_MAP,
    HELD,
    NO_ONE_ANSWER,
    limits_example,
    run,
    what_may_be_public,
)
from peelian.technologies.mapping.declarations.advising import LIMITS, LimitsParams
from peelian.technologies.mapping.public_exposure import FEW, ROUNDED
from peelian.technologies.mapping.responses import responses_to

EXAMPLE = limits_example()
CONTEXT = Context(seed=1, progress=lambda says, share: None, authorizations=EXAMPLE.authorizations)
PARAMS: LimitsParams = EXAMPLE.params


@pytest.fixture(scope="module")
def findings() -> Findings:
    return run(PARAMS, EXAMPLE.datasets, CONTEXT)


def test_every_point_has_its_price_and_the_count_map_stands_beside(findings: Findings) -> None:
    table = findings.table("frontier")
    assert table["kind"].tolist() == ["no_limit", "limited", "limited", "limited", COUNT_MAP]
    assert table["price"][0] == 0.0 and (table["price"] >= -1e-9).all()
    held = np.isfinite(table["limit"])
    assert (table["worst"][held] <= table["limit"][held] + 1e-4).all()
    said = [note.text for note in findings.notes]
    assert said.count(HELD) == 2 and BUDGETED in said and BESIDE in said and NO_ONE_ANSWER in said


def test_places_of_every_point_are_named_with_their_part(findings: Findings) -> None:
    table, frontier = findings.table("frontier_places"), findings.table("frontier")
    for point, places in zip(frontier["point"], frontier["places"], strict=True):
        assert table["part"][table["point"] == point].sum() == pytest.approx(places)
    assert ((table["part"] > 0) & (table["part"] <= 1)).all()


def test_what_an_area_had_before_counts_against_its_budget(findings: Findings) -> None:
    table = findings.table("frontier_places")
    budgeted = table["point"] == 2  # no limit on ratios, at most 6 places per area
    first = table["area"] == "District 1"
    assert table["part"][budgeted & first].sum() <= 4 + 1e-3
    assert table["part"][budgeted & (table["area"] == "District 2")].sum() <= 6 + 1e-3


def test_other_answers_to_the_category_are_named(findings: Findings) -> None:
    told = [note.text for note in findings.notes if note.kind == "explanation"]
    assert told == [ANSWERS, *responses_to(example.CATEGORY)]


def test_the_public_sees_the_frontier_with_few_digits_and_no_figure_of_few_cells(findings: Findings) -> None:
    public = what_may_be_public(findings)
    assert [table.name for table in public.tables] == ["frontier"] and ROUNDED in {note.text for note in public.notes}
    seen = [*public.table("frontier")["worst"], *public.table("frontier")["expected"], public.facts["expected_free"]]
    assert all(value == float(f"{value:.1e}") for value in seen if np.isfinite(value))
    told = [english(note.text, **note.values) for note in public.notes]
    assert "hold about" in told[0] and not [one for one in told if ".0 expected" in one], "no digit too many"
    few = what_may_be_public(replace(findings, facts={**findings.facts, "places": 19}))
    assert few.tables == () and {FEW, NO_ONE_ANSWER} <= {note.text for note in few.notes}
    assert not {HELD, BESIDE, BUDGETED} & {note.text for note in few.notes}


def test_without_areas_by_group_there_is_nothing_to_limit() -> None:
    areas = EXAMPLE.datasets["areas"]
    nobody = replace(areas, facts={**areas.facts, "groups": ""})
    with pytest.raises(NotEnoughData, match="residents by group"):
        run(PARAMS, {**EXAMPLE.datasets, "areas": nobody}, CONTEXT)


def test_what_was_spent_must_name_an_area() -> None:
    with pytest.raises(InputError, match="unknown area"):
        run(replace(PARAMS, spent=("Nowhere=1",)), EXAMPLE.datasets, CONTEXT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"limits": ()},
        {"limits": (0.9,)},
        {"limits": (float("nan"),)},
        {"budget": -1.0},
        {"spent": ("District 1",)},
        {"spent": ("District 1=-2",)},
        {"advised_cells": 0},
        {"start_day": "soon"},
    ],
)
def test_parameters_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        LIMITS.asks.check(replace(PARAMS, **wrong))
