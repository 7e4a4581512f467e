"""The public notice of an incident, as a page for everybody while the privacy officer lets it stand."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.letters import local, zone_of
from peelian.operations.office import Office
from peelian.oversight.breach.letters import UNTOLD, public_notice
from peelian.oversight.breach.public_notice import public_contact, public_notices
from peelian.web.breach.pages import known_say, page_of

LEAD = "For people who cannot be written to, or are not known. It names nobody."


def add_public_notices(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """Add the page of each notice; 404 for an incident that has none now."""
    page = page_of(office, show)

    @app.get("/{language}/incidents/{id}/notice", include_in_schema=False)
    def one_notice(request: Request, language: str, id: str) -> Response:
        say, kernel = known_say(office, language), office.kernel
        incident = next((one for one in public_notices(kernel) if one.id == id), None)
        if incident is None:
            raise HTTPException(404)
        contact = public_contact(kernel, kernel.office.name)
        when, account = local(language, zone_of(kernel)), incident.accounts.get(language, UNTOLD)
        panels = public_notice(incident, contact, say, when, account=account)
        return page(request, language, "Notice about your information", LEAD, panels, section="/incidents")
