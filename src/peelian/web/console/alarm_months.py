"""The public page of alarm outcomes: by month and zone, the share that confirmed danger."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.oversight.watches import alarm_months
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES

Show = Callable[..., Response]


def add_alarm_month_pages(app: FastAPI, office: Office, show: Show) -> None:
    """One page in both languages, public."""

    @app.get("/{language}/alarm-months", include_in_schema=False)
    def months(request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say = office.say(language)
        body = frame(alarm_months.page(office.kernel, say), say).html
        return show(request, "alarm_months.html", section="/sensors", title=say("Alarm outcomes"), body=body)
