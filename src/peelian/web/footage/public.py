"""What the public sees of recordings: a year's acts in numbers, published audits of activation, the office's seal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.operations.provenance_key import certificates_of
from peelian.oversight.footage.items import SAID, year_of
from peelian.oversight.transparency.register import case_record, published
from peelian.oversight.verification.packages import fingerprint_of
from peelian.pictures.panels import Grid, Say
from peelian.web.pages import LANGUAGES

AUDIT = "footage.activation"
WHY_SMALL = "These figures count actions, not people, so small numbers are shown."


def add_public_footage_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The annual report on recordings in both languages, its data, and the certificate packages are signed with."""

    @app.get("/data/recordings/{year}.json")
    def year_data(year: int) -> Mapping[str, Any]:
        """A year's acts on recordings and other objects kept whole, by kind."""
        return {"year": _known_year(year), "acts": dict(year_of(office.kernel, year))}

    _add_certificates(app, office)

    @app.get("/{language}/recordings", include_in_schema=False)
    def this_year(request: Request, language: str) -> Response:
        return _report(request, language, office.kernel.now().year)

    @app.get("/{language}/recordings/{year}", include_in_schema=False)
    def one_year(request: Request, language: str, year: int) -> Response:
        return _report(request, language, _known_year(year))

    def _report(request: Request, language: str, year: int) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        return show(request, "recordings.html", section="/recordings", **page(office, year, office.say(language)))


def _add_certificates(app: FastAPI, office: Office) -> None:
    @app.get("/data/provenance.pem")
    def certificate() -> Response:
        """The certificate of the office's provenance manifests and packages, as PEM."""
        seal = office.kernel.release.provenance()
        if seal is None:
            raise HTTPException(404)
        return Response(seal.certificates, media_type="application/x-pem-file")

    @app.get("/data/provenance.json")
    def certificates() -> Mapping[str, Any]:
        """The fingerprint of the certificate, and of each before it with the log entry at which it was replaced.

        A package that an earlier one signed counts where the log has its delivery before that entry."""
        return asdict(certificates_of(office))


def page(office: Office, year: int, say: Say) -> dict[str, Any]:
    """What `recordings.html` shows."""
    counts = year_of(office.kernel, year)
    rows = tuple((say(SAID[kind]), say("%(n)d", n=n)) for kind, n in counts.items())
    seal = office.kernel.release.provenance()
    return {
        "title": say("Recordings in %(year)s", year=str(year)),
        "counts": Grid(
            caption=say("Actions on recordings and copies made from them"),
            titles=(say("Event"), say("Number")),
            rows=rows,
            numeric=frozenset({1}),
        ),
        "why_small": say(WHY_SMALL),
        "audits": [_audit(office, case, say) for case in _audits(office, year)],
        "fingerprint": fingerprint_of(seal.certificates) if seal else "",
        "year": year,
        "before": year - 1,
    }


def _audits(office: Office, year: int) -> list[str]:
    found = published(office.kernel)
    return [s.case for s in found if s.capability == AUDIT and s.last_at.startswith(f"{year}-")]


def _audit(office: Office, case: str, say: Say) -> dict[str, str]:
    record = case_record(office.kernel, case)
    facts = record.public.facts if record.public else {}
    text = say("published, too few calls for a figure")
    if "covered" in facts:
        text = say("%(covered)d of %(calls)d calls covered", covered=facts["covered"], calls=facts["calls"])
    return {"case": case, "text": text}


def _known_year(year: int) -> int:
    if not 1990 <= year <= 2999:
        raise HTTPException(404)
    return year
