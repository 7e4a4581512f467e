"""The public pages of drills, and a self-test of the breach protocol started and followed at them, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.records.drill_records import courses, is_drill_town
from peelian.operations.drill.drill import Script, drill_names, run_drill
from peelian.operations.jobs import Job
from peelian.operations.office import Office
from peelian.oversight.breach.regimes import regimes
from peelian.oversight.drills.due import DRILLERS, SelfTest, self_test_of, self_tests
from peelian.web.auth_middleware import form_of, operator_of, person_of, seat_of, seated
from peelian.web.breach.pages import Show, known_laws, known_say, page_of
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.framing import Link
from peelian.web.letters import write_letters
from peelian.web.public.drills import SCENARIOS, course_panels, drills_panels, self_test_panels

DRILLS = (
    "People of the office play a breach at least once a year, on an invented town. Nothing is sent. "
    "If a drill is overdue, uses are blocked until one counts."
)
DRILL = "Signed report of one drill: scenario, what each role decided and how soon, and what is left to do."
SELF_TEST = "Signed record of one self-test: scenario, findings, times and follow-up."
AT_ONCE = 0.8  # seconds that a page waits for the self-test before it shows a bar
MOST_SEED = 9
NO_FORMS: dict[str, Any] = {"starts": False, "in_drill_town": False, "running": False, "problem": ()}


def add_drill_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The public pages of drills, on which who may starts a self-test, and the bar of the one that runs."""
    pages = _DrillPages(office, show, page_of(office, show, "drills.html"))
    runs = (("drills/run", "GET", pages.followed), ("drills/run", "POST", pages.started)) if app.state.lobby else ()
    for path, method, page in (("drills", "GET", pages.all_drills), *runs, ("drills/{name}", "GET", pages.one)):
        route = f"/{{language}}/{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


@dataclass(slots=True)
class _DrillPages:
    office: Office
    show: Show
    page: Show
    job: Job | None = None  # the self-test that runs now, or was run last by this process

    def listed(self, request: Request, language: str, **more: Any) -> Response:
        say, seat = known_say(self.office, language), seat_of(request)
        person = self.office.kernel.state.people.get(seat.person) if seat else None
        kernel = self.office.kernel
        starts = person is not None and bool(person.roles & DRILLERS) and self.office.path is not None
        known, played = self_tests(kernel), courses(kernel)
        forms = {
            "starts": starts,
            "scenarios": [(name, say(SCENARIOS[name])) for name, _ in drill_names()],
            "laws": known_laws(say),
            "typed": {"seed": str(len(known) + 1)},
            "problem": (),
            "in_drill_town": is_drill_town(kernel),
            "running": starts and self.job is not None and not self.job.ended,
            **more,
        }
        names = [*(one.name for one in played), *(one.name for one in known)]
        links = [Link(href=f"/{language}/drills/{name}", text=name) for name in names]
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

    def one(self, request: Request, language: str, name: str) -> Response:
        say, kernel = known_say(self.office, language), self.office.kernel
        course = next((one for one in courses(kernel) if one.name == name), None)
        if course is not None:
            panels = [*course_panels(course, say, language)]
            return self.page(request, language, "Breach drill", DRILL, panels, section="/drills", **NO_FORMS)
        try:
            found = self_test_of(kernel, name)
        except OutOfOrder:
            raise HTTPException(404) from None
        panels, title = [*self_test_panels(found, say, language)], "Self-test of the breach protocol"
        return self.page(request, language, title, SELF_TEST, panels, section="/drills", **NO_FORMS)

    def followed(self, request: Request, language: str) -> Response:
        say, job = known_say(self.office, language), self.job
        if job is None or not person_of(self.office, seated(request)).roles & DRILLERS:
            return RedirectResponse(f"/{language}/drills", status_code=303)
        if not job.wait(AT_ONCE):
            more = {"name": "", "says": say(job.says) if job.says else "", "share": job.share}
            return self.show(request, "waiting.html", section="/drills", title=say("Self-test"), **more)
        if job.error is None:
            made: SelfTest = job.result
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
                raise OutOfOrder("A self-test is running. Wait for its end.")
        except (InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "typed": told}
            return await run_in_threadpool(lambda: self.listed(request, language, **more))
        self.job = Job(lambda tell: _played(self.office, by, script, tell))
        return RedirectResponse(f"/{language}/drills/run", status_code=303)


def _played(office: Office, by: Any, script: Script, tell: Progress) -> SelfTest:
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
