"""The library of objects kept whole, and each object's page: what it is, when it goes, and its history for a court."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.errors import OutOfOrder, Refused
from peelian.kernel.access.access_classes import found_as, held_too_close
from peelian.kernel.model.people import Person
from peelian.kernel.model.retention_schedule import coming
from peelian.kernel.retention.retention import items
from peelian.kernel.verbs.export import exported_history
from peelian.operations.batches import RECORDING
from peelian.operations.office import Office
from peelian.oversight.footage.items import SAID, ItemLine, ItemRecord, item_record, library
from peelian.oversight.footage.releases import Release, release_table, releases
from peelian.pictures.moments import moment, stamp
from peelian.pictures.panels import Grid, Panel, Paragraph, Say
from peelian.web.auth_middleware import operator_of, person_of, seated
from peelian.web.cases.pages import exported_table
from peelian.web.footage.batches import may_start
from peelian.web.frame.lists import Facet, Line, ShortAsked, ShortQuery, Some, due_facet, due_of, some
from peelian.web.pages import LANGUAGES, capital
from peelian.web.pdf import pdf

STATES: Mapping[str, str] = {"kept": "kept", "queued": "queued for destruction", "destroyed": "destroyed"}
SIGNS: Mapping[str, str] = {"kept": "published", "queued": "waiting", "destroyed": "refused"}
KEPT_BY: Mapping[str, str] = {
    "held": "on legal hold",
    "case": "needed by an open case",
    "uncategorised": "no retention category",
    "person": "until a person decides",
}
ACCESS: Mapping[str, str] = {"restricted": "restricted", "confidential": "confidential"}


def add_footage_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The library, each item, and its history as PDF: the office's own view, never the public's."""

    @app.get("/{language}/items", include_in_schema=False)
    def all_items(request: Request, language: str, asked: ShortAsked) -> Response:
        say = _say(office, language)
        person = person_of(office, seated(request))
        found = items_found(office, person, say, language, asked)
        more = {"items": found.rows, "found": found, "soon": _soon(office, person, say)}
        more |= {"batch": may_start(office, person), "releases": bool(releases(office.kernel))}
        return show(request, "items.html", title=say("Recordings"), **more)

    @app.get("/{language}/releases", include_in_schema=False)
    def release_register(request: Request, language: str) -> Response:
        say = _say(office, language)
        found = [_released(one, say, language) for one in _releases(office, request)]
        return show(request, "releases.html", section="/items", title=say("Release register"), releases=found)

    @app.get("/data/releases.csv")
    def release_data(request: Request) -> Response:
        """The release register: which package of which recording was delivered when, for which key. For staff."""
        return exported_table((release_table(_releases(office, request)),), "releases", "csv")

    @app.get("/{language}/items/{dataset}", include_in_schema=False)
    def one_item(request: Request, language: str, dataset: str) -> Response:
        say, record = _say(office, language), _record(office, dataset)
        person = person_of(office, seated(request))
        if reasons := tuple(held_too_close(office.kernel, person, found_as(office.kernel, dataset))):
            raise Refused(reasons)
        return show(request, "item.html", section="/items", **_item(office, record, say, language))

    @app.get("/{language}/items/{dataset}/pdf", include_in_schema=False)
    def one_history(request: Request, language: str, dataset: str) -> Response:
        _say(office, language)
        _record(office, dataset)
        exported_history(office.kernel, operator_of(office, request), dataset)
        name = f'attachment; filename="{dataset}-{language}.pdf"'
        headers = {"content-disposition": name}
        return Response(item_pdf(office, dataset, language), media_type="application/pdf", headers=headers)


def items_found(office: Office, person: Person, say: Say, language: str, asked: ShortQuery) -> Some[dict[str, Any]]:
    """The recordings that a person may know of, as far as the list's address asks for them."""
    lines = [one for one in library(office.kernel) if _may(office, person, one.dataset)]
    return some([_line(office, one, say, language) for one in lines], asked, _facets(office, say))


def item_pdf(office: Office, dataset: str, language: str) -> bytes:
    """An item's history as a tagged PDF. OutOfOrder: no such item; InputError without the extra `pdf`."""
    say, record = office.say(language), item_record(office.kernel, dataset)
    panels: list[Panel] = [Paragraph(text=say(WHAT_IT_PROVES), tone="limit"), _history(record, say)]
    return pdf(say("Item history"), panels, language=language, facts=_facts(office, record, say, language), say=say)


WHAT_IT_PROVES = (
    "Each row is a log entry that outsiders can verify. It proves what this office did with the item since "
    "it was received, nothing earlier."
)


def _releases(office: Office, request: Request) -> tuple[Release, ...]:
    """The deliveries that whoever is logged on may know of."""
    person = person_of(office, seated(request))
    return tuple(one for one in releases(office.kernel) if _may(office, person, one.package))


def _released(one: Release, say: Say, language: str) -> dict[str, Any]:
    return {"of": one, "stamp": stamp(say, one.at), "until": moment(one.until, language)}


def _say(office: Office, language: str) -> Say:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return office.say(language)


def _record(office: Office, dataset: str) -> ItemRecord:
    try:
        return item_record(office.kernel, dataset)
    except OutOfOrder:
        raise HTTPException(404) from None


