"""The JSON API: what the pages show and do, for programs, under the same policy and in the same log.

Whoever asks sends an access token of theirs (`Authorization: Bearer`); cookies count for nothing here. The token is a
session in one role of its person. What takes a step-up takes one in that session; what is signed is signed with their
key where the office may use it without a passphrase: no token unlocks a key, and no passphrase is taken here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from threading import Lock
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

import peelian
from peelian.errors import OutOfOrder, PeelianError
from peelian.forms import filled
from peelian.integrations.table_exports import json_of
from peelian.kernel import verbs
from peelian.kernel.gate import Way, leave, why_not_leave
from peelian.kernel.identity import dual_control
from peelian.kernel.identity.sessions import proved
from peelian.kernel.identity.suspension_control import LIFT
from peelian.kernel.model.capability import Capability
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.watch import Watch
from peelian.kernel.verbs import authorizations
from peelian.operations.jobs import Job
from peelian.operations.office import Office
from peelian.operations.runs import Runs, seen
from peelian.operations.uploads import Upload, Uploads
from peelian.oversight.transparency.register import CaseRecord
from peelian.pictures.panels import Say
from peelian.web.api_bodies import (
    Admit,
    Ask,
    Correct,
    Decide,
    Do,
    Fault,
    Ids,
    Issue,
    Lift,
    NewUpload,
    Publish,
    Search,
    StepUp,
    Suspend,
)
from peelian.web.auth_middleware import operator_of, person_of, seated
from peelian.web.cases import content
from peelian.web.cases.ask_form import text_of
from peelian.web.cases.corrections import corrected
from peelian.web.cases.pages import (
    any_record,
    decide_case,
    exported_of_case,
    made_public,
    next_acts,
)
from peelian.web.cases.place_choices import DO, DROP, INSTEAD, SWAP, WHY
from peelian.web.cases.running import start
from peelian.web.data.uploads import DECLARED, LIST, MOST_PIECE, OPTION, admitted
from peelian.web.desk import saved_searches
from peelian.web.frame.error_handler import told_in_json
from peelian.web.frame.lists import Asked, LogAsked, case_line, case_list
from peelian.web.frame.param_limits import params_schema
from peelian.web.identity.log_on import Lobby, person_of_code
from peelian.web.pages import LANGUAGES, language_of
from peelian.web.tasks import api as tasks
from peelian.web.tasks.api import params_told

Told = dict[str, Any]
AT_ONCE, MOST_JOBS = 3, 200


@dataclass(frozen=True, slots=True)
class Jobs:
    """Runs and imports that were begun here, each its person's own. They are known to this process alone."""

    _known: dict[tuple[str, str], Job] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, person: str, id: str, work: Callable[[Progress], Told]) -> Job:
        """The job of this name that goes on, or a new one. OutOfOrder while three of a person go on."""
        with self._lock:
            found = self._known.get((person, id))
            if found is not None and not found.ended:
                return found
            if sum(who == person and not job.ended for (who, _), job in self._known.items()) >= AT_ONCE:
                raise OutOfOrder("Three of your jobs are running. Wait until one has ended.")
            for key in [key for key, job in self._known.items() if job.ended][: max(0, len(self._known) - MOST_JOBS)]:
                del self._known[key]
            self._known[person, id] = made = Job(work)
            return made

    def named(self, person: str, id: str) -> Job:
        """A person's job; 404 where there is none."""
        found = self._known.get((person, id))
        if found is None:
            raise HTTPException(404)
        return found


