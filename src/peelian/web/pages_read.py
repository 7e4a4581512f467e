"""Pages that leave a read in the log: which address leaves which, where it shows what only the staff may know."""

from __future__ import annotations

from collections.abc import Mapping

READS: Mapping[str, str] = {
    "GET /{language}/accesses": "access-weeks",
    "GET /{language}/accesses/{week}": "access-week",
    "POST /{language}/accesses/{week}": "access-week",
    "GET /{language}/assessment": "assessments",
    "GET /{language}/assessment/draft": "assessments",
    "GET /{language}/assessment/{digest}": "assessments",
    "GET /{language}/authorizations": "authorizations",
    "GET /api/authorizations": "authorizations",
    "GET /{language}/authorizations/new": "authorizations",
    "GET /{language}/authorizations/{digest}": "authorization",
    "GET /{language}/batch": "recordings",
    "GET /{language}/cases": "cases",
    "GET /api/cases": "cases",
    "GET /data/cases.{kind}": "cases",
    **dict.fromkeys(
        (
            "GET /{language}/cases/{case}",
            "GET /{language}/cases/{case}/briefing",
            "GET /{language}/cases/{case}/compare",
            "GET /{language}/cases/{case}/map",
            "GET /{language}/cases/{case}/progress",
            "GET /data/cases/{case}/map",
            "GET /data/cases/{case}/map/{language}",
            "GET /api/cases/{case}",
        ),
        "case",
    ),
    "GET /{language}/compliance": "compliance",
    "GET /{language}/data": "datasets",
    "GET /api/datasets": "datasets",
    "GET /{language}/data/labels": "labels",
    "GET /{language}/data/labels/{id}": "labels",
    "GET /{language}/data/sets/{dataset}": "dataset",
    "GET /{language}/event-plans/{name}/report": "event-report",
    "GET /{language}/event-plans/{name}/report.{kind}": "event-report",
    "GET /{language}/incidents": "incidents",
    "GET /{language}/incidents/new": "incident-signs",
    "POST /{language}/incidents/new": "incident-signs",
    "GET /{language}/incidents/{id}": "incident",
    "POST /{language}/incidents/{id}": "incident",
    "GET /{language}/items": "recordings",
    "GET /{language}/items/{dataset}": "recording",
    "GET /{language}/items/{dataset}/pdf": "recording",
    "GET /{language}/proposals/{digest}": "proposal",
    "POST /{language}/proposals/{digest}": "proposal",
    "GET /{language}/releases": "releases",
    "GET /data/releases.csv": "releases",
    "GET /{language}/sessions": "sessions",
}
"""Which addresses leave which read in the log; of an act each has its own (`peelian/acts`)."""
