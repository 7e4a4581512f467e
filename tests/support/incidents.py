"""An incident with the facts that a test names, and the same with others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from peelian.oversight.breach.course import opened
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.report import Report, joined

AT = "2026-03-02T12:00:00+00:00"
OF_REPORT = frozenset(
    {
        "kind",
        "known_since",
        "started",
        "ended",
        "exposure",
        "information",
        "subjects",
        "entries",
        "people_known",
        "vendor",
    }
)


def incident(**facts: Any) -> Incident:
    """Fields of its one report, and fields of the incident."""
    begun = opened("b-1", Report(kind=facts.pop("kind", "session_misused"), known_since=AT), at=AT)
    return changed(begun, **facts)


def changed(before: Incident, **facts: Any) -> Incident:
    """The same incident with other facts."""
    told = {name: facts.pop(name) for name in OF_REPORT & facts.keys()}
    told |= {name: frozenset(told[name]) for name in ("information", "subjects") if name in told}
    report = replace(before.reports[0], **told)
    return replace(before, reports=(report,), facts=joined([report]), **facts)
