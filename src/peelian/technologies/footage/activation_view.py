"""Pages of the activation audit and the review sample, in alphabetical order, never ranked."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.kernel.model.capability import Findings, told
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Heading, Panels, Say, tabled
from peelian.technologies.footage.declarations.activation_audit import OUTCOMES


def view(findings: Findings, say: Say) -> Panels:
    """Findings, outcomes for all calls, by unit and by call type, and the reasons given."""
    activation = findings.table("activation")
    panels = told(findings.notes, say)
    captions = {"all": say("All calls"), "unit": say("By unit"), "type": say("By call type")}
    for by, caption in captions.items():
        rows = activation.take(activation["by"] == by)
        panels.append(_outcome_grid(rows, caption, say))
    reasons = findings.table("reasons")
    words = reason_words(say)
    panels += [
        Heading(text=say("Reasons for early stops and muting")),
        Grid(
            caption=say("Recordings by reason"),
            titles=(say("Reason"), say("Recordings")),
            rows=tuple((words.get(str(r), str(r)), say("%(n)d", n=int(n))) for r, n in reasons.rows()),
            numeric=frozenset({1}),
            source=reasons,
        ),
    ]
    return panels


def sample_view(findings: Findings, say: Say) -> Panels:
    """The recordings drawn, by list row."""
    drawn = findings.table("sample")
    rows = tuple((say("%(n)d", n=int(row)), str(unit), str(at).replace("T", " ")) for row, unit, at in drawn.rows())
    grid = Grid(
        caption=say("Recordings drawn"),
        titles=(say("List row"), say("Unit"), say("Start hour (UTC)")),
        rows=rows,
        numeric=frozenset({0}),
        source=drawn,
    )
    return [*told(findings.notes, say), grid]


def reason_words(say: Say) -> Mapping[str, str]:
    """The reasons as a person reads them."""
    return {
        "private_place": say("private place"),
        "witness_asked": say("request of a victim or witness"),
        "medical_care": say("medical care"),
        "informant": say("confidential informant"),
        "privileged_talk": say("privileged conversation"),
        "supervisor": say("supervisor's order"),
        "equipment": say("equipment failure"),
        "none_given": say("none given"),
        "other": say("other reason"),
    }


def _outcome_grid(rows: Table, caption: str, say: Say) -> Grid:
    def share(row: Mapping[str, float]) -> str:
        return say("%(share).1f%%", share=100 * row["share"]) if row["n"] else "–"

    def around(row: Mapping[str, float]) -> str:
        ends = {"low": 100 * row["low"], "high": 100 * row["high"]}
        return say("%(low).1f%% to %(high).1f%%", **ends) if row["n"] else "–"

    titles = (say("Calls"), say("Covered"), say("Late"), say("Stopped early"), say("Muted"), say("Absent"))
    counts = zip(titles, ("n", *OUTCOMES), strict=True)
    return tabled(
        rows.records(),
        (
            (say("Group"), lambda row: say("all") if row["group"] == "all" else row["group"]),
            *((title, lambda row, name=name: say("%(n)d", n=row[name])) for title, name in counts),
            (say("Share covered"), share),
            (say("95% interval"), around),
        ),
        caption=caption,
        numeric=range(1, 9),
        source=rows,
    )
