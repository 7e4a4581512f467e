"""The public inventory: technologies, impact level, data and users; also machine-readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.acts.oversight import TOOL_LEVELS, TOOL_STATES
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.tables import TableColumn
from peelian.kernel.model.watch import Watch
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind
from peelian.operations.office import Office
from peelian.oversight.assessment.obligations import BY_LEVEL
from peelian.oversight.assessment.scoring import LEVELS
from peelian.oversight.transparency.entries import SHAPES, exported, schema
from peelian.oversight.transparency.inventory import STATES, Entry, Use, declared_by, inventory_of
from peelian.oversight.transparency.warrant_counts import TITLES, counted, public_count
from peelian.oversight.transparency.yearly import changed_advice, yearly
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.auth_middleware import origin_of
from peelian.web.frame.lists import PAGE, Facet, Line, ShortAsked, ShortQuery, due_facet, due_of, some
from peelian.web.pages import LANGUAGES, capital
from peelian.wording.labels import AUTHORIZATIONS, ROLES, worded


def add_inventory_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The inventory page in both languages, the register's exports and their schemas."""

    @app.get("/data/inventory/{shape}.schema.json")
    def register_schema(shape: str) -> dict[str, Any]:
        return schema(_known(shape, SHAPES))

    @app.get("/data/inventory/{shape}-{language}.json")
    def register_export(request: Request, shape: str, language: str) -> dict[str, Any]:
        """The whole register in one shape: atrs (two tiers) or register (Eurocities, Dutch register)."""
        say = office.say(_known(language, LANGUAGES))
        return exported(office.kernel, _known(shape, SHAPES), language, say, f"{origin_of(request)}/")

    @app.get("/{language}/inventory", include_in_schema=False)
    def inventory(request: Request, language: str, asked: ShortAsked) -> Response:
        say = office.say(_known(language, LANGUAGES))
        return show(request, "inventory.html", **page(office, say, language, asked))


def page(office: Office, say: Say, language: str, asked: ShortQuery) -> dict[str, Any]:
    """What `inventory.html` shows."""
    now, entries = office.kernel.now(), inventory_of(office.kernel)
    lines = [_line(entry, use, say, language, now) for entry in entries for use in entry.uses]
    return {
        "title": say("Inventory of technologies"),
        "technologies": [_entry(entry, say, language) for entry in entries],
        "found": some(lines, asked, _facets(entries, say), most=PAGE),
        "year": now.year,
        "yearly": _yearly(office, say, now.year),
        "warrants": _warrants(office, say, now.year),
        "exports": [(shape, say(name)) for shape, name in zip(SHAPES, NAMES, strict=True)],
    }


NAMES = ("Two-tier transparency records (ATRS)", "Register entries (Eurocities and Dutch format)")


def _entry(entry: Entry, say: Say, language: str) -> dict[str, Any]:
    made = entry.assessment
    texts = {part: words.get(language, "") for part, words in made.explanation.items()} if made else {}
    return {
        "title": say(entry.technology.title),
        "anchor": entry.technology.id,
        "state": say(STATES[entry.state]),
        "state_class": "stop" if entry.state == "suspended" else entry.state,
        "level": _level(entry, say),
        "assessment": f"/{language}/assessment/{made.digest}" if made else "",
        "role": texts.get("role", ""),
        "notice": texts.get("notice", ""),
        "mitigations": texts.get("groups", ""),
        "n": len(entry.uses),
        "tools": _tools(entry, say, language),
        "excepted": say("Cases excepted of a suspension for a court: %(n)d", n=entry.excepted)
        if entry.excepted
        else "",
        "unapproved": [
            say(
                "Recordings kept before approval, until %(day)s: %(n)d. Reason: %(reason)s",
                day=moment(one.ends, language),
                n=one.recordings,
                reason=one.words,
            )
            for one in entry.unapproved
        ],
    }


def _level(entry: Entry, say: Say) -> str:
    if entry.assessment:
        return say("Impact level %(level)s", level=LEVELS[entry.level])
    needs = {need.kind for use in entry.uses for need in use.capability.needs}
    if AuthorizationKind.IMPACT_ASSESSMENT not in needs:
        return say("No use needs an impact assessment")
    return say("Impact not assessed")


def _facets(entries: Sequence[Entry], say: Say) -> list[Facet]:
    return [
        ("technology", say("Technology"), {entry.technology.id: say(entry.technology.title) for entry in entries}),
        ("state", say("State"), {state: say(text) for state, text in STATES.items()}),
        ("level", say("Impact level"), {"0": capital(say("not assessed"))} | {str(n): LEVELS[n] for n in BY_LEVEL}),
        due_facet(say("Authorizations end"), say),
    ]


