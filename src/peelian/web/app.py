"""The web door: server-rendered pages of one open office, in English and French, under a strict policy."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from peelian.measure.table import Table
from peelian.office import Office
from peelian.oversight.register import CaseRecord, case_record
from peelian.web import content
from peelian.web.assessment import add_assessment_pages
from peelian.web.breach import add_breach_pages
from peelian.web.cases import case_facts, case_lines, case_panels, case_pdf, case_report
from peelian.web.compliance import add_compliance_pages
from peelian.web.exports import csv_of, json_of
from peelian.web.faults import fault
from peelian.web.footage import add_footage_pages
from peelian.web.footage_public import add_public_footage_pages
from peelian.web.framing import Link, frame
from peelian.web.guards import Guard, Net
from peelian.web.inventory import add_inventory_pages
from peelian.web.pages import LANGUAGES, OTHER, digest_of, environment, static
from peelian.web.review import ReviewDesk, add_review_pages
from peelian.web.sensors import add_sensor_pages

LOCAL = ("127.0.0.1", "localhost", "[::1]")
STATIC = {
    "peelian.css": "text/css; charset=utf-8",
    "peelian.svg": "image/svg+xml",
    "review.css": "text/css; charset=utf-8",
    "review.js": "text/javascript; charset=utf-8",
}
KEPT = {"cache-control": "public, max-age=31536000, immutable"}
Pages = Callable[..., HTMLResponse]


def make_app(
    office: Office, *, hosts: Collection[str] = LOCAL, public: bool = False, review: ReviewDesk | None = None
) -> FastAPI:
    """The pages of an open office. `public`: the register and the log only, not the office's own view of its cases.

    `hosts` are the names the pages may be asked for under; any other is refused (DNS rebinding). `review` adds the
    pages of one person who reviews what is to be covered in recordings.
    """
    app = FastAPI(title="Peelian", docs_url=None, redoc_url=None)
    show = _renderer(office, public=public)

    def answer(request: Request, error: Exception) -> Response:
        return fault(request, error, office.say(_language(request)), show)

    async def known_fault(request: Request, error: Exception) -> Response:
        return answer(request, error)

    app.add_middleware(Net, answer=answer)
    app.add_middleware(Guard, hosts=hosts)  # added last, so it stands outermost: errors carry the headers too
    app.add_exception_handler(HTTPException, known_fault)
    app.add_exception_handler(RequestValidationError, known_fault)
    _add_entrance(app)
    _add_data(app, office, public=public)  # before the pages, whose first part may be any language
    _add_log_data(app, office)
    add_inventory_pages(app, office, show)
    add_assessment_pages(app, office, show, public=public)
    add_compliance_pages(app, office, show, public=public)
    add_breach_pages(app, office, show, public=public)
    add_sensor_pages(app, office, show)
    add_public_footage_pages(app, office, show)
    _add_public_pages(app, office, show)
    _add_log_pages(app, office, show)
    if not public:
        _add_office_pages(app, office, show)
        add_footage_pages(app, office, show)
    if review:
        add_review_pages(app, show, review)
    return app


def language_for(accepted: str) -> str:
    """French where a browser prefers it to English, else English (RFC 9110, section 12.5.4).

    >>> language_for("fr-CA,fr;q=0.9,en;q=0.8"), language_for("de,en;q=0.5,fr;q=0.3"), language_for("")
    ('fr', 'en', 'en')
    """
    weights = {"en": 0.0, "fr": 0.0}
    for part in accepted.split(","):
        tag, _, weight = part.strip().partition(";q=")
        primary = tag.partition("-")[0].lower()
        if primary in weights:
            try:
                weights[primary] = max(weights[primary], float(weight or 1))
            except ValueError:
                continue
    return "fr" if weights["fr"] > weights["en"] else "en"


def _renderer(office: Office, *, public: bool) -> Pages:
    """Renders a template in the frame every page shares."""
    digest = digest_of(static("peelian.css"))

    def show(request: Request, template: str, *, section: str = "", status: int = 200, **values: Any) -> HTMLResponse:
        language = _language(request)
        say = office.say(language)
        places = [("/", say("Home")), ("/register", say("Register")), ("/inventory", say("Inventory"))]
        places += [("/sensors", say("Sensors"))]
        office_rooms = [("/cases", say("Cases")), ("/items", say("Recordings"))]
        places += [("/recordings", say("Recordings"))] if public else office_rooms
        places += [("/assessment", say("Assessments")), ("/compliance", say("Compliance"))]
        places += [] if public else [("/accesses", say("Access review"))]
        places += [("/incidents", say("Incidents")), ("/drills", say("Breach drill"))]
        places += [("/whoaccessed", say("Who looked at my record"))]
        places += [("/log", say("Log")), ("/about", say("About and limits"))]
        here = request.url.path.removeprefix(f"/{language}") or "/"
        frame_values = {
            "say": say,
            "language": language,
            "other": OTHER[language],
            "languages": LANGUAGES,
            "town": office.house.name,
            "places": places,
            "section": section or here,
            "here": here if request.url.path.startswith(f"/{language}/") else "/",
            "style_digest": digest,
        }
        html = environment().get_template(template).render(**frame_values, **values)
        return HTMLResponse(html, status_code=status, headers={"content-language": language})

    return show


def _language(request: Request) -> str:
    first = request.url.path.split("/")[1]
    return first if first in LANGUAGES else language_for(request.headers.get("accept-language", ""))


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language


def _add_entrance(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    def entrance(request: Request) -> Response:
        language = language_for(request.headers.get("accept-language", ""))
        return RedirectResponse(f"/{language}/", status_code=303, headers={"vary": "accept-language"})

    @app.get("/static/{name}", include_in_schema=False)
    def static_file(name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404)
        return Response(static(name), media_type=STATIC[name], headers=KEPT)


def _add_public_pages(app: FastAPI, office: Office, show: Pages) -> None:
    @app.get("/{language}/", include_in_schema=False)
    def home(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        return show(request, "home.html", **content.home(office, say, language))

    @app.get("/{language}/register", include_in_schema=False)
    def register(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        cases = case_lines(office, language, published=True)
        refused = content.refusal_grid(office, say)
        return show(request, "register.html", title=say("Public register"), cases=cases, refused=refused)

    @app.get("/{language}/register/{case}", include_in_schema=False)
    def published(request: Request, language: str, case: str) -> Response:
        record = _published(office, case)
        return show(request, "case.html", **_case(office, record, _known(language), scope="register"))

    @app.get("/{language}/register/{case}/report", include_in_schema=False)
    def published_report(language: str, case: str) -> Response:
        _published(office, case)
        return _kept(case_report(office, case, _known(language), public=True), case, language)

    @app.get("/{language}/register/{case}/pdf", include_in_schema=False)
    def published_pdf(language: str, case: str) -> Response:
        _published(office, case)
        return _kept(case_pdf(office, case, _known(language), public=True), case, language)

    @app.get("/{language}/about", include_in_schema=False)
    def about(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        return show(request, "about.html", title=say("About these pages, and their limits"))


def _add_office_pages(app: FastAPI, office: Office, show: Pages) -> None:
    @app.get("/{language}/cases", include_in_schema=False)
    def cases(request: Request, language: str) -> Response:
        say = office.say(_known(language))
        return show(request, "cases.html", title=say("Cases"), cases=case_lines(office, language))

    @app.get("/{language}/cases/{case}", include_in_schema=False)
    def one_case(request: Request, language: str, case: str) -> Response:
        record = _any(office, case)
        return show(request, "case.html", **_case(office, record, _known(language), scope="cases"))

    @app.get("/{language}/cases/{case}/report", include_in_schema=False)
    def one_report(language: str, case: str) -> Response:
        _any(office, case)
        _leaves(office, case, "report-html")
        return _kept(case_report(office, case, _known(language)), case, language)

    @app.get("/{language}/cases/{case}/pdf", include_in_schema=False)
    def one_pdf(language: str, case: str) -> Response:
        _any(office, case)
        _leaves(office, case, "report-pdf")
        return _kept(case_pdf(office, case, _known(language)), case, language)


def _add_log_pages(app: FastAPI, office: Office, show: Pages) -> None:
    @app.get("/{language}/log", include_in_schema=False)
    def log(request: Request, language: str, before: int | None = None) -> Response:
        say = office.say(_known(language))
        return show(request, "log.html", **content.log_page(office, say, language, before))

    @app.get("/{language}/log/{index}", include_in_schema=False)
    def entry(request: Request, language: str, index: int) -> Response:
        say = office.say(_known(language))
        return show(request, "entry.html", section="/log", **content.entry_page(office, say, language, index))


def _add_log_data(app: FastAPI, office: Office) -> None:
    @app.get("/data/log/checkpoint")
    def checkpoint() -> Response:
        """The newest signed checkpoint (C2SP signed note)."""
        return Response(content.proven(office).checkpoint(), media_type="text/plain; charset=utf-8")

    @app.get("/data/log/key")
    def key() -> Response:
        """The public key of the log, as a signed-note verifier key."""
        return Response(content.log_key(office) + "\n", media_type="text/plain; charset=utf-8")

    @app.get("/data/log/{index}/receipt")
    def receipt(index: int) -> Response:
        """An offline proof that an entry is in the log (C2SP tlog-proof)."""
        if not 0 <= index < content.checkpoint_says(office)[0]:
            raise HTTPException(404)
        return Response(content.proven(office).receipt(index), media_type="text/plain; charset=utf-8")


def _add_data(app: FastAPI, office: Office, *, public: bool) -> None:
    @app.get("/data/register.{kind}")
    def register_data(kind: str) -> Response:
        """The published cases."""
        return _exported((content.register_table(office),), "register", kind)

    @app.get("/data/refusals.{kind}")
    def refusal_data(kind: str) -> Response:
        """How often which rule refused which capability."""
        return _exported((content.refusal_table(office),), "refusals", kind)

    @app.get("/data/register/{case}/{name}.{kind}")
    def published_table(case: str, name: str, kind: str) -> Response:
        """A table of a published case: what may leave of its findings."""
        found = _published(office, case).public
        return _exported(found.tables if found else (), name, kind)

    if not public:

        @app.get("/data/cases/{case}/{name}.{kind}")
        def case_table(case: str, name: str, kind: str) -> Response:
            """A table of a case's findings, as the office sees it."""
            found = _any(office, case).findings
            answer = _exported(found.tables if found else (), name, kind)
            _leaves(office, case, "table")
            return answer


