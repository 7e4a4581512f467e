"""Suspension: why a technology may be stopped, who stops it and who lifts it, what stops and what goes on.

`ACTS_BY_ROW` is the one table of that. `docs/limits.md` shows it, and every act of the kernel is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.vocabulary import Role

OVERSEERS = frozenset({Role.BOARD, Role.PRIVACY_OFFICER, Role.AUDITOR})
"""One of them suspends, alone and at once. Two of them, of different units, lift it. They look at what it found
meanwhile: else nobody could find out whether to lift it."""
EXCEPTERS = frozenset({Role.BOARD, Role.PRIVACY_OFFICER})
"""One of each, of different units, except one case that a court waits for."""


class Why(StrEnum):
    """Why a technology is suspended."""

    MISUSE = "misuse"
    BREACH = "breach"
    HARM = "harm"
    COURT = "court"
    COMPLAINT = "complaint"
    ASSESSMENT = "assessment"
    DATA = "data"
    FAULT = "fault"
    PRECAUTION = "precaution"
    UNAPPROVED = "unapproved"
    DAMAGED = "damaged"
    UNREAD = "unread"


REASONS: Mapping[str, str] = {
    Why.MISUSE: "suspected misuse",
    Why.BREACH: "a breach that is under investigation",
    Why.HARM: "a finding of harm or of error",
    Why.COURT: "an order of a court or a requirement of law",
    Why.COMPLAINT: "a complaint that is under review",
    Why.ASSESSMENT: "an assessment that is overdue or no longer holds",
    Why.DATA: "wrong or missing data",
    Why.FAULT: "a fault of the technology or of its vendor",
    Why.PRECAUTION: "a precaution while it is reviewed",
    Why.UNAPPROVED: "use without approval beyond the day it had to be paused",
    Why.DAMAGED: "a record that its use rests on is damaged",
    Why.UNREAD: "the enrolments of those who could suspend it are damaged",
}
"""What residents read of each reason."""
OFFERED = tuple(str(one) for one in Why if one not in (Why.UNAPPROVED, Why.DAMAGED, Why.UNREAD))
"""The reasons that a person gives; the last three are the office's own."""
NO_REASON = "no reason was recorded"
LIFTED_BY = "Two people lift it: of the board, privacy officers or auditors, of different units."


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A technology is stopped: since when (ISO), why ("": an earlier version recorded none), and its log entry; -1
    where nobody threw the switch: it counts as suspended until a damaged record is restored."""

    since: str
    reason: str
    entry: int

    @property
    def is_thrown(self) -> bool:
        """Whether a person threw the switch, or the office did."""
        return self.entry >= 0

    @property
    def says(self) -> str:
        """The reason as residents read it."""
        return REASONS.get(self.reason, NO_REASON)


def reason_named(name: str) -> str:
    """The name of a reason that a person gives; InputError, with all that there are, for any other word."""
    if name not in OFFERED:
        says = "no reason to suspend" if not name else "unknown reason to suspend"
        raise InputError(says, column="reason", accepted=", ".join(OFFERED))
    return str(name)


def must_be_of(suspended: Mapping[str, Suspension], technology: str) -> Suspension:
    """The suspension of a technology; OutOfOrder where it is not suspended."""
    if technology not in suspended:
        raise OutOfOrder("This technology is not suspended.")
    if not suspended[technology].is_thrown:
        raise OutOfOrder("This technology counts as suspended because a record is damaged. Restore the record.")
    return suspended[technology]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kind of act: whether it goes on while its technology is suspended, and the kernel's acts that are of it."""

    says: str
    goes_on: bool
    acts: tuple[str, ...] = ()


def _stops(says: str, acts: str = "") -> Row:
    return Row(says=says, goes_on=False, acts=tuple(acts.split()))


def _goes_on(says: str, acts: str = "") -> Row:
    return Row(says=says, goes_on=True, acts=tuple(acts.split()))


