"""The trade-off of thresholds: a table of both errors by group for each threshold, of which the reader chooses one."""

from __future__ import annotations

from typing import Any

from peelian.measure.table import Table
from peelian.pictures.panels import Choice, Grid, Say
from peelian.pictures.words import amount
from peelian.technologies.faces.rates import FMR, FNMR
from peelian.technologies.faces.view_charts import rate_text
from peelian.technologies.faces.vocabulary import label

Groups = dict[str, dict[str, dict[str, Any]]]  # group → FMR or FNMR → its row


def threshold_choice(rates: Table, headline: str, own_group: str, say: Say) -> Choice | None:
    """FMR and FNMR within each group at each threshold that is one for all, the first page's chosen. O(rows).

    `own_group` names the thresholds that differ by group, which are left out. None with fewer than two.
    """
    found: dict[str, Groups] = {}
    for row in rates.records():
        if row["group"] == row["other_group"] and row["policy"] != own_group and row["measure"] in (FMR, FNMR):
            found.setdefault(row["policy"], {}).setdefault(row["group"], {})[row["measure"]] = row
    if len(found) < 2 or headline not in found:
        return None
    return Choice(
        caption=say("Choose a threshold to see its errors"),
        labels=tuple(f"{say(policy)} ({amount(say, _threshold(groups))})" for policy, groups in found.items()),
        grids=tuple(_grid(policy, groups, say) for policy, groups in found.items()),
        chosen=list(found).index(headline),
    )


def _threshold(groups: Groups) -> float:
    return float(next(row["threshold"] for measures in groups.values() for row in measures.values()))


def _grid(policy: str, groups: Groups, say: Say) -> Grid:
    return Grid(
        caption=say("Errors at threshold “%(policy)s”", policy=say(policy)),
        titles=(say("Group"), say("False match rate"), say("False non-match rate")),
        rows=tuple(
            (label(group, say), *(rate_text(found[m], say) if m in found else "–" for m in (FMR, FNMR)))
            for group, found in groups.items()
        ),
        numeric=frozenset({1, 2}),
    )
