"""Tasks for programs: the same list, and the same acts, as at the pages."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from peelian.acts.act import Act, Done
from peelian.forms import fields_of, filled
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.auth_middleware import operator_of
from peelian.web.cases.ask_form import text_of
from peelian.web.frame.param_limits import schema_of
from peelian.web.pages import language_of
from peelian.web.tasks.pages import TASKS, file_of, table_of, task_of
from peelian.wording.errors import translated

Told = dict[str, Any]


def acts_offered(office: Office, request: Request) -> list[Told]:
    """The tasks of whoever asks, with what each takes."""
    say = office.say(language_of(request))
    return [
        {
            "task": task.id,
            "title": say(task.title),
            "about": say(task.about),
            "acts": task.do is not None,
            "params": params_told(task.params, say) if task.params else [],
        }
        for task in TASKS.values()
        if task_of(office, request, task.id) is not None
    ]


def act_shown(office: Office, request: Request, id: str) -> Told:
    """What a task's page shows, and what may be chosen in its fields now."""
    language = language_of(request)
    say, task = office.say(language), _known(office, request, id)
    offered = {
        name: [{"value": value, "text": text} for value, text in offers(office, say)]
        for name, offers in task.offered.items()
    }
    return {
        "task": id,
        "offered": offered,
        "table": _table(table_of(office, task, say, language, request.query_params)),
    }


def act_done(office: Office, request: Request, id: str, params: Mapping[str, Any]) -> Told:
    """Do it, and tell what came of it; errors as at the page."""
    task, texts = _known(office, request, id), {name: text_of(value) for name, value in params.items()}
    if task.then is not None and task.params is not None:  # of two steps: the first fields choose the second
        first = {field.name for field in fields_of(task.params)}
        chosen = filled(task.params, {name: text for name, text in texts.items() if name in first})
        task = task.then(office, {name: text_of(getattr(chosen, name)) for name in first}) or task
        texts = {name: text for name, text in texts.items() if name not in first}
    if task.params is None or task.do is None:
        raise HTTPException(405)
    made = task.do(office, operator_of(office, request), filled(task.params, texts))
    says = translated(made.says, office.say(language_of(request)))
    told = [_panel(one) for one in made.panels]
    return {
        "task": id,
        "says": says,
        "once": made.once,
        "table": _table(made.grid),
        "told": told,
        "file": _file(made, office),
        "record": getattr(made, "record", None),
    }


def params_told(params: type[Any], say: Say) -> list[Told]:
    """The fields of params as a program reads them."""
    return [
        {
            "name": param.name,
            "type": param.type.__name__,
            "many": param.many,
            "required": param.required,
            "default": param.default,
            "unit": say(param.unit) if param.unit else "",
            "help": say(param.help) if param.help else "",
            "choices": param.choices,
            "schema": schema_of(param),
        }
        for param in fields_of(params)
    ]


def _known(office: Office, request: Request, id: str) -> Act:
    task = task_of(office, request, id)
    if task is None:
        raise HTTPException(404)
    return task


def _file(made: Done, office: Office) -> Told | None:
    if (leaves := file_of(made, office)) is None:
        return None
    name, pieces = leaves
    return {"name": name, "base64": b64encode(b"".join(pieces)).decode()}


def _panel(panel: Panel) -> Told | str | None:
    """A sentence or a table of an answer; nothing else is in one."""
    if isinstance(panel, Heading | Paragraph):
        return panel.text
    return _table(panel) if isinstance(panel, Grid) else None


def _table(grid: Grid | None) -> Told | None:
    return {"caption": grid.caption, "titles": grid.titles, "rows": grid.rows} if grid else None
