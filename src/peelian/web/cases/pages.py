"""The pages of cases: what the office sees of them, their files, and the forms to run, decide and publish one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, IntegrityError, KeyLocked, OutOfOrder, PeelianError, Reason, Unreachable
from peelian.integrations.table_exports import Titles, csv_of, json_of
from peelian.kernel import verbs
from peelian.kernel.gate import Way, leave, looked, why_not_leave
from peelian.kernel.identity.sessions import Seat
from peelian.kernel.model.capability import Capability, Findings
from peelian.kernel.model.documents import Admission, Decision
from peelian.kernel.model.org_units import same_unit
from peelian.kernel.model.other_evidence import KINDS, NONE
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.state.kernel import CaseHistory
from peelian.kernel.verbs.decision_checks import ALSO, DECLINING, is_exposing
from peelian.kernel.verbs.export import exported
from peelian.kernel.verbs.redaction_review import not_viewed
from peelian.measure.table import Table
from peelian.operations.ground import with_near
from peelian.operations.office import Office
from peelian.operations.runs import Runs, seen
from peelian.oversight.transparency.register import CaseRecord, case_record
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.cases import content
from peelian.web.cases.case import case_annex, case_facts, case_parts, case_pdf, case_report
from peelian.web.cases.corrections import corrected, corrected_note, newer_cases
from peelian.web.cases.place_choices import changes_of, is_briefed, place_rows
from peelian.web.cases.requests import asking_again
from peelian.web.cases.running import add_progress, going, start
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.frame.lists import Asked, Only, case_list, cases_table
from peelian.web.frame.remedies import mending
from peelian.web.frame.titles import case_title
from peelian.web.framing import Link, frame
from peelian.web.maps.areas import left_out_of
from peelian.web.maps.ground import with_names
from peelian.web.pages import LANGUAGES
from peelian.web.pdf import annexed
from peelian.wording.labels import CHOOSING, worded

OTHER = "other."  # before the kind, in the names of the form's fields
PLACE = "place"  # the column of a table that a map can show
Show = Callable[..., HTMLResponse]
Act = Callable[[Operator, CaseRecord, dict[str, str]], object]


def add_case_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The list, each case with what its reader may do with it, and its files."""
    runs: Runs = app.state.runs

    @app.get("/{language}/cases", include_in_schema=False)
    def cases(request: Request, language: str, asked: Asked) -> Response:
        say = office.say(_known(language))
        return show(request, "cases.html", title=say("Cases"), **case_list(office, language, asked, published=False))

    @app.get("/data/cases.{kind}")
    def case_data(kind: str, asked: Asked, only: Only = ()) -> Response:
        """The list of cases, as far as its filters ask for it, or `only` the selected ones."""
        return exported_table((cases_table(office, asked, published=False, only=only),), "cases", kind)

    @app.get("/{language}/cases/{case}", include_in_schema=False)
    def one_case(request: Request, language: str, case: str) -> Response:
        return _shown(office, runs, request, show, (_known(language), case))

    @app.get("/{language}/cases/{case}/report", include_in_schema=False)
    def one_report(request: Request, language: str, case: str) -> Response:
        record = taken_home(office, request, case, "report-html")
        return kept_file(case_report(office, record, _known(language)), f"{case}-{language}")

    @app.get("/{language}/cases/{case}/pdf", include_in_schema=False)
    def one_pdf(request: Request, language: str, case: str) -> Response:
        record = taken_home(office, request, case, "report-pdf")
        return kept_file(case_pdf(office, record, _known(language)), f"{case}-{language}")

    @app.get("/{language}/cases/{case}/annex", include_in_schema=False)
    def one_annex(request: Request, language: str, case: str) -> Response:
        record = taken_home(office, request, case, "annex-pdf")
        return kept_file(case_annex(office, record, _known(language)), f"{case}-{language}-annex")

    @app.get("/data/cases/{case}/{name}.{kind}")
    def case_table(request: Request, case: str, name: str, kind: str) -> Response:
        """A table of a case's findings, for a person of the office who proved that they are at the desk."""
        return exported_of_case(office, request, case, f"{name}.{kind}")

    add_progress(app, office, runs)
    _add_acts(app, office, runs, show)


