"""The page of a space-time scan: what stands out, where and when, and what that cannot tell."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Heading, Panel, Panels, Paragraph, Say, tabled
from peelian.pictures.words import day
from peelian.technologies.mapping.area_view import RECORDED, town_map
from peelian.technologies.mapping.declarations.scanning import CLUSTERS
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import answered, data_and_limits, records_of, table_of

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
            *CLUSTERS.shown(say, "rank", "place", "area", "radius_metres"),
            CLUSTERS.column(say, "from_day", lambda row: day(say, row["from_day"])),
            CLUSTERS.column(say, "to_day", lambda row: day(say, row["to_day"])),
            *CLUSTERS.shown(say, "observed", "expected", "ratio", "p"),
        ),
        caption=say("Largest clusters (not overlapping)"),
        source=found,
        folded=True,
    )
    words = say("A small p means chance rarely gives so large a cluster. The centre of a cluster is not its cause.")
    return [Heading(text=say("Clusters")), Paragraph(text=words), grid]
