"""The public page of areas, landmarks and groups: every label that two people adopted, and where it is from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.records.label_register import adopted
from peelian.measure.table import Kind, table
from peelian.measure.vocabularies import FUNCTIONS, plain
from peelian.operations.ground import ground_of
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Say, tabled
from peelian.web.cases.pages import exported_table
from peelian.web.frame.lists import ShortAsked, narrowed
from peelian.web.maps.areas import map_of
from peelian.web.pages import LANGUAGES

TITLES = {
    LabelKind.AREA: "Areas",
    LabelKind.LANDMARK: "Kinds of landmarks",
    LabelKind.GROUP: "Groups",
    LabelKind.INSTRUMENT: "Instruments",
    LabelKind.OUTCOME: "Outcomes",
}
FUNCTION_WORDS = {name: name.replace("_", " ") for name in FUNCTIONS}


def add_vocabulary_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The page in both languages, and the same as JSON and CSV."""

    @app.get("/data/vocabularies.json")
    def vocabularies() -> list[dict[str, Any]]:
        """Every adopted label: kind, source, people, public function, SHA-256 of its boundary."""
        return [
            {
                "record": record,
                "kind": str(one.kind),
                "source": one.source,
                "labels": [
                    {"label": a.label, "people": a.people, "function": a.function, "outline_sha256": a.outline}
                    for a in one.labels
                ],
            }
            for record, one in adopted(office.kernel).vocabularies.items()
        ]

    @app.get("/data/vocabularies.csv")
    def as_csv() -> Response:
        """The same, a row for each label."""
        every = [(v.kind, v.source, a) for v in adopted(office.kernel).vocabularies.values() for a in v.labels]
        columns = {
            "kind": [str(kind) for kind, _, _ in every],
            "source": [source for _, source, _ in every],
            "label": [one.label for _, _, one in every],
            "people": [str(one.people or "") for _, _, one in every],
            "function": [one.function for _, _, one in every],
        }
        made = table("vocabularies", {name: (Kind.CATEGORY, values) for name, values in columns.items()})
        return exported_table((made,), "vocabularies", "csv")

    @app.get("/{language}/vocabularies", include_in_schema=False)
    def page(request: Request, language: str, asked: ShortAsked) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say = office.say(language)
        lists = adopted(office.kernel).vocabularies.values()
        every = [label_grid(one, say) for one in lists]
        maps = [] if asked.q else [made for one in lists if (made := map_of(one, say))]
        grids = [grid for grid in (narrowed(grid, asked.q) for grid in every) if grid.rows]
        more = {"grids": grids, "query": asked, "any": bool(every), "maps": maps, "ground": ground_of(office)}
        return show(request, "vocabularies.html", title=say("Areas and groups"), **more)


def label_grid(vocabulary: Vocabulary, say: Say) -> Grid:
    """The labels in the order of the alphabet, with the columns that say anything. O(labels)."""
    labels = sorted(vocabulary.labels, key=lambda one: plain(one.label))
    every: list[tuple[str, Callable[[Label], str]]] = [
        (say("Label"), lambda label: label.label),
        (say("People"), lambda label: say("%(n)d", n=label.people) if label.people else ""),
        (say("Public function"), lambda label: say(FUNCTION_WORDS[label.function]) if label.function else ""),
        (say("Homes"), lambda label: say("%(n)d", n=label.homes) if label.homes else ""),
        (say("Capacity"), lambda label: say("%(n)d", n=label.capacity) if label.capacity else ""),
        (say("Boundary"), lambda label: _boundary(vocabulary.kind, label, say)),
    ]
    columns = [column for column in every if any(column[1](label) for label in labels)]
    numeric = {i for i, (title, _) in enumerate(columns) if title in (say("People"), say("Homes"), say("Capacity"))}
    caption = " · ".join(filter(None, (say(TITLES[vocabulary.kind]), vocabulary.source)))
    return tabled(labels, columns, caption=caption, numeric=numeric)


def _boundary(kind: LabelKind, label: Label, say: Say) -> str:
    if kind is not LabelKind.AREA:
        return ""
    if not label.ground:
        return say("none: nothing new is counted here")
    return say("adopted, counted in part") if label.given else say("boundary adopted")
