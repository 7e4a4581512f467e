"""The demonstration of a recording's whole life: kept, redacted, handed over with proof, held, and let go.

The first recording is made by the program: a square that moves and a hum. Nobody is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from peelian.demos.assessment import assessed
from peelian.demos.decisions import read_and_decide
from peelian.errors import InputError, Refused, sentence
from peelian.kernel import verbs
from peelian.kernel.identity.custody_grounds import BYLAW
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import AuthorizationKind, Findings, Purpose
from peelian.kernel.model.documents import NOT_KNOWN, Declaration, Evidence
from peelian.kernel.model.people import Operator
from peelian.kernel.retention import retention
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.authorizations import issue
from peelian.kernel.verbs.redaction_review import opened_review
from peelian.operations.office import Office
from peelian.oversight.verification.packages import check_package
from peelian.web.footage.library import item_pdf

Say = Callable[[str], None]
Progress = Callable[[str, float], None]
EXAMPLES = "peelian.technologies.footage"
RECORDED = "2024-05-06T14:05:00-04:00"
DECLARED = Declaration(
    title="Traffic stop on Main Street, camera CAM-0042 (made by the program)",
    purposes=("disclosure", "oversight", "audit"),
    legal_basis="demonstration",
    minimisation="nobody is in it",
    retention_days=36_500,
    source="made by the program",
    people=NOT_KNOWN,  # there is nobody whom a list could name
)
BYLAW_TEXT = b"A bylaw made up for this demonstration: recordings of body-worn cameras are kept for a set time."
WHY: Mapping[str, Any] = {
    "reasons": "The requester is entitled to it.",
    "other_evidence": "document: the letter with the request.",
}
"""What the demonstration's officer says when accepting."""


def walk(office: Office, people: Mapping[str, Operator], say: Say, progress: Progress) -> dict[str, Any]:
    """The whole life of an item; returns what happened. A few seconds."""
    if office.path is None:
        raise InputError("demonstration needs an office on disk", accepted="peelian demo --only footage")
    folder = office.path / "demonstration"
    folder.mkdir()
    with resources.as_file(resources.files(EXAMPLES) / "examples") as examples:
        item, claim = _kept(office, people, examples, say)
        redacted, plan = _redacted(office, people, item, examples, say=say, progress=progress)
        package = _handed_over(office, people, {"item": item, "redacted": redacted, "plan": plan}, folder, say)
        _let_go(office, people, item, claim, say)
        activation = _audited(office, people, examples, say)
        under_review = _proposed(office, people, examples, say, progress)
    record = {"item": item, "redacted": redacted, "package": package, "activation": activation}
    return {**record, "under_review": under_review, "history": _history(office, item, folder, say)}


def _kept(office: Office, people: Mapping[str, Operator], examples: Path, say: Say) -> tuple[str, str]:
    """The recording's name, and that of the hold without which nobody might use it: its time is long over."""
    stated = {"recorded_at": RECORDED, "officer": "4711", "device": "CAM-0042", "event": "2024-118"}
    _approved(office, people, examples / "square.mp4", stated, say)
    say("\n1. A file that is not a recording is rejected, whatever its name:")
    try:
        lie = examples / "README.md"
        office.keep_object(people["clerk"], lie, DECLARED, format="video", options={"recorded_at": RECORDED})
    except InputError as error:
        what, accepted = sentence(error.wrong), sentence(error.accepted)
        say(sentence("   %(what)s. Expected: %(accepted)s", what=what, accepted=accepted))
    office_privacy = people["privacy"]
    for name, days in (("traffic-stop", 90), ("complaint", 1_095)):
        retention.define(office.kernel, office_privacy, name, days=days, words="as the council's bylaw says")
    close = "seen by few, as the council's bylaw says"
    retention.define(office.kernel, office_privacy, "minors", days=365, access="restricted", words=close)
    kept = office.keep_object(people["clerk"], examples / "square.mp4", DECLARED, format="video", options=stated)
    retention.tag(office.kernel, people["clerk"], kept.dataset, ("traffic-stop",), words="a stop on Main Street")
    taken = "\n2. A recording is taken into custody: copied once, encrypted, logged. SHA-256 %(digest)s…"
    say(sentence(taken, digest=kept.digest[:32]))
    say("   Badge, camera and call are recorded as tokens that only this office can make.")
    claim = retention.hold(office.kernel, people["clerk"], kept.dataset, words="a claim for damages is pending")
    say("   It is from 2024, so its 90-day retention has ended. A claim is pending, and a legal hold keeps it.")
    return kept.dataset, claim