def _case(office: Office, record: CaseRecord, language: str, *, scope: str) -> dict[str, Any]:
    """Everything `case.html` shows; tables link to their own exports."""
    say, own = office.say(language), office.say(language, record.capability.technology)
    public, case = scope == "register", record.summary.case
    found = record.public if public else record.findings
    names = [table.name for table in found.tables] if found else []

    def exports(name: str) -> tuple[Link, ...]:
        address = f"/data/{scope}/{case}/{name}"
        return tuple(Link(href=f"{address}.{kind}", text=f"{name}.{kind}") for kind in ("csv", "json"))

    def links(table: Table) -> tuple[Link, ...]:
        return exports(table.name) if table.name in names else ()

    panels = case_panels(record, say, language, own=own, public=public)
    framed = frame(panels, say, links=links)
    return {
        "title": say(record.capability.title),
        "section": f"/{scope}",
        "back": say("Register") if public else say("Cases"),
        "case": case,
        "pdf": find_spec("typst") is not None,  # an extra
        "head": case_facts(record, say, language, public=public),
        "body": framed.html,
        "exports": [link for name in names for link in exports(name)],
        "contents": framed.contents,
        "history": content.history(record, say, language),
    }


def _any(office: Office, case: str) -> CaseRecord:
    if case not in office.house.book.tracks:
        raise HTTPException(404)
    return case_record(office.house, case)


def _published(office: Office, case: str) -> CaseRecord:
    record = _any(office, case)
    if record.publication is None:
        raise HTTPException(404)
    return record


def _exported(tables: Collection[Table], name: str, kind: str) -> Response:
    """One of the tables as CSV or JSON, as a download."""
    found = next((table for table in tables if table.name == name), None)
    forms = {"csv": (csv_of, "text/csv; charset=utf-8"), "json": (json_of, "application/json")}
    if found is None or kind not in forms:
        raise HTTPException(404)
    write, media = forms[kind]
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(write(found), media_type=media, headers=headers)


def _leaves(office: Office, case: str, what: str) -> None:
    """Log that a case's findings are taken out through these pages, which only this machine can reach."""
    office.house.append("EXPORTED", case=case, what=what, by="pages")


def _kept(content: str | bytes, case: str, language: str) -> Response:
    """A report to keep: as a download, for its own style would not pass these pages' policy."""
    kind, media = ("html", "text/html; charset=utf-8") if isinstance(content, str) else ("pdf", "application/pdf")
    headers = {"content-disposition": f'attachment; filename="{case}-{language}.{kind}"'}
    return Response(content, media_type=media, headers=headers)
