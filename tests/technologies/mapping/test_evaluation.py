"""An evaluation of an action at places, and its plan: what they say, what they refuse, what the public sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData, OutOfOrder
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings
from peelian.technologies.mapping import example
from peelian.technologies.mapping.declarations.evaluation import EVALUATE, PLAN, EvaluationParams, registered
from peelian.technologies.mapping.evaluation import (
    ARITHMETIC,
    FELL,
    LARGEST,
    NO_NEARBY,
    NO_VERDICT,
    NOT_SHOWN,
    PLAN_ARITHMETIC,
    REGISTERED,
    RETROSPECTIVE,
    UNDATED,
    run,
    run_plan,
    until,
)

GIVEN = ARITHMETIC.example()
PARAMS: EvaluationParams = GIVEN.params


def evaluated(params: EvaluationParams, incidents: Dataset | None = None, areas: Dataset | None = None) -> Findings:
    datasets = {"incidents": incidents or GIVEN.datasets["incidents"], "areas": areas or GIVEN.datasets["areas"]}
    return run(params, datasets, _context(params))


def _context(params: EvaluationParams, adopted: str = "2019-11-04") -> Context:
    body = {**registered(params), "planned_until": "2019-11-03"}
    return Context(
        seed=3,
        progress=lambda says, share: None,
        authorizations={AuthorizationKind.ACCEPTANCE_CRITERIA: body},
        issued={AuthorizationKind.ACCEPTANCE_CRITERIA: adopted} if adopted else {},
    )


def thinned(dataset: Dataset, keep: float) -> Dataset:
    """The example's incidents, those of the first district after the action kept with chance `keep`."""
    table, params = dataset.table, PARAMS
    east, north = (np.asarray(table[name], dtype=np.float64) for name in ("east_metres", "north_metres"))
    after = np.asarray(table["start_hour"]) >= np.datetime64(params.since, "h")
    there = (east < example.DISTRICT_METRES) & (north < example.DISTRICT_METRES) & after
    gone = there & (np.random.default_rng(5).random(len(table)) > keep)
    return replace(dataset, table=table.take(np.flatnonzero(~gone)))


def texts(findings: Findings) -> set[str]:
    return {note.text for note in findings.notes}


def test_nothing_done_is_not_said_to_have_helped():
    found = evaluated(PARAMS)
    assert found.facts["verdict"] == "not_shown"
    assert NOT_SHOWN in texts(found)


def test_a_large_fall_is_found_with_its_size_and_told_with_its_interval():
    found = evaluated(PARAMS, thinned(GIVEN.datasets["incidents"], 0.3))
    note = next(note for note in found.notes if note.text == FELL)
    assert found.facts["verdict"] == "fell"
    assert 45 < note.values["change"] < 90
    assert note.values["least"] < note.values["change"] < note.values["most"]
    ratio = found.table("evaluation").records()[0]
    assert ratio["measure"] == "matched"
    assert ratio["high"] < 1


def test_all_measures_agree_on_the_direction_of_a_large_fall():
    found = evaluated(PARAMS, thinned(GIVEN.datasets["incidents"], 0.3)).table("evaluation").records()
    known = {row["measure"]: row["value"] for row in found}
    assert max(known["matched"], known["difference"], known["synthetic"]) < 0.7
    assert known["displacement"] < 0


def test_settings_that_were_not_registered_are_refused():
    other = replace(PARAMS, after_days=49)
    with pytest.raises(InputError, match="registered"):
        run(other, GIVEN.datasets, _context(PARAMS))


@pytest.mark.parametrize(
    ("adopted", "says"), [("2019-11-04", REGISTERED), ("2019-11-05", RETROSPECTIVE), ("", UNDATED)]
)
def test_only_a_plan_adopted_by_the_first_day_of_the_action_counts_as_registered(adopted: str, says: str):
    found = run(PARAMS, dict(GIVEN.datasets), _context(PARAMS, adopted))
    assert {REGISTERED, RETROSPECTIVE, UNDATED} & texts(found) == {says}
    assert found.facts["registered_before"] is (says == REGISTERED)


def test_the_registration_agrees_with_the_plan_in_everything_but_the_outcome():
    need, body = (
        EVALUATE.needs[0],
        PLAN.grants.body(PARAMS, run_plan(PARAMS, PLAN_ARITHMETIC.example().datasets, _context(PARAMS))),
    )
    assert need.covers(PARAMS).items() <= body.items()
    assert need.covers(replace(PARAMS, treated=("District 2",)))["treated_digest"] != body["treated_digest"]


