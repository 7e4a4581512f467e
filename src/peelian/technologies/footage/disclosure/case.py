"""Capability that makes a disclosure package for one recipient from a redacted copy, its plan and history."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from peelian.errors import InputError
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.kernel.model.custody_declarations import Moment, stream_of
from peelian.measure.table import Kind, table
from peelian.technologies.footage.disclosure.declared import GROUNDS, PARTS, DiscloseParams
from peelian.technologies.footage.disclosure.package import PIECE, packed, signed_copy
from peelian.technologies.footage.disclosure.page import view
from peelian.technologies.footage.example import example_item, example_plan
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.redaction.redacting import redacted as redacted_copy

SIGNING, PACKING = "Signing the copy", "Packing"
MADE = "Package prepared for one recipient: redacted copy, redaction plan, history and %(receipts)d log entries."
EXPIRES = "Deliver it within %(days)d days of the decision. Delivery encrypts it to the recipient's key."
UNCHANGED = "The original was read again in full. Its SHA-256 matches the one recorded when it was kept."
CAVEAT = (
    "The seal proves that nothing has changed since this office took custody. It proves nothing about "
    "earlier events. It cannot stop the recipient from sharing the copy."
)
MESSAGES = frozenset({MADE, EXPIRES, UNCHANGED, CAVEAT})


def run(params: DiscloseParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Make the package. InputError: copy, plan and original do not belong together."""
    item, redacted, plan = datasets["item"], datasets["redacted"], datasets["plan"]
    _must_belong(item, redacted, plan)
    context.progress(SIGNING, 0.0)
    facts: dict[str, Scalar] = {
        "original": item.digest,
        "plan": plan.digest,
        "grounds": params.grounds,
        "days": params.days,
        "faults": redacted.facts.get("faults", 0),
    }
    with context.scratch() as scratch:
        copy = redacted.stream or scratch
        if context.provenance is not None:
            signed_copy(item, redacted, scratch, provenance=context.provenance, facts=facts)
            copy = scratch
        context.progress(PACKING, 0.5)
        with context.make("package") as file:
            packed(file, copy, datasets, facts=facts | {"redacted": redacted.digest}, provenance=context.provenance)
    _must_be_unchanged(item)
    context.progress(PACKING, 1.0)
    digests = {"original": item.digest, "redacted": redacted.digest, "plan": plan.digest}
    parts = PARTS.of({"part": list(digests), "digest": list(digests.values())})
    receipts = sum(bool(moment.receipt) for moment in redacted.history)
    notes = (
        Note(text=MADE, values={"receipts": receipts}),
        Note(text=EXPIRES, values={"days": params.days}),
        Note(text=UNCHANGED, kind="explanation"),
        Note(text=CAVEAT, kind="caveat"),
    )
    return Findings(tables=(parts,), notes=notes, facts={**facts, "receipts": receipts})


def _must_belong(item: Dataset, redacted: Dataset, plan: Dataset) -> None:
    if redacted.facts.get("item") != item.digest:
        raise InputError("copy made from another recording", column="redacted", accepted="a copy of this recording")
    if redacted.facts.get("plan") != plan.digest:
        raise InputError("copy made with another redaction plan", column="plan", accepted="the plan named in the copy")


def _must_be_unchanged(item: Dataset) -> None:
    digest = hashlib.sha256()
    if item.stream is not None:
        item.stream.seek(0)
        while piece := item.stream.read(PIECE):
            digest.update(piece)
    if digest.hexdigest() != item.digest:
        raise InputError("original differs from the one kept", column="item", accepted="the original, unchanged")


def public(findings: Findings) -> Findings:
    """The fact and the grounds of a disclosure, without digests, so that no copy can be tied to a case."""
    facts = {key: findings.facts[key] for key in ("grounds", "days")}
    return dataclasses.replace(
        findings, tables=(findings.table("parts").take(np.zeros(0, dtype=np.int64)),), facts=facts
    )


@lru_cache(maxsize=1)
def _example_copy() -> bytes:
    """The example's recording, redacted by the example's plan."""
    item, plan, copy = example_item(), example_plan(), stream_of(b"")
    if item.stream is not None and plan.stream is not None:
        redacted_copy(item.stream, copy, read_plan(plan.stream), item=item.digest)
    copy.seek(0)
    return copy.read()


def _example() -> Example:
    plan, content = example_plan(), _example_copy()
    entry: dict[str, str | int] = {"v": 1, "t": "2026-03-01T12:30:00.00Z", "kind": "DERIVED", "dataset": "example"}
    redacted = Dataset(
        id="redacted_footage-example",
        format="footage.redact",
        digest=hashlib.sha256(content).hexdigest(),
        table=table("outcome", {"pictures": (Kind.COUNT, [plan.facts["pictures"]])}, pictures="bins"),
        facts={**plan.facts, "plan": plan.digest},
        stream=stream_of(content),
        history=(Moment(index=0, entry=entry),),
    )
    return Example(
        params=DiscloseParams(recipient="age14zxpmg5y8k95nh0qp6tqy57w8mjc6grxv3atcy08ej9dekyc0qyqaa2qtc"),
        datasets={"item": example_item(), "redacted": redacted, "plan": plan},
    )


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=frozenset({*PARTS.columns["part"].words, *GROUNDS}),
    public=public,
    shows=Shows(view=view),
)
