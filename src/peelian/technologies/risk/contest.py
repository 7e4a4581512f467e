"""Compare the instrument with two simple models fitted on the tally's features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from peelian.measure.rates import two_sided_p, wilson
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.counts import FEATURE, encoded, known
from peelian.technologies.risk.declarations.columns import RIVAL_COLUMNS, RULE_COLUMNS
from peelian.technologies.risk.rivals import Compared, Joint, best_pair, compared, halves, logistic, rule_list, ruled
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import FEWEST

MOST_FEATURES = 6
INSTRUMENT, LOGISTIC, RULES = "the instrument", "two-feature logistic", "three-line rule list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Tables of the comparison, empty where the tally has no features."""

    rivals: Table
    rules: Table


def contest(tally: Table, study: Study, *, seed: int) -> Contest:
    """Fit both models on half of the people and compare all three on the other half. O(cells x features)."""
    rows = known(tally)
    names = [c.name for c in rows.columns if c.name.startswith(FEATURE)][:MOST_FEATURES]
    words, codes = zip(*(encoded(rows[name]) for name in names), strict=True) if names else ((), ())
    n = rows["n"].astype(np.int64)
    events = n * (rows["outcome"] == 1)
    if not names or min(int(events.sum()), int((n - events).sum())) < 4 * FEWEST:
        return Contest(rivals=_table("rivals", RIVAL_COLUMNS, []), rules=_table("rules", RULE_COLUMNS, []))
    joint = Joint(
        score=study.counts.sign * rows["score"].astype(np.float64),
        features=np.array(codes),
        people=np.stack([n - events, events], axis=1),
    )
    learn, judge = halves(joint, seed)
    plain = [name.removeprefix(FEATURE) for name in names]
    pair = best_pair(learn)
    lines = rule_list(learn)
    used = [plain[f] for f in pair]
    rivals = [
        _row(INSTRUMENT, compared(judge, judge.score), study.level, ["", ""]),
        _row(LOGISTIC, compared(judge, logistic(learn, pair)), study.level, used),
        _row(RULES, compared(judge, ruled(judge, lines)), study.level, ["", ""]),
    ]
    rules = []
    for number, line in enumerate(lines, start=1):
        low, high = wilson(line.events, line.n, study.level)
        named = line.feature >= 0
        feature, level = (plain[line.feature], words[line.feature][line.level]) if named else ("", "")
        share = line.events / line.n if line.n >= FEWEST else np.nan
        rules.append((number, feature, level, share, float(low), float(high), line.n if line.n >= FEWEST else 0))
    return Contest(rivals=_table("rivals", RIVAL_COLUMNS, rivals), rules=_table("rules", RULE_COLUMNS, rules))


def _row(name: str, found: Compared, level: float, used: Sequence[str]) -> tuple[object, ...]:
    z = float(scipy.special.ndtri(0.5 + level / 2))
    half, gap = z * np.sqrt(found.variance), z * np.sqrt(found.difference_variance)
    own = name == INSTRUMENT
    second = used[1] if len(used) > 1 else ""
    return (
        name,
        found.area,
        max(found.area - half, 0.0),
        min(found.area + half, 1.0),
        np.nan if own else found.difference,
        np.nan if own else found.difference - gap,
        np.nan if own else found.difference + gap,
        np.nan if own else float(two_sided_p(found.difference, found.difference_variance)),
        used[0],
        second,
        found.n,
    )


def _table(name: str, kinds: dict[str, Kind], rows: Sequence[tuple[object, ...]]) -> Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    types = {Kind.GROUP: object, Kind.LEVEL: object, Kind.COUNT: np.int64}
    return table(
        name,
        {
            key: (kind, np.array(values, dtype=types.get(kind, np.float64)))
            for (key, kind), values in zip(kinds.items(), columns, strict=True)
        },
        line="rank",
    )
