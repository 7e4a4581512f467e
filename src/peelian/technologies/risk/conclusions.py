"""Draw an audit's notes from its figures: findings, then caveats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from peelian.kernel.model.capability import Note
from peelian.measure.table import Table
from peelian.technologies.risk import vocabulary as v
from peelian.technologies.risk.counts import CROSSED, Floats, Mask
from peelian.technologies.risk.errors_at import quadrants, rate, shares
from peelian.technologies.risk.followup import FollowUp
from peelian.technologies.risk.impossibility import base_rates_differ, forced_fpr
from peelian.technologies.risk.promises import NOTICEABLE
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study

MOST_SLOPES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Results from which the notes are drawn."""

    study: Study
    figures: Sequence[Figure]
    wrong: Mask
    validated: Mask
    window: FollowUp | None
    leakage: Table
    rivals: Table
    rates: Table
    chosen_cut: bool
    disagreement: float
    weighted: bool


def conclusions(found: Found) -> tuple[Note, ...]:
    """The notes of an audit: findings, then caveats. O(figures)."""
    parts = (
        _size(found),
        _ratios(found),
        _impossible(found),
        _validated(found),
        _calibrated(found),
        _watched(found),
        _recorded(found),
        _leaks(found),
        _rivals(found),
        _counted_again(found),
        _doubts(found),
    )
    return tuple(note for part in parts for note in part)


def _size(found: Found) -> Iterator[Note]:
    study = found.study
    q = quadrants(study.people, study.place)
    if study.shown.outcomes[0]:
        share = 100 * float(rate((q.events, q.n))[0])
        yield Note(text=v.COUNTED, values={"n": int(q.n[0]), "events": int(q.events[0]), "share": share})
    if study.shown.highs[0]:
        text = v.HIGH if study.counts.sign > 0 else v.HIGH_FROM_BELOW
        yield Note(text=text, values={"cut": study.cut, "share": 100 * float(rate((q.high, q.n))[0])})
    if found.chosen_cut:
        yield Note(text=v.CUT_CHOSEN, kind="explanation")


def _ratios(found: Found) -> Iterator[Note]:
    """On every axis, the largest ratio of false positive and of false negative rates whose interval excludes 1."""
    for metric, text in (("fpr_ratio", v.FPR_RATIO), ("fnr_ratio", v.FNR_RATIO)):
        figure = next(f for f in found.figures if f.metric == metric)
        for axis in found.study.counts.axes:
            members = [i for i in found.study.nodes.where(axis) if _measurable(figure, i)]
            if members:
                i = max(members, key=lambda k: abs(np.log(figure.value[k])))
                yield Note(text=text, values=_ratio_values(found.study, figure, i))


def _measurable(figure: Figure, i: int) -> bool:
    known = figure.open_[i] and np.isfinite(figure.value[i]) and figure.value[i] > 0
    return bool(known and (figure.low[i] > 1 or figure.high[i] < 1))


def _ratio_values(study: Study, figure: Figure, i: int) -> dict[str, str | float]:
    """The ratio as one above 1: the group with the higher rate stands first."""
    group, other = study.nodes.group[i], study.names[i]
    ratio, low, high = (float(part[i]) for part in (figure.value, figure.low, figure.high))
    if ratio < 1:
        group, other, ratio, low, high = other, group, 1 / ratio, 1 / high, 1 / low
    return {"group": group, "other": other, "ratio": ratio, "low": low, "high": high}


def _impossible(found: Found) -> Iterator[Note]:
    study = found.study
    pairs = [pair for axis in study.counts.axes if (pair := base_rates_differ(study, axis))]
    if not pairs or not study.whole[0]:
        compared = study.pair(study.whole) & (np.array(study.nodes.axis) != CROSSED)
        yield Note(text=v.NOTHING_FORCED if compared.any() else v.NOT_COMPARED, kind="caveat")
        return
    rates = {metric: rate(share) for metric, share in shares(quadrants(study.effective, study.place)).items()}
    ppv, fnr = float(rates["ppv"][0]), float(rates["fnr"][0])
    for node, ref in pairs:
        p, q = float(rates["base_rate"][node]), float(rates["base_rate"][ref])
        values: dict[str, str | float] = {"group": study.nodes.group[node], "other": study.nodes.group[ref]}
        shown = {"p": p, "q": q, "ppv": ppv, "fnr": fnr}
        shown |= {"f": float(forced_fpr(p, ppv, fnr)), "g": float(forced_fpr(q, ppv, fnr))}
        yield Note(text=v.IMPOSSIBLE, values=values | {name: 100 * value for name, value in shown.items()})


def _validated(found: Found) -> Iterator[Note]:
    groups = found.validated[1:]
    if not groups.all():
        yield Note(text=v.TOO_FEW, values={"n": int((~groups).sum()), "all": len(groups)})
    hidden = int((~found.study.shown.people).sum())
    if hidden:
        yield Note(text=v.HIDDEN, values={"n": hidden}, kind="caveat")


def _calibrated(found: Found) -> Iterator[Note]:
    slopes = next(f for f in found.figures if f.metric == "calibration_slope")
    with np.errstate(invalid="ignore"):
        off = slopes.open_ & found.validated & ((slopes.low > 1) | (slopes.high < 1))
        off &= np.abs(slopes.value - 1) > NOTICEABLE
    off &= (np.array(found.study.nodes.axis) != CROSSED) & (np.arange(len(off)) > 0)
    for i in np.flatnonzero(off).tolist()[:MOST_SLOPES]:
        values = {"slope": float(slopes.value[i]), "low": float(slopes.low[i]), "high": float(slopes.high[i])}
        text = v.SLOPE_LESS if slopes.value[i] < 1 else v.SLOPE_MORE
        yield Note(text=text, values={"group": found.study.nodes.group[i], **values})
    if not (found.wrong & found.validated).any():
        yield Note(text=v.CALIBRATION_HOLDS)


