"""The list of tasks, and the page of each: what it is, what there is now, and its form.

A form says everything that is wrong with it at its fields, at once. Whoever has no role for a task does not see it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.acts.act import BINARY, FILE, KIND, LINES, Act, Done
from peelian.acts.registry import every_act
from peelian.errors import InputError, OutOfOrder, Refused
from peelian.forms import Field, faults_in, fields_of, filled
from peelian.operations.office import Office
from peelian.operations.zipped import zipped
from peelian.pictures.panels import Grid, Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.documents import drawn
from peelian.web.frame.error_handler import STEP_UP, status_of, told_of
from peelian.web.frame.multipart import texts_of
from peelian.web.frame.param_limits import drawn_limits
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES, capital
from peelian.wording.errors import reasons_of, with_days

TASKS: Mapping[str, Act] = every_act()
Show = Callable[..., HTMLResponse]


def add_task_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The list, and each task."""
    pages = _TaskPages(office, show)
    for path, method, page in (
        ("tasks", "GET", pages.listed),
        ("tasks/{id}", "GET", pages.one),
        ("tasks/{id}", "POST", pages.sent),
    ):
        route = f"/{{language}}/{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


@dataclass(frozen=True, slots=True)
class _TaskPages:
    office: Office
    show: Show

    def listed(self, request: Request, language: str) -> Response:
        say, roles = self._say(language), person_of(self.office, seated(request)).roles
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for task in TASKS.values():
            if task.roles & roles:
                groups.setdefault(say(task.group), []).append((task.id, say(task.title), say(task.about)))
        return self.show(request, "tasks.html", title=say("Tasks"), groups=groups)

    def one(self, request: Request, language: str, id: str) -> Response:
        typed = {name: text[:200] for name, text in request.query_params.items()}
        return self._page(request, language, self._task(request, id), typed)

    async def sent(self, request: Request, language: str, id: str) -> Response:
        task, say = await run_in_threadpool(self._task, request, id), self._say(language)
        if task.params is None or task.do is None:
            raise HTTPException(405)
        many = {field.name for field in fields_of(task.params) if field.many}
        told = await (partial(texts_of, binary=_files(task, BINARY)) if _files(task) else form_of)(request, many=many)
        by, do, params = operator_of(self.office, request), task.do, task.params
        texts = {name: text.strip() for name, text in told.items() if text.strip()}
        if faults := faults_in(params, texts, check=lambda made: None):
            return await run_in_threadpool(self._page, request, language, task, told, faults=faults, status=400)
        try:
            done = await run_in_threadpool(lambda: do(self.office, by, filled(params, texts)))
        except (Refused, InputError, OutOfOrder) as error:
            if any(reason.rule == STEP_UP for reason in reasons_of(error)):
                raise
            at_field = isinstance(error, InputError) and error.column in {f.name for f in fields_of(params)}
            more: dict[str, Any] = {"faults": [error]} if at_field else {"problem": told_of(error, say)}
            more |= {"status": status_of(error)}
            return await run_in_threadpool(lambda: self._page(request, language, task, told, **more))
        if leaves := file_of(done, self.office):
            name, pieces = leaves
            headers = {"content-disposition": f'attachment; filename="{name}"'}
            return StreamingResponse(pieces, media_type="application/octet-stream", headers=headers)
        return await run_in_threadpool(lambda: self._page(request, language, task, {}, done=done))

    def _page(
        self,
        request: Request,
        language: str,
        task: Act,
        told: Mapping[str, str],
        *,
        faults: Any = (),
        problem: Any = (),
        done: Done | None = None,
        status: int = 200,
    ) -> Response:
        say = self._say(language)
        wrong = {fault.column: told_of(InputError(fault.wrong, accepted=fault.accepted), say)[0] for fault in faults}
        known = fields_of(task.params) if task.params else ()
        values = {
            "title": say(task.title),
            "about": say(task.about),
            "action": request.url.path + (f"?{request.url.query}" if TASKS[task.id].then and not task.then else ""),
            "button": say("Continue" if task.then else TASKS[task.id].title),
            "begins": task.then is not None,
            "files": bool(_files(task)),
            "fields": [_field(self.office, task, field, told, say) for field in known],
            "faults": wrong,
            "problem": problem,
            "grid": table_of(self.office, task, say, language, request.query_params),
            "looks": task.shows is not None and task.params is None,
            "empty": say(task.empty),
            "done": with_days(done.says, say) if done else "",
            "came": done.grid if done else None,
            "body": frame(done.panels, say).html if done else "",
            "href": (done.href or (f"/proposals/{done.proposal}" if done.proposal else "")) if done else "",
            "once": done.once if done else "",
        }
        return self.show(request, "task.html", section="/tasks", status=status, **values)

    def _task(self, request: Request, id: str) -> Act:
        task = task_of(self.office, request, id)
        if task is None:
            raise HTTPException(404)
        return (task.then(self.office, request.query_params) if task.then else None) or task

    def _say(self, language: str) -> Say:
        if language not in LANGUAGES:
            raise HTTPException(404)
        return self.office.say(language)


