"""Incidents at the pages: signs of a breach, recording one, its worksheet, containment, and who was notified when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.oversight.breach import signals as seen
from peelian.oversight.breach.harm import EXPOSURES, LEVELS, Worksheet
from peelian.oversight.breach.incident import HANDS, OFFICERS, Incident, amend, incident_of, lacking, open_incident
from peelian.oversight.breach.letters import CIRCUMSTANCES, EXPOSED, MEASURES, QUESTIONS
from peelian.oversight.breach.letters import LEVELS as LEVEL_WORDS
from peelian.oversight.breach.protocol import contain_incident, weigh_incident
from peelian.oversight.breach.regimes import regimes
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.breach import INCIDENTS, Show, known_laws, known_say, one_incident_panels, page_of
from peelian.web.error_handler import status_of, told_of
from peelian.web.pages import moment

WITHOUT_PEOPLE = ("log_stopped", "witness_silent")
MOST_WORDS = 2_000
LACKS = {"harm": "harm assessment", "measures": "measures taken"}  # what is added to a recorded incident


def add_incident_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The form that records an incident, and each incident with what whoever is logged on can do."""
    pages = _IncidentPages(office, page_of(office, show, "incident.html"), page_of(office, show, "incident_new.html"))
    for path, method, page in (
        ("incidents/new", "GET", pages.form),
        ("incidents/new", "POST", pages.recorded),
        ("incidents/{id}", "GET", pages.one_incident),
        ("incidents/{id}", "POST", pages.acted),
    ):
        route = f"/{{language}}/{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


@dataclass(slots=True)
class _IncidentPages:
    office: Office
    page: Show
    new: Show

    def one(self, request: Request, language: str, id: str, **more: Any) -> Response:
        say = known_say(self.office, language)
        try:
            incident = incident_of(self.office.kernel, id)
        except OutOfOrder:
            raise HTTPException(404) from None
        panels, forms = (
            [*one_incident_panels(self.office, incident, say, language)],
            _forms(self.office, request, incident, say),
        )
        return self.page(request, language, "Incidents", INCIDENTS, panels, section="/incidents", **forms | more)

    def asked(self, request: Request, language: str, **more: Any) -> Response:
        say = known_say(self.office, language)
        forms = {
            "signs": [
                (s.fingerprint, say(CIRCUMSTANCES[s.kind]), len(s.subjects), moment(s.started, language))
                for s in seen.signals_in(self.office.kernel)
            ],
            "kinds": [(kind, say(CIRCUMSTANCES[kind])) for kind in WITHOUT_PEOPLE],
            "laws": known_laws(say),
            "problem": (),
            "typed": {},
            **more,
        }
        return self.new(request, language, "Record an incident", NEW, [], section="/incidents", **forms)

    def form(self, request: Request, language: str) -> Response:
        return self.asked(request, language)

    async def recorded(self, request: Request, language: str) -> Response:
        say, told, by = known_say(self.office, language), await form_of(request), operator_of(self.office, request)
        try:
            incident = await run_in_threadpool(_recorded, self.office.kernel, by, told)
        except (Refused, InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "typed": told}
            return await run_in_threadpool(lambda: self.asked(request, language, **more))
        return RedirectResponse(f"/{language}/incidents/{incident.id}", status_code=303)

    def one_incident(self, request: Request, language: str, id: str) -> Response:
        return self.one(request, language, id)

    async def acted(self, request: Request, language: str, id: str) -> Response:
        say, told = known_say(self.office, language), await form_of(request, many={"measures", "who"})
        by = operator_of(self.office, request)
        if told.get("act") not in ACTS:
            raise HTTPException(400)
        try:
            await run_in_threadpool(ACTS[told["act"]], self.office.kernel, by, id, told)
        except (Refused, InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "typed": told}
            return await run_in_threadpool(lambda: self.one(request, language, id, **more))
        return RedirectResponse(f"/{language}/incidents/{id}", status_code=303)


NEW = "Legal deadlines start when an incident is recorded. One that is known is recognized."


def _forms(office: Office, request: Request, incident: Incident, say: Say) -> dict[str, Any]:
    roles = person_of(office, seated(request)).roles
    harm = {name: str(value) for name, value in incident.harm.items()}
    return {
        "id": incident.id,
        "weighs": bool(roles & OFFICERS),
        "contains": bool(roles & (OFFICERS | HANDS)),
        "lacking": [say(LACKS.get(name, "facts of the event")) for name in lacking(incident)],
        "exposures": [(value, say(EXPOSED[value])) for value in EXPOSURES],
        "levels": [(value, say(LEVEL_WORDS[value])) for value in LEVELS],
        "questions": [(name, say(title)) for name, title in QUESTIONS.items()],
        "measures": [(word, say(text), word in incident.measures) for word, text in MEASURES.items()],
        "told": {"regulator": bool(incident.regulator_at), "persons": bool(incident.persons_at)},
        "typed": harm,
        "problem": (),
    }


def _recorded(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> Incident:
    now, law = kernel.now().isoformat(), told.get("law", "")
    if law and law not in regimes():
        raise InputError("unknown law", accepted=", ".join(sorted(regimes())))
    signal = next(_signals(kernel, told, now), None)
    if signal is None:
        raise InputError("no such sign or export", accepted="a sign of the list, or the batch of an export in the log")
    return open_incident(kernel, by, signal, regimes=(law,) if law else ())[0]


def _signals(kernel: Kernel, told: Mapping[str, str], now: str) -> Iterator[seen.Signal]:
    if told.get("kind") in WITHOUT_PEOPLE:
        yield seen.without_people(told["kind"], started=now, ended=now)
    elif batch := told.get("batch", "").strip()[:80]:
        if lost := seen.lost_export(kernel, batch, at=now):
            yield lost
    else:
        yield from (s for s in seen.signals_in(kernel) if s.fingerprint == told.get("sign"))


def _weigh(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    sheet = Worksheet(**{name: told.get(name, "")[:MOST_WORDS] for name in Worksheet.__slots__})
    weigh_incident(kernel, by, id, sheet, hardship=told.get("hardship") == "yes")


def _contain(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    contain_incident(kernel, by, id, stated=[one for one in told.get("measures", "").split(",") if one])


def _notified(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    who, now = set(told.get("who", "").split(",")) & {"regulator", "persons"}, kernel.now().isoformat()
    if not who:
        raise InputError("nobody named as notified", accepted="the regulator, the people concerned or both")
    late = {"late_reason": told["late_reason"][:MOST_WORDS]} if told.get("late_reason", "").strip() else {}
    amend(kernel, by, id, step="told", changes={f"{one}_at": now for one in sorted(who)} | late)


ACTS = {"weigh": _weigh, "contain": _contain, "notified": _notified}
