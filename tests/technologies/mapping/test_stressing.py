"""The stress test as a case: rates and reporting from the town's own data, assumptions said, areas kept inside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Findings
from peelian.technologies.mapping.declarations.stressing import STRESS, StressParams
from peelian.technologies.mapping.stressing import (
    ASSUMED,
    HOLDS,
    RUNS_AWAY,
    TOWARDS,
    run,
    stress_example,
    stress_of,
    what_may_be_public,
)

CONTEXT = Context(seed=1, progress=lambda says, share: None)
EXAMPLE = stress_example()
PARAMS: StressParams = EXAMPLE.params


def stressed(**changes: object) -> Findings:
    return run(replace(PARAMS, **changes), EXAMPLE.datasets, CONTEXT)


def test_records_as_they_are_end_further_from_the_truth_than_corrected_ones() -> None:
    findings = stressed(reported=0.1, reporting_gap=0.0, discovered=0.8, half_life_days=70, patrols=1, days=728)
    wrong = dict(zip(findings.table("stress")["way"], findings.table("stress")["misplaced"], strict=True))
    assert wrong["corrected"] < wrong["naive"]
    assert RUNS_AWAY in {note.text for note in findings.notes}


def test_areas_that_report_less_get_fewer_patrols_than_they_should() -> None:
    findings = stressed(discovered=0.0, reporting_gap=0.5)
    values = next(note.values for note in findings.notes if note.text == TOWARDS)
    assert values["naive"] < values["truth"] - 3
    assert values["surveyed"] == pytest.approx(values["truth"], abs=3)
    assert HOLDS in {note.text for note in findings.notes}


def test_assumptions_are_said() -> None:
    values = next(note.values for note in stressed().notes if note.text == ASSUMED)
    assert values == {"high": pytest.approx(70.0), "low": pytest.approx(50.0), "group": "newcomers"}


def test_the_public_does_not_see_areas() -> None:
    findings = stressed()
    assert {table.name for table in findings.tables} == {"stress", "stress_course", "stress_areas", "town_map"}
    assert not {"stress_areas", "town_map"} & {table.name for table in what_may_be_public(findings).tables}


def test_shares_sum_to_one_over_areas() -> None:
    table = stressed().table("stress_areas")
    for way in ("naive", "corrected", "surveyed"):
        rows = table["way"] == way
        assert table["patrol_share"][rows].sum() == pytest.approx(1.0)
        assert table["true_share"][rows].sum() == pytest.approx(1.0)


def test_rates_are_records_divided_by_what_is_reported() -> None:
    share = np.array([0.0, 0.5, 1.0])
    stress = stress_of(StressParams(reported=0.5, reporting_gap=0.4), np.full(3, 70.0), share, 100.0, 2)
    assert stress.reported.tolist() == pytest.approx([0.7, 0.5, 0.3])
    assert stress.rates.tolist() == pytest.approx([1.0, 1.4, 70 / 30])
    alike = stress_of(StressParams(), np.full(3, 70.0), np.full(3, 0.2), 100.0, 2)
    assert alike.reported.tolist() == pytest.approx([0.6] * 3)


def test_a_group_that_was_not_declared_is_named() -> None:
    with pytest.raises(InputError, match="newcomers"):
        stressed(group="martians")


def test_without_groups_there_is_no_test() -> None:
    areas = EXAMPLE.datasets["areas"]
    nobody = replace(areas, facts={**areas.facts, "groups": ""})
    with pytest.raises(NotEnoughData, match="0 groups"):
        run(PARAMS, {**EXAMPLE.datasets, "areas": nobody}, CONTEXT)


@pytest.mark.parametrize(
    "wrong", [{"patrols": 0}, {"days": 3}, {"discovered": 2.0}, {"reported": 0.0}, {"explore": 0.0}, {"sending": "all"}]
)
def test_parameters_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        STRESS.asks.check(replace(PARAMS, **wrong))
