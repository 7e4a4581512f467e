"""The proof as a capability: bars, facts a paper can rest on, caveats, and nothing adopted where nothing was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_town import CELL, TOWN, plan, town

from peelian.errors import InputError, NotEnoughData, Refused
from peelian.kernel.disclosure.complementary_suppression import faults_of_a_release
from peelian.kernel.disclosure.intake_and_release_checks import Words, release_faults
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset, Findings
from peelian.measure.grid import grid_within
from peelian.measure.table import Table
from peelian.technologies.mapping import backtest
from peelian.technologies.mapping.comparison import Interval
from peelian.technologies.mapping.declarations.backtest import BACKTEST, BacktestParams
from peelian.technologies.mapping.declarations.scoring import SCORE
from peelian.technologies.mapping.example import areas, incidents
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import back_test

EXAMPLE = BACKTEST.arithmetic().example()
GROUPS = frozenset({"newcomers", "long_settled"})


def ran(
    params: BacktestParams | None = None,
    datasets: Mapping[str, Dataset] | None = None,
    bars: Mapping[str, Any] | None = None,
    **authorizations: Any,
) -> Findings:
    given = {
        AuthorizationKind.ACCEPTANCE_CRITERIA: bars or EXAMPLE.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA]
    }
    context = Context(seed=1, progress=lambda says, share: None, authorizations=given)
    return BACKTEST.arithmetic().run(params or EXAMPLE.params, datasets or EXAMPLE.datasets, context)


FOUND = ran()


def even_town() -> Dataset:
    made = incidents()
    chance = np.random.default_rng(3)
    places = {name: np.round(chance.uniform(20, 4480, 3000), -1) for name in ("east_metres", "north_metres")}
    columns = tuple(replace(c, values=places.get(c.name, c.values)) for c in made.table.columns)
    return replace(made, table=Table(name="incidents", columns=columns))


def test_what_it_finds_may_leave_and_be_published() -> None:
    admitted = frozenset(BACKTEST.arithmetic().example().datasets["areas"].table["area"].tolist()) | {""}
    words = Words(words=BACKTEST.arithmetic().vocabulary, areas=admitted, groups=GROUPS)
    assert release_faults(FOUND, BACKTEST, words) == ()
    public = BACKTEST.arithmetic().public(FOUND)
    assert faults_of_a_release(public) == () and "town_map" not in {one.name for one in public.tables}
    top = {name: value for name, value in FOUND.facts.items() if name != "cells"}
    many, few = (BACKTEST.arithmetic().public(replace(FOUND, facts={**top, "cells": n})) for n in (400, 399))
    assert "halves" not in many.table("exposure").names and "exposure" not in {one.name for one in few.tables}


@pytest.mark.parametrize("observed", [1.0, 10.0, 10.5, 500.0])
def test_no_count_of_a_tenth_is_published(observed: float) -> None:
    """A tenth of a test's cells may hold a few incidents; those of two tests differ by a few."""
    found = FOUND.table("calibration")
    seen = {"observed": np.where(np.arange(len(found)) == 3, observed, found["observed"])}
    columns = tuple(replace(c, values=seen.get(c.name, c.values)) for c in found.columns)
    tables = tuple(replace(t, columns=columns) if t.name == found.name else t for t in FOUND.tables)
    for capability in (BACKTEST, SCORE):
        public = capability.arithmetic().public(replace(FOUND, tables=tables))
        assert "observed" not in {column.name for table in public.tables for column in table.columns}
        kept = {"calibration_error", "calibration_slope"} & set(public.table("scores").names)
        assert len(kept) == 2 and len(public.table("probability_bins"))


def test_the_bars_are_met_and_the_report_says_what_it_covers() -> None:
    assert BACKTEST.grants is not None and BACKTEST.grants.may(FOUND)
    body = BACKTEST.grants.body(EXAMPLE.params, FOUND)
    assert {k: body[k] for k in ("category", "cell_metres", "window_days", "model")} == {
        "category": "break_and_enter",
        "cell_metres": 250,
        "window_days": 7,
        "model": "decayed",
    }
    assert body["data_digest"] == EXAMPLE.datasets["incidents"].digest
    assert len(str(body["settings_digest"])) == 64 and body["until_day"] == "2019-12-28"  # its night ends on the 29th


def test_a_missed_bar_keeps_the_report_from_being_granted() -> None:
    found = ran(bars={"min_hit_rate_5": 0.99, "min_origins": 26})
    assert BACKTEST.grants is not None and not BACKTEST.grants.may(found)
    assert found.table("criteria")["met"].tolist() == ["missed", "met"]
    assert any(note.text == backtest.SOME_MISSED and note.values["missed"] == 1 for note in found.notes)


def test_nothing_is_proven_where_nothing_gathers() -> None:
    found = ran(datasets={"incidents": even_town(), "areas": areas()}, bars={"min_origins": 1})
    assert backtest.EVEN in {note.text for note in found.notes}
    assert found.facts["concentrated"] is False and found.facts["criteria_met"] is False