ACTS_BY_ROW: tuple[Row, ...] = (
    _stops(
        "request, run and open; a run in progress is killed",
        "verbs.permit.asked verbs.evidence.began_by verbs.evidence.opens verbs.evidence.ran "
        "verbs.evidence.still_permitted verbs.derivatives.making verbs.kept_parts.keeps_parts "
        "verbs.kept_parts.opens_parts verbs.worker_sets.opens_set verbs.custody.looked_into",
    ),
    _stops("review a recording", "verbs.redaction_review.opened_for_review verbs.redaction_review.viewed"),
    _stops(
        "accept, change or adopt findings; assign what was accepted",
        "verbs.decision.decide records.office_records.assign",
    ),
    _stops(
        "take out findings and files of them; hand out many cases at once",
        "verbs.export.exported verbs.bulk_export.begin verbs.bulk_export.done",
    ),
    _stops("publish; release counts of sensors", "verbs.publication.published oversight.sensors.release.release"),
    _stops("issue authorizations", "verbs.authorizations.issue"),
    _stops(
        "look into a file, import it, try it",
        "verbs.custody.begun verbs.custody.kept_as records.office_records.tried",
    ),
    _stops("start a watch; readings of one that stands", "alarms.watch.stood"),
    _stops("collect from sensors; live levels"),
    _stops(
        "deliver, and collect under a warrant; but for one case that a court waits for",
        "verbs.delivery.ready verbs.delivery.opened_to_deliver verbs.warrant_lifecycle.collected "
        "verbs.warrant_lifecycle.collected_as",
    ),
    _goes_on("decline findings", "verbs.decision.decide"),
    _goes_on("look at findings, on pages: board, privacy officers and auditors", "gate.looked"),
    _goes_on("correct or withdraw a publication", "verbs.correction.correct"),
    _goes_on(
        "revoke; a court confirms or refuses a warrant",
        "verbs.authorizations.revoke verbs.court_papers.paper_sealed verbs.warrant_recording.record "
        "verbs.warrant_recording.confirm verbs.warrant_lifecycle.refuse verbs.warrant_notices.notify",
    ),
    _goes_on(
        "suspend, say why, lift by two",
        "verbs.authorizations.suspend verbs.authorizations.explain_suspension identity.dual_control.propose "
        "identity.dual_control.approve identity.dual_control.carry_out disclosure.signed_past.propose_past_signs",
    ),
    _goes_on(
        "assess and report",
        "oversight.assessment.signing.submitted oversight.assessment.signing.review "
        "oversight.assessment.signing.explain oversight.assessment.signing.approve oversight.assessment.signing.sign "
        "oversight.assessment.documents.assess_rights oversight.assessment.documents.bind_vendor "
        "oversight.assessment.documents.produce oversight.drift.checked oversight.assessment.tools.report "
        "oversight.assessment.tools.move "
        "records.office_records.ground_kept "
        "disclosure.label_checks.propose_vocabulary disclosure.label_checks.propose_withdrawal "
        "oversight.transparency.contact.state_contact",
    ),
    _goes_on(
        "retention, holds and requests to delete",
        "retention.retention.define retention.retention.tag retention.retention.hold retention.retention.release "
        "retention.retention.queue retention.retention.recover",
    ),
    _goes_on(
        "the end of what began: failed, turned away, not delivered",
        "verbs.evidence.failed verbs.evidence.withheld verbs.custody.left_off verbs.kept_parts.parts_damaged "
        "verbs.delivery.undelivered verbs.delivery.delivered verbs.bulk_export.undone "
        "alarms.watch.end",
    ),
    _goes_on(
        "open alarms, event plans, manual counts",
        "alarms.operator_desk.acknowledge alarms.operator_desk.decide alarms.operator_desk.dispose "
        "alarms.operator_desk.tick alarms.operator_desk.help_arrived alarms.operator_desk.shelve "
        "alarms.operator_desk.out_of_service alarms.operator_desk.back_in_service alarms.operator_desk.hand_over "
        "alarms.operator_desk.permit_event alarms.event_plans.plan_event alarms.event_plans.confirm_plan "
        "alarms.event_plans.record_exercise alarms.zone_count.count_zone alarms.watch.taken",
    ),
    _goes_on(
        "register, mend and end sensors; say what is lost",
        "verbs.sensor_batches.propose_sensors verbs.sensor_batches.register_approved records.sensor_register.register "
        "records.sensor_register.renew records.sensor_register.update records.sensor_register.end "
        "records.sensor_register.connection_cut records.sensor_register.connection_back "
        "records.sensor_register.message_refused records.sensor_register.listening "
        "records.sensor_register.counts_lost records.sensor_register.broker_written alarms.watch.sensor_fault "
        "alarms.watch.sensor_well alarms.watch.rehearsed alarms.watch.must_still_pass",
    ),
    _goes_on(
        "breach: containment, letters, new keys",
        "oversight.breach.incident.open_incident oversight.breach.incident.amend "
        "oversight.breach.incident.merge oversight.breach.incident.separate "
        "oversight.breach.containment.rotate_keys oversight.breach.containment.key_destroyed "
        "oversight.breach.damage.report_damage "
        "identity.dual_control.rotate_keys records.office_records.sealed_anew verbs.custody.looked_into "
        "records.office_records.provenance_replaced",
    ),
    _goes_on(
        "answers to people: who looked at my record, reports to subjects",
        "oversight.review.subjects.answer verbs.export.exported_history records.office_records.note_access",
    ),
    _goes_on(
        "log-on, people, access review, backup, drills, the log and its verification",
        "identity.passkeys.enrol_passkey identity.passkeys.end_passkey identity.sessions.proved "
        "identity.sessions.session_began identity.sessions.session_over identity.sessions.locked "
        "identity.revocation.retire identity.revocation.forget identity.revocation.end_session "
        "identity.enrolment.enrol identity.enrolment.propose identity.step_up.prove identity.access_tokens.token_made "
        "oversight.review.sampling.pledge oversight.review.week.draw_week oversight.review.week.sign_off "
        "oversight.review.people.list_staff oversight.review.people.list_roster oversight.review.people.list_subjects "
        "oversight.review.privileges.sign_off records.office_records.backed_up records.office_records.drill_begun "
        "records.office_records.self_tested records.drill_records.open_drill records.drill_records.take_seat "
        "records.drill_records.step_drill records.drill_records.report_drill records.drill_records.countersign_drill "
        "records.drill_records.abandon_drill records.drill_records.close_lesson "
        "access.access_classes.allow access.staff_reads.staff_read",
    ),
)
"""Every kind of act. A decision is in two rows: what it chooses says which. So is an opening by a duty: records that
are no dataset are sealed anew after a breach."""
