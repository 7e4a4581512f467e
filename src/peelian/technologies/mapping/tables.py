"""A back-test's figures as tables: scores, hit rates by area, calibration, settings and acceptance criteria."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from peelian.kernel.model.tables import Emit
from peelian.measure.table import Table
from peelian.technologies.mapping.calibration import PIT_BINS, calibration_error, deciles, pit_shares, slope
from peelian.technologies.mapping.criteria import Outcome
from peelian.technologies.mapping.declarations.scores import BINS, CALIBRATION, HITS, REACHED, SCORES, SETTINGS
from peelian.technologies.mapping.metrics import AREA_SHARES, pai, pei
from peelian.technologies.mapping.models import SETTING_WORDS
from peelian.technologies.mapping.protocol import Score, Trial

MET, MISSED = "met", "missed"


def trial_tables(trial: Trial, bars: Sequence[Outcome]) -> tuple[Table, ...]:
    """All tables of a back-test but the exposure. O(models x area shares)."""
    scores = trial.scores
    return (
        _of(SCORES, [_score_row(score) for score in scores]),
        _of(HITS, [_hit_row(score, k) for score in scores for k in range(len(AREA_SHARES))]),
        _of(CALIBRATION, [row for score in scores for row in _decile_rows(score)]),
        _of(BINS, [row for score in scores for row in _pit_rows(score)]),
        _of(SETTINGS, [row for score in scores for row in _setting_rows(score)]),
        _of(REACHED, [(bar.bar, bar.needed, bar.reached, MET if bar.met else MISSED) for bar in bars]),
    )


def _of(emit: Emit, rows: Iterable[tuple[Any, ...]]) -> Table:
    """The table from rows in the order of its columns."""
    return emit.of_rows(dict(zip(emit.columns, row, strict=True)) for row in rows)


def _score_row(score: Score) -> tuple[Any, ...]:
    bits, level = score.bits, score.bits_with_level
    return (
        score.model,
        round(score.n),
        bits.value,
        bits.low,
        bits.high,
        score.p_holm,
        level.value,
        level.low,
        level.high,
        score.brier,
        score.crps,
        score.stability,
        calibration_error(score.calibration),
        slope(score.calibration),
    )


def _hit_row(score: Score, k: int) -> tuple[Any, ...]:
    rate, share = score.hit_rate[k], AREA_SHARES[k]
    return (
        score.model,
        share,
        round(score.n),
        rate.value,
        rate.low,
        rate.high,
        score.best[k],
        score.worst[k],
        score.possible[k],
        pai(rate.value, share),
        pai(rate.low, share),
        pai(rate.high, share),
        pei(rate.value, score.possible[k]),
        score.log_rri[k],
        score.per_km2_day[k],
        round(score.named_cells[k]),
        score.precision[k],
        score.cells,
        score.base_rate,
    )


def _decile_rows(score: Score) -> list[tuple[Any, ...]]:
    parts = zip(*(part.tolist() for part in deciles(score.calibration)), strict=True)
    return [(score.model, rank, round(cells), *sums) for rank, (cells, *sums) in enumerate(parts, start=1)]


def _pit_rows(score: Score) -> list[tuple[Any, ...]]:
    shares = pit_shares(score.calibration).tolist()
    return [(score.model, k + 1, shares[k]) for k in range(PIT_BINS)]


def _setting_rows(score: Score) -> list[tuple[Any, ...]]:
    numbers = {name: value for name, value in score.settings.items() if name in SETTING_WORDS}
    return [(score.model, name, float(value)) for name, value in numbers.items() if not isinstance(value, str)]