def test_the_count_map_is_always_among_the_models_and_everything_is_compared_with_it() -> None:
    assert "long_run" in FOUND.table("scores")["model"].tolist()
    compared = [n.values["model"] for n in FOUND.notes if n.text == backtest.UNTOLD]
    assert sorted(map(str, compared)) == ["decayed", "uniform"]
    assert "bits_low" not in FOUND.facts, "the made-up town is one region: there is no interval"


@pytest.mark.parametrize(
    ("bits", "p_holm", "told"),
    [
        (Interval(value=-0.29, low=-0.549, high=-0.03, p=0.0343), 0.0687, backtest.TOGETHER),
        (Interval(value=-0.29, low=-0.549, high=-0.03, p=0.0043), 0.0344, backtest.WORSE),
        (Interval(value=0.29, low=0.03, high=0.549, p=0.0343), 0.0687, backtest.TOGETHER),
        (Interval(value=0.29, low=0.03, high=0.549, p=0.0043), 0.0344, backtest.BETTER),
        (Interval(value=0.29, low=-0.03, high=0.61, p=0.07), 0.14, backtest.SAME),
        (Interval(value=0.0, low=0.0, high=0.0), float("nan"), backtest.SAME),
        (Interval(value=0.0004, low=0.0002, high=0.0006, p=0.001), 0.002, backtest.SAME),
    ],
)
def test_a_verdict_on_a_model_is_that_of_the_p_beside_it(bits: Interval, p_holm: float, told: str) -> None:
    known = town(3000, 0.5)
    names = ("long_run", "uniform", "decayed")
    trial = back_test(known, [grid_within(TOWN, CELL)], plan(known), {name: MODELS[name] for name in names})
    scores = tuple(
        replace(score, bits=bits, p_holm=p_holm) if score.model == "decayed" else score for score in trial.scores
    )
    notes = backtest.trial_notes("decayed", replace(trial, scores=scores), plan(known), (), ())
    (note,) = (note for note in notes if note.values.get("model") == "decayed" and "bits" in note.values)
    assert note.text == told
    assert note.values.get("tests") == (2 if told == backtest.TOGETHER else None)


def test_precision_never_stands_without_its_base_rate() -> None:
    hits = FOUND.table("hit_rates")
    assert {"precision", "base_rate", "pai"} <= set(hits.names)
    assert [n.values.keys() for n in FOUND.notes if n.text == backtest.PRECISE] == [{"precision", "base"}]


def test_exposure_needs_areas_with_groups() -> None:
    without = ran(datasets={"incidents": EXAMPLE.datasets["incidents"]})
    assert "exposure" not in {table.name for table in without.tables}
    assert backtest.UNPROVEN_GROUPS in {note.text for note in without.notes}
    assert FOUND.table("exposure")["group"].tolist() == ["everybody", "newcomers", "long_settled"]


def test_the_same_seed_gives_the_same_digests() -> None:
    again = ran()
    assert [t.digest() for t in again.tables] == [t.digest() for t in FOUND.tables]
    assert again.facts == FOUND.facts


def test_settings_count_in_the_digest() -> None:
    other = ran(replace(EXAMPLE.params, origins=27))
    assert other.facts["settings_digest"] != FOUND.facts["settings_digest"]


def test_discovered_offences_are_refused() -> None:
    with pytest.raises(Refused, match="where they patrol"):
        ran(replace(EXAMPLE.params, category="drugs"))


def test_criteria_for_another_category_do_not_serve() -> None:
    with pytest.raises(InputError, match="another category"):
        ran(bars={"min_origins": 26, "category": "theft"})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"origins": 0}, "origins"),
        ({"offsets": 3}, "offsets"),
        ({"first_origin": "soon"}, "first_origin"),
        ({"train_from": "2019-02-31"}, "train_from"),
        ({"models": ("decayed", "oracle")}, "column models?: not one of the choices"),
        ({"category": "Smith"}, "category: not one of the choices"),
    ],
)
def test_impossible_parameters_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        BACKTEST.asks.check(replace(EXAMPLE.params, **changes))


def test_a_model_that_needs_more_incidents_does_not_keep_the_others_from_being_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backtest, "LEAST", {"moving": 10**6, "decayed": 10**6})
    found = ran(replace(EXAMPLE.params, models=("moving", "density")))
    (note,) = (note for note in found.notes if note.text == backtest.HUNGRY)
    assert note.values["model"] == "moving" and note.kind == "caveat"
    assert set(found.table("scores")["model"].tolist()) == {"long_run", "density", "decayed"}


def test_too_little_is_said() -> None:
    made = incidents(40)
    with pytest.raises(NotEnoughData, match=r"needed\. Widen"):
        ran(datasets={"incidents": made})
    with pytest.raises(NotEnoughData, match="103 windows of 7 days in the recording"):
        ran(replace(EXAMPLE.params, origins=500))
