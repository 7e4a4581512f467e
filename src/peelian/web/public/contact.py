"""Ask or object: where to, about what, and what happens then. Nothing is written into this program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Query, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.oversight.transparency.contact import contact_of
from peelian.web.pages import LANGUAGES

About = Annotated[str, Query(pattern="^[a-z0-9-]{0,60}$")]


def add_contact_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The page in both languages; `about` names the case or sensor it is about."""

    @app.get("/{language}/contact", include_in_schema=False)
    def contact(request: Request, language: str, about: About = "") -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say, found = office.say(language), contact_of(office.kernel)
        subject = quote(f"{office.kernel.office.name} {about}".strip())
        values = {"title": say("Ask or object"), "about": about, "contact": found, "subject": subject}
        return show(request, "contact.html", **values)
