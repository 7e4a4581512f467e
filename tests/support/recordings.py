"""An office with a recording's whole life in it: kept, planned, redacted, packed for a recipient, accepted."""

from __future__ import annotations

import dataclasses
import io
from functools import cache

from deciding import read_and_decide
from desk import Desk, desk, entitle

from peelian.demos.footage import look_through
from peelian.kernel import verbs
from peelian.kernel.model.documents import Decision, Declaration, Evidence
from peelian.kernel.retention import retention
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import custody
from peelian.technologies.footage.example import example_clip, example_plan

DECLARED = Declaration(
    title="Recording", purposes=("disclosure", "oversight"), legal_basis="a test", minimisation="nobody is in it",
    retention_days=36_500, source="made by the test", people="not_known",
)  # fmt: skip
WORDS = {"reasons": "the requester is entitled", "other_evidence": "document: the letter of request"}
WHY = "as the bylaw says"
NOBODY = "age14zxpmg5y8k95nh0qp6tqy57w8mjc6grxv3atcy08ej9dekyc0qyqaa2qtc"


@dataclasses.dataclass(frozen=True)
class Life:
    """The desk, the items by part, and the accepted decision to hand the package over."""

    town: Desk
    item: str
    plan: str
    redacted: str
    package: str
    decision: Decision


def kept(town: Desk, content: bytes, format: str, **options: str) -> str:
    entitle(town.kernel, town.people["council"])
    return custody.keep(
        town.kernel, town.people["clerk"], DECLARED, io.BytesIO(content), format=format, options=options
    ).dataset


def life(recipient: str = NOBODY) -> Life:
    """From intake to an accepted disclosure."""
    town = desk()
    retention.define(town.kernel, town.people["privacy-officer"], "traffic-stop", days=90, words=WHY)
    item = kept(town, example_clip(), "video", recorded_at="2026-03-01T10:00:00Z", officer="4711")
    retention.tag(town.kernel, town.people["clerk"], item, ("traffic-stop",), words=WHY)
    stream = example_plan().stream
    assert stream is not None
    plan = kept(town, stream.read(), "redaction-plan")
    redacted = _case(town, "footage.redact", {"item": item, "plan": plan}).case
    made = archived(town.kernel, town.kernel.state.histories[redacted].digests("RAN")[-1], Evidence).made["redacted"]
    decision = _case(town, "footage.disclose", {"item": item, "redacted": made, "plan": plan}, recipient=recipient)
    evidence = archived(town.kernel, decision.before, Evidence)
    return Life(town=town, item=item, plan=plan, redacted=made, package=evidence.made["package"], decision=decision)


@cache
def known_life() -> Life:
    """One that tests only look at."""
    return life()


def _ran(town: Desk, capability: str, data: dict[str, str], **params: str) -> Evidence:
    declared = town.kernel.capability(capability)
    permit = verbs.ask(
        town.kernel,
        town.people["clerk"],
        capability,
        purpose="disclosure",
        params=declared.asks.params(**params),
        datasets=data,
    )
    return verbs.run(town.kernel, town.people["clerk"], permit)[0]


def redacted_case() -> tuple[Desk, str]:
    """A desk and a redacted copy that nobody has decided on or looked at."""
    town = desk()
    item = kept(town, example_clip(), "video", recorded_at="2026-03-01T10:00:00Z", officer="4711")
    stream = example_plan().stream
    assert stream is not None
    plan = kept(town, stream.read(), "redaction-plan")
    return town, _ran(town, "footage.redact", {"item": item, "plan": plan}).case


def _case(town: Desk, capability: str, data: dict[str, str], **params: str) -> Decision:
    evidence = _ran(town, capability, data, **params)
    if capability == "footage.redact":
        look_through(town.kernel, town.people["privacy-officer"], evidence.case)
    return read_and_decide(town.kernel, town.people["privacy-officer"], evidence, choice="accept", **WORDS)
