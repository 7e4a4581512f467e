"""Charts of the audit's page: error rates by group, calibration curves, rates by cut-off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.pictures.charts import Interval, Series, intervals, lines
from peelian.pictures.panels import Picture, Say
from peelian.pictures.words import amount
from peelian.technologies.risk.counts import EVERYONE
from peelian.technologies.risk.extract import Row, everyone, picked, rows
from peelian.technologies.risk.view_words import group_name, whole
from peelian.technologies.risk.vocabulary import RATE_TITLES

MOST_CURVES = 4


def error_picture(findings: Findings, say: Say, metric: str) -> Picture | None:
    """One rate per group with its interval, and everyone's as a line."""
    found = picked(findings, "rates", metric, at=float(findings.facts["cut"]))
    shown = {key: row for key, row in found.items() if row.shown and key[0] != EVERYONE}
    overall = everyone(found)
    if not shown or overall is None or not overall.shown:
        return None
    most, least = (pick(shown.values(), key=lambda row: row.value) for pick in (max, min))
    title = say(RATE_TITLES[metric])
    return intervals(
        [
            Interval(
                label=row.group,
                value=row.value,
                low=row.low,
                high=row.high,
                note=say("n = %(n)s", n=whole(say, row.den)),
                group=row.axis,
            )
            for row in shown.values()
        ],
        value_title=title,
        caption=title,
        alternative=say(
            "From %(least)s (%(group)s) to %(most)s (%(other)s). Everyone: %(all)s.",
            least=amount(say, least.value, percent=True),
            group=least.group,
            most=amount(say, most.value, percent=True),
            other=most.group,
            all=amount(say, overall.value, percent=True),
        ),
        label_title=say("Group"),
        percent=True,
        reference=overall.value,
        reference_name=say("Everyone"),
        value_range=(0.0, None),
        say=say,
    )


def calibration_picture(findings: Findings, say: Say) -> Picture | None:
    """Observed against expected share of events by band, for the largest groups of the first axis."""
    observed, promised = _by_node(findings, "rates", "observed"), _by_node(findings, "figures", "promised")
    first = _first_axis(observed)
    curves = []
    for key in [key for key in observed if key[0] in (EVERYONE, first)]:
        there = [(promised[key][at].value, row) for at, row in observed[key].items() if at in promised.get(key, {})]
        points = [(x, row) for x, row in there if row.shown and np.isfinite(x)]
        if len(points) > 1:
            curves.append((sum(row.den for _, row in points), key, points))
    curves = sorted(curves, key=lambda curve: -curve[0])[: MOST_CURVES + 1]
    # Everyone lies on the diagonal by construction where scores are ranks; a line of its own would hide the others.
    named = [curve for curve in curves if curve[1][0] != EVERYONE] or curves
    if not named:
        return None
    return lines(
        [_curve(group_name(say, *key), points) for _, key, points in named],
        x_title=say("Expected share with the outcome"),
        y_title=say("Observed share with the outcome"),
        caption=say("Calibration curves"),
        alternative=say(
            "Observed and expected shares for %(n)d groups. They are equal on the diagonal.",
            n=len(named),
        ),
        reference="diagonal",
        reference_name=say("Observed as expected"),
        percent=True,
        say=say,
    )


def sweep_picture(findings: Findings, say: Say) -> Picture | None:
    """The false positive rate at every cut, for the largest groups of the first axis."""
    found = _by_node(findings, "rates", "fpr")
    first = _first_axis(found)
    curves = []
    for key in [key for key in found if key[0] in (EVERYONE, first)]:
        points = sorted((at, row) for at, row in found[key].items() if row.shown)
        if len(points) > 1:
            curves.append((points[0][1].den, key, points))
    curves = sorted(curves, key=lambda curve: -curve[0])[: MOST_CURVES + 1]
    if not curves:
        return None
    return lines(
        [_curve(group_name(say, *key), points) for _, key, points in curves],
        x_title=say("Cut-off"),
        y_title=say("False positive rate"),
        caption=say("False positive rate by cut-off"),
        alternative=say("False positive rate of %(n)d groups at each cut-off.", n=len(curves)),
        percent=True,
        x_percent=False,
        y_range=(0.0, None),
        say=say,
    )


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


def _first_axis(found: dict[tuple[str, str], dict[float, Row]]) -> str:
    return next((axis for axis, _ in found if axis != EVERYONE), EVERYONE)