def _approved(office: Office, people: Mapping[str, Operator], clip: Path, stated: Mapping[str, str], say: Say) -> None:
    """Nothing is kept before council and assessment; then the council approves by its bylaw, and five people assess."""
    say("Without council approval and assessment no recording is stored:")
    try:
        office.keep_object(people["clerk"], clip, DECLARED, format="video", options=stated)
    except Refused as refused:
        for reason in refused.reasons:
            says = "   refused: %(says)s → %(remedy)s"
            say(sentence(says, says=sentence(reason.says), remedy=sentence(reason.remedy)))
    purposes = (Purpose.DISCLOSURE, Purpose.OVERSIGHT)
    issue(
        office.kernel,
        people["council"],
        AuthorizationKind.COUNCIL_APPROVAL,
        serves="footage.*",
        purposes=purposes,
        days=365,
        body={BYLAW: sha256(BYLAW_TEXT).hexdigest()},
    )
    params = office.kernel.capability("footage.redact").asks.params()
    assessed(office, people, "footage", uses=(("footage.redact", params),), purposes=purposes)
    say("   The council approves them by its bylaw, whose SHA-256 is their legal basis. The assessment is signed.")


def _redacted(
    office: Office, people: Mapping[str, Operator], item: str, examples: Path, *, say: Say, progress: Progress
) -> tuple[str, str]:
    plan = office.keep_object(people["clerk"], examples / "square_plan.json", DECLARED, format="redaction-plan")
    evidence, found = _case(
        office, people, "footage.redact", {}, {"item": item, "plan": plan.dataset}, progress=progress
    )
    look_through(office.kernel, people["privacy"], evidence.case)
    read_and_decide(office.kernel, people["privacy"], evidence, choice="accept", **WHY)
    say("\n3. A redacted copy is made from a reviewed plan. The original is not changed.")
    _sentences(found, say)
    return evidence.made["redacted"], plan.dataset


def look_through(kernel: Kernel, by: Operator, case: str) -> None:
    """Look at and listen to every changed stretch of a redacted copy, as its page asks."""
    prove(kernel, by)
    review = opened_review(kernel, by, case)
    review.picture(0)
    while review.left >= 0:
        frame = review.left
        review.picture(frame)
        review.sound(frame)
    review.close()


def _handed_over(
    office: Office, people: Mapping[str, Operator], data: Mapping[str, str], folder: Path, say: Say
) -> dict[str, Any]:
    import pyrage  # the extra `exports`: the recipient's own program, played by the demonstration

    own = pyrage.x25519.Identity.generate()
    say("\n4. A package for one recipient. A mistyped key is rejected before anything is opened:")
    good = str(own.to_public())
    bad = good[:-1] + ("q" if good[-1] != "q" else "p")
    try:
        _case(office, people, "footage.disclose", {"recipient": bad}, data)
    except InputError as error:
        what, accepted = sentence(error.wrong), sentence(error.accepted)
        say(sentence("   %(what)s. Expected: %(accepted)s", what=what, accepted=accepted))
    evidence, found = _case(office, people, "footage.disclose", {"recipient": good}, data)
    _sentences(found, say)
    read_and_decide(office.kernel, people["privacy"], evidence, choice="accept", **WHY)
    sealed = folder / "package.zip.age"
    prove(office.kernel, people["clerk"])
    handed = office.hand_over(people["clerk"], evidence.case, sealed)
    opened = folder / "package.zip"
    opened.write_bytes(pyrage.decrypt(sealed.read_bytes(), [own]))
    with opened.open("rb") as file:
        verdict = check_package(file)
    held = sentence("all whole" if verdict.ok else "damaged")
    says = "\n5. The recipient decrypts and verifies it: %(n)d files, %(held)s."
    say(sentence(says, n=verdict.files, held=held))
    says = "   %(file)s (and %(sealed)s, %(sealed)s.receipt beside it)"
    say(sentence(says, file=opened, sealed=sealed.name))
    return {"case": evidence.case, "holds": verdict.ok, "log_entry": handed.index, "file": str(sealed)}


