"""Landmarks make a score card: through the back-test, the forecast and its page; without landmarks it is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.backtest import proof_example
from peelian.technologies.mapping.backtest import run as prove
from peelian.technologies.mapping.forecast import advice_example
from peelian.technologies.mapping.forecast import run as forecast
from peelian.technologies.mapping.landmarks import card_table, landmarks_of

HERE = Projection(**example.CENTRE)


def landmarks() -> Dataset:
    """A bar in each corner where the made-up town's incidents gather, and libraries anywhere."""
    bars = np.array(example.CORNERS)
    libraries = np.random.default_rng(1).uniform(0, example.SIDE_METRES, (12, 2))
    east, north = np.concatenate([bars, libraries]).T
    lon, lat = HERE.to_degrees(east, north)
    made = {
        "landmark": (Kind.GROUP, np.array(["bar"] * len(bars) + ["library"] * 12, dtype=object)),
        "longitude": (Kind.PERSONAL, lon),
        "latitude": (Kind.PERSONAL, lat),
    }
    facts = {"groups": "bar,library", "n": len(lon)}
    return Dataset(id="l", format="landmarks", digest="3" * 64, table=table("landmarks", made), facts=facts)


def context(authorizations: dict[AuthorizationKind, object]) -> Context:
    return Context(seed=5, progress=lambda says, share: None, authorizations=authorizations)  # type: ignore[arg-type]


def test_points_come_back_in_metres() -> None:
    places = landmarks_of(landmarks(), HERE)
    assert sorted(places) == ["bar", "library"]
    assert np.allclose(np.column_stack(places["bar"]), example.CORNERS, atol=0.01)


def test_the_back_test_proves_the_card_and_shows_it() -> None:
    made = proof_example()
    params = replace(made.params, model="risk_terrain", models=("uniform",), origins=14)
    found = prove(params, {**made.datasets, "landmarks": landmarks()}, context(dict(made.authorizations)))
    card = found.table("score_card")
    assert card["landmark"][0] == "bar" and card["multiplier"][0] > 3
    scores = found.table("scores")
    bits = dict(zip(scores["model"].tolist(), scores["bits"].tolist(), strict=True))
    assert bits["risk_terrain"] > bits["uniform"]


def test_a_forecast_by_the_card_says_that_it_proves_no_cause() -> None:
    made = advice_example()
    given = {**made.datasets, "landmarks": landmarks()}
    found = forecast(replace(made.params, model="risk_terrain"), given, context(dict(made.authorizations)))
    assert "bar" in found.table("score_card")["landmark"].tolist()
    assert any("not a proven cause" in note.text for note in found.notes if note.kind == "caveat")


def test_without_landmarks_the_card_is_refused_by_name() -> None:
    made = proof_example()
    with pytest.raises(InputError, match="needs landmarks"):
        prove(replace(made.params, models=("risk_terrain",)), made.datasets, context(dict(made.authorizations)))


def test_only_factors_are_on_the_card_and_the_strongest_stands_first() -> None:
    settings = {"bus_stop_dense_130_metres": 0.25, "bar_within_260_metres": 2.0, "per_hour": 3.0, "bic": 9.0}
    assert card_table(settings)["landmark"].tolist() == ["bus_stop", "bar"]
    assert card_table(settings)["how"].tolist() == ["dense", "within"]
    assert len(card_table({"per_hour": 3.0})) == 0
