"""Labels at the pages: read from an uploaded file, looked at, proposed to a second person; and those in force."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused, sentence
from peelian.kernel.disclosure.label_checks import counted_grounds, propose_vocabulary, propose_withdrawal
from peelian.kernel.identity.dual_control import PROPOSERS
from peelian.kernel.model.area_ground import with_ground
from peelian.kernel.model.documents import Proposal
from peelian.kernel.model.labels import LabelKind, Vocabulary, check_vocabulary, vocabulary_of
from peelian.kernel.model.technology import technology_of
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.office_records import still_kept
from peelian.operations.jobs import Job
from peelian.operations.office import Office
from peelian.operations.uploads import Upload, Uploads
from peelian.operations.vocabularies import LABELS, read_vocabulary
from peelian.pictures.panels import Grid, Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.data.uploads import AT_ONCE, option_fields, options_of
from peelian.web.data.vocabularies import TITLES, label_grid
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.maps.areas import map_of
from peelian.web.pages import LANGUAGES

MOST_SHOWN = 500  # labels of a list on the pages of those who propose and approve
MOST_WORDS = 2000
MOST_BYTES = 128 << 20  # of a file that is read as labels, whole
Show = Callable[..., HTMLResponse]


def add_label_pages(app: FastAPI, office: Office, show: Show, uploads: Uploads) -> None:
    """The lists in force with what withdraws them, and the page of a file that is read as labels."""
    pages = _LabelPages(office, show, uploads)
    for path, method, page in (
        ("", "GET", pages.listed),
        ("", "POST", pages.withdrawn),
        ("/{id}", "GET", pages.looked),
        ("/{id}", "POST", pages.proposed),
    ):
        route = f"/{{language}}/data/labels{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


def proposed_labels(office: Office, made: Proposal, say: Say) -> Grid | None:
    """The labels that a proposal adopts or withdraws, for whoever approves it. O(labels shown)."""
    record = still_kept(office.kernel, str(made.body.get("record", "")))
    return _shown(vocabulary_of(record.body), say) if record else None


def proposed_map(office: Office, made: Proposal, say: Say) -> Markup | None:
    """The map of areas that a proposal adopts or withdraws, with what of them is left out; None of other labels."""
    record = still_kept(office.kernel, str(made.body.get("record", "")))
    return map_of(vocabulary_of(record.body), say) if record else None


@dataclass(frozen=True, slots=True)
class _LabelPages:
    office: Office
    show: Show
    uploads: Uploads

    def listed(self, request: Request, language: str) -> Response:
        return self._list(request, language, {}, None)

    async def withdrawn(self, request: Request, language: str) -> Response:
        told, by = await form_of(request), operator_of(self.office, request)
        words, record = told.get("reason", "")[:MOST_WORDS], told.get("record", "")[:64]
        try:
            await run_in_threadpool(lambda: propose_withdrawal(self.office.kernel, by, record, words=words))
        except (Refused, OutOfOrder) as error:
            return self._list(request, language, told, error)
        return RedirectResponse(f"/{language}/authorizations#waiting", status_code=303)

    def looked(self, request: Request, language: str, id: str) -> Response:
        say, told = self._say(language), dict(request.query_params)
        upload = self.uploads.named(seated(request).person, id)
        if told.get("kind") not in set(LabelKind):
            return self.show(request, "labels.html", **self._page(request, upload, language, told, None))
        job = self._read(upload, told)
        if not job.wait(AT_ONCE) or self._read(upload, told) is not job:  # another reading had to end first
            more = {"name": upload.name, "says": say(job.says) if job.says else "", "share": job.share}
            return self.show(request, "waiting.html", section="/data", title=say("Reading the file"), **more)
        return self.show(request, "labels.html", **self._page(request, upload, language, told, job))

    async def proposed(self, request: Request, language: str, id: str) -> Response:
        say, told, seat = self._say(language), await form_of(request), seated(request)
        upload, by = self.uploads.named(seat.person, id), operator_of(self.office, request)
        if told.get("kind") not in set(LabelKind):
            raise HTTPException(400)
        job = self._read(upload, told)
        if not await run_in_threadpool(job.wait, 60) or self._read(upload, told) is not job:
            raise OutOfOrder("The file is still being read. Try again.")
        try:
            read = dataclasses.replace(job.outcome(), source=told.get("source", "")[:MOST_WORDS].strip())
            words = told.get("reason", "")[:MOST_WORDS]
            made = await run_in_threadpool(lambda: propose_vocabulary(self.office.kernel, by, read, words=words))
        except (Refused, InputError, OutOfOrder) as error:
            page = await run_in_threadpool(self._page, request, upload, language, told, job)
            more = {"problem": told_of(error, say), "status": status_of(error)}
            return self.show(request, "labels.html", **page | more)
        self.uploads.end(seat.person, id)
        return RedirectResponse(f"/{language}/authorizations#{made}", status_code=303)

    def _read(self, upload: Upload, told: Mapping[str, str]) -> Job:
        kind, format, options = LabelKind(told["kind"]), told.get("format", "auto"), options_of(told)
        lent, known = upload.lent(), self.office.kernel.technologies

        def work(tell: Callable[[str, float], None]) -> Vocabulary:
            if lent.size > MOST_BYTES:
                accepted = sentence("at most %(n)d MiB", n=MOST_BYTES >> 20)
                raise InputError("file too large for a list of labels", file=upload.name, accepted=accepted)
            apart = self.office.path is not None
            return read_vocabulary(lent, kind, "", known, format=format, options=options, progress=tell, apart=apart)

        return upload.looked_at((kind, format, options), work, purpose="labels")

    def _page(
        self, request: Request, upload: Upload, language: str, told: Mapping[str, str], job: Job | None
    ) -> dict[str, Any]:
        say, kind = self._say(language), told.get("kind", "")
        read, error = (job.result, job.error) if job else (None, None)
        if error is not None and not isinstance(error, PeelianError):
            raise error
        if read is not None:
            try:
                check_vocabulary(dataclasses.replace(read, source="a file"))
                read = with_ground(read, counted_grounds(self.office.kernel))
            except InputError as wrong:
                error = wrong.of_file(upload.name)
        mapping = technology_of(self.office.kernel.technologies, "mapping")
        found = (LABELS, *(one for one in (mapping.formats() if mapping else ()) if one.shape == "areas"))
        used = next((one for one in found if one.id == told.get("format")), None)
        return self._common(request, say) | {
            "upload": upload.id,
            "name": upload.name,
            "kind": kind,
            "kinds": [(str(one), say(TITLES[one])) for one in LabelKind],
            "format": told.get("format", "auto"),
            "formats": [(one.id, say(one.title)) for one in found],
            "options": option_fields(used, told, say) if used else [],
            "problem": told_of(error, say) if error else (),
            "grid": _shown(read, say) if read else None,
            "counted": _counted(self.office, read, say) if read else [],
            "map": map_of(read, say) if read and error is None else None,
            "ready": read is not None and error is None,
            "typed": {name: told.get(name, "") for name in ("source", "reason")},
        }

    def _list(self, request: Request, language: str, told: Mapping[str, str], error: Exception | None) -> Response:
        say = self._say(language)
        lists = [
            (record, say(TITLES[one.kind]), one.source, len(one.labels))
            for record, one in adopted(self.office.kernel).vocabularies.items()
        ]
        problem, status = (told_of(error, say), status_of(error)) if error else ((), 200)
        more = {"lists": lists, "typed": told, "problem": problem, "status": status}
        return self.show(request, "label_lists.html", **self._common(request, say) | more)

    def _common(self, request: Request, say: Say) -> dict[str, Any]:
        may = bool(person_of(self.office, seated(request)).roles & PROPOSERS)
        return {"title": say("Propose labels"), "section": "/data", "may": may}

    def _say(self, language: str) -> Say:
        if language not in LANGUAGES:
            raise HTTPException(404)
        return self.office.say(language)


def _shown(vocabulary: Vocabulary, say: Say) -> Grid:
    """The labels as a table, the first of very many."""
    grid, n = label_grid(vocabulary, say), len(vocabulary.labels)
    if n <= MOST_SHOWN:
        return grid
    caption = say("%(list)s: the first %(most)d of %(n)d", list=grid.caption, most=MOST_SHOWN, n=n)
    return dataclasses.replace(grid, caption=caption, rows=grid.rows[:MOST_SHOWN])


def _counted(office: Office, read: Vocabulary, say: Say) -> list[tuple[str, str]]:
    """How many labels there are, how many are new, and how many people they name."""
    known = adopted(office.kernel)
    new = sum(known.find(read.kind, one.label) is None for one in read.labels)
    return [
        (say("Labels"), say("%(n)d", n=len(read.labels))),
        (say("Not adopted yet"), say("%(n)d", n=new)),
        (say("People"), say("%(n)d", n=sum(one.people for one in read.labels))),
    ]
