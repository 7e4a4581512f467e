"""An audit's notes from what it computed: the answer, how sure it is, whom it touches, what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from peelian.kernel.model.capability import Note, Scalar
from peelian.measure.rates import Area
from peelian.measure.table import Table
from peelian.technologies.risk.audit import words as v
from peelian.technologies.risk.audit.followup import FollowUp
from peelian.technologies.risk.audit.recording import forced_fpr
from peelian.technologies.risk.audit.verdicts import LEVEL, NOTICEABLE, Judged
from peelian.technologies.risk.audit.words import (
    ASSESSED,
    DIFFERENCES,
    NO_BETTER,
    PROMISES_LESS,
    PROMISES_MORE,
    REVERSED,
    SEPARATES_LESS,
    SEPARATES_MORE,
)
from peelian.technologies.risk.measure.counts import Floats, Mask, quadrants, rate, shares
from peelian.technologies.risk.measure.promises import Calibrated
from peelian.technologies.risk.measure.study import Figure, Study
from peelian.technologies.risk.shared import CROSSED, EVERYONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Results of one audit; `promise` [levels] is the expected share at each level.

    `judged.adjusted` has a corrected p for each row of `leakage`, and for the follow-up.
    """

    study: Study
    area: Area
    promise: Floats
    held: Calibrated
    judged: Judged
    figures: Sequence[Figure]
    window: FollowUp | None
    leakage: Table
    rivals: Table
    rates: Table
    chosen_cut: bool
    probability: bool
    disagreement: float
    weighted: bool

    @property
    def window_p(self) -> float:
        """The corrected probability of the difference in follow-up; 1 where there is none."""
        return float(self.judged.adjusted["follow_up"][0]) if "follow_up" in self.judged.adjusted else 1.0

    def figure(self, metric: str) -> Figure:
        """The figure of this metric."""
        return next(one for one in self.figures if one.metric == metric)


# Whom the findings touch: differences between groups that hold against chance, those of most people first.

MOST, MOST_OF_A_RATE = 5, 2
"""Groups, and differences of each rate, told on the board's page; the others are counted and stand in the tables."""
TELLS = 0.55
"""The least area at which a variable is said to tell a group."""
RATES = {"fpr": v.FPR_RATIO, "fnr": v.FNR_RATIO, "ppv": v.PPV_RATIO}
Ranked = tuple[float, Note]  # people affected, about


def touched(found: Found) -> Iterator[Note]:
    """Differences by people affected, then groups without validation, then what follows from base rates. O(nodes)."""
    groups = sorted(_groups(found), key=_people)
    rates = [sorted(_rates(found, metric, text), key=_people) for metric, text in RATES.items()]
    told = sorted((*groups[:MOST], *(one for rate in rates for one in rate[:MOST_OF_A_RATE])), key=_people)
    for _, note in told:
        yield note
    differences = len(groups) + sum(map(len, rates))
    if differences > len(told):
        yield Note(text=v.MORE_DIFFER, values={"n": differences - len(told)})
    words = zip(found.judged.calibration, found.study.nodes.axis, strict=True)
    crossed = sum(word in DIFFERENCES for word, axis in words if axis == CROSSED)
    if crossed:
        yield Note(text=v.CROSSED_DIFFER, values={"n": crossed})
    if not differences and not crossed and found.judged.validated[1:].any():
        yield Note(text=v.NOBODY)
    few = ~found.judged.validated[1:]
    if few.any():
        text = v.TOO_FEW_CROSSED if CROSSED in found.study.nodes.axis else v.TOO_FEW
        yield Note(text=text, values={"n": int(few.sum()), "all": len(few)})
    yield from _impossible(found)
    yield from _recorded(found)
    yield from _leaks(found)


def _people(one: Ranked) -> float:
    return -one[0]


def calibration_values(found: Found, node: int) -> dict[str, str | float]:
    """The values of a sentence on calibration in the large: by how much is promised more or less than happens."""
    study, held = found.study, found.held
    ratio = float(held.found.ratio[node])
    observed = float(study.events[node])
    return {
        "share": 100 * abs(1 / ratio - 1),
        "observed": round(observed),
        "expected": round(observed / ratio),
        "ratio": ratio,
        "low": float(held.ratio[0][node]),
        "high": float(held.ratio[1][node]),
        "slope": float(held.found.slope[node]),
    }


