"""Pictures of a study as matplotlib figures (extra `plots`): a map of cells, or models with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from peelian.errors import InputError
from peelian.operations.outside_uses import entered
from peelian.places.research import RESEARCH, library

if TYPE_CHECKING:
    from peelian.places.backtesting import Backtest

MANY_LINES = 5_000
BLUE, GREY = "#1f4e79", "#9a9a9a"


def plot(made: Backtest | Any, *, column: str = "expected", measure: str = "bits") -> Any:
    """A figure of a back-test (`measure` by model) or of a frame of cells (`column` on a map). O(cells).

    InputError: no such column or measure, or matplotlib is not installed. "research use" stands at the foot.
    """
    entered("mapping")
    figure_of = library("matplotlib.figure").Figure
    figure = figure_of(figsize=(7, 5), layout="constrained", dpi=110)
    axes = figure.subplots()
    if hasattr(made, "to_crs"):
        _map(made, column, axes, figure)
    else:
        _dots(made, measure, axes)
    figure.text(0.005, 0.003, RESEARCH, fontsize=6, color="#555555")
    return figure


def _map(frame: Any, column: str, axes: Any, figure: Any) -> None:
    if column not in frame.columns:
        raise InputError("no such column", column=str(column)[:60], accepted="a column of numbers, one value a cell")
    flat = frame.to_crs(frame.estimate_utm_crs())
    values = np.asarray(frame[column], dtype=np.float64)
    drawn: dict[str, Any] = {"edgecolor": "none"}
    if "Line" in str(flat.geom_type.iloc[0]):  # the highest on top: streets are wider than they are apart
        flat, drawn = flat.sort_values(column), {"linewidth": 1.2 if len(flat) < MANY_LINES else 0.5}
    flat.plot(column=column, ax=axes, cmap="viridis", vmax=float(np.nanquantile(values, 0.99)), **drawn)
    mappable = axes.collections[0]
    figure.colorbar(mappable, ax=axes, label=column, shrink=0.7)
    axes.set_axis_off()
    axes.set_title(f"{column}, {frame.attrs.get('model', '')} {frame.attrs.get('start', '')}".strip(" ,"), fontsize=10)


def _dots(made: Backtest, measure: str, axes: Any) -> None:
    rows = made.frame[made.frame["measure"] == measure]
    if not len(rows):
        raise InputError("no such measure", column="measure", accepted=", ".join(made.frame["measure"].unique()))
    labels = [
        row.model if np.isnan(row.area_share) else f"{row.model}, {100 * row.area_share:g} % of the area"
        for row in rows.itertuples()
    ]
    for place, row in enumerate(rows.itertuples()):
        if np.isfinite(row.low) and np.isfinite(row.high):
            axes.plot([row.low, row.high], [-place, -place], color=BLUE, linewidth=1.2)
        axes.plot([row.value], [-place], marker="o", markersize=4, color=BLUE)
    if measure.startswith("bits"):
        axes.axvline(0, color=GREY, linewidth=0.8, linestyle="--")
    axes.set_yticks([-k for k in range(len(labels))], labels, fontsize=8)
    axes.set_xlabel(f"{measure} (n = {made.n:g} incidents, {made.origins} windows)", fontsize=8)
