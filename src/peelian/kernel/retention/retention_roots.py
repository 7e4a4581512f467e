"""Retention roots: documents that something in force still needs, carried over when their partition expires.

Of cases: those that are not over, that a held dataset keeps, or that earned an authorization in force. Warrants under
which a notice is owed or something collected is kept. The people
enrolled now and their authenticators, authorizations in force with the assessment each came from, the datasets that are
there. Alarms, event plans and sensors whole, until the time of their newest step is over; watches that stand, and
events that are not over. Alarms and watches that a hold keeps. Of the office's records the newest lists, statements,
drill and review, and incidents as long as their law keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from peelian.kernel.model.archive_partitions import ALARMS, REGISTER, partition_at
from peelian.kernel.model.documents import Authorization, Permit, Publication, digest_of
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.vocabulary import AuthorizationKind
from peelian.kernel.model.warrants import partition_of, root_of
from peelian.kernel.records.office_records import still_kept
from peelian.kernel.records.owed_notices import notices
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.retention.retention import holds_in, is_open, line_of
from peelian.kernel.state.authorization_status import ADOPTS
from peelian.kernel.state.kernel import CaseHistory, Kernel
from peelian.kernel.state.record_index import TOOL, VENDOR
from peelian.kernel.state.signed_documents import still_archived

OF_THE_OFFICE = (
    "STAFF_LISTED", "ROSTERED", "PRIVILEGES_REVIEWED", "DRILL_BEGUN", "DRILLED", "SELF_TESTED", "DRILL_OPENED",
    "DRILL_REPORTED", "DRILL_COUNTERSIGNED", "GROUND_STATED", "CONTACT_STATED",
)  # fmt: skip
STATED = ("CATEGORY", "RIGHTS_ASSESSED", "PRODUCED", "SUSPENSION_EXPLAINED")


def needed_digests(kernel: Kernel) -> frozenset[str]:
    """The digests of every document that something in force still needs. O(cases + authorizations + datasets +
    alarms)."""
    must_be_whole(kernel)
    state, keeps = kernel.state, keepers(kernel)
    found = {digest for history in state.histories.values() if keeps(history) for digest in _of_case(kernel, history)}
    for admission in (*state.datasets.values(), *state.queued.values()):
        for one in line_of(kernel, admission):
            found |= {digest_of(one), one.description, *((one.object,) if lists_partitions(one.object) else ())}
    found.update(state.enrolled.values(), (key.digest for key in state.passkeys.values()))
    found.update(
        _of_authorizations(kernel), _adopted(kernel), _of_alarms(kernel), _of_plans(kernel), _of_sensors(kernel)
    )
    found.update(_newest(kernel), _of_incidents(kernel), _named(kernel), _of_warrants(kernel))
    return frozenset(found)


def must_be_whole(kernel: Kernel) -> None:
    """IntegrityError where something is damaged that may keep documents: nothing is destroyed until it is restored."""
    state = kernel.state
    known = (state.people, state.authorizations, state.datasets, state.queued, state.passkeys)
    of_events = (state.alarms.stands, state.alarms.unread, state.plans.plans, state.plans.unread)
    for one in (*known, *of_events, state.dual_control.proposals, state.dual_control.approved):
        for fault in one.faults.values():
            raise fault


def keepers(kernel: Kernel) -> Callable[[CaseHistory], bool]:
    """What tells of each case whether it keeps its documents beyond their time: not over, held, or its authorization in
    force. What holds for all of them is looked up once."""
    state, now = kernel.state, kernel.now()
    held = {name for name, holds in state.retention.holds.items() if holds}
    earned = {
        authorization.before
        for authorization in state.authorizations.values()
        if datetime.fromisoformat(authorization.ends) > now
    }

    def keeps(history: CaseHistory) -> bool:
        touched = held and {str(entry["dataset"]) for _, entry in history.entries if "dataset" in entry}
        return is_open(history, now) or bool(held & touched) or not earned.isdisjoint(history.digests("DECIDED"))

    return keeps


def _of_case(kernel: Kernel, history: CaseHistory) -> Iterator[str]:
    yield from kernel.state.records.plans.get(history.case, ())
    for _, entry in history.entries:
        yield from (str(entry[key]) for key in ("document", "findings") if key in entry)
    for digest in history.digests("PERMITTED"):
        if permit := still_archived(kernel, digest, Permit):
            yield from permit.authorizations
    for digest in history.digests("PUBLISHED"):
        if publication := still_archived(kernel, digest, Publication):
            yield publication.findings


def _adopted(kernel: Kernel) -> Iterator[str]:
    """The proposals of the bylaws, vocabularies and place of counts in force and their approvals, these vocabularies,
    and every proposal that is not a week old."""
    status, adopted, now = kernel.state.dual_control, kernel.state.adopted, kernel.now()
    for act in ADOPTS:
        adopted.whole(act)
    for digest, proposal in status.proposals.items():
        in_force = proposal.what == "bylaws" and proposal.body["digest"] == adopted.bylaws
        in_force |= digest == adopted.counts
        in_force |= proposal.what == "vocabulary" and digest in adopted.vocabularies.values()
        if in_force or now - datetime.fromisoformat(proposal.at) < timedelta(days=7):
            yield digest
            if digest in status.approved:
                yield digest_of(status.approved[digest])
    yield from adopted.vocabularies


def _of_authorizations(kernel: Kernel) -> Iterator[str]:
    """Authorizations in force, the assessment each came from with what followed it, and what was checked of each
    since."""
    filed, now = kernel.state.records, kernel.now()
    for digest, authorization in kernel.state.authorizations.items():
        if datetime.fromisoformat(authorization.ends) > now:
            yield from (digest, authorization.before)
            yield from (*filed.following.get(digest, ()), *filed.following.get(authorization.before, ()))


def _of_warrants(kernel: Kernel) -> Iterator[str]:
    """Warrants whose notice was not sent yet, and those under which data or findings are kept.
    O(warrants + datasets)."""
    state, partitions = kernel.state, kernel.stores.archive.partitions()
    there = [*state.datasets.values(), *state.queued.values()]
    names, cases = {one.dataset for one in there}, {one.case for one in there if one.case}
    keep = {one.warrant for one in notices(kernel) if not one.sent}
    for _, entry in kernel.stores.log.read(kinds=["ISSUED"]):
        if entry.get("authorization") != AuthorizationKind.WARRANT:
            continue
        if (made := still_archived(kernel, str(entry["document"]), Authorization)) is None:
            continue
        root = root_of(made)
        under = [each for _, each in kernel.stores.log.found("warrant", root)]
        has_data = any(each.get("dataset") in names or each.get("case") in cases for each in under)
        if root in keep or has_data or partition_of(root) in partitions:
            yield str(entry["document"])


def _of_alarms(kernel: Kernel) -> Iterator[str]:
    """Alarms that are not closed, that a hold keeps, or whose newest step is not past its time; the watches of these,
    those that a hold keeps and those that stand; events that are not over; the newest handover. O(steps)."""
    watching, partitions, now = kernel.state.alarms, kernel.state.partitions, kernel.now()
    floor, newest = watching.floor, set(watching.partitions.values())
    over = {partition for partition in newest if partition in partitions.destroyed or partitions.is_due(partition, now)}
    lives = floor.waiting.keys() | watching.held()
    kept = [a for a in floor.alarms.values() if a.id in lives or watching.partitions[a.id] not in over]
    for alarm in kept:
        yield from watching.steps[alarm.id]
    of_alarms = {alarm.watch for alarm in kept} | watching.on_hold()
    for case, stand in watching.stands.items():
        if case in of_alarms or watching.stands_at(case, now):
            yield from (stand.digest, stand.permit.before, *stand.permit.authorizations)
    yield from (event.digest for event in floor.calendar if event.ends > now)
    yield from (digest_of(handover) for handover in watching.handovers[-1:])


def _of_plans(kernel: Kernel) -> Iterator[str]:
    """Event plans whose event is not over, or whose newest entry is not past its time, each whole. O(versions)."""
    partitions, now = kernel.state.partitions, kernel.now()
    for filed in kernel.state.plans.plans.values():
        newest = partition_at(ALARMS, datetime.fromisoformat(filed.changed))
        over = newest in partitions.destroyed or partitions.is_due(newest, now)
        if not over or any(version.plan.ends > now for version in filed.versions):
            yield from filed.digests()


def _of_sensors(kernel: Kernel) -> Iterator[str]:
    """Sensors that are registered, or whose newest act is not past its time, each with every act."""
    partitions, now = kernel.state.partitions, kernel.now()
    for listed in the_register(kernel).values():
        acted = partition_at(REGISTER, datetime.fromisoformat(listed.acted))
        if listed.state(now.date()) == "registered" or not partitions.is_due(acted, now):
            yield from listed.digests


def _newest(kernel: Kernel) -> Iterator[str]:
    """The newest lists, reviews and statements, and what was said of datasets that are there."""
    state, filed = kernel.state, kernel.state.records
    there = state.datasets.keys() | state.queued.keys()
    for kind in (*OF_THE_OFFICE, *STATED):
        yield from (str(entry["document"]) for _, entry in filed.of(kind))
    for kind in ("SUBJECTS_LISTED", "TAGGED"):
        yield from (str(entry["document"]) for dataset, entry in filed.of(kind) if dataset in there)
    standing = {hold for holds in holds_in(kernel).values() for names in holds.values() for hold in names}
    yield from (str(entry["document"]) for hold, entry in filed.of("HELD") if hold in standing)


def _of_incidents(kernel: Kernel) -> Iterator[str]:
    """Incidents that a regime of breach law still keeps. O(incidents), each decrypted."""
    now = kernel.now()
    for digests in kernel.state.records.incidents.values():
        until = ""
        for digest in digests:
            if record := still_kept(kernel, digest):
                said = record.body.get("changes", record.body)
                until = str(said.get("keep_until", until))
        if until and datetime.fromisoformat(until) > now:
            yield from digests


def _named(kernel: Kernel) -> Iterator[str]:
    """What was last said of every tool that is not ended, and of every vendor. O(tools + vendors), each decrypted."""
    for kind in (TOOL, VENDOR):
        newest: dict[str, str] = {}
        for _, digest in kernel.state.records.records.get(kind, ()):
            if record := still_kept(kernel, digest):
                name = str(record.body["name" if kind == TOOL else "vendor"])
                newest.pop(name, None)
                if record.body.get("state") != "ended":
                    newest[name] = digest
        yield from newest.values()