def slope_values(found: Found, node: int) -> dict[str, str | float]:
    """The values of a sentence on the calibration slope."""
    held = found.held
    return {
        "slope": float(held.found.slope[node]),
        "low": float(held.slope[0][node]),
        "high": float(held.slope[1][node]),
        "ratio": float(held.found.ratio[node]),
    }


def _alone(found: Found) -> list[int]:
    return [i for i, axis in enumerate(found.study.nodes.axis) if axis not in (EVERYONE, CROSSED)]


def _groups(found: Found) -> Iterator[Ranked]:
    """Groups for which the score does not tell outcomes apart, or does not promise what happens."""
    study, judged = found.study, found.judged
    low, high = found.area.interval(study.level)
    for i in _alone(found):
        group: dict[str, str | float] = {"group": study.nodes.group[i]}
        word, people = judged.discrimination[i], float(study.size[i])
        if word in (NO_BETTER, REVERSED) and word != judged.discrimination[0]:
            text = v.NO_BETTER_FOR if word == NO_BETTER else v.REVERSED_FOR
            area = {"auc": float(found.area.value[i]), "low": float(low[i]), "high": float(high[i])}
            yield people, Note(text=text, values=group | {"n": int(people)} | area)
        word = judged.calibration[i]
        if word in (PROMISES_MORE, PROMISES_LESS):
            values = calibration_values(found, i)
            text = v.PROMISES_MORE_FOR if word == PROMISES_MORE else v.PROMISES_LESS_FOR
            yield abs(float(values["expected"]) - float(values["observed"])), Note(text=text, values=group | values)
        elif word in (SEPARATES_LESS, SEPARATES_MORE):
            text = v.SLOPE_LESS if word == SEPARATES_LESS else v.SLOPE_MORE
            yield _misplaced(found, i), Note(text=text, values=group | slope_values(found, i))


def _misplaced(found: Found, node: int) -> float:
    """About how many people's expected outcome a slope other than 1 moves from one side to the other."""
    n = found.study.effective[node].sum(axis=1)
    logit = np.log(found.promise) - np.log1p(-found.promise)
    middle = (n * logit).sum() / n.sum()
    base = float(found.study.events[node] / found.study.size[node])
    spread = float((n * np.abs(logit - middle)).sum() / n.sum())
    return float(found.study.size[node]) * abs(float(found.held.found.slope[node]) - 1) * spread * base * (1 - base)


def _rates(found: Found, metric: str, text: str) -> Iterator[Ranked]:
    """Groups whose rate differs from the reference group's; the group that is worse off stands first."""
    study = found.study
    share = shares(quadrants(study.people, study.place))[metric]
    figure, value, den = found.figure(f"{metric}_ratio"), rate(share), share[1]
    for i in np.flatnonzero(_differs(found, metric)).tolist():
        if study.nodes.axis[i] == CROSSED:
            continue
        j = study.against[i]
        ratio, low, high = (float(part[i]) for part in (figure.value, figure.low, figure.high))
        turned = (ratio < 1) == (metric != "ppv")  # a high error rate is worse, and so is a low PPV
        if turned:
            ratio, low, high = 1 / ratio, 1 / high, 1 / low
        worse, other = (j, i) if turned else (i, j)
        names: dict[str, str | float] = {"group": study.nodes.group[worse], "other": study.nodes.group[other]}
        people = abs(float(value[i] - value[j])) * float(den[worse])
        yield people, Note(text=text, values=names | {"ratio": ratio, "low": low, "high": high})


def _differs(found: Found, metric: str) -> Mask:
    """Nodes whose rate differs from the reference group's, beyond chance and by more than a tenth."""
    figure = found.figure(f"{metric}_ratio")
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(np.log(figure.value)) > np.log1p(NOTICEABLE)
        return np.asarray(found.judged.sure(metric) & figure.open_ & apart & np.isfinite(figure.value), dtype=np.bool_)