def _watched(found: Found) -> Iterator[Note]:
    window, study = found.window, found.study
    if window is None:
        yield Note(text=v.WINDOW_UNKNOWN, kind="caveat")
    elif not window.open_:
        yield Note(text=v.WINDOW_HIDDEN, kind="caveat")
    elif not window.asymmetric:
        yield Note(text=v.SYMMETRIC)
    else:
        after = {r.metric: 100 * float(rate(r.people)[0]) for r in window.rates}
        before = {m: 100 * float(rate(s)[0]) for m, s in shares(quadrants(study.people, study.place)).items()}
        yield Note(
            text=v.ASYMMETRIC,
            values={
                "n": window.dropped,
                "events": window.dropped_events,
                "before": before["base_rate"],
                "after": after["base_rate_complete"],
                "ppv_before": before["ppv"],
                "ppv_after": after["ppv_complete"],
            },
        )


def _recorded(found: Found) -> Iterator[Note]:
    """On every axis, the factor that would remove the largest PPV and FPR difference whose interval excludes 0."""
    study = found.study
    for metric, gap, text in (
        ("recording_parity_ppv", "ppv_difference", v.RECORDING_PPV),
        ("recording_parity_fpr", "fpr_difference", v.RECORDING_FPR),
    ):
        figure = next(f for f in found.figures if f.metric == metric)
        apart = next(f for f in found.figures if f.metric == gap)
        for axis in study.counts.axes:
            members = [i for i in study.nodes.where(axis) if _apart(apart, i)]
            if not members:
                continue
            i = max(members, key=lambda k: abs(apart.value[k]))
            names = study.nodes.group[i], study.names[i]
            group, other = names if figure.value[i] > 1 else names[::-1]
            if _factor_known(figure, i):
                yield Note(text=text, values={"group": group, "other": other, "d": _factor(figure.value[i])})


def _apart(figure: Figure, i: int) -> bool:
    """Whether the interval of a difference from the reference group excludes 0."""
    return bool(figure.open_[i] and (figure.low[i] > 0 or figure.high[i] < 0))


def _factor_known(figure: Figure, i: int) -> bool:
    return bool(figure.open_[i] and np.isfinite(figure.value[i]) and figure.value[i] > 0)


def _factor(value: float) -> float:
    return float(max(value, 1 / value))


def _leaks(found: Found) -> Iterator[Note]:
    for axis, source, right, low, _, blind, _ in found.leakage.rows():
        if low > blind:
            values = {"axis": axis, "source": source, "right": 100 * right, "blind": 100 * blind}
            yield Note(text=v.LEAKS, values=values)


def _rivals(found: Found) -> Iterator[Note]:
    if not len(found.rivals):
        yield Note(text=v.NO_FEATURES, kind="caveat")
        return
    own, rival = found.rivals["auc"][0], found.rivals["auc"][1]
    low, high = found.rivals["difference_lo"][1], found.rivals["difference_hi"][1]
    values = {"rival": float(rival), "own": float(own), "low": float(low), "high": float(high)}
    yield Note(text=v.RIVAL, values=values)


def _counted_again(found: Found) -> Iterator[Note]:
    equal = _everyone(found.rates, "recomputed_equal")
    if equal is None:
        yield Note(text=v.NO_POINTS, kind="caveat")
    else:
        yield Note(text=v.FAITHFUL, values={"share": 100 * equal})
    missing = _everyone(found.rates, "missing_outcome")
    if missing is not None:
        yield Note(text=v.MISSING_OUTCOMES, values={"share": 100 * missing})


def _everyone(rates: Table, metric: str) -> float | None:
    at = np.flatnonzero((rates["metric"] == metric) & (rates["axis"] == "everyone"))
    return float(rates["value"][at[0]]) if at.size and np.isfinite(rates["value"][at[0]]) else None


def _doubts(found: Found) -> Iterator[Note]:
    study = found.study
    if np.isfinite(found.disagreement):
        yield Note(text=v.AGREES, values={"points": 100 * found.disagreement}, kind="explanation")
    n = int(np.isfinite(found.rates["lo"]).sum()) + _intervals(found.figures)
    misses = round(n * (1 - study.level))
    yield Note(text=v.MANY, values={"n": n, "level": 100 * study.level, "misses": misses}, kind="caveat")
    if len(study.counts.scores) >= 4_096:
        yield Note(text=v.BINNED, kind="caveat")
    if found.weighted:
        yield Note(text=v.WEIGHTED, kind="caveat")
    for text in (v.NOT_EVENTS, v.CANNOT_WHY, v.CANNOT_FAIR, v.LABELS, v.NO_RANKING, v.NO_PERSON):
        yield Note(text=text, kind="caveat")


def _intervals(figures: Sequence[Figure]) -> int:
    def shown(figure: Figure) -> Floats:
        kept = figure.open_ if figure.kept is None else figure.open_ & figure.kept
        return np.asarray(kept & np.isfinite(figure.low), dtype=np.float64)

    return int(sum(shown(figure).sum() for figure in figures))
