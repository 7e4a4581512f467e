"""The office's datasets: what came in, declared for what, by when it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from peelian.kernel.model.documents import Admission
from peelian.kernel.verbs.custody import ADMITTERS, KEEPERS
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Say
from peelian.web.auth_middleware import person_of, seated
from peelian.web.pages import LANGUAGES, capital, moment
from peelian.web.words import PURPOSES, worded

Show = Callable[..., HTMLResponse]


def add_data_pages(app: FastAPI, office: Office, show: Show) -> None:
    """All datasets, newest first, and the page of each."""

    @app.get("/{language}/data", include_in_schema=False)
    def listed(request: Request, language: str) -> Response:
        say = _say(office, language)
        datasets = [_line(office, one, say, language) for one in list(office.kernel.state.datasets.values())[::-1]]
        adds = bool(person_of(office, seated(request)).roles & (ADMITTERS | KEEPERS))
        return show(request, "data.html", title=say("Data"), datasets=datasets, adds=adds)

    @app.get("/{language}/data/sets/{dataset}", include_in_schema=False)
    def one(request: Request, language: str, dataset: str) -> Response:
        say, known = _say(office, language), office.kernel.state.datasets.get(dataset)
        if known is None:
            raise HTTPException(404)
        return show(request, "dataset.html", section="/data", **_dataset(known, say, language))


def _line(office: Office, known: Admission, say: Say, language: str) -> dict[str, Any]:
    return {
        "dataset": known.dataset,
        "title": str(known.declaration["title"]),
        "item": bool(known.description),
        "rows": known.rows,
        "at": moment(known.at, language),
        "format": say(next((one.title for one in office.kernel.formats if one.id == known.format), known.format)),
    }


def _dataset(known: Admission, say: Say, language: str) -> dict[str, Any]:
    declared = known.declaration
    purposes = capital(say("; ").join(worded(PURPOSES, one, say) for one in declared["purposes"]))
    until = say("%(n)d days after %(day)s", n=int(declared["retention_days"]), day=moment(known.at[:10], language))
    facts = [
        (say("Dataset"), known.dataset),
        (say("Imported"), moment(known.at, language)),
        (say("Rows"), say("%(n)d", n=known.rows)),
        (say("Purposes"), purposes),
        (say("Legal basis"), str(declared["legal_basis"])),
        (say("What was left out, and why the rest is needed"), str(declared["minimisation"])),
        (say("Source"), str(declared["source"])),
        (say("Used until"), until),
        (say("SHA-256"), known.digest),
    ]
    dropped = tuple((say(str(d["why"])), say("%(n)d", n=d["n"]), str(d["first_row"])) for d in known.dropped)
    titles = (say("Reason"), say("Rows"), say("First row"))
    return {
        "title": str(declared["title"]),
        "dataset": known.dataset,
        "item": bool(known.description),
        "facts_of": facts,
        "dropped": Grid(caption=say("Rows left out"), titles=titles, rows=dropped, numeric=frozenset({1, 2})),
        "notes": [say(str(note["text"]), **note["values"]) for note in known.notes],
    }


def _say(office: Office, language: str) -> Say:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return office.say(language)
