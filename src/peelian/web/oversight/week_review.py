"""The weekly access review at the pages: its weeks, and the sample, queue and signature of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.people import Operator
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.oversight.review.sampling import REVIEWERS, bounds, pledge, week_of
from peelian.oversight.review.week import CHOICES, Item, all_weeks, draw_week, sign_off, week_review, weeks
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.breach.pages import (
    MOST_WEEKS,
    OUTCOMES,
    RULES,
    Show,
    known_say,
    page_of,
    week_panels,
    weeks_panels,
)
from peelian.web.cases.content import entry_line
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.framing import Link
from peelian.wording.labels import worded

REVIEW = "Every access must match a case, plan or warrant. A person reviews exceptions and a random sample weekly."
MOST_ITEMS, MOST_ENTRIES = 200, 4  # shown at once, and entries of each
CHOICE, WORDS, MOST_WORDS = "choice.", "words.", 1_000


def add_week_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The weeks, and one week with the forms of whoever may review it."""
    pages = _WeekPages(office, page_of(office, show, "week.html"))
    for path, method, page in (
        ("accesses", "GET", pages.accesses),
        ("accesses", "POST", pages.pledged),
        ("accesses/{week}", "GET", pages.one_week),
        ("accesses/{week}", "POST", pages.acted),
    ):
        route = f"/{{language}}/{path}"
        app.add_api_route(route, page, methods=[method], include_in_schema=False, response_model=None)


@dataclass(slots=True)
class _WeekPages:
    office: Office
    page: Show

    def listed(self, request: Request, language: str, **more: Any) -> Response:
        say = known_say(self.office, language)
        newest = weeks(self.office.kernel)[: -MOST_WEEKS - 1 : -1]
        links = [Link(href=f"/{language}/accesses/{week}", text=week) for week in newest]
        coming = week_of(self.office.kernel.now() + timedelta(days=7)) if _reviews(self.office, request) else ""
        forms = {"coming": coming, "week": "", "problem": (), **more}
        return self.page(
            request, language, "Access review", REVIEW, [*weeks_panels(self.office, say)], links=links, **forms
        )

    def one(self, request: Request, language: str, week: str, **more: Any) -> Response:
        say = known_say(self.office, language)
        if week not in all_weeks(self.office.kernel):
            raise HTTPException(404)
        review = week_review(self.office.kernel, week)
        acts = _reviews(self.office, request) and not review.signed_at and self.office.kernel.now() >= bounds(week)[1]
        mine = review.left_to(seated(request).person) if acts else ()
        forms = {
            "coming": "",
            "week": week if acts else "",
            "drawn": review.sample is not None,
            "items": [self._shown(i, say, language) for i in [i for i in review.items if i.id in mine][:MOST_ITEMS]],
            "more": max(0, len(mine) - MOST_ITEMS),
            "own": len(review.open) - len(mine),
            "others": self._others(request) if len(review.open) > len(mine) else [],
            "choices": [(choice, say(OUTCOMES[choice])) for choice in CHOICES],
            "typed": {},
            "problem": (),
            **more,
        }
        panels = [*week_panels(self.office, review, say, language)]
        return self.page(request, language, "Access review", REVIEW, panels, section="/accesses", **forms)

    def _shown(self, item: Item, say: Say, language: str) -> dict[str, Any]:
        """What a reviewer needs of an item: the rule, whose accesses, of which data, and its first entries."""
        kernel, log = self.office.kernel, self.office.kernel.stores.log
        known = kernel.state.datasets.get(item.dataset) or kernel.state.queued.get(item.dataset)
        return {
            "id": item.id,
            "rule": worded(RULES, item.rule, say),
            "who": ", ".join(p.name for t in item.by if (p := kernel.state.people.get(t)))
            or say("former staff member"),
            "dataset": str(known.declaration["title"]) if known else item.dataset,
            "entries": [entry_line(n, log.entry(n), say, language) for n in item.entries[:MOST_ENTRIES]],
            "left": max(0, len(item.entries) - MOST_ENTRIES),
            "explained": item.explained,
        }

    def _others(self, request: Request) -> list[str]:
        """The other people who may review."""
        people = self.office.kernel.state.people.values()
        me = seated(request).person
        return sorted(p.name for p in people if p.token != me and p.roles & REVIEWERS)

    def accesses(self, request: Request, language: str) -> Response:
        return self.listed(request, language)

    async def pledged(self, request: Request, language: str) -> Response:
        say, told, by = known_say(self.office, language), await form_of(request), operator_of(self.office, request)
        try:
            await run_in_threadpool(pledge, self.office.kernel, by, told.get("week", "")[:20])
        except (Refused, InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error)}
            return await run_in_threadpool(lambda: self.listed(request, language, **more))
        return RedirectResponse(f"/{language}/accesses", status_code=303)

    def one_week(self, request: Request, language: str, week: str) -> Response:
        return self.one(request, language, week)

    async def acted(self, request: Request, language: str, week: str) -> Response:
        say, told, by = known_say(self.office, language), await form_of(request), operator_of(self.office, request)
        try:
            await run_in_threadpool(_act, self.office.kernel, by, week, told)
        except (Refused, InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "typed": told}
            return await run_in_threadpool(lambda: self.one(request, language, week, **more))
        return RedirectResponse(f"/{language}/accesses/{week}", status_code=303)


def _act(kernel: Kernel, by: Operator, week: str, told: Mapping[str, str]) -> None:
    if week not in all_weeks(kernel):
        raise HTTPException(404)
    if told.get("act") == "draw":
        draw_week(kernel, by, week)
    else:
        mine = week_review(kernel, week).left_to(by.person.token)
        sign_off(kernel, by, week, _outcomes(mine, told))


def _outcomes(items: Iterable[str], told: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What was said of each item; the others stay open. InputError: words and no outcome."""
    found = {}
    for item in items:
        choice, words = told.get(CHOICE + item, ""), told.get(WORDS + item, "").strip()[:MOST_WORDS]
        if words and not choice:
            raise InputError("reason without an outcome", accepted="an outcome beside each reason")
        if choice:
            found[item] = choice, words
    return found


def _reviews(office: Office, request: Request) -> bool:
    return bool(person_of(office, seated(request)).roles & REVIEWERS)
