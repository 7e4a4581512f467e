"""A breach drill started and followed at the pages: it plays in a job, one at a time, and its record is signed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.kernel.model.fan_out import Progress
from peelian.operations.drill.drill import Script, drill_names, run_drill
from peelian.operations.jobs import Job
from peelian.operations.office import Office
from peelian.oversight.breach.regimes import regimes
from peelian.oversight.drills import DRILLERS, Drill, drills
from peelian.web.auth_middleware import form_of, operator_of, person_of, seat_of, seated
from peelian.web.breach import DRILLS, Show, known_laws, known_say, page_of
from peelian.web.drills import SCENARIOS, drills_panels
from peelian.web.error_handler import status_of, told_of
from peelian.web.framing import Link
from peelian.web.letters import write_letters

AT_ONCE = 0.8  # seconds that a page waits for the drill before it shows a bar
MOST_SEED = 9


def add_drill_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The public page of all drills, on which who may starts one, and the bar of the one that is played."""
    pages = _DrillPages(office, show, page_of(office, show, "drills.html"))
    for path, method, page in (
        ("drills", "GET", pages.all_drills),
        ("drills/run", "GET", pages.followed),
        ("drills/run", "POST", pages.started),
    )[: 3 if app.state.lobby else 1]:
        route = f"/{{language}}/{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


@dataclass(slots=True)
class _DrillPages:
    office: Office
    show: Show
    page: Show
    job: Job | None = None  # the drill that is played now, or was played last by this process

    def listed(self, request: Request, language: str, **more: Any) -> Response:
        say, seat = known_say(self.office, language), seat_of(request)
        person = self.office.kernel.state.people.get(seat.person) if seat else None
        starts = person is not None and bool(person.roles & DRILLERS) and self.office.path is not None
        known = drills(self.office.kernel)
        forms = {
            "starts": starts,
            "scenarios": [(name, say(SCENARIOS[name])) for name, _ in drill_names()],
            "laws": known_laws(say),
            "typed": {"seed": str(len(known) + 1)},
            "problem": (),
            "running": starts and self.job is not None and not self.job.ended,
            **more,
        }
        links = [Link(href=f"/{language}/drills/{d.name}", text=d.name) for d in known]
        return self.page(
            request,
            language,
            "Breach drill",
            DRILLS,
            [*drills_panels(self.office, say, language)],
            links=links,
            **forms,
        )

    def all_drills(self, request: Request, language: str) -> Response:
        return self.listed(request, language)

    def followed(self, request: Request, language: str) -> Response:
        say, job = known_say(self.office, language), self.job
        if job is None or not person_of(self.office, seated(request)).roles & DRILLERS:
            return RedirectResponse(f"/{language}/drills", status_code=303)
        if not job.wait(AT_ONCE):
            more = {"name": "", "says": say(job.says) if job.says else "", "share": job.share}
            return self.show(request, "waiting.html", section="/drills", title=say("Breach drill"), **more)
        if job.error is None:
            made: Drill = job.result
            return RedirectResponse(f"/{language}/drills/{made.name}", status_code=303)
        if not isinstance(job.error, PeelianError):
            raise job.error
        return self.listed(request, language, problem=told_of(job.error, say), status=status_of(job.error))

    async def started(self, request: Request, language: str) -> Response:
        say, told, seat = known_say(self.office, language), await form_of(request), seated(request)
        by, keys = operator_of(self.office, request), self.office.people_keys
        if keys is not None:
            keys.must_be_unlocked(seat.person, seat.session)
        try:
            script = _script(self.office, told)
            if self.job is not None and not self.job.ended:
                raise OutOfOrder("A drill is being played. Wait for its end.")
        except (InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "typed": told}
            return await run_in_threadpool(lambda: self.listed(request, language, **more))
        self.job = Job(lambda tell: _played(self.office, by, script, tell))
        return RedirectResponse(f"/{language}/drills/run", status_code=303)


def _played(office: Office, by: Any, script: Script, tell: Progress) -> Drill:
    return run_drill(office, by, script, progress=tell)


def _script(office: Office, told: dict[str, str]) -> Script:
    seed, law = told.get("seed", "").strip(), told.get("law", "")
    if not (seed.isascii() and seed.isdigit() and len(seed) <= MOST_SEED):
        raise InputError("not a whole number", column="seed", accepted="a whole number from 0 on")
    if law and law not in regimes():
        raise InputError("unknown law", accepted=", ".join(sorted(regimes())))
    if told.get("scenario") not in dict(drill_names()):
        raise InputError("unknown scenario", accepted=", ".join(sorted(dict(drill_names()))))
    if office.path is None:
        raise OutOfOrder("An office in memory has no folder for a drill.")
    return Script(
        scenario=told["scenario"],
        seed=int(seed),
        folder=office.path / "drills",
        regimes=(law,) if law else (),
        write=partial(write_letters, forms=("html",)),
    )
