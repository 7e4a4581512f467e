"""The page of a vendor's audit: ratios per head by group, and what they cannot tell."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.charts import Interval, intervals
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Picture, Say, tabled
from peelian.technologies.mapping.area_view import PREDICTED, town_map
from peelian.technologies.mapping.declarations.exposure import EVERYBODY
from peelian.technologies.mapping.declarations.vendor import EXPOSURE
from peelian.technologies.mapping.names import group_title
from peelian.technologies.mapping.views import answered, data_and_limits, table_of, within


def vendor_view(findings: Findings, say: Say) -> Panels:
    """What was audited, the ratios, the table, limits."""
    return [
        *answered(findings, say),
        *town_map(findings, PREDICTED, say),
        *_exposure(findings, say),
        *data_and_limits(findings, say),
    ]


def _exposure(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "vendor_exposure")
    if found is None:
        return []
    shown = [value for value in found["halves"].tolist() if 0 < value < float("inf")]
    picture = [_picture(found, say)] if shown else []
    return [Heading(text=say("Exposure by group")), *picture, _grid(found, say)]


def _picture(found: Table, say: Say) -> Picture:
    groups = [row for row in found.records() if row["group"] != EVERYBODY and 0 < row["halves"] < float("inf")]
    most = max(groups, key=lambda row: float(row["halves"]))
    return intervals(
        [
            Interval(
                label=group_title(str(row["group"]), say),
                value=row["halves"],
                low=row["halves_low"],
                high=row["halves_high"],
                note=say("%(n)d residents", n=row["n"]),
            )
            for row in groups
        ],
        value_title=say("Ratio of areas with the highest share of the group to the other half"),
        caption=say("Ratio of predictions per resident between area halves"),
        alternative=say(
            "Ratios for %(n)d groups. The largest is %(ratio).2f for %(group)s.",
            n=len(groups),
            ratio=float(most["halves"]),
            group=group_title(str(most["group"]), say),
        ),
        label_title=say("Group"),
        scale="log",
        reference=1.0,
        reference_name=say("equal"),
        say=say,
    )


def _grid(found: Table, say: Say) -> Grid:
    return tabled(
        found.records(),
        (
            EXPOSURE.column(say, "group", lambda row: group_title(row["group"], say)),
            *EXPOSURE.shown(say, "n", "per_head", "against_others"),
            within(say, "against_others"),
            EXPOSURE.column(say, "halves"),
            within(say, "halves"),
        ),
        caption=say("Predictions per resident by group"),
        source=found,
        folded=True,
    )
