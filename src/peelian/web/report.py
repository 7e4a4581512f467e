"""A report: one HTML file that is whole, loads nothing, runs nothing, prints well, and reads on a phone."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from peelian.integrations.table_exports import csv_of
from peelian.measure.table import Table
from peelian.pictures.panels import Panels, Say
from peelian.pictures.words import english
from peelian.web.framing import Entry, Link, data_uri, frame
from peelian.web.pages import csp_hash, environment, static

LARGEST_INLINE = 300_000  # bytes of a table kept in the file as CSV; larger ones are in the office's exports


def report(
    title: str,
    panels: Panels,
    *,
    language: str,
    facts: Sequence[tuple[str, str]] = (),
    say: Say = english,
    mark: str = "",
) -> str:
    """The panels as one HTML file with contents, skip link, landmarks, and a policy that allows its own style only.

    `facts` are (name, value) pairs under the title; `mark` stands on every page; `say` gives the door's own words in
    the reader's language. Tables with a source can be saved as CSV from the file itself. InputError: a picture holds
    what no picture may.
    """

    def saved(table: Table) -> Sequence[Link]:
        content = csv_of(table)
        if len(content) > LARGEST_INLINE:
            return ()
        return (Link(href=data_uri(content, "text/csv"), text=say("Download CSV"), download=f"{table.name}.csv"),)

    framed = frame(panels, say, links=saved)
    return standalone(title, framed.html, language=language, say=say, facts=facts, contents=framed.contents, mark=mark)


def standalone(
    title: str,
    body: Markup,
    *,
    language: str,
    say: Say,
    facts: Sequence[tuple[str, str]] = (),
    contents: Sequence[Entry] = (),
    mark: str = "",
) -> str:
    """A body in the frame of a report."""
    style = static("peelian.css").decode()
    return (
        environment()
        .get_template("report.html")
        .render(
            say=say,
            language=language,
            title=title,
            mark=mark,
            head=facts,
            body=body,
            contents=contents,
            style=style,
            style_hash=csp_hash(style),
        )
    )
