"""Incidents as earlier versions of the program kept them, read as the reports and steps of today.

An entry of then says what is known of the incident as a whole, and an amendment which of it changed; whoever was told,
was told all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from peelian.oversight.breach.channels import Told
from peelian.oversight.breach.course import opened
from peelian.oversight.breach.incident_entry import Incident
from peelian.oversight.breach.report import Report, joined

_SAME = frozenset({"internal_at", "regulator_at", "late_reason", "closed_at"})


def is_kept(body: Mapping[str, Any]) -> bool:
    """Whether an entry is one of an earlier version."""
    return "fingerprint" in body


def as_kept(body: Mapping[str, Any]) -> Incident:
    """An entry of an earlier version. Data without anybody named were of people whom nobody knew."""
    report = Report(
        kind=body["kind"],
        started=body["started"],
        ended=body["ended"],
        known_since=body["aware_at"],
        subjects=frozenset(body["subjects"]),
        entries=tuple(body["entries"]),
        exposure=dict(body["exposure"]),
        people_known=bool(body["subjects"]) or not body["exposure"] or body["kind"] == "record_damaged",
        information=frozenset(body["information"]),
    )
    made = opened(body["id"], report, at=body["aware_at"], regimes=tuple(body["regimes"]), drill=body["drill"])
    return changed_as_kept(made, body, body["aware_at"])


def changed_as_kept(incident: Incident, changes: Mapping[str, Any], at: str) -> Incident:
    """The incident after an amendment of an earlier version."""
    same = {name: value for name, value in changes.items() if name in _SAME}
    made = replace(incident, **same)
    if "measures" in changes:
        made = replace(made, measures=tuple(changes["measures"]))
    if "harm" in changes:
        made = replace(made, harm=dict(changes["harm"]))
    if changes.keys() & {"exposure", "subjects", "started", "ended"}:
        made = _facts_as_kept(made, changes)
    if changes.get("channels"):
        planned = {one: Told(channel=way["channel"], reason=way["reason"]) for one, way in changes["channels"].items()}
        made = replace(made, telling={**made.telling, **planned})
    return _told_as_kept(made, str(changes["persons_at"])) if changes.get("persons_at") else made


def _facts_as_kept(incident: Incident, changes: Mapping[str, Any]) -> Incident:
    first, *others = incident.reports
    told: dict[str, Any] = {name: changes[name] for name in ("started", "ended") if name in changes}
    told |= {"exposure": dict(changes["exposure"])} if "exposure" in changes else {}
    told |= {"subjects": frozenset(changes["subjects"])} if "subjects" in changes else {}
    reports = (replace(first, **told), *others)
    return replace(incident, reports=reports, facts=joined(reports))


def _told_as_kept(incident: Incident, at: str) -> Incident:
    """Everybody then known was said to be told: by letter or call, or by the public notice."""
    ways = {one: incident.telling.get(one, Told(channel="letter", reason="direct_by_default")) for one in
            incident.subjects}  # fmt: skip
    told = {one: replace(way, state="told", at=at) for one, way in ways.items()}
    indirect = any(way.channel == "indirect" for way in told.values())
    return replace(incident, telling=told, notice_at=at if indirect else incident.notice_at)
