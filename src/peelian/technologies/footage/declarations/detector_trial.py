"""The trial of a detector from outside: what it must find before `footage.propose` may use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.capability import (
    Arithmetic,
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Findings,
    Grant,
    Need,
    Purpose,
    Read,
    Role,
    Scalar,
)
from peelian.kernel.model.criteria import Criterion
from peelian.kernel.model.parameters import choice, number
from peelian.measure.table import Kind
from peelian.technologies.footage.shapes import DETECTOR

MIN_RECALL, MIN_GROUP_RECALL, FALSE_A_FIND = 0.90, 0.80, 2.0
"""What ships. A board's acceptance criteria may ask for more, never for less."""
CRITERIA = (
    Criterion(word="min_recall", title="Lower end of the 95% interval of recall (at least)", low=MIN_RECALL),
    Criterion(word="min_group_recall", title="Recall in the worst group (at least)", low=MIN_GROUP_RECALL),
    Criterion(
        word="max_false_per_find",
        title="Boxes on nothing, for each view found (at most)",
        unit="boxes per view",
        high=FALSE_A_FIND,
    ),
)
CLASSES: Mapping[str, str] = {"plate": "plate", "face": "face"}
RECALL: Mapping[str, Kind] = {
    "what": Kind.GROUP,
    "part": Kind.GROUP,
    "group": Kind.GROUP,
    "n": Kind.COUNT,
    "found": Kind.COUNT,
    "share": Kind.RATE,
    "low": Kind.RATE,
    "high": Kind.RATE,
}
BARS: Mapping[str, Kind] = {
    "bar": Kind.GROUP,
    "needed": Kind.AMOUNT,
    "reached": Kind.AMOUNT,
    "verdict": Kind.GROUP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorTrialParams:
    """Parameters of the trial: what the detector is for, and the threshold that it will be used with."""

    finds: str = choice("plate", "What the detector is for: plate or face", CLASSES)
    threshold: float = number(
        0.3, "Detection threshold, from 0 to 1. The detector is used with this one only", 0.01, 0.9
    )


def report_body(params: DetectorTrialParams, findings: Findings) -> dict[str, Scalar]:
    """Body of the accuracy report: the model, what it is used for and how, and the results."""
    body: dict[str, Scalar] = {"finds": params.finds, "threshold": params.threshold}
    return body | {name: findings.facts[name] for name in REPORTED}


REPORTED = {
    "detector_sha256": "SHA-256 of the detector",
    "sheet": "Version of the test sheet",
    "recall": "Detection rate",
    "recall_low": "Lower end of the 95% interval",
    "recall_high": "Upper end of the 95% interval",
    "views": "Views tested",
    "false_boxes": "False detections",
}


def _arithmetic() -> Arithmetic:
    from peelian.technologies.footage.detector_trial import ARITHMETIC

    return ARITHMETIC


DETECTOR_TRIAL = Capability(
    id="footage.detector_trial",
    warrant="No warrant needed, because it looks at a sheet of made faces and plates.",
    title="Detector trial",
    about=(
        "Runs a detector from outside on a sheet of made faces and plates. A detector that finds only some of them "
        "is refused: it recognises. No recording is opened."
    ),
    asks=Asks(
        params=DetectorTrialParams,
        purposes=frozenset({Purpose.PROOF, Purpose.OVERSIGHT}),
        askers=frozenset({Role.ANALYST, Role.CLERK, Role.CUSTODIAN}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(Read(role="detector", title="detector", shape=DETECTOR),),
    emits=(Emit(table="recall", columns=RECALL), Emit(table="bars", columns=BARS)),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA, criteria=CRITERIA),),
    grants=Grant(
        kind=AuthorizationKind.ACCURACY_REPORT,
        serves="footage.propose",
        body=report_body,
        titles=REPORTED,
        may=lambda findings: bool(findings.facts["criteria_met"]),
    ),
    arithmetic=_arithmetic,
)
