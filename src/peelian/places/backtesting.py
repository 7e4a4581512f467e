"""The back-test of a study: the office's protocol on a frame's incidents, as a tidy frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from peelian.operations.outside_uses import used
from peelian.places.floors import held, refuse_small
from peelian.places.forecasting import Model, refuse_on_streets
from peelian.places.grids import CELL_METRES, Grid
from peelian.places.incidents import Incidents, digest_of, must_be_incidents
from peelian.places.research import RESEARCH, library, marked
from peelian.places.streets import said_of
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.models import BASELINE

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What is fixed before anything is scored.

    `origins` windows of `window_days` follow one another from the ISO day `first_origin` (default: the latest ones).
    `offsets` is 1, or 4 to score also on grids moved by half a cell, as an office does. The long-run average is always
    among the models.
    """

    origins: int = 26
    window_days: int = 7
    first_origin: str = ""
    offsets: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backtest:
    """The scores of all models. `frame` is tidy: a row for each model and measure, with its 95 % interval.

    Measures: `bits` (log score in bits per incident over the long-run average; `p` corrected by Holm over the models),
    `bits_with_level`, and by area share (1, 5, 10 %) `hit_rate`, `possible` (the most any choice of that area could
    have held) and `pai` (hit rate over area share). Intervals leave out regions of the ground; nan where there are too
    few of them. On street segments a share of area is a share of length, and `notes` say how incidents lie along them.
    """

    frame: Any
    n: float
    origins: int
    first_day: str
    last_day: str
    concentrated: bool
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Backtest: n={self.n:g}, {self.origins} windows from {self.first_day}; {RESEARCH}>"

    def plot(self, measure: str = "bits") -> Any:
        """The measure by model with its interval, as a matplotlib figure."""
        from peelian.places.plots import plot

        return plot(self, measure=measure)


def backtest(
    models: Sequence[str | Model],
    incidents: Incidents,
    protocol: Protocol | None = None,
    *,
    grid: Grid | None = None,
    progress: Progress = lambda says, share: None,
) -> Backtest:
    """Score models on held-out windows: at each origin a model sees only what was known then.

    `models` by name or as `Model` (of which the name counts: windows and cells are those of the protocol and `grid`,
    by default the ground that the incidents enclose). NotEnoughData where too little is scored or trained on.
    InputError: hexagons, a model of squares alone on street segments, or with an office windows that have not ended
    before today or hold fewer than 20 incidents in all. Its log says that they were scored.
    O(windows · offsets · models · (cells log cells + what a fit costs)).
    """
    from peelian.measure.folds import rolling_origins
    from peelian.technologies.mapping.models import chosen
    from peelian.technologies.mapping.protocol import Plan, back_test

    must_be_incidents(incidents)
    fixed, ground = protocol or Protocol(), grid or Grid.enclosing(incidents, cell=CELL_METRES)
    asked = (Model(model if isinstance(model, str) else model.name).name for model in models)  # InputError: no model
    names = dict.fromkeys((BASELINE, *asked))
    refuse_small(ground)  # it may have been made where no office was named
    refuse_on_streets(names, ground)
    known = incidents.prepared(ground.projection, exact=ground.streets is not None)
    notes = said_of(known, ground)
    folds = rolling_origins(
        (known.from_hour, known.until_hour),
        window_hours=fixed.window_days * 24.0,
        origins=fixed.origins,
        first_origin=hour_of(fixed.first_origin, "first_origin") if fixed.first_origin else None,
        embargo_hours=known.embargo_hours,
    )
    first, last = day_of(folds[0].origin), day_of(folds[-1].until - 1)
    window = held(ground, known, first, last)
    used("mapping", "places.backtest", rows=len(incidents), data=digest_of(incidents), windows=[window])
    grids = ground.offsets(fixed.offsets)
    trial = back_test(known, grids, Plan(folds=folds, seed=fixed.seed), chosen(names, None), progress)
    return Backtest(
        frame=_tidy(trial),
        n=trial.n,
        origins=trial.origins,
        first_day=first,
        last_day=last,
        concentrated=trial.concentrated,
        notes=notes,
    )


def _tidy(trial: Any) -> Any:
    from peelian.technologies.mapping.metrics import AREA_SHARES

    rows: list[dict[str, Any]] = []
    for score in trial.scores:
        rows.append(_row(score.model, "bits", score.bits, p=score.p_holm))
        rows.append(_row(score.model, "bits_with_level", score.bits_with_level))
        for share, hit, possible in zip(AREA_SHARES, score.hit_rate, score.possible, strict=True):
            rows.append(_row(score.model, "hit_rate", hit, share))
            rows.append({"model": score.model, "measure": "possible", "area_share": share, "value": possible})
            pai = {end: getattr(hit, end) / share for end in ("value", "low", "high")}
            rows.append({"model": score.model, "measure": "pai", "area_share": share, **pai})
    columns = ["model", "measure", "area_share", "value", "low", "high", "p"]
    return marked(library("pandas").DataFrame(rows, columns=columns))


def _row(model: str, measure: str, found: Any, share: float = float("nan"), p: float = float("nan")) -> dict[str, Any]:
    ends = {"value": found.value, "low": found.low, "high": found.high}
    return {"model": model, "measure": measure, "area_share": share, **ends, "p": p}
