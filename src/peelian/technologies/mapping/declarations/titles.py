"""Titles of mapping's cases: category, window and cells, from the parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from peelian.errors import sentence
from peelian.measure.categories import CATEGORIES

Titled = Callable[[Mapping[str, Any]], str]


def window(params: Mapping[str, Any]) -> str:
    """A forecast of one window.

    >>> window({"category": "arson", "start_day": "2021-03-01", "window_days": 7, "cell_metres": 250})
    'Arson, week of 2021-03-01, 250 m'
    """
    days, values = params["window_days"], _values(params) | {"day": params["start_day"]}
    if days == 7:
        return sentence("%(category)s, week of %(day)s, %(metres)d m", **values)
    return sentence("%(category)s, %(days)d days from %(day)s, %(metres)d m", **values, days=days)


def limited(params: Mapping[str, Any]) -> str:
    """A forecast under exposure limits."""
    return sentence("%(forecast)s, with exposure limits", forecast=window(params))


def about(text: str) -> Titled:
    """Another use, by its category and what else of the parameters stands in `text`.

    >>> about("%(category)s: near-repeat test")({"category": "all"})
    'All reported incidents: near-repeat test'
    """
    return lambda params: sentence(text, **_values(params))


def _values(params: Mapping[str, Any]) -> dict[str, Any]:
    known = CATEGORIES.get(str(params["category"]))
    category = sentence(known.title if known else "All reported incidents")
    return {**params, "category": category, "metres": params.get("cell_metres", 0)}
