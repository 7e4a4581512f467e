"""The impact assessment of a demonstration, step by step: answers, review, explanation, approval, paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from peelian.governance.capability import Purpose
from peelian.governance.documents import Authority
from peelian.governance.people import Operator
from peelian.office import Office
from peelian.oversight.assessment import signing
from peelian.oversight.assessment.answers import read_answers
from peelian.oversight.papers_kept import assess_rights


def assessed(
    office: Office,
    people: Mapping[str, Operator],
    name: str,
    *,
    uses: Sequence[tuple[str, Any]],
    purposes: Sequence[Purpose],
) -> Authority:
    """Assess the uses (capability, params) with the answers kept under `name` (`assessments/<name>.json`), and sign.

    `people` are a demonstration's seats: privacy, auditor, commander. The level is computed from the answers.
    """
    file = resources.files("peelian.guided") / "assessments" / f"{name}.json"
    content = file.read_bytes()
    told = json.loads(content)
    house, privacy = office.house, people["privacy"]
    mark = signing.submit(house, privacy, told["serves"], read_answers(content, name=file.name), uses)
    expert = "Qualified expert of the city auditor"
    signing.review(house, people["auditor"], mark, qualified_as=expert, finding=told["reviewed"])
    signing.explain(house, privacy, mark, told["explanation"])
    signing.approve(house, people["commander"], mark, reasons=told["approved"])
    if "rights" in told:
        assess_rights(house, privacy, told["serves"], told["rights"])
    return signing.sign(house, privacy, mark, purposes=purposes)
