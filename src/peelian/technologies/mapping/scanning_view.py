"""The page of a space-time scan: what stands out, where and when, and what that cannot tell."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Paragraph, Say
from peelian.technologies.mapping.names import category_title
from peelian.technologies.mapping.views import figure, limits, sentences, table_of


def scanning_view(findings: Findings, say: Say) -> Panels:
    """The finding, the clusters, limits."""
    facts = findings.facts
    head = say(
        "%(category)s up to %(until)s, cells of %(metres)d m",
        category=category_title(str(facts["category"]), say),
        until=facts["until_day"],
        metres=facts["cell_metres"],
    )
    return [Paragraph(text=head), *sentences(findings.notes, say), *_clusters(findings, say), *limits(findings, say)]


def _clusters(findings: Findings, say: Say) -> list[Panel]:
    found = table_of(findings, "clusters")
    if found is None or not len(found):
        return []
    rows = []
    for row in found.rows():
        cells = dict(zip(found.names, row, strict=True))
        rows.append(
            (
                say("%(n)d", n=cells["rank"]),
                str(cells["place"]),
                str(cells["area"]) or "–",
                figure(say, cells["radius_metres"]),
                str(cells["from_day"]),
                str(cells["to_day"]),
                *(figure(say, cells[name]) for name in ("observed", "expected", "ratio", "p")),
            )
        )
    titles = (
        say("Rank"),
        say("Cell"),
        say("Area"),
        say("Radius (m)"),
        say("First day"),
        say("Last day"),
        say("Recorded"),
        say("Expected"),
        say("Ratio"),
        say("p"),
    )
    grid = Grid(
        caption=say("Largest clusters (not overlapping)"),
        titles=titles,
        rows=tuple(rows),
        numeric=frozenset({0, 3, 6, 7, 8, 9}),
        source=found,
    )
    words = say("A small p means chance rarely gives so large a cluster. The centre of a cluster is not its cause.")
    return [Heading(text=say("Clusters")), Paragraph(text=words), grid]
