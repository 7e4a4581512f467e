"""The way in for files: sent, read, looked at, declared, imported.

1. The file comes in by pieces that a script sends and can go on with, or whole by a plain form.
2. It is read once, in a job: a bar shows how far. What was found is a page, with a map where there are places.
3. The declaration is filled in; the file is read again and sealed, in a job.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.people import Operator
from peelian.measure.table import Table
from peelian.operations.intake_files import LARGE
from peelian.operations.jobs import Job
from peelian.operations.office import Office
from peelian.operations.uploads import Upload, Uploads
from peelian.pictures.panels import Picture, Say
from peelian.web.auth_middleware import form_of, must_be_of_this_session, operator_of, seated
from peelian.web.data.preview import picture_of, rows_of, source_said
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.frame.multipart import file_of
from peelian.web.pages import LANGUAGES
from peelian.wording.labels import PURPOSES, worded

Show = Callable[..., HTMLResponse]
MOST_PIECE = 8 << 20
AT_ONCE = 0.8  # seconds that a page waits for a job before it shows a bar
OPTION = "option."
ADOPTS = "`peelian data vocabulary`"  # in what is accepted in the place of a label that nobody adopted
LIST = "people_list"  # the field with the list of people concerned
FILES = ("description", "demographics")  # options that name a file of the machine that reads
DECLARED = ("title", "legal_basis", "minimisation", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a file was found to hold: the format, what came in and what did not, and a picture. Of the table nothing
    is kept but its columns."""

    format: str
    taken: Admitted
    rows: int
    picture: Picture | None


def add_upload_pages(app: FastAPI, office: Office, show: Show, uploads: Uploads) -> None:
    """The form, the pieces, and the page of each upload."""
    pages = _UploadPages(office, show, uploads)
    for path, method, page in (
        ("add", "GET", pages.asked),
        ("add", "POST", pages.sent),
        ("uploads", "POST", pages.begun),
        ("uploads/{id}", "PUT", pages.piece),
        ("uploads/{id}", "GET", pages.looked),
        ("uploads/{id}", "POST", pages.declared),
    ):
        route = f"/{{language}}/data/{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


