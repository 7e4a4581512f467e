"""The web door: server-rendered pages of one open office, in English and French, under a strict policy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from peelian.errors import IntegrityError
from peelian.kernel.records.drill_records import is_drill_town
from peelian.kernel.state.known import unless_damaged
from peelian.operations.demonstration import must_be_local
from peelian.operations.office import Office
from peelian.operations.runs import Runs
from peelian.operations.uploads import Uploads
from peelian.oversight.transparency.register import corrections
from peelian.pictures.panels import Say
from peelian.web.api import add_api, add_api_page
from peelian.web.assessment.draft import add_draft_pages
from peelian.web.assessment.pages import add_assessment_pages
from peelian.web.assessment.steps import add_step_pages, steps_for
from peelian.web.auth_middleware import AuthMiddleware, masked, seat_of, typed_of
from peelian.web.breach.acts import add_incident_pages
from peelian.web.breach.pages import add_breach_pages
from peelian.web.breach.public_notices import add_public_notices
from peelian.web.cases import content
from peelian.web.cases.briefing import add_briefing
from peelian.web.cases.case import case_annex, case_pdf, case_report
from peelian.web.cases.compare import add_compare_pages
from peelian.web.cases.drawn_maps import prepared
from peelian.web.cases.map_pages import add_map_pages
from peelian.web.cases.pages import (
    add_case_pages,
    case_page,
    exported_finding,
    exported_table,
    kept_file,
    published_record,
)
from peelian.web.cases.requests import add_asking_pages
from peelian.web.console.alarm_months import add_alarm_month_pages
from peelian.web.console.alarms import add_alarm_pages
from peelian.web.console.event_plans import add_event_plan_pages
from peelian.web.console.pages import add_console_pages
from peelian.web.data.datasets import add_data_pages
from peelian.web.data.label_proposals import add_label_pages
from peelian.web.data.uploads import add_upload_pages
from peelian.web.data.vocabularies import add_vocabulary_pages
from peelian.web.desk.my_work import add_desk_pages
from peelian.web.desk.saved_searches import LISTS
from peelian.web.drills.banner import NO_MARKS, drill_marks
from peelian.web.drills.desk import add_drill_desk
from peelian.web.drills.runs import add_drill_pages
from peelian.web.footage.batches import add_batch_pages
from peelian.web.footage.library import add_footage_pages
from peelian.web.footage.public import add_public_footage_pages
from peelian.web.footage.review import Desks, ReviewDesk, add_review_pages, add_reviews
from peelian.web.frame.design import add_design_page
from peelian.web.frame.error_handler import fault
from peelian.web.frame.lists import Asked, LogAsked, Only, case_list, cases_table
from peelian.web.frame.navigation import places
from peelian.web.frame.rooms import may
from peelian.web.identity.guards import ErrorHandler, Guard, shown_by
from peelian.web.identity.log_on import Lobby, add_entry_pages, asked_instead, lobby_of
from peelian.web.identity.tokens import add_token_pages
from peelian.web.maps.ground import MEDIA, add_ground_pages
from peelian.web.maps.scripts import add_locked_scripts
from peelian.web.oversight.authorizations import add_authorization_pages
from peelian.web.oversight.bylaws import add_bylaw_pages
from peelian.web.oversight.compliance import add_compliance_pages
from peelian.web.oversight.inventory import add_inventory_pages
from peelian.web.oversight.suspension import add_suspension_pages, suspended
from peelian.web.oversight.week_review import add_week_pages
from peelian.web.pages import LANGUAGES, OTHER, environment, language_for, language_of, static, statics
from peelian.web.public.area_map import add_area_map
from peelian.web.public.contact import add_contact_pages
from peelian.web.public.feed import add_feed
from peelian.web.public.home import home as home_page
from peelian.web.public.receipts import add_receipt_pages
from peelian.web.public.residents import add_resident_pages
from peelian.web.sensors.live import add_live_pages
from peelian.web.sensors.register import add_sensor_pages
from peelian.web.tasks.pages import add_task_pages
from peelian.wording.labels import founded, played

LOCAL = ("127.0.0.1", "localhost", "[::1]")
TYPES = {"css": "text/css", "js": "text/javascript", "mjs": "text/javascript", "svg": "image/svg+xml"}
PACKED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf", "application/octet-stream", MEDIA)
"""What is not compressed on its way: it is already, or it is read in parts."""
KEPT = {"cache-control": "public, max-age=31536000, immutable"}
Pages = Callable[..., HTMLResponse]
Banner = Callable[[Request], Markup]


def make_app(
    office: Office,
    *,
    hosts: Collection[str] = LOCAL,
    public: bool = False,
    review: ReviewDesk | None = None,
    banner: Banner = lambda request: Markup(""),
    prepare: bool = False,
) -> FastAPI:
    """The pages of an open office. `public`: what is open to all and nothing else; nobody can log on there.

    `hosts` are the names the pages may be asked for under; any other is refused (DNS rebinding). `review` adds the
    pages of one person who reviews what is to be covered in recordings. `banner` gives what
    stands above the content of every page. `prepare`: while the pages are served, the newest maps are drawn before
    anybody asks. OutOfOrder: a demonstration office that would be reached from elsewhere.
    """
    lobby = None if public else lobby_of(office)
    app = FastAPI(title="Peelian", docs_url=None, redoc_url=None, lifespan=_serving(office, lobby, prepare=prepare))
    app.router.route_class = shown_by(office.kernel.stores.log.looking)
    app.state.lobby, app.state.drill = lobby, is_drill_town(office.kernel)
    must_be_local(office.kernel, {*hosts, lobby.authentication.host} - {""} if lobby else hosts)
    show = _renderer(office, banner, authentication=lobby is not None)

    def answer(request: Request, error: Exception) -> Response:
        noticed(office, error)
        if lobby is not None and (asked := asked_instead(lobby, request, show, language_of(request), error)):
            return asked
        return fault(request, error, office.say(language_of(request)), show)

    async def known_fault(request: Request, error: Exception) -> Response:
        return answer(request, error)

    if lobby is not None:
        app.add_middleware(AuthMiddleware, office=office, sessions=lobby.sessions, routes=app.router.routes)
        hosts = {*hosts, lobby.authentication.host} - {""}
        app.state.uploads, app.state.runs = uploads, runs = Uploads(office.kernel, office.path), Runs(office)
        lobby.closing.callback(uploads.close)
        add_api(app, lobby, uploads, runs)  # before the pages, whose first part may be any language
    app.add_middleware(ErrorHandler, answer=answer)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6, exclude_content_types=PACKED)
    app.add_middleware(Guard, hosts=hosts)  # added last, so it stands outermost: errors carry the headers too
    app.add_exception_handler(HTTPException, known_fault)
    app.add_exception_handler(RequestValidationError, known_fault)
    _add_authentication(app)
    add_locked_scripts(app, KEPT)
    add_map_pages(app, office, show, staff=lobby is not None)
    add_area_map(app, office, show)
    add_compare_pages(app, office, show, staff=lobby is not None)
    _add_data(app, office)  # before the pages, whose first part may be any language
    _add_log_data(app, office)
    add_feed(app, office)
    for add in PUBLIC:
        add(app, office, show)
    add_ground_pages(app, office)
    if lobby is not None:
        _add_office_pages(app, lobby, show)
        add_console_pages(app, office)
    if review:
        add_review_pages(app, show, review)
    return app


def noticed(office: Office, error: Exception) -> None:
    """Whoever looks after the office is told of a fault that a page met."""
    if isinstance(error, IntegrityError):
        office.kernel.state.notice(error)


def _serving(
    office: Office, lobby: Lobby | None, *, prepare: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Ends every session when the pages are no longer served."""

    @asynccontextmanager
    async def served(app: FastAPI) -> AsyncIterator[None]:
        with prepared(office, app.state.maps) if prepare else nullcontext():
            yield
        if lobby is not None:
            lobby.close()

    return served


