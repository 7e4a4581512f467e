"""Draw an audit's notes from its figures: the answer, how sure it is, whom it touches, what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from peelian.kernel.model.capability import Note
from peelian.measure.table import Table
from peelian.technologies.risk import verdicts as verdicts
from peelian.technologies.risk import vocabulary as v
from peelian.technologies.risk.counts import CROSSED, EVERYONE, Floats
from peelian.technologies.risk.errors_at import quadrants, rate, shares
from peelian.technologies.risk.found import Found
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.significance import LEVEL
from peelian.technologies.risk.touched import calibration_values, slope_values, touched

OVERALL = {
    verdicts.PROMISES_MORE: v.OVERALL_MORE,
    verdicts.PROMISES_LESS: v.OVERALL_LESS,
    verdicts.SEPARATES_LESS: v.OVERALL_SLOPE_LESS,
    verdicts.SEPARATES_MORE: v.OVERALL_SLOPE_MORE,
}


def conclusions(found: Found) -> tuple[Note, ...]:
    """The notes of an audit, in the order of the board's page. O(figures)."""
    parts = (
        _discrimination(found),
        _calibration(found),
        _cut(found),
        _rivals(found),
        _certain(found),
        _watched(found),
        _counted_again(found),
        touched(found),
        _hidden(found),
        _doubts(found),
    )
    return tuple(note for part in parts for note in part)


def _discrimination(found: Found) -> Iterator[Note]:
    """Discrimination first: everyone, then in how many groups."""
    study, words = found.study, found.judged.discrimination
    low, high = found.area.interval(study.level)
    if float(found.area.value[0]) in (0.0, 1.0):
        yield Note(text=v.LEAK)
    if study.whole[0]:
        values = {"auc": float(found.area.value[0]), "low": float(low[0]), "high": float(high[0])}
        yield Note(text=v.OVERALL[words[0]], values=values)
    q = quadrants(study.people, study.place)
    if study.shown.outcomes[0]:
        share = 100 * float(rate((q.events, q.n))[0])
        text = v.COUNTED if study.persons is None else v.COUNTED_AGAIN
        yield Note(text=text, values={"n": int(q.n[0]), "events": int(q.events[0]), "share": share})
    alone = [word for word, axis in zip(words, study.nodes.axis, strict=True) if axis not in (EVERYONE, CROSSED)]
    for word, text in v.BY_GROUP.items():
        if word in alone:
            yield Note(text=text, values={"n": alone.count(word), "all": len(alone)})


def _calibration(found: Found) -> Iterator[Note]:
    """Everyone's calibration where the scores are probabilities, then in how many groups it differs."""
    judged = found.judged
    if text := OVERALL.get(judged.calibration[0]):
        large = judged.calibration[0] in (verdicts.PROMISES_MORE, verdicts.PROMISES_LESS)
        yield Note(text=text, values=calibration_values(found, 0) if large else slope_values(found, 0))
    groups = [
        word
        for word, ok, axis in zip(judged.calibration, judged.validated.tolist(), found.study.nodes.axis, strict=True)
        if ok and axis not in (EVERYONE, CROSSED)
    ]
    wrong = sum(word in verdicts.DIFFERENCES for word in groups)
    if wrong:
        yield Note(text=v.CALIBRATION_DIFFERS, values={"n": wrong, "all": len(groups)})
    elif groups:
        yield Note(text=v.CALIBRATION_HOLDS, values={"all": len(groups)})


def _cut(found: Found) -> Iterator[Note]:
    study = found.study
    q = quadrants(study.people, study.place)
    if study.shown.highs[0]:
        text = v.HIGH if study.counts.sign > 0 else v.HIGH_FROM_BELOW
        yield Note(text=text, values={"cut": study.cut, "share": 100 * float(rate((q.high, q.n))[0])})
    if found.chosen_cut:
        yield Note(text=v.CUT_CHOSEN, kind="explanation")


def _certain(found: Found) -> Iterator[Note]:
    n = sum(int(np.isfinite(values).sum()) for values in found.judged.adjusted.values())
    yield Note(text=v.CORRECTED, values={"n": n, "most": 100 * LEVEL}, kind="explanation")
    n = int(np.isfinite(found.rates["lo"]).sum()) + _intervals(found.figures)
    misses = round(n * (1 - found.study.level))
    yield Note(text=v.MANY, values={"n": n, "level": 100 * found.study.level, "misses": misses}, kind="caveat")
    yield Note(text=v.OWN_VALUE if found.probability else v.RANK, kind="explanation")
    scores = found.study.counts.scores * found.study.counts.sign
    if not found.probability and len(scores) > 2 and scores.min() >= 0 and scores.max() <= 1:
        yield Note(text=v.LIKE_PROBABILITIES, kind="caveat")


def _watched(found: Found) -> Iterator[Note]:
    window, study = found.window, found.study
    if window is None:
        yield Note(text=v.WINDOW_UNKNOWN, kind="caveat")
    elif not window.open_:
        yield Note(text=v.WINDOW_HIDDEN, kind="caveat")
    elif found.window_p > LEVEL:
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


def _rivals(found: Found) -> Iterator[Note]:
    if not len(found.rivals):
        yield Note(text=v.NO_FEATURES, kind="caveat")
        return
    own, rival = found.rivals["auc"][0], found.rivals["auc"][1]
    low, high = found.rivals["difference_lo"][1], found.rivals["difference_hi"][1]
    values = {"rival": float(rival), "own": float(own), "low": float(low), "high": float(high)}
    yield Note(text=v.RIVAL, values=values)


def _counted_again(found: Found) -> Iterator[Note]:
    equal = _everyones(found.rates, "recomputed_equal")
    if equal is None:
        yield Note(text=v.NO_POINTS, kind="caveat")
    else:
        yield Note(text=v.FAITHFUL, values={"share": 100 * equal})
    missing = _everyones(found.rates, "missing_outcome")
    if missing is not None:
        yield Note(text=v.MISSING_OUTCOMES, values={"share": 100 * missing})


def _everyones(rates: Table, metric: str) -> float | None:
    at = np.flatnonzero((rates["metric"] == metric) & (rates["axis"] == "everyone"))
    return float(rates["value"][at[0]]) if at.size and np.isfinite(rates["value"][at[0]]) else None


def _hidden(found: Found) -> Iterator[Note]:
    hidden = int((~found.study.shown.people).sum())
    if hidden:
        yield Note(text=v.HIDDEN, values={"n": hidden}, kind="caveat")


def _doubts(found: Found) -> Iterator[Note]:
    study = found.study
    if np.isfinite(found.disagreement):
        yield Note(text=v.AGREES, values={"points": 100 * found.disagreement}, kind="explanation")
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
