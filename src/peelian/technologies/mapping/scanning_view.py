"""The page of a space-time scan: what stands out, where and when, and what that cannot tell."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Say, tabled
from peelian.pictures.words import day
from peelian.technologies.mapping.area_view import RECORDED, town_map
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import answered, data_and_limits, figure, records_of, table_of

SURE = 0.05


def scanning_view(findings: Findings, say: Say) -> Panels:
    """The finding, the clusters, limits."""
    facts = findings.facts
    head = say(
        "%(category)s up to %(until)s, cells of %(metres)d m",
        category=category_title(str(facts["category"]), say),
        until=day(say, facts["until_day"]),
        metres=facts["cell_metres"],
    )
    centres = [str(row["place"]) for row in records_of(findings, "clusters") if row["p"] <= SURE]
    drawn = town_map(findings, RECORDED, say, centres)
    return [
        *answered(findings, say),
        Paragraph(text=head),
        *drawn,
        *_clusters(findings, say),
        *data_and_limits(findings, say),
    ]


def _clusters(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "clusters")
    if found is None or not len(found):
        return []
    grid = tabled(
        found.records(),
        (
            (say("Rank"), lambda row: say("%(n)d", n=row["rank"])),
            (say("Cell"), lambda row: row["place"]),
            (say("Area"), lambda row: row["area"] or "–"),
            (say("Radius (m)"), lambda row: figure(say, row["radius_metres"])),
            (say("First day"), lambda row: day(say, row["from_day"])),
            (say("Last day"), lambda row: day(say, row["to_day"])),
            (say("Recorded"), lambda row: figure(say, row["observed"])),
            (say("Expected"), lambda row: figure(say, row["expected"])),
            (say("Ratio"), lambda row: figure(say, row["ratio"])),
            (say("p"), lambda row: figure(say, row["p"])),
        ),
        caption=say("Largest clusters (not overlapping)"),
        numeric={0, 3, 6, 7, 8, 9},
        source=found,
        folded=True,
    )
    words = say("A small p means chance rarely gives so large a cluster. The centre of a cluster is not its cause.")
    return [Heading(text=say("Clusters")), Paragraph(text=words), grid]
