"""`peelian try` for an unknown file: each category, every model, windows long enough for its dates."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Set
from datetime import date
from importlib.util import find_spec

from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.technology import Runs
from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.technologies.mapping.declarations.backtest import BacktestParams
from peelian.technologies.mapping.models import MODELS, NEEDED

MONTH_WINDOW_DAYS = 31
MANY = 400_000
SLOW = frozenset({"self_exciting"})
"""With more incidents than `MANY` this model is slow: it is compared only when named."""
MOST_CATEGORIES = 5
LESS_FREQUENT = "not among the five most frequent categories (use --category to test it)"
FOUND_BY_POLICE = "found by police: not usable as training data without a recorded decision"
MOST_BELOW = 0.005  # bits per incident
CRITERIA_OF_A_TRIAL: Mapping[str, Scalar] = {"min_bits_against_long_run": -MOST_BELOW}
"""The default criterion of a trial without a board: not below the long-run average by more than this, in bits."""
SHARE_TESTED = 0.5
"""At most this share of a recording is held out: what is before the first window has to teach the models."""


def fitted(params: BacktestParams, given: Set[str], facts: Mapping[str, Scalar]) -> BacktestParams:
    """The parameters with what was not given fitted to the recording's length and to how finely it is dated.

    Every installed model is compared.

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


def runs(params: BacktestParams, given: Set[str], facts: Mapping[str, Scalar]) -> Runs:
    """One back-test for each of the file's five most frequent reported categories, unless a category was given.

    Where none of them holds enough, all reported incidents together are tried. A town that means to forecast one
    category has to prove that category: what holds for all together need not hold for it.

    >>> runs(BacktestParams(), frozenset(), {"categories": "theft,drugs"}).each[0].category
    'theft'
    """
    if "category" in given:
        return Runs(each=(params,))
    words = [word for word in str(facts.get("categories", "")).split(",") if word in CATEGORIES]
    each = [dataclasses.replace(params, category=word) for word in words]
    reported = [one for one in each if one.category not in DISCOVERED]
    return Runs(
        each=tuple(reported[:MOST_CATEGORIES]) or (params,),
        otherwise=params,
        left_out=(
            *((one, LESS_FREQUENT) for one in reported[MOST_CATEGORIES:]),
            *((one, FOUND_BY_POLICE) for one in each if one.category in DISCOVERED),
        ),
    )


def first(params: BacktestParams) -> BacktestParams:
    """The tested model against the long-run average alone, on one grid: the answer that can be had in a minute."""
    return dataclasses.replace(params, models=(params.model,), offsets=1)


def installed_models() -> tuple[str, ...]:
    """Every model whose libraries are there, in the order of the list."""
    return tuple(name for name in MODELS if all(find_spec(part) is not None for part in NEEDED.get(name, ())))
