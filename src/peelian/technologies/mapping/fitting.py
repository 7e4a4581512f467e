"""A back-test fitted to a stranger's file: every model, windows long enough for its dates, as many as it holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Set
from datetime import date
from importlib.util import find_spec

from peelian.governance.capability import Scalar
from peelian.technologies.mapping.backtest import BacktestParams
from peelian.technologies.mapping.models import MODELS, NEEDED

MONTH_WINDOW_DAYS = 31
MANY = 400_000
SLOW = frozenset({"self_exciting"})
"""With more incidents than `MANY` this model takes longer than a stranger waits: it is compared when it is named."""
SHARE_TESTED = 0.5
"""At most this share of a recording is held out: what is before the first window has to teach the models."""


def fitted(params: BacktestParams, given: Set[str], facts: Mapping[str, Scalar]) -> BacktestParams:
    """The parameters with what was not given fitted to the recording's length and to how finely it is dated.

    Every model that is installed is compared: a stranger wants to know which one to believe.

    >>> year = {"from_day": "2019-01-01", "to_day": "2019-12-31", "months_only": False}
    >>> fitted(BacktestParams(), frozenset(), year).origins
    26
    """
    if "models" not in given:
        slow = SLOW if float(facts.get("n", 0)) > MANY else frozenset()
        params = dataclasses.replace(params, models=tuple(m for m in installed_models() if m not in slow))
    if facts.get("months_only") and "window_days" not in given:
        params = dataclasses.replace(params, window_days=MONTH_WINDOW_DAYS)
    if "origins" in given or "first_origin" in given:
        return params
    days = (date.fromisoformat(str(facts["to_day"])) - date.fromisoformat(str(facts["from_day"]))).days + 1
    most = int(days * SHARE_TESTED) // params.window_days
    return dataclasses.replace(params, origins=max(1, min(params.origins, most)))


def installed_models() -> tuple[str, ...]:
    """Every model whose libraries are there, in the order of the list."""
    return tuple(name for name in MODELS if all(find_spec(part) is not None for part in NEEDED.get(name, ())))
