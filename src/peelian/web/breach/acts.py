"""Incidents at the pages: recording, worksheet and containment, who was told, and how one is put right or ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.oversight.breach import signals as seen
from peelian.oversight.breach.channels import INDIRECT_FOR
from peelian.oversight.breach.harm import EXPOSURES, LEVELS, Worksheet
from peelian.oversight.breach.incident import (
    HANDS,
    OFFICERS,
    SEERS,
    Incident,
    amend,
    incident_of,
    lacking,
    merge,
    open_incident,
    register,
    separate,
)
from peelian.oversight.breach.letters import CIRCUMSTANCES, MEASURES, REASONS, UNTOLD
from peelian.oversight.breach.local_times import zone_of
from peelian.oversight.breach.measures import FITTING
from peelian.oversight.breach.protocol import (
    add_people,
    contain_incident,
    correct,
    describe_incident,
    letters_sent,
    people_step,
    secret_named,
    weigh_incident,
)
from peelian.oversight.breach.regimes import regimes
from peelian.oversight.breach.report import BY_ITSELF, FREE, Report
from peelian.oversight.breach.told_incidents import free_report
from peelian.oversight.breach.worksheet import EXPOSED, QUESTIONS
from peelian.oversight.breach.worksheet import LEVELS as LEVEL_WORDS
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.breach.pages import INCIDENTS, Show, incident_now, incident_record, known_laws, known_say, page_of
from peelian.web.breach.secrets import not_contained
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES

WITHOUT_PEOPLE = tuple(sorted(BY_ITSELF))
MOST_WORDS = 2_000
LACKS = {
    "harm": "harm assessment",
    "measures": "measures taken",
    "people": "the people concerned",
    "supplement": "a new report to the regulator",
}  # what is added to a recorded incident


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
        panels = [*incident_now(self.office, incident, say, language)]
        record = frame([*incident_record(self.office, incident, say, language)], say, links=lambda table: ()).html
        forms = _forms(self.office, request, incident, say) | {"record": record}
        return self.page(request, language, "Incidents", INCIDENTS, panels, section="/incidents", **forms | more)

    def asked(self, request: Request, language: str, **more: Any) -> Response:
        say = known_say(self.office, language)
        forms = {
            "signs": [
                (s.fingerprint, say(CIRCUMSTANCES[s.kind]), len(s.subjects), moment(s.started, language))
                for s in seen.signals_in(self.office.kernel)
            ],
            "kinds": [(kind, say(CIRCUMSTANCES[kind])) for kind in WITHOUT_PEOPLE],
            "free": [(kind, say(CIRCUMSTANCES[kind])) for kind in FREE],
            "exposures": [(value, say(EXPOSED[value])) for value in EXPOSURES],
            "zone": zone_of(self.office.kernel),
            "known": [(one.id, f"{one.id} · {say(CIRCUMSTANCES[one.kind])}") for one in _open_ones(self.office.kernel)],
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
        say, told = known_say(self.office, language), await form_of(request, many={"measures"})
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
    allowed = {part: bool(roles & who) for part, who in PARTS.items()}
    waiting = _waiting(incident, contained=not not_contained(office.kernel, incident))
    following = "" if has_ended(incident) else next((part for part, waits in waiting.items() if waits), "end")
    fitting = {word for kind in incident.circumstances for word in FITTING.get(kind, ())} | set(incident.measures)
    return {
        "id": incident.id,
        "parts_in_order": sorted((one for one in PARTS if allowed[one]), key=lambda one: one != following),
        "following": following,
        "done": [part for part, waits in waiting.items() if not waits],
        "fitting": fitting or MEASURES.keys(),
        "weighs": allowed["weigh"],
        "accounts": [(code, name, incident.accounts.get(code, UNTOLD)) for code, name in LANGUAGES.items()],
        "laws": known_laws(say),
        "lacking": [say(LACKS.get(name, "facts of the event")) for name in lacking(incident)],
        "exposures": [(value, say(EXPOSED[value])) for value in EXPOSURES],
        "levels": [(value, say(LEVEL_WORDS[value])) for value in LEVELS],
        "questions": [(name, say(title)) for name, title in QUESTIONS.items()],
        "measures": [(word, say(text), word in incident.measures) for word, text in MEASURES.items()],
        "secrets": [one.place for one in incident.secrets if one.is_stated],
        "told": {"regulator": bool(incident.regulator_at) and not incident.supplement},
        "reasons": [(word, say(REASONS[word])) for word in sorted(INDIRECT_FOR)],
        "others": [one.id for one in _open_ones(office.kernel) if one.id != incident.id],
        "corrections": [(value, say(EXPOSED[value])) for value in EXPOSURES],
        "datasets": sorted(incident.exposure),
        "parts": len(incident.reports),
        "notice": bool(incident.notice_at),
        "typed": harm,
        "problem": (),
    }


LISTERS = frozenset({Role.CLERK})
PARTS: Mapping[str, frozenset[Role]] = {
    "contain": OFFICERS | HANDS,
    "describe": SEERS,
    "weigh": OFFICERS,
    "people": OFFICERS | LISTERS,
    "tell": OFFICERS,
    "end": OFFICERS,
}
"""The parts of the page in the order in which they are mostly done, and who sees each."""


def has_ended(incident: Incident) -> bool:
    """Whether nothing is to be done of an incident any longer."""
    return bool(incident.closed_at or incident.merged_into or incident.false_alarm)


def _waiting(incident: Incident, *, contained: bool) -> dict[str, bool]:
    """Whether each part but the last still waits to be done."""
    telling = incident.must_tell and not incident.all_told
    regulator = bool(incident.harm.get("real_risk")) and (incident.supplement or not incident.regulator_at)
    return {
        "contain": not (incident.measures and contained),
        "describe": incident.concerns_people and any(code not in incident.accounts for code in LANGUAGES),
        "weigh": not incident.harm,
        "people": not incident.people_known and not incident.notice_at,
        "tell": telling or regulator,
    }


def _open_ones(kernel: Kernel) -> list[Incident]:
    return [one for one in register(kernel) if not (one.drill or one.merged_into)]


def _recorded(kernel: Kernel, by: Operator, told: Mapping[str, str]) -> Incident:
    now, law = kernel.now().isoformat(), told.get("law", "")
    if law and law not in regimes():
        raise InputError("unknown law", accepted=", ".join(sorted(regimes())))
    report = next(_reports(kernel, told, now), None)
    if report is None:
        raise InputError("no such sign or export", accepted="a sign of the list, or the batch of an export in the log")
    return open_incident(kernel, by, report, regimes=(law,) if law else (), of=told.get("of", ""))[0]


def _reports(kernel: Kernel, told: Mapping[str, str], now: str) -> Iterator[Report]:
    if told.get("free"):
        yield free_report({**told, "kind": told["free"]}, zone=zone_of(kernel))
    elif told.get("kind") in WITHOUT_PEOPLE:
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


def _secret(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    secret_named(kernel, by, id, told.get("secret", ""), replaced=told.get("replaced", ""), on=told.get("on", ""))


def _notified(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    late = {"late_reason": told["late_reason"][:MOST_WORDS]} if told.get("late_reason", "").strip() else {}
    amend(kernel, by, id, step="regulator", changes=late)


def _describe(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    words = {name: told.get(name, "")[:MOST_WORDS] for name in ("language", "what", "which")}
    describe_incident(kernel, by, id, **words)


def _people(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    complete, nobody = told.get("complete", "") in ("yes", "nobody"), told.get("complete") == "nobody"
    reason = told.get("reason", "")[:MOST_WORDS]
    add_people(kernel, by, id, told.get("list", ""), complete=complete, nobody=nobody, reason=reason)


def _sent(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    letters_sent(kernel, by, id, _persons(told), on=told.get("on", ""))


def _one_step(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    reason = told.get("why", "")
    people_step(kernel, by, id, told["act"], _persons(told), reason=reason, on=told.get("on", ""))


def _persons(told: Mapping[str, str]) -> list[str]:
    return [one.strip() for one in told.get("person", "")[:MOST_WORDS].split(";") if one.strip()]


def _reasoned_step(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    reason = told.get("reason", "")[:MOST_WORDS]
    amend(kernel, by, id, step=told["act"], changes={"reason": reason})


def _correct(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    changes: dict[str, Any] = {}
    n = int(told["report"]) if told.get("report", "").isdigit() else 1
    if word := told.get("exposure", ""):
        reports = incident_of(kernel, id).reports
        exposed = reports[n - 1].exposure if 0 < n <= len(reports) else {}
        named = told.get("dataset", "")
        changes["exposure"] = {name: word if named in ("", name) else old for name, old in exposed.items()}
    more: dict[str, Any] = {"without": _persons(told), "regimes": [told["law"]] if told.get("law") else []}
    correct(kernel, by, id, reason=told.get("reason", ""), report=n, changes=changes, **more)


def _merge(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    merge(kernel, by, id, told.get("other", ""), reason=told.get("reason", ""))


def _separate(kernel: Kernel, by: Operator, id: str, told: Mapping[str, str]) -> None:
    numbers = [int(n) for n in told.get("reports", "").replace(",", " ").split() if n.isdigit()]
    separate(kernel, by, id, numbers, reason=told.get("reason", ""))


ACTS = {
    "weigh": _weigh,
    "contain": _contain,
    "secret": _secret,
    "notified": _notified,
    "describe": _describe,
    "people": _people,
    "sent": _sent,
    **dict.fromkeys(("returned", "told", "indirect"), _one_step),
    **dict.fromkeys(("false_alarm", "closed"), _reasoned_step),
    "correct": _correct,
    "merge": _merge,
    "separate": _separate,
}
