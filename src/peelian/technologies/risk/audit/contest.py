"""Compare the instrument with two simple models fitted on the tally's features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from peelian.measure.rates import wilson
from peelian.measure.table import Table
from peelian.technologies.risk.audit.declared import RIVALS
from peelian.technologies.risk.audit.declared import RULES as RULE_LIST
from peelian.technologies.risk.audit.words import AT_LEAST, AT_MOST, INSTRUMENT, IS, LOGISTIC, OTHERWISE, RULES
from peelian.technologies.risk.measure.counts import FEATURE, encoded, known
from peelian.technologies.risk.measure.jackknife import p_value, quantile
from peelian.technologies.risk.measure.rivals import (
    FOLDS,
    Compared,
    Joint,
    Line,
    best_pair,
    compared,
    cross_fitted,
    in_order,
    logistic,
    rule_list,
    ruled,
)
from peelian.technologies.risk.measure.study import Study
from peelian.technologies.risk.measure.suppression import FEWEST

MOST_FEATURES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Tables of the comparison, empty where the tally has no features."""

    rivals: Table
    rules: Table


def contest(tally: Table, study: Study, *, seed: int) -> Contest:
    """Cross-fit both models and compare them with the instrument; features and rules shown are those of all people.

    O(folds x (cells + pairs of features)).
    """
    rows = known(tally)
    names = [c.name for c in rows.columns if c.name.startswith(FEATURE)][:MOST_FEATURES]
    n = rows["n"].astype(np.int64)
    events = n * (rows["outcome"] == 1)
    persons = rows["persons" if "persons" in rows else "n"]
    if not names or min(int(persons[rows["outcome"] == k].sum()) for k in (0, 1)) < 4 * FEWEST:
        return _contest([], [])
    words, codes, ordered = zip(*(in_order(*encoded(rows.column(name))) for name in names), strict=True)
    joint = Joint(
        score=study.counts.sign * rows["score"].astype(np.float64),
        features=np.array(codes),
        people=np.stack([n - events, events], axis=1),
        ordered=ordered,
        fold=rows["fold"].astype(np.int64) if "fold" in rows else None,
    )
    plain = [name.removeprefix(FEATURE) for name in names]
    used = [plain[f] for f in best_pair(joint)]
    regression = cross_fitted(joint, lambda learn: logistic(learn, best_pair(learn)), seed)
    rules = cross_fitted(joint, lambda learn: ruled(learn, rule_list(learn)), seed)
    rivals = [
        _row(INSTRUMENT, compared(joint, joint.score), study, ["", ""]),
        _row(LOGISTIC, regression, study, used),
        _row(RULES, rules, study, ["", ""]),
    ]
    lines = [_rule(number, line, plain, words, study.level) for number, line in enumerate(rule_list(joint), start=1)]
    return _contest(rivals, lines)


def _rule(
    number: int, line: Line, names: Sequence[str], words: Sequence[Sequence[str]], level: float
) -> dict[str, Any]:
    """One line of the rule list as a row; a line of fewer than 30 people has no figures."""
    low, high = wilson(line.events, line.n, level)
    feature, test, value = "", OTHERWISE, ""
    if line.feature >= 0:
        feature, named = names[line.feature], words[line.feature]
        test = IS if line.low == line.high else AT_MOST if line.low == 0 else AT_LEAST
        value = named[line.high if test == AT_MOST else line.low]
    known = {"share": line.events / line.n, "n": line.n} if line.n >= FEWEST else {"n": 0}
    return {"line": number, "feature": feature, "test": test, "level": value, "lo": low, "hi": high, **known}


def _row(name: str, found: Compared, study: Study, used: Sequence[str]) -> dict[str, Any]:
    # Each fifth has a degree of freedom less than replicate groups.
    groups = np.array(study.replicates.count - FOLDS + 1 if study.replicates else np.inf)
    z = float(quantile(groups, study.level))
    half, gap = z * np.sqrt(found.variance), z * np.sqrt(found.difference_variance)
    row: dict[str, Any] = {
        "rival": name,
        "auc": found.area,
        "lo": max(found.area - half, 0.0),
        "hi": min(found.area + half, 1.0),
    }
    row |= {"feature": used[0], "second_feature": used[1] if len(used) > 1 else "", "n": found.n}
    if name == INSTRUMENT:
        return row
    p = float(p_value(np.array(found.difference), np.array(found.difference_variance), groups))
    ends = {"difference_lo": found.difference - gap, "difference_hi": found.difference + gap}
    return row | ends | {"difference": found.difference, "p": p}


def _contest(rivals: list[dict[str, Any]], rules: list[dict[str, Any]]) -> Contest:
    return Contest(rivals=RIVALS.of_rows(rivals), rules=RULE_LIST.of_rows(rules))
