"""The back-test sees no future, needs enough, finds structure where there is some and says where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest
import shapely
from small_town import CELL, TOWN, plan, town

from peelian.errors import NotEnoughData
from peelian.kernel.model.capability import Scalar
from peelian.measure.grid import grid_within, offset_grids
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.models.base import Explanation, Fitted, Forecast, Model, Window, forecast_from
from peelian.technologies.mapping.protocol import Trial, back_test, refuse_too_little


def tried(incidents: Incidents, *names: str, offsets: int = 1) -> Trial:
    grids = offset_grids(TOWN, CELL, offsets)
    return back_test(incidents, grids, plan(incidents), {name: MODELS[name] for name in ("long_run", *names)})


def test_gathered_incidents_are_found_by_places_and_even_ones_are_not() -> None:
    some, none = (tried(town(4000, share), "uniform", "decayed") for share in (0.6, 0.0))
    assert some.concentrated and some.score("uniform").bits.high < 0
    assert some.score("long_run").hit_rate[0].low > 0.01
    assert not none.concentrated
    top = none.score("long_run").hit_rate[0]
    assert top.low <= 0.01 <= top.high
    assert none.score("decayed").bits.value > -0.005


def test_intervals_of_hit_rates_are_possible_where_few_places_hold_most() -> None:
    centred = town(4000, 0.0)
    near = np.random.default_rng(1).normal(9_000, 900, (2, centred.n))
    some = np.arange(centred.n) % 3 == 0
    incidents = replace(
        centred, east=np.where(some, near[0], centred.east), north=np.where(some, near[1], centred.north)
    )
    for score in tried(incidents, "uniform").scores:
        for rate in score.hit_rate:
            assert 0 <= rate.low <= rate.value <= rate.high <= 1


def test_the_bar_is_compared_with_itself_at_zero() -> None:
    score = tried(town(3000, 0.5), "uniform").score("long_run")
    assert (score.bits.value, score.bits.low, score.bits.high) == (0.0, 0.0, 0.0)
    assert np.isnan(score.p_holm) and score.stability > 0.8


def test_figures_agree_with_one_another() -> None:
    trial = tried(town(3000, 0.5), "uniform")
    assert 600 < trial.n < 1400 and trial.origins == 26
    for score in trial.scores:
        rates = [rate.value for rate in score.hit_rate]
        assert rates == sorted(rates)
        assert all(low <= high for low, high in zip(score.worst, score.best, strict=True))
        assert all(best <= most + 1e-9 for best, most in zip(score.best, score.possible, strict=True))
        assert score.per_km2_day[0] == pytest.approx(rates[0] * trial.n / (0.01 * 18**2 * 26 * 7), rel=1e-6)
        assert 0 < score.base_rate < 1 and score.brier > 0 and score.crps > 0
    even = trial.score("uniform")
    assert [rate.value for rate in even.hit_rate] == pytest.approx([0.01, 0.05, 0.10])
    assert even.precision[0] == pytest.approx(even.base_rate)


def test_four_grids_count_each_incident_once() -> None:
    incidents = town(3000, 0.5)
    one, four = tried(incidents, "uniform"), tried(incidents, "uniform", offsets=4)
    assert four.n == pytest.approx(one.n)
    assert four.score("uniform").n == pytest.approx(one.score("uniform").n)
    assert abs(four.score("uniform").bits.value - one.score("uniform").bits.value) < 0.2
    assert four.score("uniform").cells < 1.2 * one.score("uniform").cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Spy:
    """A model that keeps what it was shown."""

    seen: list[History]
    name: str = "spy"
    title: str = "Spy"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> Spy:
        self.seen.append(history)
        return self

    def forecast(self, window: Window) -> Forecast:
        last = self.seen[-1]
        assert last.until_hour <= window.start_hour
        return forecast_from(np.full(len(last.grid), 0.01))

    def explain(self, cell: int, window: Window) -> Explanation:
        raise NotImplementedError

    def settings(self) -> Mapping[str, Scalar]:
        return {}


def test_no_model_is_shown_what_came_later_or_was_not_yet_known() -> None:
    incidents = town(3000, 0.5)
    late = replace(incidents, ready=incidents.hour + np.where(np.arange(3000) % 10 == 0, 400.0, 12.0), embargo_hours=24)
    spy = Spy(seen=[])
    models: dict[str, Model] = {"long_run": MODELS["long_run"], "spy": spy}
    made = plan(late)
    back_test(late, [grid_within(TOWN, CELL)], made, models)
    assert len(spy.seen) == 26
    for fold, history in zip(made.folds, spy.seen, strict=True):
        assert (history.hour < fold.origin - 24).all()
        known = late.ready[np.searchsorted(late.hour, history.hour)]
        assert (known <= fold.origin).all()


@pytest.mark.parametrize(
    ("ground", "regions"), [(shapely.box(0, 0, 3_800, 3_800), 1), (shapely.box(0, 0, 7_500, 7_500), 4)]
)
def test_in_few_regions_figures_have_no_interval_and_nothing_is_called_better(
    ground: shapely.Geometry, regions: int
) -> None:
    incidents = town(60_000, 0.2)
    models = {name: MODELS[name] for name in ("long_run", "uniform", "decayed")}
    trial = back_test(incidents, [grid_within(ground, 250.0)], plan(incidents), models)
    assert trial.regions == pytest.approx(regions, rel=0.4) and trial.concentrated
    for score in trial.scores:
        ends = (score.bits, score.bits_with_level, *score.hit_rate)
        assert np.isnan([(one.low, one.high, one.p) for one in ends]).all() and np.isnan(score.p_holm)
        assert np.isfinite([one.value for one in ends]).all()


def test_an_interval_between_years_needs_four_of_them_and_the_verdict_does_not() -> None:
    incidents = town(9_000, 0.5, weeks=230)
    models = {name: MODELS[name] for name in ("long_run", "uniform")}
    four, three = (
        back_test(incidents, [grid_within(TOWN, CELL)], plan(incidents, origins), models) for origins in (208, 207)
    )
    assert (four.years, three.years) == (4, 3)
    years = four.score("uniform").bits_by_year
    assert years.low < years.value < years.high < 0
    assert years.value == pytest.approx(four.score("uniform").bits.value), "all its windows lie in whole years"
    assert np.isnan(three.score("uniform").bits_by_year.low) and three.score("uniform").bits.high < 0


def test_progress_runs_from_nothing_to_nearly_all() -> None:
    incidents = town(3000, 0.5)
    told: list[float] = []
    grids = offset_grids(TOWN, 2 * CELL, 4)
    back_test(
        incidents, grids, plan(incidents), {"long_run": MODELS["long_run"]}, lambda says, share: told.append(share)
    )
    assert told[0] == 0.0 and told == sorted(told) and 0.9 < told[-1] < 1.0


@pytest.mark.parametrize(
    ("scored", "trained", "origins", "says"),
    [
        (12, 900, 10, "12 incidents in 10 windows, 400 needed"),
        (12, 900, 26, "12 incidents in 26 windows, 50 needed"),
        (900, 3, 26, "3 incidents before the first window"),
    ],
)
def test_too_little_is_said_with_numbers(scored: int, trained: int, origins: int, says: str) -> None:
    with pytest.raises(NotEnoughData, match=says):
        refuse_too_little(scored, trained, plan(town(100, 0.5), origins))


def test_a_dozen_incidents_prove_nothing() -> None:
    with pytest.raises(NotEnoughData, match="Widen the category"):
        tried(town(40, 0.5))


def test_all_incidents_in_one_place_and_a_town_of_one_cell_do_not_crash() -> None:
    one_place = replace(town(3000, 0.5), east=np.full(3000, 100.0), north=np.full(3000, 100.0))
    trial = back_test(one_place, [grid_within(TOWN, CELL)], plan(one_place), PLAIN_MODELS)
    assert trial.score("long_run").hit_rate[0].value == pytest.approx(1.0)
    single = back_test(one_place, [grid_within(shapely.box(0, 0, 250, 250), 250.0)], plan(one_place), PLAIN_MODELS)
    assert not single.concentrated


PLAIN_MODELS = {name: MODELS[name] for name in ("uniform", "long_run", "moving", "density", "decayed", "stack")}
