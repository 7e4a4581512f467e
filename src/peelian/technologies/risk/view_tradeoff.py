"""The trade-off of thresholds: a table of errors by group for each cut-off, of which the reader chooses one."""

from __future__ import annotations

from math import isfinite

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Choice, Grid, Say
from peelian.pictures.words import amount
from peelian.technologies.risk.counts import CROSSED
from peelian.technologies.risk.extract import Row, rows
from peelian.technologies.risk.view_words import group_name, with_interval
from peelian.technologies.risk.vocabulary import SHORT_TITLES

METRICS = ("high_share", "fpr", "fnr", "ppv")
MOST_CUTS = 20


def cut_choice(findings: Findings, say: Say) -> Choice | None:
    """Share scored high, FPR, FNR and PPV by group at up to 20 cut-offs, the audit's own chosen. O(rows)."""
    by_cut: dict[float, dict[tuple[str, str], dict[str, Row]]] = {}
    for row in rows(findings, "rates"):
        if row.metric in METRICS and isfinite(row.at) and row.axis != CROSSED:
            by_cut.setdefault(row.at, {}).setdefault((row.axis, row.group), {})[row.metric] = row
    cut = float(findings.facts["cut"])
    cuts = _thinned(sorted(by_cut), cut)
    if len(cuts) < 2 or cut not in by_cut:
        return None
    return Choice(
        caption=say("Choose a cut-off to see its errors"),
        labels=tuple(amount(say, at) for at in cuts),
        grids=tuple(_grid(at, by_cut[at], say) for at in cuts),
        chosen=cuts.index(cut),
    )


def _thinned(cuts: list[float], cut: float) -> list[float]:
    """At most `MOST_CUTS` of the cut-offs, evenly apart, the audit's own among them.

    >>> len(_thinned([float(n) for n in range(100)], 7.0)), 7.0 in _thinned([float(n) for n in range(100)], 7.0)
    (20, True)
    """
    if len(cuts) <= MOST_CUTS:
        return cuts
    kept = {cuts[round(n * (len(cuts) - 1) / (MOST_CUTS - 2))] for n in range(MOST_CUTS - 1)}
    return sorted({*kept, cut})


def _grid(at: float, groups: dict[tuple[str, str], dict[str, Row]], say: Say) -> Grid:
    return Grid(
        caption=say("Errors at a cut-off of %(cut)s", cut=amount(say, at)),
        titles=(say("Group"), *(say(SHORT_TITLES[metric]) for metric in METRICS)),
        rows=tuple(
            (group_name(say, *key), *(with_interval(say, found.get(metric), percent=True) for metric in METRICS))
            for key, found in groups.items()
        ),
        numeric=frozenset(range(1, len(METRICS) + 1)),
    )