def _add_acts(app: FastAPI, office: Office, runs: Runs, show: Show) -> None:
    async def acted(request: Request, where: tuple[str, str], act: Act) -> Response:
        language, case = where
        fields, operator = await form_of(request), operator_of(office, request)
        record = await run_in_threadpool(any_record, office, case)
        try:
            await run_in_threadpool(act, operator, record, fields)
        except (IntegrityError, KeyLocked, Unreachable):
            raise
        except PeelianError as error:  # also of a run that was cut short
            problem = told_of(error, office.say(language))
            told = {"problem": problem, "typed": fields, "status": status_of(error)}
            return await run_in_threadpool(lambda: _shown(office, runs, request, show, where, **told))
        return RedirectResponse(f"/{language}/cases/{case}", status_code=303)

    @app.post("/{language}/cases/{case}/run", include_in_schema=False)
    async def run(request: Request, language: str, case: str) -> Response:
        return await acted(request, (_known(language), case), lambda by, of, _: start(office, runs, request, of))

    @app.post("/{language}/cases/{case}/decide", include_in_schema=False)
    async def decide(request: Request, language: str, case: str) -> Response:
        return await acted(request, (_known(language), case), lambda by, of, told: decide_case(office, by, of, told))

    @app.post("/{language}/cases/{case}/publish", include_in_schema=False)
    async def publish(request: Request, language: str, case: str) -> Response:
        return await acted(request, (_known(language), case), lambda by, of, told: made_public(office, by, of, told))

    @app.post("/{language}/cases/{case}/correct", include_in_schema=False)
    async def correct(request: Request, language: str, case: str) -> Response:
        return await acted(request, (_known(language), case), lambda by, of, told: corrected(office, by, of, told))


def decide_case(office: Office, by: Operator, record: CaseRecord, told: Mapping[str, str]) -> Decision:
    """Decide on what a case found. OutOfOrder where it found nothing yet."""
    if record.evidence is None:
        raise OutOfOrder("No findings yet. Run this case first.")
    return verbs.decide(
        office.kernel,
        by,
        record.evidence,
        choice=told.get("choice", ""),
        reasons=told.get("reasons", ""),
        other_evidence=told.get("other_evidence") or evidence_of(told),
        changes=changes_of(told),
        also={name: told[name] for name in ALSO if name in told},
    )


def evidence_of(told: Mapping[str, str]) -> str:
    """The other evidence that a form states: a field for each kind, and one that says that there was none."""
    lines = [f"{kind}: {' '.join(text.split())}" for kind in KINDS if (text := told.get(OTHER + kind, "")).strip()]
    if lines and told.get(OTHER + NONE):
        raise InputError("other evidence stated, and none as well", accepted="one of the two")
    return "\n".join(lines) or (NONE if told.get(OTHER + NONE) else "")


def made_public(office: Office, by: Operator, record: CaseRecord, told: Mapping[str, str]) -> object:
    """Publish a case. OutOfOrder before its decision."""
    if record.decision is None:
        raise OutOfOrder("this case has no decision yet")
    return verbs.publish(office.kernel, by, record.decision, statement=told.get("statement", ""))


def next_acts(office: Office, seat: Seat, record: CaseRecord) -> tuple[str, ...]:
    """What a person may have to do next with a case: run, decide, publish. The kernel judges when they do it."""
    return next_of(office.kernel.state.histories[record.summary.case], record.capability, person_of(office, seat))


ACTED_ON = ("RAN", "PERMITTED", "DECIDED", "ISSUED", "DELIVERED", "UNDELIVERED")
"""Where a case stands while somebody may do something with it: what `next_of` asks of."""


def next_of(history: CaseHistory, capability: Capability, person: Person) -> tuple[str, ...]:
    """The same from what the log says of the case alone. O(entries of the case)."""
    own, state = history.by == person.token, history.state
    if state == "PERMITTED" and own:
        return ("run",)
    if (
        state == "RAN"
        and not own
        and not same_unit(person.unit, history.unit)
        and person.roles & capability.asks.deciders
    ):
        return ("decide",)
    decided = state in ("DECIDED", "ISSUED", "DELIVERED", "UNDELIVERED")
    return ("publish",) if decided and person.roles & verbs.PUBLISHERS else ()