@dataclass(frozen=True, slots=True)
class _Api:
    lobby: Lobby
    uploads: Uploads
    runs: Runs
    known: Jobs = field(default_factory=Jobs)

    @property
    def office(self) -> Office:
        return self.lobby.office

    def capabilities(self, request: Request) -> list[Told]:
        every = [c for technology in self.office.kernel.technologies for c in technology.capabilities]
        return [_capability(one, self.office.say(language_of(request), one.technology)) for one in every]

    def datasets(self) -> list[Told]:
        names = ("dataset", "shape", "format", "rows", "at", "digest", "declaration")
        return [{n: getattr(one, n) for n in names} for one in self.office.kernel.state.datasets.values()]

    def cases(self, request: Request, asked: Asked) -> Told:
        found = case_list(self.office, language_of(request), asked, published=False)
        pages = {name: f"/api/cases?{query}" for name, query in found["pages"].items()}
        return {"cases": found["cases"], "n": found["n"], "pages": pages}

    def case(self, request: Request, case: str) -> Told:
        record, kernel = any_record(self.office, case), self.office.kernel
        acts, person = next_acts(self.office, seated(request), record), person_of(self.office, seated(request))
        hidden = any(why_not_leave(kernel, person, case, Way.DATA))
        found = None if hidden else leave(kernel, person, case, Way.DATA)
        return _case(self.office, replace(record, findings=found), language_of(request), hidden=hidden) | {"next": acts}

    def table(self, request: Request, case: str, name: str) -> Response:
        return exported_of_case(self.office, request, case, f"{name}.json")

    def authorizations(self) -> list[Told]:
        names = ("kind", "serves", "purposes", "starts", "ends")
        every = self.office.kernel.state.authorizations.copy().items()
        return [{"digest": d, **{n: getattr(one, n) for n in names}, "states": dict(one.body)} for d, one in every]

    def log(self, asked: LogAsked) -> Response:
        return Response(json_of(content.log_table(self.office, asked)), media_type="application/json")

    def job(self, request: Request, id: str) -> Told:
        return self._job(request, id, self.known.named(seated(request).person, id))

    def ask(self, request: Request, asked: Ask) -> Told:
        kernel, params = self.office.kernel, self.office.kernel.capability(asked.capability).asks.params
        texts = {name: text_of(value) for name, value in asked.params.items()}
        permit = verbs.ask(
            kernel,
            operator_of(self.office, request),
            asked.capability,
            purpose=asked.purpose,
            params=filled(params, texts),
            datasets=asked.datasets,
        )
        return {"case": permit.case}

    def run(self, request: Request, case: str) -> Told:
        start(self.office, self.runs, request, any_record(self.office, case))

        def work(tell: Progress) -> Told:
            self.runs.follow(case, tell)
            return {"case": case}

        return self._job(request, case, self._begun(request, case, work))

    def decide(self, request: Request, case: str, told: Decide) -> Told:
        form = told.model_dump(exclude={"changes"})
        for one in told.changes:
            form[DO + one.place] = SWAP if one.instead else DROP
            form |= {INSTEAD + one.place: one.instead, WHY + one.place: one.reason}
        decide_case(self.office, operator_of(self.office, request), any_record(self.office, case), form)
        return {"case": case}

    def publish(self, request: Request, case: str, told: Publish) -> Told:
        made_public(self.office, operator_of(self.office, request), any_record(self.office, case), told.model_dump())
        return {"case": case}

    def correct(self, request: Request, case: str, told: Correct) -> Told:
        corrected(self.office, operator_of(self.office, request), any_record(self.office, case), told.model_dump())
        return {"case": case}

    def issue(self, request: Request, told: Issue) -> Told:
        by, purposes = operator_of(self.office, request), tuple(told.purposes)
        days, states = told.days, dict(told.states)
        made = authorizations.issue(
            self.office.kernel, by, told.kind, serves=told.serves, purposes=purposes, days=days, body=states
        )
        return {"digest": digest_of(made)}

    def revoke(self, request: Request, digest: str) -> Told:
        found = self.office.kernel.state.authorizations.get(digest)
        if found is None:
            raise HTTPException(404)
        authorizations.revoke(self.office.kernel, operator_of(self.office, request), found)
        return {"digest": digest}

    def suspend(self, request: Request, technology: str, told: Suspend) -> Told:
        self._must_be_known(technology)
        kernel, by = self.office.kernel, operator_of(self.office, request)
        authorizations.suspend(kernel, by, technology, reason=told.reason, words=told.text)
        made = kernel.state.suspended[technology]
        return {"technology": technology, "suspended": True, "since": made.since, "reason": made.reason}

    def resume(self, request: Request, technology: str, told: Lift) -> Told:
        self._must_be_known(technology)
        by, body = operator_of(self.office, request), {"technology": technology}
        digest = dual_control.propose(self.office.kernel, by, LIFT, words=told.reason, body=body)
        return {"technology": technology, "suspended": True, "proposal": digest}

    def approve(self, request: Request, digest: str) -> Told:
        made = dual_control.approve(self.office.kernel, operator_of(self.office, request), digest)
        return {"proposal": digest, "approved_at": made.at}

    def begin(self, request: Request, told: NewUpload) -> Told:
        return _upload(self.uploads.begin(operator_of(self.office, request), told.name, told.size))

    async def piece(self, request: Request, id: str, at: int) -> Told:
        upload, sent = self.uploads.named(seated(request).person, id), b""
        async for part in request.stream():
            sent += part
            if len(sent) > MOST_PIECE:
                raise HTTPException(413)
        await run_in_threadpool(upload.add, at, sent)
        return _upload(upload)

    def upload(self, request: Request, id: str) -> Told:
        return _upload(self.uploads.named(seated(request).person, id))

    def admit(self, request: Request, id: str, told: Admit) -> Told:
        seat, by = seated(request), operator_of(self.office, request)
        upload = self.uploads.named(seat.person, id)
        if self.office.people_keys is not None:  # refused now, and not after a large file was read
            self.office.people_keys.must_be_unlocked(seat.person, seat.session)
        form = {name: getattr(told, name) for name in (*DECLARED, "format", "people", LIST)}
        form |= {"purposes": ",".join(told.purposes), "retention_days": str(told.retention_days)}
        form |= {OPTION + name: text for name, text in told.options.items()}
        if told.partitions is not None:
            form["partitions"] = "yes" if told.partitions else "no"

        def work(tell: Progress) -> Told:
            made = admitted(self.office, by, upload, form, tell)
            self.uploads.end(seat.person, id)
            return {"dataset": made.dataset}

        return self._job(request, id, self._begun(request, id, work))

    def tasks(self, request: Request) -> list[Told]:
        return tasks.acts_offered(self.office, request)

    def task(self, request: Request, id: str) -> Told:
        return tasks.act_shown(self.office, request, id)

    def do(self, request: Request, id: str, told: Do) -> Told:
        return tasks.act_done(self.office, request, id, told.params)

    def searches(self, request: Request) -> list[Told]:
        language = language_of(request)
        return list(saved_searches.saved_searches_of(self.office, request, self.office.say(language), language))

    def save_search(self, request: Request, told: Search) -> Told:
        return {"id": saved_searches.save(self.office, request, language_of(request), told.model_dump())}

    def delete_searches(self, request: Request, told: Ids) -> Told:
        saved_searches.delete(self.office, request, told.ids)
        return {"ids": told.ids}

    def read_runs(self, request: Request, told: Ids) -> Told:
        for case in told.ids:
            seen(self.office.kernel, seated(request).person, case)
        return {"ids": told.ids}

    def step_up(self, request: Request, told: StepUp) -> Told:
        seat = seated(request)
        _, proof = person_of_code(self.lobby, request, {"code": told.code}, seat)
        proved(self.lobby.kernel, seat.person, seat.session, proof=proof)
        return {"minutes": 5}

    def _must_be_known(self, technology: str) -> None:
        if technology not in {one.id for one in self.office.kernel.technologies}:
            raise HTTPException(404)

    def _begun(self, request: Request, id: str, work: Callable[[Progress], Told]) -> Job:
        return self.known.begin(seated(request).person, id, work)

    def _job(self, request: Request, id: str, job: Job) -> Told:
        say, ended = self.office.say(language_of(request)), job.ended
        if job.error is not None and not isinstance(job.error, PeelianError):
            raise job.error
        error = told_in_json(job.error, say) if job.error is not None else None
        says = say(job.says) if job.says else ""
        return {"job": id, "ended": ended, "share": job.share, "says": says, "result": job.result, "error": error}


