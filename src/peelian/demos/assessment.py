"""The impact assessment of a demonstration, step by step: answers, review, explanation, approval, paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.people import Operator
from peelian.operations.office import Office
from peelian.oversight.assessment import signing
from peelian.oversight.assessment.answers import read_answers
from peelian.oversight.assessment.documents import assess_rights


def assessed(
    office: Office,
    people: Mapping[str, Operator],
    name: str,
    *,
    uses: Sequence[tuple[str, Any]],
    purposes: Sequence[Purpose],
) -> Authorization:
    """Assess the uses (capability, params) with the answers kept under `name` (`assessments/<name>.json`), and sign.

    `people` are a demonstration's seats: privacy, auditor, commander. The level is computed from the answers.
    """
    file = resources.files("peelian.demos") / "assessments" / f"{name}.json"
    content = file.read_bytes()
    told = json.loads(content)
    kernel, privacy = office.kernel, people["privacy"]
    digest = signing.submit(kernel, privacy, told["serves"], read_answers(content, name=file.name), uses)
    expert = "Qualified expert of the city auditor"
    signing.review(kernel, people["auditor"], digest, qualified_as=expert, finding=told["reviewed"])
    signing.explain(kernel, privacy, digest, told["explanation"])
    signing.approve(kernel, people["commander"], digest, reasons=told["approved"])
    if "rights" in told:
        assess_rights(kernel, privacy, told["serves"], told["rights"])
    return signing.sign(kernel, privacy, digest, purposes=purposes)