def _shown(
    office: Office, runs: Runs, request: Request, show: Show, where: tuple[str, str], **told: Any
) -> HTMLResponse:
    """A case as its reader may see it, with the form of what they may do next, or how far its run is."""
    language, case = where
    hidden = why_hidden(office, request, case)
    record = any_record(office, case) if hidden else seen_record(office, request, case, whole=True)
    say, seat = office.say(language), seated(request)
    acts, person = next_acts(office, seat, record), person_of(office, seat)
    if hidden and record.capability.technology not in office.kernel.state.suspended:
        acts = tuple(one for one in acts if one != "decide")  # nobody decides on what they were not shown
    typed = told.get("typed", {})
    unseen = _unseen(office, seat.person, record) if "decide" in acts else ()
    choices = [one for one in record.capability.asks.choices if not unseen or one in DECLINING]
    running = going(runs, case, office.say(language, record.capability.technology))
    if not running:
        seen(office.kernel, seat.person, case)
    if not running and "problem" not in told and record.request.by == seat.person and (error := runs.error(case)):
        told = {"problem": told_of(error, say)}
    more = {
        "acts": () if running else acts,
        "running": running,
        "review": f"/{language}/cases/{case}/review" if _has_review(office, record) and not hidden else "",
        "reviews": say("Look through the copy" if record.capability.seen else "Review the suggested redactions"),
        "again": asking_again(office, request, record.request, language) if record.summary.state == "failed" else "",
        "unseen": [f"/{language}/cases/{one.case}/review" for one in unseen],
        "choices": [(choice, worded(CHOOSING, choice, say)) for choice in choices],
        "kinds": [(OTHER + kind, say(title)) for kind, title in KINDS.items()],
        "exposing": bool(record.findings and is_exposing(record.findings)),
        "cells": place_rows(office, record, typed, say) if "decide" in acts and not hidden else [],
        "briefing": is_briefed(record) and not hidden,
        "problem": told.get("problem", ""),
        "newer": None if running else newer_cases(office, record, person, language),
        "typed": typed,
        "status": told.get("status", 200),
    }
    kept = {way: not hidden and not any(why_not_leave(office.kernel, person, case, way)) for way in Way}
    page = case_page(office, record, language, scope="cases", hidden=hidden, tables=kept[Way.DATA])
    return show(request, "case.html", **(page | more | {"files": kept[Way.FILE], "seen": not hidden}))


def _unseen(office: Office, person: str, record: CaseRecord) -> tuple[Admission, ...]:
    """What a person must still look through before they may accept a case."""
    return not_viewed(office.kernel, person, record.evidence) if record.evidence else ()


def _has_review(office: Office, record: CaseRecord) -> bool:
    """Whether a person may look through what the case made, picture by picture: nothing of it was destroyed."""
    if record.evidence is None or record.capability.arithmetic().shows.bench is None:
        return False
    read = (*record.request.datasets.values(), *record.evidence.made.values())
    return all(name in office.kernel.state.datasets for name in read)


def case_page(
    office: Office,
    record: CaseRecord,
    language: str,
    *,
    scope: str,
    hidden: Sequence[Reason] = (),
    tables: bool = True,
) -> dict[str, Any]:
    """Everything `case.html` shows but the forms. `hidden`: why not what was found; `tables` link to their exports."""
    say, own = office.say(language), office.say(language, record.capability.technology)
    public, case = scope == "register", record.summary.case
    found = None if hidden else record.public if public else record.findings
    names = [table.name for table in found.tables] if found and tables else []

    def exports(name: str) -> tuple[Link, ...]:
        address = f"/data/{scope}/{case}/{name}"
        return tuple(Link(href=f"{address}.{kind}", text=f"{name}.{kind}") for kind in ("csv", "json"))

    def links(table: Table) -> tuple[Link, ...]:
        return exports(table.name) if table.name in names else ()

    parts = case_parts(record, say, language, own=own, public=public, hidden=hidden)
    answer, rest = (with_names(office, record.request.datasets, part, say) for part in (parts.answer, parts.rest))
    decision = with_names(office, record.request.datasets, parts.decision, say, credit=False)
    gone = [] if hidden else left_out_of(office.kernel, record, say)
    told = {"answer": answer, "limits": parts.limits, "decision": decision, "body": [*gone, *rest]}
    facts = case_facts(record, say, language, public=public)
    return {
        "corrected": corrected_note(record, say, language, public=public),
        "corrected_by": record.corrected.newer if record.corrected else "",
        "corrects": record.corrects,
        "title": case_title(office, record.summary, language, public=public),
        "section": f"/{scope}",
        "back": say("Register") if public else say("Cases"),
        "case": case,
        "technology": record.capability.technology,
        "map": record.capability.arithmetic().shows.map is not None and holds_places(found),
        "pdf": find_spec("typst") is not None,  # an extra
        "annex": bool(annexed([*parts.answer, *parts.rest])),
        "files": True,
        "seen": True,
        "mends": [] if public else mending(office, record.capability, record.reasons, say),
        "state": record.summary.state,
        "public_title": case_title(office, record.summary, language, public=True),
        "head": facts,
        **{name: frame(panels, say, links=links, anchors=name[0]).html for name, panels in told.items()},
        "exports": [link for name in names for link in exports(name)],
        "history": content.history(record, say, language),
        "acts": (),
        "running": None,
        "again": "",
        "review": "",
        "newer": None,
        "briefing": False,
        "problem": (),
        "typed": {},
    }