def test_a_plan_is_not_made_from_data_that_show_the_outcome():
    with pytest.raises(OutOfOrder, match="outcome"):
        run_plan(PARAMS, GIVEN.datasets, _context(PARAMS))


def test_a_plan_with_too_few_comparable_places_cannot_be_adopted():
    params = replace(PARAMS, after_days=182, before_days=364, chosen_days=91)
    found = run_plan(params, PLAN_ARITHMETIC.example().datasets, _context(params))
    assert found.facts["enough"] is False
    assert NO_VERDICT in texts(found)
    assert not PLAN.grants.may(found)


def test_a_longer_period_after_finds_more():
    found = [
        run_plan(replace(PARAMS, after_days=days), PLAN_ARITHMETIC.example().datasets, _context(PARAMS)).facts[
            "power_40"
        ]
        for days in (28, 84)
    ]
    assert found[0] < found[1]


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"treated": ("Nowhere",)}, InputError, "1 of 1 treated areas are unknown"),
        ({"treated": tuple(f"District {k}" for k in range(1, 10))}, NotEnoughData, "every area is treated"),
        ({"since": "2019-12-20"}, NotEnoughData, "they end on 2019-12-29"),
        ({"since": "2018-03-01"}, NotEnoughData, "they begin on 2018-01-01"),
        ({"category": "arson"}, NotEnoughData, "no incident of this category"),
    ],
)
def test_what_does_not_fit_the_data_is_told(changed, error, says):
    with pytest.raises(error, match=says):
        evaluated(replace(PARAMS, **changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"treated": ()},
        {"treated": ("District 1", "District 1")},
        {"since": "4 November"},
        {"action": "arrest"},
        {"after_days": 7},
        {"before_days": 10_000},
        {"nearby_metres": -1},
    ],
)
def test_what_cannot_be_asked_is_an_input_error(changed):
    with pytest.raises(InputError):
        EVALUATE.asks.check(replace(PARAMS, **changed))


def test_a_name_that_is_no_area_is_not_repeated_in_the_error():
    with pytest.raises(InputError) as raised:
        evaluated(replace(PARAMS, treated=("javascript:alert(1)",)))
    assert "javascript" not in str(raised.value)


def test_areas_that_overlap_a_treated_one_are_refused():
    areas = GIVEN.datasets["areas"]
    outlines = np.asarray(areas.table["outline"], dtype=object).copy()
    outlines[1] = outlines[0]
    columns = tuple(replace(c, values=outlines) if c.name == "outline" else c for c in areas.table.columns)
    with pytest.raises(InputError, match="overlap"):
        evaluated(PARAMS, areas=replace(areas, table=replace(areas.table, columns=columns)))


def test_no_incident_in_a_treated_area_before_is_not_enough():
    dataset = GIVEN.datasets["incidents"]
    table = dataset.table
    away = np.asarray(table["start_hour"]) < np.datetime64("2019-10-01", "h")
    east, north = (np.asarray(table[name], dtype=np.float64) for name in ("east_metres", "north_metres"))
    there = (east < example.DISTRICT_METRES) & (north < example.DISTRICT_METRES)
    with pytest.raises(NotEnoughData, match="fewer than 20 incidents"):
        evaluated(PARAMS, replace(dataset, table=table.take(np.flatnonzero(~(there & away)))))


def test_the_largest_area_is_judged_with_a_caution():
    dataset = GIVEN.datasets["incidents"]
    table = dataset.table
    there = (np.asarray(table["east_metres"]) < 1_500) & (np.asarray(table["north_metres"]) < 1_500)
    more = np.sort(np.concatenate([np.arange(len(table)), np.repeat(np.flatnonzero(there), 6)]))
    assert LARGEST in texts(evaluated(PARAMS, replace(dataset, table=table.take(more))))


def test_without_areas_nearby_displacement_is_said_to_be_unknown():
    assert NO_NEARBY in texts(evaluated(replace(PARAMS, nearby_metres=0)))


def test_the_public_sees_the_verdict_and_no_count_of_an_area_or_a_month():
    found = ARITHMETIC.public(evaluated(PARAMS))
    assert {table.name for table in found.tables} == {"evaluation", "evaluation_power", "evaluation_placebos"}
    assert "displacement" not in found.table("evaluation")["measure"].tolist()
    assert found.facts["verdict"] == "not_shown"


def test_earlier_incidents_are_those_that_began_before():
    cut = until(GIVEN.datasets["incidents"], "2019-01-01")
    assert np.asarray(cut.table["start_hour"]).max() < np.datetime64("2019-01-01", "h")
    assert cut.facts["to_day"] == "2018-12-31"