def _add_office_pages(app: FastAPI, lobby: Lobby, show: Pages) -> None:
    for pages in (
        add_case_pages,
        add_briefing,
        add_asking_pages,
        add_footage_pages,
        add_batch_pages,
        add_week_pages,
        add_incident_pages,
        add_drill_desk,
        add_alarm_pages,
        add_event_plan_pages,
    ):
        pages(app, lobby.office, show)
    add_suspension_pages(app, lobby.office, show)
    add_data_pages(app, lobby.office, show)
    add_upload_pages(app, lobby.office, show, app.state.uploads)
    add_label_pages(app, lobby.office, show, app.state.uploads)
    add_authorization_pages(app, lobby.office, show)
    add_bylaw_pages(app, lobby.office, show)
    add_task_pages(app, lobby.office, show)
    add_entry_pages(app, lobby, show)
    add_desk_pages(app, lobby, show)
    add_token_pages(app, lobby, show)
    add_api_page(app, lobby.office, show)
    app.state.reviews = desks = Desks(lobby.office, lobby.sessions.open_seats)
    lobby.closing.callback(desks.close)
    add_reviews(app, show, desks)


def _renderer(office: Office, banner: Banner, *, authentication: bool) -> Pages:
    """Renders a template in the frame every page shares. `entrance`: there is a way to log on."""

    def show(
        request: Request, template: str, *, section: str = "", status: int = 200, spoken: str = "", **values: Any
    ) -> HTMLResponse:
        language = spoken or language_of(request)
        say, seat = office.say(language), seat_of(request)
        person = office.kernel.state.people.get(seat.person) if seat else None
        seat = seat if person else None
        most_used, menu = places(office, request, say, seat)
        here = request.url.path.removeprefix(f"/{language}") or "/"
        frame_values = {
            "say": say,
            "language": language,
            "other": OTHER[language],
            "languages": LANGUAGES,
            "town": office.kernel.office.name,
            "most_used": most_used,
            "menu": menu,
            "section": section or here,
            "here": here if request.url.path.startswith(f"/{language}/") else "/",
            "seat": seat,
            "enters": partial(may, office, request),
            "savable_lists": LISTS,
            "correction_of": lambda case: corrections(office.kernel).get(case, ("", ""))[0],
            "carried": masked(seat.form) if seat else "",
            "unsent_form": typed_of(request),
            "person": person,
            "authentication": authentication,
            "played": played(office.kernel, say) if status < 500 else "",
            "founded": _marked(office, say) if status < 500 else "",
            **(drill_marks(office, say, seated=seat is not None) if status < 500 else NO_MARKS),
            "banner": banner(request) if status < 500 else "",
            "suspended": suspended(office, say, language) if status < 500 else {},
        }
        html = environment().get_template(template).render(**frame_values, **values)
        return HTMLResponse(html, status_code=status, headers={"content-language": language})

    return show