def why_hidden(office: Office, request: Request, case: str) -> tuple[Reason, ...]:
    """Why a case's findings are not shown to whoever asks; none where they are. 404 where there is no such case."""
    if case not in office.kernel.state.histories:
        raise HTTPException(404)
    return tuple(why_not_leave(office.kernel, person_of(office, seated(request)), case, Way.LOOK))


def seen_record(office: Office, request: Request, case: str, *, whole: bool = False) -> CaseRecord:
    """A case with what it found, for a page; the log says who looks during a suspension, and who opens the `whole` of
    it to decide. Refused where whoever asks may not see it; 404 where there is none."""
    if case not in office.kernel.state.histories:
        raise HTTPException(404)
    found = leave(office.kernel, person_of(office, seated(request)), case, Way.LOOK)
    if found is not None:
        looked(office.kernel, operator_of(office, request), case, whole=whole)
    return case_record(office.kernel, case, findings=found)


def holds_places(found: Findings | None) -> bool:
    """Whether findings hold places that a map can show."""
    return found is not None and any(PLACE in table for table in found.tables)


def any_record(office: Office, case: str) -> CaseRecord:
    """A case; 404 where there is none of that name."""
    if case not in office.kernel.state.histories:
        raise HTTPException(404)
    return case_record(office.kernel, case)


def published_record(office: Office, case: str) -> CaseRecord:
    """A published case; 404 where there is none."""
    record = any_record(office, case)
    if record.publication is None:
        raise HTTPException(404)
    return record


def exported_table(tables: Collection[Table], name: str, kind: str, titles: Titles | None = None) -> Response:
    """One of the tables as CSV or JSON, as a download; 404 where there is none."""
    found = next((table for table in tables if table.name == name), None)
    medias = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
    if found is None or kind not in medias:
        raise HTTPException(404)
    written = csv_of(found) if kind == "csv" else json_of(found, titles or {})
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(written, media_type=medias[kind], headers=headers)


def exported_finding(office: Office, record: CaseRecord, found: Findings | None, file: str) -> Response:
    """A table of what a case found, with what people call its cells, as "name.kind"; 404 where there is none."""
    name, _, kind = file.rpartition(".")
    tables = [table for table in (found.tables if found else ()) if table.name == name]
    shown = [with_near(office, record.request.datasets, table) for table in tables]
    return exported_table(shown, name, kind, _titles(office, record.capability, name))


def _titles(office: Office, capability: Capability, table: str) -> Titles:
    """What the columns of a table are called, in each language."""
    declared = next((emit.columns for emit in capability.emits if emit.table == table), {})
    says = {language: office.say(language, capability.technology) for language in LANGUAGES}
    return {name: {language: say(column.title) for language, say in says.items()} for name, column in declared.items()}


def kept_file(made: str | bytes | None, name: str) -> Response:
    """A report to keep: as a download, for its own style would not pass these pages' policy; 404 for None."""
    if made is None:
        raise HTTPException(404)
    kind, media = ("html", "text/html; charset=utf-8") if isinstance(made, str) else ("pdf", "application/pdf")
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(made, media_type=media, headers=headers)


def taken_home(office: Office, request: Request, case: str, what: str) -> CaseRecord:
    """A case for its report, once the log says who takes it; Refused without a fresh step-up, or where they may not."""
    if case not in office.kernel.state.histories:
        raise HTTPException(404)
    exported(office.kernel, operator_of(office, request), case, what, way=Way.FILE)
    found = leave(office.kernel, person_of(office, seated(request)), case, Way.FILE)
    looked(office.kernel, operator_of(office, request), case, whole=True)
    return case_record(office.kernel, case, findings=found)


def exported_of_case(office: Office, request: Request, case: str, file: str) -> Response:
    """A table of a decided case as "name.kind", once the log says who takes it; 404 where there is none."""
    if case not in office.kernel.state.histories:
        raise HTTPException(404)
    found = leave(office.kernel, person_of(office, seated(request)), case, Way.DATA)
    answer = exported_finding(office, case_record(office.kernel, case), found, file)
    exported(office.kernel, operator_of(office, request), case, "table")
    return answer


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