ROUTES: tuple[tuple[str, str, Callable[..., Any], str, int], ...] = (
    ("GET", "capabilities", _Api.capabilities, "Uses that can be requested, with their parameters and data", 200),
    ("GET", "datasets", _Api.datasets, "Datasets with their declarations", 200),
    ("GET", "cases", _Api.cases, "Cases, with the filters and pages of the list", 200),
    ("POST", "cases", _Api.ask, "Request a use", 201),
    ("GET", "cases/{case}", _Api.case, "One case, with its findings where you may see them", 200),
    ("GET", "cases/{case}/tables/{name}", _Api.table, "A table of a case’s findings: an export, after a step-up", 200),
    ("POST", "cases/{case}/run", _Api.run, "Run a permitted case", 202),
    ("POST", "cases/{case}/decide", _Api.decide, "Decide on a case", 200),
    ("POST", "cases/{case}/publish", _Api.publish, "Publish a decided case", 200),
    ("POST", "cases/{case}/correct", _Api.correct, "Correct a published case by a newer one", 200),
    ("GET", "authorizations", _Api.authorizations, "Authorizations, and what they state", 200),
    ("POST", "authorizations", _Api.issue, "Issue an authorization", 201),
    ("POST", "authorizations/{digest}/revoke", _Api.revoke, "Revoke an authorization", 200),
    ("POST", "technologies/{technology}/suspend", _Api.suspend, "Suspend a technology", 200),
    ("POST", "technologies/{technology}/resume", _Api.resume, "Propose to lift a suspension", 200),
    ("POST", "proposals/{digest}/approve", _Api.approve, "Approve what takes two people", 200),
    ("POST", "uploads", _Api.begin, "Begin to send a file", 201),
    ("PUT", "uploads/{id}", _Api.piece, "Send the piece of a file that begins at a byte", 200),
    ("GET", "uploads/{id}", _Api.upload, "How much of a file has arrived", 200),
    ("POST", "uploads/{id}/admit", _Api.admit, "Declare and import a file that has arrived", 202),
    ("GET", "jobs/{id}", _Api.job, "Progress and outcome of a run or an import", 200),
    ("GET", "tasks", _Api.tasks, "Tasks of your roles, and what each takes", 200),
    ("GET", "tasks/{id}", _Api.task, "What a task shows, and what may be chosen in it", 200),
    ("POST", "tasks/{id}", _Api.do, "Do a task", 200),
    ("GET", "log", _Api.log, "Log entries, newest first", 200),
    ("GET", "searches", _Api.searches, "Your saved searches", 200),
    ("POST", "searches", _Api.save_search, "Save a search of a list", 201),
    ("POST", "searches/end", _Api.delete_searches, "Delete saved searches", 200),
    ("POST", "runs/read", _Api.read_runs, "Mark ended runs as read", 200),
    ("POST", "step-up", _Api.step_up, "Confirm your identity with a code from the terminal", 200),
)
"""Method, address below /api, what answers, what it is for (a message id), and the status of what was done."""

