"""publish: a decided case enters the public register, with only what may leave the town."""

from __future__ import annotations

from collections.abc import Mapping

from peelian.errors import OutOfOrder, Refused, Unreachable, Unsure
from peelian.kernel.access.access_classes import why_not_see
from peelian.kernel.disclosure.noisy_release import public_findings
from peelian.kernel.model.archive_partitions import REGISTER
from peelian.kernel.model.capability import Findings, Role
from peelian.kernel.model.documents import Decision, Evidence, Publication
from peelian.kernel.model.findings import digest_of_bytes, pack, unpack
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role, why_stopped
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, signed
from peelian.kernel.state.refusal_log import log_refusal
from peelian.kernel.state.signed_documents import archived, decided
from peelian.kernel.verbs.decided_places import changes_by_area
from peelian.measure.contacts import must_hold_no_contact

WAS_PUBLISHED = "This was published; then the registrar or the database went away. Do not publish again: open the case."
PUBLISHERS = frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER})


def publish(kernel: Kernel, by: Operator, decision: Decision, *, statement: str = "") -> tuple[Publication, Findings]:
    """Publish a decided case, adopted or declined; returns the signed publication and the public findings.

    1. The decision is genuine and not yet published.
    2. The person may publish, and may see this case; nothing is suspended. Else logged, and Refused.
    3. The statement holds no e-mail address and no telephone number. Else InputError.
    4. Small counts are suppressed, and noise is drawn where the capability asks for it. What cannot be made safe is
       Withheld, and logged. Places that the decision changed are counted by area.
    5. The publication is signed and logged with the public findings.
    """
    publication = published(kernel, by, decision, statement=statement)
    try:
        return publication, unpack(kernel.stores.archive.get(publication.findings))
    except Unreachable:  # that it was published is recorded
        raise Unsure(WAS_PUBLISHED) from None


@act
def published(kernel: Kernel, by: Operator, decision: Decision, *, statement: str) -> Publication:
    """The steps that `publish` names; the signed publication."""
    with kernel.lock:
        # 1. The decision is genuine and not yet published.
        before, history = decided(kernel, decision)
        if history.after("PUBLISHED", before):
            raise OutOfOrder("this decision is already published")

        # 2. The person may publish, and may see this case; nothing is suspended.
        person = must_hold_role(kernel, by, PUBLISHERS, "the_publisher_may_publish")
        technology = kernel.capability(history.capability).technology
        if faults := (*why_stopped(kernel, technology), *why_not_see(kernel, person, decision.case)):
            log_refusal(kernel, decision.case, before, faults)
            raise Refused(faults)

        # 3. The statement holds no e-mail address and no telephone number.
        must_hold_no_contact(statement)

        # 4. Small counts are suppressed, and noise is drawn.
        evidence = archived(kernel, decision.before, Evidence)
        declared = kernel.capability(history.capability)
        public = public_findings(kernel, declared, evidence, (decision.case, before))
        changes: tuple[Mapping[str, str | int], ...] = ()
        if declared.selects and decision.changes:
            found = unpack(kernel.stores.archive.get(evidence.findings))
            changes = changes_by_area(declared.selects, found, public, decision.changes)

        # 5. The publication is signed and logged with the public findings.
        packed = pack(public)
        publication = Publication(
            case=decision.case,
            before=before,
            statement=statement.strip(),
            findings=digest_of_bytes(packed),
            changes=changes,
            by=by.person.token,
            at=kernel.now().isoformat(),
        )
        publication = signed(publication, by.sign)
        kernel.stores.archive.put(publication.findings, packed, partition=kernel.partition(REGISTER))
        kernel.record(publication, case=decision.case, before=before, by=publication.by)
        return publication
