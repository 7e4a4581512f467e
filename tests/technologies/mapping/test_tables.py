"""Every figure of a score stands in its table under its own name, and settings of unknown names stay out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from peelian.measure.folds import rolling_origins
from peelian.measure.grid import square_grid
from peelian.technologies.mapping.criteria import Outcome
from peelian.technologies.mapping.declarations.scores import EMITS
from peelian.technologies.mapping.incidents import Incidents
from peelian.technologies.mapping.models import MODELS
from peelian.technologies.mapping.protocol import Plan, Trial, back_test
from peelian.technologies.mapping.tables import trial_tables


def trial() -> Trial:
    chance = np.random.default_rng(0)
    hour = np.sort(chance.uniform(0, 60 * 168, 1500))
    east, north = chance.uniform(0, 2500, 1500), chance.gamma(1.0, 400.0, 1500) % 2500
    made = Incidents(
        hour=hour,
        east=east,
        north=north,
        weight=np.ones(1500),
        ready=hour,
        row=np.arange(1500),
        n=1500,
        from_hour=0.0,
        until_hour=60 * 168.0,
    )
    folds = rolling_origins((0.0, 60 * 168.0), window_hours=168.0, origins=26)
    plan = Plan(folds=folds, seed=1)
    models = {name: MODELS[name] for name in ("long_run", "uniform")}
    return back_test(made, [square_grid(cell_metres=250.0, rows=10, cols=10)], plan, models)


TRIAL = trial()
BAR = Outcome(bar="min_origins", needed=26.0, reached=26.0, met=True)
TABLES = {table.name: table for table in trial_tables(TRIAL, [BAR])}


def test_tables_are_those_declared() -> None:
    assert {name: {c.name: c.kind for c in table.columns} for name, table in TABLES.items()} == {
        emit.table: emit.kinds for emit in EMITS
    }


def test_figures_are_the_scores() -> None:
    scores, hits = TABLES["scores"], TABLES["hit_rates"]
    uniform = TRIAL.score("uniform")
    at = scores["model"].tolist().index("uniform")
    assert scores["bits"][at] == uniform.bits.value and scores["crps"][at] == uniform.crps
    rows = [k for k, model in enumerate(hits["model"].tolist()) if model == "uniform"]
    assert hits["pai"][rows].tolist() == [r.value / s for r, s in zip(uniform.hit_rate, (0.01, 0.05, 0.1), strict=True)]
    assert hits["base_rate"][rows].tolist() == [uniform.base_rate] * 3
    assert hits.column("precision").n == "precision_n" and hits.column("hit_rate").n == "n"


def test_calibration_and_transforms_add_up() -> None:
    calibration = TABLES["calibration"]
    mine = np.array([model == "uniform" for model in calibration["model"].tolist()])
    assert calibration["cells"][mine].sum() == 26 * 100
    share = TABLES["probability_bins"]
    assert share["share"][share["model"] == "uniform"].sum() == 1.0


def test_a_setting_of_an_unknown_name_is_not_in_the_table() -> None:
    odd = tuple(replace(score, settings={"per_hour": 2.0, "secret_name": 1.0, "text": "x"}) for score in TRIAL.scores)
    made = {t.name: t for t in trial_tables(replace(TRIAL, scores=odd), [])}
    assert set(made["settings"]["setting"].tolist()) == {"per_hour"}
    assert len(made["criteria"]) == 0