FAULT = {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}
FAULTS: Mapping[int | str, dict[str, Any]] = {
    400: {"description": "Not understood", "model": Fault},  # compiled for each route; the others lead to it
    401: {"description": "No token, or one that has ended", "content": FAULT},
    403: {"description": "Refused, with reasons", "content": FAULT},
    404: {"description": "Not here", "content": FAULT},
    409: {"description": "Not possible now", "content": FAULT},
    413: {"description": "Too large", "content": FAULT},
    422: {"description": "Withheld", "content": FAULT},
    503: {"description": "Service stopped", "content": FAULT},
}


def add_api(app: FastAPI, lobby: Lobby, uploads: Uploads, runs: Runs) -> None:
    """The addresses below /api, and their OpenAPI description."""
    api = _Api(lobby, uploads, runs)
    bearer = HTTPBearer(auto_error=False, description="An access token, made at the pages")
    more: Told = {"response_model": None, "dependencies": [Depends(bearer)], "responses": dict(FAULTS)}
    for method, path, answer, summary, status in ROUTES:
        bound = getattr(api, answer.__name__)
        app.add_api_route(f"/api/{path}", bound, methods=[method], summary=summary, status_code=status, **more)
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.path.startswith("/api/")]

    @cache
    def description() -> Told:
        made = get_openapi(title="Peelian", version=peelian.__version__, routes=routes)
        for technology in lobby.office.kernel.technologies:
            uses: list[Capability | Watch] = [*technology.capabilities, *technology.watches]
            made["components"]["schemas"] |= {use.id: params_schema(use.asks.params) for use in uses}
        return made

    @app.get("/api/openapi.json", include_in_schema=False)
    def openapi() -> Response:
        return JSONResponse(description())


def add_api_page(app: FastAPI, office: Office, show: Callable[..., HTMLResponse]) -> None:
    """What the API offers, in words."""

    @app.get("/{language}/api", include_in_schema=False)
    def listed(request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say = office.say(language)
        addresses = [(say(summary), method, f"/api/{path}") for method, path, _, summary, _ in ROUTES]
        return show(request, "api.html", title=say("API for programs"), addresses=addresses)


def _capability(one: Capability, say: Say) -> Told:
    return {
        "capability": one.id,
        "technology": one.technology,
        "title": say(one.title),
        "about": say(one.about),
        "purposes": sorted(one.asks.purposes),
        "choices": one.asks.choices,
        "params": params_told(one.asks.params, say),
        "datasets": [{"role": r.role, "shape": r.shape, "optional": r.optional} for r in one.reads],
        "needs": [need.kind for need in one.needs],
    }


def _case(office: Office, record: CaseRecord, language: str, *, hidden: bool) -> Told:
    case, own = record.summary.case, office.say(language, record.capability.technology)
    found = record.findings
    decision, asked = record.decision, record.request
    return {
        **case_line(office, record.summary, language, public=False),
        "capability": record.capability.id,
        "params": dict(asked.params),
        "datasets": dict(asked.datasets),
        "reasons": [asdict(reason) for reason in record.reasons],
        "hidden": hidden,
        "findings": found
        and {
            "notes": [{"kind": note.kind, "text": own(note.text, **note.values)} for note in found.notes],
            "tables": {t.name: {"rows": len(t), "at": f"/api/cases/{case}/tables/{t.name}"} for t in found.tables},
        },
        "decision": decision
        and {
            name: getattr(decision, name)
            for name in ("choice", "reasons", "public_reason", "other_evidence", "exposure", "changes", "unit", "at")
        },
        "statement": record.publication.statement if record.publication else None,
        "correction": record.corrected
        and {name: getattr(record.corrected, name) for name in ("newer", "reason", "unit", "at")},
    }


def _upload(one: Upload) -> Told:
    return {"id": one.id, "name": one.name, "size": one.size, "taken": one.taken, "piece": MOST_PIECE}