def _marked(office: Office, say: Say) -> str:
    return unless_damaged(office.kernel.state.notice, lambda: founded(office.kernel, say), "")


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language


def _add_authentication(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def authentication(request: Request) -> Response:
        language = language_for(request.headers.get("accept-language", ""))
        return RedirectResponse(f"/{language}/", status_code=303, headers={"vary": "accept-language"})

    @app.get("/static/{name}", include_in_schema=False)
    def static_file(name: str) -> Response:
        if name not in statics():
            raise HTTPException(404)
        kind = TYPES[name.rpartition(".")[2]]
        return Response(static(name), media_type=f"{kind}; charset=utf-8", headers=KEPT)


def _add_public_pages(app: FastAPI, office: Office, show: Pages) -> None:
    @app.get("/{language}/", include_in_schema=False)
    def home(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        found = home_page(office, say, language)
        mapped = next((one["case"] for one in found["newest"] if one["mapped"]), "")
        picture = app.state.public_map(mapped, language) if mapped else ""
        return show(request, "home.html", picture=picture, **found)

    @app.get("/{language}/register", include_in_schema=False)
    def register(request: Request, language: str, asked: Asked) -> Response:
        say = office.say(_known(language))
        cases = case_list(office, language, asked, published=True)
        refused = content.refusal_grid(office, say)
        return show(request, "register.html", title=say("Public register"), refused=refused, **cases)

    @app.get("/{language}/register/{case}", include_in_schema=False)
    def published(request: Request, language: str, case: str) -> Response:
        record = published_record(office, case)
        return show(request, "case.html", **case_page(office, record, _known(language), scope="register"))

    @app.get("/{language}/register/{case}/report", include_in_schema=False)
    def published_report(language: str, case: str) -> Response:
        record = published_record(office, case)
        return kept_file(case_report(office, record, _known(language), public=True), f"{case}-{language}")

    @app.get("/{language}/register/{case}/pdf", include_in_schema=False)
    def published_pdf(language: str, case: str) -> Response:
        record = published_record(office, case)
        return kept_file(case_pdf(office, record, _known(language), public=True), f"{case}-{language}")

    @app.get("/{language}/register/{case}/annex", include_in_schema=False)
    def published_annex(language: str, case: str) -> Response:
        record = published_record(office, case)
        return kept_file(case_annex(office, record, _known(language), public=True), f"{case}-{language}-annex")

    @app.get("/{language}/about", include_in_schema=False)
    def about(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        return show(request, "about.html", title=say("About this register and its limits"))


def _add_log_pages(app: FastAPI, office: Office, show: Pages) -> None:
    @app.get("/{language}/log", include_in_schema=False)
    def log(request: Request, language: str, asked: LogAsked) -> Response:
        say = office.say(_known(language))
        return show(request, "log.html", **content.log_page(office, say, language, asked))

    @app.get("/{language}/log/{index}", include_in_schema=False)
    def entry(request: Request, language: str, index: int) -> Response:
        say = office.say(_known(language))
        return show(request, "entry.html", section="/log", **content.entry_page(office, say, language, index))


def _add_log_data(app: FastAPI, office: Office) -> None:
    @app.get("/data/log.{kind}")
    def entries(kind: str, asked: LogAsked) -> Response:
        """Up to 1,000 log entries, the newest first or from `before` on; `event` and `case` narrow them."""
        return exported_table((content.log_table(office, asked),), "log", kind)

    @app.get("/data/log/checkpoint")
    def checkpoint() -> Response:
        """The newest signed checkpoint (C2SP signed note)."""
        return Response(content.proven(office).checkpoint(), media_type="text/plain; charset=utf-8")

    @app.get("/data/log/key")
    def key() -> Response:
        """The public key of the log, as a signed-note verifier key."""
        return Response(content.log_key(office) + "\n", media_type="text/plain; charset=utf-8")

    @app.get("/data/log/handover.{number}")
    def handover(number: int) -> Response:
        """One replacement of the log's key, the first as 1: a checkpoint signed by the key before and the one after."""
        return Response(content.handover(office, number), media_type="text/plain; charset=utf-8")

    @app.get("/data/log/{index}/receipt")
    def receipt(index: int) -> Response:
        """An offline proof that an entry is in the log (C2SP tlog-proof)."""
        if not 0 <= index < content.checkpoint_says(office)[0]:
            raise HTTPException(404)
        return Response(content.proven(office).receipt(index), media_type="text/plain; charset=utf-8")


def _add_data(app: FastAPI, office: Office) -> None:
    @app.get("/data/register.{kind}")
    def register_data(kind: str, asked: Asked, only: Only = ()) -> Response:
        """The published cases, as far as the filters of the register ask for them, or `only` the selected ones."""
        return exported_table((cases_table(office, asked, published=True, only=only),), "register", kind)

    @app.get("/data/refusals.{kind}")
    def refusal_data(kind: str) -> Response:
        """How often which rule refused which capability."""
        return exported_table((content.refusal_table(office),), "refusals", kind)

    @app.get("/data/register/{case}/{name}.{kind}")
    def published_table(case: str, name: str, kind: str) -> Response:
        """A table of a published case: what may leave of its findings."""
        record = published_record(office, case)
        answer = exported_finding(office, record, record.public, f"{name}.{kind}")
        if record.corrected:  # RFC 5829
            answer.headers["link"] = f'</data/register/{record.corrected.newer}/{name}.{kind}>; rel="successor-version"'
        return answer


def _add_assessments(app: FastAPI, office: Office, show: Pages) -> None:
    if app.state.lobby is not None:
        add_draft_pages(app, office, show)  # before the assessments, whose digest may be any word
        add_step_pages(app, office, show)
    add_assessment_pages(app, office, show, partial(steps_for, office))


PUBLIC: tuple[Callable[[FastAPI, Office, Pages], None], ...] = (
    add_inventory_pages,
    _add_assessments,
    add_compliance_pages,
    add_drill_pages,
    add_breach_pages,
    add_public_notices,
    add_live_pages,
    add_sensor_pages,
    add_vocabulary_pages,
    add_design_page,
    add_resident_pages,
    add_receipt_pages,
    add_contact_pages,
    add_alarm_month_pages,
    add_public_footage_pages,
    _add_public_pages,
    _add_log_pages,
)
"""What adds the pages that are open to all."""