def _let_go(office: Office, people: Mapping[str, Operator], item: str, claim: str, say: Say) -> None:
    kernel = office.kernel
    held = retention.run_daily_job(kernel)
    say("\n6. The retention period has ended. The hold prevents destruction:")
    say(sentence("   queued by the daily job: %(n)d", n=len(held.queued)))
    retention.release(kernel, people["privacy"], item, claim, words="the claim was settled")
    released = retention.run_daily_job(kernel)
    says = "   hold released; queued by the daily job: %(n)d, to be destroyed in 7 days."
    say(sentence(says, n=len(released.queued)))
    retention.recover(kernel, people["clerk"], item, words="the court asked once more")
    say("   Until then a person can recover it, as done here.")


def _proposed(office: Office, people: Mapping[str, Operator], examples: Path, say: Say, progress: Progress) -> str:
    """A second recording, for which boxes are suggested; it waits for a person's review. The case."""
    declared = replace(DECLARED, title="Interview at the front desk, camera CAM-0017 (two drawn faces)")
    stated = {"recorded_at": office.kernel.now().isoformat(), "officer": "2203", "device": "CAM-0017"}
    clip = examples / "two_drawn_faces.mp4"
    kept = office.keep_object(people["clerk"], clip, declared, format="video", options=stated)
    retention.tag(office.kernel, people["clerk"], kept.dataset, ("complaint",), words="a complaint about the interview")
    evidence, found = _case(office, people, "footage.propose", {}, {"item": kept.dataset}, progress=progress)
    say("\n8. Redactions are suggested for a second recording. A person reviews them:")
    _sentences(found, say)
    return evidence.case


def _audited(office: Office, people: Mapping[str, Operator], examples: Path, say: Say) -> dict[str, Any]:
    titles = {"dispatch": "Calls of March 2026 (invented)", "recordings": "Recordings of March 2026 (invented)"}
    data = {
        role: office.admit(people["auditor"], examples / f"{role}.csv", replace(DECLARED, title=title)).dataset
        for role, title in titles.items()
    }
    kernel, capability = office.kernel, office.kernel.capability("footage.activation")
    permit = verbs.ask(
        kernel, people["auditor"], capability.id, purpose="audit", params=capability.asks.params(), datasets=data
    )
    evidence, found = verbs.run(kernel, people["auditor"], permit)
    say("\n7. Camera activation audit, on invented calls and recordings:")
    _sentences(found, say)
    decision = read_and_decide(
        kernel,
        people["board"],
        evidence,
        choice="accept",
        reasons="The audit is whole. The public can read how often cameras were on.",
        also={"public_reason": "The audit is whole. The public can read how often cameras were on."},
        other_evidence="statement: complaints of the year.",
    )
    verbs.publish(kernel, people["clerk"], decision, statement="")
    drawn = _sampled(office, people, data["recordings"], say)
    return {"case": evidence.case, "sample": drawn, **found.facts}


def _sampled(office: Office, people: Mapping[str, Operator], recordings: str, say: Say) -> str:
    """The month's sample for supervisors; the case."""
    kernel, capability = office.kernel, office.kernel.capability("footage.sample")
    params, data = capability.asks.params(month="2026-03", size=10), {"recordings": recordings}
    permit = verbs.ask(kernel, people["auditor"], capability.id, purpose="audit", params=params, datasets=data)
    evidence, found = verbs.run(kernel, people["auditor"], permit)
    _sentences(found, say)
    return evidence.case


def _history(office: Office, item: str, folder: Path, say: Say) -> list[str]:
    written = []
    for language in ("en", "fr"):
        try:
            page = item_pdf(office, item, language)
        except InputError:  # the extra `pdf` is not installed
            break
        written.append(str(folder / f"history-{language}.pdf"))
        Path(written[-1]).write_bytes(page)
    if written:
        says = "\n9. Its history for a court, with a log receipt for every line: %(file)s"
        say(sentence(says, file=written[0]))
    return written


def _case(
    office: Office,
    people: Mapping[str, Operator],
    capability: str,
    params: Mapping[str, Any],
    data: Mapping[str, str],
    *,
    progress: Progress = lambda says, share: None,
) -> tuple[Evidence, Findings]:
    declared = office.kernel.capability(capability)
    permit = verbs.ask(
        office.kernel,
        people["clerk"],
        capability,
        purpose="disclosure",
        params=declared.asks.params(**params),
        datasets=data,
    )
    return verbs.run(office.kernel, people["clerk"], permit, progress=progress)


def _sentences(found: Findings, say: Say) -> None:
    for note in found.notes:
        say(sentence("   %(text)s", text=sentence(note.text, **note.values)))
