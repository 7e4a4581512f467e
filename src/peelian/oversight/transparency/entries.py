"""Register entries for machines: the British transparency record in two tiers, and the Eurocities and Dutch register.

Both shapes are written to our own JSON schemas beside this module; field names follow ATRS 3.0 (tier 1 and tier 2) and
the Algorithmic Transparency Standard of the Eurocities network with the Dutch register's status and dates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from peelian.kernel.state.kernel import Kernel
from peelian.oversight.assessment.obligations import PARTS
from peelian.oversight.assessment.scoring import LEVELS
from peelian.oversight.transparency.contact import contact_of
from peelian.oversight.transparency.entrusted import founded_alone
from peelian.oversight.transparency.inventory import IN_USE, STATES, SUSPENDED, Entry, inventory_of
from peelian.oversight.transparency.register import refusals
from peelian.pictures.panels import Say

STATUS: Mapping[str, str] = dict.fromkeys(STATES, "in_development") | {IN_USE: "in_use", SUSPENDED: "out_of_use"}
SHAPES = ("atrs", "register")


def schema(shape: str) -> dict[str, Any]:
    """The JSON schema of one shape: atrs or register."""
    file = resources.files("peelian.oversight.transparency") / "schemas" / f"{shape}.schema.json"
    made: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return made


def exported(kernel: Kernel, shape: str, language: str, say: Say, address: str = "") -> dict[str, Any]:
    """The whole register in one shape. Technologies without a signed assessment are in it and say so. O(inventory).

    `address`: where the pages are. Without one, or where no e-mail address is public, nothing is said of it.
    """
    write = {"atrs": _atrs, "register": _register}[shape]
    contact = contact_of(kernel)
    reach = {"contact_email": contact.email if contact else "", "website_url" if shape == "atrs" else "url": address}
    told = {name: value for name, value in reach.items() if value}
    records = [write(kernel, entry, language, say, told) for entry in inventory_of(kernel)]
    return {
        "schema": f"peelian-{shape}/1",
        "organisation": kernel.office.name,
        "language": language,
        "founded_by_one_person_alone": founded_alone(kernel),
        "records": records,
    }


def _atrs(kernel: Kernel, entry: Entry, language: str, say: Say, reach: Mapping[str, str]) -> dict[str, Any]:
    parts, title = _parts(entry, language, say), say(entry.technology.title)
    return {
        "tier_1": {
            "name": title,
            "description": parts["role"],
            **reach,
        },
        "tier_2": {
            "owner_and_responsibility": {
                "organisation": kernel.office.name,
                "team": kernel.office.name,
                "senior_responsible_owner": say("deciding roles: %(roles)s", roles=_roles(entry, "deciders")),
                "third_party_involvement": say("none: the software is open source and runs in the town's own office"),
            },
            "description_and_rationale": {
                "detailed_description": " ".join(say(use.capability.about) for use in entry.uses),
                "scope": parts["output"],
                "benefit": parts["factors"],
                "alternatives_considered": parts["fallback"],
            },
            "decision_making_process": {
                "process_integration": say(
                    "Policies check each request. The run follows. A person from another unit decides."
                ),
                "provided_information": parts["output"],
                "frequency_and_scale": {use.capability.id: use.asked for use in entry.uses},
                "human_decisions_and_review": say("A named person decides every case and gives reasons."),
                "required_training": say(entry.obligations.training) if entry.obligations else _none(say),
                "appeals_and_review": parts["recourse"],
            },
            "tool_specification": {
                "model_version": kernel.office.version,
                "system_architecture": say("declared capabilities in a kernel that logs every action"),
                "capabilities": [use.capability.id for use in entry.uses],
                "inputs": sorted({say(title) for use in entry.uses for title in use.takes}),
                "outputs": sorted({say(title) for use in entry.uses for title in use.gives}),
                "data_description": parts["inputs"],
                "data_access": sorted({role for use in entry.uses for role in use.askers}),
            },
            "risks_mitigations_and_impact_assessments": {
                "impact_level": LEVELS.get(entry.level, say("not assessed")),
                "impact_assessment": _assessed(entry, say),
                "risks_and_mitigations": parts["groups"],
                "reviews": parts["reviews"],
                "refusals": _refused(kernel, entry),
                **_suspended(entry, say),
            },
        },
    }


def _register(kernel: Kernel, entry: Entry, language: str, say: Say, reach: Mapping[str, str]) -> dict[str, Any]:
    parts = _parts(entry, language, say)
    started = min((use.started for use in entry.uses if use.started), default="")
    until = min((use.until for use in entry.uses if use.until), default="")
    return {
        "id": entry.technology.id,
        "name": say(entry.technology.title),
        "organisation": kernel.office.name,
        "department": kernel.office.name,
        "short_description": parts["role"],
        "theme": "public order and safety",
        "status": STATUS[entry.state],
        **_suspended(entry, say),
        "begin_date": started[:7],
        "end_date": until[:7],
        "goal_and_impact": parts["output"],
        "considerations": parts["groups"],
        "human_intervention": say("A named person decides every case and gives reasons."),
        "risk_management": _assessed(entry, say),
        "risk_level": LEVELS.get(entry.level, ""),
        "legal_basis": sorted({str(authorization.kind) for use in entry.uses for authorization in use.authorizations}),
        "impact_tests": [LEVELS[entry.level]] if entry.level else [],
        "source_data": sorted({say(title) for use in entry.uses for title in use.takes}),
        "methods_and_models": parts["criteria"],
        "provider": "Peelian",
        **reach,
        "language": language,
        "tools_before_approval": [
            {"name": tool.name, "risk": tool.level, "state": tool.state, "pause_by": tool.pause_by}
            for tool in entry.tools
        ],
    }


def _suspended(entry: Entry, say: Say) -> dict[str, Any]:
    """Since when and why it is suspended, and how many cases were ever excepted of that for a court."""
    made = entry.suspension
    told = {"since": made.since, "reason": say(made.says), "text": entry.text} if made else None
    kept = [{"until": one.ends, "reason": one.words, "recordings": one.recordings} for one in entry.unapproved]
    return {"suspension": told, "court_exceptions": entry.excepted, "custody_exceptions": kept}


def _parts(entry: Entry, language: str, say: Say) -> dict[str, str]:
    """The texts of the explanation; where there is none the record says so instead of staying empty."""
    given = entry.assessment.explanation if entry.assessment else {}
    none = say("No explanation yet. No assessment is signed, so uses are blocked.")
    return {part: given.get(part, {}).get(language, none) for part in (*PARTS, "groups", "fallback", "notice")}


def _assessed(entry: Entry, say: Say) -> str:
    if entry.assessment is None:
        return say("not assessed")
    score = entry.assessment.score
    return say(
        "%(score)d of %(most)d points after mitigation of %(mitigation)d: level %(level)s",
        score=score["score"],
        most=score["most_raw"],
        mitigation=score["mitigation"],
        level=LEVELS[entry.level],
    )


def _roles(entry: Entry, which: str) -> str:
    return ", ".join(sorted({role for use in entry.uses for role in getattr(use, which)}))


def _refused(kernel: Kernel, entry: Entry) -> dict[str, int]:
    own: dict[str, int] = {}
    for (capability, rule), n in refusals(kernel).items():
        if capability.partition(".")[0] == entry.technology.id:
            own[rule] = own.get(rule, 0) + n
    return own


def _none(say: Say) -> str:
    return say("not assessed")
