"""Charts of the audit's page: error rates by group, calibration curves, rates by cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Pane, Series, multiples
from peelian.pictures.panels import Picture, Say
from peelian.pictures.words import amount
from peelian.technologies.risk.counts import CROSSED, EVERYONE
from peelian.technologies.risk.declarations.columns import RATES
from peelian.technologies.risk.extract import Row, everyone, picked, rows
from peelian.technologies.risk.page import Columns, picture_of
from peelian.technologies.risk.view_words import group_name
from peelian.technologies.risk.vocabulary import RATE_TITLES

MOST_PANES = 18


def error_picture(findings: Findings, say: Say, metric: str) -> Picture | None:
    """One rate per group with its interval, and everyone's as a line."""
    found = picked(findings, "rates", metric, at=float(findings.facts["cut"]))
    shown = [row for key, row in found.items() if row.shown and key[0] != EVERYONE]
    overall = everyone(found)
    if not shown or overall is None or not overall.shown:
        return None
    most, least = (pick(shown, key=lambda row: row.value) for pick in (max, min))
    picture = picture_of(
        [{"axis": r.axis, "group": r.group, "value": r.value, "lo": r.low, "hi": r.high, "n": r.den} for r in shown],
        Columns(say=say, emit=RATES).like("value"),
        say(RATE_TITLES[metric]),
        "value",
        lambda rows: say(
            "From %(least)s (%(group)s) to %(most)s (%(other)s). Everyone: %(all)s.",
            least=amount(say, least.value, percent=True),
            group=least.group,
            most=amount(say, most.value, percent=True),
            other=most.group,
            all=amount(say, overall.value, percent=True),
        ),
        reference=overall.value,
        reference_name=say("Everyone"),
        value_range=(0.0, None),
    )
    return replace(picture, twin=replace(picture.twin, folded=True)) if picture and picture.twin else picture


def calibration_picture(findings: Findings, say: Say) -> Picture | None:
    """Observed against expected share of events by band, a small chart for each group that stands alone."""
    observed, promised = _by_node(findings, "rates", "observed"), _by_node(findings, "figures", "promised")
    probability = bool(findings.facts.get("probability"))
    panes = []
    for key in _largest(observed):
        # Everyone lies on the diagonal by construction where scores are ranks.
        if key[0] == EVERYONE and not probability:
            continue
        there = [(promised[key][at].value, row) for at, row in observed[key].items() if at in promised.get(key, {})]
        points = [(x, row) for x, row in there if row.shown and np.isfinite(x)]
        if len(points) > 1:
            panes.append(Pane(title=group_name(say, *key), series=[_curve(say("Observed"), points)]))
    if not panes:
        return None
    return multiples(
        panes[:MOST_PANES],
        x_title=say("Expected share with the outcome"),
        y_title=say("Observed share with the outcome"),
        caption=say("Calibration curves"),
        alternative=say(
            "Observed and expected shares for %(n)d %(n:group|groups). They are equal on the diagonal.",
            n=len(panes[:MOST_PANES]),
        ),
        reference="diagonal",
        reference_name=say("Observed as expected"),
        percent=True,
        say=say,
    )


def sweep_picture(findings: Findings, say: Say) -> Picture | None:
    """False positive and false negative rate at every cut, a small chart for everyone and each group."""
    found = {metric: _by_node(findings, "rates", metric) for metric in ("fpr", "fnr")}
    panes = []
    for key in _largest(found["fpr"]):
        curves = [sorted((at, row) for at, row in found[metric].get(key, {}).items() if row.shown) for metric in found]
        if min(map(len, curves)) > 1:
            names = (say("False positive rate"), say("False negative rate"))
            series = [_curve(name, points) for name, points in zip(names, curves, strict=True)]
            panes.append(Pane(title=group_name(say, *key), series=series))
    if not panes:
        return None
    return multiples(
        panes[:MOST_PANES],
        x_title=say("Cut-off"),
        y_title=say("Error rate"),
        caption=say("False positive and false negative rates by cut-off"),
        alternative=say(
            "Both error rates of %(n)d %(n:group|groups) at each cut-off. Where one falls, the other rises.",
            n=len(panes[:MOST_PANES]),
        ),
        at=float(findings.facts["cut"]),
        at_name=say("Cut-off of this audit"),
        percent=True,
        x_percent=False,
        say=say,
    )


def _largest(found: Mapping[tuple[str, str], Mapping[float, Row]]) -> list[tuple[str, str]]:
    """Everyone and the groups that stand alone, in order; of more than fit, those of most people."""
    alone = [key for key in found if key[0] != CROSSED]
    size = {key: max((row.den for row in found[key].values()), default=0) for key in alone}
    kept = set(sorted(alone, key=lambda key: (key[0] != EVERYONE, -size[key]))[: MOST_PANES + 1])
    return [key for key in alone if key in kept]


def _curve(name: str, points: Sequence[tuple[float, Row]]) -> Series:
    return Series(
        name=name,
        x=[x for x, _ in points],
        y=[row.value for _, row in points],
        low=[row.low for _, row in points],
        high=[row.high for _, row in points],
    )


def _by_node(findings: Findings, table: str, metric: str) -> dict[tuple[str, str], dict[float, Row]]:
    """Rows of one metric by node and then by score."""
    found: dict[tuple[str, str], dict[float, Row]] = {}
    for row in rows(findings, table):
        if row.metric == metric and np.isfinite(row.at):
            found.setdefault((row.axis, row.group), {})[row.at] = row
    return found
