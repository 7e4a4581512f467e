"""Panels of the subgroup search."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.columns import Line
from peelian.pictures.panels import Column, Panels, Say, tabled
from peelian.pictures.words import amount
from peelian.technologies.risk.panels import board_page, columns_of, picture_of
from peelian.technologies.risk.subgroups.declared import TESTED
from peelian.technologies.risk.subgroups.words import NOBODY, TOUCHED


def view(findings: Findings, say: Say) -> Panels:
    """The panels: a board's page, the tested subgroups as a picture and as a folded table. O(rows)."""
    rows, of = findings.table("subgroups").records(), columns_of(findings, say, TESTED)
    subgroup = Column(say("Subgroup"), subgroup_name)
    grid = tabled(
        rows,
        [
            subgroup,
            of.shown("found"),
            of.shown("ratio"),
            of.interval(say("95% interval")),
            of.shown("detectable"),
            of.shown("p"),
            of.people,
            *of.different,
            of.shown("verdict"),
        ],
        caption=say("Tested subgroups: observed over expected at the same score"),
        folded=True,
    )
    picture = picture_of(
        rows,
        of,
        say("Observed/expected at the same score"),
        "ratio",
        lambda shown: say(
            "From %(least)s to %(most)s in %(n)d tested %(n:subgroup|subgroups), on people set aside.",
            least=amount(say, min(row["ratio"] for row in shown)),
            most=amount(say, max(row["ratio"] for row in shown)),
            n=len(shown),
        ),
        label=subgroup,
        reference=1.0,
        reference_name=say("As expected"),
    )
    return board_page(findings, say, touches={TOUCHED, NOBODY}, pictures=[picture], grids=[grid])


def subgroup_name(row: Line) -> str:
    """A subgroup by its columns and labels: "sex Male × age 18-24"."""
    parts = [f"{row[f'axis_{i}']} {row[f'group_{i}']}" for i in (1, 2, 3) if row[f"axis_{i}"]]
    return " × ".join(parts)