@dataclass(frozen=True, slots=True)
class _UploadPages:
    office: Office
    show: Show
    uploads: Uploads

    def asked(self, request: Request, language: str) -> Response:
        return self._form(request, self._say(language), None)

    async def sent(self, request: Request, language: str) -> Response:
        say, by = self._say(language), operator_of(self.office, request)
        try:
            made = await file_of(request, lambda name: self.uploads.begin(by, name[:200]))
        except (InputError, OutOfOrder) as error:
            return self._form(request, say, error)
        return RedirectResponse(f"{_next(request, language)}/{made.id}", status_code=303)

    async def begun(self, request: Request, language: str) -> Response:
        say, told = self._say(language), await form_of(request)
        size = told.get("size", "")
        try:
            if not (size.isascii() and size.isdigit() and len(size) <= 15):
                raise InputError("not a size", accepted="bytes, as a whole number")
            made = self.uploads.begin(operator_of(self.office, request), told.get("name", "")[:200], int(size))
        except (InputError, OutOfOrder) as error:
            return JSONResponse({"problem": told_of(error, say)}, status_code=status_of(error))
        return JSONResponse({"id": made.id, "taken": made.taken, "piece": MOST_PIECE // 2})

    async def piece(self, request: Request, language: str, id: str, at: int) -> Response:
        say, content = self._say(language), b""
        must_be_of_this_session(request, request.headers.get("x-form", ""), {})
        async for part in request.stream():
            content += part
            if len(content) > MOST_PIECE:
                return JSONResponse({"problem": [say("The piece is too large.")]}, status_code=413)
        try:
            upload = self.uploads.named(seated(request).person, id)
            return JSONResponse({"taken": await run_in_threadpool(upload.add, at, content)})
        except (InputError, OutOfOrder) as error:
            return JSONResponse({"problem": told_of(error, say)}, status_code=status_of(error))

    def looked(self, request: Request, language: str, id: str) -> Response:
        say, told = self._say(language), dict(request.query_params)
        upload = self.uploads.named(seated(request).person, id)
        if (job := upload.admitting) is not None:
            if not job.wait(AT_ONCE):
                return self._waiting(request, upload, job, say)
            return self._came_in(request, upload, job, language)
        job = self._look(upload, told, say)
        if not job.wait(AT_ONCE):
            return self._waiting(request, upload, job, say)
        return self.show(request, "upload.html", **_page(self.office, upload, language, told))

    async def declared(self, request: Request, language: str, id: str) -> Response:
        self._say(language)
        told, seat = await form_of(request, many={"purposes"}), seated(request)
        upload = self.uploads.named(seat.person, id)
        if told.get("act") == "leave":
            self.uploads.end(seat.person, id)
            return RedirectResponse(f"/{language}/data", status_code=303)
        by, keys = operator_of(self.office, request), self.office.people_keys
        if keys is not None:  # asked for now, and not after a large file was read
            keys.must_be_unlocked(seat.person, seat.session)
        job = upload.admit_once(lambda tell: admitted(self.office, by, upload, told, tell))
        if not await run_in_threadpool(job.wait, AT_ONCE):
            return RedirectResponse(f"/{language}/data/uploads/{id}", status_code=303)
        return await run_in_threadpool(self._came_in, request, upload, job, language, told)

    def _look(self, upload: Upload, told: Mapping[str, str], say: Say) -> Job:
        asked, lent = (told.get("format", "auto"), options_of(told)), upload.lent()
        return upload.looked_at(asked, lambda tell: _seen(self.office, lent, asked, say, tell))

    def _came_in(
        self, request: Request, upload: Upload, job: Job, language: str, told: Mapping[str, str] | None = None
    ) -> Response:
        """Where an import ended: the dataset's page, or the form again with what was wrong."""
        if job.error is None:
            made: Admission = job.result
            self.uploads.end(upload.by, upload.id)
            return RedirectResponse(f"/{language}/data/sets/{made.dataset}", status_code=303)
        upload.admitting = None
        if not isinstance(job.error, PeelianError):
            raise job.error
        typed, say = told if told is not None else upload.typed, self.office.say(language)
        self._look(upload, typed, say).wait(60)
        more = _page(self.office, upload, language, typed) | {"problem": told_of(job.error, say)}
        more["unknown"] = isinstance(job.error, InputError) and ADOPTS in job.error.accepted
        return self.show(request, "upload.html", status=status_of(job.error), **more)

    def _waiting(self, request: Request, upload: Upload, job: Job, say: Say) -> Response:
        """A bar that lives: the page asks again by itself, with or without a script."""
        more = {"name": upload.name, "says": say(job.says) if job.says else "", "share": job.share}
        title = say("Reading the file") if job is not upload.admitting else say("Importing the file")
        return self.show(request, "waiting.html", section="/data", title=title, **more)

    def _form(self, request: Request, say: Say, error: Exception | None) -> Response:
        status, problem = (200, ()) if error is None else (status_of(error), told_of(error, say))
        labels = request.query_params.get("for") == "labels"
        title = say("Propose labels") if labels else say("Add data")
        more = {"section": "/data", "title": title, "problem": problem, "labels": labels}
        more["most"] = say("%(n)d", n=self.uploads.most >> 30)
        return self.show(request, "data_add.html", status=status, **more)

    def _say(self, language: str) -> Say:
        if language not in LANGUAGES:
            raise HTTPException(404)
        return self.office.say(language)


def _next(request: Request, language: str) -> str:
    """Where a file is looked at: as data, or as labels to be adopted."""
    return f"/{language}/data/{'labels' if request.query_params.get('for') == 'labels' else 'uploads'}"


def _seen(office: Office, lent: Any, asked: tuple[str, dict[str, str]], say: Say, tell: Progress) -> Seen | None:
    """What the file holds; None where it is to be kept whole: it is looked at once it is sealed."""
    format, options = asked
    if any(one.id == format and one.inspect for one in office.kernel.formats):
        return None
    name, taken = office.look_into(lent, format=format, options=options, progress=tell)
    rows, picture = len(taken.table), picture_of(taken, say)
    taken = dataclasses.replace(taken, table=Table(name=taken.table.name, columns=()))
    return Seen(format=name, taken=taken, rows=rows, picture=picture)


def admitted(office: Office, by: Operator, upload: Upload, told: Mapping[str, str], tell: Progress) -> Admission:
    """Import an upload under the declaration of a form; the form is kept with it. InputError names what is wrong."""
    upload.typed = {name: text for name, text in told.items() if name != LIST}  # names are kept nowhere on their way
    days = told.get("retention_days", "").strip()
    if not (days.isascii() and days.isdigit() and len(days) <= 6):
        raise InputError("not a number of days", accepted="1 to 36,500")
    declaration = Declaration(
        **{name: told.get(name, "").strip() for name in DECLARED},
        purposes=tuple(one for one in told.get("purposes", "").split(",") if one),
        retention_days=int(days),
        people=told.get("people", ""),
    )
    options, format = options_of(told), told.get("format", "auto")
    whole = any(one.id == format and one.inspect for one in office.kernel.formats)
    asked, take = told.get("partitions", ""), partial(office.keep_object, people=told.get(LIST, "").strip() or None)
    if not whole:
        if told.get("people", "") or told.get(LIST, ""):
            accepted = "no list here. List the people of a table once it is imported"
            raise InputError("list of people with a file that is no recording", column="people", accepted=accepted)
        take = partial(office.admit, partitions=asked == "yes" if asked else None)
    return take(by, upload.lent(), declaration, format=format, options=options, progress=tell)


def options_of(told: Mapping[str, str]) -> dict[str, str]:
    """The options of the format that were filled in. None may name a file: the pages read no path of this machine."""
    return {
        name[len(OPTION) :]: text.strip()
        for name, text in told.items()
        if name.startswith(OPTION) and text.strip() and name[len(OPTION) :] not in FILES
    }


def _page(office: Office, upload: Upload, language: str, told: Mapping[str, str]) -> dict[str, Any]:
    """What `upload.html` shows: what was found or what is wrong, other formats, and the declaration as typed."""
    say, job = office.say(language), upload.job
    seen: Seen | None = job.result
    problem = told_of(job.error, say) if isinstance(job.error, PeelianError) else ()
    if job.error is not None and not problem:
        raise job.error
    formats = {one.id: one for one in office.kernel.formats}
    asked = told.get("format", "auto")
    used = formats.get(seen.format if seen else asked)
    facts = seen.taken.facts if seen else {}
    return {
        "title": say("Add data"),
        "section": "/data",
        "upload": upload.id,
        "name": upload.name,
        "problem": problem,
        "unknown": False,
        "areas": bool(used and f"{office.kernel.owner_of(used.id)}.{used.shape}" == "mapping.areas"),
        "format": used.id if used else "auto",
        "format_title": say(used.title) if used else "",
        "whole": bool(used and used.inspect),
        "of_people": bool(used and used.of_people),
        "ready": problem == () and used is not None,
        "parted": bool(used and used.parted),
        "large": upload.size >= LARGE,
        "uses": uses_of_partitions(office, used, say) if used and used.parted else "",
        "formats": sorted(((one.id, say(one.title)) for one in formats.values()), key=lambda one: one[1].casefold()),
        "options": [] if used is None else option_fields(used, told, say),
        "found": rows_of(seen.taken, seen.rows, say, language) if seen else None,
        "picture": seen.picture if seen else None,
        "purposes": [(str(one), worded(PURPOSES, one, say)) for one in Purpose],
        "chosen": told.get("purposes", "").split(","),
        "typed": {name: told.get(name, "") for name in (*DECLARED, "retention_days", "partitions", "people")},
        "source": source_said(str(facts.get("attribution") or facts.get("source", "")), say),
    }


def option_fields(used: Format, told: Mapping[str, str], say: Say) -> list[tuple[str, str, str]]:
    return [
        (OPTION + name, say(meaning), told.get(OPTION + name, ""))
        for name, meaning in used.options.items()
        if name not in FILES
    ]


def uses_of_partitions(office: Office, used: Format, say: Say) -> str:
    """The capabilities that read a dataset of this format in partitions, as a list in words."""
    known = [one for technology in office.kernel.technologies for one in technology.capabilities]
    shape = f"{office.kernel.owner_of(used.id)}.{used.shape}"
    reads = [one for one in known if any(read.of(one.technology) == shape and read.partitions for read in one.reads)]
    return say("; ").join(sorted(say(one.title) for one in reads))
