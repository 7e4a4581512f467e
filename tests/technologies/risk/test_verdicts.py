"""Verdicts: too few is not validated, chance is called chance, and hidden groups stay hidden in the verdict too."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.kernel.model.capability import Findings
from peelian.measure.rates import Area
from peelian.measure.table import Table
from peelian.technologies.risk.audit import verdicts as module
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.verdicts import discriminates
from peelian.technologies.risk.audit.words import (
    BETTER,
    NO_BETTER,
    NO_DIFFERENCE,
    NOT_VALIDATED,
    PROMISES_LESS,
    PROMISES_MORE,
    REFERENCE,
    REVERSED,
    SEPARATES_LESS,
    TOO_FEW_TO_TELL,
)
from peelian.technologies.risk.shared import SHOWN


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(module).failed == 0


def _verdicts(findings: Findings, column: str = "verdict") -> dict[str, str]:
    table = findings.table("verdicts")
    return dict(zip(table["group"].tolist(), table[column].tolist(), strict=True))


def test_compas_promises_too_much_for_women_and_is_not_validated_for_asian_and_native_american_people(
    found: Findings,
) -> None:
    verdicts = _verdicts(found)
    assert verdicts["Asian"] == verdicts["Native American"] == NOT_VALIDATED
    assert verdicts["Female"] == PROMISES_MORE
    assert verdicts["Caucasian"] == NO_DIFFERENCE and verdicts["everyone"] == REFERENCE
    words = _verdicts(found, "discrimination")
    assert words["everyone"] == words["Female"] == BETTER and words["Asian"] == TOO_FEW_TO_TELL


def _word(value: float, error: float, events: float, p: float, validated: bool = True) -> str:
    one = [np.array([x]) for x in (value, error**2, events, events)]
    area = Area(value=one[0], variance=one[1], events=one[2], others=one[3])
    return discriminates(area, np.array([p]), np.array([validated]))[0]


@pytest.mark.parametrize(
    ("value", "error", "events", "p", "word"),
    [
        (0.60, 0.01, 400, 1e-9, BETTER),
        (0.60, 0.04, 400, 0.031, TOO_FEW_TO_TELL),
        (0.50, 0.01, 400, 0.9, NO_BETTER),
        (0.51, 0.012, 400, 0.9, TOO_FEW_TO_TELL),
        (0.51, 0.001, 400, 1e-9, NO_BETTER),
        (0.45, 0.01, 200, 1e-9, REVERSED),
        (0.45, 0.01, 199, 1e-9, NO_BETTER),
        (0.46, 0.01, 400, 1e-3, NO_BETTER),
        (0.42, 0.03, 400, 0.031, NO_BETTER),
    ],
)
def test_a_score_is_better_or_reversed_only_beyond_chance(
    value: float, error: float, events: float, p: float, word: str
) -> None:
    assert _word(value, error, events, p) == word
    assert _word(value, error, events, p, validated=False) == TOO_FEW_TO_TELL


def test_a_turned_scale_is_said_to_be_turned_and_a_random_one_to_be_chance(make_tally, run_audit) -> None:
    turned = run_audit(make_tally([(s, o, 300 + 150 * s * (1 - o)) for s in (1, 2, 3) for o in (0, 1)]))
    assert _verdicts(turned, "discrimination") == {"everyone": REVERSED}
    blank = run_audit(make_tally([(s, o, 4000) for s in (1, 2, 3) for o in (0, 1)]))
    assert _verdicts(blank, "discrimination") == {"everyone": NO_BETTER}


@pytest.mark.parametrize(("factor", "word"), [(0.7, PROMISES_MORE), (1.3, PROMISES_LESS), (0.95, NO_DIFFERENCE)])
def test_the_direction_of_calibration_is_told_and_a_small_difference_is_not(
    make_tally, run_audit, factor: float, word: str
) -> None:
    """Twenty times more people of `a` set the promise. 0.95 is certain in 40,000 people, and too small to matter."""
    rows = []
    for s, share in ((1, 0.2), (2, 0.4), (3, 0.6)):
        rows += [(s, 1, round(266_666 * share), "a"), (s, 0, round(266_666 * (1 - share)), "a")]
        rows += [(s, 1, round(13_333 * share * factor), "b"), (s, 0, round(13_333 * (1 - share * factor)), "b")]
    found = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100))
    assert _verdicts(found)["b"] == word


def test_a_probability_that_is_too_far_from_the_middle_separates_less_than_it_says(make_tally, run_audit) -> None:
    rows = []
    for p in (0.1, 0.3, 0.7, 0.9):
        real = 1 / (1 + np.exp(-0.5 * np.log(p / (1 - p))))
        rows += [(p, 1, round(5_000 * real)), (p, 0, round(5_000 * (1 - real)))]
    found = run_audit(make_tally(rows), AuditParams(cut=0.5, probability=True, bootstraps=100))
    assert _verdicts(found) == {"everyone": SEPARATES_LESS}


def test_a_group_with_99_events_is_not_validated_and_one_with_100_is(make_tally, run_audit) -> None:
    rows = [(1, 0, 300, g) for g in "ab"] + [(2, 0, 100, g) for g in "ab"]
    rows += [(1, 1, 30, "a"), (2, 1, 69, "a"), (1, 1, 30, "b"), (2, 1, 70, "b")]
    verdicts = _verdicts(run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100)))
    assert verdicts["a"] == NOT_VALIDATED
    assert verdicts["b"] != NOT_VALIDATED


def test_hidden_groups_have_a_verdict_and_no_numbers(found: Findings) -> None:
    table = found.table("verdicts")
    hidden = (table["suppressed"] != SHOWN) & (table["n"] == 0)
    assert hidden.sum() == 10
    assert (table["verdict"][hidden] == NOT_VALIDATED).all()
    assert table["events"][hidden].sum() == 0


def test_plans_are_given_for_every_purpose(found: Findings) -> None:
    figures = found.table("figures")
    plans = {m: v for m, v in zip(figures["metric"], figures["value"], strict=True) if m.startswith("people_for")}
    assert len(plans) == 6
    assert all(np.isfinite(list(plans.values())))
    assert plans["people_for_events"] == 222


def test_a_whole_town_too_small_has_no_plan_and_still_an_audit(make_tally, run_audit) -> None:
    tally: Table = make_tally([(1, 0, 12), (1, 1, 4), (2, 0, 3), (2, 1, 11)])
    findings = run_audit(tally)
    assert set(_verdicts(findings).values()) == {NOT_VALIDATED}
