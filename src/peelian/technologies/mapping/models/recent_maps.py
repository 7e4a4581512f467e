"""Models of the last weeks only: turn a map of recent incidents into a forecast and choose its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Scalar
from peelian.measure.sums import inner
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import RECENT_HOURS, Fitted
from peelian.technologies.mapping.models.shares import Shares, dispersion, enough, even, recent_level

Floats = NDArray[np.float64]
Setting = float
Map = Callable[[History, Setting, float], Floats]
"""`map(history, setting, oldest)`: the mass per cell from incidents at least `oldest` hours old at the end."""

EVEN_SHARES = (0.001, 0.01, 0.05, 0.15, 0.35)  # a map of few weeks is empty in most cells: how far to trust that
INNER_WINDOWS = 8


def fit_map(
    drawn: Map, offered: Mapping[str, Sequence[Setting]], history: History, window_hours: float, start: Fitted | None
) -> Shares:
    """Shares from a map of recent incidents mixed with the even spread; settings by the log score of inner windows.

    `offered` names the one setting of the map and its values. O((windows × values + 2) maps); warm, two maps.
    """
    enough(history)
    word, values = next(iter(offered.items()))
    if start is None:
        setting, evenly = _chosen(drawn, values, history, window_hours)
    else:
        kept = start.settings()
        setting, evenly = float(kept[word]), float(kept["weight_even"])
    spread = even(history)
    mass, old = drawn(history, setting, 0.0), drawn(history, setting, RECENT_HOURS)
    total = float(mass.sum())
    evenly = evenly if total > 0 else 1.0
    scale = (1 - evenly) / total if total > 0 else 0.0
    share = scale * mass + evenly * spread
    level, shape = recent_level(history), dispersion(history, share, window_hours)
    noted: dict[str, Scalar] = {word: setting, "weight_even": evenly, "per_hour": level, "shape": shape}
    return Shares(
        history=history,
        share=share,
        older=np.minimum(scale * old + evenly * spread, share),
        per_hour=level,
        shape=shape,
        kept=noted,
    )


def _chosen(drawn: Map, values: Sequence[Setting], history: History, window_hours: float) -> tuple[float, float]:
    """The setting and the even share with the best log score on the last eight windows, each drawn from before it."""
    spread = even(history)
    scores = np.zeros((len(values), len(EVEN_SHARES)))
    for back in range(INNER_WINDOWS, 0, -1):
        until = history.until_hour - back * window_hours
        past, then = history.before(until), history.between(until, until + window_hours)
        if past.hours <= 0 or not len(then):
            continue
        for k, setting in enumerate(values):
            mass = drawn(past, setting, 0.0)
            total = float(mass.sum())
            part = mass[then.cell] / total if total > 0 else spread[then.cell]
            for j, share in enumerate(EVEN_SHARES):
                scores[k, j] += inner(then.weight, np.log((1 - share) * part + share * spread[then.cell]))
    best, evenly = divmod(int(np.argmax(scores)), len(EVEN_SHARES))
    return float(values[best]), EVEN_SHARES[evenly]