def _impossible(found: Found) -> Iterator[Note]:
    """On every axis, the group whose base rate differs most, and the false positive rates that follow."""
    study = found.study
    rates = {metric: rate(share) for metric, share in shares(quadrants(study.effective, study.place)).items()}
    base, sure = rates["base_rate"], found.judged.sure("base_rate")
    told = False
    for axis in study.counts.axes:
        members = [i for i in study.nodes.where(axis) if sure[i]]
        if not members or not study.whole[0]:
            continue
        node = max(members, key=lambda i: abs(base[i] - base[study.against[i]]))
        ref = study.against[node]
        ppv, fnr = float(rates["ppv"][0]), float(rates["fnr"][0])
        p, q = float(base[node]), float(base[ref])
        names: dict[str, str | float] = {"group": study.nodes.group[node], "other": study.nodes.group[ref]}
        shown = {"p": p, "q": q, "ppv": ppv, "fnr": fnr}
        shown |= {"f": float(forced_fpr(p, ppv, fnr)), "g": float(forced_fpr(q, ppv, fnr))}
        yield Note(text=v.IMPOSSIBLE, values=names | {name: 100 * value for name, value in shown.items()})
        told = True
    if not told:
        compared = any(np.isfinite(found.judged.adjusted["base_rate"][i]) for i in _alone(found))
        yield Note(text=v.NOTHING_FORCED if compared else v.NOT_COMPARED, kind="caveat")


def _recorded(found: Found) -> Iterator[Note]:
    """On every axis, the recording factor that would remove the largest PPV and FPR difference."""
    study = found.study
    for metric, text in (("ppv", v.RECORDING_PPV), ("fpr", v.RECORDING_FPR)):
        factor, gap = found.figure(f"recording_parity_{metric}"), found.figure(f"{metric}_difference")
        differs = _differs(found, metric)
        for axis in study.counts.axes:
            members = [i for i in study.nodes.where(axis) if differs[i]]
            if not members:
                continue
            i = max(members, key=lambda k: abs(gap.value[k]))
            value = float(factor.value[i])
            group, other = (study.nodes.group[i], study.names[i])[:: 1 if value > 1 else -1]
            if factor.open_[i] and np.isfinite(value) and value > 0:
                yield Note(text=text, values={"group": group, "other": other, "d": max(value, 1 / value)})


def _leaks(found: Found) -> Iterator[Note]:
    """For each axis and source, the group that the source tells best."""
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for line, p in zip(found.leakage.rows(), found.judged.adjusted["leakage"].tolist(), strict=True):
        axis, group, source, auc = line[:4]
        if p <= LEVEL and auc >= TELLS:
            best[axis, source] = max(best.get((axis, source), (0.0, "")), (auc, group))
    for (axis, source), (auc, group) in best.items():
        yield Note(text=v.LEAKS, values={"axis": axis, "source": source, "group": group, "auc": auc})


OVERALL = {
    PROMISES_MORE: v.OVERALL_MORE,
    PROMISES_LESS: v.OVERALL_LESS,
    SEPARATES_LESS: v.OVERALL_SLOPE_LESS,
    SEPARATES_MORE: v.OVERALL_SLOPE_MORE,
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
        large = judged.calibration[0] in (PROMISES_MORE, PROMISES_LESS)
        yield Note(text=text, values=calibration_values(found, 0) if large else slope_values(found, 0))
    groups = [
        word
        for word, ok, axis in zip(judged.calibration, judged.validated.tolist(), found.study.nodes.axis, strict=True)
        if ok and axis not in (EVERYONE, CROSSED)
    ]
    wrong = sum(word in DIFFERENCES for word in groups)
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
    at = np.flatnonzero((rates["metric"] == metric) & (rates["axis"] == EVERYONE))
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


def repeats(study: Study, facts: Mapping[str, Scalar]) -> tuple[tuple[Note, ...], dict[str, Scalar]]:
    """What is said, and which facts are given, where some person has several assessments; nothing elsewhere."""
    if study.replicates is None or not study.shown.people[0]:
        return (), {}
    counted: dict[str, Scalar] = {"people": int(facts.get("people", 0)), "assessments": study.counts.n}
    effect = float(study.design_effect[study.whole].max(initial=1.0))
    return (Note(text=ASSESSED, values={**counted, "effect": effect}, kind="caveat"),), counted
