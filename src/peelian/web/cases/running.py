"""Runs at the pages: started once, followed on the case's page while they go on, and told on their person's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import OutOfOrder
from peelian.kernel.identity.sessions import Seat
from peelian.operations.office import Office
from peelian.operations.runs import Runs
from peelian.oversight.transparency.register import CaseRecord
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import operator_of, seated
from peelian.web.pages import LANGUAGES

AT_ONCE = 0.8  # seconds that a page waits for a run before it shows a bar
LOOKS_EVERY, BEATS_AFTER = 0.5, 20  # seconds between two looks; looks without news between two beats


def add_progress(app: FastAPI, office: Office, runs: Runs) -> None:
    """How far the run of a case is, as a stream of events."""

    @app.get("/{language}/cases/{case}/progress", include_in_schema=False)
    def progress(request: Request, language: str, case: str) -> Response:
        history = office.kernel.state.histories.get(case)
        if history is None or language not in LANGUAGES:
            raise HTTPException(404)
        own = office.say(language, history.capability.partition(".")[0])
        return StreamingResponse(_events(request, office, runs, case, own), media_type="text/event-stream")


def start(office: Office, runs: Runs, request: Request, record: CaseRecord) -> None:
    """Start the run of a case, if it is not started yet; raises what it fails with at once."""
    if record.permit is None:
        raise OutOfOrder("This case was refused and has no permit.")
    if (keys := office.people_keys) is not None:  # asked for now, and not within the job
        seat = seated(request)
        keys.must_be_unlocked(seat.person, seat.session)
    job = runs.begin(operator_of(office, request), record.permit)
    if job is not None and job.wait(AT_ONCE):
        job.outcome()


def going(runs: Runs, case: str, own: Say) -> dict[str, Any] | None:
    """How far a run is, in words and as a share; None where none goes on."""
    found = runs.going(case)
    return None if found is None else {"says": own(found.says) if found.says else "", "share": found.share}


async def _events(request: Request, office: Office, runs: Runs, case: str, own: Say) -> AsyncIterator[str]:
    """How far the run is, whenever that changes, until it has ended or whoever looks is gone or logged off."""
    seat, last, quiet = seated(request), "", 0
    while not await request.is_disconnected():
        told = await run_in_threadpool(_look, office, runs, seat, case, own)
        if told is None:
            yield "event: ended\ndata: {}\n\n"
            return
        line, quiet = json.dumps(told), quiet + 1
        if line != last or quiet > BEATS_AFTER:
            last, quiet = line, 0
            yield f"data: {line}\n\n"
        await asyncio.sleep(LOOKS_EVERY)


def _look(office: Office, runs: Runs, seat: Seat, case: str, own: Say) -> dict[str, Any] | None:
    office.kernel.stores.follow()
    here = office.kernel.state.seated.get(seat.session) == seat.person
    return going(runs, case, own) if here else None
