"""What the letters of an incident do not say yet, for whoever writes and sends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.information import known

GAPS: Mapping[str, str] = {
    "event": "what happened",
    "which": "which information",
    "period": "when",
    "exposure": "who can read it",
    "measures": "what was done",
    "law": "which law applies",
}
"""What is missing, and how a list of letters names it. The first two are said in the office's own words; the law names
the one authority to complain to."""


def gaps_of(incident: Incident, language: str) -> tuple[str, ...]:
    """Which of `GAPS` the letters in a language have: where they say that nobody knows yet, or only which kind of event
    it was."""
    return tuple(_gaps(incident, language))


def _gaps(incident: Incident, language: str) -> Iterator[str]:
    account = incident.accounts.get(language)
    if account is None:
        yield "event"
    if "records" in known(incident.information) and not (account and account.which):
        yield "which"
    if not (incident.started or incident.facts.ended):
        yield "period"
    if incident.concerns_people and set(incident.exposure.values()) <= {"unknown"}:
        yield "exposure"
    if not incident.measures:
        yield "measures"
    if not incident.regimes:
        yield "law"
