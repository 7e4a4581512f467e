"""The office's datasets: what came in, declared for what, by when it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from peelian.kernel.model.documents import Admission
from peelian.kernel.model.partitions import Partition, lists_partitions
from peelian.kernel.state.object_state import partitions_of
from peelian.kernel.verbs.custody import ADMITTERS, KEEPERS
from peelian.operations.office import Office
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.auth_middleware import person_of, seated
from peelian.web.data.preview import source_said
from peelian.web.pages import LANGUAGES, capital
from peelian.wording.labels import PURPOSES, worded

Show = Callable[..., HTMLResponse]


def add_data_pages(app: FastAPI, office: Office, show: Show) -> None:
    """All datasets, newest first, and the page of each."""

    @app.get("/{language}/data", include_in_schema=False)
    def listed(request: Request, language: str) -> Response:
        say = _say(office, language)
        datasets = [_line(office, one, say, language) for one in list(office.kernel.state.datasets.values())[::-1]]
        roles = person_of(office, seated(request)).roles
        may = {"adds": bool(roles & (ADMITTERS | KEEPERS)), "combines": bool(roles & ADMITTERS)}
        return show(request, "data.html", title=say("Data"), datasets=datasets, **may)

    @app.get("/{language}/data/sets/{dataset}", include_in_schema=False)
    def one(request: Request, language: str, dataset: str) -> Response:
        say, known = _say(office, language), office.kernel.state.datasets.get(dataset)
        if known is None:
            raise HTTPException(404)
        combines = bool(person_of(office, seated(request)).roles & ADMITTERS)
        more = {"parts": _partitions(office, known, say, language), "combines": combines}
        return show(request, "dataset.html", section="/data", **_dataset(known, say, language), **more)


def _line(office: Office, known: Admission, say: Say, language: str) -> dict[str, Any]:
    return {
        "dataset": known.dataset,
        "title": str(known.declaration["title"]),
        "item": bool(known.description),
        "rows": known.rows,
        "parted": lists_partitions(known.object),
        "at": moment(known.at, language),
        "format": _format(office, known.format, say),
    }


def _format(office: Office, name: str, say: Say) -> str:
    """The title of a dataset's format; of a derived one, of the use that made it."""
    titles = {one.id: one.title for technology in office.kernel.technologies for one in technology.capabilities}
    titles |= {one.id: one.title for one in office.kernel.formats}
    return say(titles[name]) if name in titles else name


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
        (say("Source"), source_said(str(declared["source"]), say)),
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


def _partitions(office: Office, known: Admission, say: Say, language: str) -> dict[str, Any] | None:
    """What a dataset is sealed as where it is in partitions, and what it was combined of or to. O(partitions)."""
    listed, objects = partitions_of(office.kernel, known), office.kernel.state.objects
    if not listed:
        return None
    months, rows = sorted({one.month for one in listed}), sorted(one.rows for one in listed)
    spans = {"n": len(months), "first": _month(months[0], language), "last": _month(months[-1], language)}
    facts = [
        (say("Partitions"), say("%(n)d", n=len(listed))),
        (say("Months"), say("%(n)d, from %(first)s to %(last)s", **spans)),
        (say("Regions"), say("%(n)d, squares of 25 km", n=len({one.region for one in listed}))),
        (say("Smallest partition"), say("%(n)d %(n:row|rows)", n=rows[0])),
        (say("Largest partition"), say("%(n)d %(n:row|rows)", n=rows[-1])),
    ]
    datasets = office.kernel.state.datasets
    of, to = sorted(objects.members.get(known.dataset, ())), objects.wholes(known.dataset)
    titled = {name: str(datasets[name].declaration["title"]) for name in (*of, *to) if name in datasets}
    return {
        "facts": facts,
        "years": _by_year(listed, say),
        "of": [(name, titled.get(name, "")) for name in of],
        "to": [(name, titled[name]) for name in to if name in titled],
    }


def _by_year(listed: Sequence[Partition], say: Say) -> Grid:
    years = sorted({one.month[:4] for one in listed})
    of = {year: [one for one in listed if one.month.startswith(year)] for year in years}
    rows = tuple(
        (year, *(say("%(n)d", n=n) for n in (len({p.month for p in ps}), len(ps), sum(p.rows for p in ps))))
        for year, ps in of.items()
    )
    titles = (say("Year"), say("Months"), say("Partitions"), say("Rows"))
    return Grid(caption=say("Partitions by year"), titles=titles, rows=rows, numeric=frozenset({1, 2, 3}))


def _month(text: str, language: str) -> str:
    """
    >>> _month("2021-03", "en"), _month("2021-03", "fr")
    ('March 2021', 'mars 2021')
    """
    return str(format_date(date.fromisoformat(f"{text}-01"), "MMMM y", locale=language))


def _say(office: Office, language: str) -> Say:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return office.say(language)
