"""The trade-off of thresholds: a table of both errors by group for each threshold, of which the reader chooses one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from peelian.measure.table import Table
from peelian.pictures.panels import Choice, Grid, Say
from peelian.pictures.words import amount
from peelian.technologies.faces.rates import FMR, FNMR
from peelian.technologies.faces.thresholds import OWN_GROUP
from peelian.technologies.faces.uncertainty import AT_MOST, EXACT, adequacy_of
from peelian.technologies.faces.view_charts import rate_text
from peelian.technologies.faces.vocabulary import label

Groups = dict[str, dict[str, dict[str, Any]]]  # group → FMR or FNMR → its row


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A threshold with the errors of each group; `policy` is that of the audit, "" between its thresholds."""

    policy: str
    threshold: float
    groups: Groups

    def label(self, say: Say) -> str:
        """What the reader chooses: the value, and the policy where it is the audit's own."""
        value = amount(say, self.threshold)
        return f"{say(self.policy)} ({value})" if self.policy else value


def threshold_choice(rates: Table, ladder: Table | None, headline: str, say: Say) -> Choice | None:
    """FMR and FNMR within each group at the audit's thresholds and at those of a ladder, the first page's chosen.

    Thresholds that differ by group are left out, and those of the ladder that read like another. None with fewer than
    two. O(rows).
    """
    own = _own(rates)
    if not any(rung.policy == headline for rung in own):
        return None
    read = {amount(say, rung.threshold): rung for rung in [*_of(ladder), *own]}
    rungs = [*own, *(rung for rung in read.values() if not rung.policy)]
    if len(rungs) < 2:
        return None
    rungs.sort(key=lambda rung: rung.threshold)
    return Choice(
        caption=say("Choose a threshold to see its errors (those with a name are the audit's)"),
        labels=tuple(rung.label(say) for rung in rungs),
        grids=tuple(_grid(rung, say) for rung in rungs),
        chosen=[rung.policy for rung in rungs].index(headline),
    )


def _own(rates: Table) -> list[Rung]:
    found: dict[str, Groups] = {}
    for row in rates.records():
        if row["group"] == row["other_group"] and row["policy"] != OWN_GROUP and row["measure"] in (FMR, FNMR):
            found.setdefault(row["policy"], {}).setdefault(row["group"], {})[row["measure"]] = row
    return [
        Rung(policy=policy, threshold=_first(groups)["threshold"], groups=groups) for policy, groups in found.items()
    ]


def _of(ladder: Table | None) -> list[Rung]:
    found: dict[float, Groups] = {}
    for row in ladder.records() if ladder is not None else ():
        rates = {FMR: _counted(row, "fmr"), FNMR: _counted(row, "fnmr")}
        found.setdefault(row["threshold"], {})[row["group"]] = rates
    return [Rung(policy="", threshold=threshold, groups=groups) for threshold, groups in found.items()]


def _counted(row: dict[str, Any], name: str) -> dict[str, Any]:
    """A rate without an interval, as a row of rates has it; with its bound where there is no error."""
    rate, n = row[name], row[f"{name}_n"]
    errors = round(rate * n)
    bound, high = (EXACT, math.nan) if errors else (AT_MOST, min(1.0, 3 / n))
    return {"rate": rate, "low": math.nan, "high": high, "bound": bound, "adequacy": adequacy_of(errors)}


def _first(groups: Groups) -> dict[str, Any]:
    return next(row for measures in groups.values() for row in measures.values())


def _grid(rung: Rung, say: Say) -> Grid:
    value = amount(say, rung.threshold)
    return Grid(
        caption=say("Errors at threshold “%(policy)s”", policy=say(rung.policy))
        if rung.policy
        else say("Errors at threshold %(threshold)s: all comparisons counted, without intervals", threshold=value),
        titles=(say("Group"), say("False match rate"), say("False non-match rate")),
        rows=tuple(
            (label(group, say), *(rate_text(found[m], say) if m in found else "–" for m in (FMR, FNMR)))
            for group, found in rung.groups.items()
        ),
        numeric=frozenset({1, 2}),
    )
