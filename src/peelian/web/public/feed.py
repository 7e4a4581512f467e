"""The register as an Atom feed (RFC 4287): the newest published cases, by unit and without a person."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseSummary, corrections, page
from peelian.pictures.panels import Say
from peelian.web.frame.lists import Corrections, case_line
from peelian.web.pages import LANGUAGES

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50


def add_feed(app: FastAPI, office: Office) -> None:
    """The feed in both languages."""

    @app.get("/{language}/register.atom", include_in_schema=False)
    def register_feed(request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        made = feed(office, language, str(request.base_url))
        return Response(made, media_type="application/atom+xml; charset=utf-8")


def feed(office: Office, language: str, base: str) -> bytes:
    """The feed in one language; `base`: the address of these pages, ending in a slash. O(50 cases)."""
    say, origin = office.say(language), str(office.kernel.stores.log.head()["began"])
    cases = page(office.kernel, most=MOST, published=True).cases
    where = f"{base}{language}/register"
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language})
    _put(root, "id", _urn(office, f"register {language}"))
    _put(root, "title", f"{office.kernel.office.name} – {say('Public register')}")
    _put(root, "updated", max((case.last_at for case in cases), default=origin or office.kernel.now().isoformat()))
    _put(root, "link", rel="self", href=f"{where}.atom", type="application/atom+xml")
    _put(root, "link", rel="alternate", href=where, type="text/html", hreflang=language)
    _put(_put(root, "author"), "name", office.kernel.office.name)
    known = corrections(office.kernel)
    for case in cases:
        _entry(root, office, case, (say, language, where), known)
    ElementTree.indent(root, " ")
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(
    root: ElementTree.Element, office: Office, case: CaseSummary, how: tuple[Say, str, str], known: Corrections
) -> None:
    say, language, where = how
    line = case_line(office, case, language, public=True, corrected=known)
    entry = _put(root, "entry")
    _put(entry, "id", _urn(office, f"{case.case} {language}"))
    title = say("%(title)s: %(choice)s", title=line["title"], choice=line["choice"])
    newer = line["corrected_by"]
    _put(entry, "title", say("Corrected by %(newer)s: %(title)s", newer=newer, title=title) if newer else title)
    _put(entry, "updated", case.last_at)
    _put(entry, "link", rel="alternate", href=f"{where}/{case.case}", type="text/html", hreflang=language)
    if newer:  # RFC 5829: the version that follows
        _put(entry, "link", rel="successor-version", href=f"{where}/{newer}", type="text/html", hreflang=language)
    _put(entry, "category", term=case.capability, label=line["title"])
    stands = [say("corrects %(case)s", case=old) for old in line["corrects"]]
    _put(entry, "summary", " · ".join([case.case, line["purpose"], line["unit"], line["asked"], *stands]))


def _urn(office: Office, name: str) -> str:
    """An id that stays the same for this office, wherever its pages stand."""
    return uuid5(NAMESPACE_URL, f"{office.kernel.office.name} {office.kernel.stores.log.head()['began']} {name}").urn


def _put(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, name, attributes)
    made.text = text or None
    return made
