"""A back-test fits the file it is tried on, and never what its user asked for."""

from __future__ import annotations

import pytest

from peelian.technologies.mapping.declarations.backtest import BacktestParams
from peelian.technologies.mapping.fitting import fitted
from peelian.technologies.mapping.models import MODELS

YEARS = {"from_day": "2014-01-01", "to_day": "2021-12-31", "months_only": False}
YEAR = {"from_day": "2019-01-01", "to_day": "2019-12-31", "months_only": False}
MONTHS = YEAR | {"months_only": True}


def test_a_long_recording_keeps_the_default_and_a_short_one_holds_out_at_most_half() -> None:
    assert fitted(BacktestParams(), {"models"}, YEARS) == BacktestParams()
    assert fitted(BacktestParams(), set(), YEAR).origins == 26


def test_months_are_scored_by_months() -> None:
    made = fitted(BacktestParams(), set(), MONTHS)
    assert made.window_days == 31 and made.origins == 5


def test_what_was_asked_for_is_left_alone() -> None:
    asked = BacktestParams(origins=52, window_days=7)
    assert fitted(asked, {"models", "origins", "window_days"}, MONTHS) == asked


def test_every_installed_model_is_compared_unless_some_were_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fitted(BacktestParams(), set(), YEARS).models == tuple(MODELS)
    assert fitted(BacktestParams(models=("moving",)), {"models"}, YEARS).models == ("moving",)
    monkeypatch.setattr("peelian.technologies.mapping.fitting.find_spec", lambda name: None)
    assert fitted(BacktestParams(), set(), YEARS).models == tuple(name for name in MODELS if name != "boosted")


def test_a_very_long_recording_leaves_the_slowest_model_out_unless_it_is_named() -> None:
    long = YEARS | {"n": 2_000_000}
    assert "self_exciting" not in fitted(BacktestParams(), set(), long).models
    assert fitted(BacktestParams(models=("self_exciting",)), {"models"}, long).models == ("self_exciting",)