def task_of(office: Office, request: Request, id: str) -> Act | None:
    """The task; None for one that does not exist, or that is not for whoever is logged on."""
    task = TASKS.get(id)
    return task if task and task.roles & person_of(office, seated(request)).roles else None


def table_of(office: Office, task: Act, say: Say, language: str, chosen: Mapping[str, str]) -> Grid | None:
    """What a task shows, with the choices of its table that an address or a program names. InputError: no such."""
    if task.shows is None:
        return None
    params = None if task.params else task.asks()
    known = {field.name for field in fields_of(params)} if params else set()
    made = filled(params, {name: text for name, text in chosen.items() if name in known}) if params else None
    return task.shows(office, say, language, **{name: getattr(made, name) for name in known})


def file_of(done: Done, office: Office) -> tuple[str, Iterable[bytes]] | None:
    """The file that leaves, by its name and in pieces: one that was made, a document drawn, an archive of several."""
    if done.file is not None:
        name, content = done.file
        return name, [content] if isinstance(content, bytes) else content
    made = ((one.name, drawn(one, office)) for one in done.documents)
    if done.archive:
        return done.archive, zipped((name, [content]) for name, content in made)
    return next(((name, [content]) for name, content in made), None)


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The params of a task that is only looked at."""


def _files(task: Act, kind: str = FILE) -> frozenset[str]:
    """The fields of a task that take a file, or one that is no text."""
    return frozenset(one.name for one in dataclasses.fields(task.params or _Nothing) if one.metadata.get(kind))


def _field(office: Office, task: Act, field: Field, told: Mapping[str, str], say: Say) -> dict[str, Any]:
    """One field as its page draws it."""
    params: Any = task.params
    more = {one.name: one.metadata for one in dataclasses.fields(params)}[field.name]
    kind = more.get(KIND, "text")
    default = ", ".join(map(str, field.default)) if field.many and field.default else field.default
    kept = not more.get(FILE) and kind != "password"
    value = told.get(field.name, "" if default in (None, ()) else str(default)) if kept else ""
    offered = task.offered.get(field.name)
    named = [(one, say(field.names[one]) if one in field.names else one) for one in field.choices]
    choices = named or None
    if offered is not None:
        may_be_empty = not field.required and not field.many and field.default in ("", None)
        choices = [*([("", say("none"))] if may_be_empty else []), *offered(office, say)]
    label = capital(say(field.help) if field.help else field.name.replace("_", " "))
    return {
        "name": field.name,
        "label": f"{label} ({say(field.unit)})" if field.unit else label,
        "value": value,
        "values": [one.strip() for one in value.split(",")],
        "choices": choices,
        "hints": list(task.hints[field.name](office, say)) if field.name in task.hints else [],
        "many": field.many,
        "ticks": field.type is bool,
        "required": field.required,
        "lines": more.get(LINES, 1),
        "kind": kind,
        "file": more.get(FILE, ""),
        **drawn_limits(field, say),
    }
