"""Several recordings at once at the pages: redactions suggested, or reviewed plans applied, in a job that is followed.

The log is the queue (`operations/batches`): a job that ended with its process goes on when it is started again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.kernel.model.fan_out import Progress
from peelian.kernel.model.people import Operator, Person
from peelian.operations.batches import SUGGEST, Batch, Outcome, ran, recordings, uses_of
from peelian.operations.jobs import Job
from peelian.operations.office import Office
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.frame.error_handler import told_of
from peelian.web.pages import LANGUAGES

AT_ONCE = 0.8  # seconds that a page waits for the job before it shows a bar
ACTS = {"suggest": SUGGEST, "redact": "footage.redact"}
TITLES = {"suggest": "Suggested redactions", "redact": "Redacted copies"}


def add_batch_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The job of whoever is logged on: started from the list of recordings, followed, and told when it has ended."""
    pages = _BatchPages(office, show)
    app.add_api_route("/{language}/batch", pages.followed, methods=["GET"], include_in_schema=False)
    app.add_api_route("/{language}/batch", pages.started, methods=["POST"], include_in_schema=False)


def may_start(office: Office, person: Person) -> bool:
    """Whether a person may ask for redactions of several recordings."""
    return office.path is not None and bool(person.roles & office.kernel.capability(SUGGEST).asks.askers)


@dataclass(slots=True)
class _Started:
    """A batch of one person: what is done, of how many, and how each ended."""

    act: str
    n: int
    left_out: int
    done: list[Outcome] = field(default_factory=list)
    job: Job | None = None


@dataclass(slots=True)
class _BatchPages:
    office: Office
    show: Callable[..., Response]
    of: dict[str, _Started] = field(default_factory=dict)  # by the token of whoever started it

    def followed(self, request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say, one = self.office.say(language), self.of.get(seated(request).person)
        if one is None or one.job is None:
            return RedirectResponse(f"/{language}/items", status_code=303)
        if not one.job.wait(AT_ONCE):
            says = say("%(n)d of %(of)d recordings.", n=len(one.done), of=one.n)
            more = {"name": "", "says": says, "share": one.job.share}
            return self.show(request, "waiting.html", section="/items", title=say(TITLES[one.act]), **more)
        if one.job.error is not None and not isinstance(one.job.error, PeelianError):
            raise one.job.error
        problem = told_of(one.job.error, say) if isinstance(one.job.error, PeelianError) else ()
        return self.show(request, "batch.html", section="/items", title=say(TITLES[one.act]), problem=problem,
                         left_out=one.left_out, lines=[_line(each, say) for each in one.done], act=one.act)  # fmt: skip

    async def started(self, request: Request, language: str) -> Response:
        told, by, seat = await form_of(request, many=("item",)), operator_of(self.office, request), seated(request)
        if language not in LANGUAGES:
            raise HTTPException(404)
        if (keys := self.office.people_keys) is not None:  # asked for now, and not within the job
            keys.must_be_unlocked(seat.person, seat.session)
        await run_in_threadpool(self._begin, by, person_of(self.office, seat), told)
        return RedirectResponse(f"/{language}/batch", status_code=303)

    def _begin(self, by: Operator, person: Person, told: dict[str, str]) -> None:
        if not may_start(self.office, person):
            raise HTTPException(403)
        if told.get("act") not in ACTS:
            raise InputError("unknown act", accepted=", ".join(ACTS))
        before = self.of.get(by.person.token)
        if before is not None and before.job is not None and not before.job.ended:
            raise OutOfOrder("Your last batch still runs. Wait for its end.")
        named = [one for one in told.get("item", "").split(",") if one]
        if not named:
            raise InputError("no recording selected", column="item", accepted="at least one recording of the list")
        chosen = recordings(self.office.kernel, person, named=named)
        capability = ACTS[told["act"]]
        uses = uses_of(self.office.kernel, capability, chosen)
        params = self.office.kernel.capability(capability).asks.params()
        batch = Batch(capability=capability, purpose="disclosure", params=params, uses=uses)
        one = _Started(act=told["act"], n=len(uses), left_out=len(chosen) - len(uses))
        one.job = Job(lambda tell: self._work(one, by, batch, tell))
        self.of[by.person.token] = one

    def _work(self, one: _Started, by: Operator, batch: Batch, tell: Progress) -> None:
        for outcome in ran(self.office, by, batch, progress=tell):
            one.done.append(outcome)


def _line(one: Outcome, say: Callable[..., str]) -> dict[str, Any]:
    problem = told_of(one.error, say) if one.error is not None else ()
    state = say("not done") if problem else say("done before") if one.earlier else say("done")
    sign = "refused" if problem else "published"
    return {"item": one.of, "case": one.case, "state": state, "sign": sign, "problem": problem}
