"""Whom the findings touch: differences between groups that hold against chance, those of most people first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from peelian.kernel.model.capability import Note
from peelian.technologies.risk import verdicts as verdicts
from peelian.technologies.risk import vocabulary as v
from peelian.technologies.risk.counts import CROSSED, EVERYONE, Mask
from peelian.technologies.risk.errors_at import quadrants, rate, shares
from peelian.technologies.risk.found import Found
from peelian.technologies.risk.impossibility import forced_fpr
from peelian.technologies.risk.significance import LEVEL

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
    crossed = sum(word in verdicts.DIFFERENCES for word, axis in words if axis == CROSSED)
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
        if word in (verdicts.NO_BETTER, verdicts.REVERSED) and word != judged.discrimination[0]:
            text = v.NO_BETTER_FOR if word == verdicts.NO_BETTER else v.REVERSED_FOR
            area = {"auc": float(found.area.value[i]), "low": float(low[i]), "high": float(high[i])}
            yield people, Note(text=text, values=group | {"n": int(people)} | area)
        word = judged.calibration[i]
        if word in (verdicts.PROMISES_MORE, verdicts.PROMISES_LESS):
            values = calibration_values(found, i)
            text = v.PROMISES_MORE_FOR if word == verdicts.PROMISES_MORE else v.PROMISES_LESS_FOR
            yield abs(float(values["expected"]) - float(values["observed"])), Note(text=text, values=group | values)
        elif word in (verdicts.SEPARATES_LESS, verdicts.SEPARATES_MORE):
            text = v.SLOPE_LESS if word == verdicts.SEPARATES_LESS else v.SLOPE_MORE
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
        apart = np.abs(np.log(figure.value)) > np.log1p(verdicts.NOTICEABLE)
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