def _shown(office: Office, line: ItemLine, say: Say, language: str) -> dict[str, Any]:
    what, recorded = _word(_kinds(office), line.shape, say), moment(line.recorded_at[:16] + "Z", language)
    return {
        "dataset": line.dataset,
        "title": capital(f"{what}, {recorded}"),
        "what": what,
        "recorded": recorded,
        "categories": ", ".join(line.categories),
        "access": _word(ACCESS, line.access, say) if line.access else "",
        "state": _word(STATES, line.state, say),
        "sign": SIGNS[line.state],
        "goes": _goes(line, say, language),
    }


def _goes(line: ItemLine, say: Say, language: str) -> str:
    if line.goes_at is not None:
        day = moment(line.goes_at.date().isoformat(), language)
        return (
            say("to be destroyed from %(day)s", day=day)
            if line.state == "queued"
            else say("retention ends %(day)s", day=day)
        )
    return _word(KEPT_BY, line.kept_by, say) if line.kept_by else ""


def _line(office: Office, line: ItemLine, say: Say, language: str) -> Line[dict[str, Any]]:
    shown = _shown(office, line, say, language)
    until = line.goes_at.isoformat() if line.goes_at else ""
    facets = {"kind": line.shape, "state": line.state, "due": due_of(until, office.kernel.now())}
    more = " ".join(shown.values())
    is_recording = f"{office.kernel.owner_of(line.format)}.{line.shape}" == RECORDING
    shown["original"] = is_recording and line.state == "kept"
    return Line(of=shown, title=shown["title"], more=more, at=line.recorded_at, until=until, facets=facets)


def _facets(office: Office, say: Say) -> list[Facet]:
    kinds, states = ({word: capital(say(text)) for word, text in words.items()} for words in (_kinds(office), STATES))
    return [("kind", say("Type"), kinds), ("state", say("State"), states), due_facet(say("Retention ends"), say)]


def _item(office: Office, record: ItemRecord, say: Say, language: str) -> dict[str, Any]:
    line = record.line
    return {
        "title": say("Item %(name)s", name=line.dataset),
        "item": _shown(office, line, say, language),
        "head": _facts(office, record, say, language),
        "history": [
            {
                "index": step.index,
                "stamp": stamp(say, step.at),
                "what": _word(SAID, step.kind, say),
                "which": "" if step.dataset == line.dataset else step.dataset,
                "who": _who(step.who, say),
                "case": step.case if step.case in office.kernel.state.histories else "",
            }
            for step in record.history
        ],
        "deliveries": [(one, stamp(say, one.at), moment(one.until, language)) for one in record.deliveries],
        "made": record.made,
        "parent": line.parent,
        "proves": say(WHAT_IT_PROVES),
        "pdf": find_spec("typst") is not None,
    }


def _facts(office: Office, record: ItemRecord, say: Say, language: str) -> list[tuple[str, str]]:
    line = record.line
    facts = [
        (say("Type"), _word(_kinds(office), line.shape, say)),
        (say("Recorded"), moment(line.recorded_at[:16] + "Z", language)),
        ("SHA-256", line.digest),
        (say("Size"), say("%(n)d bytes", n=line.size)),
        (say("Categories"), ", ".join(line.categories) or say("none")),
        (say("State"), _word(STATES, line.state, say)),
    ]
    facts += [(say("Access"), _word(ACCESS, line.access, say))] if line.access else []
    goes = _goes(line, say, language)
    facts += [(say("Retention"), goes)] if goes else []
    facts += [(say("Made from"), line.parent)] if line.parent else []
    return facts


def _who(name: str, say: Say) -> str:
    """Whose act it was: a token, or the office itself, which ends what is due."""
    return say("the office") if name == "office" else name


def _history(record: ItemRecord, say: Say) -> Grid:
    rows = tuple(
        (
            str(step.index),
            stamp(say, step.at),
            _word(SAID, step.kind, say),
            step.dataset,
            _who(step.who, say),
            step.case,
        )
        for step in record.history
    )
    titles = (say("Entry"), say("Time (UTC)"), say("Event"), say("Item"), say("Who"), say("Case"))
    caption = say("Log entries for this item and its source")
    return Grid(caption=caption, titles=titles, rows=rows, numeric=frozenset({0}))


def _may(office: Office, person: Person, dataset: str) -> bool:
    """Whether an object is not held too close for this person: else they learn neither that it is there nor of what."""
    return not any(held_too_close(office.kernel, person, found_as(office.kernel, dataset)))


def _soon(office: Office, person: Person, say: Say) -> Grid:
    """The weekly list: what is queued or destroyed in the next seven days, of what this person may know."""
    due = coming(items(office.kernel), office.kernel.now())
    found = [(at, item) for at, item in due if _may(office, person, item.dataset)]
    rows = tuple(
        (at.date().isoformat(), item.dataset, say("destroyed") if item.queued_at else say("queued for destruction"))
        for at, item in found
    )
    return Grid(
        caption=say("Destruction in the next seven days"),
        titles=(say("From"), say("Item"), say("Action")),
        rows=rows,
    )


def _kinds(office: Office) -> Mapping[str, str]:
    """What an item is called, by its shape."""
    records = (told for technology in office.kernel.technologies for told in technology.records.items())
    return {shape: told.one for shape, told in records if told.one}


def _word(words: Mapping[str, str], word: str, say: Say) -> str:
    return say(words[word]) if word in words else word.replace("_", " ").lower()