def _line(entry: Entry, use: Use, say: Say, language: str, now: datetime) -> Line[dict[str, Any]]:
    shown = _use(entry, use, say, language)
    facets = {"technology": entry.technology.id, "state": use.state, "level": str(entry.level)}
    more = f"{shown['technology']} {', '.join(map(say, use.takes))} {_given(use, say)[1]} {use.capability.id}"
    return Line(
        of=shown, title=shown["title"], more=more, until=use.until, facets=facets | {"due": due_of(use.until, now)}
    )


def _use(entry: Entry, use: Use, say: Say, language: str) -> dict[str, Any]:
    authorizations = sorted({worded(AUTHORIZATIONS, need.kind, say) for need in use.capability.needs})
    until = (say("Authorizations valid until"), moment(use.until, language)) if use.until else None
    return {
        "technology": say(entry.technology.title),
        "title": say(use.capability.title),
        "about": say(use.capability.about),
        "state": say(STATES[use.state]),
        "until": say("%(name)s: %(value)s", name=until[0], value=until[1]) if until else "",
        "facts": [
            (say("Data received"), say("; ").join(map(say, use.takes)) or say("none")),
            _given(use, say),
            *_tables(use, say),
            (say("Can request"), _people(use.askers, say)),
            (say("Can decide"), _people(use.deciders, say)),
            (say("Authorizations needed"), say("; ").join(authorizations) or say("none required")),
            *(((say("Warrant"), say(use.capability.warrant)),) if not isinstance(use.capability, Watch) else ()),
            *((until,) if until else ()),
            (say("Uses requested and refused"), say("%(asked)d, %(refused)d", asked=use.asked, refused=use.refused)),
        ],
    }


def _given(use: Use, say: Say) -> tuple[str, str]:
    """What leaves a use: the tables of a capability; a watch releases none, it raises alarms."""
    if isinstance(use.capability, Watch):
        return say("Alarms it can raise"), say("; ").join(map(say, use.gives))
    return say("Tables that can be released"), say("; ").join(map(say, use.gives)) or say("none")


def _tables(use: Use, say: Say) -> list[tuple[str, str]]:
    """Each table that may leave, and its columns with their units."""
    if isinstance(use.capability, Watch):
        return []
    return [
        (
            say("Columns of “%(table)s”", table=say(emit.title)),
            say("; ").join(_titled(one, say) for one in emit.columns.values()),
        )
        for emit in use.capability.emits
    ]


def _titled(column: TableColumn, say: Say) -> str:
    """Its title, with the unit of what is measured where the title does not say it; a count's title says of what."""
    title = say(column.title)
    said = not column.unit or column.kind is Kind.COUNT or column.unit in column.title
    return title if said else say("%(title)s (%(unit)s)", title=title, unit=say(column.unit))


def _people(held: Mapping[str, int | None], say: Say) -> str:
    named = {worded(ROLES, role, say): n for role, n in held.items()}
    return say("; ").join(
        say("%(role)s (enrolled: not known, a record is damaged)", role=role)
        if n is None
        else say("%(role)s (enrolled: %(n)d)", role=role, n=n)
        for role, n in named.items()
    )


def _tools(entry: Entry, say: Say, language: str) -> Grid | None:
    if not entry.tools:
        return None
    rows = tuple(
        (tool.name, say(TOOL_LEVELS[tool.level]), say(TOOL_STATES[tool.state]), moment(tool.pause_by, language))
        for tool in entry.tools
    )
    titles = (say("Tool"), say("Risk"), say("State"), say("Pause by"))
    return Grid(caption=say("Tools reported before approval"), titles=titles, rows=rows)


def _yearly(office: Office, say: Say, year: int) -> Grid:
    names = {one.id: one.title for t in office.kernel.technologies for one in declared_by(t)}
    shares, few = changed_advice(office.kernel, year), say("fewer than %(n)d decisions", n=LOW)
    rows = tuple(
        (
            say(names.get(x.capability, x.capability)),
            *(say("%(n)d", n=n) for n in (x.asked, x.refused, x.run, x.decided)),
            say("%(share)d %%", share=shares[x.capability]) if x.capability in shares else few,
        )
        for x in yearly(office.kernel, year)
    )
    counts = (say("Requests"), say("Refusals"), say("Runs"), say("Decisions"))
    titles = (say("Capability or watch"), *counts, say("Decisions that changed or declined the findings"))
    caption = say("Uses in %(year)s, from the log", year=str(year))
    return Grid(caption=caption, titles=titles, rows=rows, numeric=frozenset({1, 2, 3, 4, 5}))


def _warrants(office: Office, say: Say, year: int) -> Grid:
    """What happened to warrants, in words and public counts."""
    rows = tuple((say(TITLES[word]), public_count(n)) for word, n in counted(office.kernel, year).items())
    caption = say("Court warrants in %(year)s, from the log", year=str(year))
    return Grid(caption=caption, titles=(say("Warrants"), say("Number")), rows=rows, numeric=frozenset({1}))


def _known(word: str, known: Any) -> str:
    if word not in known:
        raise HTTPException(404)
    return word
